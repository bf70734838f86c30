/* control_token: token.take through the gate, replayed bit for bit. */
#include <criterion/criterion.h>

#include "engine/gate/inside.h"
#include "tests/kit/session_kit.h"

#define TOKEN                                                                                      \
	",\"token\":\"sha256:"                                                                     \
	"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\""
#define UNTIL ",\"expires\":\"2026-01-02T03:05:05Z\""

static struct gate_kit k;

static void setup(void)
{
	gate_kit_init(&k, NULL);
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(control_token, .init = setup, .fini = teardown);

Test(control_token, a_token_is_taken_once_while_it_lasts)
{
	session_kit_do(&k, "token.take", NULL, NULL, TOKEN UNTIL);
	cr_assert_eq(session_kit_control(&k, "token.take", NULL, NULL, TOKEN UNTIL, 59),
		     ERR_DENIED);
	cr_assert_str_eq(k.gate.why.text,
			 "replayed: the token was taken by entry 0, and is good once");
	cr_assert_eq(session_kit_control(&k, "token.take", NULL, NULL, TOKEN UNTIL, 60),
		     ERR_DENIED);
	cr_assert_str_eq(k.gate.why.text, "expired: the token has expired");
	cr_assert_eq(k.line_count, 1);
}

/* Who dates an action ahead does not make it forgotten. */
Test(control_token, goes_by_the_time_of_the_control)
{
	session_kit_do(&k, "token.take", NULL, NULL, TOKEN UNTIL);
	cr_assert_eq(session_kit_control(&k, "kill.agent", "eve", NULL, "", 100), OK);
	cr_assert_eq(session_kit_control(&k, "token.take", NULL, NULL, TOKEN UNTIL, 1),
		     ERR_DENIED);
}

Test(control_token, needs_a_digest_and_an_end)
{
	static const char *const wrong[] = { "", TOKEN, UNTIL, UNTIL ",\"token\":\"tcr_x\"",
					     TOKEN ",\"expires\":\"soon\"" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert_eq(session_kit_control(&k, "token.take", NULL, NULL, wrong[i], 0),
			     ERR_SYNTAX, "%s", wrong[i]);
	cr_assert_eq(state_rows(k.state, GATE_TOKEN_USES), 0);
}
