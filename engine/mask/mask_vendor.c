/*
 * mask_vendor: tokens that begin with their maker's mark.
 *
 * The forms are those that makers publish for secret scanning: github.blog "Behind GitHub's new
 * authentication token formats"; docs.gitlab.com/security/tokens (token prefixes); AWS IAM guide,
 * "Unique identifiers"; api.slack.com/authentication/token-types; docs.stripe.com/keys; pypi.org
 * /help/#apitoken; and, where a maker only publishes a prefix, the prefix and a length that no word
 * has. A checksum (GitHub, npm) is not asked for: one with an error in it is no less a secret, and
 * an agent that wants to hide a token could break it.
 *
 * A run of the token's letters is taken whole, so what is left over is never the end of a secret.
 */
#include "engine/mask/inside.h"

/* Letters a token is made of. */
enum letters { WORD = 0, URL64, HEX, BASE64, DASHED, UPPER };

static const struct vendor {
	struct str mark, kind;
	enum letters letters;
	uint16_t min, max;           /* letters behind the mark; max 0: as many as there are */
	bool digit;                  /* one of them must be a digit: words have none */
} vendors[] = {
	{ STR("AKIA"), STR("aws-key-id"), UPPER, 16, 16, false },
	{ STR("ASIA"), STR("aws-key-id"), UPPER, 16, 16, false },
	{ STR("ABIA"), STR("aws-key-id"), UPPER, 16, 16, false },
	{ STR("ACCA"), STR("aws-key-id"), UPPER, 16, 16, false },
	{ STR("AIza"), STR("google-key"), URL64, 35, 0, false },
	{ STR("GOCSPX-"), STR("google-secret"), URL64, 20, 0, false },
	{ STR("ya29."), STR("google-token"), URL64, 20, 0, false },
	{ STR("ghp_"), STR("github-token"), WORD, 36, 0, false },
	{ STR("gho_"), STR("github-token"), WORD, 36, 0, false },
	{ STR("ghu_"), STR("github-token"), WORD, 36, 0, false },
	{ STR("ghs_"), STR("github-token"), WORD, 36, 0, false },
	{ STR("ghr_"), STR("github-token"), WORD, 36, 0, false },
	{ STR("github_pat_"), STR("github-token"), URL64, 40, 0, false },
	{ STR("glpat-"), STR("gitlab-token"), URL64, 20, 0, false },
	{ STR("gldt-"), STR("gitlab-token"), URL64, 20, 0, false },
	{ STR("glrt-"), STR("gitlab-token"), URL64, 20, 0, false },
	{ STR("glptt-"), STR("gitlab-token"), URL64, 20, 0, false },
	{ STR("glcbt-"), STR("gitlab-token"), URL64, 20, 0, false },
	{ STR("gloas-"), STR("gitlab-token"), URL64, 20, 0, false },
	{ STR("xoxa-"), STR("slack-token"), DASHED, 10, 0, true },
	{ STR("xoxb-"), STR("slack-token"), DASHED, 10, 0, true },
	{ STR("xoxe-"), STR("slack-token"), DASHED, 10, 0, true },
	{ STR("xoxo-"), STR("slack-token"), DASHED, 10, 0, true },
	{ STR("xoxp-"), STR("slack-token"), DASHED, 10, 0, true },
	{ STR("xoxr-"), STR("slack-token"), DASHED, 10, 0, true },
	{ STR("xoxs-"), STR("slack-token"), DASHED, 10, 0, true },
	{ STR("xapp-"), STR("slack-token"), DASHED, 20, 0, true },
	{ STR("sk_live_"), STR("stripe-key"), WORD, 10, 0, false },
	{ STR("sk_test_"), STR("stripe-key"), WORD, 10, 0, false },
	{ STR("rk_live_"), STR("stripe-key"), WORD, 10, 0, false },
	{ STR("rk_test_"), STR("stripe-key"), WORD, 10, 0, false },
	{ STR("whsec_"), STR("stripe-key"), BASE64, 24, 0, false },
	{ STR("sk-ant-"), STR("anthropic-key"), URL64, 20, 0, true },
	{ STR("sk-"), STR("openai-key"), URL64, 20, 0, true },
	{ STR("gsk_"), STR("groq-key"), WORD, 40, 0, false },
	{ STR("npm_"), STR("npm-token"), WORD, 36, 0, false },
	{ STR("pypi-"), STR("pypi-token"), URL64, 50, 0, false },
	{ STR("hf_"), STR("huggingface-token"), WORD, 30, 0, false },
	{ STR("SG."), STR("sendgrid-key"), URL64, 22, 22, false },    /* see sendgrid_rest */
	{ STR("SK"), STR("twilio-key"), HEX, 32, 32, false },
	{ STR("dop_v1_"), STR("digitalocean-token"), HEX, 64, 64, false },
	{ STR("doo_v1_"), STR("digitalocean-token"), HEX, 64, 64, false },
	{ STR("shpat_"), STR("shopify-token"), HEX, 32, 32, false },
	{ STR("shpss_"), STR("shopify-token"), HEX, 32, 32, false },
	{ STR("dapi"), STR("databricks-token"), HEX, 32, 32, false },
	{ STR("hvs."), STR("vault-token"), URL64, 24, 0, false },
	{ STR("dckr_pat_"), STR("docker-token"), URL64, 20, 0, false },
	{ STR("lin_api_"), STR("linear-key"), WORD, 32, 0, false },
	{ STR("AGE-SECRET-KEY-1"), STR("age-key"), UPPER, 50, 0, false },
	{ STR("tcr_"), STR("trammel-credential"), URL64, 40, 0, false },
};

/* "sk-sk-sk-...": so many letters say whether it is a token, or each start would read them all. */
#define DECIDING_LETTERS 256
#define VENDORS (sizeof(vendors) / sizeof(vendors[0]))
#define VENDOR_BITS ((unsigned)SEE_BITS - (unsigned)SEE_VENDOR)

static uint32_t bit_of(size_t row)
{
	return UINT32_C(1) << ((unsigned)SEE_VENDOR + (unsigned)row % VENDOR_BITS);
}

static bool is_letter_of(enum letters letters, char c)
{
	switch (letters) {
	case WORD:
		return is_word(c);
	case URL64:
		return is_url64(c);
	case HEX:
		return is_digit(c) || (c >= 'a' && c <= 'f');
	case BASE64:
		return is_word(c) || c == '+' || c == '/' || c == '=';
	case DASHED:
		return is_word(c) || c == '-';
	default:
		return is_digit(c) || (c >= 'A' && c <= 'Z');
	}
}

bool vendor_has_kind(struct str kind)
{
	for (size_t i = 0; i < VENDORS; i++)
		if (str_eq(vendors[i].kind, kind))
			return true;
	return false;
}

void vendor_prepare(struct mask *m)
{
	for (size_t i = 0; i < VENDORS; i++) {
		struct str mark = vendors[i].mark;
		uint32_t bit = bit_of(i);

		m->first[(uint8_t)mark.ptr[0]] |= bit;
		m->second[(uint8_t)mark.ptr[1]] |= bit;
		for (unsigned c = 0; c < 256; c++)
			if (mark.len > 2 ? (uint8_t)mark.ptr[2] == c
					 : is_letter_of(vendors[i].letters, (char)c))
				m->third[c] |= bit;
	}
}

/* A SendGrid key has a second part: SG. 22 letters "." 43 letters. */
static size_t sendgrid_rest(struct str text, size_t at)
{
	size_t end = at + 1;

	if (at >= text.len || text.ptr[at] != '.')
		return 0;
	while (end < text.len && is_url64(text.ptr[end]))
		end++;
	return end - at > 40 ? end - at : 0;
}

/* Is the start of the run a token? What comes behind the first letters does not matter. */
static bool begins_token(const struct vendor *v, struct str rest, size_t *end)
{
	size_t at = v->mark.len, stop = v->mark.len + DECIDING_LETTERS;
	bool digit = !v->digit;

	for (; at < rest.len && at < stop && is_letter_of(v->letters, rest.ptr[at]); at++)
		digit = digit || is_digit(rest.ptr[at]);
	*end = at;
	return digit && at - v->mark.len >= v->min && (!v->max || at - v->mark.len <= v->max);
}

static bool see_row(const struct looking *l, const struct vendor *v, struct span *ret)
{
	struct str rest = str_slice(l->text.ptr + l->at, l->text.len - l->at);
	size_t end, more = 0;

	if (!str_starts(rest, v->mark) || !begins_token(v, rest, &end))
		return false;
	while (!v->max && end < rest.len && is_letter_of(v->letters, rest.ptr[end]))
		end++;
	if (str_is(v->mark, "SG.")) {
		more = sendgrid_rest(rest, end);
		if (more == 0)
			return false;
	} else if (v->max && end < rest.len && is_word(rest.ptr[end])) {
		return false;
	}
	*ret = (struct span){ .begin = l->at, .end = l->at + end + more, .kind = v->kind };
	return true;
}

bool vendor_see(const struct looking *l, uint32_t bits, struct span *ret)
{
	if (!scan_edge(l->text, l->at))
		return false;
	for (uint32_t left = bits & SEE_VENDORS; left; left &= left - 1) {
		unsigned first = (unsigned)__builtin_ctz(left) - (unsigned)SEE_VENDOR;

		for (size_t i = first; i < VENDORS; i += VENDOR_BITS)
			if (see_row(l, &vendors[i], ret))
				return true;
	}
	return false;
}
