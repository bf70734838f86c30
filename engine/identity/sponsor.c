/*
 * sponsor: the person who answers for an agent, by mail address. The form is checked, nothing else:
 * whether the address exists, and whose it is, trammel cannot know.
 */
#include "engine/identity/naming.h"

#define LOCAL_BYTES 64      /* RFC 5321 section 4.5.3.1.1 */
#define LABEL_BYTES 63      /* RFC 1035 section 2.3.4 */

static bool letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 5322 section 3.2.3: atext. */
static bool atom_char(char c)
{
	return letter_or_digit(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool atom_ok(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!atom_char(s.ptr[i]))
			return false;
	return s.len > 0;
}

static bool label_ok(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!letter_or_digit(s.ptr[i]) && s.ptr[i] != '-')
			return false;
	return s.len > 0 && s.len <= LABEL_BYTES && s.ptr[0] != '-' && s.ptr[s.len - 1] != '-';
}

/* Parts with dots between them, each of which `ok` accepts. */
static bool dotted(struct str s, bool (*ok)(struct str part))
{
	struct str part;

	while (str_cut(s, '.', &part, &s))
		if (!ok(part))
			return false;
	return ok(s);
}

bool sponsor_ok(struct str mail)
{
	struct str local, domain;

	return mail.len <= SPONSOR_BYTES && str_cut(mail, '@', &local, &domain) &&
	       local.len <= LOCAL_BYTES && dotted(local, atom_ok) && dotted(domain, label_ok);
}
