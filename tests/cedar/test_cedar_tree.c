/* cedar_tree: bounds of trees, balanced chains, calls by name. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/cedar/cedar_kit.h"

static struct arena arena;
static struct note note;

static void open_arena(void)
{
	arena_init(&arena, (size_t)64 << 20);
	note = (struct note){ .line = 0 };
}

static void close_arena(void)
{
	arena_fini(&arena);
}

TestSuite(cedar_tree, .init = open_arena, .fini = close_arena);

static struct cedar_tree tree(void)
{
	return (struct cedar_tree){ .memory = &arena, .note = &note };
}

static const struct cedar_expr *number(struct cedar_tree *t, int64_t i)
{
	struct cedar_expr node = { .op = EXPR_LITERAL,
				   .literal = { .kind = CEDAR_LONG, .integer = i } };
	const struct cedar_expr *e = NULL;

	cr_assert_eq(cedar_tree_add(t, node, NULL, 0, &e), OK);
	return e;
}

Test(cedar_tree, a_node_keeps_copies_of_its_arguments_and_knows_its_height)
{
	struct cedar_tree t = tree();
	const struct cedar_expr *args[2] = { number(&t, 1), number(&t, 2) }, *sum, *not ;

	cr_assert_eq(cedar_tree_add(&t, (struct cedar_expr){ .op = EXPR_ADD }, args, 2, &sum), OK);
	args[0] = args[1];
	cr_assert_eq(sum->args[0]->literal.integer, 1);
	cr_assert(sum->height == 2 && sum->args[0]->height == 1);
	cr_assert_eq(cedar_tree_add(&t, (struct cedar_expr){ .op = EXPR_NOT }, &sum, 1, &not ), OK);
	cr_assert_eq(not ->height, 3);
	cr_assert_eq(t.nodes, 4);
}

Test(cedar_tree, depth_and_number_are_bounded)
{
	struct cedar_tree t = tree();
	const struct cedar_expr *e = number(&t, 1), *before;
	struct cedar_expr node = { .op = EXPR_NOT, .line = 3, .column = 4 };

	for (unsigned i = 1; i < LIMIT_CEDAR_DEPTH; i++)
		cr_assert_eq(cedar_tree_add(&t, node, &e, 1, &e), OK);
	before = e;
	cr_assert_eq(cedar_tree_add(&t, node, &e, 1, &e), ERR_LIMIT);
	cr_assert_eq(e, before);
	cr_assert(note.line == 3 && note.column == 4 && strstr(note.text, "256 levels"));
	t.nodes = LIMIT_CEDAR_NODES;
	node.op = EXPR_SET;
	cr_assert_eq(cedar_tree_add(&t, node, NULL, 0, &e), ERR_LIMIT);
	cr_assert(strstr(note.text, "1048576 expressions"), "%s", note.text);
}

/* The numbers of a chain from left to right, and whether each sign stands before its number. */
static void check_chain(const struct cedar_expr *e, uint32_t place, int64_t *next)
{
	if (e->op != EXPR_AND) {
		cr_assert_eq(e->literal.integer, (*next)++);
		return;
	}
	check_chain(e->args[0], place, next);
	cr_assert_eq(e->column, *next, "the sign of %d is at %u", (int)*next, e->column);
	check_chain(e->args[1], e->column, next);
}

Test(cedar_tree, chains_are_balanced_and_in_order)
{
	static const size_t counts[] = { 2, 3, 4, 5, 7, 8, 9, 100, 1000 };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct cedar_tree t = tree();
		struct cedar_chained items[1000];
		const struct cedar_expr *e;
		int64_t next = 0;
		unsigned height = 1;

		for (size_t k = 0; k < counts[i]; k++)
			items[k] = (struct cedar_chained){ number(&t, (int64_t)k), 1, (uint32_t)k };
		cr_assert_eq(cedar_tree_chain(&t, EXPR_AND, items, counts[i], &e), OK);
		check_chain(e, 0, &next);
		cr_assert_eq((size_t)next, counts[i]);
		while (((size_t)1 << (height - 1)) < counts[i])
			height++;
		cr_assert_eq(e->height, height, "%zu: %u", counts[i], e->height);
	}
}

Test(cedar_tree, a_chain_of_chains_is_the_chain_of_their_operands)
{
	struct cedar_tree t = tree();
	struct cedar_chained items[6], groups[3], one[2];
	const struct cedar_expr *flat, *nested, * or ;
	int64_t next = 0;

	for (uint32_t k = 0; k < 6; k++)
		items[k] = (struct cedar_chained){ number(&t, k), 1, k };
	cr_assert_eq(cedar_tree_chain(&t, EXPR_AND, items, 6, &flat), OK);
	for (uint32_t k = 0; k < 3; k++) {
		groups[k] = (struct cedar_chained){ NULL, 1, 2 * k };
		cr_assert_eq(cedar_tree_chain(&t, EXPR_AND, items + (k * 2), 2, &groups[k].expr),
			     OK);
	}
	cr_assert_eq(cedar_tree_chain(&t, EXPR_AND, groups, 3, &nested), OK);
	check_chain(nested, 0, &next);
	cr_assert(str_eq(cedar_kit_show(&arena, flat), cedar_kit_show(&arena, nested)));
	one[0] = groups[0];
	one[1] = groups[1];
	cr_assert_eq(cedar_tree_chain(&t, EXPR_OR, one, 2, & or), OK);
	cr_assert(or->op == EXPR_OR && or->args[0] == groups[0].expr);
}

/* A call with so many numbers, the receiver included. */
static enum err call(const char *name, bool method, size_t count, const struct cedar_expr **ret)
{
	struct cedar_token t = { .text = str_view(name), .line = 5, .column = 6 };
	struct cedar_tree made = tree();
	const struct cedar_expr *args[4];

	for (size_t i = 0; i < count; i++)
		args[i] = number(&made, 1);
	return cedar_tree_call(&made, t, method, args, count, ret);
}

Test(cedar_tree, every_function_and_method_is_found_by_its_name_and_style)
{
	for (int i = 0; i < CEDAR_CALLS; i++) {
		enum cedar_call id = (enum cedar_call)i;
		bool method = cedar_call_is_method(id);
		size_t args = method ? 2 : 1;
		const struct cedar_expr *e = NULL;

		if (id == CALL_IS_EMPTY)
			args = 1;
		cr_assert_eq(call(cedar_call_name(id), method, args, &e), OK);
		cr_assert(e->op == EXPR_CALL && e->call == id && e->line == 5 && e->column == 6);
		cr_assert_eq(call(cedar_call_name(id), !method, args, &e), ERR_TYPE);
		cr_assert(strstr(note.text, method ? "is a method" : "is a function"));
		cr_assert_eq(call(cedar_call_name(id), method, 3, &e),
			     cedar_call_is_core(id) ? ERR_TYPE : OK);
	}
	cr_assert(!cedar_call_is_core(CALL_IP) && !cedar_call_is_core(CALL_DURATION));
	cr_assert(cedar_call_is_core(CALL_CONTAINS) && cedar_call_is_core(CALL_HAS_TAG));
	cr_assert(!cedar_call_is_core(CALL_IS_IPV4));
}

Test(cedar_tree, an_unknown_name_gets_a_suggestion_of_its_style)
{
	const struct cedar_expr *e = NULL;

	cr_assert_eq(call("isInRang", true, 2, &e), ERR_UNKNOWN);
	cr_assert_str_eq(note.text, "there is no method 'isInRang'; did you mean 'isInRange'?");
	cr_assert_eq(call("duratoin", false, 1, &e), ERR_UNKNOWN);
	cr_assert_str_eq(note.text, "there is no function 'duratoin'; did you mean 'duration'?");
	cr_assert_eq(call("frobnicate", false, 1, &e), ERR_UNKNOWN);
	cr_assert_str_eq(note.text, "there is no function 'frobnicate'");
	cr_assert_eq(e, NULL);
}

Test(cedar_tree, names_that_stand_twice_are_found)
{
	struct str names[] = { STR("a"), STR("b"), STR(""), STR("c"), STR("b"), STR("a") };
	size_t twice = 99;

	cr_assert_eq(cedar_names_unique(names, 4, &twice), OK);
	cr_assert_eq(cedar_names_unique(names, 0, &twice), OK);
	cr_assert_eq(cedar_names_unique(names, 6, &twice), ERR_DUPLICATE);
	cr_assert_eq(twice, 4);
}

Test(cedar_tree, a_list_grows_and_keeps_its_items)
{
	void *block = NULL;
	size_t room = 0;

	for (size_t i = 0; i < 1000; i++) {
		cr_assert_eq(cedar_grow(&arena, &block, i, &room, sizeof(size_t)), OK);
		cr_assert_gt(room, i);
		((size_t *)block)[i] = i;
	}
	for (size_t i = 0; i < 1000; i++)
		cr_assert_eq(((size_t *)block)[i], i);
}

Test(cedar_tree, operators_have_their_texts)
{
	cr_assert_str_eq(cedar_op_text(EXPR_AND), "&&");
	cr_assert_str_eq(cedar_op_text(EXPR_IN), "in");
	cr_assert_str_eq(cedar_op_text(EXPR_IS), "is");
	cr_assert_eq(cedar_op_text(EXPR_LITERAL), NULL);
	cr_assert_eq(cedar_op_text(EXPR_CALL), NULL);
}
