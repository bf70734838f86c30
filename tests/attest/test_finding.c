/* finding: the table of codes, and lists. */
#include <criterion/criterion.h>

#include "tests/attest/sample.h"

Test(finding, no_code_and_no_identifier_stands_twice)
{
	for (int i = 0; i < FINDING_CODES; i++) {
		const char *code = finding_code_name((enum finding_code)i);

		cr_expect_eq(strlen(code), strlen("TR-ENV-001"), "%s", code);
		for (int k = 0; k < i; k++)
			cr_expect_str_neq(code, finding_code_name((enum finding_code)k));
	}
}

Test(finding, a_failure_refuses_and_nothing_else_does)
{
	struct findings f = { .count = 0 };

	for (int status = FINDING_FAIL + 1; status < FINDING_STATUSES; status++)
		finding_add(&f, FINDING_SCHEMA, (enum finding_status)status, "x");
	finding_pass(&f, FINDING_PROFILE);
	cr_expect(!f.refused);
	finding_add(&f, FINDING_SCHEMA, FINDING_FAIL, "%s", "no");
	cr_expect(f.refused);
	cr_expect_str_eq(finding_find(&f, FINDING_SCHEMA)->text, "no");
	cr_expect_null(finding_find(&f, FINDING_NONCE));
}

Test(finding, what_strangers_wrote_comes_out_fit_for_a_terminal)
{
	struct findings f = { .count = 0 };
	char wide[2 * FINDING_TEXT_BYTES];

	memset(wide, 'x', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	finding_add(&f, FINDING_SCHEMA, FINDING_WARN, "a\x1b[31m%s", wide);
	cr_expect(strlen(f.list[0].text) < FINDING_TEXT_BYTES);
	cr_expect_eq(strncmp(f.list[0].text, "a?[31m", 6), 0, "%s", f.list[0].text);
}
