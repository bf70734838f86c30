/*
 * suite_trace: TRACE records beside the published vectors, and beside what the reference library
 * (agentrust-trace 0.9.0) and its suite (trace-tests) answered when they were run.
 *
 *   trace/verify_record.json     records that are believed, or refused with a reason
 *   trace/sign_record.json       the bytes under signatures, thumbprints of keys
 *   trace/conformance.json       every finding for every vector at levels 0, 1 and 2
 *   trace/registry_anchor.json   proofs of inclusion in a registry
 *   trace/agt_session.json       records as AGT makes them of its sessions
 *   trace/trace-spec, trace-tests, cmcp: examples, signed vectors, schemas (suite_trace_spec.c)
 *
 * An answer is called "FILE: CASE WHAT". One that differs on purpose stands in docs/conformance.md.
 */
#include <stdio.h>

#include "engine/attest/attest.h"
#include "engine/base/json.h"
#include "tests/conformance/record.h"

struct excused record_differences;

/* --- what all of the suite use --- */

bool record_text(struct str text, struct arena *a, struct value *ret)
{
	return json_read(text, 1, a, ret, NULL) == OK;
}

struct str record_canonical(const struct value *v, struct arena *a)
{
	struct str text;
	struct buf b;

	buf_init(&b, 2 * LIMIT_RECORD_BYTES);
	canon_value(&b, v);
	MUST(b.err == OK && arena_copy(a, buf_view(&b), &text) == OK);
	buf_fini(&b);
	return text;
}

void record_answer(struct suite *s, const char *file, const char *name, const char *what,
		   bool same)
{
	char line[256];

	(void)snprintf(line, sizeof(line), "%s: %s %s", file, name, what);
	excused_answer(&record_differences, s, line, same);
}

/* The keys that a JWK makes; false: it is none. */
static bool keys_of(const struct value *jwk, struct arena *a, struct jwks *ret)
{
	return jwk && jwk->kind == VALUE_OBJECT &&
	       jwks_read(record_canonical(jwk, a), JWKS_SIG, a, ret, NULL) == OK;
}

static int64_t number(const struct value *v, const char *key, int64_t absent)
{
	const struct value *m = value_get_c(v, key);

	return m && m->kind == VALUE_INT ? m->integer : absent;
}

static bool flag(const struct value *v, const char *key)
{
	const struct value *m = value_get_c(v, key);

	return m && m->kind == VALUE_BOOL && m->boolean;
}

/* --- verify_record.json --- */

/* What the reference says, and which of our findings says the same. */
static const struct said {
	const char *text;
	enum finding_code code;
} said[] = {
	{ "record is stale", FINDING_ISSUED },
	{ "record is dated", FINDING_ISSUED },
	{ "record has no valid integer 'iat'", FINDING_ISSUED },
	{ "verify_record requires a trusted key", FINDING_TRUSTED },
	{ "record cnf.jwk does not identify", FINDING_TRUSTED },
	{ "signing key is revoked", FINDING_REVOKED },
	{ "record carries the superseded v0.1 profile", FINDING_PROFILE },
	{ "record has no 'eat_profile'", FINDING_PROFILE },
	{ "record profile", FINDING_PROFILE },
	{ "record has no 'signature'", FINDING_TRUSTED },
	{ "record does not conform", FINDING_SCHEMA },
	{ "record runtime.nonce", FINDING_NONCE },
};

static bool says_the_same(const struct findings *f, const struct value *expect)
{
	struct str text = value_text(expect, "text");
	enum finding_code code = FINDING_TRUSTED;
	const struct finding *found;

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (str_starts(text, str_view(said[i].text)))
			code = said[i].code;
	found = finding_find(f, code);
	return found && found->status != FINDING_PASS;
}

/* The reference's container of revoked ids, as the statements of a bundle that is in order. */
static bool withdrawals_of(const struct value *given, struct arena *a, struct withdrawals *ret)
{
	const struct value *list = value_get_c(given, "revocation");
	struct str *ids;

	if (!list || list->kind != VALUE_LIST)
		return false;
	ids = arena_array(a, list->list.count, sizeof(*ids));
	MUST(ids != NULL);
	for (size_t i = 0; i < list->list.count; i++)
		ids[i] = list->list.items[i].string;
	*ret = (struct withdrawals){ ids, list->list.count, STR("log"), TRACE_LEAST_S, INT64_MAX };
	return true;
}

static void terms_of(const struct value *given, struct appraise_terms *t)
{
	const struct value *age = value_get_c(given, "max_age_seconds");

	*t = (struct appraise_terms){ .now_s = number(given, "now", 0) };
	t->max_age_s = age && age->kind == VALUE_NULL
			       ? APPRAISE_ANY_AGE
			       : number(given, "max_age_seconds", APPRAISE_MAX_AGE_S);
	t->skew_s = number(given, "max_future_skew_seconds", APPRAISE_SKEW_S);
	t->nonce = value_text(given, "expected_nonce");
}

static void verify_case(struct suite *s, const char *name, const struct value *given,
			const struct value *expect, struct arena *a)
{
	const struct value *record = value_get_c(given, "record");
	const struct value *trusted = value_get_c(given, "trusted");
	struct findings *f = arena_alloc(a, sizeof(*f));
	struct withdrawals withdrawn;
	struct appraise_terms t;
	struct trace_record c;
	struct jwks keys;
	bool ok, looked = true;

	MUST(f != NULL);
	terms_of(given, &t);
	if (flag(given, "allow_embedded_key"))
		trusted = trace_record_jwk(record);
	if (keys_of(trusted, a, &keys))
		t.trusted = &keys;
	if (withdrawals_of(given, a, &withdrawn))
		t.withdrawn = &withdrawn;
	else
		looked = !value_get_c(given, "revocation");
	ok = trace_record_of(record, &c, NULL) == OK && appraise_level(&c, &t, a, f) == OK &&
	     appraise_belief(&c, &t, a, f) == OK && !f->refused && t.trusted && looked;
	record_answer(s, "verify_record", name, "ok", ok == flag(expect, "ok"));
	if (!flag(expect, "ok") && looked && t.skew_s >= 0)
		record_answer(s, "verify_record", name, "reason", says_the_same(f, expect));
}

/* --- sign_record.json --- */

static void sign_case(struct suite *s, const char *name, const struct value *given,
		      const struct value *expect, const struct value *file, struct arena *a)
{
	const struct value *record = value_get_c(given, "record");
	uint8_t seed[SEED_BYTES];
	struct sign_key *key;
	struct value made;
	struct str text;
	struct buf b;

	MUST(hex_read(value_text(file, "seed_hex"), seed, sizeof(seed)) == OK);
	MUST(sign_key_open(seed, &key) == OK);
	buf_init(&b, 2 * LIMIT_RECORD_BYTES);
	MUST(trace_record_sign(record, key, a, &b) == OK);
	MUST(arena_copy(a, buf_view(&b), &text) == OK && record_text(text, a, &made));
	buf_clear(&b);
	MUST(trace_record_preimage(&made, a, &b) == OK);
	record_answer(s, "sign_record", name, "preimage",
		      str_eq(buf_view(&b), value_text(expect, "preimage")));
	record_answer(s, "sign_record", name, "signature",
		      str_eq(value_text(&made, "signature"), value_text(expect, "signature")));
	record_answer(s, "sign_record", name, "cnf",
		      value_eq(value_get_c(&made, "cnf"), value_get_c(expect, "cnf")));
	buf_fini(&b);
	sign_key_close(key);
}

static void thumbprint_case(struct suite *s, const char *name, const struct value *given,
			    const struct value *expect)
{
	struct str wanted = value_text(expect, "thumbprint");
	struct digest d;
	struct buf b;
	bool has = trace_record_thumbprint(value_get_c(given, "jwk"), &d) == OK;

	buf_init(&b, 64);
	if (has)
		base64url_write(&b, d.bytes, sizeof(d.bytes));
	record_answer(s, "sign_record", name, "thumbprint",
		      has == (wanted.ptr != NULL) && str_eq(buf_view(&b), wanted));
	buf_fini(&b);
}

/* --- conformance.json --- */

static void compare_findings(struct suite *s, const char *name, const struct findings *f,
			     const struct value *expect)
{
	const struct value *list = value_get_c(expect, "findings");
	char what[64];

	record_answer(s, "conformance", name, "pass", !f->refused == flag(expect, "pass"));
	record_answer(s, "conformance", name, "count", list && list->list.count == f->count);
	for (size_t i = 0; list && i < list->list.count && i < f->count; i++) {
		const struct value *pair = &list->list.items[i];

		(void)snprintf(what, sizeof(what), "%.*s", STR_ARG(pair->list.items[0].string));
		record_answer(s, "conformance", name, what,
			      str_is(pair->list.items[0].string,
				     finding_code_name(f->list[i].code)) &&
			      str_is(pair->list.items[1].string,
				     finding_status_name(f->list[i].status)));
	}
}

static void level_case(struct suite *s, const char *name, const struct value *given,
		       const struct value *expect, struct arena *a)
{
	struct findings *f = arena_alloc(a, sizeof(*f));
	struct appraise_terms t = { .max_age_s = APPRAISE_MAX_AGE_S, .skew_s = APPRAISE_SKEW_S };
	const struct value *inner;
	char path[LIMIT_PATH_BYTES];
	struct value v;
	struct trace_record c;

	MUST(f != NULL);
	t.level = (unsigned)number(given, "level", 0);
	t.now_s = number(given, "now", 0);
	(void)snprintf(path, sizeof(path), "%s/trace/%.*s", s->vectors,
		       STR_ARG(value_text(given, "file")));
	if (!record_text(suite_read(path, a), a, &v)) {
		suite_check(s, false, path, "cannot be read");
		return;
	}
	inner = value_get_c(&v, "record");
	if (trace_record_of(inner ? inner : &v, &c, NULL) != OK ||
	    appraise_level(&c, &t, a, f) != OK) {
		suite_check(s, false, name, "is no record for us");
		return;
	}
	record_answer(s, "conformance", name, "format",
		      str_is(value_text(expect, "format"), c.enveloped ? "cmcp-runtime" : "trace"));
	compare_findings(s, name, f, expect);
}

/* --- registry_anchor.json --- */

/* The file has proof and entry in one object. */
static struct value anchor_of(const struct value *given, struct arena *a)
{
	struct member *m = arena_array(a, 2, sizeof(*m));

	MUST(m != NULL);
	m[0] = (struct member){ .key = STR("proof"), .value = *given };
	m[1] = (struct member){ .key = STR("entry"), .value = *given };
	return (struct value){ .kind = VALUE_OBJECT, .object = { m, 2 } };
}

static void anchor_case(struct suite *s, const char *name, const struct value *given,
			const struct value *expect, struct arena *a)
{
	struct findings *f = arena_alloc(a, sizeof(*f));
	const struct value *claim = value_get_c(given, "claim");
	struct value anchor = anchor_of(given, a);
	struct str leaf = value_text(expect, "leaf");
	struct digest d, wanted;

	MUST(f != NULL);
	record_answer(s, "registry_anchor", name, "included",
		      anchor_judge(claim, &anchor, f, NULL) == OK &&
		      !f->refused == flag(expect, "included"));
	if (leaf.ptr)
		record_answer(s, "registry_anchor", name, "leaf",
			      anchor_leaf(claim, &d) == OK && digest_read(leaf, &wanted) == OK &&
			      digest_eq(&d, &wanted));
}

/* --- agt_session.json --- */

static void hex_digest(const struct digest *d, struct buf *b)
{
	buf_clear(b);
	digest_write(b, d);
}

/* What AGT would sign, as our schema sees it: with a key and a signature it has all members. */
static bool fits(const struct value *record, struct arena *a, struct note *n)
{
	uint8_t seed[SEED_BYTES] = { 0 };
	struct sign_key *key;
	struct value made;
	struct str text;
	struct buf b;
	bool ok;

	MUST(sign_key_open(seed, &key) == OK);
	buf_init(&b, 2 * LIMIT_RECORD_BYTES);
	MUST(trace_record_sign(record, key, a, &b) == OK &&
	     arena_copy(a, buf_view(&b), &text) == OK);
	ok = record_text(text, a, &made) && trace_schema_check(&made, TRACE_V0_2, n) == OK;
	buf_fini(&b);
	sign_key_close(key);
	return ok;
}

static void sink_case(struct suite *s, const char *name, const struct value *given,
		      const struct value *record, const struct value *expect, struct arena *a)
{
	struct str preimage = value_text(given, "transcript_preimage");
	struct str root = value_text(expect, "merkle_root");
	struct note n = { .text = "" };
	struct digest d;
	struct buf b;

	buf_init(&b, 128);
	if (value_get_c(expect, "schema_errors_at"))
		record_answer(s, "agt_session", name, "schema_errors_at",
			      !fits(record, a, &n) &&
			      str_has(str_view(n.text), STR("'transparency'")));
	if (preimage.ptr) {
		d = sha256(preimage);
		hex_digest(&d, &b);
		record_answer(s, "agt_session", name, "transcript hash",
			      str_eq(buf_view(&b), value_text(value_get_c(record,
									  "tool_transcript"),
							      "hash")));
	}
	if (root.ptr) {
		d = sha256(root);
		hex_digest(&d, &b);
		record_answer(s, "agt_session", name, "measurement",
			      str_eq(buf_view(&b),
				     value_text(value_get_c(record, "runtime"), "measurement")));
	}
	/* What AGT always says, and a record of ours does not. */
	record_answer(s, "agt_session", name, "appraisal",
		      str_is(value_text(value_get_c(record, "appraisal"), "status"), "none"));
	record_answer(s, "agt_session", name, "transparency",
		      value_get_c(record, "transparency") == NULL);
	buf_fini(&b);
}

/* Of AGT's second mapping only results are recorded, nothing that they could be made from. */
static void session_case(struct suite *s, const char *name, const struct value *given,
			 const struct value *expect, struct arena *a)
{
	const struct value *record = value_get_c(expect, "record");
	struct str subject = value_text(given, "subject");
	struct findings *f = arena_alloc(a, sizeof(*f));
	struct appraise_terms t = { .skew_s = 1 };
	struct value v;
	struct trace_record c;
	bool named;

	MUST(f != NULL);
	if (record) {
		sink_case(s, name, given, record, expect, a);
	} else if (subject.ptr) {
		struct member m = { .key = STR("subject"), .value = value_string(subject) };

		v = (struct value){ .kind = VALUE_OBJECT, .object = { &m, 1 } };
		MUST(trace_record_of(&v, &c, NULL) == OK && appraise_level(&c, &t, a, f) == OK);
		named = finding_find(f, FINDING_SUBJECT)->status == FINDING_PASS;
		record_answer(s, "agt_session", name, "emits", named == flag(expect, "emits"));
		record_answer(s, "agt_session", name, "reference_model_accepts",
			      named == flag(expect, "reference_model_accepts"));
	} else {
		record_answer(s, "agt_session", name, "mapping", false);
	}
}

/* --- the files of cases --- */

static void one_case(struct suite *s, struct str file, const char *name, const struct value *one,
		     const struct value *whole, struct arena *a)
{
	const struct value *given = value_get_c(one, "given"), *expect = value_get_c(one, "expect");

	if (str_is(file, "verify_record"))
		verify_case(s, name, given, expect, a);
	else if (str_is(file, "sign_record") && value_get_c(given, "jwk"))
		thumbprint_case(s, name, given, expect);
	else if (str_is(file, "sign_record"))
		sign_case(s, name, given, expect, whole, a);
	else if (str_is(file, "conformance"))
		level_case(s, name, given, expect, a);
	else if (str_is(file, "registry_anchor"))
		anchor_case(s, name, given, expect, a);
	else
		session_case(s, name, given, expect, a);
}

static void cases_of(struct suite *s, struct str file, const struct value *v, struct arena *a)
{
	const struct value *cases = value_get_c(v, "cases");
	char name[128];

	suite_check(s, cases->list.count > 0, "cases", "there are none");
	for (size_t i = 0; i < cases->list.count; i++) {
		const struct value *one = &cases->list.items[i];
		struct arena_mark mark = arena_mark(a);

		(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(value_text(one, "name")));
		one_case(s, file, name, one, v, a);
		arena_rewind(a, mark);
	}
}

/* The rest of the path behind ".../trace/". */
static struct str behind_trace(const char *path)
{
	struct str rest = str_view(path), all = rest;

	for (size_t i = 0; i + 7 <= all.len; i++)
		if (str_eq(str_slice(all.ptr + i, 7), STR("/trace/")))
			rest = str_slice(all.ptr + i + 7, all.len - i - 7);
	return rest;
}

/* The files of cases. */
static const char *const kinds[] = { "verify_record", "sign_record", "conformance",
				     "registry_anchor", "agt_session" };

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	int kind = suite_kind(path, kinds, sizeof(kinds[0]), sizeof(kinds) / sizeof(kinds[0]));
	struct str file = behind_trace(path);
	struct value v;

	if (!str_ends(file, STR(".json"))) {
		record_spec_other(s, file, text);
		return;
	}
	if (!record_text(text, a, &v)) {
		suite_check(s, false, path, "is no JSON");
		return;
	}
	if (value_get_c(&v, "cases") && kind >= 0)
		cases_of(s, str_view(kinds[kind]), &v, a);
	else if (value_get_c(&v, "cases"))
		suite_check(s, false, path, "is read by no suite");
	else
		record_spec_file(s, file, &v, a);
}

void suite_trace(struct suite *s)
{
	MUST(crypto_start() == OK);
	excused_read(&record_differences, s, "<!-- trace -->");
	suite_each_file(s, "trace", visit);
	record_spec_end(s);
	excused_end(&record_differences, s, "trace");
}
