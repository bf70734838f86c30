/*
 * trace_schema: the published schema of TRACE records (trace-spec, schema/trace-v0.2.json and
 * trace-v0.1.json) as tables.
 *
 * An object is a list of rules, one for each member it may have; every other member is refused, but
 * in a JWK, which RFC 7517 leaves open. What the two versions differ in stands beside the rule. The
 * one rule that looks at two members (evidence of others has no hardware behind it) is a function.
 */
#include "engine/attest/trace_schema.h"

#include "engine/attest/inside.h"

enum shape {
	SHAPE_TEXT = 0,
	SHAPE_NAME,                           /* not empty */
	SHAPE_DIGEST,
	SHAPE_URI,
	SHAPE_WORD,                           /* one of `words` */
	SHAPE_COUNT,                          /* an integer from `least` to `most` */
	SHAPE_SUBJECT,
	SHAPE_PROFILE,
	SHAPE_BASE64URL,
	SHAPE_OBJECT,                         /* by `object` */
};

#define ONLY_V0_2 1u
#define NEEDED 2u                             /* in both versions */
#define NEEDED_V0_1 4u

struct rules;

struct rule {
	const char *member;
	enum shape shape;
	unsigned flags;
	const char *const *words;
	int64_t least, most;
	const struct rules *object;
};

struct rules {
	const char *path;                     /* "runtime."; of the record itself "" */
	const struct rule *rules;
	size_t count;
	bool open;                            /* other members may be there */
};

#define RULES(path, list, open) { path, list, sizeof(list) / sizeof((list)[0]), open }

static const char *const platforms[] = {
	"intel-tdx", "amd-sev-snp", "azure-cvm-sev-snp",         "nvidia-h100", "nvidia-blackwell",
	"aws-nitro", "arm-cca",     "google-confidential-space", "tpm2",        TRACE_SOFTWARE_ONLY,
	NULL,
};
/* "declared" comes last: v0.1 ends before it. */
static const char *const modes[] = { "enforce", "advisory", "silent", "declared", NULL };
static const char *const depths[] = { "surface", "builder", "transitive", NULL };
static const char *const statuses[] = {
	"affirming", "warning", "contraindicated", "none", NULL,
};
static const char *const kinds[] = { "self", "third-party-control-plane", "log-import", NULL };

static const struct rule model_list[] = {
	{ "provider", SHAPE_TEXT, NEEDED, NULL, 0, 0, NULL },
	{ "model_id", SHAPE_TEXT, NEEDED, NULL, 0, 0, NULL },
	{ "version", SHAPE_TEXT, 0, NULL, 0, 0, NULL },
	{ "weights_digest", SHAPE_DIGEST, 0, NULL, 0, 0, NULL },
	{ "aibom_uri", SHAPE_URI, 0, NULL, 0, 0, NULL },
};
static const struct rule runtime_list[] = {
	{ "platform", SHAPE_WORD, NEEDED, platforms, 0, 0, NULL },
	{ "measurement", SHAPE_DIGEST, NEEDED, NULL, 0, 0, NULL },
	{ "rim_uri", SHAPE_URI, 0, NULL, 0, 0, NULL },
	{ "nonce", SHAPE_TEXT, 0, NULL, 0, 0, NULL },
	{ "firmware_version", SHAPE_TEXT, 0, NULL, 0, 0, NULL },
};
static const struct rule policy_list[] = {
	{ "bundle_hash", SHAPE_DIGEST, NEEDED, NULL, 0, 0, NULL },
	{ "enforcement_mode", SHAPE_WORD, NEEDED, modes, 0, 0, NULL },
	{ "version", SHAPE_TEXT, 0, NULL, 0, 0, NULL },
	{ "policy_uri", SHAPE_URI, 0, NULL, 0, 0, NULL },
};
static const struct rule transcript_list[] = {
	{ "hash", SHAPE_DIGEST, NEEDED, NULL, 0, 0, NULL },
	{ "call_count", SHAPE_COUNT, 0, NULL, 0, INT64_MAX, NULL },
	{ "transcript_uri", SHAPE_URI, 0, NULL, 0, 0, NULL },
};
static const struct rule delegation_list[] = {
	{ "parent_record_hash", SHAPE_DIGEST, NEEDED, NULL, 0, 0, NULL },
	{ "credential_id", SHAPE_NAME, NEEDED, NULL, 0, 0, NULL },
};
static const struct rule origin_list[] = {
	{ "kind", SHAPE_WORD, NEEDED, kinds, 0, 0, NULL },
	{ "producer", SHAPE_NAME, NEEDED, NULL, 0, 0, NULL },
	{ "source_event_id", SHAPE_NAME, 0, NULL, 0, 0, NULL },
	{ "ingested_at", SHAPE_COUNT, 0, NULL, TRACE_LEAST_S, INT64_MAX, NULL },
};
static const struct rule build_list[] = {
	{ "slsa_level", SHAPE_COUNT, NEEDED, NULL, 0, 3, NULL },
	{ "builder", SHAPE_TEXT, 0, NULL, 0, 0, NULL },
	{ "digest", SHAPE_DIGEST, NEEDED, NULL, 0, 0, NULL },
	{ "provenance_uri", SHAPE_URI, 0, NULL, 0, 0, NULL },
	{ "provenance_depth", SHAPE_WORD, ONLY_V0_2, depths, 0, 0, NULL },
};
static const struct rule appraisal_list[] = {
	{ "status", SHAPE_WORD, NEEDED, statuses, 0, 0, NULL },
	{ "verifier", SHAPE_URI, NEEDED, NULL, 0, 0, NULL },
	{ "policy_ref", SHAPE_URI, 0, NULL, 0, 0, NULL },
	{ "timestamp", SHAPE_COUNT, 0, NULL, INT64_MIN, INT64_MAX, NULL },
	{ "provenance_depth_verified", SHAPE_WORD, ONLY_V0_2, depths, 0, 0, NULL },
};
static const struct rule jwk_list[] = {
	{ "kty", SHAPE_TEXT, NEEDED, NULL, 0, 0, NULL },
	{ "crv", SHAPE_TEXT, 0, NULL, 0, 0, NULL },
	{ "x", SHAPE_TEXT, 0, NULL, 0, 0, NULL },
	{ "y", SHAPE_TEXT, 0, NULL, 0, 0, NULL },
	{ "kid", SHAPE_TEXT, 0, NULL, 0, 0, NULL },
};

static const struct rules model = RULES("model.", model_list, false);
static const struct rules runtime = RULES("runtime.", runtime_list, false);
static const struct rules policy = RULES("policy.", policy_list, false);
static const struct rules transcript = RULES("tool_transcript.", transcript_list, false);
static const struct rules delegation = RULES("delegation.", delegation_list, false);
static const struct rules origin = RULES("origin.", origin_list, false);
static const struct rules build = RULES("build_provenance.", build_list, false);
static const struct rules appraisal = RULES("appraisal.", appraisal_list, false);
static const struct rules jwk = RULES("cnf.jwk.", jwk_list, true);

static const struct rule cnf_list[] = {
	{ "jwk", SHAPE_OBJECT, NEEDED, NULL, 0, 0, &jwk },
};
static const struct rules cnf = RULES("cnf.", cnf_list, false);

static const struct rule record_list[] = {
	{ "eat_profile", SHAPE_PROFILE, NEEDED, NULL, 0, 0, NULL },
	{ "iat", SHAPE_COUNT, NEEDED, NULL, TRACE_LEAST_S, INT64_MAX, NULL },
	{ "subject", SHAPE_SUBJECT, NEEDED, NULL, 0, 0, NULL },
	{ "model", SHAPE_OBJECT, NEEDED, NULL, 0, 0, &model },
	{ "runtime", SHAPE_OBJECT, NEEDED, NULL, 0, 0, &runtime },
	{ "policy", SHAPE_OBJECT, NEEDED, NULL, 0, 0, &policy },
	{ "data_class", SHAPE_TEXT, NEEDED, NULL, 0, 0, NULL },
	{ "tool_transcript", SHAPE_OBJECT, 0, NULL, 0, 0, &transcript },
	{ "delegation", SHAPE_OBJECT, 0, NULL, 0, 0, &delegation },
	{ "origin", SHAPE_OBJECT, ONLY_V0_2, NULL, 0, 0, &origin },
	{ "build_provenance", SHAPE_OBJECT, NEEDED, NULL, 0, 0, &build },
	{ "appraisal", SHAPE_OBJECT, NEEDED, NULL, 0, 0, &appraisal },
	{ "transparency", SHAPE_URI, NEEDED_V0_1, NULL, 0, 0, NULL },
	{ "cnf", SHAPE_OBJECT, NEEDED, NULL, 0, 0, &cnf },
	{ "signature", SHAPE_BASE64URL, 0, NULL, 0, 0, NULL },
};
static const struct rules record_rules = RULES("", record_list, false);

#define MEMBERS_MAX 16

_Static_assert(sizeof(record_list) / sizeof(record_list[0]) < MEMBERS_MAX, "names fit");

static const char *const profiles[] = {
	[TRACE_V0_2] = "tag:agentrust-io.com,2026:trace-v0.2",
	[TRACE_V0_1] = "tag:agentrust.io,2026:trace-v0.1",
};

const char *trace_schema_profile(enum trace_version v)
{
	return profiles[v];
}

bool trace_schema_version_of(struct str profile, enum trace_version *ret)
{
	for (int v = TRACE_V0_2; v <= TRACE_V0_1; v++)
		if (str_is(profile, profiles[v])) {
			*ret = (enum trace_version)v;
			return true;
		}
	return false;
}

const char *const *trace_schema_platforms(void)
{
	return platforms;
}

const char *const *trace_schema_modes(void)
{
	return modes;
}

/* --- what single texts must be --- */

static bool all_of(struct str s, const char *allowed)
{
	for (size_t i = 0; i < s.len; i++)
		if (!s.ptr[i] || !strchr(allowed, s.ptr[i]))
			return false;
	return true;
}

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool trace_schema_digest_ok(struct str s)
{
	struct str kind, hex;

	return str_cut(s, ':', &kind, &hex) && all_of(hex, DIGITS "abcdef") &&
	       ((str_is(kind, "sha256") && hex.len == 64) ||
		(str_is(kind, "sha384") && hex.len == 96));
}

/* Every '%' has two hexadecimal digits behind it. */
static bool escapes_ok(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '%' &&
		    (s.len - i < 3 || !all_of(str_slice(s.ptr + i + 1, 2), DIGITS "abcdefABCDEF")))
			return false;
	return true;
}

bool trace_schema_uri_ok(struct str s)
{
	struct str scheme, rest, before, fragment = STR_NONE;

	if (!str_cut(s, ':', &scheme, &rest) || scheme.len == 0 ||
	    !all_of(str_slice(scheme.ptr, 1), LETTERS) || !all_of(scheme, LETTERS DIGITS "+-."))
		return false;
	if (!str_cut(rest, '#', &before, &fragment))
		before = rest;
	return escapes_ok(rest) &&
	       all_of(before, LETTERS DIGITS "-._~%:/?[]@!$&'()*+,;=") &&
	       all_of(fragment, LETTERS DIGITS "-._~%:/?@!$&'()*+,;=");
}

static bool subject_ok(struct str s, enum trace_version v)
{
	return str_starts(s, STR("spiffe://")) || (v == TRACE_V0_2 && str_starts(s, STR("did:")));
}

/* --- one member --- */

struct checking {
	enum trace_version version;
	struct note *note;
};

static enum err wrong(const struct checking *c, const struct rules *in, const struct rule *r,
		      const struct value *v, enum err e, const char *expected)
{
	return note_set(c->note, e, v->line, v->column, "'%s%s': expected %s", in->path,
			r->member, expected);
}

static enum err check_word(const struct checking *c, const struct rules *in, const struct rule *r,
			   const struct value *v)
{
	const char *near = str_nearest(v->string, r->words);
	size_t count = 0;

	while (r->words[count])
		count++;
	if (c->version == TRACE_V0_1 && r->words == modes)
		count--;
	for (size_t i = 0; i < count; i++)
		if (str_is(v->string, r->words[i]))
			return OK;
	return note_set(c->note, ERR_UNKNOWN, v->line, v->column,
			"'%s%s' is '%.*s', which is none of its words%s%s%s", in->path, r->member,
			SHOWN(v->string), near ? "; did you mean '" : "", near ? near : "",
			near ? "'?" : "");
}

static enum err check_count(const struct checking *c, const struct rules *in, const struct rule *r,
			    const struct value *v)
{
	if (v->kind != VALUE_INT)
		return wrong(c, in, r, v, ERR_TYPE, "an integer");
	if (v->integer >= r->least && v->integer <= r->most)
		return OK;
	return note_set(c->note, ERR_RANGE, v->line, v->column,
			"'%s%s' is %lld; expected %lld at least%s", in->path, r->member,
			(long long)v->integer, (long long)r->least,
			r->most == 3 ? " and 3 at most" : "");
}

/* The texts; what fits is NULL, else what was expected. */
static const char *misfit(const struct checking *c, const struct rule *r, struct str s)
{
	switch (r->shape) {
	case SHAPE_NAME:
		return s.len ? NULL : "a text that is not empty";
	case SHAPE_DIGEST:
		return trace_schema_digest_ok(s) ? NULL
						 : "sha256: or sha384: and lower-case hex digits";
	case SHAPE_URI:
		return trace_schema_uri_ok(s) ? NULL : "a URI with its scheme";
	case SHAPE_SUBJECT:
		if (subject_ok(s, c->version))
			return NULL;
		return c->version == TRACE_V0_1 ? "a SPIFFE ID, spiffe://..."
						: "a SPIFFE ID or a DID, spiffe://... or did:...";
	case SHAPE_PROFILE:
		return str_is(s, profiles[c->version]) ? NULL : profiles[c->version];
	case SHAPE_BASE64URL:
		return s.len && all_of(s, LETTERS DIGITS "-_") ? NULL
							       : "base64url without padding";
	default:
		return NULL;
	}
}

static enum err check_member(const struct checking *c, const struct rules *in,
			     const struct rule *r, const struct value *v)
{
	const char *expected;

	if (r->shape == SHAPE_OBJECT)
		return v->kind == VALUE_OBJECT ? OK : wrong(c, in, r, v, ERR_TYPE, "an object");
	if (r->shape == SHAPE_COUNT)
		return check_count(c, in, r, v);
	if (v->kind != VALUE_STRING)
		return wrong(c, in, r, v, ERR_TYPE, "a string");
	if (r->shape == SHAPE_WORD)
		return check_word(c, in, r, v);
	expected = misfit(c, r, v->string);
	return expected ? wrong(c, in, r, v, ERR_SYNTAX, expected) : OK;
}

/* --- one object --- */

static bool is_there(const struct checking *c, const struct rule *r)
{
	return c->version == TRACE_V0_2 || !(r->flags & ONLY_V0_2);
}

static enum err unknown(const struct checking *c, const struct rules *in, const struct member *m)
{
	const char *names[MEMBERS_MAX];
	const char *near;

	for (size_t i = 0; i < in->count; i++)
		names[i] = in->rules[i].member;
	names[in->count] = NULL;
	near = str_nearest(m->key, names);
	return note_set(c->note, ERR_UNKNOWN, m->line, m->column,
			"'%s%.*s' is no member of a record%s%s%s", in->path, SHOWN(m->key),
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static enum err check_known(const struct checking *c, const struct rules *in,
			    const struct value *v)
{
	for (size_t i = 0; i < v->object.count && !in->open; i++) {
		const struct member *m = &v->object.members[i];
		bool known = false;

		for (size_t k = 0; k < in->count && !known; k++)
			known = is_there(c, &in->rules[k]) && str_is(m->key, in->rules[k].member);
		if (!known)
			return unknown(c, in, m);
	}
	return OK;
}

/* A key without its halves is none (RFC 7518 section 6). */
static enum err check_jwk(const struct checking *c, const struct value *v)
{
	static const char *const halves[] = { "crv", "x", "y" };
	struct str kty = value_text(v, "kty");
	size_t count = str_is(kty, "OKP") ? 2 : str_is(kty, "EC") ? 3 : 0;

	for (size_t i = 0; i < count; i++)
		if (!value_get_c(v, halves[i]))
			return note_set(c->note, ERR_NOT_FOUND, v->line, v->column,
					"'cnf.jwk' has no '%s', which a key of the type %.*s has",
					halves[i], SHOWN(kty));
	return OK;
}

/* Objects lie at most three deep, as the tables do. */
static enum err check_object(const struct checking *c, const struct rules *in,
			     const struct value *v)
{
	unsigned needed = NEEDED | (c->version == TRACE_V0_1 ? NEEDED_V0_1 : 0);

	TRY(check_known(c, in, v));
	for (size_t i = 0; i < in->count; i++) {
		const struct rule *r = &in->rules[i];
		const struct value *m = is_there(c, r) ? value_get_c(v, r->member) : NULL;

		if (!m && (r->flags & needed) && is_there(c, r))
			return note_set(c->note, ERR_NOT_FOUND, v->line, v->column,
					"'%s%s' is missing", in->path, r->member);
		if (!m)
			continue;
		TRY(check_member(c, in, r, m));
		if (r->shape == SHAPE_OBJECT)
			TRY(check_object(c, r->object, m));
	}
	return in == &jwk ? check_jwk(c, v) : OK;
}

/* Who put a record together from the evidence of others has no hardware to speak for it. */
static enum err check_origin(const struct checking *c, const struct value *record)
{
	const struct value *from = value_get_c(record, "origin");
	const struct value *at = value_get_c(value_get_c(record, "runtime"), "platform");

	if (!from || str_is(value_text(from, "kind"), "self") ||
	    str_is(at->string, TRACE_SOFTWARE_ONLY))
		return OK;
	return note_set(c->note, ERR_RANGE, at->line, at->column,
			"'runtime.platform' is '%.*s', but 'origin.kind' says that others made the "
			"evidence; expected '" TRACE_SOFTWARE_ONLY "'",
			SHOWN(at->string));
}

enum err trace_schema_check(const struct value *record, enum trace_version v, struct note *n)
{
	const struct checking c = { v, n };

	if (record->kind != VALUE_OBJECT)
		return note_set(n, ERR_TYPE, record->line, record->column,
				"found %s, expected a record, which is an object",
				value_kind_name(record->kind));
	TRY(check_object(&c, &record_rules, record));
	return v == TRACE_V0_2 ? check_origin(&c, record) : OK;
}
