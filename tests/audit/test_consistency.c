#include "engine/audit/consistency.h"

#include <criterion/criterion.h>

#include "tests/audit/scribe.h"
#include "tests/kit/fail_alloc.h"

#define ENTRIES 20
#define CAP     ((size_t)1 << 16)

static struct scribe s;
static struct succession keys;
static struct buf held, later, file;
static struct checkpoint was, now;
static struct note n;

static void setup(void)
{
	scribe_init(&s, 8);
	scribe_make(&s, ENTRIES);
	keys = succession_of(&s.known, 1);
	buf_init(&held, CAP);
	buf_init(&later, CAP);
	buf_init(&file, CAP);
	n = (struct note){ 0 };
}

static void teardown(void)
{
	buf_fini(&held);
	buf_fini(&later);
	buf_fini(&file);
	scribe_fini(&s);
}

TestSuite(consistency, .init = setup, .fini = teardown);

static void sign(struct buf *b, struct checkpoint c)
{
	struct buf text;

	buf_init(&text, CAP);
	checkpoint_write(&text, &c);
	buf_clear(b);
	note_sign(b, buf_view(&text), STR(SCRIBE_ORIGIN), s.key);
	buf_fini(&text);
}

static struct checkpoint head_of(uint64_t size)
{
	return (struct checkpoint){ STR(SCRIBE_ORIGIN), size, scribe_root(&s, size) };
}

static enum err prove(uint64_t old, struct str to)
{
	buf_clear(&file);
	return consistency_prove(s.w, "log", old, to, &s.known, &file, &n);
}

static enum err check(void)
{
	return consistency_check(buf_view(&file), buf_view(&held), &keys, &was, &now, &n);
}

Test(consistency, any_head_leads_to_any_later_one_and_to_no_other)
{
	for (uint64_t old = 0; old <= ENTRIES; old++)
		for (uint64_t size = old; size <= ENTRIES; size++) {
			struct checkpoint other = head_of(old);

			sign(&held, other);
			sign(&later, head_of(size));
			cr_assert_eq(prove(old, buf_view(&later)), OK, "%s", n.text);
			cr_assert(consistency_begins(buf_view(&file)));
			cr_assert_eq(check(), OK, "%d to %d: %s", (int)old, (int)size, n.text);
			cr_assert(was.size == old && now.size == size);
			if (old == 0)
				continue;
			other.root.bytes[0] ^= 1;
			sign(&held, other);
			cr_assert_eq(check(), ERR_PROOF);
			sign(&held, head_of(old - 1));
			cr_assert_eq(check(), ERR_RANGE, "the proof starts elsewhere");
		}
}

Test(consistency, without_a_head_it_leads_to_the_stored_one)
{
	sign(&held, head_of(7));
	cr_assert_eq(prove(7, STR_NONE), OK, "%s", n.text);
	cr_assert_eq(check(), OK, "%s", n.text);
	cr_assert_eq(now.size, ENTRIES);
}

Test(consistency, a_head_of_another_history_is_not_vouched_for)
{
	struct checkpoint c = head_of(9);

	c.root.bytes[5] ^= 1;
	sign(&later, c);
	cr_assert_eq(prove(3, buf_view(&later)), ERR_PROOF);
	c = head_of(9);
	c.size = ENTRIES + 1;
	sign(&later, c);
	cr_assert_eq(prove(3, buf_view(&later)), ERR_RANGE);
	sign(&later, head_of(9));
	cr_assert_eq(prove(10, buf_view(&later)), ERR_RANGE, "sizes do not fall");
	c.origin = STR("example.com/other");
	sign(&later, c);
	cr_assert_eq(prove(3, buf_view(&later)), ERR_UNKNOWN);
	cr_assert_eq(prove(3, STR("nonsense")), ERR_SYNTAX);
	cr_assert_eq(file.len, 0);
}

Test(consistency, what_nobody_signed_is_not_believed)
{
	sign(&held, head_of(3));
	cr_assert_eq(prove(3, STR_NONE), OK);
	held.ptr[held.len - 10] ^= 1;
	cr_assert_neq(check(), OK);
	cr_assert(n.text[0]);
	sign(&held, head_of(3));
	file.ptr[file.len - 10] ^= 1;
	cr_assert_neq(check(), OK);
	buf_clear(&file);
	buf_add_c(&file, "old three\n");
	cr_assert_eq(check(), ERR_SYNTAX);
	cr_assert_not(consistency_begins(STR("c2sp.org/tlog-proof@v1\n")));
}

Test(consistency, every_allocation_may_fail)
{
	enum err e = ERR_MEMORY;

	sign(&later, head_of(9));
	for (uint64_t i = 1; e != OK; i++) {
		buf_fini(&file);
		buf_init(&file, CAP);
		fail_alloc_at(i);
		e = prove(3, buf_view(&later));
		if (!fail_alloc_was_hit())
			cr_assert_eq(e, OK, "%s", n.text);
		else
			cr_assert(e == OK || e == ERR_MEMORY, "%d", e);
	}
}
