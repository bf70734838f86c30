/* say: format, tidy, hand to the sink. */
#include "engine/base/say.h"

#include <stdarg.h>
#include <stdio.h>

PRINTF_LIKE(3, 0)
static void say(const struct say *s, int level, const char *fmt, va_list args)
{
	char line[SAY_LINE_BYTES + 1];

	if (!s || level > s->level)
		return;
	if (vsnprintf(line, sizeof(line), fmt, args) < 0)
		return;
	s->line(s->self, level, str_slice(line, str_tidy(line, sizeof(line))));
}

void say_warn(const struct say *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(s, SAY_WARN, fmt, args);
	va_end(args);
}

void say_info(const struct say *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(s, SAY_INFO, fmt, args);
	va_end(args);
}
