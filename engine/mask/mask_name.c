/*
 * mask_name: names whose values are secrets.
 *
 * A name is folded first: lower case, letters and digits only. So apiKey, API_KEY and x-api-key end
 * alike, and the end is what says it: db_password is a password, password_policy is none. What
 * only counts secrets or walks through pages (max_tokens, next_page_token) is no secret.
 */
#include "engine/mask/inside.h"

#define FOLDED_BYTES 64

enum where {
	ANYWHERE = 0,
	MEMBERS_ONLY,                /* in prose it means something else: "pass: all 12 tests" */
};

/* Whole words are not the ends of longer ones: "spin" is not "pin". */
static const struct row {
	struct str end, kind;
	bool word;
	enum where where;
} rows[] = {
	{ STR("password"), STR("password"), false, ANYWHERE },
	{ STR("passwd"), STR("password"), false, ANYWHERE },
	{ STR("passphrase"), STR("password"), false, ANYWHERE },
	{ STR("passcode"), STR("password"), false, ANYWHERE },
	{ STR("pwd"), STR("password"), false, ANYWHERE },
	{ STR("pass"), STR("password"), true, MEMBERS_ONLY },
	{ STR("secret"), STR("secret"), false, ANYWHERE },
	{ STR("secrets"), STR("secret"), false, ANYWHERE },
	{ STR("credential"), STR("secret"), false, ANYWHERE },
	{ STR("credentials"), STR("secret"), false, ANYWHERE },
	{ STR("mnemonic"), STR("secret"), false, MEMBERS_ONLY },
	{ STR("seedphrase"), STR("secret"), false, ANYWHERE },
	{ STR("token"), STR("token"), false, ANYWHERE },
	{ STR("jwt"), STR("token"), true, ANYWHERE },
	{ STR("bearer"), STR("token"), true, MEMBERS_ONLY },
	{ STR("apikey"), STR("api-key"), false, ANYWHERE },
	{ STR("accesskey"), STR("api-key"), false, ANYWHERE },
	{ STR("secretkey"), STR("api-key"), false, ANYWHERE },
	{ STR("accountkey"), STR("api-key"), false, ANYWHERE },
	{ STR("authkey"), STR("api-key"), false, ANYWHERE },
	{ STR("encryptionkey"), STR("api-key"), false, ANYWHERE },
	{ STR("functionskey"), STR("api-key"), false, ANYWHERE },
	{ STR("licensekey"), STR("api-key"), false, ANYWHERE },
	{ STR("masterkey"), STR("api-key"), false, ANYWHERE },
	{ STR("sessionkey"), STR("api-key"), false, ANYWHERE },
	{ STR("sharedkey"), STR("api-key"), false, ANYWHERE },
	{ STR("signingkey"), STR("api-key"), false, ANYWHERE },
	{ STR("storagekey"), STR("api-key"), false, ANYWHERE },
	{ STR("subscriptionkey"), STR("api-key"), false, ANYWHERE },
	{ STR("privatekey"), STR("private-key"), false, ANYWHERE },
	{ STR("sshkey"), STR("private-key"), false, ANYWHERE },
	{ STR("authorization"), STR("authorization"), false, ANYWHERE },
	{ STR("cookie"), STR("cookie"), false, ANYWHERE },
	{ STR("cookies"), STR("cookie"), false, MEMBERS_ONLY },
	{ STR("pin"), STR("pin"), true, MEMBERS_ONLY },
	{ STR("otp"), STR("pin"), true, MEMBERS_ONLY },
	{ STR("cvv"), STR("card-code"), true, MEMBERS_ONLY },
	{ STR("cvv2"), STR("card-code"), true, MEMBERS_ONLY },
	{ STR("cvc"), STR("card-code"), true, MEMBERS_ONLY },
	{ STR("cvc2"), STR("card-code"), true, MEMBERS_ONLY },
};

/* What stands before "token" where it leads through pages, or belongs to a model's alphabet. */
static const struct str innocent[] = {
	STR("page"), STR("next"), STR("continuation"), STR("pagination"), STR("cursor"),
	STR("sync"), STR("resume"), STR("idempotency"), STR("cancellation"), STR("eos"),
	STR("bos"), STR("pad"), STR("unk"), STR("stop"), STR("mask"), STR("sep"), STR("cls"),
	STR("per"),
};

#define LAST(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

/* Do the last three letters, blanks and signs left out, end any row? Most names stop here. */
static bool may_end(struct str name)
{
	uint32_t last = 0;
	unsigned count = 0;

	for (size_t i = name.len; i > 0 && count < 3; i--)
		if (is_word(name.ptr[i - 1]))
			last |= (uint32_t)(uint8_t)lower(name.ptr[i - 1]) << 8 * count++;
	switch (last) {
	case LAST('o', 'r', 'd'): case LAST('s', 'w', 'd'): case LAST('a', 's', 'e'):
	case LAST('o', 'd', 'e'): case LAST('p', 'w', 'd'): case LAST('a', 's', 's'):
	case LAST('r', 'e', 't'): case LAST('e', 't', 's'): case LAST('i', 'a', 'l'):
	case LAST('a', 'l', 's'): case LAST('n', 'i', 'c'): case LAST('k', 'e', 'n'):
	case LAST('j', 'w', 't'): case LAST('r', 'e', 'r'): case LAST('k', 'e', 'y'):
	case LAST('i', 'o', 'n'): case LAST('k', 'i', 'e'): case LAST('i', 'e', 's'):
	case LAST('p', 'i', 'n'): case LAST('o', 't', 'p'): case LAST('c', 'v', 'v'):
	case LAST('c', 'v', 'c'): case LAST('v', 'v', '2'): case LAST('v', 'c', '2'):
		return true;
	default:
		return false;
	}
}

struct folded {
	char text[FOLDED_BYTES];
	size_t len;
	bool begins[FOLDED_BYTES];   /* a word does, at this letter */
};

/* The last letters of a name, as many as matter. */
static void fold(struct str name, struct folded *ret)
{
	size_t cut = name.len > FOLDED_BYTES ? name.len - FOLDED_BYTES : 0;

	ret->len = 0;
	for (size_t i = cut; i < name.len; i++) {
		char c = name.ptr[i], before = i > 0 ? name.ptr[i - 1] : '_';

		if (!is_word(c))
			continue;
		ret->begins[ret->len] = !is_word(before) ||
					(c != lower(c) && before == lower(before));
		ret->text[ret->len++] = lower(c);
	}
}

static bool ends_with(const struct folded *f, struct str end, bool word)
{
	return f->len >= end.len &&
	       memcmp(f->text + f->len - end.len, end.ptr, end.len) == 0 &&
	       (!word || f->begins[f->len - end.len]);
}

static bool is_innocent(const struct folded *f)
{
	struct folded before = *f;

	before.len -= sizeof("token") - 1;
	for (size_t i = 0; i < sizeof(innocent) / sizeof(innocent[0]); i++)
		if (ends_with(&before, innocent[i], false))
			return true;
	return false;
}

static bool is_own(const struct mask *m, const struct folded *f)
{
	struct folded own;

	for (size_t i = 0; i < m->terms.name_count; i++) {
		fold(m->terms.names[i], &own);
		if (own.len > 0 && own.len == f->len && memcmp(own.text, f->text, own.len) == 0)
			return true;
	}
	return false;
}

bool name_has_kind(struct str kind)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq(rows[i].kind, kind))
			return true;
	return false;
}

struct str name_kind(const struct mask *m, struct str name, bool text)
{
	struct folded f;

	if (m->terms.name_count == 0 && !may_end(name))
		return STR_NONE;
	fold(name, &f);
	if (m->terms.name_count > 0 && is_own(m, &f))
		return STR("named");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];

		if (!ends_with(&f, r->end, r->word) || (text && r->where == MEMBERS_ONLY))
			continue;
		return str_is(r->end, "token") && is_innocent(&f) ? STR_NONE : r->kind;
	}
	return STR_NONE;
}
