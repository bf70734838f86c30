/*
 * mask_card: numbers of payment cards.
 *
 * ISO/IEC 7812-1: the first digits name the issuer, the last one is a check digit (Luhn, annex B).
 * The ranges are those in use: Visa 4, Mastercard 51-55 and 2221-2720, American Express 34 and 37,
 * Discover 6011, 644-649 and 65, UnionPay 62, JCB 3528-3589, Diners Club 300-305, 309, 36, 38 and
 * 39, Mir 2200-2204, Maestro as listed. Digits stand together or in the groups that are printed on
 * cards, with one blank or one dash between them.
 *
 * One number of ten that begins like a card passes Luhn by chance: order numbers of 16 digits from
 * 4 or 5 on may be masked, and then stay equal to themselves.
 */
#include "engine/mask/inside.h"

#define DIGITS_MIN 13
#define DIGITS_MAX 19

static const struct issuer {
	uint16_t low, high;          /* of the first four digits */
	uint8_t min, max;            /* how many digits in all */
	uint8_t step;
} issuers[] = {
	{ 2200, 2204, 16, 19, 1 },
	{ 2221, 2720, 16, 16, 1 },
	{ 3000, 3059, 14, 19, 1 },
	{ 3090, 3099, 14, 19, 1 },
	{ 3400, 3499, 15, 15, 1 },
	{ 3528, 3589, 16, 19, 1 },
	{ 3600, 3699, 14, 19, 1 },
	{ 3700, 3799, 15, 15, 1 },
	{ 3800, 3999, 14, 19, 1 },
	{ 4000, 4999, 13, 19, 3 },
	{ 5018, 5018, 13, 19, 1 },
	{ 5020, 5020, 13, 19, 1 },
	{ 5038, 5038, 13, 19, 1 },
	{ 5100, 5599, 16, 16, 1 },
	{ 5893, 5893, 13, 19, 1 },
	{ 6011, 6011, 16, 19, 1 },
	{ 6200, 6299, 16, 19, 1 },
	{ 6304, 6304, 13, 19, 1 },
	{ 6440, 6599, 16, 19, 1 },
	{ 6759, 6763, 13, 19, 1 },
};

static bool issuer_ok(const char *digits, size_t count)
{
	unsigned first = 0;

	for (size_t i = 0; i < 4; i++)
		first = first * 10 + (unsigned)(digits[i] - '0');
	for (size_t i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++) {
		const struct issuer *s = &issuers[i];

		if (first >= s->low && first <= s->high && count >= s->min && count <= s->max)
			return (count - s->min) % s->step == 0;
	}
	return false;
}

static bool luhn_ok(const char *digits, size_t count)
{
	unsigned sum = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned d = (unsigned)(digits[count - 1 - i] - '0');

		d *= 1 + i % 2;
		sum += d > 9 ? d - 9 : d;
	}
	return sum % 10 == 0;
}

bool card_ok(struct str digits)
{
	if (digits.len < DIGITS_MIN || digits.len > DIGITS_MAX)
		return false;
	for (size_t i = 0; i < digits.len; i++)
		if (!is_digit(digits.ptr[i]))
			return false;
	return issuer_ok(digits.ptr, digits.len) && luhn_ok(digits.ptr, digits.len);
}

/* Groups as they are printed; 0 ends a row. The longer of two that begin alike comes first. */
static const uint8_t groupings[][6] = {
	{ 4, 4, 4, 4, 3, 0 }, { 4, 4, 4, 4, 0 }, { 4, 6, 5, 0 }, { 4, 6, 4, 0 },
};

/* Nothing goes on: no letter or digit, and no fraction. */
static bool ends_here(struct str s, size_t at)
{
	if (at >= s.len)
		return true;
	return !is_word(s.ptr[at]) &&
	       !(s.ptr[at] == '.' && at + 1 < s.len && is_digit(s.ptr[at + 1]));
}

static size_t read_groups(struct str s, const uint8_t *groups, char digits[DIGITS_MAX])
{
	size_t at = 0, count = 0;
	char gap = '\0';

	for (size_t g = 0; groups[g]; g++) {
		if (g == 1 && at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == '-'))
			gap = s.ptr[at];
		if (g > 0 && (at >= s.len || !gap || s.ptr[at++] != gap))
			return 0;
		for (unsigned i = 0; i < groups[g]; i++) {
			if (at >= s.len || !is_digit(s.ptr[at]))
				return 0;
			digits[count++] = s.ptr[at++];
		}
	}
	return ends_here(s, at) && card_ok(str_slice(digits, count)) ? at : 0;
}

bool see_card(const struct looking *l, struct span *ret)
{
	struct str rest = str_slice(l->text.ptr + l->at, l->text.len - l->at);
	char digits[DIGITS_MAX];
	size_t end = 0;

	if (!scan_edge(l->text, l->at))
		return false;
	/* The fraction of a number is no number. */
	if (l->at >= l->from + 2 && l->text.ptr[l->at - 1] == '.' &&
	    is_digit(l->text.ptr[l->at - 2]))
		return false;
	while (end < rest.len && end <= DIGITS_MAX && is_digit(rest.ptr[end]))
		end++;
	if (!ends_here(rest, end) || !card_ok(str_slice(rest.ptr, end)))
		end = 0;
	for (size_t i = 0; end == 0 && i < sizeof(groupings) / sizeof(groupings[0]); i++)
		end = read_groups(rest, groupings[i], digits);
	if (end == 0)
		return false;
	*ret = (struct span){
		.begin = l->at, .end = l->at + end, .kind = STR("card"), .spelling = ONLY_DIGITS
	};
	return true;
}
