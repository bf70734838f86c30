/* question: requests written down by hand, filled up with what the gate would say. */
#include "engine/base/canon.h"
#include "engine/policy/trace.h"

#define ROOTS_MAX 7

static const char *const members[] = {
	"agent", "action", "stage", "resource", "args", "session", "result", "past", NULL,
};
static const char *const origins[] = { "created", "imported", NULL };

enum fact_kind { FACT_TEXT = 0, FACT_BOOL, FACT_COUNT, FACT_RING };

/* What an agent or a session is known by, in the gate's order. */
struct fact {
	const char *name;
	enum fact_kind kind;
	bool of_registered; /* missing when the agent is not registered */
	bool boolean;       /* when not given */
	const char *text;   /* likewise; NULL: must be given */
	bool maybe;         /* missing when not given */
};

static const struct fact agent_facts[] = {
	{ "id", FACT_TEXT, false, false, NULL, false },
	{ "registered", FACT_BOOL, false, true, NULL, false },
	{ "signed", FACT_BOOL, false, false, NULL, false },
	{ "origin", FACT_TEXT, true, false, "created", false },
	{ "actions", FACT_COUNT, true, false, NULL, false },
	{ "denials", FACT_COUNT, true, false, NULL, false },
	{ "trust", FACT_COUNT, false, false, NULL, true },
	{ "tier", FACT_TEXT, false, false, NULL, true },
	{ "regime_changed", FACT_BOOL, false, false, NULL, true },
	{ "ring", FACT_RING, false, false, NULL, true },
};
static const struct fact session_facts[] = {
	{ "id", FACT_TEXT, false, false, NULL, false },
	{ "actions", FACT_COUNT, false, false, NULL, false },
	{ "denials", FACT_COUNT, false, false, NULL, false },
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define FACTS_MAX 10

struct asking {
	struct arena *arena;
	struct note *note;
};

static enum err unknown_member(const struct asking *q, const struct member *m, const char *owner,
			       const char *const *known)
{
	const char *near = str_nearest(m->key, known);

	return note_set(q->note, ERR_UNKNOWN, m->line, m->column,
			"unknown member '%.*s' of %s%s%s%s", SHOWN(m->key), owner,
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static enum err wrong(const struct asking *q, const struct value *v, const char *what,
		      const char *expected)
{
	return note_set(q->note, ERR_TYPE, v->line, v->column, "'%s' is %s here; expected %s", what,
			value_kind_name(v->kind), expected);
}

/* One fact that is given must be what the gate could say. */
static enum err check_fact(const struct asking *q, const struct fact *fact, const struct value *v)
{
	if (fact->kind == FACT_BOOL && v->kind != VALUE_BOOL)
		return wrong(q, v, fact->name, "true or false");
	if (fact->kind == FACT_COUNT && (v->kind != VALUE_INT || v->integer < 0))
		return wrong(q, v, fact->name, "an integer from 0");
	if (fact->kind == FACT_RING && (v->kind != VALUE_INT || v->integer < 1 || v->integer > 3))
		return wrong(q, v, fact->name, "a ring, 1 to 3");
	if (fact->kind == FACT_TEXT && (v->kind != VALUE_STRING || v->string.len == 0))
		return wrong(q, v, fact->name, "a text that is not empty");
	if (fact->text && !str_listed(v->string, origins))
		return note_set(q->note, ERR_UNKNOWN, v->line, v->column,
				"unknown origin '%.*s'; expected created or imported",
				SHOWN(v->string));
	return OK;
}

static enum err check_known(const struct asking *q, const struct value *given, const char *owner,
			    const struct fact *facts, size_t count)
{
	const char *known[FACTS_MAX + 1] = { NULL };

	for (size_t i = 0; i < count; i++)
		known[i] = facts[i].name;
	for (size_t i = 0; i < given->object.count; i++)
		if (!str_listed(given->object.members[i].key, known))
			return unknown_member(q, &given->object.members[i], owner, known);
	return OK;
}

static struct value fact_absent(const struct fact *fact)
{
	if (fact->kind == FACT_BOOL)
		return value_bool(fact->boolean);
	return fact->kind == FACT_COUNT ? value_int(0) : value_string(str_view(fact->text));
}

/* An agent or a session: its name alone, or an object of facts. */
static enum err read_facts(const struct asking *q, const struct value *given, const char *owner,
			   const struct fact *facts, size_t count, struct value *ret)
{
	struct member *list = arena_array(q->arena, count, sizeof(*list));
	const struct value *flag = value_get_c(given, "registered");
	bool registered = !flag || flag->kind != VALUE_BOOL || flag->boolean;
	size_t at = 0;

	if (!list)
		return ERR_MEMORY;
	if (given->kind != VALUE_STRING && given->kind != VALUE_OBJECT)
		return wrong(q, given, owner, "a name, or an object with an id");
	if (given->kind == VALUE_OBJECT)
		TRY(check_known(q, given, owner, facts, count));
	for (size_t i = 0; i < count; i++) {
		const struct value *v = i == 0 && given->kind == VALUE_STRING
						? given
						: value_get_c(given, facts[i].name);

		if (i == 0 && !v)
			return note_set(q->note, ERR_NOT_FOUND, given->line, given->column,
					"this %s has no id", owner);
		if (v)
			TRY(check_fact(q, &facts[i], v));
		if (facts[i].of_registered && !registered && v)
			return note_set(q->note, ERR_RANGE, v->line, v->column,
					"'%s' is not known of an agent that is not registered",
					facts[i].name);
		if ((facts[i].of_registered && !registered) || (facts[i].maybe && !v))
			continue;
		list[at].key = str_view(facts[i].name);
		list[at++].value = v ? *v : fact_absent(&facts[i]);
	}
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { list, at } };
	return OK;
}

/* The tool's name alone, or an object with a type. */
static enum err read_action(const struct asking *q, const struct value *given, struct value *ret)
{
	const struct value *type = given->kind == VALUE_STRING ? given : value_get_c(given, "type");
	struct member *list;

	if (given->kind != VALUE_STRING && given->kind != VALUE_OBJECT)
		return wrong(q, given, "action", "the tool's name, or an object with a type");
	if (!type)
		return note_set(q->note, ERR_NOT_FOUND, given->line, given->column,
				"this action has no type");
	if (type->kind != VALUE_STRING || type->string.len == 0)
		return wrong(q, type, "type", "the tool's name");
	*ret = *given;
	if (given->kind == VALUE_OBJECT)
		return OK;
	list = arena_alloc(q->arena, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	list->key = STR("type");
	list->value = *given;
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { list, 1 } };
	return OK;
}

static enum err read_stage(const struct asking *q, const struct value *document,
			   enum policy_stage *ret)
{
	const struct value *v = value_get_c(document, "stage");

	*ret = POLICY_PRE_TOOL;
	if (!v || (v->kind == VALUE_STRING && policy_stage_read(v->string, ret)))
		return OK;
	return note_set(q->note, v->kind == VALUE_STRING ? ERR_UNKNOWN : ERR_TYPE, v->line,
			v->column, "unknown stage; expected pre_input, pre_tool, post_tool or "
				   "pre_output");
}

static enum err check_members(const struct asking *q, const struct value *document,
			      const char *const *further)
{
	if (document->kind != VALUE_OBJECT)
		return note_set(q->note, ERR_TYPE, document->line, document->column,
				"found %s; expected an object with agent and action",
				value_kind_name(document->kind));
	for (size_t i = 0; i < document->object.count; i++) {
		const struct member *m = &document->object.members[i];

		if (!str_listed(m->key, members) &&
		    !(further && str_listed(m->key, further)))
			return unknown_member(q, m, "a request", members);
	}
	for (size_t i = 0; i < 2; i++)
		if (!value_get_c(document, members[i]))
			return note_set(q->note, ERR_NOT_FOUND, document->line, document->column,
					"this request has no %s", members[i]);
	return OK;
}

/* The answers to lookbacks, each under the question's text. Those left out are not known. */
static enum err check_past(const struct asking *q, const struct value *given)
{
	if (given->kind != VALUE_OBJECT)
		return wrong(q, given, "past", "an object of answers, {once(looked-up): true}");
	for (size_t i = 0; i < given->object.count; i++) {
		const struct value *v = &given->object.members[i].value;

		if (v->kind != VALUE_BOOL && (v->kind != VALUE_INT || v->integer < 0))
			return wrong(q, v, "past", "answers that are true, false or a count");
	}
	return OK;
}

enum err question_read(const struct value *document, const char *const *further, struct arena *a,
		       struct question *ret, struct note *n)
{
	static const char *const free_roots[] = { "resource", "args", "result", NULL };
	struct asking q = { a, n };
	struct question read = { .stage = POLICY_PRE_TOOL };
	struct member *roots;
	const struct value *v;
	size_t count = 0;

	TRY(check_members(&q, document, further));
	TRY(read_stage(&q, document, &read.stage));
	roots = arena_array(a, ROOTS_MAX, sizeof(*roots));
	if (!roots)
		return ERR_MEMORY;
	roots[count].key = STR("agent");
	TRY(read_facts(&q, value_get_c(document, "agent"), "agent", agent_facts, COUNT(agent_facts),
		       &roots[count].value));
	read.agent = value_text(&roots[count++].value, "id");
	roots[count].key = STR("action");
	TRY(read_action(&q, value_get_c(document, "action"), &roots[count++].value));
	for (size_t i = 0; free_roots[i]; i++) {
		v = value_get_c(document, free_roots[i]);
		if (!v)
			continue;
		if (i == 0 && v->kind != VALUE_STRING)
			return wrong(&q, v, "resource", "a text");
		roots[count].key = str_view(free_roots[i]);
		roots[count++].value = *v;
	}
	v = value_get_c(document, "session");
	if (v) {
		roots[count].key = STR("session");
		TRY(read_facts(&q, v, "session", session_facts, COUNT(session_facts),
			       &roots[count++].value));
	}
	v = value_get_c(document, "past");
	if (v) {
		TRY(check_past(&q, v));
		roots[count].key = STR("past");
		roots[count++].value = *v;
	}
	read.request = (struct value){ .kind = VALUE_OBJECT, .object = { roots, count } };
	*ret = read;
	return OK;
}

/* Is every fact what it would be if only the name were given? */
static bool facts_plain(const struct value *v, const struct fact *facts, size_t count)
{
	size_t usual = 1;

	for (size_t i = 1; i < count; i++) {
		const struct value *given = value_get_c(v, facts[i].name);
		struct value absent;

		if (facts[i].maybe) {
			if (given)
				return false;
			continue;
		}
		absent = fact_absent(&facts[i]);
		if (!given || !value_eq(given, &absent))
			return false;
		usual++;
	}
	return v->object.count == usual;
}

/* How the member is written: by its name alone where that says everything. NULL: not at all. */
static const struct value *shortest(const struct question *q, struct str root)
{
	const struct value *v = value_get(&q->request, root);

	if (!v)
		return NULL;
	if (str_is(root, "agent") && facts_plain(v, agent_facts, COUNT(agent_facts)))
		return value_get_c(v, "id");
	if (str_is(root, "session") && facts_plain(v, session_facts, COUNT(session_facts)))
		return value_get_c(v, "id");
	if (str_is(root, "action") && v->object.count == 1)
		return value_get_c(v, "type");
	return v;
}

void question_write(struct buf *b, const struct question *q)
{
	struct member list[COUNT(members)];
	size_t count = 0;
	struct value document;

	for (size_t i = 0; members[i]; i++) {
		const struct value *v = shortest(q, str_view(members[i]));

		if (!v)
			continue;
		list[count].key = str_view(members[i]);
		list[count++].value = *v;
	}
	if (q->stage != POLICY_PRE_TOOL) {
		list[count].key = STR("stage");
		list[count++].value = value_string(str_view(policy_stage_name(q->stage)));
	}
	document = (struct value){ .kind = VALUE_OBJECT, .object = { list, count } };
	canon_value(b, &document);
}

enum err question_decide(const struct bundle *b, const struct question *q, struct arena *a,
			 struct ruling *ret)
{
	return trace_decide(bundle_plan(b), bundle_admits_unknown(b), q, a, ret);
}
