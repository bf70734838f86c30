/* entry_rows: entries of the log one below the other, for people or for a spreadsheet. */
#ifndef TRAMMEL_TUI_ENTRY_ROWS_H
#define TRAMMEL_TUI_ENTRY_ROWS_H

#include "engine/audit/audit.h"
#include "tui/command.h"

enum row_form {
	ROWS_TABLE,                  /* 100 columns */
	ROWS_CSV,                    /* RFC 4180, with a line of names */
	ROWS_JSON,                   /* the lines as they stand in the log */
};

/* From --json and --csv; ERR_USAGE for both. */
enum err row_form_of(const struct invocation *in, enum row_form *ret, struct note *n) NODISCARD;
void add_row_head(struct buf *b, enum row_form form);
void add_row(struct buf *b, enum row_form form, struct str line, const struct entry *e);
/* Write the rows so far, those of a table as a page. */
enum err print_rows(const struct invocation *in, enum row_form form, struct buf *b,
		    struct note *n) NODISCARD;

#endif
