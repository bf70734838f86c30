/*
 * cedar_cells: expressions to cells, each different one once.
 *
 *   when { context.tool == "a" && principal.level >= 2 }       cells: 0 context    3 0.tool == "a"
 *   when { principal.level >= 2 } unless { context.dry }              1 0.tool     4 principal ...
 *                                                              tests: 3 6 | 6 8
 *
 * Two expressions are one cell when their keys are the same bytes: operator, cells of the
 * arguments, and what the operator carries. The keys and the map live while the cells are made.
 * Links share the conditions of their template, and so their tests.
 */
#include "engine/cedar/cells.h"

#define SCRATCH_BYTES ((size_t)512 << 20)
/* Outcomes that one decision remembers at most. */
#define MEMORIES_MAX 1024

struct maker {
	struct arena scratch;
	struct map seen;             /* key to cell */
	struct map tracks;           /* where conditions lie, to the first policy that has them */
	struct buf key;
	struct cedar_cell *cells;
	uint32_t count;
	size_t room;
	uint32_t *tests;
	uint32_t test_count;
	size_t test_room;
	struct cedar_track *made;
};

/* --- keys --- */

static void add_number(struct buf *b, uint64_t number)
{
	buf_add(b, str_slice(&number, sizeof(number)));
}

/* With its length, so that what follows cannot be taken for a part of it. */
static void add_text(struct buf *b, struct str s)
{
	add_number(b, s.len);
	buf_add(b, s);
}

static void add_literal(struct buf *b, const struct cedar_value *v)
{
	add_number(b, v->kind);
	if (v->kind == CEDAR_BOOL)
		add_number(b, v->boolean);
	else if (v->kind == CEDAR_LONG)
		add_number(b, (uint64_t)v->integer);
	else if (v->kind == CEDAR_STRING)
		add_text(b, v->string);
	else
		add_text(b, v->uid.type);
	if (v->kind == CEDAR_ENTITY)
		add_text(b, v->uid.id);
}

/* What the operator has besides its arguments. */
static void add_content(struct buf *b, enum cedar_op op, const struct cedar_expr *x)
{
	switch (op) {
	case EXPR_LITERAL:
		add_literal(b, &x->literal);
		break;
	case EXPR_VAR:
	case EXPR_SLOT:
		add_number(b, x->var);
		break;
	case EXPR_GET:
	case EXPR_IS:
		add_text(b, x->name);
		break;
	case EXPR_HAS:
	case EXPR_RECORD:
		for (uint32_t i = 0; i < x->name_count; i++)
			add_text(b, x->names[i]);
		break;
	case EXPR_LIKE:
		for (size_t i = 0; i < x->pattern.count; i++) {
			add_number(b, x->pattern.runs[i].star);
			add_text(b, x->pattern.runs[i].text);
		}
		break;
	case EXPR_CALL:
		add_number(b, x->call);
		break;
	default:
		break;
	}
}

static void write_key(struct maker *m, const struct cedar_cell *cell, const uint32_t *args,
		      size_t count)
{
	buf_clear(&m->key);
	add_number(&m->key, cell->op);
	add_number(&m->key, count);
	buf_add(&m->key, str_slice(args, count * sizeof(*args)));
	add_content(&m->key, cell->op, cell->expr);
}

/* --- cells --- */

static enum err grow_cells(struct maker *m)
{
	void *cells = m->cells;

	TRY(cedar_grow(&m->scratch, &cells, m->count, &m->room, sizeof(*m->cells)));
	m->cells = cells;
	return OK;
}

/* The cell of the same key, or a new one. */
static enum err intern(struct maker *m, struct cedar_cell cell, const uint32_t *args, size_t count,
		       uint32_t *ret)
{
	struct str key;

	write_key(m, &cell, args, count);
	TRY(m->key.err);
	if (map_get(&m->seen, buf_view(&m->key), ret))
		return OK;
	TRY(arena_copy(&m->scratch, buf_view(&m->key), &key));
	TRY(grow_cells(m));
	TRY(map_put(&m->seen, key, m->count));
	for (size_t i = 0; i < count && !cell.value; i++)
		m->cells[args[i]].uses++;
	for (size_t i = 0; i < count && count <= CELL_ARGS; i++)
		cell.args[i] = args[i];
	m->cells[m->count] = cell;
	*ret = m->count++;
	return OK;
}

/* The two halves of `is T in e`. */
static enum err intern_halves(struct maker *m, const struct cedar_expr *x, const uint32_t args[2],
			      uint32_t halves[2])
{
	TRY(intern(m, (struct cedar_cell){ .op = EXPR_IS, .expr = x }, args, 1, &halves[0]));
	return intern(m, (struct cedar_cell){ .op = EXPR_IN, .expr = x }, args, 2, &halves[1]);
}

/* Arguments first, so that cells lie in the order in which they are evaluated. */
static enum err add_expr(struct maker *m, const struct cedar_expr *x, uint32_t *ret)
{
	uint32_t *args = arena_array(&m->scratch, x->arg_count, sizeof(*args)), halves[2];
	struct cedar_cell cell = { .op = x->op, .expr = x, .value = x->constant };

	if (!args)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < x->arg_count; i++)
		TRY(add_expr(m, x->args[i], &args[i]));
	if (x->op == EXPR_LITERAL)
		cell.value = &x->literal;
	if (x->op != EXPR_IS || x->arg_count == 1)
		return intern(m, cell, args, x->arg_count, ret);
	TRY(intern_halves(m, x, args, halves));
	cell.op = EXPR_AND;
	return intern(m, cell, halves, 2, ret);
}

/* --- tests --- */

static enum err add_test(struct maker *m, uint32_t cell)
{
	void *tests = m->tests;

	TRY(cedar_grow(&m->scratch, &tests, m->test_count, &m->test_room, sizeof(*m->tests)));
	m->tests = tests;
	m->tests[m->test_count++] = cell;
	m->cells[cell].uses++;
	return OK;
}

/* Parentheses do not matter: && is associative in value, in error and in what it leaves out. */
static enum err add_conjuncts(struct maker *m, const struct cedar_expr *x)
{
	uint32_t cell, args[2], halves[2];

	if (x->op == EXPR_AND) {
		TRY(add_conjuncts(m, x->args[0]));
		return add_conjuncts(m, x->args[1]);
	}
	if (x->op == EXPR_IS && x->arg_count == 2) {
		TRY(add_expr(m, x->args[0], &args[0]));
		TRY(add_expr(m, x->args[1], &args[1]));
		TRY(intern_halves(m, x, args, halves));
		TRY(add_test(m, halves[0]));
		return add_test(m, halves[1]);
	}
	TRY(add_expr(m, x, &cell));
	return add_test(m, cell);
}

static enum err add_condition(struct maker *m, const struct cedar_condition *c)
{
	uint32_t body, cell;

	if (!c->unless)
		return add_conjuncts(m, c->body);
	TRY(add_expr(m, c->body, &body));
	TRY(intern(m, (struct cedar_cell){ .op = EXPR_NOT }, &body, 1, &cell));
	return add_test(m, cell);
}

/* Of a template with many links the conditions are walked once. */
static enum err add_policy(struct maker *m, const struct cedar_policy *p, uint32_t number)
{
	struct str place = str_slice(&p->conditions, sizeof(p->conditions));
	struct cedar_track *t = &m->made[number];
	uint32_t same;

	if (map_get(&m->tracks, place, &same)) {
		*t = m->made[same];
	} else {
		t->first = m->test_count;
		for (size_t i = 0; i < p->condition_count; i++)
			TRY(add_condition(m, &p->conditions[i]));
		t->count = m->test_count - t->first;
		if (p->condition_count)
			TRY(map_put(&m->tracks, place, number));
	}
	t->open = p->principal.op == SCOPE_ANY && p->action.op == SCOPE_ANY &&
		  p->resource.op == SCOPE_ANY;
	return OK;
}

/* --- all --- */

/* What is asked more than once is worth remembering, unless it is at hand anyway. */
static void give_memories(struct maker *m, struct cedar_cells *made)
{
	for (uint32_t i = 0; i < m->count && made->memories < MEMORIES_MAX; i++)
		if (m->cells[i].uses > 1 && !m->cells[i].value && m->cells[i].op != EXPR_VAR)
			m->cells[i].memory = ++made->memories;
}

/* Constants lie side by side, as the cells do, and not all over the trees. */
static enum err gather_values(struct maker *m, struct arena *memory)
{
	struct cedar_value *values;
	size_t count = 0;

	for (uint32_t i = 0; i < m->count; i++)
		count += m->cells[i].value != NULL;
	values = arena_array(memory, count, sizeof(*values));
	if (!values)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < m->count; i++) {
		if (!m->cells[i].value)
			continue;
		*values = *m->cells[i].value;
		m->cells[i].value = values++;
	}
	return OK;
}

static enum err copy_block(struct arena *memory, const void *from, size_t count, size_t size,
			   const void **ret)
{
	void *copy = arena_array(memory, count, size);

	if (!copy)
		return ERR_MEMORY;
	if (count)
		memcpy(copy, from, count * size);
	*ret = copy;
	return OK;
}

static enum err make(struct maker *m, const struct cedar_policies *p, struct arena *memory,
		     struct cedar_cells *made)
{
	const void *cells, *tests;

	m->made = arena_array(memory, p->count, sizeof(*m->made));
	if (!m->made)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < p->count; i++)
		TRY(add_policy(m, p->policies[i], i));
	give_memories(m, made);
	TRY(gather_values(m, memory));
	TRY(copy_block(memory, m->cells, m->count, sizeof(*m->cells), &cells));
	TRY(copy_block(memory, m->tests, m->test_count, sizeof(*m->tests), &tests));
	made->cells = cells;
	made->count = m->count;
	made->tests = tests;
	made->tracks = m->made;
	made->covered = p->count;
	return OK;
}

enum err cedar_cells_make(const struct cedar_policies *p, struct arena *memory,
			  struct cedar_cells *ret)
{
	struct cedar_cells made = { .memories = 0 };
	struct maker m = { .count = 0 };
	enum err e;

	arena_init(&m.scratch, SCRATCH_BYTES);
	map_init(&m.seen, 0);
	map_init(&m.tracks, 0);
	buf_init(&m.key, SCRATCH_BYTES);
	e = make(&m, p, memory, &made);
	buf_fini(&m.key);
	map_fini(&m.tracks);
	map_fini(&m.seen);
	arena_fini(&m.scratch);
	if (e == OK)
		*ret = made;
	return e;
}
