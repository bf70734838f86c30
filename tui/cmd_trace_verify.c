/*
 * cmd_trace_verify: trammel trace verify FILE [ABOVE...]: what is to be said of a TRACE record
 *
 * What is judged, and how, is in engine/attest; here is where the pieces come from. Nothing is
 * fetched: what a URI leads to is not asked.
 */
#include "engine/attest/attest.h"
#include "engine/base/json.h"
#include "engine/base/when.h"
#include "tui/given_policy.h"
#include "tui/print.h"
#include "tui/verdict_of.h"

#define OUT_CAP    ((size_t)4 << 20)
#define MEMORY_CAP ((size_t)256 << 20)

struct verifying {
	const struct invocation *in;
	struct arena memory;
	struct trace_record claim, above[LIMIT_LINEAGE];
	struct appraise_terms terms;
	struct jwks trusted;
	struct withdrawals withdrawn;
	struct findings *f;
	struct note *note;
};

/* --- what was given --- */

static enum err read_level(struct verifying *v)
{
	const char *text = v->in->values[OPT_LEVEL];
	uint64_t level = 0;

	if (text && (str_to_u64(str_view(text), &level) != OK || level >= APPRAISE_LEVELS))
		return note_set(v->note, ERR_USAGE, 0, 0, "--level is '%s'; expected 0, 1 or 2",
				text);
	v->terms.level = (unsigned)level;
	return OK;
}

static enum err read_age(struct verifying *v)
{
	const char *text = v->in->values[OPT_MAX_AGE];
	uint64_t age_s = APPRAISE_MAX_AGE_S;

	v->terms.max_age_s = APPRAISE_ANY_AGE;
	if (text && str_is(str_view(text), "none"))
		return OK;
	if (text && (str_to_u64(str_view(text), &age_s) != OK || age_s > INT64_MAX / 2))
		return note_set(v->note, ERR_USAGE, 0, 0,
				"--max-age is '%s'; expected seconds, or 'none'", text);
	v->terms.max_age_s = (int64_t)age_s;
	return OK;
}

/* One public key in PEM, or keys as JWK. */
static enum err read_trusted(struct verifying *v)
{
	const char *file = v->in->values[OPT_JWKS];
	struct jws_key *key = arena_alloc(&v->memory, sizeof(*key));
	struct str text;
	enum err e;

	if (!file)
		return OK;
	if (!key)
		return ERR_MEMORY;
	TRY(given_text(v->in, file, &v->memory, &text, v->note));
	if (str_starts(text, STR("-----"))) {
		e = pem_read_public(text, &key->ed, v->note);
		v->trusted = (struct jwks){ key, 1 };
	} else {
		e = jwks_read(text, JWKS_SIG, &v->memory, &v->trusted, v->note);
	}
	if (e != OK)
		note_file(v->note, file);
	v->terms.trusted = &v->trusted;
	return e;
}

static enum err read_withdrawn(struct verifying *v)
{
	const char *file = v->in->values[OPT_REVOCATIONS];
	struct str text;
	enum err e;

	if (!file)
		return OK;
	if (!v->terms.trusted)
		return note_set(v->note, ERR_USAGE, 0, 0,
				"revocations are signed: expected --jwks FILE with the keys that "
				"may revoke");
	TRY(given_text(v->in, file, &v->memory, &text, v->note));
	e = withdrawal_read(text, &v->trusted, &v->memory, &v->withdrawn, v->note);
	if (e != OK)
		note_file(v->note, file);
	v->terms.withdrawn = &v->withdrawn;
	return e;
}

static enum err read_claim(struct verifying *v, const char *file, struct trace_record *ret)
{
	struct str text;
	enum err e;

	TRY(given_text(v->in, file, &v->memory, &text, v->note));
	e = trace_record_read(text, &v->memory, ret, v->note);
	if (e != OK)
		note_file(v->note, file);
	return e;
}

static enum err read_all(struct verifying *v)
{
	int64_t now_ns;

	TRY(read_level(v));
	TRY(read_age(v));
	TRY(time_of(v->in, &now_ns, v->note));
	v->terms.now_s = now_ns / WHEN_SECOND_NS;
	v->terms.skew_s = APPRAISE_SKEW_S;
	if (given(v->in, OPT_NONCE))
		v->terms.nonce = str_view(v->in->values[OPT_NONCE]);
	if (v->in->arg_count - 1 > LIMIT_LINEAGE)
		return note_set(v->note, ERR_LIMIT, 0, 0, "at most %d records above each other",
				LIMIT_LINEAGE);
	TRY(read_trusted(v));
	TRY(read_withdrawn(v));
	TRY(read_claim(v, v->in->args[0], &v->claim));
	for (int i = 1; i < v->in->arg_count; i++)
		TRY(read_claim(v, v->in->args[i], &v->above[i - 1]));
	return OK;
}

/* --- what is judged --- */

static enum err judge_anchor(struct verifying *v)
{
	const char *file = v->in->values[OPT_ANCHOR];
	struct value anchor;
	enum err e;

	if (!file)
		return OK;
	TRY(given_document(v->in, file, &v->memory, &anchor, v->note));
	e = anchor_judge(v->claim.whole, &anchor, v->f, v->note);
	if (e != OK)
		note_file(v->note, file);
	return e;
}

/* As deep as what is at hand leads, whatever the record claims. */
static enum err judge_build(struct verifying *v)
{
	const struct value *build = value_get_c(v->claim.record, "build_provenance");
	const char *file = v->in->values[OPT_PROVENANCE];
	struct depth_verdict d;
	struct value at_hand;
	char codes[256] = "";

	if (!file)
		return OK;
	TRY(given_document(v->in, file, &v->memory, &at_hand, v->note));
	build_depth_judge(build, &at_hand, DEPTH_TRANSITIVE, &d);
	for (int i = 0; i < DEPTH_RULES; i++)
		if (d.broken[i] && d.refused != depth_rule_lowers((enum depth_rule)i))
			(void)snprintf(codes + strlen(codes), sizeof(codes) - strlen(codes), "%s%s",
				       codes[0] ? ", " : "", depth_rule_name((enum depth_rule)i));
	if (d.refused)
		finding_add(v->f, FINDING_DEPTH, FINDING_FAIL, "%s", codes);
	else
		finding_add(v->f, FINDING_DEPTH, FINDING_PASS, "verified as deep as '%s'%s%s",
			    build_depth_name(d.verified), codes[0] ? ", for lack of more: " : "",
			    codes);
	return OK;
}

/* The part of the log that the record speaks of; NULL: it says of none, or of another log. */
static enum err find_place(struct verifying *v, struct space *s, struct transcript_place *p,
			   bool *found)
{
	const struct value *said = value_get_c(v->claim.record, "tool_transcript");
	struct str uri = value_text(said, "transcript_uri");
	enum err e = transcript_place_read(uri, &v->memory, p);

	*found = false;
	if (e == ERR_MEMORY)
		return e;
	if (e != OK)
		finding_add(v->f, FINDING_LOG_HASH, FINDING_FAIL,
			    "its transcript_uri names no part of a log of trammel");
	else if (!str_eq(p->origin, space_config(s)->origin))
		finding_add(v->f, FINDING_LOG_HASH, FINDING_FAIL,
			    "it is of log '%.*s', the workspace has log '%.*s'",
			    STR_ARG(p->origin), STR_ARG(space_config(s)->origin));
	else
		*found = true;
	return OK;
}

/* That the log still is what it was then is shown by its root at that size. */
static enum err judge_log(struct verifying *v, struct space *s)
{
	struct checkpoint signed_now, then;
	struct transcript_place p;
	struct transcript t;
	struct str ignored;
	bool found;
	enum err e;

	TRY(find_place(v, s, &p, &found));
	if (!found)
		return OK;
	TRY(log_checkpoint(v->in->world, space_log_folder(s), space_key(s), 1, &v->memory,
			   &ignored, &signed_now, v->note));
	then = (struct checkpoint){ .origin = p.origin, .size = p.size, .root = p.root };
	if (p.size > signed_now.size) {
		finding_add(v->f, FINDING_LOG_HASH, FINDING_FAIL,
			    "it is of %llu entries, the log has %llu that are signed",
			    (unsigned long long)p.size, (unsigned long long)signed_now.size);
		return OK;
	}
	e = transcript_take(v->in->world, space_log_folder(s), &then, p.session, &v->memory, &t,
			    v->note);
	if (e == ERR_TAMPERED || (e == OK && t.entries == 0)) {
		finding_add(v->f, FINDING_LOG_HASH, FINDING_FAIL, "%s",
			    e == OK ? "the log has no such session" : v->note->text);
		return OK;
	}
	TRY(e);
	return transcript_judge(v->claim.record, &t, v->f);
}

static enum err judge_space(struct verifying *v)
{
	struct space *s = NULL;
	enum err e;

	if (!given(v->in, OPT_DIR))
		return OK;
	TRY(space_open(v->in->world, dir_of(v->in), SPACE_READ, &s, v->note));
	e = judge_log(v, s);
	(void)space_close(s, NULL);
	return e;
}

static enum err judge(struct verifying *v)
{
	TRY(read_all(v));
	TRY(appraise_level(&v->claim, &v->terms, &v->memory, v->f));
	TRY(appraise_belief(&v->claim, &v->terms, &v->memory, v->f));
	TRY(lineage_judge(&v->claim, v->above, (size_t)v->in->arg_count - 1, &v->terms,
			  &v->memory, v->f));
	TRY(judge_anchor(v));
	TRY(judge_build(v));
	return judge_space(v);
}

/* --- what is said --- */

static void say_json(const struct verifying *v, struct buf *b)
{
	buf_add_c(b, "{");
	json_bool(b, "pass", !v->f->refused);
	json_bool(b, "believed", !v->f->refused && v->terms.trusted);
	json_number(b, "level", v->terms.level);
	json_text(b, "format", v->claim.enveloped ? STR("cmcp-runtime") : STR("trace"));
	json_key(b, "findings");
	buf_add_byte(b, '[');
	for (size_t i = 0; i < v->f->count; i++) {
		const struct finding *f = &v->f->list[i];

		buf_add_c(b, i ? ",{" : "{");
		json_text(b, "code", str_view(finding_code_name(f->code)));
		json_text(b, "status", str_view(finding_status_name(f->status)));
		json_text(b, "member", str_view(finding_member(f->code)));
		json_text(b, "text", str_view(f->text));
		buf_add_byte(b, '}');
	}
	buf_add_c(b, "]}\n");
}

static void say_text(const struct verifying *v, struct buf *b)
{
	for (size_t i = 0; i < v->f->count; i++) {
		const struct finding *f = &v->f->list[i];
		const char *member = finding_member(f->code);

		buf_addf(b, "%-10s  %s  %s%s%s\n", finding_status_name(f->status),
			 finding_code_name(f->code), member, *member ? ": " : "", f->text);
	}
	buf_addf(b, "level %u: %s; %s\n", v->terms.level, v->f->refused ? "refused" : "passed",
		 v->f->refused	    ? "not to be believed"
		 : v->terms.trusted ? "signed by a key that is trusted"
				    : "whose key it is nobody asked (--jwks)");
}

int cmd_trace_verify(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct verifying v = { .in = in, .note = &n };
	bool refused = true;
	struct buf b;
	enum err e;

	arena_init(&v.memory, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	v.f = arena_alloc(&v.memory, sizeof(*v.f));
	e = v.f ? judge(&v) : ERR_MEMORY;
	if (e == OK) {
		refused = v.f->refused;
		if (json_wanted(in))
			say_json(&v, &b);
		else
			say_text(&v, &b);
		e = print_page(in, &b, &n);
	}
	buf_fini(&b);
	arena_fini(&v.memory);
	if (e != OK)
		return print_error(in, e, &n);
	return refused ? err_exit(ERR_DENIED) : 0;
}
