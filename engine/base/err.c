/* err: rows of the list, looked up; notes; the end of the road for own mistakes. */
#include "engine/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/str.h"

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

enum err note_set(struct note *n, enum err e, uint32_t line, uint32_t column, const char *fmt, ...)
{
	/* Formatted aside, so that a note may be told again in a longer story of its own text. */
	char text[NOTE_TEXT_BYTES + 1];
	va_list args;

	if (!n)
		return e;
	va_start(args, fmt);
	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	va_end(args);
	n->line = line;
	n->column = column;
	memcpy(n->text, text, str_tidy(text, sizeof(text)) + 1);
	return e;
}

void note_file(struct note *n, const char *file)
{
	char text[NOTE_FILE_BYTES + 1];

	if (!n || n->file[0] != '\0')
		return;
	(void)snprintf(text, sizeof(text), "%s", file);
	memcpy(n->file, text, str_tidy(text, sizeof(text)) + 1);
}

NORETURN void must_fail(const char *cond, const char *file, int line)
{
	(void)fprintf(stderr, "trammel: own mistake at %s:%d: %s does not hold\n", file, line,
		      cond);
	abort();
}
