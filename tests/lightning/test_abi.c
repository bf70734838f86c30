/* The library as a program would use it: on a real folder, through the installed header only. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/world_real.h"
#include "engine/space/space.h"
#include "lightning/trammel.h"

static char dir[] = "/tmp/trammel-abi-XXXXXX";
static char answer[TRAMMEL_VERDICT_BYTES];

static const char policy[] =
	"apiVersion: governance.toolkit/v1\n"
	"name: abi\n"
	"unknown_agents: evaluate\n"
	"rules:\n"
	"  - {name: reads, tools: [read_*], action: allow}\n";

static void make_space(void)
{
	struct world world = world_real();
	char path[256];

	cr_assert(mkdtemp(dir));
	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(space_create(&world, dir, STR("example.org/abi"), NULL), OK);
	(void)snprintf(path, sizeof(path), "%s/policies/policy.yaml", dir);
	cr_assert_eq(world_replace_file(&world, path, str_view(policy)), OK);
}

static void remove_space(void)
{
	char command[300];

	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
}

static int check(trammel *t, const char *action)
{
	return trammel_check(t, action, strlen(action), answer, sizeof(answer));
}

TestSuite(abi, .init = make_space, .fini = remove_space);

Test(abi, allows_denies_and_refuses)
{
	trammel *t;

	cr_assert_eq(trammel_open(dir, &t, answer, sizeof(answer)), TRAMMEL_YES, "%s", answer);
	cr_expect_eq(check(t, "{\"agent\":\"a\",\"action\":\"read_file\"}"), TRAMMEL_YES);
	cr_expect(strstr(answer, "\"allowed\":true"));
	cr_expect_eq(check(t, "{\"agent\":\"a\",\"action\":\"write_file\"}"), TRAMMEL_NO);
	cr_expect(strstr(answer, "\"allowed\":false"));
	cr_expect_eq(check(t, "not json"), TRAMMEL_NO);
	cr_expect(strstr(answer, "\"stage\":\"read\""));
	cr_expect_eq(check(t, "{\"outcome_of\":99}"), TRAMMEL_NO);
	cr_expect(strstr(answer, "names no earlier entry"), "%s", answer);
	cr_expect_eq(trammel_close(t, answer, sizeof(answer)), TRAMMEL_YES);
}

Test(abi, a_verdict_without_room_is_not_a_permission)
{
	trammel *t;
	char small[16];
	const char *action = "{\"agent\":\"a\",\"action\":\"read_file\"}";

	cr_assert_eq(trammel_open(dir, &t, NULL, 0), TRAMMEL_YES);
	cr_expect_eq(trammel_check(t, action, strlen(action), small, sizeof(small)), TRAMMEL_LIMIT);
	cr_expect_eq(trammel_close(t, NULL, 0), TRAMMEL_YES);
}

Test(abi, a_second_handle_is_refused_while_the_first_is_open)
{
	trammel *first, *second;

	cr_assert_eq(trammel_open(dir, &first, NULL, 0), TRAMMEL_YES);
	cr_expect_eq(trammel_open(dir, &second, answer, sizeof(answer)), TRAMMEL_UNDECIDED);
	cr_expect_null(second);
	cr_expect(strstr(answer, "another process"), "%s", answer);
	cr_expect_eq(trammel_close(first, NULL, 0), TRAMMEL_YES);
}

Test(abi, what_is_no_workspace_is_said_with_its_place)
{
	trammel *t;

	cr_expect_eq(trammel_open("/nonexistent", &t, answer, sizeof(answer)), TRAMMEL_INPUT);
	cr_expect(strstr(answer, "/nonexistent"), "%s", answer);
	cr_expect_eq(trammel_open(NULL, &t, NULL, 0), TRAMMEL_USAGE);
	cr_expect_eq(trammel_close(NULL, NULL, 0), TRAMMEL_YES);
}

Test(abi, what_is_published_verifies_while_the_handle_is_open)
{
	struct world world = world_real();
	struct log_report report;
	struct space *s;
	trammel *t;

	cr_assert_eq(trammel_open(dir, &t, NULL, 0), TRAMMEL_YES);
	cr_expect_eq(check(t, "{\"agent\":\"a\",\"action\":\"read_file\"}"), TRAMMEL_YES);
	cr_assert_eq(space_open(&world, dir, SPACE_READ, &s, NULL), OK);
	cr_expect_eq(log_verify(&world, space_log_folder(s), space_config(s)->origin, space_key(s),
				1, NULL, &report, NULL),
		     ERR_UNSIGNED);
	cr_expect_eq(trammel_publish(t, answer, sizeof(answer)), TRAMMEL_YES);
	cr_expect_eq(log_verify(&world, space_log_folder(s), space_config(s)->origin, space_key(s),
				1, NULL, &report, NULL),
		     OK);
	cr_expect_eq(report.entries, 2);
	cr_expect_eq(space_close(s, NULL), OK);
	cr_expect_eq(trammel_close(t, NULL, 0), TRAMMEL_YES);
}
