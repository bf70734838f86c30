/* The table of formats, and what all importers promise whatever the source is. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/space_kit.h"

#define CALL_HEAD                                                                                  \
	"{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"look\",\"arguments\":"  \
	"\""
#define CALL_FOOT "\"}}]}\n"
#define CALL CALL_HEAD "{}" CALL_FOOT

static struct space_kit kit;
static struct import_report report;
static struct note note;

static const struct import_options chat = { .format = IMPORT_OPENAI_CHAT };

static void setup(void)
{
	space_kit_init(&kit, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	space_kit_fini(&kit);
}

TestSuite(import, .init = setup, .fini = teardown);

static enum err import(const char *text)
{
	note = (struct note){ .line = 0 };
	return space_kit_import(&kit, &chat, str_view(text), &report, &note);
}

static void expect_replays(void)
{
	struct replay_report replayed;
	struct note n = { .line = 0 };

	cr_expect_eq(space_kit_replay(&kit, &replayed, &n), OK, "%s", n.text);
	cr_expect_eq(replayed.entries, space_kit_verify(&kit, NULL));
}

Test(import, formats_have_names_that_lead_back)
{
	enum import_format format;

	for (unsigned i = 0; i < IMPORT_FORMATS; i++) {
		cr_assert(import_format_named(str_view(import_format_name(i)), &format));
		cr_assert_eq(format, i);
	}
	cr_assert_not(import_format_named(STR("xml"), &format));
	cr_assert_not(import_format_named(STR(""), &format));
}

Test(import, an_agent_is_registered_once_without_a_key)
{
	struct entry agent;

	cr_assert_eq(import(CALL CALL), OK, "%s", note.text);
	cr_expect_eq(report.agents, 1);
	cr_assert_eq(import(CALL), OK, "%s", note.text);
	cr_expect_eq(report.agents, 0);
	agent = space_kit_entry(&kit, 1);
	cr_expect_eq(agent.kind, ENTRY_AGENT);
	cr_expect(str_is(value_text(agent.data, "origin"), "imported"));
	cr_expect_null(value_get_c(agent.data, "did"));
	expect_replays();
}

Test(import, times_that_the_source_lacks_keep_order_across_imports)
{
	int64_t last = INT64_MIN;
	uint64_t size;

	cr_assert_eq(import(CALL CALL), OK);
	cr_assert_eq(import(CALL), OK);
	size = space_kit_verify(&kit, NULL);
	for (uint64_t i = 0; i < size; i++) {
		struct entry e = space_kit_entry(&kit, i);

		cr_expect(e.time_synthetic);
		cr_expect(e.time_ns >= last);
		last = e.time_ns;
	}
}

Test(import, a_report_counts_what_the_policy_said)
{
	space_kit_policy(&kit, SPACE_KIT_DENY);
	cr_assert_eq(import(CALL CALL), OK);
	cr_expect_eq(report.actions, 2);
	cr_expect_eq(report.denied, 2);
	cr_expect_eq(report.allowed, 0);
	cr_expect_eq(report.entries, space_kit_verify(&kit, NULL));
	expect_replays();
}

Test(import, a_failure_behind_a_group_commit_still_takes_everything_back)
{
	const unsigned calls = 5000;          /* more than one group commit holds */
	struct buf text;
	uint64_t before;

	cr_assert_eq(import(CALL), OK);
	before = space_kit_verify(&kit, NULL);
	buf_init(&text, 8u << 20);
	for (unsigned i = 0; i < calls; i++)
		buf_add(&text, STR(CALL));
	buf_add_c(&text, "{]");
	buf_add_byte(&text, '\0');
	cr_assert_eq(text.err, OK);
	cr_expect_eq(import(text.ptr), ERR_SYNTAX);
	cr_expect_eq(note.line, calls + 1);
	cr_expect_eq(space_kit_verify(&kit, NULL), before);
	expect_replays();
	buf_fini(&text);
}

Test(import, an_element_over_the_limit_is_an_error)
{
	size_t size = (size_t)LIMIT_LINE_BYTES + 64;
	char *text = malloc(size + 1);
	struct str source;

	cr_assert_not_null(text);
	memset(text, 'x', size);
	memcpy(text, "{\"a\":\"", 6);
	source = str_slice(text, size);
	cr_expect_eq(space_kit_import(&kit, &chat, source, &report, &note), ERR_LIMIT);
	cr_expect(note.text[0]);
	free(text);
	cr_expect_eq(space_kit_verify(&kit, NULL), 0);
}

/*
 * The workspace after each fault is empty, or holds the whole import: the fault hit what may
 * fail.
 */
Test(import, every_change_of_a_file_may_fail)
{
	for (uint64_t n = 1;; n++) {
		struct space *s = NULL;
		enum err e;
		bool hit;
		int fd;

		cr_assert_eq(sim_poke(kit.w, "calls", STR(CALL CALL)), OK);
		s = space_kit_open(&kit);
		cr_assert_eq(world_open(kit.w, "calls", WORLD_READ, &fd), OK);
		sim_fail_at(kit.w, n, SIM_EIO);
		e = import_run(s, fd, &chat, &report, &note);
		(void)world_close(kit.w, fd);
		e = e == OK ? space_close(s, &note) : (space_abandon(s, NULL), e);
		hit = sim_was_hit(kit.w);
		sim_fail_at(kit.w, 0, SIM_NONE);
		cr_expect(hit || e == OK, "operation %llu: %s", (unsigned long long)n, err_name(e));
		s = space_kit_open(&kit);
		cr_assert_eq(space_close(s, &note), OK);
		expect_replays();
		if (!hit)
			break;
	}
}

Test(import, every_allocation_may_fail)
{
	enum err e;

	for (uint64_t n = 1;; n++) {
		struct space *s = space_kit_open(&kit);
		int fd;

		cr_assert_eq(sim_poke(kit.w, "calls", STR(CALL CALL)), OK);
		cr_assert_eq(world_open(kit.w, "calls", WORLD_READ, &fd), OK);
		fail_alloc_at(n);
		e = import_run(s, fd, &chat, &report, &note);
		if (!fail_alloc_was_hit()) {
			cr_expect_eq(space_close(s, &note), OK);
			break;
		}
		(void)world_close(kit.w, fd);
		cr_expect(e == OK || e == ERR_MEMORY, "%llu: %s", (unsigned long long)n,
			  err_name(e));
		cr_expect_eq(space_abandon(s, NULL), OK);
	}
	cr_expect_eq(e, OK);
	expect_replays();
}
