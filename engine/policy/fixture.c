/* fixture: reading and judging cases. */
#include "engine/policy/inside.h"

static const char *const further[] = { "name", "expect", NULL };
static const char *const expectations[] = { "effect", "rule", "obligations", NULL };

struct reading {
	struct arena *arena;
	struct note *note;
};

/* "log", "require_approval", "transform", "warn": the bit, or 0. */
static unsigned obligation_bit(struct str name)
{
	static const struct {
		const char *name;
		unsigned bit;
	} rows[] = {
		{ "log", POLICY_LOG },
		{ "require_approval", POLICY_APPROVAL },
		{ "transform", POLICY_TRANSFORM },
		{ "warn", POLICY_WARN },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_is(name, rows[i].name))
			return rows[i].bit;
	return 0;
}

static enum err read_obligations(const struct reading *r, const struct value *v,
				 struct fixture_case *c)
{
	if (!v)
		return OK;
	if (v->kind != VALUE_LIST)
		return note_set(r->note, ERR_TYPE, v->line, v->column,
				"'obligations' is %s here; expected a list of names",
				value_kind_name(v->kind));
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value *item = &v->list.items[i];
		unsigned bit = item->kind == VALUE_STRING ? obligation_bit(item->string) : 0;

		if (!bit)
			return note_set(r->note, ERR_UNKNOWN, item->line, item->column,
					"unknown obligation; expected log, require_approval, "
					"transform or warn");
		c->obligations |= bit;
	}
	c->obligations_given = true;
	return OK;
}

/* A rule that is not named would not be checked, so leaving it out is refused. */
static enum err read_rule(const struct reading *r, const struct value *expect,
			  struct fixture_case *c)
{
	const struct value *v = value_get_c(expect, "rule");

	if (!v)
		return note_set(r->note, ERR_NOT_FOUND, expect->line, expect->column,
				"which rule is to decide? expected rule: <policy>/<rule>, or rule: "
				"null for the default");
	if (v->kind != VALUE_NULL && (v->kind != VALUE_STRING || !memchr(v->string.ptr, '/',
									 v->string.len)))
		return note_set(r->note, ERR_TYPE, v->line, v->column,
				"'rule' must be <policy>/<rule>, or null for the default");
	c->rule = v->kind == VALUE_STRING ? v->string : STR_NONE;
	return OK;
}

static enum err read_expect(const struct reading *r, const struct value *item,
			    struct fixture_case *c)
{
	const struct value *expect = value_get_c(item, "expect"), *effect;

	if (!expect || expect->kind != VALUE_OBJECT)
		return note_set(r->note, expect ? ERR_TYPE : ERR_NOT_FOUND, item->line,
				item->column,
				"this case expects nothing; expected expect: {effect: allow or "
				"deny, rule: ...}");
	for (size_t i = 0; i < expect->object.count; i++) {
		const struct member *m = &expect->object.members[i];
		const char *near = str_nearest(m->key, expectations);

		if (!str_is(m->key, "effect") && !str_is(m->key, "rule") &&
		    !str_is(m->key, "obligations"))
			return note_set(r->note, ERR_UNKNOWN, m->line, m->column,
					"unknown expectation '%.*s'%s%s%s", SHOWN(m->key),
					near ? "; did you mean '" : "", near ? near : "",
					near ? "'?" : "");
	}
	effect = value_get_c(expect, "effect");
	c->allow = effect && effect->kind == VALUE_STRING && str_is(effect->string, "allow");
	if (!c->allow && !(effect && effect->kind == VALUE_STRING &&
			   str_is(effect->string, "deny")))
		return note_set(r->note, effect ? ERR_UNKNOWN : ERR_NOT_FOUND,
				effect ? effect->line : expect->line,
				effect ? effect->column : expect->column,
				"expected effect: allow or effect: deny");
	TRY(read_rule(r, expect, c));
	return read_obligations(r, value_get_c(expect, "obligations"), c);
}

static enum err read_case(const struct reading *r, const struct value *item, struct map *names,
			  struct fixture_case *c)
{
	const struct value *name = value_get_c(item, "name");
	enum err e;

	TRY(question_read(item, further, r->arena, &c->question, r->note));
	if (!name || name->kind != VALUE_STRING || name->string.len == 0)
		return note_set(r->note, name ? ERR_TYPE : ERR_NOT_FOUND, item->line, item->column,
				"this case has no name; expected a text under 'name'");
	c->name = name->string;
	c->line = item->line;
	e = map_put(names, c->name, 0);
	if (e == ERR_DUPLICATE)
		return note_set(r->note, e, name->line, name->column,
				"two cases are called '%.*s'", SHOWN(c->name));
	TRY(e);
	return read_expect(r, item, c);
}

enum err fixture_read(const struct value *document, struct arena *a, struct fixture *ret,
		      struct note *n)
{
	struct reading r = { a, n };
	struct fixture f = { .count = 0 };
	struct map names;
	enum err e = OK;

	if (document->kind != VALUE_LIST)
		return note_set(n, ERR_TYPE, document->line, document->column,
				"found %s; expected a list of cases",
				value_kind_name(document->kind));
	if (document->list.count > LIMIT_CASES)
		return note_set(n, ERR_LIMIT, document->line, document->column,
				"a fixture has at most %d cases", LIMIT_CASES);
	f.cases = arena_array(a, document->list.count, sizeof(*f.cases));
	if (!f.cases)
		return ERR_MEMORY;
	map_init(&names, 0);
	for (; e == OK && f.count < document->list.count; f.count++)
		e = read_case(&r, &document->list.items[f.count], &names, &f.cases[f.count]);
	map_fini(&names);
	if (e == OK)
		*ret = f;
	return e;
}

bool fixture_holds(const struct fixture_case *c, const struct ruling *r)
{
	if (c->allow != r->allow || (c->rule.ptr == NULL) != (r->rule.ptr == NULL))
		return false;
	if (c->rule.ptr && !str_eq(c->rule, r->rule))
		return false;
	return !c->obligations_given || c->obligations == r->obligations;
}
