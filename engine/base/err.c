/* err: rows of the list, looked up; notes; the end of the road for own mistakes. */
#include "engine/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct row {
	const char *name, *text;
	int exit_status, http;
} rows[ERR_COUNT] = {
#define ERR_ROW(id, exit_status, http, text) [id] = { #id, text, exit_status, http },
	ERR_LIST(ERR_ROW)
#undef ERR_ROW
};

static const struct row *row_of(enum err e)
{
	MUST((unsigned)e < ERR_COUNT);
	return &rows[e];
}

const char *err_text(enum err e)
{
	return row_of(e)->text;
}

const char *err_name(enum err e)
{
	return row_of(e)->name;
}

int err_exit(enum err e)
{
	return row_of(e)->exit_status;
}

int err_http(enum err e)
{
	return row_of(e)->http;
}

/* Step back over a UTF-8 sequence that the end of the buffer cut in two. */
static void cut_at_boundary(char *text, size_t len)
{
	size_t start = len;

	while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0xC0)
		text[start - 1] = '\0';
}

enum err note_set(struct note *n, enum err e, uint32_t line, uint32_t column, const char *fmt, ...)
{
	va_list args;
	int len;

	if (!n)
		return e;
	n->line = line;
	n->column = column;
	va_start(args, fmt);
	len = vsnprintf(n->text, sizeof(n->text), fmt, args);
	va_end(args);
	if (len >= (int)sizeof(n->text))
		cut_at_boundary(n->text, sizeof(n->text) - 1);
	return e;
}

void note_file(struct note *n, const char *file)
{
	if (n && n->file[0] == '\0')
		(void)snprintf(n->file, sizeof(n->file), "%s", file);
}

NORETURN void must_fail(const char *cond, const char *file, int line)
{
	(void)fprintf(stderr, "trammel: own mistake at %s:%d: %s does not hold\n", file, line, cond);
	abort();
}
