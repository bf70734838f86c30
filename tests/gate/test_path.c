/* path: the edge is asked once, its answer is recorded, and a replay asks nobody. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/gate/inside.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/session_kit.h"

static struct gate_kit k;
static unsigned asked;

/* A disk where what begins with "in" leads below /in, and all else elsewhere. */
static enum err resolve(void *self, struct str root, struct str path, struct buf *ret)
{
	(void)self;
	asked++;
	if (str_is(root, "/in") && str_starts(path, STR("in"))) {
		buf_add_c(ret, "real/name");
		return OK;
	}
	return str_is(path, "nowhere") ? ERR_NOT_FOUND : ERR_ACCESS;
}

static void start(const char *keys)
{
	char policy[1024];

	(void)snprintf(policy, sizeof(policy), GATE_KIT_HEAD "default_action: allow\n%s", keys);
	gate_kit_init(&k, policy);
	gate_kit_agent(&k, "ann", NULL);
	k.gate.resolve = resolve;
	asked = 0;
}

static void setup(void)
{
	start("paths:\n  - {tools: [read], of: args.file, below: [/out, /in]}\n");
}

/* The kit replays without anybody to ask. */
static void teardown(void)
{
	unsigned before = asked;

	gate_kit_replay(&k);
	cr_assert_eq(asked, before, "a replay asked the disk");
	gate_kit_fini(&k);
}

TestSuite(path, .init = setup, .fini = teardown);

#define READ(file) "\"agent\":\"ann\",\"action\":\"read\",\"args\":{\"file\":" file "}"

Test(path, what_leads_below_one_of_the_folders_passes)
{
	const struct value *paths, *last;

	session_kit_allowed(&k, READ("\"in/x\""));
	cr_assert_eq(asked, 2);
	paths = value_get_c(gate_kit_last(&k).data, "paths");
	cr_assert(paths && paths->list.count == 2);
	cr_assert(str_is(value_text(&paths->list.items[0], "error"), "ERR_ACCESS"));
	last = &paths->list.items[1];
	cr_assert(str_is(value_text(last, "below"), "/in"));
	cr_assert(str_is(value_text(last, "leads"), "real/name"));
	cr_assert(str_is(value_text(last, "of"), "args.file"));
	session_kit_denied(&k, READ("\"../in/x\""), "path",
			   "args.file does not lead below /out or /in");
	session_kit_denied(&k, READ("\"nowhere\""), "path",
			   "args.file does not lead below /out or /in");
}

Test(path, what_is_no_path_is_denied_without_asking)
{
	session_kit_denied(&k, READ("\"in\\u0000/../x\""), "path",
			   "args.file is no path, and must lead below /out or /in");
	session_kit_denied(&k, READ("\"\""), "path",
			   "args.file is no path, and must lead below /out or /in");
	session_kit_denied(&k, READ("[\"in\"]"), "path",
			   "args.file is no path, and must lead below /out or /in");
	session_kit_denied(&k, "\"agent\":\"ann\",\"action\":\"read\"", "path",
			   "args.file is missing, and must lead below /out or /in");
	cr_assert_eq(asked, 0);
	session_kit_allowed(&k, "\"agent\":\"ann\",\"action\":\"other\",\"args\":{\"file\":\"x\"}");
	session_kit_allowed(&k, READ("\"x\"") ",\"stage\":\"pre_output\"");
	cr_assert_eq(asked, 0);
}

Test(path, where_nobody_can_tell_it_is_denied)
{
	k.gate.resolve = NULL;
	session_kit_denied(&k, READ("\"in/x\""), "path",
			   "args.file was not followed when it was recorded; it must lead below "
			   "/out or /in");
}

/* Attributes and answers stand together; a fault keeps both. */
Test(path, answers_stand_beside_what_the_sender_says)
{
	const struct value *data;

	session_kit_allowed(&k, "\"agent\":\"ann\",\"action\":{\"type\":\"read\",\"x\":1},"
				"\"args\":{\"file\":\"in\"}");
	data = gate_kit_last(&k).data;
	cr_assert(value_get_c(data, "attrs") && value_get_c(data, "paths"));
	session_kit_denied(&k, "\"agent\":\"ann\",\"action\":{\"type\":\"read\",\"paths\":[]},"
			   "\"args\":{\"file\":\"out\"}", "path",
			   "args.file does not lead below /out or /in");
}

Test(path, only_what_was_asked_can_be_recorded)
{
	struct value text = value_string(STR("x")), list = { .kind = VALUE_LIST };
	struct member m[3] = {
		{ .key = STR("below"), .value = text }, { .key = STR("leads"), .value = text },
		{ .key = STR("of"), .value = text },
	};
	struct value item = { .kind = VALUE_OBJECT, .object = { m, 3 } };

	cr_assert(!path_answers_ok(&text) && !path_answers_ok(&list));
	list.list.items = &item;
	list.list.count = 1;
	cr_assert(path_answers_ok(&list));
	m[1].key = STR("lead");
	cr_assert(!path_answers_ok(&list));
	m[1].key = STR("error");
	cr_assert(path_answers_ok(&list));
	m[1].value = value_int(1);
	cr_assert(!path_answers_ok(&list));
	item.object.count = 2;
	cr_assert(!path_answers_ok(&list));
}

/* More folders than an entry has room for: what was not asked is denied. */
Test(path, answers_have_a_bound)
{
	gate_kit_fini(&k);
	start("paths:\n"
	      "  - {tools: [t], of: args.a, below: [/a, /b, /c, /d, /e, /f, /g, /h, /i, /j, /k, /l,"
	      " /m, /n, /o, /p]}\n"
	      "  - {tools: [t], of: args.b, below: [/in]}\n");
	session_kit_denied(
		&k, "\"agent\":\"ann\",\"action\":\"t\",\"args\":{\"a\":\"x\",\"b\":\"in\"}",
		"path",
		"args.a does not lead below /a or /b or /c or /d or /e or /f or /g or /h "
		"or /i or /j or /k or /l or /m or /n or /o or /p");
	cr_assert_eq(asked, LIMIT_PATH_ANSWERS);
}
