/* cedar_hierarchy: closures, circles, long chains. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/cedar/inside.h"
#include "tests/kit/cedar_scene.h"

static struct cedar_scene kit;

static void start(void)
{
	cedar_scene_init(&kit);
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_hierarchy, .init = start, .fini = stop);

static bool in(const char *entity, const char *ancestor)
{
	struct cedar_uid a = cedar_scene_uid(&kit, entity), b = cedar_scene_uid(&kit, ancestor);

	return cedar_entity_in(kit.entities, &a, &b);
}

/* [{"uid":{T, i},"parents":[{T, j} for each edge i -> j]}] for `count` entities. */
static const struct value *graph(size_t count, bool (*edge)(size_t from, size_t to))
{
	const struct value *list;
	struct buf b;

	buf_init(&b, 16 << 20);
	buf_add_c(&b, "[");
	for (size_t i = 0; i < count; i++) {
		const char *comma = "";

		buf_addf(&b, "%s{'uid':{'type':'T','id':'%zu'},'parents':[", i ? "," : "", i);
		for (size_t j = 0; j < count; j++) {
			if (!edge(i, j))
				continue;
			buf_addf(&b, "%s{'type':'T','id':'%zu'}", comma, j);
			comma = ",";
		}
		buf_add_c(&b, "]}");
	}
	buf_add(&b, str_slice("]", 2));
	cr_assert_eq(b.err, OK);
	list = cedar_scene_json(&kit, b.ptr);
	buf_fini(&b);
	return list;
}

static enum err load(const struct value *list, struct note *n)
{
	*n = (struct note){ .column = 0 };
	return cedar_entities_read(list, NULL, &kit.memory, &kit.entities, n);
}

Test(cedar_hierarchy, membership_is_reflexive_and_transitive)
{
	cedar_scene_entities(&kit,
			     "[{'uid':{'type':'U','id':'a'},'parents':[{'type':'G','id':'x'}]},"
			     "{'uid':{'type':'G','id':'x'},'parents':[{'type':'G','id':'y'},"
			     "{'type':'G','id':'z'}]},"
			     "{'uid':{'type':'G','id':'z'},'parents':[{'type':'G','id':'top'}]}]");
	cr_assert(in("U::'a'", "U::'a'"));
	cr_assert(in("U::'a'", "G::'x'"));
	cr_assert(in("U::'a'", "G::'y'"));
	cr_assert(in("U::'a'", "G::'top'"));
	cr_assert_not(in("G::'y'", "G::'top'"));
	cr_assert_not(in("G::'x'", "U::'a'"));
	cr_assert_not(in("U::'a'", "U::'x'"));
	cr_assert(in("V::'unknown'", "V::'unknown'"));
	cr_assert_not(in("V::'unknown'", "G::'x'"));
	cr_assert_not(in("U::'a'", "V::'unknown'"));
}

static bool random_up(size_t from, size_t to)
{
	return to > from && (from * 2654435761u ^ to * 40503u) % 7 == 0;
}

/* The naive version: reachability by trying every edge until nothing changes. */
Test(cedar_hierarchy, the_closure_agrees_with_trying_every_edge)
{
	enum { COUNT = 60 };
	bool reach[COUNT][COUNT] = { { false } };
	struct note n;

	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; j < COUNT; j++)
			reach[i][j] = random_up(i, j);
	for (size_t k = 0; k < COUNT; k++)
		for (size_t i = 0; i < COUNT; i++)
			for (size_t j = 0; j < COUNT; j++)
				reach[i][j] |= reach[i][k] && reach[k][j];
	cr_assert_eq(load(graph(COUNT, random_up), &n), OK);
	for (size_t i = 0; i < COUNT; i++) {
		for (size_t j = 0; j < COUNT; j++) {
			char from[16], to[16];

			(void)snprintf(from, sizeof(from), "T::'%zu'", i);
			(void)snprintf(to, sizeof(to), "T::'%zu'", j);
			cr_assert_eq(in(from, to), i == j || reach[i][j], "%zu in %zu", i, j);
		}
	}
}

static bool ring(size_t from, size_t to)
{
	return to == (from + 1) % 50;
}

static bool self(size_t from, size_t to)
{
	return from == to && from == 3;
}

Test(cedar_hierarchy, a_circle_is_refused_with_an_entity_of_it)
{
	struct note n;

	cr_assert_eq(load(graph(50, ring), &n), ERR_TYPE);
	cr_assert(strstr(n.text, "its own ancestor") && n.line == 1, "%s", n.text);
	cr_assert_eq(load(graph(5, self), &n), ERR_TYPE);
	cr_assert(strstr(n.text, "T::\"3\" is its own ancestor"), "%s", n.text);
}

static bool chain(size_t from, size_t to)
{
	return to == from + 1;
}

Test(cedar_hierarchy, a_long_chain_needs_no_stack)
{
	struct note n;

	cr_assert_eq(load(graph(2000, chain), &n), OK, "%s", n.text);
	cr_assert(in("T::'0'", "T::'1999'"));
	cr_assert_not(in("T::'1999'", "T::'0'"));
}

/* A chain of 20,000 has 200 million pairs. */
Test(cedar_hierarchy, a_hierarchy_too_large_to_close_hits_a_limit)
{
	const size_t count = 20000;
	struct cedar_entities e = { .count = count };
	struct cedar_parents *parents = arena_array(&kit.memory, count, sizeof(*parents));
	struct cedar_uid *uids = arena_array(&kit.memory, count + 1, sizeof(*uids));
	struct cedar_key *keys = arena_array(&kit.memory, count + 1, sizeof(*keys));
	struct note n = { .column = 0 };
	struct arena large;
	enum err result;

	e.entities = arena_array(&kit.memory, count, sizeof(*e.entities));
	for (size_t i = 0; i <= count; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "%zu", i);
		uids[i].type = STR("T");
		cr_assert_eq(arena_copy(&kit.memory, str_view(id), &uids[i].id), OK);
		keys[i] = cedar_key(0, uids[i]);
	}
	cr_assert_eq(cedar_table_build(keys, count + 1, &kit.memory, &e.nodes), OK);
	e.given = arena_array(&kit.memory, e.nodes.count, sizeof(*e.given));
	for (size_t i = 0; i < count; i++) {
		e.entities[i].uid = uids[i];
		e.given[cedar_table_find(&e.nodes, 0, &uids[i])] = (uint32_t)i + 1;
		parents[i] = (struct cedar_parents){ &uids[i + 1], 1 };
	}
	arena_init(&large, (size_t)2 << 30);
	result = cedar_hierarchy_close(&e, parents, NULL, &large, &n);
	arena_fini(&large);
	cr_assert_eq(result, ERR_LIMIT, "%s", err_name(result));
	cr_assert(strstr(n.text, "steps"), "%s", n.text);
}
