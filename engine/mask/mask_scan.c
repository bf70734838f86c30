/*
 * mask_scan: one text, from one secret to the next.
 *
 *   bits = first[text[i]] & second[text[i + 1]] & third[text[i + 2]]
 *
 * Each detector has a bit, set for the bytes with which what it looks for can begin. Nearly
 * everywhere in nearly every text no bit is left, and that is all that is done there.
 */
#include "engine/mask/inside.h"

static detector *const detectors[SEE_VENDOR] = {
	[SEE_TOKEN] = see_token, [SEE_PEM] = see_pem, [SEE_JWT] = see_jwt, [SEE_URL] = see_url,
	[SEE_CREDENTIAL] = see_credential, [SEE_HOOK] = see_hook, [SEE_AZURE] = see_azure,
	[SEE_TELEGRAM] = see_telegram, [SEE_CARD] = see_card, [SEE_EMAIL] = see_email,
	[SEE_PHONE] = see_phone, [SEE_ASSIGNED] = see_assigned, [SEE_FLAG] = see_flag,
};

/* --- the tables --- */

static void on_any(uint32_t table[256], uint32_t bit)
{
	for (unsigned c = 0; c < 256; c++)
		table[c] |= bit;
}

static void on(uint32_t table[256], uint32_t bit, const char *bytes)
{
	for (; *bytes; bytes++)
		table[(uint8_t)*bytes] |= bit;
}

/* NULL stands for every byte. */
static void begin_with(struct mask *m, enum detector_bit bit, const char *first,
		       const char *second, const char *third)
{
	on(m->first, SEE(bit), first);
	if (second)
		on(m->second, SEE(bit), second);
	else
		on_any(m->second, SEE(bit));
	if (third)
		on(m->third, SEE(bit), third);
	else
		on_any(m->third, SEE(bit));
}

void scan_prepare(struct mask *m)
{
	static const char digits[] = "0123456789";

	begin_with(m, SEE_TOKEN, "[", "m", "a");
	begin_with(m, SEE_PEM, "-", "-", "-");
	begin_with(m, SEE_JWT, "e", "y", "J");
	begin_with(m, SEE_URL, ":", "/", "/");
	begin_with(m, SEE_CREDENTIAL, "bB", "eaEA", "aAsS");
	begin_with(m, SEE_HOOK, "ha", "op", "oi");
	begin_with(m, SEE_AZURE, "Q", "~", NULL);
	begin_with(m, SEE_TELEGRAM, ":", "A", "A");
	begin_with(m, SEE_CARD, "23456", digits, digits);
	begin_with(m, SEE_ASSIGNED, "=:", NULL, NULL);
	begin_with(m, SEE_FLAG, "-", "-",
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	begin_with(m, SEE_FLAG, "-", "uU", " ");
	if (m->terms.email)
		begin_with(m, SEE_EMAIL, "@", NULL, NULL);
	if (m->terms.phone)
		begin_with(m, SEE_PHONE, "+(0123456789", "0123456789-. ",
			   "0123456789-. ()");
	vendor_prepare(m);
}

/* --- going on --- */

static bool see(const struct looking *l, uint32_t bits, struct span *ret)
{
	for (uint32_t left = bits & ~SEE_VENDORS; left; left &= left - 1)
		if (detectors[__builtin_ctz(left)](l, ret))
			return true;
	return (bits & SEE_VENDORS) && vendor_see(l, bits, ret);
}

/* The next place where somebody may want to look; the end where nobody does. */
static size_t next_place(const struct mask *m, struct str text, size_t at, uint32_t *bits)
{
	const uint8_t *p = (const uint8_t *)text.ptr;
	uint32_t wanted = *bits, seen = 0;

	for (; at + 2 < text.len; at++) {
		seen = wanted & m->first[p[at]] & m->second[p[at + 1]] & m->third[p[at + 2]];
		if (seen)
			break;
	}
	*bits = seen;
	return at;
}

bool scan_next(const struct mask *m, struct str text, size_t from, uint32_t bits,
	       struct span *ret)
{
	struct looking l = { .mask = m, .text = text, .from = from, .at = from };
	uint32_t seen;

	for (;; l.at++) {
		seen = bits;
		l.at = next_place(m, text, l.at, &seen);
		if (l.at + 2 >= text.len)
			return false;
		if (!see(&l, seen, ret))
			continue;
		if (!ret->skip)
			return true;
		l.from = ret->end;
		l.at = ret->end - 1;
	}
}

bool scan_part(const struct looking *l, size_t begin, size_t end, struct str kind,
	       struct span *ret)
{
	struct str part;
	struct span own;
	bool ours;

	if (begin >= end || begin < l->from)
		return false;
	part = str_slice(l->text.ptr + begin, end - begin);
	if (token_read(l->mask, part, &ours) == part.len && ours)
		return false;
	*ret = (struct span){ .begin = begin, .end = end, .kind = kind };
	if (scan_next(l->mask, part, 0, SEE_SHAPES, &own) && own.begin == 0 &&
	    own.end == part.len) {
		ret->kind = own.kind;
		ret->spelling = own.spelling;
	}
	return true;
}

static bool is_hex(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

bool scan_edge(struct str text, size_t at)
{
	const char *p = text.ptr + at;

	if (at == 0 || !is_word(p[-1]))
		return true;
	/* \n and its like in a text that holds JSON; in "C:\new" it is one edge more. */
	if (at >= 2 && p[-2] == '\\' && strchr("nrtbf", p[-1]))
		return true;
	if (at >= 3 && p[-3] == '%' && is_hex(p[-2]) && is_hex(p[-1]))
		return true;
	return at >= 6 && p[-6] == '\\' && p[-5] == 'u' && is_hex(p[-4]) && is_hex(p[-3]) &&
	       is_hex(p[-2]) && is_hex(p[-1]);
}
