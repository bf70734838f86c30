/*
 * say: leveled diagnostics to a sink that the caller injects. Talk for people, never data.
 *
 * Whoever owns the terminal fills in the struct; everything below only says. NULL is silence. A
 * line is tidied as a note is (err.h) and cut at SAY_LINE_BYTES.
 */
#ifndef TRAMMEL_BASE_SAY_H
#define TRAMMEL_BASE_SAY_H

#include "engine/base/str.h"

enum say_level { SAY_WARN = 0, SAY_INFO };

#define SAY_LINE_BYTES 1024

struct say {
	/* One line without its end; borrowed for the call. */
	void (*line)(void *self, int level, struct str text);
	void *self;
	int level;               /* lines of a higher level are not even formatted */
};

void say_warn(const struct say *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
void say_info(const struct say *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
