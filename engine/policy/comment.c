/*
 * comment: where the comments of a YAML file are.
 *
 *   outside --'"' or '\'' where a scalar may begin--> quoted --the same quote--> outside
 *   outside --"|" or ">" at the end of a line--> block --a line not indented deeper--> outside
 *
 * A '#' is a comment outside, at the beginning of a line or behind a blank (YAML 1.2.2, 6.6).
 */
#include "engine/policy/inside.h"

struct scan {
	struct str text;
	size_t at;
	uint32_t line;
	char quote;                  /* '\0': outside */
	bool block;
	size_t block_indent;         /* lines of the block are indented deeper */
};

static struct str line_at(const struct scan *s)
{
	const char *start = s->text.ptr + s->at;
	const char *end = memchr(start, '\n', s->text.len - s->at);

	return str_slice(start, end ? (size_t)(end - start) : s->text.len - s->at);
}

static size_t indent_of(struct str line)
{
	size_t i = 0;

	while (i < line.len && line.ptr[i] == ' ')
		i++;
	return i;
}

/* A quote begins a scalar only behind a sign of the syntax, or at the start of the line. */
static bool begins_scalar(struct str line, size_t at)
{
	size_t i = at;

	while (i > 0 && line.ptr[i - 1] == ' ')
		i--;
	return i == 0 || memchr("[{,", line.ptr[i - 1], 3) ||
	       (i < at && memchr(":-", line.ptr[i - 1], 2));
}

/* Where the comment of the line begins; line.len when there is none. Follows quotes. */
static size_t comment_at(struct scan *s, struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];

		if (s->quote == '"' && c == '\\') {
			i++;
		} else if (s->quote && c == s->quote) {
			/* Two single quotes are one, inside. */
			if (c == '\'' && i + 1 < line.len && line.ptr[i + 1] == '\'')
				i++;
			else
				s->quote = '\0';
		} else if (s->quote) {
			continue;
		} else if (c == '#' && (i == 0 || line.ptr[i - 1] == ' ' ||
					line.ptr[i - 1] == '\t')) {
			return i;
		} else if ((c == '"' || c == '\'') && begins_scalar(line, i)) {
			s->quote = c;
		}
	}
	return line.len;
}

/* Does what stands before the comment open a block scalar? Its parent's indentation then. */
static bool opens_block(struct str content, size_t *indent)
{
	struct str trimmed = str_trim(content);
	size_t end = trimmed.len, at = indent_of(content);

	while (end > 0 && memchr("+-123456789", trimmed.ptr[end - 1], 11))
		end--;
	if (end == 0 || (trimmed.ptr[end - 1] != '|' && trimmed.ptr[end - 1] != '>'))
		return false;
	if (end > 1 && trimmed.ptr[end - 2] != ' ')
		return false;
	/* In "- key: |" the parent is the key. */
	while (at + 1 < content.len && content.ptr[at] == '-' && content.ptr[at + 1] == ' ' &&
	       memchr(content.ptr, ':', content.len))
		at += 1 + indent_of(str_slice(content.ptr + at + 1, content.len - at - 1));
	*indent = at;
	return true;
}

static enum err add(struct comments *c, struct arena *memory, size_t *room, struct comment found)
{
	if (c->count == *room) {
		struct comment *list = arena_array(memory, *room ? 2 * *room : 16, sizeof(*list));

		if (!list)
			return ERR_MEMORY;
		if (c->count)
			memcpy(list, c->items, c->count * sizeof(*list));
		c->items = list;
		*room = *room ? 2 * *room : 16;
	}
	c->items[c->count++] = found;
	return OK;
}

enum err comment_find(struct str text, struct arena *memory, struct comments *ret,
		      struct buf *stripped)
{
	struct scan s = { .text = text };
	struct comments c = { .count = 0 };
	size_t room = 0;

	while (s.at < text.len) {
		struct str line = line_at(&s), content;
		size_t cut = line.len;

		s.line++;
		if (s.block && str_trim(line).len > 0 && indent_of(line) <= s.block_indent)
			s.block = false;
		if (!s.block)
			cut = comment_at(&s, line);
		content = str_slice(line.ptr, cut);
		if (cut < line.len)
			TRY(add(&c, memory, &room,
				(struct comment){ .line = s.line,
						  .alone = str_trim(content).len == 0,
						  .text = str_trim(str_slice(line.ptr + cut,
									     line.len - cut)) }));
		if (!s.block && !s.quote)
			s.block = opens_block(content, &s.block_indent);
		buf_add(stripped, content);
		s.at += line.len;
		if (s.at < text.len) {
			buf_add_byte(stripped, '\n');
			s.at++;
		}
	}
	*ret = c;
	return stripped->err;
}
