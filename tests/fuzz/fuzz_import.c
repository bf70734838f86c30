/*
 * fuzz_import: any bytes through each importer, into a workspace in memory that holds a run
 * already.
 *
 * An import that fails must say why and leave the log as it was; one that succeeds must leave a log
 * that verifies and replays strictly. The first byte picks the format, whether there is a key, and
 * whether evidence that does not hold is let in.
 */
#include "engine/base/world_sim.h"
#include "replay/replay.h"

#define DIR "s"
#define ORIGIN "example.com/fuzz"
#define MEMORY ((size_t)256 << 20)
#define NOW_NS INT64_C(4102444800000000000)        /* 2100: what sources tell lies behind */

static const char policy[] = "apiVersion: governance.toolkit/v1\nname: p\ndefault_action: deny\n"
			     "rules:\n  - name: r\n    tools: [l*]\n    action: allow\n";
static const char run[] =
	"{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"look\"}}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct space *open_space(struct world *w, enum space_mode mode)
{
	struct note n = { .line = 0 };
	struct space *s;

	MUST(space_open(w, DIR, mode, &s, &n) == OK);
	return s;
}

static enum err import(struct world *w, const struct import_options *options, struct str text,
		       struct note *n)
{
	struct space *s = open_space(w, SPACE_WRITE);
	struct import_report report;
	enum err e;
	int fd;

	MUST(sim_poke(w, "source", text) == OK);
	MUST(world_open(w, "source", WORLD_READ, &fd) == OK);
	e = import_run(s, fd, options, &report, n);
	MUST(world_close(w, fd) == OK);
	MUST((e == OK ? space_close(s, n) : space_abandon(s, NULL)) == OK);
	return e;
}

/* What the log signs, recomputed. */
static struct log_report verified(struct world *w)
{
	struct space *s = open_space(w, SPACE_READ);
	struct note n = { .line = 0 };
	struct log_report report;

	MUST(log_verify(w, space_log_folder(s), STR(ORIGIN), space_key(s), 1, NULL, &report, &n) ==
	     OK);
	MUST(space_close(s, NULL) == OK);
	return report;
}

static void check_replay(struct world *w, uint64_t entries)
{
	const struct replay_plan strict = { .instead = NULL };
	struct space *s = open_space(w, SPACE_READ);
	struct note n = { .line = 0 };
	struct replay_report report;
	struct arena a;

	arena_init(&a, MEMORY);
	MUST(replay_run(s, &strict, &a, &report, &n) == OK);
	MUST(!report.diverged && report.entries == entries);
	arena_fini(&a);
	MUST(space_close(s, NULL) == OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import_options options = { .format = IMPORT_OPENAI_CHAT, .path = "source" };
	struct note n = { .line = 0 };
	struct log_report before, after;
	struct world *w;

	if (size == 0)
		return 0;
	MUST(crypto_start() == OK);
	w = sim_open(1, NOW_NS);
	MUST(w != NULL && space_create(w, DIR, STR(ORIGIN), &n) == OK);
	MUST(sim_poke(w, DIR "/policies/policy.yaml", str_view(policy)) == OK);
	MUST(import(w, &options, str_view(run), &n) == OK);
	before = verified(w);
	options.format = (data[0] & 0x3f) % IMPORT_FORMATS;
	options.allow_broken = data[0] & 0x40;
	if (data[0] & 0x80)
		options.key = STR("key");
	if (import(w, &options, str_slice(data + 1, size - 1), &n) != OK) {
		after = verified(w);
		MUST(n.text[0] && after.entries == before.entries &&
		     digest_eq(&after.root, &before.root));
	} else {
		check_replay(w, verified(w).entries);
	}
	sim_close(w);
	return 0;
}
