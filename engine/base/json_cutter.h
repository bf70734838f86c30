/*
 * json_cutter: the splitter that feeds json_read from streams.
 *
 * It cuts a stream that holds either one JSON list, or values one after the other (JSONL or one
 * document), into the source text of its elements without holding more than one of them and the
 * portion last fed. A stream whose first byte is "[" is one list. Values of the other kind need
 * white space between them. Feed bytes in any portions; how they are portioned changes nothing:
 *
 *   json_cutter_init(&c, limit);
 *   while (read some bytes) {
 *           json_cutter_feed(&c, bytes);
 *           while (json_cutter_next(&c, &element, &line, note) == OK && element.ptr) ...
 *   }
 *   json_cutter_end(&c); then drain with json_cutter_next once more
 *
 * The cutter only finds boundaries (strings, escapes, nesting); each element is then judged by
 * json_read. Elements come without the white space around them: when one does not start its line,
 * the columns that json_read reports for that line count from the element's first byte.
 */
#ifndef TRAMMEL_BASE_JSON_CUTTER_H
#define TRAMMEL_BASE_JSON_CUTTER_H

#include "engine/base/str.h"

enum json_cutter_place {
	CUTTER_FRESH = 0,            /* nothing but white space was seen */
	CUTTER_FIRST,                /* behind the "[" of the list */
	CUTTER_ITEM,                 /* behind a "," of the list */
	CUTTER_BEHIND,               /* behind an element of the list */
	CUTTER_DONE,                 /* behind the "]" of the list */
	CUTTER_GLUED,                /* right behind a value of a sequence */
	CUTTER_VALUE,                /* between values of a sequence */
	CUTTER_INSIDE,               /* inside an element, of either kind */
};

struct json_cutter {
	struct buf held;
	size_t element_cap;
	size_t start, at;            /* in `held`: of the element, and how far it was scanned */
	size_t depth;
	uint32_t line, element_line;
	uint64_t dropped, line_start; /* in the stream: where `held` and the current line start */
	enum json_cutter_place place;
	bool is_list, in_string, ended;
};

void json_cutter_init(struct json_cutter *c, size_t element_cap_bytes);
void json_cutter_fini(struct json_cutter *c);
/* At most LIMIT_LINE_BYTES at once. ERR_LIMIT, ERR_MEMORY. */
enum err json_cutter_feed(struct json_cutter *c, struct str bytes) NODISCARD;
/* No more bytes will come. */
void json_cutter_end(struct json_cutter *c);
/*
 * The next whole element (borrowed until the next call of any cutter function) and the line it
 * starts on; ptr NULL when more bytes are needed or, after json_cutter_end, when the stream ended
 * well. ERR_SYNTAX, ERR_TRUNCATED, ERR_LIMIT (an element over the cap); the same again when asked
 * again.
 */
enum err json_cutter_next(struct json_cutter *c, struct str *ret, uint32_t *line,
			  struct note *n) NODISCARD;

#endif
