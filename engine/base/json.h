/*
 * json: the one reader of JSON, strict and exact, and the splitter that feeds it from streams.
 *
 * RFC 8259 with nothing added: refused are duplicate keys (compared after unescaping), invalid UTF-8, lone
 * surrogates, NaN, comments, trailing commas, leading zeros, numbers beyond double range, bytes after the value,
 * and anything over the limits below. Numbers keep their exactness (value.h). Text output is canon.h.
 *
 * Errors: ERR_SYNTAX, ERR_ENCODING, ERR_DUPLICATE, ERR_RANGE, ERR_TRUNCATED, ERR_LIMIT, ERR_MEMORY, each with the
 * line, the column (in bytes, from 1), the finding and the expectation in the note.
 */
#ifndef TRAMMEL_BASE_JSON_H
#define TRAMMEL_BASE_JSON_H

#include "engine/base/value.h"

/*
 * Read one whole document. The tree lives in `a`; strings without escapes borrow from `text`, which must outlive it.
 * `first_line` is the number of the text's first line (1 for a whole file; the line number for one line of JSONL).
 */
enum err json_read(struct str text, uint32_t first_line, struct arena *a, struct value *ret, struct note *n) NODISCARD;

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
