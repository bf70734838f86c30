/* cmd_saga: trammel saga begin|compensate|hand-over|list|next|show */
#include "engine/space/space.h"
#include "tui/given_policy.h"
#include "tui/operator.h"
#include "tui/saga_at.h"

#define OUT_CAP ((size_t)64 << 20)
#define DEFINITION_MEMORY ((size_t)64 << 20)

/* --- controls --- */

/* What the control says of itself, and the story of what went wrong in which file. */
struct order {
	const char *verb, *done;              /* "saga.begin", "begun" */
	struct str saga, agent, session;
	struct value data;
	const char *file;                     /* where data was read, or NULL */
};

static enum err submit(const struct invocation *in, const struct order *o, struct note *n)
{
	struct space *s;
	enum err e;

	TRY(operator_open(in, &s, n));
	e = space_control(s, str_view(o->verb), o->agent, o->session, &o->data,
			  world_now_ns(in->world), n);
	if (e != OK && o->file && n->line)
		note_file(n, o->file);
	return space_finish(s, e, n);
}

static int finish(const struct invocation *in, const struct order *o, enum err e, struct note *n)
{
	struct buf b;

	if (e == OK)
		e = submit(in, o, n);
	if (e != OK)
		return print_error(in, e, n);
	buf_init(&b, 1u << 16);
	if (json_wanted(in)) {
		buf_add_byte(&b, '{');
		json_text(&b, "control", str_view(o->verb));
		json_text(&b, "saga", o->saga);
		buf_add_c(&b, "}\n");
	} else {
		buf_addf(&b, "saga %.*s: %s\n", STR_ARG(o->saga), o->done);
	}
	e = print_page(in, &b, n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, n);
}

static enum err wrong_member(const struct value *v, const char *key, struct note *n)
{
	return note_set(n, v ? ERR_TYPE : ERR_SYNTAX, v ? v->line : 1, v ? v->column : 1,
			v ? "'%s' is not a string" : "'%s' is missing; expected {saga, agent, "
						     "session?, steps}", key);
}

/* `agent` and `session` are the entry's, the other members its data. */
static enum err read_definition(const struct invocation *in, struct arena *a, struct order *o,
				struct note *n)
{
	const struct value *session;
	struct value doc;
	size_t count = 0;
	struct member *members;

	o->file = in->args[0];
	TRY(given_document(in, o->file, a, &doc, n));
	session = value_get_c(&doc, "session");
	o->saga = value_text(&doc, "saga");
	o->agent = value_text(&doc, "agent");
	o->session = value_text(&doc, "session");
	if (!o->saga.ptr)
		return wrong_member(value_get_c(&doc, "saga"), "saga", n);
	if (!o->agent.ptr)
		return wrong_member(value_get_c(&doc, "agent"), "agent", n);
	if (session && !o->session.ptr)
		return wrong_member(session, "session", n);
	members = arena_array(a, doc.object.count + 1, sizeof(*members));
	if (!members)
		return ERR_MEMORY;
	for (size_t i = 0; i < doc.object.count; i++)
		if (!str_is(doc.object.members[i].key, "agent") &&
		    !str_is(doc.object.members[i].key, "session") &&
		    !str_is(doc.object.members[i].key, "reason"))
			members[count++] = doc.object.members[i];
	members[count++] = (struct member){ .key = STR("reason"),
					    .value = value_string(operator_reason(in)) };
	o->data = (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
	return OK;
}

int cmd_saga_begin(const struct invocation *in)
{
	struct order o = { .verb = "saga.begin", .done = "begun" };
	struct note n = { .text = "" };
	struct arena a;
	int status;
	enum err e;

	arena_init(&a, DEFINITION_MEMORY);
	e = read_definition(in, &a, &o, &n);
	if (e != OK)
		note_file(&n, o.file);
	status = finish(in, &o, e, &n);
	arena_fini(&a);
	return status;
}

/* {"reason", "saga"} */
static void put_data(const struct invocation *in, struct order *o, struct member members[2])
{
	o->saga = str_view(in->args[0]);
	members[0] = (struct member){ .key = STR("reason"),
				      .value = value_string(operator_reason(in)) };
	members[1] = (struct member){ .key = STR("saga"), .value = value_string(o->saga) };
	o->data = (struct value){ .kind = VALUE_OBJECT, .object = { members, 2 } };
}

int cmd_saga_compensate(const struct invocation *in)
{
	struct order o = { .verb = "saga.compensate", .done = "is to be undone" };
	struct note n = { .text = "" };
	struct member members[2];

	put_data(in, &o, members);
	return finish(in, &o, OK, &n);
}

int cmd_saga_hand_over(const struct invocation *in)
{
	struct order o = { .verb = "saga.hand_over", .done = "handed over",
			   .agent = str_view(in->args[1]) };
	struct note n = { .text = "" };
	struct member members[2];

	if (in->arg_count > 2)
		o.session = str_view(in->args[2]);
	put_data(in, &o, members);
	return finish(in, &o, OK, &n);
}

/* --- questions --- */

/* Every saga; with an id, all of that one or what is due in it. */
enum view { LIST, SHOW, NEXT };

static enum err look(const struct invocation *in, enum view view, struct buf *b, struct note *n)
{
	struct saga_at s;
	struct saga g;
	enum err e;

	saga_at_init(&s);
	e = saga_at_open(in, &s, n);
	if (e == OK && view != LIST)
		e = saga_at_find(&s, in->args[0], &g, n);
	if (e == OK && view == SHOW)
		saga_at_show(in, &g, b);
	if (e == OK && view == NEXT)
		saga_at_next(in, &s, &g, b);
	for (uint32_t i = 0; e == OK && view == LIST && i < state_rows(s.state, GATE_SAGAS); i++) {
		saga_load(s.state, &gate_sagas, i, s.now_ns, &g);
		saga_at_list(in, &g, b);
	}
	if (e == OK && view == LIST && b->len == 0 && !json_wanted(in))
		buf_add_c(b, "no saga was begun\n");
	saga_at_close(&s);
	return e;
}

static int answer(const struct invocation *in, enum view view)
{
	struct note n = { .text = "" };
	struct buf b;
	enum err e;

	buf_init(&b, OUT_CAP);
	e = look(in, view, &b, &n);
	if (e == OK)
		e = print_page(in, &b, &n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, &n);
}

int cmd_saga_list(const struct invocation *in)
{
	return answer(in, LIST);
}

int cmd_saga_show(const struct invocation *in)
{
	return answer(in, SHOW);
}

int cmd_saga_next(const struct invocation *in)
{
	return answer(in, NEXT);
}
