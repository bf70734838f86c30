/* cmd_policy_explain: trammel policy explain FILE: the rules that were tried, and why so. */
#include "tui/given_policy.h"

#define OUT_CAP    ((size_t)64 << 20)
#define MEMORY_CAP ((size_t)512 << 20)

static const char *truth_name(enum truth truth)
{
	return truth == TRUTH_TRUE ? "true" : truth == TRUTH_FALSE ? "false" : "undecidable";
}

static void add_clauses_json(struct buf *b, const struct explain_clause *clauses, size_t count)
{
	json_key(b, "clauses");
	buf_add_byte(b, '[');
	for (size_t i = 0; i < count; i++) {
		buf_add_c(b, i ? ",{" : "{");
		json_text(b, "clause", clauses[i].text);
		if (clauses[i].line)
			json_number(b, "line", clauses[i].line);
		json_number(b, "column", clauses[i].column);
		json_text(b, "truth", str_view(truth_name(clauses[i].truth)));
		buf_add_byte(b, '}');
	}
	buf_add_byte(b, ']');
}

static void add_policies_json(struct buf *b, const struct explanation *e)
{
	json_key(b, "policies");
	buf_add_byte(b, '[');
	for (size_t i = 0; i < e->policy_count; i++) {
		const struct explain_policy *p = &e->policies[i];

		buf_add_c(b, i ? ",{" : "{");
		json_text(b, "policy", p->policy);
		json_text(b, "file", p->file);
		json_number(b, "line", p->line);
		json_text(b, "effect", p->forbid ? STR("forbid") : STR("permit"));
		json_bool(b, "determines", p->determines);
		json_text(b, "truth", str_view(truth_name(p->truth)));
		add_clauses_json(b, p->clauses, p->clause_count);
		buf_add_byte(b, '}');
	}
	buf_add_byte(b, ']');
}

static void add_json(struct buf *b, const struct explanation *e)
{
	buf_add_byte(b, '{');
	json_bool(b, "allowed", e->ruling.allow);
	given_ruling_json(b, &e->ruling);
	json_key(b, "rules");
	buf_add_byte(b, '[');
	for (size_t i = 0; i < e->count; i++) {
		const struct explain_rule *r = &e->rules[i];

		buf_add_c(b, i ? ",{" : "{");
		json_text(b, "rule", r->rule);
		json_bool(b, "applies", r->applies);
		json_bool(b, "decided", r->decided);
		json_text(b, "truth", r->applies ? str_view(truth_name(r->truth)) : STR_NONE);
		add_clauses_json(b, r->clauses, r->clause_count);
		buf_add_byte(b, '}');
	}
	buf_add_byte(b, ']');
	add_policies_json(b, e);
	buf_add_c(b, "}\n");
}

/* A rule about other tools says little; it is counted. */
static bool is_remote(const struct explain_rule *r)
{
	return !r->decided && (!r->applies || (r->clause_count > 0 && r->clauses[0].column == 0));
}

static void add_rule(struct buf *b, const struct explain_rule *r)
{
	buf_addf(b, "%s %.*s\n",
		 r->decided                ? "decided    "
		 : r->truth == TRUTH_ERROR ? "undecidable"
					   : "passed over",
		 STR_ARG(r->rule));
	for (size_t i = 0; i < r->clause_count; i++)
		buf_addf(b, "  %-11s %.*s\n", truth_name(r->clauses[i].truth),
			 STR_ARG(r->clauses[i].text));
	if (r->decided && r->clause_count == 0)
		buf_add_c(b, "  it has no condition\n");
}

/* Likewise one whose scope is about others. */
static void add_policies(struct buf *b, const struct explanation *e)
{
	uint64_t remote = 0;

	for (size_t i = 0; i < e->policy_count; i++) {
		const struct explain_policy *p = &e->policies[i];

		remote += p->remote;
		if (p->remote)
			continue;
		buf_addf(b, "%s %.*s, a %s at %.*s:%u\n",
			 p->determines             ? "decided    "
			 : p->truth == TRUTH_ERROR ? "undecidable"
			 : p->truth == TRUTH_TRUE  ? "overruled  "
						   : "passed over",
			 STR_ARG(p->policy), p->forbid ? "forbid" : "permit", STR_ARG(p->file),
			 p->line);
		for (size_t k = 0; k < p->clause_count; k++)
			buf_addf(b, "  %-11s %.*s\n", truth_name(p->clauses[k].truth),
				 STR_ARG(p->clauses[k].text));
		if (p->truth == TRUTH_TRUE && p->clause_count == 0)
			buf_add_c(b, "  it has no condition\n");
	}
	if (remote) {
		print_counted(b, remote, "Cedar policy is", "Cedar policies are");
		buf_add_c(b, " about others\n");
	}
}

static void add_text(struct buf *b, const struct explanation *e)
{
	uint64_t remote = 0;

	given_ruling_text(b, &e->ruling);
	buf_addf(b, "\n  %.*s\n", STR_ARG(e->ruling.reason));
	for (size_t i = 0; i < e->ruling.error_count; i++)
		buf_addf(b, "  undecided: %.*s\n", STR_ARG(e->ruling.errors[i]));
	for (size_t i = 0; i < e->count; i++) {
		remote += is_remote(&e->rules[i]);
		if (!is_remote(&e->rules[i]))
			add_rule(b, &e->rules[i]);
	}
	if (remote) {
		print_counted(b, remote, "rule is", "rules are");
		buf_add_c(b, " about other tools or agents\n");
	}
	add_policies(b, e);
}

int cmd_policy_explain(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct arena bundle_memory, memory;
	struct explanation found;
	struct question q;
	struct bundle *bundle;
	struct buf b;
	enum err e;

	arena_init(&bundle_memory, LIMIT_BUNDLE_MEMORY);
	arena_init(&memory, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	e = given_policy_load(in, NULL, &bundle_memory, &bundle, &n);
	if (e == OK)
		e = given_question(in, in->arg_count ? in->args[0] : "-", &memory, &q, &n);
	if (e == OK)
		e = explain_question(bundle, &q, &memory, &found);
	if (e == OK) {
		json_wanted(in) ? add_json(&b, &found) : add_text(&b, &found);
		e = print_page(in, &b, &n);
	}
	buf_fini(&b);
	arena_fini(&memory);
	arena_fini(&bundle_memory);
	return e == OK ? 0 : print_error(in, e, &n);
}
