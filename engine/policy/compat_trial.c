/*
 * compat_trial: requests made from one rule, for both sides.
 *
 *   literals of the condition, values of each type --> candidates at each path of the rule
 *   globs of its tools, of the policy's agents ------> names of tools and agents
 *   one candidate for each place --------------------> a request of ours, a context of theirs
 *
 * All combinations are tried while there are few; else a sample, drawn by a fixed sequence of
 * numbers, so that the same files give the same report.
 */
#include "engine/policy/compat_trial.h"

#define COMBINATIONS 4096    /* requests tried for one rule, at most */
#define FEWEST	     512     /* and however many rules there are */
#define REQUESTS     1000000 /* for all rules together, about */

/* --- candidates --- */

static void add(struct trial_values *c, struct value v)
{
	for (size_t i = 1; i < c->count; i++)
		if (c->items[i].kind == v.kind && value_eq(&c->items[i], &v))
			return;
	if (c->count < TRIAL_CANDIDATES)
		c->items[c->count++] = v;
}

static bool is_name(const struct value *v)
{
	return v->kind == VALUE_STRING && v->string.len > 0 && v->string.len <= LIMIT_NAME_BYTES;
}

/* The number, its neighbours, and itself as a text. */
static void add_number(struct trial_values *c, const struct token *t)
{
	const struct value *v = &t->value;

	add(c, *v);
	if (v->kind == VALUE_INT && v->integer > INT64_MIN && v->integer < INT64_MAX) {
		add(c, value_int(v->integer - 1));
		add(c, value_int(v->integer + 1));
	} else if (v->kind == VALUE_REAL) {
		add(c, (struct value){ .kind = VALUE_REAL, .real = v->real - 1 });
		add(c, (struct value){ .kind = VALUE_REAL, .real = v->real + 1 });
	}
	add(c, value_string(t->text));
}

/* Every literal of the condition, then values of every type. */
static enum err collect(struct arena *a, struct str condition, struct trial_values *c)
{
	struct lexer lx = { .text = condition, .memory = a };
	struct token t = { .kind = TOKEN_WORD };

	*c = (struct trial_values){ .count = 1 };
	while (condition.ptr && t.kind != TOKEN_END) {
		TRY(lexer_next(&lx, &t));
		if (t.kind == TOKEN_STRING)
			add(c, t.value);
		if (t.kind == TOKEN_NUMBER)
			add_number(c, &t);
	}
	if (c->count > TRIAL_CANDIDATES - 7)
		c->count = TRIAL_CANDIDATES - 7;
	add(c, value_bool(true));
	add(c, value_bool(false));
	add(c, value_null());
	add(c, value_int(0));
	add(c, value_string(STR("")));
	add(c, value_string(STR("other")));
	add(c, (struct value){ .kind = VALUE_LIST });
	return OK;
}

/* A name that a glob of ours matches: stars filled, quotes taken off. */
static enum err sample(struct arena *a, struct str glob, const char *filling, struct str *ret)
{
	struct buf b;

	buf_init(&b, LIMIT_LINE_BYTES);
	for (size_t i = 0; i < glob.len; i++) {
		if (glob.ptr[i] == '\\' && i + 1 < glob.len)
			buf_add_byte(&b, glob.ptr[++i]);
		else if (glob.ptr[i] == '*')
			buf_add_c(&b, filling);
		else
			buf_add_byte(&b, glob.ptr[i]);
	}
	return arena_take(a, &b, ret);
}

static enum err add_samples(struct arena *a, const struct str *globs, size_t count,
			    struct trial_values *c)
{
	static const char *const fillings[] = { "x", "" };
	struct value v;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < 2; j++) {
			v.kind = VALUE_STRING;
			TRY(sample(a, globs[i], fillings[j], &v.string));
			if (is_name(&v))
				add(c, v);
		}
	return OK;
}

/* Only names, and never missing: the tool and the agent are there in every request. */
static void keep_names(struct trial_values *c)
{
	size_t kept = 0;

	for (size_t i = 1; i < c->count; i++)
		if (is_name(&c->items[i]))
			c->items[kept++] = c->items[i];
	c->count = kept;
}

static bool has_place(const struct draft_rule *r, enum draft_place place)
{
	for (size_t i = 0; i < r->path_count; i++)
		if (r->paths[i].place == place)
			return true;
	return false;
}

/* The value at a place, NULL when it is missing there. */
static const struct value *value_at(const struct trial *t, size_t place)
{
	const struct trial_values *c = &t->at[place];
	bool certain = place >= t->rule->path_count;

	return certain || t->chosen[place] > 0 ? &c->items[t->chosen[place]] : NULL;
}

/* --- requests --- */

/* A member of an object, made when it is not there. */
static enum err member(struct arena *a, struct value *object, struct str key, struct value **ret)
{
	size_t count = object->object.count;
	struct member *members;

	for (size_t i = 0; i < count; i++)
		if (str_eq(object->object.members[i].key, key)) {
			*ret = &object->object.members[i].value;
			return OK;
		}
	members = arena_array(a, count + 1, sizeof(*members));
	if (!members)
		return ERR_MEMORY;
	if (count)
		memcpy(members, object->object.members, count * sizeof(*members));
	members[count] = (struct member){ .key = key };
	object->object.members = members;
	object->object.count = count + 1;
	*ret = &members[count].value;
	return OK;
}

/* Put a value at a dotted path, unless something that is no object is in the way. */
static enum err put(struct arena *a, struct value *object, struct str path, bool flat,
		    struct value v)
{
	struct str key, rest = path;
	struct value *inner;
	bool more = true;

	while (more) {
		struct str left = rest;
		size_t before = object->object.count;

		more = !flat && str_cut(left, '.', &key, &rest);
		TRY(member(a, object, more ? key : left, &inner));
		if (more && object->object.count > before)
			*inner = (struct value){ .kind = VALUE_OBJECT };
		if (!more)
			break;
		if (inner->kind != VALUE_OBJECT)
			return OK;
		object = inner;
	}
	*inner = v;
	return OK;
}

/* Is the value one that both sides can be given at this place? */
static bool can_stand(const struct draft_path *p, const struct value *v)
{
	if (p->place == PLACE_RESOURCE || p->place == PLACE_SESSION)
		return is_name(v);
	return p->place == PLACE_ATTRIBUTE || p->place == PLACE_RESULT ||
	       (p->place == PLACE_ARGS && p->below.len > 0);
}

/* Put what can stand there where our requests have it. */
static enum err put_ours(struct arena *a, struct value *request, const struct draft_path *p,
			 bool sent, struct value v)
{
	struct value *root;

	if (p->place == PLACE_RESOURCE)
		return put(a, request, STR("resource"), false, v);
	if (p->place == PLACE_SESSION)
		return put(a, request, sent ? STR("session") : STR("session.id"), false, v);
	if (p->below.len == 0)
		return put(a, request, STR("result"), false, v);
	TRY(member(a, request, p->place == PLACE_ARGS	    ? STR("args")
			       : p->place == PLACE_ATTRIBUTE ? STR("action") : STR("result"),
		   &root));
	if (root->kind == VALUE_NULL)
		*root = (struct value){ .kind = VALUE_OBJECT };
	return root->kind == VALUE_OBJECT ? put(a, root, p->below, p->below_flat, v) : OK;
}

static uint64_t combinations(const struct trial *t)
{
	uint64_t product = 1;

	for (size_t i = 0; i < t->places && product <= t->most; i++)
		product *= t->at[i].count;
	return product;
}

/* The n-th combination, least place first. */
static void choose(struct trial *t, uint64_t n)
{
	for (size_t i = 0; i < t->places; i++) {
		t->chosen[i] = (size_t)(n % t->at[i].count);
		n /= t->at[i].count;
	}
}

/* Knuth's MMIX generator: a fixed sequence is all that is wanted of it. */
static void draw(struct trial *t)
{
	for (size_t i = 0; i < t->places; i++) {
		t->state = t->state * UINT64_C(6364136223846793005) +
			   UINT64_C(1442695040888963407);
		t->chosen[i] = (size_t)((t->state >> 33) % t->at[i].count);
	}
}

/* --- the door --- */

enum err compat_trial_begin(struct trial *t, const struct draft *d, const struct draft_rule *r,
			    struct arena *a)
{
	struct trial_values literals, *tool = &t->at[r->path_count], *agent = tool + 1;

	t->rule = r;
	t->most = REQUESTS / (d->rule_count + 1);
	t->most = t->most > COMBINATIONS ? COMBINATIONS : t->most < FEWEST ? FEWEST : t->most;
	TRY(collect(a, r->condition, &literals));
	t->places = r->path_count + 2;
	for (size_t i = 0; i < r->path_count; i++) {
		enum draft_place place = r->paths[i].place;

		t->at[i] = literals;
		if (place == PLACE_TYPE || place == PLACE_AGENT)
			t->at[i].count = 1;
	}
	*tool = (struct trial_values){ .count = 1 };
	TRY(add_samples(a, r->tools, r->tool_count, tool));
	if (has_place(r, PLACE_TYPE))
		for (size_t i = 1; i < literals.count; i++)
			add(tool, literals.items[i]);
	add(tool, value_string(STR("other_tool")));
	keep_names(tool);
	*agent = (struct trial_values){ .count = 1 };
	if (has_place(r, PLACE_AGENT))
		for (size_t i = 1; i < literals.count; i++)
			add(agent, literals.items[i]);
	if (d->agent_count == 0 || str_is(d->agents[0], "*"))
		add(agent, value_string(STR("agent-1")));
	else
		TRY(add_samples(a, d->agents, 1, agent));
	keep_names(agent);
	return OK;
}

enum err compat_trial_ours(const struct trial *t, bool sent, struct arena *a, struct value *ret)
{
	const struct value *tool = value_at(t, t->rule->path_count);
	const struct value *agent = value_at(t, t->rule->path_count + 1);
	const struct value args = { .kind = VALUE_OBJECT };
	bool attributes = false;

	*ret = (struct value){ .kind = VALUE_OBJECT };
	for (size_t i = 0; i < t->rule->path_count; i++)
		attributes = attributes ||
			     (t->rule->paths[i].place == PLACE_ATTRIBUTE && value_at(t, i));
	TRY(put(a, ret, sent ? STR("agent") : STR("agent.id"), false, *agent));
	TRY(put(a, ret, sent && !attributes ? STR("action") : STR("action.type"), false, *tool));
	TRY(put(a, ret, STR("args"), false, args));
	if (sent && t->rule->stage != COMPAT_PRE_TOOL)
		TRY(put(a, ret, STR("stage"), false,
			value_string(str_view(compat_stages[t->rule->stage]))));
	for (size_t i = 0; i < t->rule->path_count; i++) {
		const struct draft_path *p = &t->rule->paths[i];
		const struct value *v = value_at(t, i);

		if (v && can_stand(p, v))
			TRY(put_ours(a, ret, p, sent, *v));
	}
	return OK;
}

enum err compat_trial_theirs(const struct trial *t, bool mesh, struct arena *a, struct value *ret)
{
	const struct value *tool = value_at(t, t->rule->path_count);
	const struct value *agent = value_at(t, t->rule->path_count + 1);

	*ret = (struct value){ .kind = VALUE_OBJECT };
	if (mesh) {
		TRY(put(a, ret, STR("action.type"), false, *tool));
		TRY(put(a, ret, STR("tool_name"), false, *tool));
		TRY(put(a, ret, STR("agent.did"), false, *agent));
	}
	for (size_t i = 0; i < t->rule->path_count; i++) {
		const struct draft_path *p = &t->rule->paths[i];
		const struct value *v = value_at(t, i);

		/* A rule that speaks of `action` as a text is given a text there. */
		if (p->place == PLACE_TYPE)
			v = tool;
		else if (p->place == PLACE_AGENT)
			v = agent;
		else if (!v || !can_stand(p, v))
			continue;
		TRY(put(a, ret, p->theirs, p->flat, *v));
	}
	return OK;
}

struct str compat_trial_tool(const struct trial *t)
{
	return value_at(t, t->rule->path_count)->string;
}

struct str compat_trial_agent(const struct trial *t)
{
	return value_at(t, t->rule->path_count + 1)->string;
}

bool compat_trial_next(struct trial *t)
{
	uint64_t count = combinations(t);

	if (t->tried == (count < t->most ? count : t->most))
		return false;
	if (count <= t->most)
		choose(t, t->tried);
	else
		draw(t);
	t->tried++;
	return true;
}
