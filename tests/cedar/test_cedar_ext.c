/* cedar_ext: texts of ip, decimal, datetime, duration, at and beyond their edges. */
#include <criterion/criterion.h>

#include "engine/cedar/inside.h"

static void check(enum cedar_call call, const char *text, int64_t expected)
{
	struct cedar_value v = { .integer = 42 };

	cr_assert(cedar_ext_read(call, str_view(text), &v), "%s", text);
	cr_assert_eq(v.integer, expected, "%s is %lld", text, (long long)v.integer);
}

static void refuse(enum cedar_call call, const char *text)
{
	struct cedar_value v = { .kind = CEDAR_FOREIGN };

	cr_assert_not(cedar_ext_read(call, str_view(text), &v), "%s was read", text);
	cr_assert_eq(v.kind, CEDAR_FOREIGN, "%s wrote a value", text);
}

Test(cedar_ext, decimals_count_ten_thousandths)
{
	check(CALL_DECIMAL, "1.0", 10000);
	check(CALL_DECIMAL, "-0.5", -5000);
	check(CALL_DECIMAL, "-12.3456", -123456);
	check(CALL_DECIMAL, "00012.30", 123000);
	check(CALL_DECIMAL, "922337203685477.5807", INT64_MAX);
	check(CALL_DECIMAL, "-922337203685477.5808", INT64_MIN);
}

Test(cedar_ext, what_is_no_decimal_is_refused)
{
	static const char *const texts[] = { "",
					     "1",
					     "1.",
					     ".1",
					     "-",
					     "-.1",
					     "+1.0",
					     "1.00000",
					     "1.0 ",
					     " 1.0",
					     "1,0",
					     "1.a",
					     "--1.0",
					     "1.0.0",
					     "922337203685477.5808",
					     "-922337203685477.5809",
					     "99999999999999999999.0",
					     "0x1.0" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		refuse(CALL_DECIMAL, texts[i]);
}

Test(cedar_ext, datetimes_count_milliseconds)
{
	check(CALL_DATETIME, "1970-01-01", 0);
	check(CALL_DATETIME, "1969-12-31", -86400000);
	check(CALL_DATETIME, "2024-02-29", INT64_C(1709164800000));
	check(CALL_DATETIME, "2000-03-01", INT64_C(951868800000));
	check(CALL_DATETIME, "0000-01-01", INT64_C(-62167219200000));
	check(CALL_DATETIME, "0000-12-31", INT64_C(-62135683200000));
	check(CALL_DATETIME, "9999-12-31T23:59:59.999Z", INT64_C(253402300799999));
	check(CALL_DATETIME, "2024-01-01T00:00:00+0100", INT64_C(1704063600000));
	check(CALL_DATETIME, "2024-01-01T00:00:00.250-2359", INT64_C(1704153540250));
}

Test(cedar_ext, what_is_no_datetime_is_refused)
{
	static const char *const texts[] = { "",
					     "2024",
					     "2024-1-01",
					     "2024-00-01",
					     "2024-13-01",
					     "2024-01-00",
					     "2024-04-31",
					     "2023-02-29",
					     "1900-02-29",
					     "10000-01-01",
					     "2024-01-01Z",
					     "2024-01-01T",
					     "2024-01-01T00:00:00",
					     "2024-01-01T24:00:00Z",
					     "2024-01-01T00:60:00Z",
					     "2024-01-01T00:00:60Z",
					     "2024-01-01T00:00:00.12Z",
					     "2024-01-01T00:00:00.1234Z",
					     "2024-01-01T00:00:00z",
					     "2024-01-01t00:00:00Z",
					     "2024-01-01T00:00:00ZZ",
					     "2024-01-01T00:00:00+01:00",
					     "2024-01-01T00:00:00+2400",
					     "2024-01-01T00:00:00+0060",
					     "2024-01-01 00:00:00Z",
					     "-024-01-01" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		refuse(CALL_DATETIME, texts[i]);
}

Test(cedar_ext, durations_count_milliseconds)
{
	check(CALL_DURATION, "1d2h3m4s5ms", 93784005);
	check(CALL_DURATION, "90m", 5400000);
	check(CALL_DURATION, "5ms", 5);
	check(CALL_DURATION, "5m3ms", 300003);
	check(CALL_DURATION, "-1d", -86400000);
	check(CALL_DURATION, "0s", 0);
	check(CALL_DURATION, "0000000000000000000000000001ms", 1);
	check(CALL_DURATION, "9223372036854775807ms", INT64_MAX);
	check(CALL_DURATION, "-9223372036854775808ms", INT64_MIN);
	check(CALL_DURATION, "-9223372036854775s808ms", INT64_MIN);
}

Test(cedar_ext, what_is_no_duration_is_refused)
{
	static const char *const texts[] = { "",
					     "-",
					     "1",
					     "d",
					     "1w",
					     "30m1h",
					     "1h1h",
					     "1ms1s",
					     "1d ",
					     "+1d",
					     "1d-2h",
					     "1.5h",
					     "1D",
					     "9223372036854775808ms",
					     "-9223372036854775809ms",
					     "9223372036854776s",
					     "99999999999999999999ms" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		refuse(CALL_DURATION, texts[i]);
}

static void check_ip(const char *text, bool v6, unsigned prefix, const char *bytes)
{
	struct cedar_ip ip;

	cr_assert(cedar_ip_read(str_view(text), &ip), "%s", text);
	cr_assert_eq(ip.v6, v6, "%s", text);
	cr_assert_eq(ip.prefix, prefix, "%s has prefix %u", text, ip.prefix);
	cr_assert_eq(memcmp(ip.bytes, bytes, 16), 0, "%s", text);
}

Test(cedar_ext, addresses_are_read)
{
	check_ip("1.2.3.4", false, 32, "\1\2\3\4\0\0\0\0\0\0\0\0\0\0\0");
	check_ip("255.0.10.100/0", false, 0, "\377\0\12\144\0\0\0\0\0\0\0\0\0\0\0");
	check_ip("::", true, 128, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	check_ip("::1/127", true, 127, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
	check_ip("1::", true, 128, "\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0");
	check_ip("1:2:3:4:5:6:7::", true, 128, "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0");
	check_ip("::2:3:4:5:6:7:8", true, 128, "\0\0\0\2\0\3\0\4\0\5\0\6\0\7\0\10");
	check_ip("Ff00:aBcd:1:2:3:4:5:6/8", true, 8, "\377\0\253\315\0\1\0\2\0\3\0\4\0\5\0\6");
	check_ip("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789/128", true, 128,
		 "\253\315\357\1\43\105\147\211\253\315\357\1\43\105\147\211");
}

Test(cedar_ext, what_is_no_address_is_refused)
{
	static const char *const texts[] = { "",
					     "a",
					     "1.2.3",
					     "1.2.3.4.5",
					     "1.2.3.256",
					     "01.2.3.4",
					     "1.2.3.04",
					     "1..3.4",
					     "1.2.3.4/",
					     "1.2.3.4/33",
					     "1.2.3.4/032",
					     "1.2.3.4/-1",
					     "1.2.3.4 ",
					     " 1.2.3.4",
					     "1.2.3.4/8/8",
					     "::/129",
					     "::/01",
					     ":",
					     ":::",
					     "1:2:3:4:5:6:7",
					     "1:2:3:4:5:6:7:8:9",
					     "1:2:3:4:5:6:7:8::",
					     "1:2:3:4::5:6:7:8",
					     "1::2::3",
					     "12345::",
					     "g::",
					     "1:",
					     ":1",
					     "::ffff:127.0.0.1",
					     "::1%eth0",
					     "[::1]",
					     "00000:EF01:2345:6789:ABCD:EF01:2345:6789/128" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		refuse(CALL_IP, texts[i]);
}

Test(cedar_ext, each_form_has_its_words)
{
	for (enum cedar_call call = CALL_IP; call <= CALL_DURATION; call++)
		cr_assert(strlen(cedar_ext_form(call)) > 10);
}
