/*
 * json_cutter: a small state machine over the bytes between elements, a scan for the end of each.
 *
 *             '['             ']'
 *   FRESH ----------> FIRST ---------------------> DONE
 *     |                 | element            ']'    ^
 *     | element         v           .---------------'
 *     |               BEHIND -------'
 *     |           element ^ | ','
 *     |                   | v
 *     |                   ITEM
 *     |      white space           element
 *     '-> GLUED ------------> VALUE -------> GLUED
 *
 * Each arrow marked "element" leads through INSIDE, where bytes are only counted: brackets outside
 * strings up and down, strings from quote to quote. An element that opens with neither a bracket
 * nor a quote runs up to the next byte that cannot be part of a number or a literal.
 *
 * Invariants: start <= at <= held.len; bytes before `start` (INSIDE) or `at` (elsewhere) are done
 * with and go at the next feed.
 */
#include "engine/base/json_cutter.h"

#include "engine/base/json.h"
#include "engine/base/limits.h"

void json_cutter_init(struct json_cutter *c, size_t element_cap_bytes)
{
	*c = (struct json_cutter){ .element_cap = element_cap_bytes, .line = 1 };
	buf_init(&c->held, element_cap_bytes + LIMIT_LINE_BYTES);
}

void json_cutter_fini(struct json_cutter *c)
{
	buf_fini(&c->held);
	*c = (struct json_cutter){ .ended = true };
}

enum err json_cutter_feed(struct json_cutter *c, struct str bytes)
{
	size_t done = c->place == CUTTER_INSIDE ? c->start : c->at;

	MUST(!c->ended);
	if (done > 0) {
		memmove(c->held.ptr, c->held.ptr + done, c->held.len - done);
		c->held.len -= done;
		c->at -= done;
		c->start = 0;
		c->dropped += done;
	}
	buf_add(&c->held, bytes);
	return c->held.err;
}

void json_cutter_end(struct json_cutter *c)
{
	c->ended = true;
}

static struct str rest(const struct json_cutter *c)
{
	return str_slice(c->held.ptr + c->at, c->held.len - c->at);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Step over one byte, which may end a line. */
static void step(struct json_cutter *c)
{
	if (c->held.ptr[c->at++] == '\n') {
		c->line++;
		c->line_start = c->dropped + c->at;
	}
}

static enum err fail(const struct json_cutter *c, enum err e, struct note *n, const char *found)
{
	return note_set(n, e, c->line, (uint32_t)(c->dropped + c->at - c->line_start + 1), "%s",
			found);
}

static void open_element(struct json_cutter *c)
{
	c->place = CUTTER_INSIDE;
	c->start = c->at;
	c->element_line = c->line;
	c->depth = 0;
	c->in_string = false;
}

/* Take the arrow for the byte at `at`, which is not white space. */
static enum err follow(struct json_cutter *c, struct note *n)
{
	char byte = c->held.ptr[c->at];

	if (c->place == CUTTER_GLUED)
		return fail(c, ERR_SYNTAX, n, "expected white space behind a value");
	if (c->place == CUTTER_DONE)
		return fail(c, ERR_SYNTAX, n, "expected nothing more behind the list");
	if (c->place == CUTTER_BEHIND) {
		if (byte != ',' && byte != ']')
			return fail(c, ERR_SYNTAX, n, "expected ',' or ']' in the list");
		c->place = byte == ',' ? CUTTER_ITEM : CUTTER_DONE;
		step(c);
	} else if (c->place == CUTTER_FRESH && byte == '[') {
		c->place = CUTTER_FIRST;
		c->is_list = true;
		step(c);
	} else if (c->place == CUTTER_FIRST && byte == ']') {
		c->place = CUTTER_DONE;
		step(c);
	} else if (memchr(",:]}", byte, 4)) {
		return fail(c, ERR_SYNTAX, n, "a punctuation mark, expected a value");
	} else {
		open_element(c);
	}
	return OK;
}

/* Walk to the start of the next element, or to the end of what is held. */
static enum err find_start(struct json_cutter *c, struct note *n)
{
	while (c->place != CUTTER_INSIDE && c->at < c->held.len) {
		if (is_blank(c->held.ptr[c->at])) {
			step(c);
			if (c->place == CUTTER_GLUED)
				c->place = CUTTER_VALUE;
		} else {
			TRY(follow(c, n));
		}
	}
	return OK;
}

/* True at the closing quote, which is stepped over; false where more bytes are needed. */
static bool skip_string(struct json_cutter *c)
{
	for (;;) {
		c->at += json_plain_len(rest(c));
		if (c->at == c->held.len)
			return false;
		if (c->held.ptr[c->at] == '\\') {
			if (c->at + 1 == c->held.len)
				return false;
			step(c);
		} else if (c->held.ptr[c->at] == '"') {
			step(c);
			return true;
		}
		step(c);
	}
}

/* True behind the bracket or the quote that ends the element. */
static bool skip_nested(struct json_cutter *c)
{
	while (c->at < c->held.len) {
		if (c->in_string) {
			if (!skip_string(c))
				return false;
			c->in_string = false;
		} else {
			char byte = c->held.ptr[c->at];

			step(c);
			if (byte == '"')
				c->in_string = true;
			else if (byte == '{' || byte == '[')
				c->depth++;
			else if (byte == '}' || byte == ']')
				c->depth--;
		}
		if (c->depth == 0 && !c->in_string)
			return true;
	}
	return false;
}

/* True before the byte that cannot belong to a number or a literal, or at the end of the stream. */
static bool skip_bare(struct json_cutter *c)
{
	for (; c->at < c->held.len; c->at++) {
		char byte = c->held.ptr[c->at];

		if (is_blank(byte) || memchr(",:[]{}\"", byte, 7))
			return true;
	}
	return c->ended;
}

static bool find_end(struct json_cutter *c)
{
	char first = c->held.ptr[c->start];

	return first == '{' || first == '[' || first == '"' ? skip_nested(c) : skip_bare(c);
}

static bool too_long(const struct json_cutter *c)
{
	return c->at - c->start > c->element_cap;
}

/* Nothing is left to cut. Is that how a stream may end? */
static enum err judge_end(const struct json_cutter *c, struct note *n)
{
	if (!c->ended)
		return OK;
	if (c->place == CUTTER_INSIDE)
		return fail(c, ERR_TRUNCATED, n, "the text ends inside a value");
	if (c->is_list && c->place != CUTTER_DONE)
		return fail(c, ERR_TRUNCATED, n, "the text ends inside a list, expected ']'");
	return OK;
}

enum err json_cutter_next(struct json_cutter *c, struct str *ret, uint32_t *line, struct note *n)
{
	bool whole = false;

	TRY(find_start(c, n));
	if (c->place == CUTTER_INSIDE && !too_long(c))
		whole = find_end(c);
	if (c->place == CUTTER_INSIDE && too_long(c))
		return note_set(n, ERR_LIMIT, c->element_line, 0, "a value of more than %zu bytes",
				c->element_cap);
	if (!whole) {
		TRY(judge_end(c, n));
		*ret = STR_NONE;
		return OK;
	}
	c->place = c->is_list ? CUTTER_BEHIND : CUTTER_GLUED;
	*ret = str_slice(c->held.ptr + c->start, c->at - c->start);
	*line = c->element_line;
	return OK;
}
