/* Rows of the flight recorder; the recorded cases are in the suite. */
#include <criterion/criterion.h>

#include "engine/audit/foreign_flight.h"

static struct buf text;

static struct str hex_of(const struct digest *d, char room[65])
{
	struct buf b;

	buf_init(&b, 64);
	buf_add_hex(&b, d->bytes, 32);
	memcpy(room, b.ptr, 64);
	buf_fini(&b);
	return str_slice(room, 64);
}

static struct foreign_flight row(void)
{
	return (struct foreign_flight){ .trace_id = STR("t"), .timestamp = STR("n"),
					.agent_id = STR("a"), .tool_name = STR("x"),
					.policy_verdict = STR("allowed"), .has_ms = true, .ms = 5 };
}

static unsigned faults_of(const struct foreign_flight *f, struct str previous)
{
	unsigned faults = 99;

	buf_init(&text, 4096);
	cr_assert_eq(foreign_flight_faults(f, previous, &text, &faults), OK);
	buf_fini(&text);
	return faults;
}

Test(foreign_flight, milliseconds_hold_in_either_spelling_that_the_table_may_stand_for)
{
	static const char *const spellings[] = { "5", "5.0" };
	struct foreign_flight f = row();
	char entry[65], content[65];
	struct digest d;

	cr_assert_eq(crypto_start(), OK);
	d = foreign_flight_hash(STR_NONE, STR("t:n:a:x:None:pending"));
	f.entry_hash = hex_of(&d, entry);
	for (size_t i = 0; i < 2; i++) {
		struct buf b;

		buf_init(&b, 256);
		buf_addf(&b, "t:n:a:x:None:allowed:None:None:%s", spellings[i]);
		d = sha256(buf_view(&b));
		f.content_hash = hex_of(&d, content);
		cr_expect_eq(faults_of(&f, STR_NONE), 0);
		f.ms = 5.5;
		cr_expect_eq(faults_of(&f, STR_NONE), FLIGHT_CONTENT);
		f.ms = 5;
		buf_fini(&b);
	}
}

Test(foreign_flight, each_fault_is_told_apart)
{
	struct foreign_flight f = row();
	char entry[65];
	struct digest d;

	cr_assert_eq(crypto_start(), OK);
	d = foreign_flight_hash(STR_NONE, STR("t:n:a:x:None:pending"));
	f.entry_hash = hex_of(&d, entry);
	cr_expect_eq(faults_of(&f, STR_NONE), FLIGHT_UNHASHED);
	cr_expect_eq(faults_of(&f, STR("p")), FLIGHT_UNHASHED | FLIGHT_LINK);
	f.previous_hash = STR("p");
	cr_expect_eq(faults_of(&f, STR("p")), FLIGHT_UNHASHED | FLIGHT_ENTRY);
	f.content_hash = STR("0");
	cr_expect_eq(faults_of(&f, STR_NONE), FLIGHT_CONTENT | FLIGHT_ENTRY | FLIGHT_LINK);
}
