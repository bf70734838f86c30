/*
 * suite_trace_spec: the examples of the TRACE specification, and its schemas beside our tables.
 *
 * A schema is turned into records: one that has every member, and from it, for every member, ones
 * that lack it, have it of another type, outside its words, bounds and pattern, or beside one that
 * is not known. What the schema says of each follows from the keyword, and our answer is compared.
 */
#include <stdio.h>

#include "engine/attest/attest.h"
#include "engine/base/json.h"
#include "tests/conformance/record.h"

#define SPEC_NOW_S INT64_C(1785000001)

/* Files that conformance.json names, whose findings were compared there; and texts. */
static unsigned named_by_cases, texts;

/* --- a value for each schema --- */

static bool is_text(const struct value *schema, const char *key, const char *text)
{
	return str_is(value_text(schema, key), text);
}

/* The first; of platforms the last, which goes with every kind of evidence. */
static const struct value *sample_word(const struct value *words)
{
	const struct value *last = &words->list.items[words->list.count - 1];

	return str_is(last->string, "software-only") ? last : &words->list.items[0];
}

static struct value sample_text(const struct value *schema)
{
	const struct value *words = value_get_c(schema, "enum"),
			   *only = value_get_c(schema, "const");
	struct str pattern = value_text(schema, "pattern");

	if (only)
		return *only;
	if (words)
		return *sample_word(words);
	if (str_starts(pattern, STR("^sha")))
		return value_string(STR(TRACE_NOTHING_MEASURED));
	if (str_has(pattern, STR("spiffe://")))
		return value_string(STR("spiffe://example.org/agent"));
	if (pattern.ptr)
		return value_string(STR("AA"));
	if (is_text(schema, "format", "uri"))
		return value_string(STR("https://example.org/x?y#z"));
	return value_string(STR("text"));
}

/* With room for one more member, which tests add. */
static struct value sample(const struct value *schema, struct arena *a)
{
	const struct value *properties = value_get_c(schema, "properties"),
			   *least = value_get_c(schema, "minimum");
	struct member *made;
	size_t count;

	if (is_text(schema, "type", "integer"))
		return least ? *least : value_int(1);
	if (is_text(schema, "type", "array"))
		return (struct value){ .kind = VALUE_LIST };
	if (!properties)
		return sample_text(schema);
	count = properties->object.count;
	made = arena_array(a, count + 1, sizeof(*made));
	MUST(made != NULL);
	for (size_t i = 0; i < count; i++) {
		made[i].key = properties->object.members[i].key;
		made[i].value = sample(&properties->object.members[i].value, a);
	}
	return (struct value){ .kind = VALUE_OBJECT, .object = { made, count } };
}

/* --- every way in which it can go wrong --- */

struct trying {
	struct suite *suite;
	struct arena *arena;
	const char *file;
	struct value record;
	bool (*accepts)(struct trying *t);
	enum trace_version version; /* of a record */
	size_t cnf;                        /* which member of it */
	bool bundle;                       /* of revocations; else a statement, in `around` */
	struct value around;
	char path[128];
};

static void expect(struct trying *t, const char *how, bool fits)
{
	char what[160];

	(void)snprintf(what, sizeof(what), "%s %s", t->path, how);
	record_answer(t->suite, t->file, "schema", what, t->accepts(t) == fits);
}

static void try_value(struct trying *t, struct value *at, struct value v, const char *how,
		      bool fits)
{
	struct value kept = *at;

	*at = v;
	expect(t, how, fits);
	*at = kept;
}

static void try_text(struct trying *t, const struct value *schema, struct value *at)
{
	const struct value *words = value_get_c(schema, "enum");
	bool free = !words && !value_get_c(schema, "const") && !value_get_c(schema, "pattern") &&
		    !value_get_c(schema, "format") && !value_get_c(schema, "minLength");
	bool strange = free || (!words && !value_get_c(schema, "const") &&
				value_get_c(schema, "minLength"));

	try_value(t, at, value_string(STR("")), "empty", free);
	try_value(t, at, value_string(STR("not so!")), "strange", strange);
	try_value(t, at, value_int(7), "as a number", false);
	for (size_t i = 0; words && i < words->list.count; i++)
		try_value(t, at, words->list.items[i], "as a word", true);
	if (str_starts(value_text(schema, "pattern"), STR("^sha"))) {
		try_value(t, at, value_string(STR("sha256:00")), "short", false);
		try_value(t, at, value_string(STR("sha384:" TRACE_NOTHING_MEASURED)), "named wrong",
			  false);
	}
}

static void try_number(struct trying *t, const struct value *schema, struct value *at)
{
	const struct value *least = value_get_c(schema, "minimum"),
			   *most = value_get_c(schema, "maximum");

	if (least)
		try_value(t, at, value_int(least->integer - 1), "below", false);
	if (most) {
		try_value(t, at, *most, "at the top", true);
		try_value(t, at, value_int(most->integer + 1), "above", false);
	}
	try_value(t, at, value_bool(true), "as a boolean", false);
	try_value(t, at, value_string(STR("1")), "as a text", false);
}

static bool needed(const struct value *schema, struct str name)
{
	const struct value *list = value_get_c(schema, "required");

	for (size_t i = 0; list && i < list->list.count; i++)
		if (str_eq(list->list.items[i].string, name))
			return true;
	return false;
}

static void try_object(struct trying *t, const struct value *schema, struct value *object,
		       unsigned depth);

static void try_member(struct trying *t, const struct value *schema, struct value *object,
		       size_t at, unsigned depth)
{
	const struct value *properties = value_get_c(schema, "properties");
	const struct value *own = &properties->object.members[at].value;
	struct member *m = &object->object.members[at], kept = *m;
	const size_t last = object->object.count - 1;

	/* The last one stands in for it, and the list is one shorter. */
	*m = object->object.members[last];
	object->object.count = last;
	expect(t, "missing", !needed(schema, kept.key));
	object->object.count = last + 1;
	*m = kept;
	try_value(t, &m->value, (struct value){ .kind = VALUE_LIST }, "as a list",
		  is_text(own, "type", "array"));
	try_value(t, &m->value, value_null(), "null", false);
	if (is_text(own, "type", "object"))
		try_object(t, own, &m->value, depth + 1);
	else if (is_text(own, "type", "string"))
		try_text(t, own, &m->value);
	else if (is_text(own, "type", "integer"))
		try_number(t, own, &m->value);
}

static void try_object(struct trying *t, const struct value *schema, struct value *object,
		       unsigned depth)
{
	const struct value *closed = value_get_c(schema, "additionalProperties");
	size_t len = strlen(t->path);

	MUST(depth < 8);
	for (size_t i = 0; i < object->object.count; i++) {
		(void)snprintf(t->path + len, sizeof(t->path) - len, "%s%.*s", len ? "." : "",
			       STR_ARG(object->object.members[i].key));
		try_member(t, schema, object, i, depth);
		t->path[len] = '\0';
	}
	object->object.members[object->object.count++] =
		(struct member){ .key = STR("zz"), .value = value_int(1) };
	expect(t, "with another member", !(closed && closed->kind == VALUE_BOOL));
	object->object.count--;
}

/* --- the schemas of records --- */

static bool record_fits(struct trying *t)
{
	return trace_schema_check(&t->record, t->version, NULL) == OK;
}

/* A key has the halves of its type; a kind of evidence has its platform. */
static void try_pairs(struct trying *t)
{
	struct member *jwk = &t->record.object.members[t->cnf].value.object.members[0];
	static const struct pair {
		const char *jwk, *how;
		bool fits;
	} pairs[] = {
		{ "{\"kty\":\"OKP\",\"crv\":\"c\",\"x\":\"x\"}", "OKP", true },
		{ "{\"kty\":\"OKP\",\"crv\":\"c\"}", "OKP without x", false },
		{ "{\"kty\":\"OKP\",\"x\":\"x\"}", "OKP without crv", false },
		{ "{\"kty\":\"EC\",\"crv\":\"c\",\"x\":\"x\",\"y\":\"y\"}", "EC", true },
		{ "{\"kty\":\"EC\",\"crv\":\"c\",\"x\":\"x\"}", "EC without y", false },
		{ "{\"kty\":\"RSA\"}", "RSA", true },
	};

	(void)snprintf(t->path, sizeof(t->path), "cnf.jwk");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct value v;

		MUST(record_text(str_view(pairs[i].jwk), t->arena, &v));
		try_value(t, &jwk->value, v, pairs[i].how, pairs[i].fits);
	}
}

static void try_record_schema(struct suite *s, const char *file, const struct value *schema,
			      struct arena *a)
{
	const struct value *properties = value_get_c(schema, "properties");
	struct trying t = { .suite = s, .arena = a, .file = file, .accepts = record_fits };
	struct str profile = value_text(value_get_c(properties, "eat_profile"), "const");

	MUST(trace_schema_version_of(profile, &t.version));
	t.record = sample(schema, a);
	while (!str_is(t.record.object.members[t.cnf].key, "cnf"))
		t.cnf++;
	(void)snprintf(t.path, sizeof(t.path), "whole");
	expect(&t, "as it is", true);
	t.path[0] = '\0';
	try_object(&t, schema, &t.record, 0);
	try_pairs(&t);
}

/* --- the schemas of revocations: what is tried is signed anew each time --- */

static const char signer_jwk[] =
	"{\"crv\":\"Ed25519\",\"kid\":\"text\",\"kty\":\"OKP\",\"x\":\"%s\"}";

static struct sign_key *signer(void)
{
	const uint8_t seed[SEED_BYTES] = { 7 };
	struct sign_key *key;

	MUST(sign_key_open(seed, &key) == OK);
	return key;
}

/* The signature over the rest of the object, where it has the member that would hold one. */
static void sign_parts(struct value *v, struct arena *a)
{
	struct sign_key *key = signer();
	struct value *sig = NULL, rest = *v;
	struct member *kept = arena_array(a, v->object.count, sizeof(*kept));
	struct signature made;
	struct str text;
	struct buf b;

	MUST(kept != NULL);
	rest.object = (struct value_object){ kept, 0 };
	for (size_t i = 0; i < v->object.count; i++) {
		struct member *m = &v->object.members[i];

		if (str_is(m->key, "sig"))
			sig = &m->value;
		else
			kept[rest.object.count++] = *m;
	}
	made = sign_make(key, record_canonical(&rest, a));
	sign_key_close(key);
	if (!sig || sig->kind != VALUE_OBJECT)
		return;
	buf_init(&b, 128);
	base64url_write(&b, made.bytes, sizeof(made.bytes));
	MUST(arena_copy(a, buf_view(&b), &text) == OK);
	buf_fini(&b);
	for (size_t i = 0; i < sig->object.count; i++)
		if (str_is(sig->object.members[i].key, "value") &&
		    str_is(sig->object.members[i].value.string, "AA"))
			sig->object.members[i].value = value_string(text);
}

/* A bundle of that statement, or that bundle. */
static bool bundle_fits(struct trying *t)
{
	struct sign_key *key = signer();
	struct public_key pub = sign_key_public(key);
	struct value bundle, statement;
	struct withdrawals w;
	struct jwks keys;
	char jwk[160], x[64];
	struct str text;
	struct buf b;

	sign_key_close(key);
	buf_init(&b, 64);
	base64url_write(&b, pub.bytes, sizeof(pub.bytes));
	(void)snprintf(x, sizeof(x), "%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
	(void)snprintf(jwk, sizeof(jwk), signer_jwk, x);
	MUST(jwks_read(str_view(jwk), JWKS_SIG, t->arena, &keys, NULL) == OK);
	MUST(value_copy(t->arena, &t->record, &statement) == OK);
	sign_parts(&statement, t->arena);
	bundle = statement;
	if (!t->bundle) {
		MUST(value_copy(t->arena, &t->around, &bundle) == OK);
		for (size_t i = 0; i < bundle.object.count; i++)
			if (str_is(bundle.object.members[i].key, "statements"))
				bundle.object.members[i].value = (struct value){
					.kind = VALUE_LIST, .list = { &statement, 1 }
				};
		sign_parts(&bundle, t->arena);
	}
	text = record_canonical(&bundle, t->arena);
	return withdrawal_read(text, &keys, t->arena, &w, NULL) == OK;
}

static void try_revocation_schema(struct suite *s, const char *file, const struct value *schema,
				  struct arena *a)
{
	static const char around[] =
		"{\"type\":\"TraceRevocationBundle/1.0\",\"log_id\":\"text\",\"issued_at\":"
		"1700000000,\"valid_until\":1700000000,\"statements\":[],\"bundle_key_id\":"
		"\"text\",\"sig\":{\"alg\":\"ed25519\",\"value\":\"AA\"}}";
	struct trying t = { .suite = s, .arena = a, .file = file, .accepts = bundle_fits };

	t.record = sample(schema, a);
	t.bundle = value_get_c(value_get_c(schema, "properties"), "statements") != NULL;
	MUST(record_text(str_view(around), a, &t.around));
	/* No key withdraws itself, so the one that is withdrawn has another name. */
	for (size_t i = 0; i < t.record.object.count; i++)
		if (str_is(t.record.object.members[i].key, "compromised_key_id"))
			t.record.object.members[i].value = value_string(STR("another"));
	(void)snprintf(t.path, sizeof(t.path), "whole");
	expect(&t, "as it is", true);
	t.path[0] = '\0';
	try_object(&t, schema, &t.record, 0);
}

/* --- examples --- */

static bool believed(const struct value *record, const struct value *jwk, int64_t now_s,
		     struct arena *a)
{
	struct findings *f = arena_alloc(a, sizeof(*f));
	struct appraise_terms t = { .now_s = now_s, .max_age_s = APPRAISE_MAX_AGE_S };
	struct jwks keys;
	struct trace_record c;

	MUST(f != NULL);
	t.trusted = &keys;
	return jwks_read(record_canonical(jwk, a), JWKS_SIG, a, &keys, NULL) == OK &&
	       trace_record_of(record, &c, NULL) == OK && appraise_level(&c, &t, a, f) == OK &&
	       appraise_belief(&c, &t, a, f) == OK && !f->refused;
}

/* An example: level 0 without a signature, and no more than that, as its README says. */
static void try_example(struct suite *s, const char *file, const struct value *v, struct arena *a)
{
	const struct value *iat = value_get_c(v, "iat");
	struct appraise_terms t = { .now_s = iat ? iat->integer : 0,
				    .max_age_s = APPRAISE_MAX_AGE_S };
	struct findings *zero = arena_alloc(a, sizeof(*zero));
	struct findings *one = arena_alloc(a, sizeof(*one));
	struct trace_record c;

	MUST(zero && one && trace_record_of(v, &c, NULL) == OK);
	record_answer(s, file, "example", "schema", trace_schema_check(v, TRACE_V0_2, NULL) == OK);
	record_answer(s, file, "example", "level 0",
		      appraise_level(&c, &t, a, zero) == OK && !zero->refused);
	t.level = 1;
	record_answer(s, file, "example", "level 1",
		      appraise_level(&c, &t, a, one) == OK && one->refused &&
			      finding_find(one, FINDING_SIGNATURE)->status == FINDING_FAIL);
}

/* signed_delegated_hop.json, below signed_root.json. */
static void try_hop(struct suite *s, const char *file, const struct value *v, struct arena *a)
{
	struct findings *f = arena_alloc(a, sizeof(*f));
	struct appraise_terms t = { .now_s = SPEC_NOW_S };
	char path[LIMIT_PATH_BYTES];
	struct trace_record leaf, above;
	struct value root;

	(void)snprintf(path, sizeof(path), "%s/trace/trace-tests/tests/vectors/signed_root.json",
		       s->vectors);
	MUST(f && record_text(suite_read(path, a), a, &root));
	MUST(trace_record_of(v, &leaf, NULL) == OK && trace_record_of(&root, &above, NULL) == OK);
	record_answer(s, file, "lineage", "holds",
		      lineage_judge(&leaf, &above, 1, &t, a, f) == OK && !f->refused &&
			      finding_find(f, FINDING_PARENT)->status == FINDING_PASS);
	f->count = 0;
	record_answer(s, file, "lineage", "below itself",
		      lineage_judge(&leaf, &leaf, 1, &t, a, f) == OK && f->refused);
}

/* --- receipts, and depths of builds --- */

/* Are the names those of the list, in its order? */
static bool listed_are(const struct value *list, const char *const *names, size_t count)
{
	if (!list || list->list.count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!str_is(list->list.items[i].string, names[i]))
			return false;
	return true;
}

static void try_receipt(struct suite *s, const char *file, const struct value *v, struct arena *a)
{
	const struct value *expected = value_get_c(v, "expected");
	const char *names[2][RECEIPT_RULES];
	struct receipt_verdict r = { .status = RECEIPT_INVALID };
	size_t counts[2] = { 0, 0 };

	record_answer(s, file, "receipt", "judged", receipt_judge(v, a, &r, NULL) == OK);
	for (int i = 0; i < RECEIPT_RULES; i++) {
		bool warns = receipt_rule_warns((enum receipt_rule)i);

		if (r.broken[i])
			names[warns][counts[warns]++] = receipt_rule_name((enum receipt_rule)i);
	}
	record_answer(s, file, "receipt", "status",
		      str_is(value_text(expected, "status"), receipt_status_name(r.status)));
	record_answer(s, file, "receipt", "controller_outcome",
		      str_eq(value_text(expected, "controller_outcome"), r.outcome));
	record_answer(s, file, "receipt", "failures",
		      listed_are(value_get_c(expected, "failures"), names[0], counts[0]));
	record_answer(s, file, "receipt", "warnings",
		      listed_are(value_get_c(expected, "warnings"), names[1], counts[1]));
}

static void try_depth(struct suite *s, const char *file, const struct value *v,
		      enum build_depth tried)
{
	const char *depth = build_depth_name(tried);
	const struct value *expected = value_get_c(value_get_c(v, "expected"), depth);
	const char *names[2][DEPTH_RULES];
	size_t counts[2] = { 0, 0 };
	struct depth_verdict d;

	build_depth_judge(value_get_c(v, "build_provenance"), value_get_c(v, "context"), tried, &d);
	for (int i = 0; i < DEPTH_RULES; i++) {
		bool lowers = depth_rule_lowers((enum depth_rule)i);

		if (d.broken[i])
			names[lowers][counts[lowers]++] = depth_rule_name((enum depth_rule)i);
	}
	record_answer(s, file, depth, "outcome",
		      str_is(value_text(expected, "outcome"), d.refused ? "reject" : "accept"));
	record_answer(s, file, depth, "verified_depth",
		      str_is(value_text(expected, "verified_depth"), build_depth_name(d.verified)));
	record_answer(s, file, depth, "failures",
		      listed_are(value_get_c(expected, "failures"), names[0], counts[0]));
	record_answer(s, file, depth, "unresolved",
		      listed_are(value_get_c(expected, "unresolved"), names[1], counts[1]));
}

void record_spec_file(struct suite *s, struct str file, const struct value *v, struct arena *a)
{
	char name[192];

	(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(file));
	if (value_get_c(value_get_c(v, "properties"), "eat_profile"))
		try_record_schema(s, name, v, a);
	else if (str_has(file, STR("schema/trace-revocation")))
		try_revocation_schema(s, name, v, a);
	else if (value_get_c(v, "trusted_key"))
		record_answer(s, name, "record", "outcome",
			      believed(value_get_c(v, "record"), value_get_c(v, "trusted_key"),
				       SPEC_NOW_S, a) ==
				      str_is(value_text(value_get_c(v, "expected"), "outcome"),
					     "verified"));
	else if (str_ends(file, STR("signed_delegated_hop.json")))
		try_hop(s, name, v, a);
	else if (str_starts(file, STR("trace-tests/tests/vectors/")))
		named_by_cases++;
	else if (value_get_c(v, "trusted_issuer_keys"))
		try_receipt(s, name, v, a);
	else if (value_get_c(v, "build_provenance") && value_get_c(v, "context"))
		for (int depth = DEPTH_SURFACE; depth < DEPTHS; depth++)
			try_depth(s, name, v, (enum build_depth)depth);
	else if (value_get_c(v, "eat_profile"))
		try_example(s, name, v, a);
	else
		record_answer(s, name, "file", "judged", false);
}

void record_spec_other(struct suite *s, struct str file, struct str text)
{
	suite_check(s, text.len > 0, "trace", "%.*s is empty", STR_ARG(file));
	texts++;
}

void record_spec_end(struct suite *s)
{
	(void)fprintf(stderr,
		      "%s: %u files are vectors of conformance.json, %u are licences and "
		      "pages\n",
		      s->name, named_by_cases, texts);
}
