/*
 * fuzz_trace: whatever the bytes are, a record is read or refused with a story, and judged at every
 * level; one that is signed again by us holds by our key and by no other; facts that make a record
 * make one that is believed. The same bytes are tried as a bundle of revocations, an anchor, a
 * receipt, what is at hand of a build, and the place of a transcript.
 */
#include <stdlib.h>

#include "engine/attest/attest.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"

#define MEMORY_CAP ((size_t)256 << 20)
#define NOW_S INT64_C(1785000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct trying {
	struct arena memory;
	struct sign_key *key;
	struct jws_key own, other;
	struct jwks good, bad;
	struct findings *f;
};

static struct sign_key *open_key(uint8_t byte)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *key;

	memset(seed, byte, sizeof(seed));
	MUST(sign_key_open(seed, &key) == OK);
	return key;
}

static void forget(struct trying *t)
{
	t->f->count = 0;
	t->f->refused = false;
}

static void judge(struct trying *t, const struct trace_record *c, const struct jwks *trusted)
{
	for (unsigned level = 0; level < APPRAISE_LEVELS; level++) {
		const struct appraise_terms terms = {
			.level = level, .now_s = NOW_S, .max_age_s = APPRAISE_ANY_AGE,
			.skew_s = INT64_MAX / 2, .trusted = trusted,
		};
		enum err e;

		forget(t);
		e = appraise_level(c, &terms, &t->memory, t->f);
		MUST(e == OK || e == ERR_MEMORY || e == ERR_UNSUPPORTED);
		e = appraise_belief(c, &terms, &t->memory, t->f);
		MUST(e == OK || e == ERR_MEMORY || e == ERR_UNSUPPORTED);
		e = lineage_judge(c, c, 1, &terms, &t->memory, t->f);
		MUST(e == OK || e == ERR_MEMORY || e == ERR_UNSUPPORTED);
	}
}

static enum finding_status trusted_is(struct trying *t, const struct trace_record *c,
				      const struct jwks *trusted)
{
	const struct appraise_terms terms = { .now_s = NOW_S, .trusted = trusted };

	forget(t);
	if (appraise_belief(c, &terms, &t->memory, t->f) != OK)
		return FINDING_STATUSES;
	return finding_find(t->f, FINDING_TRUSTED)->status;
}

/* Our own signature holds, whatever the record says, and a second one changes nothing. */
static void sign_again(struct trying *t, const struct value *record)
{
	struct trace_record once, twice;
	struct str text;
	struct buf b;

	buf_init(&b, 4 * LIMIT_RECORD_BYTES);
	if (trace_record_sign(record, t->key, &t->memory, &b) == OK &&
	    b.len <= LIMIT_RECORD_BYTES && arena_copy(&t->memory, buf_view(&b), &text) == OK &&
	    trace_record_read(text, &t->memory, &once, NULL) == OK) {
		MUST(trusted_is(t, &once, &t->good) == FINDING_PASS);
		MUST(trusted_is(t, &once, &t->bad) == FINDING_FAIL);
		buf_clear(&b);
		if (trace_record_sign(once.record, t->key, &t->memory, &b) == OK) {
			MUST(str_eq(buf_view(&b), text));
			MUST(trace_record_read(text, &t->memory, &twice, NULL) == OK);
		}
	}
	buf_fini(&b);
}

static void try_record(struct trying *t, struct str input)
{
	struct note n = { .text = "" };
	struct receipt_verdict receipt;
	struct depth_verdict depth;
	struct trace_record c;
	enum err e = trace_record_read(input, &t->memory, &c, &n);

	if (e != OK) {
		MUST(e == ERR_MEMORY || n.text[0]);
		return;
	}
	for (int v = TRACE_V0_2; v <= TRACE_V0_1; v++) {
		n.text[0] = '\0';
		e = trace_schema_check(c.record, (enum trace_version)v, &n);
		MUST(e == OK || n.text[0]);
	}
	judge(t, &c, NULL);
	judge(t, &c, &t->good);
	if (!c.enveloped)
		sign_again(t, c.record);
	forget(t);
	(void)anchor_judge(c.whole, c.whole, t->f, NULL);
	build_depth_judge(value_get_c(c.record, "build_provenance"), c.whole, DEPTH_TRANSITIVE,
			  &depth);
	e = receipt_judge(c.whole, &t->memory, &receipt, &n);
	MUST(e != OK || receipt.status < RECEIPT_STATUSES);
}

/* Facts that are enough make a record that fits and is believed. */
static void try_facts(struct trying *t, struct str input)
{
	const struct transcript transcript = { .entries = 1, .calls = 1, .policy_count = 1 };
	struct issue_order o = { .subject = STR("spiffe://example.org/a"), .issued_s = NOW_S,
				 .transcript = &transcript, .key = t->key };
	struct value facts;
	struct trace_record c;
	struct str text;
	struct buf b;

	o.place = (struct transcript_place){ .origin = STR("o"), .session = STR("s"), .size = 1 };
	o.facts = &facts;
	if (json_read(input, 1, &t->memory, &facts, NULL) != OK || facts.kind != VALUE_OBJECT)
		return;
	buf_init(&b, 4 * LIMIT_RECORD_BYTES);
	if (issue_write(&b, &o, &t->memory, NULL) == OK && b.len <= LIMIT_RECORD_BYTES) {
		MUST(arena_copy(&t->memory, buf_view(&b), &text) == OK);
		MUST(trace_record_read(text, &t->memory, &c, NULL) == OK);
		MUST(trusted_is(t, &c, &t->good) == FINDING_PASS);
		MUST(!str_is(value_text(c.record, "eat_profile"),
			     trace_schema_profile(TRACE_V0_2)) ||
		     !t->f->refused);
	}
	buf_fini(&b);
}

static void try_place(struct trying *t, struct str input)
{
	struct transcript_place p;
	struct buf b;

	if (transcript_place_read(input, &t->memory, &p) != OK)
		return;
	buf_init(&b, 2 * TRANSCRIPT_URI_BYTES);
	transcript_place_write(&b, &p);
	MUST(b.err == OK && str_eq(buf_view(&b), input) && trace_schema_uri_ok(input));
	buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = str_slice(data, size);
	struct withdrawals w;
	struct sign_key *other;
	struct trying t;

	MUST(crypto_start() == OK);
	arena_init(&t.memory, MEMORY_CAP);
	t.key = open_key(1);
	other = open_key(2);
	t.own = (struct jws_key){ .ed = sign_key_public(t.key), .kid = STR("office") };
	t.other = (struct jws_key){ .ed = sign_key_public(other) };
	t.good = (struct jwks){ &t.own, 1 };
	t.bad = (struct jwks){ &t.other, 1 };
	t.f = arena_alloc(&t.memory, sizeof(*t.f));
	MUST(t.f != NULL);
	try_record(&t, input);
	try_facts(&t, input);
	try_place(&t, input);
	if (withdrawal_read(input, &t.good, &t.memory, &w, NULL) == OK)
		MUST(w.count <= LIMIT_STATEMENTS);
	sign_key_close(other);
	sign_key_close(t.key);
	arena_fini(&t.memory);
	return 0;
}
