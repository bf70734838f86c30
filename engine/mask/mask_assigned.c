/*
 * mask_assigned: secrets that a name within a text says.
 *
 *   password=hunter2       "api_key": "..."       \"token\":\"...\"       'secret' => '...'
 *   Cookie: a=b; c=d       --password hunter2     curl -u ann:hunter2
 *
 * The text may be anything: a query, a header, code, JSON inside a string. So the name is what
 * stands before the sign, and the value what stands behind it, in the quotes it opens with or up to
 * the first byte that no plain value has.
 */
#include "engine/mask/inside.h"

#define NAME_BYTES 64
#define QUOTED_BYTES 4096
#define VALUE_BYTES 4
#define BLANKS 16

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static size_t skip_blanks(struct str s, size_t at)
{
	size_t end = at;

	while (end < s.len && end - at < BLANKS && is_blank(s.ptr[end]))
		end++;
	return end;
}

/* --- the name --- */

static bool is_name_byte(char c)
{
	return is_word(c) || c == '_' || c == '-' || c == '.';
}

/* Back over what may stand between a name and its sign: blanks, "]", a quote in its escapes. */
static size_t name_end(const struct looking *l, bool *quoted)
{
	const char *p = l->text.ptr;
	size_t end = l->at;

	if (end > l->from && p[l->at] == '=' && p[end - 1] == ':')
		end--;
	while (end > l->from && l->at - end < BLANKS && is_blank(p[end - 1]))
		end--;
	if (end > l->from && p[end - 1] == ']')
		end--;
	*quoted = end > l->from && is_quote(p[end - 1]);
	if (!*quoted)
		return end;
	for (end--; end > l->from && l->at - end < NAME_BYTES && p[end - 1] == '\\';)
		end--;
	return end;
}

/* Of the words before the sign; blanks belong to a name of several: "Secret Access Key: ...". */
static struct str name_before(const struct looking *l)
{
	const char *p = l->text.ptr;
	bool quoted;
	size_t end = name_end(l, &quoted), begin = end;

	while (begin > l->from && end - begin < NAME_BYTES) {
		char c = p[begin - 1];

		if (!is_name_byte(c) && (quoted || c != ' ' || begin == end || !is_word(p[begin])))
			break;
		begin--;
	}
	return str_slice(p + begin, end - begin);
}

/* A sign that assigns: not ==, !=, <=, ::, ://. */
static bool is_sign(struct str s, size_t at)
{
	char c = s.ptr[at], next = s.ptr[at + 1], before = at > 0 ? s.ptr[at - 1] : ' ';

	if (c == ':')
		return next != ':' && next != '=' && before != ':' &&
		       !str_starts(str_slice(s.ptr + at, s.len - at), STR("://"));
	return next != '=' && next != '~' && !strchr("=!<>~", before);
}

/* --- the value --- */

/* Where the quotes close that open with `slashes` backslashes and `quote`; 0: not near. */
static size_t close_quote(struct str s, size_t begin, size_t slashes, char quote)
{
	size_t before = 0;

	for (size_t i = begin; i < s.len && i - begin < QUOTED_BYTES; i++) {
		if (s.ptr[i] == quote && (slashes ? before == slashes : before % 2 == 0))
			return i - slashes;
		before = s.ptr[i] == '\\' ? before + 1 : 0;
	}
	return 0;
}

/* Headers go on to the end of their line, other plain values to the first byte they cannot have. */
static size_t end_plain(struct str s, size_t begin, bool line)
{
	const char *stops = line ? "\r\n\"'`\\" : " \t\r\n&;,\"'`<>|()[]{}\\";
	size_t end = begin;

	while (end < s.len && s.ptr[end] && !strchr(stops, s.ptr[end]))
		end++;
	while (end > begin && is_blank(s.ptr[end - 1]))
		end--;
	return end;
}

/* Stands for a secret, says that there is none, or is a type in a piece of code. */
static bool is_placeholder(struct str v)
{
	static const char *const words[] = {
		"null", "none", "None", "NULL", "true", "false", "True", "False", "undefined",
		"string", "String", "required", "optional", "str,", "bool", NULL,
	};
	bool same = true;

	if (v.len > 1 && v.ptr[0] == '$' && (is_word(v.ptr[1]) || v.ptr[1] == '{' ||
					     v.ptr[1] == '_'))
		return true;
	if (str_starts(v, STR("{{")) || str_starts(v, STR("%(")))
		return true;
	for (size_t i = 1; i < v.len && same; i++)
		same = v.ptr[i] == v.ptr[0];
	for (const char *const *word = words; *word; word++)
		if (str_is(v, *word))
			return true;
	return same;
}

/* A working directory has the name that many a password has. */
static bool is_folder(struct str name, struct str v)
{
	return name.len <= 3 && (v.ptr[0] == '/' || v.ptr[0] == '~' || v.ptr[0] == '.' ||
				 (v.len > 2 && v.ptr[1] == ':' && v.ptr[2] == '\\'));
}

/* A piece of code that takes it from elsewhere: token = lexer.next(), password=user_password. */
static bool is_code(const struct looking *l, size_t begin, size_t end)
{
	struct str s = l->text;

	if (end < s.len && (s.ptr[end] == '(' || s.ptr[end] == '['))
		return true;
	for (size_t i = begin; i < end; i++)
		if (!is_letter(s.ptr[i]) && s.ptr[i] != '_' && s.ptr[i] != '.')
			return false;
	return name_kind(l->mask, str_slice(s.ptr + begin, end - begin), false).ptr != NULL;
}

/* "Bearer ", "Basic ", "Digest " ...: one word and a blank. */
static size_t skip_scheme(struct str s, size_t begin, size_t end)
{
	size_t at = begin;

	while (at < end && is_letter(s.ptr[at]))
		at++;
	return at > begin && at < end && s.ptr[at] == ' ' ? skip_blanks(s, at) : begin;
}

bool see_authorization(const struct looking *l, struct span *ret)
{
	size_t begin = skip_scheme(l->text, 0, l->text.len);

	if (begin == 0)
		return false;
	*ret = (struct span){ .end = l->text.len };
	ret->skip = !scan_part(l, begin, l->text.len, STR("authorization"), ret);
	return true;
}

/* What stands at or behind `at`, under that name. */
static bool see_value(const struct looking *l, size_t at, struct str name, struct str kind,
		      struct span *ret)
{
	bool authorization = str_is(kind, "authorization");
	struct str s = l->text, v;
	bool line = authorization || str_is(kind, "cookie");
	size_t begin = skip_blanks(s, at), slashes = 0, end = 0;

	while (begin + slashes < s.len && slashes < NAME_BYTES && s.ptr[begin + slashes] == '\\')
		slashes++;
	if (begin + slashes < s.len && is_quote(s.ptr[begin + slashes])) {
		char quote = s.ptr[begin + slashes];

		begin += slashes + 1;
		end = close_quote(s, begin, slashes, quote);
		line = true;
	}
	/* Quotes that do not close were cut: all of the line is the value. */
	if (end == 0) {
		end = end_plain(s, begin, line);
		if (!line && is_code(l, begin, end))
			return false;
	}
	if (authorization)
		begin = skip_scheme(s, begin, end);
	v = str_slice(s.ptr + begin, end - begin);
	if (v.len < VALUE_BYTES || is_placeholder(v) || is_folder(name, v))
		return false;
	return scan_part(l, begin, end, kind, ret);
}

/* "&sig=...": of a shared access signature, learn.microsoft.com/rest/api/storageservices. */
static bool is_query_signature(const struct looking *l, struct str name)
{
	char before = name.ptr > l->text.ptr ? name.ptr[-1] : ' ';

	return str_is(name, "sig") && l->text.ptr[l->at] == '=' && (before == '&' || before == '?');
}

bool see_assigned(const struct looking *l, struct span *ret)
{
	struct str name, kind;
	size_t at = l->at + 1;

	if (!is_sign(l->text, l->at))
		return false;
	name = name_before(l);
	if (is_query_signature(l, name))
		kind = STR("azure-signature");
	else
		kind = name_kind(l->mask, name, true);
	if (!kind.ptr)
		return false;
	if (l->text.ptr[l->at] == '=' && at < l->text.len && l->text.ptr[at] == '>')
		at++;
	return see_value(l, at, name, kind, ret);
}

/* --- options of commands --- */

/* ann:hunter2; a number is the user of a container, and a user may be a secret, too. */
static bool see_user(const struct looking *l, size_t at, struct span *ret)
{
	struct str s = l->text;
	size_t begin = skip_blanks(s, at), end, colon;
	struct span user;
	bool number = true;

	if (l->at > 0 && !is_blank(s.ptr[l->at - 1]))
		return false;
	if (begin < s.len && is_quote(s.ptr[begin]))
		begin++;
	end = end_plain(s, begin, false);
	for (colon = begin; colon < end && s.ptr[colon] != ':'; colon++)
		number = number && is_digit(s.ptr[colon]);
	if (colon == end || (number && colon > begin) ||
	    (colon + 1 < end && s.ptr[colon + 1] == '/'))
		return false;
	if (scan_next(l->mask, str_slice(s.ptr + begin, colon - begin), 0, SEE_SHAPES, &user))
		colon = begin - 1;
	return scan_part(l, colon + 1, end, STR("password"), ret);
}

/* --password hunter2, --user ann:hunter2; what else has a sign is seen there. */
bool see_flag(const struct looking *l, struct span *ret)
{
	struct str s = l->text, name, kind;
	size_t begin = l->at + 2, end = begin;
	struct span other;

	if (lower(s.ptr[l->at + 1]) == 'u')
		return see_user(l, begin, ret);
	while (end < s.len && end - begin < NAME_BYTES && is_name_byte(s.ptr[end]))
		end++;
	name = str_slice(s.ptr + begin, end - begin);
	if (end < s.len && (is_blank(s.ptr[end]) || s.ptr[end] == '=') &&
	    (str_is(name, "user") || str_is(name, "proxy-user")))
		return see_user(l, end + 1, ret);
	if (end >= s.len || !is_blank(s.ptr[end]))
		return false;
	kind = name_kind(l->mask, name, true);
	end = skip_blanks(s, end);
	if (!kind.ptr || end >= s.len || s.ptr[end] == '-' ||
	    scan_next(l->mask, name, 0, SEE_SHAPES, &other))
		return false;
	return see_value(l, end, name, kind, ret);
}
