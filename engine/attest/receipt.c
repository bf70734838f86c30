/*
 * receipt: one table of rules, each a question that is answered by itself. All are asked, so that a
 * receipt that is wrong in two ways is told to be.
 *
 * What is compared are whole texts, byte by byte: digests to the last digit, names in their case.
 * Half of the published cases are receipts that differ in nothing but that.
 */
#include "engine/attest/receipt.h"

#include "engine/attest/inside.h"
#include "engine/base/canon.h"
#include "engine/base/limits.h"
#include "engine/base/when.h"

#define CANON_CAP (2 * LIMIT_RECORD_BYTES)

struct judging {
	const struct value *context, *action, *keys, *evidence, *receipt;
	int64_t now_ns, age_ns;               /* of the receipt; its time could be read */
	bool dated;
	const struct value *jwk;              /* the key it is by; NULL: not known */
	struct arena *arena;
};

/* --- what the rules ask with --- */

static enum err hash_of(const struct value *v, struct digest *ret)
{
	struct buf b;
	enum err e;

	buf_init(&b, CANON_CAP);
	canon_value(&b, v);
	e = b.err;
	if (e == OK)
		*ret = sha256(buf_view(&b));
	buf_fini(&b);
	return e;
}

static bool is_digest(struct str said, const struct digest *is)
{
	struct digest d;

	return digest_read(said, &d) == OK && digest_eq(&d, is);
}

/* Both are there, and the same bytes: another case is another name. */
static bool same(const struct value *one, const char *a, const struct value *other, const char *b)
{
	struct str s = value_text(one, a), t = value_text(other, b);

	return s.ptr && t.ptr && str_eq(s, t);
}

/* --- rules: true when the receipt breaks it --- */

static enum err ask_ref(const struct judging *j, bool *broken)
{
	static const char *const parts[] = { "agent_id", "action_type", "action_scope",
					     "action_timestamp" };
	struct member m[4];
	const struct value preimage = { .kind = VALUE_OBJECT, .object = { m, 4 } };
	struct digest d;

	*broken = true;
	for (size_t i = 0; i < 4; i++) {
		const struct value *part = value_get_c(j->action, parts[i]);

		if (!part)
			return OK;
		m[i] = (struct member){ .key = str_view(parts[i]), .value = *part };
	}
	TRY(hash_of(&preimage, &d));
	*broken = !is_digest(value_text(j->action, "action_ref"), &d);
	return OK;
}

/* The action's own reference is right by now, or the rule before says so. */
static enum err ask_ref_other(const struct judging *j, bool *broken)
{
	*broken = !same(j->receipt, "action_ref", j->action, "action_ref");
	return OK;
}

static enum err ask_call(const struct judging *j, bool *broken)
{
	*broken = !same(j->receipt, "linked_call_id", j->context, "call_id");
	return OK;
}

static enum err ask_session(const struct judging *j, bool *broken)
{
	*broken = !same(j->receipt, "session_id", j->context, "session_id");
	return OK;
}

static enum err ask_evidence(const struct judging *j, bool *broken)
{
	struct digest d;

	*broken = true;
	if (!j->evidence)
		return OK;
	TRY(hash_of(j->evidence, &d));
	*broken = !is_digest(value_text(j->receipt, "evidence_hash"), &d);
	return OK;
}

static enum err ask_key(const struct judging *j, bool *broken)
{
	*broken = j->jwk == NULL;
	return OK;
}

/* Only by a key that the verifier has pinned; one that he has not is another rule's. */
static enum err ask_signature(const struct judging *j, bool *broken)
{
	struct jws_key key;
	enum err e;

	*broken = j->jwk != NULL;
	if (!j->jwk || trace_record_key(j->jwk, &key, NULL) != OK)
		return OK;
	e = trace_record_signed_by(j->receipt, &key, j->arena);
	*broken = e != OK;
	return e == ERR_SIGNATURE || e == ERR_SYNTAX ? OK : e;
}

/* Without a time that can be read nothing says that it is fresh. */
static enum err ask_stale(const struct judging *j, bool *broken)
{
	const struct value *most = value_get_c(j->context, "max_receipt_age_seconds");

	*broken = !j->dated || !most || most->kind != VALUE_INT ||
		  most->integer < 0 ||
		  (j->age_ns > 0 && most->integer < INT64_MAX / WHEN_SECOND_NS &&
		   j->age_ns > most->integer * WHEN_SECOND_NS);
	return OK;
}

static enum err ask_future(const struct judging *j, bool *broken)
{
	*broken = j->dated && j->age_ns < 0;
	return OK;
}

/* The chain is the verifier's to know: a receipt left out shows as a link to another one. */
static enum err ask_gap(const struct judging *j, bool *broken)
{
	*broken = !same(j->receipt, "previous_receipt_hash", j->context,
			"expected_previous_receipt_hash");
	return OK;
}

/* What happened in the world no signature of a controller shows. */
static enum err ask_physical(const struct judging *j, bool *broken)
{
	*broken = !str_is(value_text(j->evidence, "physical_completion_claim"), "none");
	return OK;
}

/* Who hands over the action says himself what came of it: it may be so, and is told. */
static enum err ask_own(const struct judging *j, bool *broken)
{
	*broken = str_is(value_text(j->receipt, "issuer_independence"), "gateway_self_report");
	return OK;
}

/* A word that is neither must not read as one of them. */
static enum err ask_decision(const struct judging *j, bool *broken)
{
	struct str s = value_text(j->receipt, "decision");

	*broken = !str_is(s, "accepted") && !str_is(s, "rejected");
	return OK;
}

static const struct row {
	const char *code;
	bool warns;
} rules[RECEIPT_RULES] = {
#define RECEIPT_ROW(id, code, warns) [id] = { code, warns },
	RECEIPT_RULE_LIST(RECEIPT_ROW)
#undef RECEIPT_ROW
};

static enum err (*const questions[RECEIPT_RULES])(const struct judging *j, bool *broken) = {
	[RECEIPT_REF_INVALID] = ask_ref, [RECEIPT_REF_OTHER] = ask_ref_other,
	[RECEIPT_CALL_OTHER] = ask_call, [RECEIPT_SESSION_OTHER] = ask_session,
	[RECEIPT_EVIDENCE_OTHER] = ask_evidence, [RECEIPT_KEY_UNKNOWN] = ask_key,
	[RECEIPT_SIGNATURE_BAD] = ask_signature, [RECEIPT_STALE] = ask_stale,
	[RECEIPT_FUTURE] = ask_future, [RECEIPT_GAP] = ask_gap,
	[RECEIPT_PHYSICAL] = ask_physical, [RECEIPT_OWN] = ask_own,
	[RECEIPT_DECISION_ODD] = ask_decision,
};

static const char *const statuses[RECEIPT_STATUSES] = {
	[RECEIPT_INVALID] = "receipt_invalid", [RECEIPT_UNVERIFIED] = "receipt_unverified",
	[RECEIPT_MISSING_REQUIRED] = "receipt_missing_required",
	[RECEIPT_NOT_REQUIRED] = "receipt_not_required",
	[RECEIPT_REJECTED] = "receipt_valid_rejected",
	[RECEIPT_ACCEPTED] = "receipt_valid_accepted",
};

const char *receipt_rule_name(enum receipt_rule rule)
{
	return rules[rule].code;
}

bool receipt_rule_warns(enum receipt_rule rule)
{
	return rules[rule].warns;
}

const char *receipt_status_name(enum receipt_status status)
{
	return statuses[status];
}

/* --- judging --- */

static enum err part(const struct value *document, const char *member, const struct value **ret,
		     struct note *n)
{
	*ret = value_get_c(document, member);
	if (*ret && (*ret)->kind == VALUE_OBJECT)
		return OK;
	return note_set(n, ERR_TYPE, document->line, document->column,
			"'%s': expected an object, which is the verifier's own", member);
}

static enum err open_document(const struct value *document, struct judging *j, struct note *n)
{
	struct str now;

	TRY(part(document, "context", &j->context, n));
	TRY(part(document, "action", &j->action, n));
	TRY(part(document, "trusted_issuer_keys", &j->keys, n));
	now = value_text(j->context, "verification_time");
	if (when_read(now, &j->now_ns) != OK)
		return note_set(n, ERR_SYNTAX, j->context->line, j->context->column,
				"'context.verification_time': expected a time like "
				"2026-01-02T03:04:05Z");
	j->evidence = value_get_c(document, "evidence");
	j->receipt = value_get_c(document, "receipt");
	return OK;
}

static void open_receipt(struct judging *j)
{
	struct str id = value_text(j->receipt, "issuer_key_id");
	int64_t issued_ns;

	j->jwk = id.ptr ? value_get(j->keys, id) : NULL;
	if (when_read(value_text(j->receipt, "issued_at"), &issued_ns) != OK)
		return;
	/* Instants may lie further apart than an int64_t counts: then only the side does. */
	j->dated = true;
	if (__builtin_sub_overflow(j->now_ns, issued_ns, &j->age_ns))
		j->age_ns = j->now_ns < issued_ns ? INT64_MIN : INT64_MAX;
}

static enum receipt_status status_of(const struct judging *j, const struct receipt_verdict *v)
{
	for (int i = 0; i < RECEIPT_RULES; i++)
		if (v->broken[i] && !rules[i].warns)
			return RECEIPT_INVALID;
	if (v->broken[RECEIPT_KEY_UNKNOWN])
		return RECEIPT_UNVERIFIED;
	return str_is(value_text(j->receipt, "decision"), "accepted") ? RECEIPT_ACCEPTED
								      : RECEIPT_REJECTED;
}

/* `null` is no receipt, as its absence is none. */
static bool is_there(const struct value *receipt)
{
	return receipt && receipt->kind != VALUE_NULL;
}

enum err receipt_judge(const struct value *document, struct arena *a, struct receipt_verdict *ret,
		       struct note *n)
{
	struct receipt_verdict v = { .status = RECEIPT_INVALID, .outcome = STR("unknown") };
	struct judging j = { .arena = a };
	const struct value *required;

	TRY(open_document(document, &j, n));
	required = value_get_c(j.context, "require_receipt");
	if (!is_there(j.receipt)) {
		/* Unless told that none is needed, one is. */
		v.broken[RECEIPT_MISSING] =
			!required || required->kind != VALUE_BOOL || required->boolean;
		v.status = v.broken[RECEIPT_MISSING] ? RECEIPT_MISSING_REQUIRED
						     : RECEIPT_NOT_REQUIRED;
		*ret = v;
		return OK;
	}
	if (j.receipt->kind != VALUE_OBJECT)
		return note_set(n, ERR_TYPE, j.receipt->line, j.receipt->column,
				"'receipt': expected an object");
	open_receipt(&j);
	for (int i = 0; i < RECEIPT_RULES; i++)
		if (questions[i])
			TRY(questions[i](&j, &v.broken[i]));
	v.status = status_of(&j, &v);
	if (v.status >= RECEIPT_REJECTED)
		v.outcome = value_text(j.evidence, "terminal_state");
	*ret = v;
	return OK;
}
