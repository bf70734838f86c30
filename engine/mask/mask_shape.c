/*
 * mask_shape: secrets that have a shape of their own, but no maker's mark.
 *
 *   -----BEGIN ... PRIVATE KEY-----          RFC 7468, RFC 4880 section 6.2
 *   header.payload[.signature]               JSON Web Token: RFC 7519, RFC 7515 section 7.1
 *   scheme://user:password@host              RFC 3986 section 3.2.1
 *   Bearer TOKEN, Basic BASE64               RFC 6750 section 2.1, RFC 7617
 *   hooks.slack.com/services/..., .../api/webhooks/...       api.slack.com, discord.com/developers
 *   abc8Q~...                                client secrets of Microsoft Entra
 *   123456789:AA...                          bots of Telegram: core.telegram.org/bots/api
 */
#include "engine/mask/inside.h"

#define LABEL_BYTES 64
#define HEADER_BYTES 512
#define AUTHORITY_BYTES 1024
#define BEARER_BYTES 16
#define BASIC_BYTES 8

static struct str rest_of(const struct looking *l)
{
	return str_slice(l->text.ptr + l->at, l->text.len - l->at);
}

static size_t run_url64(struct str s, size_t at)
{
	while (at < s.len && is_url64(s.ptr[at]))
		at++;
	return at;
}

/* What was masked before stays; what only looks like it was not made here. */
bool see_token(const struct looking *l, struct span *ret)
{
	bool ours;
	size_t len = token_read(l->mask, rest_of(l), &ours);

	if (len == 0)
		return false;
	*ret = (struct span){
		.begin = l->at, .end = l->at + len, .kind = STR("foreign"), .skip = ours
	};
	return true;
}

/* --- private keys --- */

/* "-----BEGIN EC PRIVATE KEY-----": its length, or 0. */
static size_t read_label(struct str s)
{
	size_t at = sizeof("-----BEGIN ") - 1, end;
	struct str label;

	if (!str_starts(s, STR("-----BEGIN ")))
		return 0;
	for (end = at; end < s.len && end - at < LABEL_BYTES && s.ptr[end] != '-'; end++)
		if (!is_word(s.ptr[end]) && s.ptr[end] != ' ')
			return 0;
	label = str_slice(s.ptr + at, end - at);
	if (!str_has(label, STR("PRIVATE KEY")) ||
	    !str_starts(str_slice(s.ptr + end, s.len - end), STR("-----")))
		return 0;
	return end + 5;
}

/* Up to and with the line that ends it; a key that was cut goes on to the end of the text. */
bool see_pem(const struct looking *l, struct span *ret)
{
	struct str rest = rest_of(l);
	const char *end, *line;

	if (read_label(rest) == 0)
		return false;
	*ret = (struct span){
		.begin = l->at, .end = l->text.len, .kind = STR("private-key"),
		.spelling = NO_BREAKS
	};
	end = memmem(rest.ptr, rest.len, "-----END ", 9);
	if (!end)
		return true;
	line = memmem(end + 9, rest.len - (size_t)(end + 9 - rest.ptr), "-----", 5);
	if (line)
		ret->end = l->at + (size_t)(line + 5 - rest.ptr);
	return true;
}

/* --- tokens of three parts --- */

/* {"alg": ...} somewhere in the JSON object that the header is. */
static bool header_ok(struct str part)
{
	char text[HEADER_BYTES];
	size_t len;

	if (part.len > HEADER_BYTES || base64url_read(part, text, sizeof(text), &len) != OK)
		return false;
	return len > 0 && text[0] == '{' && memmem(text, len, "\"alg\"", 5) != NULL;
}

/* Five parts when encrypted; a token that was cut behind its header is one, too. */
bool see_jwt(const struct looking *l, struct span *ret)
{
	struct str rest = rest_of(l);
	size_t end = 0;

	if (!scan_edge(l->text, l->at))
		return false;
	while (end < rest.len && end <= HEADER_BYTES && is_url64(rest.ptr[end]))
		end++;
	if (end == rest.len || rest.ptr[end] != '.' || !header_ok(str_slice(rest.ptr, end)))
		return false;
	for (unsigned part = 1; part < 5 && end < rest.len && rest.ptr[end] == '.'; part++)
		end = run_url64(rest, end + 1);
	*ret = (struct span){ .begin = l->at, .end = l->at + end, .kind = STR("jwt") };
	return true;
}

/* --- in addresses and headers --- */

static bool ends_authority(char c)
{
	return c == '/' || c == '?' || c == '#' || c == ' ' || c == '\t' || c == '\r' ||
	       c == '\n' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '\\';
}

/* The places of ':' and '@'; what was masked in it has colons of its own. */
static bool find_userinfo(const struct looking *l, size_t begin, size_t *colon, size_t *sign)
{
	const char *p = l->text.ptr;
	bool ignored;

	*colon = *sign = 0;
	for (size_t at = begin; at < l->text.len && at - begin < AUTHORITY_BYTES; at++) {
		struct str rest = str_slice(p + at, l->text.len - at);
		size_t token = p[at] == '[' ? token_read(l->mask, rest, &ignored) : 0;

		if (token > 0)
			at += token - 1;
		else if (ends_authority(p[at]))
			break;
		else if (p[at] == ':' && *colon == 0)
			*colon = at;
		else if (p[at] == '@')
			*sign = at;
	}
	return *colon > 0 && *sign > *colon;
}

/* Only the password: who it is, and where, is worth knowing, unless the user is a secret itself. */
bool see_url(const struct looking *l, struct span *ret)
{
	size_t begin = l->at + 3, colon, sign;
	struct span user;

	if (!find_userinfo(l, begin, &colon, &sign))
		return false;
	if (scan_next(l->mask, str_slice(l->text.ptr + begin, colon - begin), 0, SEE_SHAPES, &user))
		return scan_part(l, begin, sign, STR("password"), ret);
	return scan_part(l, colon + 1, sign, STR("password"), ret);
}

static bool starts_folded(struct str s, const char *word)
{
	size_t i = 0;

	while (word[i] && i < s.len && lower(s.ptr[i]) == word[i])
		i++;
	return word[i] == '\0';
}

/* RFC 7235 section 2.1: token68. */
static size_t run_token68(struct str s, size_t at)
{
	while (at < s.len && (is_word(s.ptr[at]) || (s.ptr[at] && strchr("-._~+/=", s.ptr[at]))))
		at++;
	return at;
}

/* "user:password" in base64; anything else behind "Basic" is a word of a sentence. */
static bool basic_ok(struct str part)
{
	char text[HEADER_BYTES];
	size_t len;

	if (part.len > HEADER_BYTES)
		return true;
	return base64_read(part, text, sizeof(text), &len) == OK && memchr(text, ':', len) != NULL;
}

bool see_credential(const struct looking *l, struct span *ret)
{
	struct str rest = rest_of(l), part;
	bool bearer = starts_folded(rest, "bearer ");
	size_t begin = bearer ? 7 : 6, end;

	if ((!bearer && !starts_folded(rest, "basic ")) || !scan_edge(l->text, l->at))
		return false;
	while (begin < rest.len && rest.ptr[begin] == ' ' && begin < 16)
		begin++;
	end = run_token68(rest, begin);
	part = str_slice(rest.ptr + begin, end - begin);
	if (bearer ? part.len < BEARER_BYTES : part.len < BASIC_BYTES || !basic_ok(part))
		return false;
	return scan_part(l, l->at + begin, l->at + end,
			 bearer ? STR("bearer-token") : STR("basic-auth"), ret);
}

/* The path is the secret. */
bool see_hook(const struct looking *l, struct span *ret)
{
	struct str rest = rest_of(l);
	size_t begin, end;

	if (str_starts(rest, STR("hooks.slack.com/")))
		begin = sizeof("hooks.slack.com/") - 1;
	else if (str_starts(rest, STR("api/webhooks/")))
		begin = sizeof("api/webhooks/") - 1;
	else
		return false;
	for (end = begin; end < rest.len && (is_url64(rest.ptr[end]) || rest.ptr[end] == '/');)
		end++;
	if (end - begin < 20)
		return false;
	return scan_part(l, l->at + begin, l->at + end, STR("webhook"), ret);
}

/* --- letters in the middle --- */

/* Three letters, a digit, "Q~", 31 letters or more. */
bool see_azure(const struct looking *l, struct span *ret)
{
	const char *p = l->text.ptr;
	size_t begin = l->at - 4, end = l->at + 2;

	if (l->at < l->from + 4 || !is_digit(p[l->at - 1]) || !scan_edge(l->text, begin))
		return false;
	while (end < l->text.len && (is_url64(p[end]) || p[end] == '.' || p[end] == '~'))
		end++;
	if (end - l->at < 33)
		return false;
	*ret = (struct span){ .begin = begin, .end = end, .kind = STR("azure-secret") };
	return true;
}

bool see_telegram(const struct looking *l, struct span *ret)
{
	size_t begin = l->at, end = run_url64(l->text, l->at + 1);

	while (begin > l->from && l->at - begin < 11 && is_digit(l->text.ptr[begin - 1]))
		begin--;
	if (l->at - begin < 8 || l->at - begin > 10 || !scan_edge(l->text, begin) ||
	    end - l->at < 34)
		return false;
	*ret = (struct span){ .begin = begin, .end = end, .kind = STR("telegram-token") };
	return true;
}

/* --- the other half of an AWS key --- */

static bool is_base64(char c)
{
	return is_word(c) || c == '+' || c == '/';
}

/* 40 letters of base64; a SHA-1 in hexadecimal has as many, but no capitals. */
static bool aws_secret_ok(struct str part)
{
	bool big = false, small = false, digit = false;

	for (size_t i = 0; i < part.len; i++) {
		big = big || (part.ptr[i] >= 'A' && part.ptr[i] <= 'Z');
		small = small || (part.ptr[i] >= 'a' && part.ptr[i] <= 'z');
		digit = digit || is_digit(part.ptr[i]);
	}
	return part.len == 40 && big && small && digit;
}

bool aws_secret_next(struct str text, size_t from, struct span *ret)
{
	for (size_t at = from; at < text.len;) {
		size_t end = at;

		while (end < text.len && is_base64(text.ptr[end]))
			end++;
		if (aws_secret_ok(str_slice(text.ptr + at, end - at))) {
			*ret = (struct span){
				.begin = at, .end = end, .kind = STR("aws-secret")
			};
			return true;
		}
		at = end + 1;
	}
	return false;
}
