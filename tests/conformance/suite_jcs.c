/*
 * suite_jcs: RFC 8785 as its author's test data has it (cyberphone/json-canonicalization).
 *
 *   .../input/NAME.json     any JSON; canonical form expected in
 *   .../output/NAME.json    as text, and
 *   .../outhex/NAME.txt     as hexadecimal bytes
 *   .../NAME.txt            lines "hex-ieee,expected": doubles and their text
 *   .../README.md           the constants that start the sequence of doubles, and the SHA-256 of
 *                           its first 1000, 10000, ... lines, which we generate and compare
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "tests/conformance/suite.h"

#define CANON_BYTES ((size_t)64 << 20)
#define LINES_MAX 1000000
#define STATIC_MAX 1024
#define SERIAL_COUNT 2000
#define SERIAL_FIRST UINT64_C(0x0010000000000000)

/* Path of the file beside .../input/NAME.json in another folder, with another ending. */
static bool beside(struct str path, const char *folder, const char *ending, char *dst, size_t room)
{
	const char *mark = "/input/";
	const char *at = memmem(path.ptr, path.len, mark, strlen(mark));
	const char *name = at ? at + strlen(mark) : NULL;
	int len;

	if (!at || !str_ends(path, STR(".json")))
		return false;
	len = snprintf(dst, room, "%.*s/%s/%.*s%s", (int)(at - path.ptr), path.ptr, folder,
		       (int)(path.ptr + path.len - name) - 5, name, ending);
	return len < (int)room;
}

static struct str hex_to_bytes(struct str hex, struct arena *a)
{
	unsigned char *bytes = arena_alloc(a, hex.len);
	size_t len;

	if (!bytes || sodium_hex2bin(bytes, hex.len, hex.ptr, hex.len, " \r\n\t", &len, NULL) != 0)
		return STR_NONE;
	return str_slice(bytes, len);
}

static void check_form(struct suite *s, const char *path, struct str text, struct str expected,
		       struct arena *a)
{
	struct note note = { .line = 0 };
	struct value v;
	struct buf b;

	if (json_read(text, 1, a, &v, &note) != OK) {
		suite_check(s, false, path, "%u:%u: %s", note.line, note.column, note.text);
		return;
	}
	buf_init(&b, CANON_BYTES);
	canon_value(&b, &v);
	suite_check(s, b.err == OK && str_eq(buf_view(&b), expected), path,
		    "canonical form is\n  %.*s, expected\n  %.*s", STR_ARG(buf_view(&b)),
		    STR_ARG(expected));
	buf_fini(&b);
}

static void check_input(struct suite *s, const char *path, struct str text, struct arena *a)
{
	char output[LIMIT_PATH_BYTES], outhex[LIMIT_PATH_BYTES];
	struct str expected, hex;

	if (!beside(str_view(path), "output", ".json", output, sizeof(output)) ||
	    !beside(str_view(path), "outhex", ".txt", outhex, sizeof(outhex)))
		return;
	expected = suite_read(output, a);
	hex = suite_read(outhex, a);
	if (!expected.ptr && !hex.ptr) {
		suite_skip(s, "an input without an output");
		return;
	}
	if (expected.ptr) {
		check_form(s, path, text, expected, a);
		check_form(s, output, expected, expected, a);
	}
	if (hex.ptr)
		check_form(s, outhex, text, hex_to_bytes(hex, a), a);
}

static double double_of(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static void add_line(struct buf *b, uint64_t bits)
{
	buf_addf(b, "%llx,", (unsigned long long)bits);
	canon_real(b, double_of(bits));
	buf_add_byte(b, '\n');
}

static void check_doubles(struct suite *s, const char *path, struct str text)
{
	struct str line, hex, expected;
	struct buf b;

	buf_init(&b, 256);
	while (str_cut(text, '\n', &line, &text)) {
		line = str_trim(line);
		if (!str_cut(line, ',', &hex, &expected))
			continue;
		buf_clear(&b);
		add_line(&b, strtoull(hex.ptr, NULL, 16));
		suite_check(s, str_eq(str_trim(buf_view(&b)), line), path, "%.*s, expected %.*s",
			    STR_ARG(str_trim(buf_view(&b))), STR_ARG(line));
	}
	buf_fini(&b);
}

/* The sequence of doubles that the README describes. */
struct sequence {
	uint64_t first[STATIC_MAX];
	size_t first_count, at, left;
	unsigned char block[crypto_hash_sha256_BYTES];
};

static uint64_t next_bits(struct sequence *q)
{
	size_t at = q->at++;
	uint64_t bits;

	if (at < q->first_count)
		return q->first[at];
	if (at < q->first_count + SERIAL_COUNT)
		return SERIAL_FIRST + (at - q->first_count);
	do {
		if (q->left == 0) {
			crypto_hash_sha256(q->block, q->block, sizeof(q->block));
			q->left = sizeof(q->block);
		}
		memcpy(&bits, q->block + sizeof(q->block) - q->left, sizeof(bits));
		q->left -= sizeof(bits);
	} while (bits << 1 == 0 || (bits >> 52 & 0x7FF) == 0x7FF);
	return bits;
}

static void check_sequence(struct suite *s, struct sequence *q, struct str sum, size_t lines)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	char hex[sizeof(digest) * 2 + 1];
	crypto_hash_sha256_state hash;
	struct buf b;

	q->at = q->left = 0;
	memset(q->block, 0, sizeof(q->block));
	buf_init(&b, 256);
	(void)crypto_hash_sha256_init(&hash);
	for (size_t i = 0; i < lines; i++) {
		buf_clear(&b);
		add_line(&b, next_bits(q));
		(void)crypto_hash_sha256_update(&hash, (const unsigned char *)b.ptr, b.len);
	}
	buf_fini(&b);
	(void)crypto_hash_sha256_final(&hash, digest);
	(void)sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
	suite_check(s, str_is(sum, hex), "doubles", "the first %zu hash to %s, expected %.*s",
		    lines, hex, STR_ARG(sum));
}

/* The constants stand in the text as 0x0123456789abcdefn, up to the bracket that ends them. */
static void read_constants(struct sequence *q, struct str text)
{
	const char *end = text.ptr + text.len;

	for (const char *p = text.ptr; end - p >= 19 && q->first_count < STATIC_MAX; p++) {
		if (memcmp(p, "])", 2) == 0)
			break;
		if (memcmp(p, "0x", 2) == 0 && p[18] == 'n')
			q->first[q->first_count++] = strtoull(p, NULL, 16);
	}
}

/* A row of the table: "| SHA-256 | lines | bytes |". */
static bool is_row(struct str line, struct str *sum, uint64_t *lines)
{
	struct str blank, count, rest;

	if (!str_cut(line, '|', &blank, &rest) || !str_cut(rest, '|', sum, &rest) ||
	    !str_cut(rest, '|', &count, &rest))
		return false;
	*sum = str_trim(*sum);
	return str_to_u64(str_trim(count), lines) == OK;
}

static void check_readme(struct suite *s, struct str text, struct arena *a)
{
	struct sequence *q = arena_alloc(a, sizeof(*q));
	struct str line, sum;
	uint64_t lines;

	if (!q)
		return;
	read_constants(q, text);
	while (str_cut(text, '\n', &line, &text))
		if (is_row(line, &sum, &lines) && lines <= LINES_MAX)
			check_sequence(s, q, sum, lines);
}

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	struct str name = str_view(path);

	if (str_has(name, STR("/input/")))
		check_input(s, path, text, a);
	else if (str_has(name, STR("/output/")) || str_has(name, STR("/outhex/")))
		return;         /* read beside its input */
	else if (str_ends(name, STR(".txt")))
		check_doubles(s, path, text);
	else if (str_ends(name, STR("README.md")))
		check_readme(s, text, a);
}

void suite_jcs(struct suite *s)
{
	suite_each_file(s, "jcs", visit);
}
