/* CloudEvents of others: the reference toolkit's two kinds, and anybody's. */
#include <criterion/criterion.h>

#include "tests/kit/space_kit.h"

#define KEY "0123456789abcdef0123456789abcdef"
/* As AGT writes it, its time included. */
#define AUDIT                                                                                    \
	"{\"specversion\":\"1.0\",\"id\":\"audit_1\",\"type\":\"ai.agentmesh.tool.invoked\","    \
	"\"source\":\"did:web:agent.example\",\"time\":\"2026-01-02T03:04:05.678901+00:00Z\","   \
	"\"datacontenttype\":\"application/json\",\"data\":{\"action\":\"pay\","                  \
	"\"resource\":\"/r\",\"outcome\":\"denied\",\"policy_decision\":\"deny\","                \
	"\"matched_rule\":\"r1\",\"k\":1},\"agentmeshentryhash\":\"aa\","                         \
	"\"agentmeshprevioushash\":\"\",\"traceid\":\"tr\",\"sessionid\":\"se\"}"
#define GOVERNANCE(id)                                                                           \
	"{\"specversion\":\"1.0\",\"id\":\"" id "\",\"type\":\"ai.agentos.policy.check\","       \
	"\"source\":\"/agent-os/agent/a%20b%2Fc\",\"time\":\"2026-01-02T03:04:05+00:00\","       \
	"\"datacontenttype\":\"application/json\",\"data\":{\"action\":\"\",\"decision\":\"\","   \
	"\"reason\":\"\",\"severity\":\"info\",\"latency_ms\":0.0,\"agent_id\":\"a b/c\"},"       \
	"\"schemaversion\":\"1\",\"agtsignaturealg\":\"HMAC-SHA256\",\"agtsignature\":"           \
	"\"dYak3Em9vJOlRLaqBZ5CgtxIWtvIxb9N+HAN+7tbcpI=\"}"

static struct space_kit kit;
static struct import_report report;
static struct note note;

static void setup(void)
{
	space_kit_init(&kit, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	space_kit_fini(&kit);
}

TestSuite(import_cloudevents, .init = setup, .fini = teardown);

static enum err import(const char *text, const char *hmac_key)
{
	const struct import_options options = { .format = IMPORT_CLOUDEVENTS,
						.key = str_view(hmac_key) };

	note = (struct note){ .line = 0 };
	return space_kit_import(&kit, &options, str_view(text), &report, &note);
}

Test(import_cloudevents, an_event_of_the_audit_log_becomes_an_action)
{
	struct entry e;

	cr_assert_eq(import(AUDIT "\n" AUDIT, NULL), OK, "%s", note.text);
	cr_expect_eq(report.foreign_entries, 2);
	e = space_kit_entry(&kit, 2);
	cr_expect(str_is(e.agent, "did:web:agent.example") && str_is(e.action, "pay"));
	cr_expect(str_is(e.resource, "/r") && str_is(e.session, "se") && str_is(e.trace, "tr"));
	cr_expect_eq(e.time_ns, SPACE_KIT_START_NS + 678901000);
	e = space_kit_entry(&kit, 3);
	cr_expect(str_is(value_text(e.data, "status"), "denied"));
	cr_expect(str_is(value_text(value_get_c(e.data, "foreign"), "agentmeshentryhash"), "aa"));
}

Test(import_cloudevents, governance_events_are_checked_with_their_key)
{
	struct entry e;

	cr_assert_eq(import(GOVERNANCE("e1"), KEY), OK, "%s", note.text);
	e = space_kit_entry(&kit, 2);
	cr_expect(str_is(e.agent, "a b/c"));
	cr_expect(str_is(e.action, "ai.agentos.policy.check"), "its own is empty");
	cr_expect_eq(import(GOVERNANCE("e2"), KEY), ERR_SIGNATURE);
	cr_expect(strstr(note.text, "event 'e2' is not signed with this key"), "%s", note.text);
	cr_expect_eq(import(GOVERNANCE("e1"), "another"), ERR_SIGNATURE);
}

Test(import_cloudevents, any_other_event_is_its_type_by_its_source)
{
	struct entry e;

	cr_assert_eq(import("[{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/shop\",\"type\":"
			    "\"com.example.sold\",\"data\":[1],\"subject\":\"x\"},\n"
			    "{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"/shop\",\"type\":"
			    "\"com.example.sold\"}]", NULL), OK, "%s", note.text);
	e = space_kit_entry(&kit, 2);
	cr_expect(str_is(e.agent, "/shop") && str_is(e.action, "com.example.sold"));
	cr_expect(e.time_synthetic);
	cr_expect(str_is(space_kit_body(&kit, e.args), "[1]"));
	e = space_kit_entry(&kit, 3);
	cr_expect(str_is(value_text(value_get_c(e.data, "foreign"), "subject"), "x"));
}

Test(import_cloudevents, what_is_no_event_is_an_error_with_its_place)
{
	static const struct { const char *text; enum err e; const char *story; } bad[] = {
		{ "", ERR_TRUNCATED, "no event" },
		{ "1", ERR_TYPE, "found integer" },
		{ "{}", ERR_SYNTAX, "'id' is missing" },
		{ "{\"id\":\"1\",\"source\":\"s\",\"specversion\":\"0.3\",\"type\":\"t\"}",
		  ERR_VERSION, "0.3" },
		{ "{\"id\":\"1\",\"source\":\"\",\"specversion\":\"1.0\",\"type\":\"t\"}",
		  ERR_SYNTAX, "'source' is missing or empty" },
		{ "{\"id\":\"1\",\"source\":\"s\",\"specversion\":\"1.0\",\"type\":\"t\",\"time\":"
		  "\"soon\"}", ERR_SYNTAX, "'time' is 'soon'" },
		{ "{\"id\":\"1\",\"source\":\"s\",\"specversion\":\"1.0\",\"type\":"
		  "\"trammel.action.allow\",\"data\":{}}", ERR_SYNTAX, "'data.entry' is missing" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(import(bad[i].text, NULL), bad[i].e, "%s: %s", bad[i].text, note.text);
		cr_expect(strstr(note.text, bad[i].story), "%s", note.text);
	}
}
