/*
 * when: the proleptic Gregorian calendar in integer arithmetic.
 *
 * Days and dates convert as in Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"
 * (days_from_civil, civil_from_days): years are counted from 1 March, so that a leap day is the
 * last of its year, and in eras of 400 years, all of which have the same number of days.
 */
#include "engine/base/when.h"

#define DAY_SECONDS 86400
#define ERA_DAYS 146097
#define EPOCH_DAYS 719468            /* from 0000-03-01 to 1970-01-01 */
#define FRACTION_DIGITS 9

struct date {
	int64_t year, month, day;
};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t days_of(struct date d)
{
	int64_t year = d.month <= 2 ? d.year - 1 : d.year;
	int64_t era = floor_div(year, 400), year_of_era = year - era * 400;
	int64_t day_of_year = (153 * ((d.month + 9) % 12) + 2) / 5 + d.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

static struct date date_of(int64_t days)
{
	int64_t shifted = days + EPOCH_DAYS;
	int64_t era = floor_div(shifted, ERA_DAYS), day_of_era = shifted - era * ERA_DAYS;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;    /* from March */
	struct date d = {
		.year = year_of_era + era * 400 + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = day_of_year - (153 * month + 2) / 5 + 1,
	};

	return d;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
	static const int64_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Take exactly `count` digits from the front. */
static bool take_digits(struct str *s, size_t count, int64_t *ret)
{
	int64_t value = 0;

	if (s->len < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (s->ptr[i] < '0' || s->ptr[i] > '9')
			return false;
		value = value * 10 + (s->ptr[i] - '0');
	}
	*s = str_slice(s->ptr + count, s->len - count);
	*ret = value;
	return true;
}

/* Take one byte from the front: `c` or, the grammar being blind to case, its lower-case form. */
static bool take(struct str *s, char c)
{
	if (s->len == 0 || (s->ptr[0] != c && (c < 'A' || s->ptr[0] != (c | 0x20))))
		return false;
	*s = str_slice(s->ptr + 1, s->len - 1);
	return true;
}

static enum err take_date(struct str *s, int64_t *days)
{
	struct date d;

	if (!take_digits(s, 4, &d.year) || !take(s, '-') || !take_digits(s, 2, &d.month) ||
	    !take(s, '-') || !take_digits(s, 2, &d.day))
		return ERR_SYNTAX;
	if (d.month < 1 || d.month > 12 || d.day < 1 || d.day > days_in_month(d.year, d.month))
		return ERR_RANGE;
	*days = days_of(d);
	return OK;
}

static enum err take_time(struct str *s, int64_t *seconds)
{
	int64_t hour, minute, second;

	if (!take_digits(s, 2, &hour) || !take(s, ':') || !take_digits(s, 2, &minute) ||
	    !take(s, ':') || !take_digits(s, 2, &second))
		return ERR_SYNTAX;
	if (hour > 23 || minute > 59 || second > 59)
		return ERR_RANGE;
	*seconds = (hour * 60 + minute) * 60 + second;
	return OK;
}

static enum err take_fraction(struct str *s, int64_t *ns)
{
	int64_t digit;
	int count = 0;

	*ns = 0;
	if (!take(s, '.'))
		return OK;
	for (; count < FRACTION_DIGITS && take_digits(s, 1, &digit); count++)
		*ns = *ns * 10 + digit;
	if (count == 0)
		return ERR_SYNTAX;
	for (; count < FRACTION_DIGITS; count++)
		*ns *= 10;
	return OK;
}

/* The offset from UTC in seconds, which local time is ahead by. */
static enum err take_offset(struct str *s, int64_t *seconds)
{
	bool behind = s->len && s->ptr[0] == '-';
	int64_t hours, minutes;

	*seconds = 0;
	if (take(s, 'Z'))
		return OK;
	if ((!take(s, '+') && !take(s, '-')) || !take_digits(s, 2, &hours) || !take(s, ':') ||
	    !take_digits(s, 2, &minutes))
		return ERR_SYNTAX;
	if (hours > 23 || minutes > 59)
		return ERR_RANGE;
	*seconds = (hours * 60 + minutes) * 60 * (behind ? -1 : 1);
	return OK;
}

enum err when_read(struct str text, int64_t *ret_ns)
{
	int64_t days, seconds, ns, offset;
	__int128 instant;

	TRY(take_date(&text, &days));
	if (!take(&text, 'T'))
		return ERR_SYNTAX;
	TRY(take_time(&text, &seconds));
	TRY(take_fraction(&text, &ns));
	TRY(take_offset(&text, &offset));
	if (text.len > 0)
		return ERR_SYNTAX;
	instant = (__int128)(days * DAY_SECONDS + seconds - offset) * WHEN_SECOND_NS + ns;
	if (instant < INT64_MIN || instant > INT64_MAX)
		return ERR_RANGE;
	*ret_ns = (int64_t)instant;
	return OK;
}

/* `count` digits of v, and one byte behind them. */
static char *put_digits(char *to, int count, int64_t v, char behind)
{
	for (int i = count - 1; i >= 0; i--, v /= 10)
		to[i] = (char)('0' + v % 10);
	to[count] = behind;
	return to + count + 1;
}

void when_write(struct buf *b, int64_t ns)
{
	int64_t seconds = floor_div(ns, WHEN_SECOND_NS), days = floor_div(seconds, DAY_SECONDS);
	int64_t second_of_day = seconds - days * DAY_SECONDS;
	int64_t fraction = ns % WHEN_SECOND_NS;
	struct date d = date_of(days);
	char *to = buf_grow(b, WHEN_TEXT_BYTES);

	if (!to)
		return;
	if (fraction < 0)
		fraction += WHEN_SECOND_NS;
	to = put_digits(to, 4, d.year, '-');
	to = put_digits(to, 2, d.month, '-');
	to = put_digits(to, 2, d.day, 'T');
	to = put_digits(to, 2, second_of_day / 3600, ':');
	to = put_digits(to, 2, second_of_day / 60 % 60, ':');
	to = put_digits(to, 2, second_of_day % 60, '.');
	(void)put_digits(to, FRACTION_DIGITS, fraction, 'Z');
}
