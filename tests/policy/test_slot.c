/* slot: one number per path, one look per decision. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/policy/inside.h"

static struct arena memory;
static struct slots slots;

static void start(void)
{
	arena_init(&memory, 64 << 20);
	cr_assert_eq(slot_init(&slots, &memory), OK);
}

static void stop(void)
{
	slot_seal(&slots);
	arena_fini(&memory);
}

TestSuite(slot, .init = start, .fini = stop);

static uint32_t member(uint32_t parent, const char *key)
{
	uint32_t slot;

	cr_assert_eq(slot_member(&slots, parent, str_view(key), &slot), OK);
	return slot;
}

static uint32_t element(uint32_t parent, uint64_t index)
{
	uint32_t slot;

	cr_assert_eq(slot_element(&slots, parent, index, &slot), OK);
	return slot;
}

Test(slot, a_path_has_one_number)
{
	uint32_t args = member(SLOT_REQUEST, "args"), amount = member(args, "amount");

	cr_assert_eq(member(SLOT_REQUEST, "args"), args);
	cr_assert_eq(member(args, "amount"), amount);
	cr_assert_neq(member(SLOT_REQUEST, "amount"), amount);
	cr_assert_neq(element(args, 0), member(args, "0"));
	cr_assert_neq(element(args, 0), element(args, 1));
	cr_assert_eq(element(args, 1), element(args, 1));
	cr_assert(args < amount);
}

Test(slot, each_is_looked_at_once)
{
	uint32_t args = member(SLOT_REQUEST, "args"), n = member(args, "n"),
		 gone = member(args, "gone");
	const struct value *seen[8] = { NULL }, *found;
	struct sight sight = { &slots, NULL, seen, NULL, NULL, 0 };
	struct value v, none = value_null();

	cr_assert_eq(json_read(STR("{\"args\":{\"n\":null}}"), 1, &memory, &v, NULL), OK);
	sight.request = &v;
	found = slot_look(&sight, n);
	cr_assert(found && found->kind == VALUE_NULL, "null is there");
	cr_assert_null(slot_look(&sight, gone));
	sight.request = &none;
	cr_assert_eq(slot_look(&sight, n), found, "the answer is kept");
	cr_assert_null(slot_look(&sight, gone));
}

Test(slot, nothing_is_below_what_is_no_container)
{
	uint32_t args = member(SLOT_REQUEST, "args"), s = member(args, "s"), l = member(args, "l");
	const struct value *seen[16] = { NULL };
	struct value v;
	struct sight sight = { &slots, &v, seen, NULL, NULL, 0 };

	cr_assert_eq(json_read(STR("{\"args\":{\"s\":\"text\",\"l\":[7]}}"), 1, &memory, &v, NULL),
		     OK);
	cr_assert_null(slot_look(&sight, member(s, "x")));
	cr_assert_null(slot_look(&sight, element(s, 0)));
	cr_assert_null(slot_look(&sight, member(l, "0")));
	cr_assert_null(slot_look(&sight, element(l, 1)));
	cr_assert_null(slot_look(&sight, element(l, UINT64_MAX)));
	cr_assert_eq(slot_look(&sight, element(l, 0))->integer, 7);
}

/* Keys in canonical order, where U+1F600 comes before U+FFFD; and with the first one put last. */
Test(slot, members_of_large_objects_are_found_in_any_order)
{
	enum { MANY = 100 };
	uint32_t args = member(SLOT_REQUEST, "args"), there[MANY], gone;
	struct value v = { .kind = VALUE_OBJECT }, root = { .kind = VALUE_OBJECT };
	struct member members[MANY + 1] = { { .line = 0 } }, all = { .key = STR("args") };
	const struct value *seen[MANY + 4];
	uint8_t order[MANY + 4];
	struct sight sight = { &slots, &root, seen, NULL, order, 0 };

	for (int i = 0; i < MANY; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "k%02d", i);
		if (i >= MANY - 2)
			strcpy(key, i == MANY - 2 ? "\xf0\x9f\x98\x80" : "\xef\xbf\xbd");
		members[i] = (struct member){ .value = value_int(i) };
		cr_assert_eq(arena_copy(&memory, str_view(key), &members[i].key), OK);
		there[i] = member(args, members[i].key.ptr);
	}
	gone = member(args, "k50x");
	for (int moved = 0; moved < 2; moved++) {
		members[MANY] = members[0];
		v.object = (struct value_object){ members + moved, MANY };
		all.value = v;
		root.object = (struct value_object){ &all, 1 };
		memset(seen, 0, sizeof(seen));
		memset(order, 0, sizeof(order));
		for (int i = 0; i < MANY; i++) {
			const struct value *found = slot_look(&sight, there[i]);

			cr_assert(found && found->integer == i, "%d moved %d", i, moved);
		}
		cr_expect_null(slot_look(&sight, gone));
	}
}

Test(slot, texts_read_as_one_would_write_them)
{
	char text[SLOT_TEXT_BYTES];
	uint32_t args = member(SLOT_REQUEST, "args");

	slot_text(&slots, member(element(member(args, "items"), 3), "id_2"), text);
	cr_expect_str_eq(text, "args.items[3].id_2");
	slot_text(&slots, member(member(args, "user-id"), "2x"), text);
	cr_expect_str_eq(text, "args[\"user-id\"][\"2x\"]");
	slot_text(&slots, member(args, ""), text);
	cr_expect_str_eq(text, "args[\"\"]");
}

Test(slot, long_texts_are_cut_between_characters)
{
	char text[SLOT_TEXT_BYTES];
	uint32_t slot = member(SLOT_REQUEST, "args");

	for (int i = 0; i < 40; i++)
		slot = member(slot, i % 2 ? "\xc3\xa9t\xc3\xa9" : "a");
	slot_text(&slots, slot, text);
	cr_expect(strlen(text) < SLOT_TEXT_BYTES && strlen(text) > SLOT_TEXT_BYTES - 16);
	cr_expect(str_utf8_ok(str_view(text)), "%s", text);
}

Test(slot, there_is_a_limit_to_different_paths)
{
	uint32_t slot;
	enum err e = OK;

	for (uint64_t i = 0; e == OK && i <= LIMIT_PATHS; i++)
		e = slot_element(&slots, SLOT_REQUEST, i, &slot);
	cr_assert_eq(e, ERR_LIMIT);
	cr_assert_eq(slots.count, LIMIT_PATHS);
	cr_assert_eq(slot_element(&slots, SLOT_REQUEST, 5, &slot), OK,
		     "known ones are still found");
}
