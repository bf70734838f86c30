/*
 * mask_person: what leads to a person. Both are options: agents and sponsors have mail addresses.
 *
 *   ann@example.org         RFC 5321 section 4.1.2, as far as addresses go that people have
 *   +49 30 1234567          ITU-T E.164: a plus, 8 to 15 digits, single separators
 *   (212) 555-0123          national: an area in parentheses, or 3-3-4, or groups from 0 on
 */
#include "engine/mask/inside.h"

#define LOCAL_BYTES 64
#define DOMAIN_BYTES 255
#define GROUPS 8

static bool is_local(char c)
{
	return is_word(c) || (c != '\0' && strchr("._%+-", c) != NULL);
}

/* The end of a domain of two labels or more, the last one of letters; 0: none. */
static size_t domain_end(struct str s, size_t begin)
{
	size_t end = begin, dot = 0;

	while (end < s.len && end - begin < DOMAIN_BYTES &&
	       (is_word(s.ptr[end]) || s.ptr[end] == '-' || s.ptr[end] == '.'))
		end++;
	while (end > begin && !is_word(s.ptr[end - 1]))
		end--;
	for (size_t i = begin; i < end; i++)
		if (s.ptr[i] == '.')
			dot = i;
	if (dot <= begin || end - dot < 3 || !is_word(s.ptr[begin]))
		return 0;
	for (size_t i = dot + 1; i < end; i++)
		if (!is_letter(s.ptr[i]))
			return 0;
	return end;
}

bool see_email(const struct looking *l, struct span *ret)
{
	size_t begin = l->at, end = domain_end(l->text, l->at + 1);

	while (begin > l->from && l->at - begin < LOCAL_BYTES && is_local(l->text.ptr[begin - 1]))
		begin--;
	if (begin == l->at || end == 0)
		return false;
	*ret = (struct span){ .begin = begin, .end = end, .kind = STR("email") };
	return true;
}

/* Groups of digits with single separators between them. */
struct groups {
	size_t lengths[GROUPS], count, digits, end;
	bool parens;                 /* the first one stands in parentheses */
	char gap;                    /* between the others, '\0' when they differ */
};

static bool is_gap(char c)
{
	return c == ' ' || c == '-' || c == '.';
}

static void read_groups(struct str s, size_t at, struct groups *g)
{
	*g = (struct groups){ .parens = at < s.len && s.ptr[at] == '(' };
	at += g->parens;
	while (at < s.len && is_digit(s.ptr[at]) && g->count < GROUPS) {
		size_t begin = at;
		char gap = '\0';

		while (at < s.len && is_digit(s.ptr[at]) && at - begin < 16)
			at++;
		g->lengths[g->count++] = at - begin;
		g->digits += at - begin;
		g->end = at;
		if (g->count == 1 && g->parens) {
			if (at >= s.len || s.ptr[at] != ')')
				return;
			at++;
			if (at < s.len && s.ptr[at] == ' ')
				at++;
			continue;
		}
		if (at >= s.len || !is_gap(s.ptr[at]))
			return;
		gap = s.ptr[at++];
		g->gap = g->count == 1 || gap == g->gap ? gap : '\0';
	}
}

/* 212-555-0123, 1-212-555-0123, 030 1234567, 01 23 45 67 89 */
static bool is_national(const struct groups *g, char first)
{
	const size_t *n = g->lengths;

	if (g->count < 2 || !g->gap)
		return false;
	if (g->count == 3)
		return (n[0] == 3 && n[1] == 3 && n[2] == 4) ||
		       (first == '0' && g->digits >= 9 && g->digits <= 11);
	if (g->count == 4 && n[0] == 1)
		return first == '1' && n[1] == 3 && n[2] == 3 && n[3] == 4;
	return first == '0' && n[0] >= 2 && g->digits >= 9 && g->digits <= 12;
}

bool see_phone(const struct looking *l, struct span *ret)
{
	bool plus = l->text.ptr[l->at] == '+';
	struct groups g;

	if (!scan_edge(l->text, l->at) ||
	    (l->at > 0 && strchr("+-.", l->text.ptr[l->at - 1])))
		return false;
	read_groups(l->text, l->at + plus, &g);
	if (g.count == 0 || (g.end < l->text.len && is_word(l->text.ptr[g.end])))
		return false;
	if (plus ? g.digits < 8 || g.digits > 15
		 : g.parens ? g.count < 2 || g.digits < 9 || g.digits > 12
			    : !is_national(&g, l->text.ptr[l->at]))
		return false;
	*ret = (struct span){ .begin = l->at, .end = g.end, .kind = STR("phone") };
	return true;
}
