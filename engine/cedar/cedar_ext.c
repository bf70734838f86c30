/*
 * cedar_ext: the texts that ip(), decimal(), datetime() and duration() take.
 *
 *   ip        A.B.C.D or groups of hex with at most one `::`, then maybe /prefix; no leading zeros
 *             in decimal numbers, no IPv4 written inside IPv6, 43 bytes at most
 *   decimal   -?d+.d{1,4}                                         counted in 1/10000
 *   datetime  YYYY-MM-DD, then maybe Thh:mm:ss(.SSS)?(Z|+hhmm|-hhmm)   counted in ms since 1970
 *   duration  -?(Nd)?(Nh)?(Nm)?(Ns)?(Nms)?, one of them at least       counted in ms
 *
 * Sources: the language's documentation of its extension types; RFC 80 for the last two.
 */
#include "engine/cedar/inside.h"

#define IP_TEXT_BYTES 43
#define DECIMAL_DIGITS 4
#define DAY_MS INT64_C(86400000)

/* What is left of a text. Readers take from its front and answer false when it is not there. */
static bool take(struct str *text, char c)
{
	if (text->len == 0 || *text->ptr != c)
		return false;
	*text = str_slice(text->ptr + 1, text->len - 1);
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A run of digits: how many, and their number; false when there is none or it passes 64 bits. */
static bool take_number(struct str *text, size_t *digits, uint64_t *ret)
{
	uint64_t number = 0;
	size_t len = 0;

	for (; len < text->len && is_digit(text->ptr[len]); len++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(text->ptr[len] - '0'), &number))
			return false;
	if (len == 0)
		return false;
	*text = str_slice(text->ptr + len, text->len - len);
	*digits = len;
	*ret = number;
	return true;
}

/* Exactly `digits` digits, whose number is below `end`. */
static bool take_field(struct str *text, size_t digits, uint64_t end, uint64_t *ret)
{
	struct str field = str_slice(text->ptr, digits);
	size_t len;

	if (text->len < digits || !take_number(&field, &len, ret) || len != digits)
		return false;
	*text = str_slice(text->ptr + digits, text->len - digits);
	return *ret < end;
}

/* The number with its sign, when 64 bits hold it. */
static bool signed_of(uint64_t magnitude, bool negative, int64_t *ret)
{
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return false;
	*ret = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return true;
}

/* --- ip --- */

/* A decimal number without leading zeros. */
static bool take_plain(struct str *text, uint64_t last, uint64_t *ret)
{
	bool zero = text->len && *text->ptr == '0';
	size_t digits;

	return take_number(text, &digits, ret) && *ret <= last && (digits == 1 || !zero);
}

static bool take_ipv4(struct str *text, uint8_t bytes[16])
{
	uint64_t octet;

	for (int i = 0; i < 4; i++) {
		if ((i > 0 && !take(text, '.')) || !take_plain(text, 255, &octet))
			return false;
		bytes[i] = (uint8_t)octet;
	}
	return true;
}

static int hex_of(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool take_group(struct str *text, unsigned *ret)
{
	unsigned group = 0;
	size_t len = 0;

	for (; len < text->len && len < 5 && hex_of(text->ptr[len]) >= 0; len++)
		group = group << 4 | (unsigned)hex_of(text->ptr[len]);
	*text = str_slice(text->ptr + len, text->len - len);
	*ret = group;
	return len >= 1 && len <= 4;
}

/* Groups with single colons between them, `room` at most; stops before "::" and before the end. */
static bool take_groups(struct str *text, size_t room, unsigned *groups, size_t *count)
{
	for (*count = 0; text->len && *text->ptr != '/'; (*count)++) {
		if (str_starts(*text, STR("::")))
			return true;
		if (*count == room || (*count > 0 && !take(text, ':')) ||
		    !take_group(text, &groups[*count]))
			return false;
	}
	return true;
}

/* `::` stands for one group of zeros at least. */
static bool take_ipv6(struct str *text, uint8_t bytes[16])
{
	unsigned groups[8] = { 0 }, tail[8];
	size_t count, tail_count = 0;

	if (!take_groups(text, 8, groups, &count))
		return false;
	if (take(text, ':')) {
		if (count == 8 || !take(text, ':') ||
		    !take_groups(text, 7 - count, tail, &tail_count))
			return false;
	} else if (count != 8) {
		return false;
	}
	for (size_t i = 0; i < tail_count; i++)
		groups[8 - tail_count + i] = tail[i];
	for (size_t i = 0; i < 8; i++) {
		bytes[2 * i] = (uint8_t)(groups[i] >> 8);
		bytes[2 * i + 1] = (uint8_t)groups[i];
	}
	return true;
}

bool cedar_ip_read(struct str text, struct cedar_ip *ret)
{
	struct cedar_ip ip = { .v6 = text.len && memchr(text.ptr, ':', text.len) };
	uint64_t prefix = ip.v6 ? 128 : 32;

	if (text.len > IP_TEXT_BYTES)
		return false;
	if (!(ip.v6 ? take_ipv6(&text, ip.bytes) : take_ipv4(&text, ip.bytes)))
		return false;
	if (take(&text, '/') && !take_plain(&text, prefix, &prefix))
		return false;
	if (text.len)
		return false;
	ip.prefix = (uint8_t)prefix;
	*ret = ip;
	return true;
}

/* --- decimal --- */

bool cedar_decimal_read(struct str text, int64_t *ret)
{
	bool negative = take(&text, '-');
	uint64_t whole, part;
	size_t digits;

	if (!take_number(&text, &digits, &whole) || !take(&text, '.') ||
	    !take_number(&text, &digits, &part) || digits > DECIMAL_DIGITS || text.len)
		return false;
	for (; digits < DECIMAL_DIGITS; digits++)
		part *= 10;
	if (__builtin_mul_overflow(whole, 10000, &whole) ||
	    __builtin_add_overflow(whole, part, &whole))
		return false;
	return signed_of(whole, negative, ret);
}

/* --- datetime --- */

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01; the year may be 0, and months are counted from March to have leap days
 * last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;
	int64_t era = (y < 0 ? y - 399 : y) / 400, of_era = y - era * 400;
	int64_t of_year = (153 * m + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool take_date(struct str *text, int64_t *ret_days)
{
	static const uint8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	uint64_t year, month, day, last;

	if (!take_field(text, 4, 10000, &year) || !take(text, '-') ||
	    !take_field(text, 2, 13, &month) || !take(text, '-') ||
	    !take_field(text, 2, 32, &day) || month == 0 || day == 0)
		return false;
	last = lengths[month - 1] + (month == 2 && is_leap((int64_t)year));
	*ret_days = days_of((int64_t)year, (int64_t)month, (int64_t)day);
	return day <= last;
}

/* Z, +hhmm or -hhmm: how far the clock is ahead. */
static bool take_offset(struct str *text, int64_t *ret_ms)
{
	uint64_t hours, minutes;
	bool ahead;

	*ret_ms = 0;
	if (take(text, 'Z'))
		return true;
	ahead = take(text, '+');
	if (!ahead && !take(text, '-'))
		return false;
	if (!take_field(text, 2, 24, &hours) || !take_field(text, 2, 60, &minutes))
		return false;
	*ret_ms = (int64_t)(hours * 60 + minutes) * (ahead ? 60000 : -60000);
	return true;
}

bool cedar_datetime_read(struct str text, int64_t *ret_ms)
{
	uint64_t hours, minutes, seconds, ms = 0;
	int64_t days, offset;

	if (!take_date(&text, &days))
		return false;
	if (text.len == 0) {
		*ret_ms = days * DAY_MS;
		return true;
	}
	if (!take(&text, 'T') || !take_field(&text, 2, 24, &hours) || !take(&text, ':') ||
	    !take_field(&text, 2, 60, &minutes) || !take(&text, ':') ||
	    !take_field(&text, 2, 60, &seconds))
		return false;
	if (take(&text, '.') && !take_field(&text, 3, 1000, &ms))
		return false;
	if (!take_offset(&text, &offset) || text.len)
		return false;
	*ret_ms = days * DAY_MS + (int64_t)(((hours * 60 + minutes) * 60 + seconds) * 1000 + ms) -
		  offset;
	return true;
}

/* --- duration --- */

bool cedar_duration_read(struct str text, int64_t *ret_ms)
{
	static const struct {
		struct str name;
		uint64_t ms;
	} units[] = {
		{ { "d", 1 }, 86400000 }, { { "h", 1 }, 3600000 }, { { "m", 1 }, 60000 },
		{ { "s", 1 }, 1000 },	  { { "ms", 2 }, 1 },
	};
	bool negative = take(&text, '-');
	uint64_t total = 0, number;
	size_t digits, next = 0;

	if (text.len == 0)
		return false;
	while (text.len) {
		struct str unit;

		if (!take_number(&text, &digits, &number))
			return false;
		unit = str_slice(text.ptr, str_starts(text, STR("ms")) ? 2 : text.len > 0);
		while (next < 5 && !str_eq(units[next].name, unit))
			next++;
		if (next == 5 || __builtin_mul_overflow(number, units[next].ms, &number) ||
		    __builtin_add_overflow(total, number, &total))
			return false;
		text = str_slice(text.ptr + unit.len, text.len - unit.len);
		next++;
	}
	return signed_of(total, negative, ret_ms);
}

/* --- all four --- */

const char *cedar_ext_form(enum cedar_call constructor)
{
	static const char *const forms[] = {
		[CALL_IP] = "an IPv4 or IPv6 address, maybe with a /prefix",
		[CALL_DECIMAL] = "a decimal like -12.3456, one to four digits behind the point",
		[CALL_DATETIME] = "a datetime like 2026-01-02 or 2026-01-02T03:04:05.678Z",
		[CALL_DURATION] = "a duration like -1d2h3m4s5ms",
	};

	MUST(constructor <= CALL_DURATION);
	return forms[constructor];
}

bool cedar_ext_read(enum cedar_call constructor, struct str text, struct cedar_value *ret)
{
	struct cedar_value v = { .kind = CEDAR_IP };
	bool read = false;

	switch (constructor) {
	case CALL_IP:
		read = cedar_ip_read(text, &v.ip);
		break;
	case CALL_DECIMAL:
		v.kind = CEDAR_DECIMAL;
		read = cedar_decimal_read(text, &v.integer);
		break;
	case CALL_DATETIME:
		v.kind = CEDAR_DATETIME;
		read = cedar_datetime_read(text, &v.integer);
		break;
	case CALL_DURATION:
		v.kind = CEDAR_DURATION;
		read = cedar_duration_read(text, &v.integer);
		break;
	default:
		MUST(!"a constructor");
	}
	if (read)
		*ret = v;
	return read;
}
