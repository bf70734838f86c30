/* Ids of W3C Trace Context: read where they are ids, derived where they are not. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "replay/exporting.h"

#define ID "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"

static struct str hex(const uint8_t *bytes, size_t count, char room[33])
{
	for (size_t i = 0; i < count; i++)
		(void)sprintf(room + 2 * i, "%02x", bytes[i]);
	return str_view(room);
}

Test(trace_id, ids_and_traceparents_are_read_as_they_are)
{
	struct span_id parent;
	struct trace_id id;
	char room[33];

	cr_assert(trace_id_read(STR(ID), &id, &parent));
	cr_expect(str_is(hex(id.bytes, 16, room), ID));
	cr_expect(str_is(hex(parent.bytes, 8, room), "0000000000000000"));
	cr_assert(trace_id_read(STR("00-" ID "-" PARENT "-01"), &id, &parent));
	cr_expect(str_is(hex(id.bytes, 16, room), ID));
	cr_expect(str_is(hex(parent.bytes, 8, room), PARENT));
}

Test(trace_id, what_the_specification_calls_invalid_is_no_id)
{
	static const char *const bad[] = {
		"", "t", "00000000000000000000000000000000", "4BF92F3577B34DA6A3CE929D0E0E4736",
		ID "0", "00-" ID "-0000000000000000-01", "ff-" ID "-" PARENT "-01",
		"00-00000000000000000000000000000000-" PARENT "-01", "00-" ID "-" PARENT "-0",
		"00_" ID "-" PARENT "-01", "0g-" ID "-" PARENT "-01", "00-" ID "-" PARENT "-0x",
	};
	struct trace_id id;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(trace_id_read(str_view(bad[i]), &id, NULL), "%s", bad[i]);
}

Test(trace_id, other_names_give_the_same_id_each_time_and_another_for_another)
{
	struct entry e = { .log = STR("example.org/log"), .seq = 7, .trace = STR("t") };
	struct trace_id by_trace, again, by_session, by_entry;
	struct span_id parent;

	cr_assert_eq(crypto_start(), OK);
	trace_id_of(&e, &by_trace, &parent);
	trace_id_of(&e, &again, &parent);
	cr_expect_arr_eq(by_trace.bytes, again.bytes, 16);
	e.trace = STR_NONE;
	e.session = STR("t");
	trace_id_of(&e, &by_session, &parent);
	cr_expect_arr_neq(by_trace.bytes, by_session.bytes, 16);
	e.session = STR_NONE;
	trace_id_of(&e, &by_entry, &parent);
	cr_expect_arr_neq(by_session.bytes, by_entry.bytes, 16);
}

/* printf 'trammel/span/v1\nexample.org/log\n18446744073709551615' | sha256sum */
Test(trace_id, a_span_is_a_hash_that_anyone_can_compute)
{
	struct span_id id;
	char room[33];

	cr_assert_eq(crypto_start(), OK);
	id = span_id_of(STR("example.org/log"), UINT64_MAX);
	cr_expect(str_is(hex(id.bytes, 8, room), "69c06f0a523977e1"), "%s", room);
}
