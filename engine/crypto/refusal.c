/* refusal: rows of the list, looked up, and the sentence that goes with one. */
#include "engine/crypto/refusal.h"

#include <stdarg.h>
#include <stdio.h>

const char *refusal_name(enum refusal_code code)
{
	static const char *const codes[REFUSED_CODES] = {
#define REFUSED_ROW(id, code) [id] = code,
		REFUSAL_LIST(REFUSED_ROW)
#undef REFUSED_ROW
	};

	MUST((unsigned)code < REFUSED_CODES);
	return codes[code];
}

enum err refusal_set(struct refusal *r, enum refusal_code code, const char *fmt, ...)
{
	char text[NOTE_TEXT_BYTES + 1];
	va_list args;

	MUST(code != REFUSED_NOT);
	if (!r)
		return ERR_DENIED;
	va_start(args, fmt);
	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	va_end(args);
	r->code = code;
	return note_set(&r->note, ERR_DENIED, 0, 0, "%s", text);
}
