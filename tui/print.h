/*
 * print: how commands speak. A `struct buf` is filled and written at once, so that an answer is
 * whole or an error.
 */
#ifndef TRAMMEL_TUI_PRINT_H
#define TRAMMEL_TUI_PRINT_H

#include "engine/crypto/crypto.h"
#include "tui/command.h"

/* Write to stdout and flush; ERR_IO and a story when it does not take it. Clears the buffer. */
enum err print_out(struct buf *b, struct note *n);
/*
 * Write a page for people, which may hold names and texts of strangers: what a terminal would obey
 * instead of showing it comes out as <U+001B>. With --json it is data, and goes out as it is.
 */
enum err print_page(const struct invocation *in, struct buf *b, struct note *n);
/*
 * Report an error: "trammel: file:line:column: text" to stderr, and with --json an object to
 * stdout. The exit status.
 */
int print_error(const struct invocation *in, enum err e, const struct note *n);
/* print_out, and the end of the buffer; the exit status. */
int print_end(const struct invocation *in, struct buf *b);
/* The story of a file that cannot be read; `e`. */
enum err print_unread(struct note *n, enum err e, const char *file);
/* One line of talk to stderr. */
void print_talk(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* JSON members: ,"key":... with a comma unless the object has just been opened. */
void json_text(struct buf *b, const char *key, struct str text);
void json_number(struct buf *b, const char *key, uint64_t n);
void json_bool(struct buf *b, const char *key, bool v);
void json_digest(struct buf *b, const char *key, const struct digest *d);
void json_time(struct buf *b, const char *key, int64_t ns);
void json_key(struct buf *b, const char *key);
/* An element of a list; the comma before it is the caller's. */
void json_string(struct buf *b, struct str text);

/* "1,234,567" */
void print_count(struct buf *b, uint64_t n);
/* "1,234 entries", "1 entry" */
void print_counted(struct buf *b, uint64_t n, const char *one, const char *many);

/* The numbers of every summary line: "52 entries, 6 sessions, 22 tool calls, ...". */
struct tally {
	uint64_t entries, sessions, actions, allowed, denied;
	uint64_t refused;            /* documents that were no action; 0: not mentioned */
	bool sessions_unknown;       /* they were not counted and are left out */
	bool sessions_new;           /* only those were counted that were not there before */
};

void print_tally(struct buf *b, const struct tally *t);

#endif
