/*
 * cedar_typing: the type of an expression in one request environment.
 *
 * What is known to be true or false already prunes: the right side of `false && ...` is never
 * reached in this environment, so it need not have a type. An expression without a type is refused
 * once; who asked for its type just passes that on.
 *
 * Source: docs.cedarpolicy.com/policies/validation.html, and the language's own test suite where
 * that says nothing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/cedar/typing.h"

#define REFUSAL_BYTES 400

bool cedar_refuse(struct cedar_typing *t, const struct cedar_expr *e, const char *fmt, ...)
{
	char text[REFUSAL_BYTES];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	str_tidy(text, sizeof(text));
	t->line = e->line;
	t->column = e->column;
	if (t->judge.err == OK)
		t->judge.err = arena_copy(t->judge.memory, str_view(text), &t->text);
	return false;
}

/* A type and nothing to rely on. */
static bool give(struct cedar_typed *ret, const struct cedar_type *type)
{
	*ret = (struct cedar_typed){ .type = type };
	return type != NULL;
}

static bool give_caps(struct cedar_typing *t, struct cedar_typed *ret,
		      const struct cedar_type *type, struct cedar_caps caps)
{
	*ret = (struct cedar_typed){ type, caps };
	return t->judge.err == OK;
}

static enum cedar_only only(bool truth)
{
	return truth ? ONLY_TRUE : ONLY_FALSE;
}

static bool is_only(const struct cedar_typed *typed, enum cedar_only truth)
{
	return typed->type->kind == TYPE_BOOL && typed->type->only == truth;
}

bool cedar_expect(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
		  enum cedar_type_kind kind, struct cedar_typed *ret)
{
	static const char *const wanted[] = {
		[TYPE_BOOL] = "a Bool", [TYPE_LONG] = "a Long", [TYPE_STRING] = "a String",
		[TYPE_ENTITY] = "an entity", [TYPE_SET] = "a set", [TYPE_RECORD] = "a record",
		[TYPE_DECIMAL] = "a decimal", [TYPE_DATETIME] = "a datetime",
		[TYPE_DURATION] = "a duration", [TYPE_IP] = "an ipaddr",
	};
	char shown[CEDAR_TYPE_SHOWN];

	if (!cedar_type_of(t, e, held, ret))
		return false;
	if (ret->type->kind == kind)
		return true;
	cedar_type_show(ret->type, shown);
	return cedar_refuse(t, e, "found a value of type %s; expected %s", shown, wanted[kind]);
}

bool cedar_expect_join(struct cedar_typing *t, const struct cedar_expr *e,
		       const struct cedar_type *a, const struct cedar_type *b, const char *what,
		       const struct cedar_type **ret)
{
	char a_shown[CEDAR_TYPE_SHOWN], b_shown[CEDAR_TYPE_SHOWN];

	if (cedar_type_join(&t->judge, a, b, ret))
		return true;
	cedar_type_show(a, a_shown);
	cedar_type_show(b, b_shown);
	return cedar_refuse(t, e, "%s: %s and %s", what, a_shown, b_shown);
}

/* --- literals and variables --- */

/* An action is declared by itself, another entity by its type. */
static bool type_of_entity(struct cedar_typing *t, const struct cedar_uid *uid,
			   struct cedar_typed *ret)
{
	bool declared = cedar_is_action_type(uid->type)
				? cedar_schema_action(t->judge.schema, uid) != NULL
				: cedar_schema_type(t->judge.schema, uid->type) != NULL;

	/* What is not declared is refused by cedar_validate, in all of the policy at once. */
	return declared && give(ret, cedar_type_entity(&t->judge, uid->type));
}

static bool type_of_literal(struct cedar_typing *t, const struct cedar_expr *e,
			    struct cedar_typed *ret)
{
	switch (e->literal.kind) {
	case CEDAR_BOOL:
		return give(ret, cedar_type_bool(only(e->literal.boolean)));
	case CEDAR_LONG:
		return give(ret, cedar_type_plain(TYPE_LONG));
	case CEDAR_STRING:
		return give(ret, cedar_type_plain(TYPE_STRING));
	default:
		return type_of_entity(t, &e->literal.uid, ret);
	}
}

/* --- truths --- */

/*
 * The right side is reached when the left holds, so it may rely on what that guarantees; the whole
 * guarantees what both do. What is false guarantees nothing, since nobody gets there.
 */
static bool type_of_and(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
			struct cedar_typed *ret)
{
	struct cedar_typed left, right;
	struct cedar_caps both;

	if (!cedar_expect(t, e->args[0], held, TYPE_BOOL, &left))
		return false;
	if (is_only(&left, ONLY_FALSE))
		return give(ret, left.type);
	if (!cedar_expect(t, e->args[1], cedar_caps_union(&t->judge, held, left.caps), TYPE_BOOL,
			  &right))
		return false;
	if (is_only(&right, ONLY_FALSE))
		return give(ret, right.type);
	both = cedar_caps_union(&t->judge, left.caps, right.caps);
	if (is_only(&left, ONLY_TRUE) || is_only(&right, ONLY_TRUE))
		return give_caps(t, ret, is_only(&right, ONLY_TRUE) ? left.type : right.type, both);
	return give_caps(t, ret, cedar_type_bool(ONLY_ANY), both);
}

/* The right side is reached when the left does not hold. Guaranteed is only what either side is. */
static bool type_of_or(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
		       struct cedar_typed *ret)
{
	struct cedar_typed left, right;

	if (!cedar_expect(t, e->args[0], held, TYPE_BOOL, &left))
		return false;
	if (is_only(&left, ONLY_TRUE)) {
		*ret = left;
		return true;
	}
	if (!cedar_expect(t, e->args[1], held, TYPE_BOOL, &right))
		return false;
	if (is_only(&right, ONLY_TRUE) || is_only(&left, ONLY_FALSE))
		*ret = right;
	else if (is_only(&right, ONLY_FALSE))
		*ret = left;
	else
		return give_caps(t, ret, cedar_type_bool(ONLY_ANY),
				 cedar_caps_common(&t->judge, left.caps, right.caps));
	return true;
}

/* Only a branch that can be taken needs a type. The test's guarantees are for `then`. */
static bool type_of_if(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
		       struct cedar_typed *ret)
{
	struct cedar_typed test, yes, no;
	const struct cedar_type *joined;

	if (!cedar_expect(t, e->args[0], held, TYPE_BOOL, &test))
		return false;
	if (is_only(&test, ONLY_FALSE))
		return cedar_type_of(t, e->args[2], held, ret);
	if (!cedar_type_of(t, e->args[1], cedar_caps_union(&t->judge, held, test.caps), &yes))
		return false;
	yes.caps = cedar_caps_union(&t->judge, yes.caps, test.caps);
	if (is_only(&test, ONLY_TRUE)) {
		*ret = yes;
		return t->judge.err == OK;
	}
	if (!cedar_type_of(t, e->args[2], held, &no))
		return false;
	if (!cedar_expect_join(t, e, yes.type, no.type,
			       "'then' and 'else' have types that do not go together", &joined))
		return false;
	return give_caps(t, ret, joined, cedar_caps_common(&t->judge, no.caps, yes.caps));
}

static bool type_of_not(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
			struct cedar_typed *ret)
{
	static const enum cedar_only opposite[] = { ONLY_ANY, ONLY_TRUE, ONLY_FALSE };
	struct cedar_typed typed;

	return cedar_expect(t, e->args[0], held, TYPE_BOOL, &typed) &&
	       give(ret, cedar_type_bool(opposite[typed.type->only]));
}

/* --- comparisons and sums --- */

/* A literal; the action, which is one in each environment, is a literal too. */
static bool as_literal(const struct cedar_typing *t, const struct cedar_expr *e,
		       struct cedar_value *ret)
{
	if (e->op == EXPR_VAR && e->var == VAR_ACTION)
		*ret = (struct cedar_value){ .kind = CEDAR_ENTITY, .uid = t->action->uid };
	else if (e->op == EXPR_LITERAL)
		*ret = e->literal;
	else
		return false;
	return true;
}

/*
 * Entities of two types are never equal, which is known and no mistake: the same policy is judged
 * for other types of principal as well. Values of two other types are a mistake in strict mode.
 */
static bool type_of_equal(struct cedar_typing *t, const struct cedar_expr *e,
			  struct cedar_caps held, struct cedar_typed *ret)
{
	struct cedar_typed left, right;
	struct cedar_value a, b;
	bool unequal = e->op == EXPR_NE;
	const struct cedar_type *joined;

	if (!cedar_type_of(t, e->args[0], held, &left) ||
	    !cedar_type_of(t, e->args[1], held, &right))
		return false;
	if (cedar_type_disjoint(left.type, right.type))
		return give(ret, cedar_type_bool(only(unequal)));
	if (as_literal(t, e->args[0], &a) && as_literal(t, e->args[1], &b))
		return give(ret, cedar_type_bool(only(cedar_same_literal(&a, &b) != unequal)));
	if (t->judge.strict && !cedar_expect_join(t, e, left.type, right.type,
						  "values of two types are never equal", &joined))
		return false;
	return give(ret, cedar_type_bool(ONLY_ANY));
}

/* Decimals are compared by methods. */
static bool type_of_order(struct cedar_typing *t, const struct cedar_expr *e,
			  struct cedar_caps held, struct cedar_typed *ret)
{
	char left_shown[CEDAR_TYPE_SHOWN], right_shown[CEDAR_TYPE_SHOWN];
	struct cedar_typed left, right;
	enum cedar_type_kind kind;

	if (!cedar_type_of(t, e->args[0], held, &left) ||
	    !cedar_type_of(t, e->args[1], held, &right))
		return false;
	kind = left.type->kind;
	if (kind == right.type->kind &&
	    (kind == TYPE_LONG || kind == TYPE_DATETIME || kind == TYPE_DURATION))
		return give(ret, cedar_type_bool(ONLY_ANY));
	cedar_type_show(left.type, left_shown);
	cedar_type_show(right.type, right_shown);
	return cedar_refuse(t, e,
			    "found values of types %s and %s; expected two of Long, datetime or "
			    "duration",
			    left_shown, right_shown);
}

static bool type_of_sum(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
			struct cedar_typed *ret)
{
	for (uint32_t i = 0; i < e->arg_count; i++)
		if (!cedar_expect(t, e->args[i], held, TYPE_LONG, ret))
			return false;
	return give(ret, cedar_type_plain(TYPE_LONG));
}

/* --- entities --- */

/* An entity, or a set of entities. */
static bool expect_groups(struct cedar_typing *t, const struct cedar_expr *e,
			  struct cedar_caps held, struct cedar_typed *ret)
{
	char shown[CEDAR_TYPE_SHOWN];

	if (!cedar_type_of(t, e, held, ret))
		return false;
	if (ret->type->kind == TYPE_ENTITY ||
	    (ret->type->kind == TYPE_SET &&
	     (!ret->type->element || ret->type->element->kind == TYPE_ENTITY)))
		return true;
	cedar_type_show(ret->type, shown);
	return cedar_refuse(t, e, "found a value of type %s; expected an entity or a set of them",
			    shown);
}

/*
 * The action `own` in literals: all is known. ANY when some member of the list is not a literal,
 * and then only the types tell. False: one of the actions is not declared.
 */
static bool action_in(struct cedar_typing *t, const struct cedar_uid *own,
		      const struct cedar_expr *const *groups, uint32_t count, enum cedar_only *ret)
{
	const struct cedar_action *action = cedar_schema_action(t->judge.schema, own);
	struct cedar_value group;

	*ret = ONLY_FALSE;
	for (uint32_t i = 0; i < count; i++)
		if (!as_literal(t, groups[i], &group) || group.kind != CEDAR_ENTITY) {
			*ret = ONLY_ANY;
			return true;
		}
	for (uint32_t i = 0; i < count; i++) {
		bool literal = as_literal(t, groups[i], &group);

		if (!literal || !cedar_is_action_type(group.uid.type))
			continue;
		if (!cedar_schema_action(t->judge.schema, &group.uid))
			return false;
		if (cedar_uid_eq(own, &group.uid))
			*ret = ONLY_TRUE;
		for (size_t k = 0; action && k < action->ancestor_count; k++)
			if (cedar_uid_eq(&action->ancestors[k], &group.uid))
				*ret = ONLY_TRUE;
		if (!cedar_step(&t->judge, action ? action->ancestor_count : 0))
			return false;
	}
	return true;
}

/* Can an entity of these types be in one of those? */
static bool types_in(struct cedar_judge *j, const struct cedar_type *own,
		     const struct cedar_type *groups)
{
	const struct str *names, *group_names;
	size_t count, group_count;

	if (groups->kind == TYPE_SET)
		groups = groups->element;
	if (!groups)
		return true;
	names = cedar_type_entities(own, &count);
	group_names = cedar_type_entities(groups, &group_count);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < group_count; k++)
			if (cedar_type_in(j, names[i], group_names[k]))
				return true;
	return false;
}

/* For actions the schema knows all; for other entities the types tell what cannot be. */
static bool type_of_in(struct cedar_typing *t, const struct cedar_expr *own,
		       const struct cedar_expr *groups, struct cedar_caps held,
		       struct cedar_typed *ret)
{
	bool listed = groups->op == EXPR_SET;
	struct cedar_typed left, right;
	enum cedar_only truth = ONLY_ANY;
	struct cedar_value literal;

	if (!cedar_expect(t, own, held, TYPE_ENTITY, &left) ||
	    !expect_groups(t, groups, held, &right))
		return false;
	if (as_literal(t, own, &literal) && cedar_is_action_type(literal.uid.type) &&
	    !action_in(t, &literal.uid, listed ? groups->args : &groups,
		       listed ? groups->arg_count : 1, &truth))
		return false;
	if (truth == ONLY_ANY && !types_in(&t->judge, left.type, right.type))
		truth = ONLY_FALSE;
	return give(ret, cedar_type_bool(truth));
}

/* With `in`, that is asked only where the type fits. */
static bool type_of_is(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
		       struct cedar_typed *ret)
{
	struct cedar_typed own;
	const struct str *names;
	size_t count, same = 0;

	if (!cedar_expect(t, e->args[0], held, TYPE_ENTITY, &own))
		return false;
	names = cedar_type_entities(own.type, &count);
	for (size_t i = 0; i < count; i++)
		same += str_eq(names[i], e->name);
	if (same == 0)
		return give(ret, cedar_type_bool(ONLY_FALSE));
	if (e->arg_count == 2 && !type_of_in(t, e->args[0], e->args[1], held, ret))
		return false;
	if (e->arg_count == 2 && is_only(ret, ONLY_FALSE))
		return true;
	if (e->arg_count == 1)
		give(ret, cedar_type_bool(ONLY_TRUE));
	return count == 1 || give(ret, cedar_type_bool(ONLY_ANY));
}

/* --- attributes --- */

static bool expect_holder(struct cedar_typing *t, const struct cedar_expr *e,
			  struct cedar_caps held, struct cedar_typed *ret)
{
	char shown[CEDAR_TYPE_SHOWN];

	if (!cedar_type_of(t, e, held, ret))
		return false;
	if (ret->type->kind == TYPE_ENTITY || ret->type->kind == TYPE_RECORD)
		return true;
	cedar_type_show(ret->type, shown);
	return cedar_refuse(t, e, "found a value of type %s; expected an entity or a record",
			    shown);
}

/* Of several types the first one's attributes are offered. */
static bool no_such_attr(struct cedar_typing *t, const struct cedar_expr *e,
			 const struct cedar_type *type)
{
	const struct cedar_type *record = type;
	char shown[CEDAR_TYPE_SHOWN];
	struct cedar_guess guess;
	size_t count;

	cedar_type_show(type, shown);
	cedar_guess_init(&guess, e->name);
	if (type->kind == TYPE_ENTITY) {
		const struct cedar_entity_type *declared = cedar_schema_type(
			t->judge.schema, *cedar_type_entities(type, &count));

		record = declared ? declared->attrs : NULL;
	}
	for (size_t i = 0; record && i < record->field_count; i++)
		cedar_guess_show(&guess, record->fields[i].name);
	if (guess.best.ptr)
		return cedar_refuse(t, e, "%s has no attribute '%.*s'; did you mean '%.*s'?", shown,
				    SHOWN(e->name), SHOWN(guess.best));
	return cedar_refuse(t, e, "%s has no attribute '%.*s'", shown, SHOWN(e->name));
}

/* An attribute that is not always there wants to be asked for first, with the same words. */
static bool type_of_get(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
			struct cedar_typed *ret)
{
	struct cedar_claim claim = { .on = e->args[0], .name = e->name };
	struct cedar_typed holder;
	struct cedar_field field;

	if (!expect_holder(t, e->args[0], held, &holder))
		return false;
	if (!cedar_type_attr(&t->judge, holder.type, e->name, &field))
		return no_such_attr(t, e, holder.type);
	if (field.optional && !cedar_caps_hold(&t->judge, held, &claim))
		return cedar_refuse(
			t, e,
			"the attribute '%.*s' is optional; ask 'has %.*s &&' before it is read",
			SHOWN(e->name), SHOWN(e->name));
	return give(ret, field.type);
}

/* `on has name`, of a holder whose type is known. *attr NULL: there is no type of the attribute. */
static bool type_of_has_one(struct cedar_typing *t, const struct cedar_type *holder,
			    const struct cedar_claim *claim, struct cedar_caps held,
			    struct cedar_typed *ret, const struct cedar_type **attr)
{
	bool sure = cedar_caps_hold(&t->judge, held, claim);
	struct cedar_field field;

	*attr = NULL;
	if (!cedar_type_attr(&t->judge, holder, claim->name, &field)) {
		bool may = cedar_type_may_have(&t->judge, holder, claim->name);

		return give(ret, cedar_type_bool(may ? ONLY_ANY : ONLY_FALSE));
	}
	/* An entity may be missing as a whole; a record is there. */
	sure = sure || (!field.optional && holder->kind == TYPE_RECORD);
	*attr = field.type;
	return give_caps(t, ret, cedar_type_bool(sure ? ONLY_TRUE : ONLY_ANY),
			 cedar_caps_one(&t->judge, claim));
}

/* `on.name`, where the text has no expression of its own. */
static const struct cedar_expr *new_get(struct cedar_judge *j, const struct cedar_expr *on,
					struct str name)
{
	struct cedar_expr *e = arena_alloc(j->memory, sizeof(*e));
	const struct cedar_expr **args = arena_alloc(j->memory, sizeof(*args));

	if (!e || !args) {
		j->err = ERR_MEMORY;
		return NULL;
	}
	args[0] = on;
	*e = (struct cedar_expr){ .op = EXPR_GET, .line = on->line, .column = on->column,
				  .arg_count = 1, .args = args, .name = name };
	return e;
}

/* e has a.b.c is e has a && e.a has b && e.a.b has c. */
static bool type_of_has(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
			struct cedar_typed *ret)
{
	struct cedar_claim claim = { .on = e->args[0] };
	const struct cedar_type *type, *attr;
	struct cedar_typed holder, one;
	bool all_sure = true;

	if (e->name_count > LIMIT_CEDAR_DEPTH)
		return cedar_refuse(t, e, "more than %d names after 'has'", LIMIT_CEDAR_DEPTH);
	if (!expect_holder(t, e->args[0], held, &holder))
		return false;
	type = holder.type;
	*ret = (struct cedar_typed){ .type = NULL };
	for (uint32_t i = 0; i < e->name_count; i++) {
		if (type->kind != TYPE_ENTITY && type->kind != TYPE_RECORD)
			return cedar_refuse(t, e, "'%.*s' is neither an entity nor a record",
					    SHOWN(e->names[i - 1]));
		claim.name = e->names[i];
		if (!type_of_has_one(t, type, &claim, held, &one, &attr))
			return false;
		if (is_only(&one, ONLY_FALSE))
			return give(ret, one.type);
		all_sure = all_sure && is_only(&one, ONLY_TRUE);
		ret->caps = cedar_caps_union(&t->judge, ret->caps, one.caps);
		if (i + 1 == e->name_count)
			break;
		if (!attr)
			return cedar_refuse(t, e, "the types of '%.*s' do not go together",
					    SHOWN(e->names[i]));
		type = attr;
		claim.on = new_get(&t->judge, claim.on, e->names[i]);
		if (!claim.on)
			return false;
	}
	ret->type = cedar_type_bool(all_sure ? ONLY_TRUE : ONLY_ANY);
	return t->judge.err == OK;
}

/* --- sets and records --- */

/* The empty set has no element to say what it is a set of; permissive mode lets that be. */
static bool type_of_set(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
			struct cedar_typed *ret)
{
	struct cedar_type *set = arena_alloc(t->judge.memory, sizeof(*set));
	const struct cedar_type *joined = NULL;
	struct cedar_typed one;

	if (!set) {
		t->judge.err = ERR_MEMORY;
		return false;
	}
	if (e->arg_count == 0 && t->judge.strict)
		return cedar_refuse(t, e, "an empty set has no type; leave it out or compare with "
					  "isEmpty()");
	for (uint32_t i = 0; i < e->arg_count; i++) {
		if (!cedar_type_of(t, e->args[i], held, &one))
			return false;
		if (!cedar_expect_join(t, e->args[i], joined, one.type,
				       "the elements of a set have types that do not go together",
				       &joined))
			return false;
	}
	*set = (struct cedar_type){ .kind = TYPE_SET, .element = joined };
	return give(ret, set);
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct cedar_field *)a)->name,
		       ((const struct cedar_field *)b)->name);
}

static bool type_of_record(struct cedar_typing *t, const struct cedar_expr *e,
			   struct cedar_caps held, struct cedar_typed *ret)
{
	struct cedar_field *fields = arena_array(t->judge.memory, e->arg_count, sizeof(*fields));
	struct cedar_type *record = arena_alloc(t->judge.memory, sizeof(*record));
	struct cedar_typed one;

	if (!fields || !record) {
		t->judge.err = ERR_MEMORY;
		return false;
	}
	for (uint32_t i = 0; i < e->arg_count; i++) {
		if (!cedar_type_of(t, e->args[i], held, &one))
			return false;
		fields[i] = (struct cedar_field){ .name = e->names[i], .type = one.type };
	}
	if (e->arg_count)
		qsort(fields, e->arg_count, sizeof(*fields), by_name);
	*record = (struct cedar_type){ .kind = TYPE_RECORD, .fields = fields,
				       .field_count = e->arg_count };
	return give(ret, record);
}

/* --- all of them --- */

static bool type_of_like(struct cedar_typing *t, const struct cedar_expr *e,
			 struct cedar_caps held, struct cedar_typed *ret)
{
	return cedar_expect(t, e->args[0], held, TYPE_STRING, ret) &&
	       give(ret, cedar_type_bool(ONLY_ANY));
}

static bool type_of_group(struct cedar_typing *t, const struct cedar_expr *e,
			  struct cedar_caps held, struct cedar_typed *ret)
{
	return type_of_in(t, e->args[0], e->args[1], held, ret);
}

/* A slot too: see cedar_validate. */
static bool type_of_var(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
			struct cedar_typed *ret)
{
	(void)held;
	return give(ret, t->vars[e->var]);
}

static bool type_of_constant(struct cedar_typing *t, const struct cedar_expr *e,
			     struct cedar_caps held, struct cedar_typed *ret)
{
	(void)held;
	return type_of_literal(t, e, ret);
}

bool cedar_type_of(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
		   struct cedar_typed *ret)
{
	typedef bool rule(struct cedar_typing *, const struct cedar_expr *, struct cedar_caps,
			  struct cedar_typed *);
	static rule *const rules[] = {
		[EXPR_LITERAL] = type_of_constant, [EXPR_VAR] = type_of_var,
		[EXPR_SLOT] = type_of_var, [EXPR_IF] = type_of_if, [EXPR_AND] = type_of_and,
		[EXPR_OR] = type_of_or, [EXPR_NOT] = type_of_not, [EXPR_NEG] = type_of_sum,
		[EXPR_EQ] = type_of_equal, [EXPR_NE] = type_of_equal, [EXPR_LT] = type_of_order,
		[EXPR_LE] = type_of_order, [EXPR_GT] = type_of_order, [EXPR_GE] = type_of_order,
		[EXPR_IN] = type_of_group, [EXPR_ADD] = type_of_sum, [EXPR_SUB] = type_of_sum,
		[EXPR_MUL] = type_of_sum, [EXPR_GET] = type_of_get, [EXPR_HAS] = type_of_has,
		[EXPR_LIKE] = type_of_like, [EXPR_IS] = type_of_is, [EXPR_SET] = type_of_set,
		[EXPR_RECORD] = type_of_record, [EXPR_CALL] = cedar_type_of_call,
	};

	return cedar_step(&t->judge, 1) && rules[e->op](t, e, held, ret) && t->judge.err == OK;
}
