/*
 * A log of ours imported by another workspace: what was exported comes back, and whatever is
 * changed on the way is noticed. The formats that carry entries are tried alike.
 */
#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/export_kit.h"
#include "tests/kit/fail_alloc.h"

static struct export_kit source;
static struct space_kit kit;
static struct import_report report;
static struct note note;
static struct note_key key;

static void setup(void)
{
	struct str vkey;

	export_kit_init(&source);
	space_kit_init(&kit, EXPORT_KIT_POLICY);
	cr_assert_eq(world_read_file(source.space.w, SPACE_KIT_DIR "/keys/log.vkey", 4096,
				     &kit.memory, &vkey), OK);
	cr_assert_eq(note_key_read(str_trim(vkey), &key), OK);
}

static void teardown(void)
{
	space_kit_fini(&kit);
	export_kit_fini(&source);
}

TestSuite(foreign_log, .init = setup, .fini = teardown);

static const struct route { enum export_format out; enum import_format in; } routes[] = {
	{ EXPORT_JSONL, IMPORT_JSONL },
	{ EXPORT_CLOUDEVENTS, IMPORT_CLOUDEVENTS },
	{ EXPORT_OTLP, IMPORT_OTLP },
};

#define ROUTES (sizeof(routes) / sizeof(routes[0]))

static enum err import(enum import_format format, struct str text, bool with_key)
{
	struct succession keys = succession_of(&key, 1);
	const struct import_options options = { .format = format,
						.log_keys = with_key ? &keys : NULL };

	note = (struct note){ .line = 0 };
	return space_kit_import(&kit, &options, text, &report, &note);
}

static struct str exported(enum export_format format, struct export_options options)
{
	struct str copy;

	options.format = format;
	options.bodies = true;
	cr_assert_eq(export_kit_run(&source, &options), OK, "%s", source.note.text);
	cr_assert_eq(arena_copy(&kit.memory, buf_view(&source.out), &copy), OK);
	return copy;
}

static const struct export_options all = EXPORT_ALL;

/* The text with one `was` replaced, the last one. */
static struct str changed(struct str text, const char *was, const char *now)
{
	const char *at = NULL;
	struct str copy;
	struct buf b;

	for (const char *p = text.ptr; (p = strstr(p, was)) != NULL; p++)
		at = p;
	cr_assert_not_null(at, "%s", was);
	buf_init(&b, 1u << 20);
	buf_add(&b, str_slice(text.ptr, (size_t)(at - text.ptr)));
	buf_add_c(&b, now);
	buf_add_c(&b, at + strlen(was));
	cr_assert_eq(arena_copy(&kit.memory, buf_view(&b), &copy), OK);
	buf_fini(&b);
	return copy;
}

static bool found(const char *finding)
{
	for (size_t i = 0; i < report.finding_count; i++)
		if (strstr(report.findings[i], finding))
			return true;
	return false;
}

Test(foreign_log, what_was_exported_is_decided_alike_when_it_is_imported)
{
	for (size_t r = 0; r < ROUTES; r++) {
		uint64_t at = space_kit_verify(&kit, NULL);
		enum err e = import(routes[r].in, exported(routes[r].out, all), true);
		struct entry entry;

		cr_assert_eq(e, OK, "%zu: %s: %u: %s", r, err_name(e), note.line, note.text);
		cr_expect_eq(report.foreign_entries, EXPORT_KIT_ENTRIES);
		cr_expect_eq(report.actions, 4);
		cr_expect_eq(report.denied, 1);
		cr_expect_eq(report.passed_over, 2, "a policy and a refusal");
		cr_expect_not(found("who signed"));
		/* Behind the first entries of a log, which are its policy and an agent. */
		at += r == 0 ? 2 : 0;
		entry = space_kit_entry(&kit, at);
		cr_expect_eq(entry.kind, ENTRY_ACTION);
		cr_expect(str_is(entry.agent, "ann") && str_is(entry.session, "s1"));
		cr_expect(str_is(entry.trace, EXPORT_KIT_TRACE));
		cr_expect_eq(entry.time_ns, SPACE_KIT_START_NS + 500000000);
		cr_expect(str_is(space_kit_body(&kit, entry.args), "{\"q\":1}"));
		entry = space_kit_entry(&kit, at + 1);
		cr_expect(str_is(value_text(entry.data, "status"), "success"));
		cr_expect_eq(value_get_c(entry.data, "latency_ms")->integer, 5);
		cr_expect(str_is(space_kit_body(&kit, entry.result), "[1,2.5]"));
		cr_expect_eq(value_get_c(value_get_c(entry.data, "foreign"), "seq")->integer, 1);
	}
}

Test(foreign_log, a_part_is_evidence_in_jsonl_and_less_in_others)
{
	struct export_options part = EXPORT_ALL;

	part.session = STR("s2");
	cr_assert_eq(import(IMPORT_JSONL, exported(EXPORT_JSONL, part), true), OK, "%s", note.text);
	cr_expect_eq(report.actions, 1);
	cr_expect_eq(report.finding_count, 1);
	cr_expect(found("its owner signed no other history"));
	cr_assert_eq(import(IMPORT_CLOUDEVENTS, exported(EXPORT_CLOUDEVENTS, part), true), OK);
	cr_expect(found("some are missing"));
}

Test(foreign_log, without_its_key_the_signature_is_not_believed)
{
	for (size_t r = 0; r < ROUTES; r++) {
		cr_assert_eq(import(routes[r].in, exported(routes[r].out, all), false), OK);
		cr_expect(found("who signed its checkpoint"));
	}
	key.key.bytes[0] ^= 1;
	for (size_t r = 0; r < ROUTES; r++)
		cr_expect_eq(import(routes[r].in, exported(routes[r].out, all), true),
			     ERR_SIGNATURE);
}

Test(foreign_log, whatever_is_changed_is_noticed)
{
	static const struct { const char *was, *now; } changes[] = {
		{ "kit/no", "kit/on" },
		{ "2026-01-02T03:04:07.000000000Z", "2026-01-02T03:04:07.000000001Z" },
	};

	for (size_t r = 0; r < ROUTES; r++)
		for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
			struct str text = exported(routes[r].out, all);
			uint64_t before = space_kit_verify(&kit, NULL);
			struct str bad = changed(text, changes[i].was, changes[i].now);

			/* A CloudEvent repeats the time, an OTLP record attributes: change all. */
			while (strstr(bad.ptr, changes[i].was))
				bad = changed(bad, changes[i].was, changes[i].now);
			cr_expect_eq(import(routes[r].in, bad, true), ERR_TAMPERED, "%zu %zu", r,
				     i);
			cr_expect(note.text[0]);
			cr_expect_eq(space_kit_verify(&kit, NULL), before);
		}
}

Test(foreign_log, a_body_that_is_not_what_was_committed_to_is_noticed)
{
	for (size_t r = 0; r < 2; r++) {
		struct str text = exported(routes[r].out, all);

		cr_expect_eq(import(routes[r].in, changed(text, "{\"q\":1}", "{\"q\":2}"), true),
			     ERR_TAMPERED);
		cr_expect(strstr(note.text, "other arguments than it commits to"), "%s", note.text);
	}
	cr_assert_eq(import(IMPORT_OTLP, exported(EXPORT_OTLP, all), true), OK);
	cr_expect(found("nothing here to open"));
}

/* Line `skip` left out, or `twice` there twice. */
static struct str lines(struct str text, size_t skip, size_t twice)
{
	struct str line, copy;
	struct buf b;

	buf_init(&b, 1u << 20);
	for (size_t i = 0; str_cut(text, '\n', &line, &text); i++)
		for (unsigned n = i == twice ? 2 : i != skip; n > 0; n--) {
			buf_add(&b, line);
			buf_add_byte(&b, '\n');
		}
	cr_assert_eq(arena_copy(&kit.memory, buf_view(&b), &copy), OK);
	buf_fini(&b);
	return copy;
}

Test(foreign_log, a_line_that_is_missing_or_twice_there_is_noticed)
{
	struct str text = exported(EXPORT_JSONL, all);
	size_t count = 0;

	for (struct str rest = text, line; str_cut(rest, '\n', &line, &rest);)
		count++;
	for (size_t i = 0; i < count; i++) {
		enum err e = import(IMPORT_JSONL, lines(text, i, SIZE_MAX), true);

		/* What is missing with nobody noticing are bodies alone: that is said. */
		cr_expect(e == ERR_TAMPERED || e == ERR_TRUNCATED || e == ERR_SYNTAX ||
			  (e == OK && (found("not in it") || report.outcomes > 0)), "%zu: %s", i,
			  err_name(e));
		e = import(IMPORT_JSONL, lines(text, SIZE_MAX, i), true);
		cr_expect(e == ERR_TAMPERED || e == ERR_SYNTAX || e == OK, "%zu: %s", i,
			  err_name(e));
	}
	cr_expect_eq(import(IMPORT_JSONL, lines(text, 0, SIZE_MAX), true), ERR_TAMPERED);
	cr_expect_eq(import(IMPORT_JSONL, lines(text, count - 1, SIZE_MAX), true), ERR_TRUNCATED);
	cr_expect_eq(import(IMPORT_JSONL, lines(text, SIZE_MAX, 0), true), ERR_TAMPERED);
}

Test(foreign_log, a_gap_with_other_hashes_is_noticed)
{
	struct export_options part = EXPORT_ALL;
	struct str text;

	part.first = 3;
	part.end = 5;
	text = exported(EXPORT_JSONL, part);
	cr_assert_eq(import(IMPORT_JSONL, text, true), OK, "%s", note.text);
	cr_expect_eq(import(IMPORT_JSONL, changed(text, "\"first\":5", "\"first\":6"), true),
		     ERR_TAMPERED);
	cr_expect_eq(import(IMPORT_JSONL, changed(text, "\"next\":8", "\"next\":9"), true),
		     ERR_TAMPERED);
	cr_expect_eq(import(IMPORT_JSONL, changed(text, "\"hashes\":[\"", "\"hashes\":[\"x"), true),
		     ERR_SYNTAX);
	cr_expect_eq(import(IMPORT_JSONL, changed(text, "\"next\":8", "\"next\":5"), true),
		     ERR_SYNTAX);
}

Test(foreign_log, no_memory_is_an_error_and_nothing_else)
{
	static const struct route more[] = {
		{ EXPORT_JSONL, IMPORT_JSONL }, { EXPORT_CLOUDEVENTS, IMPORT_CLOUDEVENTS },
		{ EXPORT_OTLP, IMPORT_OTLP }, { EXPORT_OTLP_TRACES, IMPORT_OTLP },
		{ EXPORT_CSV, IMPORT_CSV },
	};

	for (size_t r = 0; r < sizeof(more) / sizeof(more[0]); r++) {
		struct str text = exported(more[r].out, all);

		for (uint64_t n = 1;; n++) {
			enum err e;

			fail_alloc_at(n);
			e = import(more[r].in, text, true);
			if (!fail_alloc_was_hit()) {
				cr_expect_eq(e, OK);
				break;
			}
			cr_expect(e == OK || e == ERR_MEMORY, "%zu: allocation %llu: %s", r,
				  (unsigned long long)n, err_name(e));
		}
	}
}
