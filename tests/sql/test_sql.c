/* sql: a file of pages with checksums, made once. */
#include "engine/sql/sql.h"

#include <criterion/criterion.h>
#include <sqlite3.h>

#include "engine/base/world_sim.h"
#include "tests/kit/fail_alloc.h"

#define SCHEMA "CREATE TABLE t(a,b)"
#define PATH "file:x?mode=memory"    /* what SQLite would take for a URI */

static void make(struct world *w, const char *path, uint64_t salt)
{
	struct sql *s;

	cr_assert_eq(sql_open(w, path, SQL_MAKE, salt, SCHEMA, &s), OK);
	cr_assert_eq(sql_do(s, "INSERT INTO t VALUES(1,'x'),(2,'y')"), OK);
	cr_assert_eq(sql_sync(s), OK);
	sql_close(s);
}

static enum err look(struct world *w, const char *path, uint64_t salt, const char *schema)
{
	struct sql *s = NULL;
	enum err e = sql_open(w, path, SQL_READ, salt, schema, &s);

	sql_close(s);
	return e;
}

Test(sql, gives_back_what_was_put_in)
{
	struct world *w = sim_open(1, 0);
	struct str nul = STR("a\0b"), hostile = STR("'; DROP TABLE t; --");
	struct sql_query *q;
	struct sql *s;
	bool row;

	cr_assert_eq(sql_open(w, PATH, SQL_MAKE, 1, SCHEMA, &s), OK);
	cr_assert_eq(sql_prepare(s, STR("INSERT INTO t VALUES(?1,?2)"), &q), OK);
	cr_assert_eq(sql_put_bytes(q, 1, nul), OK);
	cr_assert_eq(sql_put_text(q, 2, hostile), OK);
	cr_assert_eq(sql_step(q, &row), OK);
	cr_assert_not(row);
	sql_finish(q);
	sql_close(s);
	cr_assert_eq(sql_open(w, PATH, SQL_READ, 1, SCHEMA, &s), OK);
	cr_assert_eq(sql_prepare(s, STR("SELECT a,b,7 FROM t WHERE b=?1"), &q), OK);
	cr_assert_eq(sql_put_text(q, 1, hostile), OK);
	cr_assert_eq(sql_step(q, &row), OK);
	cr_assert(row);
	cr_assert(str_eq(sql_bytes(q, 0), nul));
	cr_assert(str_eq(sql_bytes(q, 1), hostile));
	cr_assert_eq(sql_int(q, 2), 7);
	cr_assert_eq(sql_step(q, &row), OK);
	cr_assert_not(row);
	cr_assert_eq(sql_reset(q), OK);
	sql_finish(q);
	sql_close(s);
	sim_close(w);
}

Test(sql, makes_one_plain_file_and_nothing_beside_it)
{
	struct world *w = sim_open(1, 0);
	struct str *names;
	struct arena a;
	size_t count;

	cr_assert_eq(world_mkdir(w, "d"), OK);
	make(w, "d/t.sqlite", 1);
	arena_init(&a, 1 << 16);
	cr_assert_eq(world_list(w, "d", &a, &names, &count), OK);
	cr_assert_eq(count, 1);
	cr_assert(str_is(names[0], "t.sqlite"));
	cr_assert(str_starts(sim_peek(w, "d/t.sqlite"), STR("SQLite format 3")));
	arena_fini(&a);
	sim_close(w);
}

Test(sql, refuses_another_schema_salt_and_file)
{
	struct world *w = sim_open(1, 0);

	make(w, "t", 1);
	cr_assert_eq(look(w, "t", 1, SCHEMA), OK);
	cr_assert_eq(look(w, "t", 2, SCHEMA), ERR_TAMPERED);
	cr_assert_eq(look(w, "t", 1, "CREATE TABLE t(a)"), ERR_TAMPERED);
	cr_assert_eq(look(w, "t", 1, SCHEMA ";CREATE TABLE u(a)"), ERR_TAMPERED);
	cr_assert_eq(look(w, "none", 1, SCHEMA), ERR_NOT_FOUND);
	cr_assert_eq(sim_poke(w, "empty", STR("")), OK);
	cr_assert_eq(look(w, "empty", 1, SCHEMA), ERR_TAMPERED);
	cr_assert_eq(world_mkdir(w, "folder"), OK);
	cr_assert_eq(look(w, "folder", 1, SCHEMA), ERR_TYPE);
	sim_close(w);
}

Test(sql, makes_no_file_where_there_is_one)
{
	struct world *w = sim_open(1, 0);
	struct sql *s = NULL;

	cr_assert_eq(sim_poke(w, "t", STR("mine")), OK);
	cr_assert_eq(sql_open(w, "t", SQL_MAKE, 1, SCHEMA, &s), ERR_EXISTS);
	cr_assert(str_is(sim_peek(w, "t"), "mine"));
	sim_close(w);
}

Test(sql, writes_nothing_to_a_file_that_it_reads)
{
	struct world *w = sim_open(1, 0);
	struct sql *s;

	make(w, "t", 1);
	cr_assert_eq(sql_open(w, "t", SQL_READ, 1, SCHEMA, &s), OK);
	cr_assert_neq(sql_do(s, "INSERT INTO t VALUES(3,'z')"), OK);
	sql_close(s);
	cr_assert_eq(look(w, "t", 1, SCHEMA), OK);
	sim_close(w);
}

Test(sql, ends_a_question_that_goes_round_in_circles)
{
	struct world *w = sim_open(1, 0);
	struct sql_query *q;
	struct sql *s;
	bool row = true;
	enum err e = OK;

	make(w, "t", 1);
	cr_assert_eq(sql_open(w, "t", SQL_READ, 1, SCHEMA, &s), OK);
	cr_assert_eq(sql_prepare(s, STR("WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 "
					"FROM r) SELECT count(*) FROM r"), &q), OK);
	e = sql_step(q, &row);
	cr_assert_eq(e, ERR_TAMPERED);
	sql_finish(q);
	sql_close(s);
	sim_close(w);
}

Test(sql, says_what_the_world_said)
{
	struct world *w = sim_open(1, 0);
	struct sql *s = NULL;
	enum err e;

	sim_set_capacity(w, 2 * 4096);
	e = sql_open(w, "t", SQL_MAKE, 1, SCHEMA ";CREATE TABLE u(a);CREATE TABLE v(a)", &s);
	cr_assert_eq(e, ERR_NOSPACE, "%s", err_name(e));
	sim_close(w);
}

Test(sql, survives_the_failure_of_its_allocations)
{
	struct world *w = sim_open(1, 0);

	make(w, "t", 1);
	for (uint64_t n = 1;; n++) {
		enum err e;

		fail_alloc_at(n);
		e = look(w, "t", 1, SCHEMA);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY);
	}
	sim_close(w);
}

/* SQLite takes memory of its own; each test is a process of its own, and so is the limit. */
Test(sql, says_so_when_sqlite_has_no_memory)
{
	struct world *w = sim_open(1, 0);
	unsigned refused = 0;
	enum err e = ERR_MEMORY;

	make(w, "t", 1);
	for (sqlite3_int64 limit = 1000; e != OK; limit += 1000) {
		cr_assert_lt(limit, 10000000);
		(void)sqlite3_hard_heap_limit64(sqlite3_memory_used() + limit);
		e = look(w, "t", 1, SCHEMA);
		cr_assert(e == OK || e == ERR_MEMORY, "%s", err_name(e));
		refused += e != OK;
	}
	cr_assert_gt(refused, 5);
	sim_close(w);
}
