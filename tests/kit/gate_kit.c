/* gate_kit: the gate, its sink and its recording. */
#include "tests/kit/gate_kit.h"

#include <stdlib.h>

#include <criterion/criterion.h>

#include "engine/base/when.h"

#define STORE_BYTES ((size_t)8 << 20)

static struct str keep(struct gate_kit *k, struct str text)
{
	char *at = k->store + k->used;

	cr_assert_leq(k->used + text.len, STORE_BYTES);
	memcpy(at, text.ptr, text.len);
	k->used += text.len;
	return str_slice(at, text.len);
}

static enum err put_body(void *self, struct str text, bool plain, struct digest *ret)
{
	struct gate_kit *k = self;

	(void)plain;
	if (k->body_answer != OK)
		return k->body_answer;
	cr_assert_lt(k->body_count, GATE_KIT_ROOM);
	k->bodies[k->body_count++] = keep(k, text);
	*ret = sha256(text);
	return OK;
}

static enum err put_entry(void *self, uint64_t seq, struct str line)
{
	struct gate_kit *k = self;

	if (k->entry_answer != OK)
		return k->entry_answer;
	cr_assert_eq(seq, k->line_count);
	cr_assert_lt(k->line_count, GATE_KIT_ROOM);
	k->lines[k->line_count++] = keep(k, line);
	return OK;
}

static enum err get_body(void *self, const struct digest *d, struct body *ret)
{
	const struct gate_kit *k = self;

	for (size_t i = 0; i < k->body_count; i++) {
		struct digest other = sha256(k->bodies[i]);

		if (!digest_eq(&other, d))
			continue;
		*ret = (struct body){ .text = k->bodies[i] };
		return OK;
	}
	return ERR_MISS;
}

struct gate_bodies gate_kit_bodies(struct gate_kit *k)
{
	return (struct gate_bodies){ get_body, k };
}

void gate_kit_init(struct gate_kit *k, const char *policy)
{
	*k = (struct gate_kit){ .used = 0 };
	cr_assert_eq(crypto_start(), OK);
	k->store = malloc(STORE_BYTES);
	cr_assert_not_null(k->store);
	arena_init(&k->memory, (size_t)256 << 20);
	arena_init(&k->bundle_memory, LIMIT_BUNDLE_MEMORY);
	buf_init(&k->bodies_text, LIMIT_BODY_BYTES);
	cr_assert_eq(gate_state_open(&k->state), OK);
	gate_init(&k->gate, k->state, NULL, STR(GATE_KIT_ORIGIN), 0,
		  (struct gate_sink){ put_body, put_entry, k });
	if (policy)
		gate_kit_policy(k, policy);
}

void gate_kit_fini(struct gate_kit *k)
{
	gate_fini(&k->gate);
	state_close(k->state);
	buf_fini(&k->bodies_text);
	arena_fini(&k->bundle_memory);
	arena_fini(&k->memory);
	free(k->store);
}

void gate_kit_policy(struct gate_kit *k, const char *policy)
{
	const struct policy_file file = { STR("kit.yaml"), str_view(policy) };
	struct event e = { .kind = ENTRY_POLICY, .at_ns = GATE_KIT_NOW };
	struct verdict v;

	cr_assert_eq(bundle_load(&file, 1, &k->bundle_memory, &k->bundle, &k->note), OK, "%s",
		     k->note.text);
	buf_clear(&k->bodies_text);
	cr_assert_eq(bundle_pack(k->bundle, &k->bodies_text), OK);
	e.bundle = k->bundle;
	e.args_text = buf_view(&k->bodies_text);
	cr_assert_eq(gate_submit(&k->gate, &e, &k->memory, &v), OK);
}

void gate_kit_agent(struct gate_kit *k, const char *name, const struct public_key *key)
{
	struct member members[3] = {
		{ .key = STR("origin"), .value = value_string(STR("created")) },
		{ .key = STR("sponsor"), .value = value_string(STR("eve@example.org")) },
		{ .key = STR("did") },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, key ? 3 : 2 } };
	const struct event e = {
		.kind = ENTRY_AGENT, .at_ns = GATE_KIT_NOW, .agent = str_view(name), .data = &data
	};
	struct verdict v;
	struct buf did;

	buf_init(&did, 256);
	if (key) {
		did_write(&did, key);
		members[2].value = value_string(buf_view(&did));
	}
	cr_assert_eq(gate_submit(&k->gate, &e, &k->memory, &v), OK);
	buf_fini(&did);
}

/* Who says when is believed about the clock, so the clock is what he says. */
static int64_t clock_of(const char *text)
{
	const char *at = strstr(text, "\"at\":\"");
	int64_t clock_ns = GATE_KIT_NOW;
	struct str rest, said;

	if (at && str_cut(str_view(at + strlen("\"at\":\"")), '"', &said, &rest))
		(void)!when_read(said, &clock_ns);
	return clock_ns;
}

enum err gate_kit_text(struct gate_kit *k, const char *text, struct verdict *ret)
{
	int64_t clock_ns = clock_of(text);

	k->note = (struct note){ .text = "" };
	buf_clear(&k->bodies_text);
	return gate_submit_text(&k->gate, str_view(text), clock_ns, &k->memory, &k->bodies_text,
				ret, &k->note);
}

struct entry gate_kit_last(struct gate_kit *k)
{
	struct entry entry;

	cr_assert_gt(k->line_count, 0);
	cr_assert_eq(entry_read(k->lines[k->line_count - 1], &k->memory, &entry, &k->note), OK,
		     "%s", k->note.text);
	return entry;
}

void gate_kit_replay(struct gate_kit *k)
{
	struct digest root, again;
	struct rerun_step step;
	struct state *s;
	struct rerun *r;

	cr_assert_eq(gate_state_open(&s), OK);
	cr_assert_eq(rerun_open(s, STR(GATE_KIT_ORIGIN), 0, gate_kit_bodies(k), NULL, &r,
				&k->note), OK);
	for (size_t i = 0; i < k->line_count; i++) {
		enum err e = rerun_line(r, k->lines[i], &step, &k->note);

		cr_assert_eq(e, OK, "entry %zu: %s: %s", i, err_name(e), k->note.text);
		cr_assert(step.equal, "entry %zu\n  was %.*s\n  now %.*s", i,
			  STR_ARG(k->lines[i]), STR_ARG(step.line));
	}
	rerun_close(r);
	root = state_root(k->state);
	again = state_root(s);
	cr_assert(digest_eq(&root, &again));
	state_close(s);
}
