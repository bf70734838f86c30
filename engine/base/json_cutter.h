#ifndef TRAMMEL_BASE_JSON_CUTTER_H
#define TRAMMEL_BASE_JSON_CUTTER_H

#include "engine/base/str.h"

/*
 * Cut a stream that holds either one JSON list, or values one after the other (JSONL or one document), into the
 * source text of its elements without holding more than one of them. Feed bytes in any portions:
 *
 *   json_cutter_init(&c, limit);
 *   while (read some bytes) {
 *           json_cutter_feed(&c, bytes);
 *           while (json_cutter_next(&c, &element, &line, note) == OK && element.ptr) ...
 *   }
 *   json_cutter_end(&c); then drain with json_cutter_next once more
 *
 * The cutter only finds boundaries (strings, escapes, nesting); each element is then judged by json_read.
 */
struct json_cutter {
	struct buf held;
	size_t at, element_start, element_cap;
	uint32_t line, element_line;
	int depth;
	bool in_list, in_string, escaped, started, ended, list_done;
	bool want_comma;
};

void json_cutter_init(struct json_cutter *c, size_t element_cap_bytes);
void json_cutter_fini(struct json_cutter *c);
enum err json_cutter_feed(struct json_cutter *c, struct str bytes) NODISCARD;
/* No more bytes will come. */
void json_cutter_end(struct json_cutter *c);
/*
 * The next whole element (borrowed until the next call of any cutter function) and the line it starts on; ptr NULL
 * when more bytes are needed or, after json_cutter_end, when the stream ended well. ERR_SYNTAX, ERR_TRUNCATED,
 * ERR_LIMIT (an element over the cap).
 */
enum err json_cutter_next(struct json_cutter *c, struct str *ret, uint32_t *line, struct note *n) NODISCARD;
/* True once the stream is known to be one list rather than a sequence of values. */
bool json_cutter_is_list(const struct json_cutter *c);

#endif
