/* session_kit: documents put together from parts, and what is expected of their verdicts. */
#include "tests/kit/session_kit.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/base/when.h"

enum err session_kit_control(struct gate_kit *k, const char *verb, const char *agent,
			     const char *session, const char *data, int second)
{
	struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW + second * WHEN_SECOND_NS,
		.action = str_view(verb),
		.agent = agent ? str_view(agent) : STR_NONE,
		.session = session ? str_view(session) : STR_NONE,
	};
	struct value tree;
	struct verdict v;
	struct str kept;
	char text[8192];

	(void)snprintf(text, sizeof(text), "{\"reason\":\"because\"%s}", data);
	cr_assert_eq(arena_copy(&k->memory, str_view(text), &kept), OK);
	cr_assert_eq(json_read(kept, 1, &k->memory, &tree, &k->note), OK, "%s", text);
	e.data = &tree;
	return gate_submit(&k->gate, &e, &k->memory, &v);
}

void session_kit_do(struct gate_kit *k, const char *verb, const char *agent,
		    const char *session, const char *data)
{
	enum err e = session_kit_control(k, verb, agent, session, data, 0);

	cr_assert_eq(e, OK, "%s: %s: %s", verb, err_name(e), k->gate.why.text);
}

struct verdict session_kit_ask(struct gate_kit *k, const char *members)
{
	struct verdict v;
	char text[1024];

	(void)snprintf(text, sizeof(text), "{%s}", members);
	cr_assert_eq(gate_kit_text(k, text, &v), OK, "%s: %s", members, k->note.text);
	return v;
}

void session_kit_allowed(struct gate_kit *k, const char *members)
{
	struct verdict v = session_kit_ask(k, members);

	cr_assert_eq(v.effect, EFFECT_ALLOW, "%s: %.*s", members,
		     STR_ARG(v.decision.reasons[0]));
}

void session_kit_denied(struct gate_kit *k, const char *members, const char *stage,
			const char *reason)
{
	struct verdict v = session_kit_ask(k, members);

	cr_assert_eq(v.effect, EFFECT_DENY, "%s", members);
	cr_assert(str_is(v.decision.stage, stage), "%s: %.*s: %.*s", members,
		  STR_ARG(v.decision.stage), STR_ARG(v.decision.reasons[0]));
	cr_assert(str_is(v.decision.reasons[0], reason), "%.*s", STR_ARG(v.decision.reasons[0]));
}
