/* print: how commands speak. */
#include "tui/print.h"

#include <stdarg.h>
#include <stdlib.h>

#include "engine/base/canon.h"
#include "engine/base/when.h"

#define TALK_CAP ((size_t)64 << 20)

enum err print_out(struct buf *b, struct note *n)
{
	const char *place = b->err == OK ? "standard output" : "";
	enum err e = b->err;

	if (e == OK && b->len > 0 && fwrite(b->ptr, 1, b->len, stdout) != b->len)
		e = ERR_IO;
	if (fflush(stdout) != 0 && e == OK)
		e = ERR_IO;
	buf_clear(b);
	if (e == OK)
		return OK;
	*n = (struct note){ .line = 0 };
	note_file(n, place);
	return note_set(n, e, 0, 0, "the answer could not be written: %s", err_text(e));
}

/* The character at `at`, whose length goes to *len; U+FFFD for a byte that begins none. */
static uint32_t character(struct str text, size_t at, size_t *len)
{
	static const uint8_t lengths[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 3, 4 };
	unsigned char first = (unsigned char)text.ptr[at];
	uint32_t c = first;

	*len = lengths[first >> 4];
	if (*len == 0 || *len > text.len - at || !str_utf8_ok(str_slice(text.ptr + at, *len))) {
		*len = 1;
		return 0xFFFD;
	}
	if (*len > 1)
		c = first & (0xFFu >> (*len + 1));
	for (size_t i = 1; i < *len; i++)
		c = c << 6 | ((unsigned char)text.ptr[at + i] & 0x3F);
	return c;
}

/* Controls (ISO 6429, C0 and C1) but line feed and tab, and marks of direction (UAX #9). */
static bool is_obeyed(uint32_t c)
{
	return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0) || c == 0x061C ||
	       c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xFFFD;
}

static void add_shown(struct buf *b, struct str text)
{
	size_t len = 0, from = 0;

	for (size_t at = 0; at < text.len; at += len) {
		uint32_t c = character(text, at, &len);

		if (!is_obeyed(c))
			continue;
		buf_add(b, str_slice(text.ptr + from, at - from));
		buf_addf(b, "<U+%04X>", (unsigned)c);
		from = at + len;
	}
	buf_add(b, str_slice(text.ptr + from, text.len - from));
}

enum err print_page(const struct invocation *in, struct buf *b, struct note *n)
{
	struct buf shown;
	enum err e;

	if (json_wanted(in) || b->err != OK || b->len == 0)
		return print_out(b, n);
	buf_init(&shown, b->cap < SIZE_MAX / 8 ? b->cap * 8 : b->cap);
	add_shown(&shown, buf_view(b));
	buf_clear(b);
	e = print_out(&shown, n);
	buf_fini(&shown);
	return e;
}

int print_end(const struct invocation *in, struct buf *b)
{
	struct note n = { .text = "" };
	enum err e = print_out(b, &n);

	buf_fini(b);
	return e == OK ? 0 : print_error(in, e, &n);
}

enum err print_unread(struct note *n, enum err e, const char *file)
{
	note_file(n, file);
	if (e == ERR_NOT_FOUND)
		return note_set(n, e, 0, 0, "there is no such file");
	if (e == ERR_TYPE)
		return note_set(n, e, 0, 0, "this is not a file");
	return note_set(n, e, 0, 0, "cannot be read: %s", err_text(e));
}

void print_talk(const char *fmt, ...)
{
	struct buf said, shown;
	va_list args;
	char *room;
	int len;

	buf_init(&said, TALK_CAP);
	buf_init(&shown, 8 * TALK_CAP);
	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	MUST(len >= 0);
	room = buf_grow(&said, (size_t)len + 1);
	if (room) {
		va_start(args, fmt);
		(void)vsnprintf(room, (size_t)len + 1, fmt, args);
		va_end(args);
		add_shown(&shown, str_slice(room, (size_t)len));
	}
	if (room && shown.err == OK)
		(void)fprintf(stderr, "%.*s\n", STR_ARG(buf_view(&shown)));
	else
		(void)fputs("trammel: there is no memory to say what is the matter\n", stderr);
	buf_fini(&shown);
	buf_fini(&said);
}

static void add_place(struct buf *b, const struct note *n)
{
	if (n->file[0])
		buf_addf(b, "%s:", n->file);
	if (n->line)
		buf_addf(b, "%u:", n->line);
	if (n->line && n->column)
		buf_addf(b, "%u:", n->column);
	if (b->len)
		buf_add_byte(b, ' ');
}

static void print_error_json(enum err e, const struct note *n)
{
	struct note ignored;
	struct buf b;

	buf_init(&b, 1u << 16);
	buf_addf(&b, "{\"error\":\"%s\",\"exit\":%d", err_name(e), err_exit(e));
	json_text(&b, "file", str_view(n->file));
	json_number(&b, "line", n->line);
	json_number(&b, "column", n->column);
	json_text(&b, "text", str_view(n->text[0] ? n->text : err_text(e)));
	buf_add_c(&b, "}\n");
	(void)print_out(&b, &ignored);
	buf_fini(&b);
}

int print_error(const struct invocation *in, enum err e, const struct note *n)
{
	struct buf b;

	buf_init(&b, 1u << 16);
	add_place(&b, n);
	buf_add_c(&b, n->text[0] ? n->text : err_text(e));
	if (b.err == OK)
		print_talk("trammel: %.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
	if (in && json_wanted(in))
		print_error_json(e, n);
	return err_exit(e);
}

void json_key(struct buf *b, const char *key)
{
	if (b->len && b->ptr[b->len - 1] != '{' && b->ptr[b->len - 1] != '[')
		buf_add_byte(b, ',');
	canon_string(b, str_view(key));
	buf_add_byte(b, ':');
}

void json_string(struct buf *b, struct str text)
{
	if (text.ptr)
		canon_string(b, text);
	else
		buf_add_c(b, "null");
}

void json_text(struct buf *b, const char *key, struct str text)
{
	json_key(b, key);
	json_string(b, text);
}

void json_number(struct buf *b, const char *key, uint64_t n)
{
	json_key(b, key);
	buf_add_u64(b, n);
}

void json_bool(struct buf *b, const char *key, bool v)
{
	json_key(b, key);
	buf_add_c(b, v ? "true" : "false");
}

void json_digest(struct buf *b, const char *key, const struct digest *d)
{
	json_key(b, key);
	buf_add_byte(b, '"');
	digest_write(b, d);
	buf_add_byte(b, '"');
}

void json_time(struct buf *b, const char *key, int64_t ns)
{
	json_key(b, key);
	buf_add_byte(b, '"');
	when_write(b, ns);
	buf_add_byte(b, '"');
}

void print_count(struct buf *b, uint64_t n)
{
	if (n >= 1000) {
		print_count(b, n / 1000);
		buf_addf(b, ",%03u", (unsigned)(n % 1000));
	} else {
		buf_add_u64(b, n);
	}
}

void print_counted(struct buf *b, uint64_t n, const char *one, const char *many)
{
	print_count(b, n);
	buf_addf(b, " %s", n == 1 ? one : many);
}

void print_tally(struct buf *b, const struct tally *t)
{
	print_counted(b, t->entries, "entry", "entries");
	buf_add_c(b, ", ");
	if (!t->sessions_unknown) {
		print_counted(b, t->sessions, t->sessions_new ? "new session" : "session",
			      t->sessions_new ? "new sessions" : "sessions");
		buf_add_c(b, ", ");
	}
	print_counted(b, t->actions, "tool call", "tool calls");
	buf_add_c(b, ", ");
	print_count(b, t->allowed);
	buf_add_c(b, " allowed, ");
	print_count(b, t->denied);
	buf_add_c(b, " denied");
	if (t->refused) {
		buf_add_c(b, ", ");
		print_counted(b, t->refused, "refusal", "refusals");
	}
}
