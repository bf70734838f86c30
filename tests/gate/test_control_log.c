/* control_log: what was done to bodies, as the log tells it. */
#include "engine/gate/inside.h"

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "tests/kit/gate_kit.h"

#define LIST "sha256:0000000000000000000000000000000000000000000000000000000000000000"

static struct gate_kit k;

static void setup(void)
{
	gate_kit_init(&k, "apiVersion: governance.toolkit/v1\nname: p\nrules: []\n");
	gate_kit_agent(&k, "ann", NULL);
}

static void teardown(void)
{
	gate_kit_fini(&k);
}

TestSuite(control_log, .init = setup, .fini = teardown);

static enum err control(const char *verb, const char *data)
{
	struct value tree;
	struct event e = { .kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .data = &tree };
	struct verdict v;

	e.action = str_view(verb);
	cr_assert_eq(json_read(str_view(data), 1, &k.memory, &tree, NULL), OK);
	return gate_submit(&k.gate, &e, &k.memory, &v);
}

Test(control_log, what_is_complete_is_recorded_and_changes_no_row_but_the_totals)
{
	struct digest before, after;

	cr_assert_eq(control("log.prune", "{\"before\":2,\"reason\":\"old\"}"), OK);
	cr_assert_eq(control("log.redact", "{\"entries\":1,\"field\":\"args.a\",\"first\":0,"
					   "\"last\":1,\"list\":\"" LIST
					   "\",\"reason\":\"r\"}"), OK);
	cr_assert_eq(state_rows(k.state, GATE_AGENTS), 1);
	cr_assert_eq(state_root(k.state, &before), OK);
	cr_assert_eq(control("log.redact", "{\"entries\":1,\"field\":\"args.a\",\"first\":0,"
					   "\"last\":1,\"list\":\"" LIST "\",\"reason\":\"r\","
					   "\"unknown\":1}"), OK);
	cr_assert_eq(state_root(k.state, &after), OK);
	cr_assert(!digest_eq(&before, &after), "totals count it");
}

static const char *const wrong[][2] = {
	{ "log.prune", "{\"reason\":\"old\"}" },
	{ "log.prune", "{\"before\":0,\"reason\":\"old\"}" },
	{ "log.prune", "{\"before\":99,\"reason\":\"old\"}" },
	{ "log.prune", "{\"before\":\"2\",\"reason\":\"old\"}" },
	{ "log.prune", "{\"before\":1}" },
	{ "log.redact", "{\"entries\":1,\"field\":\"\",\"first\":0,\"last\":1,\"list\":\"" LIST
			"\",\"reason\":\"r\"}" },
	{ "log.redact", "{\"entries\":0,\"field\":\"args\",\"first\":0,\"last\":1,\"list\":\"" LIST
			"\",\"reason\":\"r\"}" },
	{ "log.redact", "{\"entries\":1,\"field\":\"args\",\"first\":0,\"list\":\"" LIST
			"\",\"reason\":\"r\"}" },
	{ "log.redact", "{\"entries\":1,\"field\":\"args\",\"first\":0,\"last\":1,\"list\":\"x\","
			"\"reason\":\"r\"}" },
	{ "log.redact", "{\"entries\":1,\"field\":\"args\",\"first\":0,\"last\":1,\"list\":\"" LIST
			"\",\"reason\":\"r\",\"unknown\":0}" },
	{ "log.rotate_key", "{\"reason\":\"r\"}" },
	{ "log.rotate_key", "{\"new_key\":\"a\",\"old_key\":\"b\",\"reason\":\"r\","
			    "\"sequence\":1}" },
};

Test(control_log, what_is_not_did_not_happen)
{
	size_t lines = k.line_count;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_eq(control(wrong[i][0], wrong[i][1]), ERR_SYNTAX, "%s", wrong[i][1]);
	cr_expect_eq(k.line_count, lines);
}
