/* cmd_policy_check: trammel policy check FILE: what would be decided, recorded nowhere. */
#include "tui/foreign_policy.h"

#define OUT_CAP ((size_t)16 << 20)

static void add_json(struct buf *b, const struct ruling *r, bool unsigned_here)
{
	buf_add_byte(b, '{');
	json_bool(b, "allowed", r->allow);
	given_ruling_json(b, r);
	json_bool(b, "signature_required", unsigned_here);
	buf_add_c(b, "}\n");
}

/* What the gate asks for besides, when it is known here that it is not given. */
static bool lacks_signature(const struct bundle *b, const struct question *q)
{
	const struct value *agent = value_get_c(&q->request, "agent");
	const struct value *is_signed = value_get_c(agent, "signed");

	return bundle_wants_signature(b) &&
	       !(is_signed && is_signed->kind == VALUE_BOOL && is_signed->boolean);
}

static void add_text(struct buf *b, const struct ruling *r)
{
	given_ruling_text(b, r);
	buf_addf(b, "\n  %.*s\n", STR_ARG(r->reason));
	for (size_t i = 0; i < r->approver_count; i++)
		buf_addf(b, "  approver: %.*s\n", STR_ARG(r->approvers[i]));
	for (size_t i = 0; i < r->error_count; i++)
		buf_addf(b, "  undecided: %.*s\n", STR_ARG(r->errors[i]));
}

/* By an engine of another toolkit, bug for bug. */
static int check_foreign(const struct invocation *in)
{
	struct note n = { .text = "" };
	bool allowed = false;
	struct buf b;
	enum err e;

	buf_init(&b, OUT_CAP);
	e = foreign_decide(in, in->arg_count ? in->args[0] : "-", &b, &allowed, &n);
	if (e == OK)
		e = print_out(&b, &n);
	buf_fini(&b);
	if (e != OK)
		return print_error(in, e, &n);
	return allowed ? 0 : err_exit(ERR_DENIED);
}

int cmd_policy_check(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct arena bundle_memory, memory;
	struct question q;
	struct bundle *bundle;
	struct ruling r = { .allow = false };
	struct buf b;
	enum err e;

	if (given(in, OPT_PROFILE))
		return check_foreign(in);
	if (given(in, OPT_FROM) || given(in, OPT_STRATEGY))
		return print_error(in,
				   note_set(&n, ERR_USAGE, 0, 0,
					    "--%s is about engines of another toolkit and belongs "
					    "to --profile agt",
					    given(in, OPT_FROM) ? "from" : "strategy"),
				   &n);
	arena_init(&bundle_memory, LIMIT_BUNDLE_MEMORY);
	arena_init(&memory, LIMIT_ACTION_MEMORY);
	buf_init(&b, OUT_CAP);
	e = given_policy_load(in, NULL, &bundle_memory, &bundle, &n);
	if (e == OK)
		e = given_question(in, in->arg_count ? in->args[0] : "-", &memory, &q, &n);
	if (e == OK)
		e = question_decide(bundle, &q, &memory, &r);
	if (e == OK) {
		bool unsigned_here = lacks_signature(bundle, &q);

		if (json_wanted(in))
			add_json(&b, &r, unsigned_here);
		else
			add_text(&b, &r);
		if (unsigned_here && !json_wanted(in))
			buf_add_c(&b, "  the policy requires a signature: an agent that has a key "
				      "is denied without one\n");
		e = print_page(in, &b, &n);
	}
	buf_fini(&b);
	arena_fini(&memory);
	arena_fini(&bundle_memory);
	if (e != OK)
		return print_error(in, e, &n);
	return r.allow ? 0 : err_exit(ERR_DENIED);
}
