/* program: each is what it leads to; the edge is asked once, and a replay asks nobody. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/gate/inside.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/session_kit.h"

static struct gate_kit k;
static unsigned asked;

/* /bin/fetch is a link to curl, /bin/loop one to itself; /opt is no folder; all else is itself. */
static enum err resolve(void *self, struct str root, struct str path, struct buf *ret)
{
	(void)self;
	asked++;
	cr_assert(str_is(root, "/"));
	if (str_is(path, "/bin/fetch"))
		buf_add_c(ret, "usr/lib/curl");
	else if (str_is(path, "/bin/loop"))
		return ERR_ACCESS;
	else if (str_starts(path, STR("/opt/")))
		return ERR_NOT_FOUND;
	else
		buf_add(ret, str_slice(path.ptr + 1, path.len - 1));
	return ret->err;
}

static void start(const char *rule)
{
	char policy[1024];

	(void)snprintf(policy, sizeof(policy), GATE_KIT_HEAD "default_action: allow\n"
		       "commands: [{tools: [sh], of: args.c, %s}]\n", rule);
	gate_kit_init(&k, policy);
	gate_kit_agent(&k, "ann", NULL);
	k.gate.resolve = resolve;
	asked = 0;
}

/* The kit replays without anybody to ask. */
static void teardown(void)
{
	unsigned before = asked;

	gate_kit_replay(&k);
	cr_assert_eq(asked, before, "a replay asked the disk");
	gate_kit_fini(&k);
}

TestSuite(program, .fini = teardown);

#define RUN(text) "\"agent\":\"ann\",\"action\":\"sh\",\"args\":{\"c\":" text "}"

Test(program, a_link_is_what_it_leads_to)
{
	const struct value *programs;

	start("deny: [curl], from: [/opt, /bin]");
	session_kit_allowed(&k, RUN("\"ls -l\""));
	programs = value_get_c(gate_kit_last(&k).data, "programs");
	cr_assert(programs && programs->list.count == 2);
	cr_assert(str_is(value_text(&programs->list.items[0], "at"), "/opt/ls"));
	cr_assert(str_is(value_text(&programs->list.items[0], "error"), "ERR_NOT_FOUND"));
	cr_assert(str_is(value_text(&programs->list.items[1], "leads"), "/bin/ls"));
	session_kit_denied(&k, RUN("\"ls && fetch x\""), "command",
			   "the command '/bin/fetch' leads to what is denied, /usr/lib/curl");
	session_kit_denied(&k, RUN("[\"fetch\",\"x\"]"), "command",
			   "the command '/bin/fetch' leads to what is denied, /usr/lib/curl");
	session_kit_denied(&k, RUN("\"loop\""), "command",
			   "the command '/bin/loop' cannot be followed");
	session_kit_denied(&k, RUN("\"curl x\""), "command", "the command 'curl' is denied");
}

Test(program, what_is_allowed_must_lead_to_what_is)
{
	start("allow: [fetch, ls], from: [/bin]");
	session_kit_allowed(&k, RUN("\"ls\""));
	session_kit_denied(&k, RUN("\"fetch\""), "command",
			   "the command '/bin/fetch' leads to what is not allowed, /usr/lib/curl");
}

Test(program, a_folder_in_front_is_one_of_those)
{
	start("deny: [curl], from: [/bin, /usr/bin]");
	session_kit_allowed(&k, RUN("\"/usr/bin/ls\""));
	cr_assert_eq(asked, 1);
	session_kit_denied(&k, RUN("\"/bin/fetch\""), "command",
			   "the command '/bin/fetch' leads to what is denied, /usr/lib/curl");
	session_kit_denied(&k, RUN("\"./ls\""), "command",
			   "the command './ls' does not lie where programs lie");
	session_kit_denied(&k, RUN("\"/tmp/ls\""), "command",
			   "the command '/tmp/ls' does not lie where programs lie");
	session_kit_denied(&k, RUN("\"/bin/../tmp/ls\""), "command",
			   "the command '/bin/../tmp/ls' does not lie where programs lie");
}

Test(program, nobody_is_asked_where_the_rule_does_not_say_so)
{
	start("deny: [curl]");
	session_kit_allowed(&k, RUN("\"fetch\""));
	session_kit_allowed(&k, RUN("\"./ls\""));
	cr_assert_eq(asked, 0);
	cr_assert_null(value_get_c(gate_kit_last(&k).data, "programs"));
}

/* An import, or a replay under another policy. */
Test(program, what_nobody_followed_is_denied)
{
	start("deny: [curl], from: [/bin]");
	k.gate.resolve = NULL;
	session_kit_denied(&k, RUN("\"ls\""), "command",
			   "the command '/bin/ls' was not followed when it was recorded");
	session_kit_denied(&k, RUN("\"ls $(\""), "command",
			   "what would run cannot be told: a parenthesis is not closed");
}

/* More than can be recorded is not passed over. */
Test(program, what_is_too_much_to_follow_is_denied)
{
	char text[2048];
	size_t at = (size_t)snprintf(text, sizeof(text), "\"agent\":\"ann\",\"action\":\"sh\","
				     "\"args\":{\"c\":\"x0");

	start("deny: [curl], from: [/bin]");
	for (int i = 1; i < 60; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, ";x%d", i);
	(void)snprintf(text + at, sizeof(text) - at, "\"}");
	session_kit_denied(&k, text, "command",
			   "the command '/bin/x48' was not followed when it was recorded");
}

Test(program, a_name_that_is_no_path_is_denied)
{
	static char text[8192];
	struct verdict v;
	size_t at = (size_t)snprintf(text, sizeof(text), "{\"agent\":\"ann\",\"action\":\"sh\","
				     "\"args\":{\"c\":\"");

	start("deny: [curl], from: [/bin]");
	memset(text + at, 'x', LIMIT_PATH_BYTES);
	(void)snprintf(text + at + LIMIT_PATH_BYTES, sizeof(text) - at - LIMIT_PATH_BYTES, "\"}}");
	cr_assert_eq(gate_kit_text(&k, text, &v), OK, "%s", k.note.text);
	cr_assert_eq(v.effect, EFFECT_DENY);
	cr_assert(str_is(v.decision.reasons[0], "the command has a name too long to follow"));
	cr_assert_eq(asked, 0);
}

Test(program, answers_have_one_form)
{
	struct member m[3] = { { .key = STR("at"), .value = value_string(STR("/bin/ls")) },
			       { .key = STR("leads"), .value = value_string(STR("/bin/ls")) },
			       { .key = STR("more"), .value = value_int(1) } };
	struct value item = { .kind = VALUE_OBJECT, .object = { m, 2 } };
	struct value list = { .kind = VALUE_LIST, .list = { &item, 1 } };

	start("deny: [curl]");
	cr_assert(program_answers_ok(&list));
	item.object.count = 3;
	cr_assert(!program_answers_ok(&list));
	item.object.count = 1;
	cr_assert(!program_answers_ok(&list));
	list.list.count = 0;
	cr_assert(!program_answers_ok(&list));
	cr_assert(!program_answers_ok(&item));
}

Test(program, survives_every_failing_allocation)
{
	start("deny: [curl], from: [/bin]");
	for (uint64_t n = 1;; n++) {
		struct verdict v;
		enum err e;
		bool hit;

		k.note = (struct note){ .text = "" };
		buf_clear(&k.bodies_text);
		fail_alloc_at(n);
		e = gate_submit_text(&k.gate, STR("{" RUN("\"fetch\"") "}"), GATE_KIT_NOW,
				     &k.memory, &k.bodies_text, &v, &k.note);
		hit = fail_alloc_was_hit();
		cr_assert(e == OK || e == ERR_MEMORY);
		cr_assert_eq(v.effect, EFFECT_DENY);
		if (!hit)
			break;
	}
}
