/*
 * fuzz_action: any bytes as a document, through the reader and a gate in memory. They are never
 * allowed by a bundle that denies, always leave one entry, and that entry comes out of a re-run
 * byte for byte. The same bytes under a bundle that allows leave an entry that replays, too.
 */
#include <stdlib.h>

#include "engine/gate/gate.h"

#define ORIGIN STR("example.com/fuzz")
#define NOW INT64_C(1767323045000000000)
#define ROOM 8

static const char *const policies[] = {
	"apiVersion: governance.toolkit/v1\nname: p\nrules:\n"
	"  - {name: a, condition: args.n startsWith 'x' or action.to == 1, action: deny}\n"
	"  - {name: b, condition: session.actions > 1, action: require_approval}\n",
	"apiVersion: governance.toolkit/v1\nname: p\nunknown_agents: evaluate\nrules:\n"
	"  - {name: a, condition: args.n startsWith 'x' or action.to == 1, action: deny}\n"
	"  - {name: b, condition: not has(args.secret), action: warn}\n"
	"  - {name: c, action: allow}\n",
};

/* A sink that keeps everything. */
struct keeper {
	struct str lines[ROOM], bodies[ROOM];
	size_t line_count, body_count;
	struct arena memory;
};

static enum err put_body(void *self, struct str text, bool plain, struct digest *ret)
{
	struct keeper *k = self;

	(void)plain;
	MUST(k->body_count < ROOM);
	MUST(arena_copy(&k->memory, text, &k->bodies[k->body_count++]) == OK);
	*ret = sha256(text);
	return OK;
}

static enum err put_entry(void *self, uint64_t seq, struct str line)
{
	struct keeper *k = self;

	MUST(k->line_count < ROOM && seq == k->line_count);
	MUST(arena_copy(&k->memory, line, &k->lines[k->line_count++]) == OK);
	return OK;
}

static enum err get_body(void *self, const struct digest *d, struct body *ret)
{
	const struct keeper *k = self;

	for (size_t i = 0; i < k->body_count; i++) {
		struct digest other = sha256(k->bodies[i]);

		if (!digest_eq(&other, d))
			continue;
		*ret = (struct body){ .text = k->bodies[i] };
		return OK;
	}
	return ERR_MISS;
}

static void announce(struct gate *g, const struct bundle *bundle, struct arena *a)
{
	static const struct public_key key = { { 7 } };
	struct member members[3] = {
		{ .key = STR("did") },
		{ .key = STR("origin"), .value = value_string(STR("created")) },
		{ .key = STR("sponsor"), .value = value_string(STR("eve@example.org")) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members + 1, 2 } };
	struct event e = { .kind = ENTRY_POLICY, .at_ns = NOW, .bundle = bundle };
	struct verdict v;
	struct buf b;

	buf_init(&b, LIMIT_BODY_BYTES);
	MUST(bundle_pack(bundle, &b) == OK);
	e.args_text = buf_view(&b);
	MUST(gate_submit(g, &e, a, &v) == OK);
	e = (struct event){ .kind = ENTRY_AGENT, .at_ns = NOW, .agent = STR("ann"), .data = &data };
	MUST(gate_submit(g, &e, a, &v) == OK);
	buf_clear(&b);
	did_write(&b, &key);
	members[0].value = value_string(buf_view(&b));
	data.object = (struct value_object){ members, 3 };
	e.agent = STR("key");
	MUST(gate_submit(g, &e, a, &v) == OK);
	buf_fini(&b);
}

static void replay(struct keeper *k, const struct digest *expected)
{
	struct rerun_step step;
	struct digest root;
	struct state *s;
	struct rerun *r;

	MUST(gate_state_open(&s) == OK);
	MUST(rerun_open(s, ORIGIN, 0, (struct gate_bodies){ get_body, k }, NULL, &r, NULL) == OK);
	for (size_t i = 0; i < k->line_count; i++) {
		MUST(rerun_line(r, k->lines[i], &step, NULL) == OK);
		MUST(step.equal);
	}
	root = state_root(s);
	MUST(digest_eq(&root, expected));
	rerun_close(r);
	state_close(s);
}

static void submit(struct str text, const char *policy, bool denies)
{
	const struct policy_file file = { STR("p.yaml"), str_view(policy) };
	struct keeper k = { .line_count = 0 };
	struct arena a, bundle_memory;
	struct bundle *bundle;
	struct digest root;
	struct state *s;
	struct verdict v;
	struct buf bodies;
	struct gate g;

	arena_init(&k.memory, (size_t)64 << 20);
	arena_init(&a, LIMIT_ACTION_MEMORY);
	arena_init(&bundle_memory, LIMIT_BUNDLE_MEMORY);
	buf_init(&bodies, LIMIT_BODY_BYTES);
	MUST(bundle_load(&file, 1, &bundle_memory, &bundle, NULL) == OK);
	MUST(gate_state_open(&s) == OK);
	gate_init(&g, s, bundle, ORIGIN, 0, (struct gate_sink){ put_body, put_entry, &k });
	announce(&g, bundle, &a);
	/* Twice, so that the second meets what the first has left. */
	for (size_t lines = 4; lines < 6; lines++) {
		buf_clear(&bodies);
		MUST(gate_submit_text(&g, text, NOW, &a, &bodies, &v, NULL) == OK);
		MUST(k.line_count == lines && g.seq == lines);
		MUST(!denies || v.effect == EFFECT_DENY || !v.decision.stage.ptr);
	}
	root = state_root(s);
	replay(&k, &root);
	gate_fini(&g);
	state_close(s);
	buf_fini(&bodies);
	arena_fini(&bundle_memory);
	arena_fini(&a);
	arena_fini(&k.memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	MUST(crypto_start() == OK);
	submit(str_slice(data, size), policies[0], true);
	submit(str_slice(data, size), policies[1], false);
	return 0;
}
