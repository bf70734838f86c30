/*
 * issue: the members of a record, each from its source.
 *
 *   from the log       iat subject policy tool_transcript
 *   from the operator  model data_class build_provenance, and maybe appraisal transparency origin
 *   by rule            runtime: software-only, nothing measured, as no quote of hardware is at hand
 *                      appraisal: none, by the signer, unless somebody else appraised
 *                      origin, enforcement_mode: of an imported session the gate decided nothing
 *                      while it happened, so log-import and `declared`, whatever it decides now
 *   from the key       cnf signature
 */
#include "engine/attest/issue.h"

#include "engine/attest/inside.h"
#include "engine/base/limits.h"
#include "engine/identity/identity.h"

#define MEMBERS_MAX 16

struct issuing {
	const struct issue_order *order;
	enum trace_version version;
	struct arena *arena;
	struct note *note;
	struct member made[MEMBERS_MAX];
	size_t count;
};

/* What the operator may state, and of objects which members: "a.b". */
static const char *const stated[] = {
	"eat_profile", "model", "runtime", "data_class", "build_provenance", "appraisal", "origin",
	"transparency", "policy", "delegation", NULL,
};
static const char *const policy_stated[] = { "version", "policy_uri", NULL };
static const char *const delegation_stated[] = { "credential_id", NULL };

/* --- members --- */

static void put(struct issuing *i, const char *key, struct value v)
{
	MUST(i->count < MEMBERS_MAX);
	i->made[i->count++] = (struct member){ .key = str_view(key), .value = v };
}

/* An object of so many members at most, to be filled. */
static enum err object(struct issuing *i, size_t room, struct value *ret)
{
	struct member *m = arena_array(i->arena, room, sizeof(*m));

	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { m, 0 } };
	return m ? OK : ERR_MEMORY;
}

static void add(struct value *object, const char *key, struct value v)
{
	object->object.members[object->object.count++] =
		(struct member){ .key = str_view(key), .value = v };
}

static enum err digest_value(struct issuing *i, const struct digest *d, struct value *ret)
{
	struct str text;

	TRY(digest_copy(d, i->arena, &text));
	*ret = value_string(text);
	return OK;
}

/* --- what was stated --- */

static const struct value *fact(const struct issuing *i, const char *key)
{
	return value_get_c(i->order->facts, key);
}

static enum err only(const struct issuing *i, const struct value *v, const char *path,
		     const char *const *names)
{
	if (v && v->kind != VALUE_OBJECT)
		return note_set(i->note, ERR_TYPE, v->line, v->column,
				"found %s, expected an object of facts", value_kind_name(v->kind));
	for (size_t k = 0; v && k < v->object.count; k++) {
		const struct member *m = &v->object.members[k];
		const char *near = str_nearest(m->key, names);

		if (!str_listed(m->key, names))
			return note_set(i->note, ERR_UNKNOWN, m->line, m->column,
					"'%s%.*s' cannot be stated: the log says it, or nothing of "
					"that name is in a record%s%s%s", path, SHOWN(m->key),
					near ? "; did you mean '" : "", near ? near : "",
					near ? "'?" : "");
	}
	return OK;
}

/* What no log knows. All that is missing is named at once. */
static enum err put_facts(struct issuing *i)
{
	static const struct { const char *key, *like; } needed[] = {
		{ "model", "{provider: openai, model_id: gpt-5}" },
		{ "data_class", "internal" },
		{ "build_provenance", "{slsa_level: 0, digest: \"sha256:...\"}" },
		{ "transparency", "\"https://...\", which TRACE v0.1 demands" },
	};
	size_t count = i->version == TRACE_V0_1 ? 4 : 3;
	char missing[NOTE_TEXT_BYTES] = "";
	size_t len = 0;

	for (size_t k = 0; k < count; k++) {
		const struct value *v = fact(i, needed[k].key);

		if (!v && len < sizeof(missing))
			len += (size_t)snprintf(missing + len, sizeof(missing) - len, "%s%s: %s",
						len ? "; " : "", needed[k].key, needed[k].like);
		else if (v)
			put(i, needed[k].key, *v);
	}
	return len == 0 ? OK
			: note_set(i->note, ERR_NOT_FOUND, 0, 0,
				   "no log knows this: expected it among the facts, like %s",
				   missing);
}

static enum err choose_version(struct issuing *i)
{
	const struct value *profile = fact(i, "eat_profile");

	i->version = TRACE_V0_2;
	if (profile && (profile->kind != VALUE_STRING ||
			!trace_schema_version_of(profile->string, &i->version)))
		return note_set(i->note, ERR_VERSION, profile->line, profile->column,
				"'eat_profile': expected %s or %s",
				trace_schema_profile(TRACE_V0_2), trace_schema_profile(TRACE_V0_1));
	put(i, "eat_profile", value_string(str_view(trace_schema_profile(i->version))));
	return OK;
}

/* --- members by rule --- */

static enum err put_runtime(struct issuing *i)
{
	const struct value *given = fact(i, "runtime");
	const struct value *platform = value_get_c(given, "platform");
	struct value made;

	if (platform &&
	    (platform->kind != VALUE_STRING || !str_is(platform->string, TRACE_SOFTWARE_ONLY)))
		return note_set(i->note, ERR_RANGE, platform->line, platform->column,
				"'runtime.platform': expected '" TRACE_SOFTWARE_ONLY "', as "
				"trammel has no quote of any hardware to show");
	if (given) {
		put(i, "runtime", *given);
		return OK;
	}
	TRY(object(i, 2, &made));
	add(&made, "measurement", value_string(STR(TRACE_NOTHING_MEASURED)));
	add(&made, "platform", value_string(STR(TRACE_SOFTWARE_ONLY)));
	put(i, "runtime", made);
	return OK;
}

static enum err put_appraisal(struct issuing *i)
{
	struct public_key pub = sign_key_public(i->order->key);
	const struct value *given = fact(i, "appraisal");
	struct value made;
	struct str did;
	struct buf b;

	buf_init(&b, DID_BYTES);
	did_write(&b, &pub);
	TRY(arena_take(i->arena, &b, &did));
	if (given && !str_is(value_text(given, "status"), "none") &&
	    str_eq(value_text(given, "verifier"), did))
		return note_set(i->note, ERR_RANGE, given->line, given->column,
				"'appraisal.verifier' is the signer: nobody appraises himself");
	if (given) {
		put(i, "appraisal", *given);
		return OK;
	}
	TRY(object(i, 2, &made));
	add(&made, "status", value_string(STR("none")));
	add(&made, "verifier", value_string(did));
	put(i, "appraisal", made);
	return OK;
}

/* True when others made the evidence; the block that says so, when there is one. */
static enum err put_origin(struct issuing *i, bool *others)
{
	const struct value *given = fact(i, "origin");
	struct str kind = value_text(given, "kind");
	struct value made;

	*others = i->order->imported || (kind.ptr ? !str_is(kind, "self") : i->order->stranger);
	if (i->order->imported && str_is(kind, "self"))
		return note_set(i->note, ERR_RANGE, given->line, given->column,
				"'origin.kind' is 'self', but session '%.*s' was imported",
				SHOWN(i->order->place.session));
	if (*others && i->version == TRACE_V0_1)
		return note_set(i->note, ERR_VERSION, 0, 0,
				"session '%.*s' is of another system's log, which TRACE v0.1 has "
				"no words for; expected v0.2",
				SHOWN(i->order->place.session));
	if (*others && !value_text(given, "producer").len)
		return note_set(i->note, ERR_NOT_FOUND, 0, 0,
				"session '%.*s' %s: expected 'origin' among the facts, with "
				"'producer', the system whose log it was%s",
				SHOWN(i->order->place.session),
				i->order->imported ? "was imported"
						   : "is of an agent that came by an import",
				i->order->imported ? "" : "; or with 'kind', self, if it was not");
	if (!given)
		return OK;
	if (kind.ptr) {
		put(i, "origin", *given);
		return OK;
	}
	TRY(object(i, given->object.count + 1, &made));
	for (size_t k = 0; k < given->object.count; k++)
		made.object.members[made.object.count++] = given->object.members[k];
	add(&made, "kind", value_string(*others ? STR("log-import") : STR("self")));
	put(i, "origin", made);
	return OK;
}

static enum err put_policy(struct issuing *i, bool others)
{
	const struct value *given = fact(i, "policy");
	struct digest policy;
	struct value made, hash;

	TRY(only(i, given, "policy.", policy_stated));
	TRY(transcript_policy(i->order->transcript, &policy));
	TRY(digest_value(i, &policy, &hash));
	TRY(object(i, 4, &made));
	add(&made, "bundle_hash", hash);
	add(&made, "enforcement_mode",
	    value_string(others ? STR("declared") : STR("enforce")));
	for (size_t k = 0; given && k < given->object.count; k++)
		made.object.members[made.object.count++] = given->object.members[k];
	put(i, "policy", made);
	return OK;
}

static enum err put_transcript(struct issuing *i)
{
	const struct transcript *t = i->order->transcript;
	struct value made, hash;
	struct str uri;
	struct buf b;

	TRY(digest_value(i, &t->hash, &hash));
	buf_init(&b, TRANSCRIPT_URI_BYTES);
	transcript_place_write(&b, &i->order->place);
	TRY(arena_take(i->arena, &b, &uri));
	TRY(object(i, 3, &made));
	add(&made, "hash", hash);
	add(&made, "call_count", value_int((int64_t)t->calls));
	add(&made, "transcript_uri", value_string(uri));
	put(i, "tool_transcript", made);
	return OK;
}

static enum err put_delegation(struct issuing *i)
{
	const struct value *given = fact(i, "delegation");
	struct str credential = value_text(given, "credential_id");
	struct digest parent;
	struct value made, hash;

	TRY(only(i, given, "delegation.", delegation_stated));
	if (given && !i->order->parent)
		return note_set(i->note, ERR_NOT_FOUND, given->line, given->column,
				"'delegation' names a credential; expected --parent FILE too, the "
				"record of who delegated");
	if (!i->order->parent)
		return OK;
	if (!credential.ptr)
		credential = i->order->credential;
	if (!credential.ptr)
		return note_set(i->note, ERR_NOT_FOUND, 0, 0,
				"by what the agent acts on another's authority the log does not "
				"say: expected 'delegation' among the facts, with 'credential_id'");
	TRY(trace_record_hash(i->order->parent, &parent));
	TRY(digest_value(i, &parent, &hash));
	TRY(object(i, 2, &made));
	add(&made, "credential_id", value_string(credential));
	add(&made, "parent_record_hash", hash);
	put(i, "delegation", made);
	return OK;
}

/* --- all of it --- */

static enum err put_all(struct issuing *i)
{
	bool others;

	TRY(only(i, i->order->facts, "", stated));
	TRY(choose_version(i));
	put(i, "iat", value_int(i->order->issued_s));
	put(i, "subject", value_string(i->order->subject));
	TRY(put_runtime(i));
	TRY(put_origin(i, &others));
	TRY(put_facts(i));
	TRY(put_policy(i, others));
	TRY(put_transcript(i));
	TRY(put_delegation(i));
	TRY(put_appraisal(i));
	if (fact(i, "transparency") && i->version != TRACE_V0_1)
		put(i, "transparency", *fact(i, "transparency"));
	return OK;
}

/* Checked as a stranger will check it, before anything is signed. */
enum err issue_write(struct buf *b, const struct issue_order *o, struct arena *a, struct note *n)
{
	struct issuing i = { .order = o, .arena = a, .note = n };
	struct value record, cnf;

	TRY(put_all(&i));
	TRY(trace_record_cnf(o->key, a, &cnf));
	put(&i, "cnf", cnf);
	record = (struct value){ .kind = VALUE_OBJECT, .object = { i.made, i.count } };
	TRY(trace_schema_check(&record, i.version, n));
	return trace_record_sign(&record, o->key, a, b);
}
