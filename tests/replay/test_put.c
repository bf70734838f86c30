/* Members of JSON objects, as the exporters write them. */
#include <criterion/criterion.h>

#include "replay/exporting.h"

Test(put, members_are_separated_by_commas_and_the_first_by_none)
{
	const struct digest d = { { 0xab } };
	struct buf b;

	buf_init(&b, 4096);
	buf_add_byte(&b, '{');
	put_text(&b, "a\"", STR("x\n"));
	put_number(&b, "n", UINT64_MAX);
	put_json(&b, "j", STR("[{}]"));
	put_key(&b, "o");
	buf_add_byte(&b, '{');
	put_hex(&b, "h", &d);
	cr_assert_eq(b.err, OK);
	cr_expect(str_is(buf_view(&b),
			 "{\"a\\\"\":\"x\\n\",\"n\":18446744073709551615,\"j\":[{}],\"o\":{\"h\":"
			 "\"ab00000000000000000000000000000000000000000000000000000000000000\""));
	buf_fini(&b);
}
