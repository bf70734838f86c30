/* stacks: random logs, and the oracle that reads every line. */
#include "tests/index/stacks.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/limits.h"
#include "engine/base/match.h"

#define SECOND INT64_C(1000000000)

static const char *const agents[] = { "ann", "bob", "b*b", "clé", "", "did:web:a.example", "Ann" };
static const char *const tools[] = { "refund", "refund_all", "get_order", "get_item", "=cmd" };
static const char *const rules[] = { "look-up", "large", "deny \"all\"", "x" };
static const char *const stages[] = { "policy", "kill", "quota" };
static const char *const statuses[] = { "ok", "failed", "time\\out" };
static const char *const words[] = { "refused by rule", "Timeout", "a\nb", "naïve", "q\"uote" };

#define PICK(k, list) str_view((list)[stacks_draw(k, sizeof(list) / sizeof(*(list)))])
#define MAYBE(k, list) (stacks_draw(k, 4) ? PICK(k, list) : STR_NONE)

uint64_t stacks_draw(struct stacks *k, uint64_t bound)
{
	k->random = k->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (k->random >> 33) % bound;
}

static void create(struct stacks *k)
{
	cr_assert_eq(log_create(k->w, STACKS_LOG, STR(STACKS_ORIGIN), k->key), OK);
	k->size = 0;
}

void stacks_init(struct stacks *k, uint64_t seed)
{
	static const uint8_t bytes[SEED_BYTES] = { 5 };

	cr_assert_eq(crypto_start(), OK);
	*k = (struct stacks){ .w = sim_open(1, STACKS_START_NS), .random = seed };
	cr_assert_not_null(k->w);
	cr_assert_eq(sign_key_open(bytes, &k->key), OK);
	create(k);
}

void stacks_fini(struct stacks *k)
{
	sign_key_close(k->key);
	sim_close(k->w);
}

/* --- making --- */

static void write_entry(struct stacks *k, struct buf *b, uint64_t seq)
{
	static const enum entry_kind kinds[] = {
		ENTRY_ACTION, ENTRY_ACTION, ENTRY_ACTION, ENTRY_OUTCOME, ENTRY_CONTROL, ENTRY_LABEL
	};
	struct str reasons[2] = { PICK(k, words), PICK(k, stages) };
	struct decision d = {
		.effect = stacks_draw(k, 5) ? EFFECT_ALLOW : EFFECT_DENY, .stage = PICK(k, stages),
		.rule = MAYBE(k, rules), .reasons = reasons, .reason_count = stacks_draw(k, 3),
	};
	struct member member = { .key = STR("status"), .value = value_string(PICK(k, statuses)) };
	struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };
	struct entry_link link = { STR("outcome_of"), seq ? stacks_draw(k, seq) : 0 };
	char session[32];
	struct entry e = {
		.log = STR(STACKS_ORIGIN), .seq = seq, .kind = kinds[stacks_draw(k, 6)],
		.time_ns = STACKS_START_NS + (int64_t)seq * SECOND +
			   (int64_t)stacks_draw(k, 9) * SECOND,
		.agent = MAYBE(k, agents), .action = MAYBE(k, tools), .resource = MAYBE(k, words),
	};

	(void)snprintf(session, sizeof(session), "run-%llu", (unsigned long long)seq / 20);
	e.session = stacks_draw(k, 3) ? str_view(session) : STR_NONE;
	if (stacks_draw(k, 10) == 0)
		e.trace = e.session;
	if (e.kind == ENTRY_OUTCOME && seq == 0)
		e.kind = ENTRY_NOTICE;
	if (e.kind == ENTRY_ACTION)
		e.decision = &d;
	if (e.kind == ENTRY_OUTCOME) {
		e.links = &link;
		e.link_count = 1;
	}
	if (e.kind == ENTRY_LABEL) {
		member.key = STR("task_id");
		member.value = value_string(PICK(k, words));
	}
	if (e.kind == ENTRY_OUTCOME || e.kind == ENTRY_LABEL)
		e.data = stacks_draw(k, 4) ? &data : NULL;
	buf_clear(b);
	entry_write(b, &e);
}

void stacks_add(struct stacks *k, uint64_t count)
{
	struct log *l = NULL;
	struct buf b;

	buf_init(&b, LIMIT_ENTRY_BYTES);
	cr_assert_eq(log_open(k->w, STACKS_LOG, STR(STACKS_ORIGIN), k->key, &l, NULL), OK);
	for (; count > 0; count--) {
		write_entry(k, &b, k->size++);
		cr_assert_eq(b.err, OK);
		cr_assert_eq(log_append(l, buf_view(&b)), OK);
	}
	cr_assert_eq(log_close(l), OK);
	buf_fini(&b);
}

void stacks_replace(struct stacks *k)
{
	char name[64];

	for (unsigned segment = 0; segment < 2; segment++) {
		(void)snprintf(name, sizeof(name), STACKS_LOG "/segment/%08u.jsonl", segment);
		(void)!world_unlink(k->w, name);
	}
	(void)!world_unlink(k->w, STACKS_LOG "/checkpoint");
	create(k);
}

/* --- asking --- */

struct index *stacks_open(struct stacks *k, struct index_work *work)
{
	struct note n = { .line = 0 };
	struct index *x = NULL;

	cr_assert_eq(index_open(k->w, STACKS_LOG, STACKS_INDEX, STR(STACKS_ORIGIN), false, work, &x,
				&n), OK, "%s", n.text);
	return x;
}

struct filter stacks_filter(struct stacks *k)
{
	static const char *const patterns[] = { "get_*", "*o*", "b\\*b", "?nn", "nothing", "*" };
	static const char *const runs[] = { "run-3", "run-1?", "run-40", "run-2*5" };
	static const char *const texts[] = {
		"TIMEOUT", "refused", "\"", "na\xc3\xaf", "un-1", "\n"
	};
	struct filter f = filter_any();

	if (stacks_draw(k, 3) == 0)
		f.names[FILTER_AGENT] = stacks_draw(k, 2) ? PICK(k, agents) : PICK(k, patterns);
	if (stacks_draw(k, 3) == 0)
		f.names[FILTER_TOOL] = stacks_draw(k, 2) ? PICK(k, tools) : PICK(k, patterns);
	if (stacks_draw(k, 6) == 0)
		f.names[FILTER_SESSION] = PICK(k, runs);
	if (stacks_draw(k, 12) == 0)
		f.names[FILTER_TRACE] = PICK(k, runs);
	if (stacks_draw(k, 8) == 0)
		f.names[FILTER_RULE] = PICK(k, rules);
	if (stacks_draw(k, 8) == 0)
		f.names[FILTER_STAGE] = PICK(k, stages);
	if (stacks_draw(k, 10) == 0)
		f.names[FILTER_RESOURCE] = PICK(k, words);
	f.by_kind = stacks_draw(k, 5) == 0;
	f.kind = f.by_kind ? (enum entry_kind)stacks_draw(k, ENTRY_KINDS) : ENTRY_ACTION;
	f.by_effect = stacks_draw(k, 5) == 0;
	f.effect = stacks_draw(k, 2) ? EFFECT_ALLOW : EFFECT_DENY;
	if (stacks_draw(k, 3) == 0)
		f.since_ns = STACKS_START_NS + (int64_t)stacks_draw(k, k->size + 9) * SECOND;
	if (stacks_draw(k, 3) == 0)
		f.until_ns = STACKS_START_NS + (int64_t)stacks_draw(k, k->size + 9) * SECOND;
	if (stacks_draw(k, 5) == 0)
		f.outcome = stacks_draw(k, 2) ? STR("*o*") : STR("failed");
	if (stacks_draw(k, 5) == 0)
		f.text = PICK(k, texts);
	return f;
}

/* Another search for a text than the one under test. */
static bool holds(struct str text, struct str part)
{
	for (size_t at = 0; at + part.len <= text.len; at++) {
		size_t i = 0;

		while (i < part.len && tolower((unsigned char)text.ptr[at + i]) ==
					       tolower((unsigned char)part.ptr[i]))
			i++;
		if (i == part.len)
			return true;
	}
	return false;
}

static bool text_matches(const struct entry *e, struct str part)
{
	const struct decision *d = e->decision;
	bool found = holds(e->agent, part) || holds(e->action, part) || holds(e->resource, part) ||
		     holds(e->session, part) || holds(e->trace, part) ||
		     (d && (holds(d->rule, part) || holds(d->stage, part)));

	for (size_t i = 0; d && i < d->reason_count; i++)
		found = found || holds(d->reasons[i], part);
	for (size_t i = 0; e->data && i < e->data->object.count; i++)
		found = found || holds(e->data->object.members[i].value.string, part);
	return found;
}

static bool name_matches(struct str pattern, struct str name)
{
	return !pattern.ptr || (name.ptr && match_glob(pattern, name));
}

static bool matches(const struct entry *e, const struct filter *f, const bool *has_outcome)
{
	const struct decision *d = e->decision;

	return name_matches(f->names[FILTER_AGENT], e->agent) &&
	       name_matches(f->names[FILTER_TOOL], e->action) &&
	       name_matches(f->names[FILTER_RESOURCE], e->resource) &&
	       name_matches(f->names[FILTER_SESSION], e->session) &&
	       name_matches(f->names[FILTER_TRACE], e->trace) &&
	       name_matches(f->names[FILTER_RULE], d ? d->rule : STR_NONE) &&
	       name_matches(f->names[FILTER_STAGE], d ? d->stage : STR_NONE) &&
	       (!f->by_kind || e->kind == f->kind) &&
	       (!f->by_effect || (d && d->effect == f->effect)) && e->time_ns >= f->since_ns &&
	       e->time_ns <= f->until_ns && (!f->outcome.ptr || has_outcome[e->seq]) &&
	       (!f->text.ptr || text_matches(e, f->text));
}

/* Twice through the log: outcomes come behind their actions. */
static size_t read_twice(struct stacks *k, const struct filter *f, bool *has_outcome, uint64_t *ret)
{
	size_t count = 0;

	for (int pass = 0; pass < 2; pass++) {
		struct log_reader *r;
		struct str line;
		struct arena a;
		struct entry e;

		arena_init(&a, 1 << 24);
		cr_assert_eq(log_reader_open(k->w, STACKS_LOG, 0, UINT64_MAX, &r), OK);
		while (log_reader_next(r, &line) == OK && line.ptr) {
			struct str status;

			cr_assert_eq(entry_read(line, &a, &e, NULL), OK);
			status = value_text(e.data, "status");
			if (pass == 0 && e.kind == ENTRY_OUTCOME && status.ptr && f->outcome.ptr &&
			    match_glob(f->outcome, status))
				has_outcome[e.links[0].seq] = true;
			if (pass == 1 && matches(&e, f, has_outcome))
				ret[count++] = e.seq;
			arena_rewind(&a, (struct arena_mark){ NULL, 0 });
		}
		log_reader_close(r);
		arena_fini(&a);
	}
	return count;
}

size_t stacks_read(struct stacks *k, const struct filter *f, bool newest_first, uint64_t *ret)
{
	bool *has_outcome = calloc(k->size + 1, sizeof(*has_outcome));
	size_t count = read_twice(k, f, has_outcome, ret);

	free(has_outcome);
	for (size_t i = 0; newest_first && i < count / 2; i++) {
		uint64_t swap = ret[i];

		ret[i] = ret[count - 1 - i];
		ret[count - 1 - i] = swap;
	}
	return count;
}

size_t stacks_search(struct stacks *k, struct index *x, const struct search_order *order,
		     size_t limit, uint64_t *ret, struct cursor *behind)
{
	struct note n = { .line = 0 };
	struct search *s = NULL;
	struct hit hit;
	size_t count = 0;
	enum err e;

	(void)k;
	e = search_open(x, order, &s, &n);
	cr_assert_eq(e, OK, "%s: %s", err_name(e), n.text);
	while (count < limit) {
		e = search_next(s, &hit, &n);
		cr_assert_eq(e, OK, "%s: %s", err_name(e), n.text);
		if (!hit.line.ptr)
			break;
		ret[count++] = hit.entry->seq;
	}
	if (behind)
		*behind = search_cursor(s);
	search_close(s);
	return count;
}

void stacks_compare(struct stacks *k, struct index *x, const struct filter *f)
{
	uint64_t *read = malloc((k->size + 1) * sizeof(*read));
	uint64_t *found = malloc((k->size + 1) * sizeof(*found));

	for (int down = 0; down < 2; down++) {
		const struct search_order order = { .filter = *f, .newest_first = down };
		size_t expected = stacks_read(k, f, down, read);
		size_t count = stacks_search(k, x, &order, k->size + 1, found, NULL);

		cr_assert_eq(count, expected, "%zu found, %zu expected", count, expected);
		cr_assert_eq(memcmp(read, found, count * sizeof(*read)), 0);
	}
	free(read);
	free(found);
}

void stacks_compare_many(struct stacks *k, struct index *x, unsigned questions)
{
	struct filter any = filter_any();

	stacks_compare(k, x, &any);
	for (unsigned i = 0; i < questions; i++) {
		struct filter f = stacks_filter(k);

		stacks_compare(k, x, &f);
	}
}
