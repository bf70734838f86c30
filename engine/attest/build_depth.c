/*
 * build_depth: rules by depth, each asked by itself. Statements are of in-toto and SLSA v1.
 *
 * A rule belongs to one depth and is asked from there on down. One that fails either refuses, or
 * caps the depth one above its own; a cap never hides a refusal, so all are asked before anything
 * is concluded.
 */
#include "engine/attest/build_depth.h"

struct digging {
	const struct value *build, *at_hand;
	const struct value *statement;        /* what provenance_uri leads to; NULL: nothing */
	const struct value *inputs;           /* of the build; NULL: the statement has none */
};

static bool is_listed(const struct value *list, struct str s)
{
	for (size_t i = 0; s.ptr && list && list->kind == VALUE_LIST && i < list->list.count; i++)
		if (list->list.items[i].kind == VALUE_STRING &&
		    str_eq(list->list.items[i].string, s))
			return true;
	return false;
}

/* --- surface: by what the verifier holds himself, not by what the record says of itself --- */

static bool ask_artifact(const struct digging *d)
{
	struct str own = value_text(d->build, "digest");
	struct str is = value_text(d->at_hand, "artifact_digest");

	return !own.ptr || !is.ptr || !str_eq(own, is);
}

static bool ask_untrusted(const struct digging *d)
{
	return !is_listed(value_get_c(d->at_hand, "trusted_builders"),
			  value_text(d->build, "builder"));
}

/* --- builder: by what the record's URI leads to; absence is one rule's to tell, not three --- */

static bool ask_no_uri(const struct digging *d)
{
	return !value_get_c(d->build, "provenance_uri");
}

static bool ask_unresolved(const struct digging *d)
{
	return value_get_c(d->build, "provenance_uri") && !d->statement;
}

/* Every digit counts: tools that show a dozen of them do not compare by these. */
static bool ask_subject(const struct digging *d)
{
	const struct value *subjects = value_get_c(d->statement, "subject");
	struct str kind, hex;

	if (!d->statement)
		return false;
	if (!str_cut(value_text(d->build, "digest"), ':', &kind, &hex) || !subjects ||
	    subjects->kind != VALUE_LIST)
		return true;
	for (size_t i = 0; i < subjects->list.count; i++) {
		struct str is = STR_NONE;
		const struct value *digests = value_get_c(&subjects->list.items[i], "digest");
		const struct value *one = value_get(digests, kind);

		if (one && one->kind == VALUE_STRING)
			is = one->string;
		if (is.ptr && str_eq(is, hex))
			return false;
	}
	return true;
}

static bool ask_builder(const struct digging *d)
{
	const struct value *details = value_get_c(value_get_c(d->statement, "predicate"),
						  "runDetails");
	struct str attested = value_text(value_get_c(details, "builder"), "id");
	struct str said = value_text(d->build, "builder");

	return d->statement && (!attested.ptr || !said.ptr || !str_eq(attested, said));
}

/* --- transitive: an empty list of inputs must not pass for one that was walked --- */

static bool ask_no_inputs(const struct digging *d)
{
	return d->statement && (!d->inputs || d->inputs->list.count == 0);
}

static const struct value *attested(const struct digging *d, size_t input)
{
	struct str uri = value_text(&d->inputs->list.items[input], "uri");

	return uri.ptr ? value_get(value_get_c(d->at_hand, "dependency_attestations"), uri) : NULL;
}

static bool ask_bare(const struct digging *d)
{
	for (size_t i = 0; d->inputs && i < d->inputs->list.count; i++)
		if (!attested(d, i))
			return true;
	return false;
}

/* Inputs without an attestation are told by the rule before. */
static bool ask_input_untrusted(const struct digging *d)
{
	const struct value *trusted = value_get_c(d->at_hand, "trusted_publisher_issuers");

	for (size_t i = 0; d->inputs && i < d->inputs->list.count; i++) {
		const struct value *one = attested(d, i);

		if (one && !is_listed(trusted, value_text(value_get_c(one, "verified_identity"),
							  "issuer")))
			return true;
	}
	return false;
}

static const struct row {
	const char *code;
	enum build_depth from;
	bool lowers;
} rules[DEPTH_RULES] = {
#define DEPTH_ROW(id, code, depth, lowers) [id] = { code, depth, lowers },
	DEPTH_RULE_LIST(DEPTH_ROW)
#undef DEPTH_ROW
};

static bool (*const questions[DEPTH_RULES])(const struct digging *d) = {
	[DEPTH_ARTIFACT] = ask_artifact, [DEPTH_UNTRUSTED] = ask_untrusted,
	[DEPTH_NO_URI] = ask_no_uri, [DEPTH_UNRESOLVED] = ask_unresolved,
	[DEPTH_SUBJECT] = ask_subject, [DEPTH_BUILDER_OTHER] = ask_builder,
	[DEPTH_NO_INPUTS] = ask_no_inputs, [DEPTH_INPUT_BARE] = ask_bare,
	[DEPTH_INPUT_UNTRUSTED] = ask_input_untrusted,
};

static const char *const depths[DEPTHS] = {
	[DEPTH_SURFACE] = "surface", [DEPTH_BUILDER] = "builder",
	[DEPTH_TRANSITIVE] = "transitive",
};

const char *build_depth_name(enum build_depth depth)
{
	return depths[depth];
}

const char *depth_rule_name(enum depth_rule rule)
{
	return rules[rule].code;
}

bool depth_rule_lowers(enum depth_rule rule)
{
	return rules[rule].lowers;
}

static struct digging open_evidence(const struct value *build, const struct value *at_hand)
{
	struct str uri = value_text(build, "provenance_uri");
	const struct value *found = uri.ptr ? value_get(value_get_c(at_hand, "attestations"), uri)
					    : NULL;
	struct digging d = { build, at_hand, value_get_c(found, "statement"), NULL };
	const struct value *definition = value_get_c(value_get_c(d.statement, "predicate"),
						     "buildDefinition");

	d.inputs = value_get_c(definition, "resolvedDependencies");
	if (d.inputs && d.inputs->kind != VALUE_LIST)
		d.inputs = NULL;
	return d;
}

void build_depth_judge(const struct value *build, const struct value *at_hand,
		       enum build_depth tried, struct depth_verdict *ret)
{
	struct digging d = open_evidence(build, at_hand);
	struct depth_verdict v = { .verified = tried };

	for (int i = 0; i < DEPTH_RULES; i++) {
		if (rules[i].from > tried || !questions[i](&d))
			continue;
		v.broken[i] = true;
		if (!rules[i].lowers)
			v.refused = true;
		else if (rules[i].from <= v.verified)
			v.verified = (enum build_depth)(rules[i].from - 1);
	}
	*ret = v;
}
