/* canon: canonical forms, shortest digits, Python's form, memory. */
#include "engine/base/canon.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "tests/kit/fail_alloc.h"

#define ENTRY_HASHES "../shared/vectors/audit/entry_hash.json"

static struct arena arena;
static struct buf out;

static void setup(void)
{
	arena_init(&arena, (size_t)256 << 20);
	buf_init(&out, (size_t)64 << 20);
}

static void teardown(void)
{
	buf_fini(&out);
	arena_fini(&arena);
}

TestSuite(canon, .init = setup, .fini = teardown);

static struct value read_str(struct str text)
{
	struct value v = value_null();
	struct note n = { .line = 0 };

	cr_assert_eq(json_read(text, 1, &arena, &v, &n), OK, "%.*s: %s", STR_ARG(text), n.text);
	return v;
}

static void check_written(const char *what, struct str expected)
{
	cr_assert_eq(out.err, OK);
	cr_assert(str_eq(buf_view(&out), expected), "%s is written\n%.*s, expected\n%.*s", what,
		  STR_ARG(buf_view(&out)), STR_ARG(expected));
}

static void check(const char *text, const char *expected)
{
	struct value v = read_str(str_view(text));

	buf_clear(&out);
	canon_value(&out, &v);
	check_written(text, str_view(expected));
	v = read_str(str_view(expected));
	buf_clear(&out);
	canon_value(&out, &v);
	check_written(expected, str_view(expected));
}

static void check_python(const char *text, const char *expected)
{
	struct value v = read_str(str_view(text));

	buf_clear(&out);
	canon_python(&out, &v);
	check_written(text, str_view(expected));
}

static void check_real(double d, const char *expected)
{
	buf_clear(&out);
	canon_real(&out, d);
	check_written(expected, str_view(expected));
}

Test(canon, values_lose_their_blanks_and_sort_their_names)
{
	check(" [ 1 , true , null , { } , [ ] ] ", "[1,true,null,{},[]]");
	check("{\"b\":false,\"a\":{\"d\":1,\"c\":2},\"\":3,\"B\":4}",
	      "{\"\":3,\"B\":4,\"a\":{\"c\":2,\"d\":1},\"b\":false}");
}

Test(canon, names_sort_by_utf16_units)
{
	/* U+1F602 is D83D DE02 in UTF-16, before U+FB33 and U+E000, behind U+D7FF. */
	check("{\"\xEF\xAC\xB3\":1,\"\xF0\x9F\x98\x82\":2,\"\xEE\x80\x80\":3,\"\xED\x9F\xBF\":4}",
	      "{\"\xED\x9F\xBF\":4,\"\xF0\x9F\x98\x82\":2,\"\xEE\x80\x80\":3,\"\xEF\xAC\xB3\":1}");
	cr_assert_lt(canon_key_cmp(STR("a"), STR("ab")), 0);
	cr_assert_gt(canon_key_cmp(STR("ab"), STR("a")), 0);
	cr_assert_eq(canon_key_cmp(STR("ab"), STR("ab")), 0);
	cr_assert_eq(canon_key_cmp(STR_NONE, STR("")), 0);
}

static size_t put_rune(char *to, uint32_t rune)
{
	unsigned high = 0xD800 + ((rune - 0x10000) >> 10), low = 0xDC00 + (rune & 0x3FF);
	struct value v;
	char text[32];

	if (rune < 0x10000)
		(void)snprintf(text, sizeof(text), "\"\\u%04x\"", rune);
	else
		(void)snprintf(text, sizeof(text), "\"\\u%04x\\u%04x\"", high, low);
	v = read_str(str_view(text));

	memcpy(to, v.string.ptr, v.string.len);
	return v.string.len;
}

static size_t put_units(uint16_t *to, uint32_t rune)
{
	if (rune < 0x10000) {
		to[0] = (uint16_t)rune;
		return 1;
	}
	to[0] = (uint16_t)(0xD800 + ((rune - 0x10000) >> 10));
	to[1] = (uint16_t)(0xDC00 + (rune & 0x3FF));
	return 2;
}

struct key {
	char text[16];
	uint16_t units[8];
	size_t len, count;
};

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static struct key random_key(uint64_t *x)
{
	static const uint32_t runes[] = {
		0, 'a', 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xEFFF, 0xF000, 0xFFFF, 0x10000,
		0x1F602, 0x3FFFF, 0x40000, 0x10FFFF,
	};
	struct key key = { .len = 0 };

	for (uint64_t n = next_random(x) % 4; n > 0; n--) {
		uint32_t rune = runes[next_random(x) % 16];

		key.len += put_rune(key.text + key.len, rune);
		key.count += put_units(key.units + key.count, rune);
	}
	return key;
}

static int units_cmp(const struct key *a, const struct key *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (a->units[i] != b->units[i])
			return a->units[i] < b->units[i] ? -1 : 1;
	return (a->count > b->count) - (a->count < b->count);
}

Test(canon, the_order_of_names_agrees_with_real_utf16)
{
	uint64_t seed = UINT64_C(0x9FB21C651E98DF25), x = seed;

	for (int i = 0; i < 20000; i++) {
		struct arena_mark mark = arena_mark(&arena);
		struct key a = random_key(&x), b = random_key(&x);
		int cmp = canon_key_cmp(str_slice(a.text, a.len), str_slice(b.text, b.len));

		cr_assert_eq((cmp > 0) - (cmp < 0), units_cmp(&a, &b), "seed %llx, round %d",
			     (unsigned long long)seed, i);
		arena_rewind(&arena, mark);
	}
}

Test(canon, strings_escape_as_little_as_they_may)
{
	check("\"\\u0000\\u0001\\u0008\\u0009\\u000A\\u000B\\u000c\\u000d\\u001F\"",
	      "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\"");
	check("\"\\\"\\\\\\/\\u007f\\u0080\\u20ac\\ud83d\\ude02\"",
	      "\"\\\"\\\\/\x7F\xC2\x80\xE2\x82\xAC\xF0\x9F\x98\x82\"");
	check("\"\"", "\"\"");
	check("\"\\nlong enough for eight bytes at once\\n\"",
	      "\"\\nlong enough for eight bytes at once\\n\"");
}

Test(canon, integers_are_written_digit_by_digit)
{
	check("-9223372036854775808", "-9223372036854775808");
	check("9007199254740993", "9007199254740993");
	check("123456789012345678901234567890", "123456789012345678901234567890");
	check("-0", "0");
	check("1.0", "1");
	check("1e20", "100000000000000000000");
	check("1e21", "1e+21");
}

/* RFC 8785, appendix B, and the edges of each layout. */
Test(canon, reals_are_written_as_ecmascript_does)
{
	check_real(0.0, "0");
	check_real(-0.0, "0");
	check_real(0x1p-1074, "5e-324");
	check_real(-0x1p-1074, "-5e-324");
	check_real(DBL_MAX, "1.7976931348623157e+308");
	check_real(9007199254740992.0, "9007199254740992");
	check_real(295147905179352830000.0, "295147905179352830000");
	check_real(9.999999999999997e22, "9.999999999999997e+22");
	check_real(1e23, "1e+23");
	check_real(1.0000000000000001e23, "1.0000000000000001e+23");
	check_real(999999999999999700000.0, "999999999999999700000");
	check_real(999999999999999900000.0, "999999999999999900000");
	check_real(1e21, "1e+21");
	check_real(9.999999999999997e-7, "9.999999999999997e-7");
	check_real(0.000001, "0.000001");
	check_real(1e-7, "1e-7");
	check_real(0.00001234, "0.00001234");
	check_real(333333333.3333332, "333333333.3333332");
	check_real(333333333.33333325, "333333333.33333325");
	check_real(1424953923781206.2, "1424953923781206.2");
	check_real(-1.5, "-1.5");
	check_real(100, "100");
	check_real(123e-20, "1.23e-18");
	check_real(0x1p-44, "5.684341886080802e-14");
	check_real(0x1p-1022, "2.2250738585072014e-308");
}

static void check_digits(double d)
{
	char digits[17], text[64], nearer[64];
	int exponent, count = canon_digits(d, digits, &exponent);

	cr_assert(count >= 1 && count <= 17);
	cr_assert(digits[0] != '0' && digits[count - 1] != '0', "%.17g", d);
	(void)snprintf(text, sizeof(text), "0.%.*se%d", count, digits, exponent);
	cr_assert_eq(strtod(text, NULL), fabs(d), "%.17g is written %s", d, text);
	/* Nothing shorter reads back; only at a power of two may the nearest not be the answer. */
	for (int shorter = 1; shorter < count; shorter++) {
		(void)snprintf(nearer, sizeof(nearer), "%.*e", shorter - 1, fabs(d));
		cr_assert_neq(strtod(nearer, NULL), fabs(d), "%.17g is written %s", d, text);
	}
	(void)snprintf(nearer, sizeof(nearer), "%.*e", count - 1, fabs(d));
	if (strtod(nearer, NULL) != fabs(d))
		return;
	cr_assert(nearer[0] == digits[0] && memcmp(nearer + 2, digits + 1, (size_t)count - 1) == 0,
		  "%.17g is written %s, nearer is %s", d, text, nearer);
}

Test(canon, digits_are_the_shortest_that_read_back)
{
	uint64_t seed = UINT64_C(0xC2B2AE3D27D4EB4F), x = seed;

	for (int i = -1074; i < 1024; i++) {
		check_digits(ldexp(1, i));
		check_digits(nextafter(ldexp(1, i), 0x1p1023));
		if (i > -1074)
			check_digits(nextafter(ldexp(1, i), 0));
	}
	for (int i = 0; i < 20000; i++) {
		double d;

		(void)next_random(&x);
		memcpy(&d, &x, sizeof(d));
		if (isfinite(d) && d != 0)
			check_digits(d);
		check_digits((double)(x % 1000000 + 1) / 1000);
		check_digits((double)(x % 100000000000000000) / 8 + 0.125);
	}
}

Test(canon, pythons_form_is_spaced_and_ascii)
{
	check_python("{\"b\":[1,2],\"a\":{}, \"c\":[]}", "{\"a\": {}, \"b\": [1, 2], \"c\": []}");
	check_python("\"\\u00e9\\u20ac\\ud83d\\ude02\\u007f\\u0080\\u0001\\b\\\"/\"",
		     "\"\\u00e9\\u20ac\\ud83d\\ude02\\u007f\\u0080\\u0001\\b\\\"/\"");
	check_python("{\"\xEF\xAC\xB3\":1,\"\xF0\x9F\x98\x82\":2}",
		     "{\"\\ufb33\": 1, \"\\ud83d\\ude02\": 2}");
	check_python("[null,true,false,123456789012345678901234567890]",
		     "[null, true, false, 123456789012345678901234567890]");
}

Test(canon, the_form_of_registries_is_pythons_without_blanks)
{
	struct value v;
	struct arena a;
	struct buf b;

	arena_init(&a, (size_t)1 << 20);
	buf_init(&b, 1024);
	cr_assert_eq(json_read(STR("{\"\xEF\xAC\xB3\":[1,true],\"\xF0\x9F\x98\x82\":\"\\u007f\"}"),
			       1, &a, &v, NULL), OK);
	canon_ascii(&b, &v);
	cr_expect(str_is(buf_view(&b), "{\"\\ufb33\":[1,true],\"\\ud83d\\ude02\":\"\\u007f\"}"),
		  "%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
	arena_fini(&a);
}

Test(canon, pythons_floats_are_repr)
{
	check_python("[1e16,1e15,9.9e15,123456789012345.6]",
		     "[1e+16, 1000000000000000.0, 9900000000000000.0, 123456789012345.6]");
	check_python("[1e-4,1e-5,1e-7,0.00012]", "[0.0001, 1e-05, 1e-07, 0.00012]");
	check_python("[100.0,-0.0,0.0,5e-324,1e100,-2.5e-10]",
		     "[100.0, -0.0, 0.0, 5e-324, 1e+100, -2.5e-10]");
	check_python("[1.7976931348623157e308,1e22,1.5]", "[1.7976931348623157e+308, 1e+22, 1.5]");
}

static struct str read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text;
	size_t len;

	if (!f)
		return STR_NONE;
	text = arena_alloc(&arena, 4u << 20);
	len = fread(text, 1, 4u << 20, f);
	(void)fclose(f);
	return str_slice(text, len);
}

/* A member of the entry: as given, or what the toolkit fills in. */
static struct member hashed(const struct value *given, const char *name, struct value otherwise)
{
	const struct value *v = value_get_c(given, name);

	return (struct member){ .key = str_view(name), .value = v ? *v : otherwise };
}

Test(canon, other_dialects_keep_order_or_blanks_as_their_languages_do)
{
	struct value v = read_str(STR("{\"b\":[1.0,1e21],"
				      "\"a\":{\"\xc3\xa9\":\"\xc3\xa9\\u007f\"}}"));

	buf_clear(&out);
	canon_stringify(&out, &v);
	check_written("stringify",
		      STR("{\"b\":[1,1e+21],\"a\":{\"\xc3\xa9\":\"\xc3\xa9\x7f\"}}"));
	buf_clear(&out);
	canon_python_compact(&out, &v);
	check_written("compact",
		      STR("{\"a\":{\"\xc3\xa9\":\"\xc3\xa9\x7f\"},\"b\":[1.0,1e+21]}"));
}

/* The hashes of the reference toolkit's audit entries: all cases but one, text and digest. */
Test(canon, pythons_form_gives_the_hashes_of_audit_entries)
{
	struct str text = read_file(ENTRY_HASHES);
	struct value none = value_string(STR("")), success = value_string(STR("success"));
	struct value vectors, empty = { .kind = VALUE_OBJECT };
	const struct value *cases;

	if (!text.ptr)
		cr_skip_test("%s is not there", ENTRY_HASHES);
	vectors = read_str(text);
	cases = value_get_c(&vectors, "cases");
	cr_assert_geq(cases->list.count, 39);
	for (size_t i = 0; i < cases->list.count; i++) {
		const struct value *given = value_get_c(&cases->list.items[i], "given");
		const struct value *expect = value_get_c(&cases->list.items[i], "expect");
		struct member members[] = {
			hashed(given, "entry_id", none), hashed(given, "timestamp", none),
			hashed(given, "event_type", none), hashed(given, "agent_did", none),
			hashed(given, "action", none), hashed(given, "resource", value_null()),
			hashed(given, "data", empty), hashed(given, "outcome", success),
			hashed(given, "previous_hash", none),
		};
		struct value entry = { .kind = VALUE_OBJECT, .object = { members, 9 } };
		struct str name = value_text(&cases->list.items[i], "name");
		struct str canonical = value_text(expect, "canonical");
		unsigned char digest[crypto_hash_sha256_BYTES];
		char hex[2 * sizeof(digest) + 1];

		/* Not JSON: a value is always finite. */
		if (str_has(canonical, STR(": NaN")))
			continue;
		buf_clear(&out);
		canon_python(&out, &entry);
		cr_assert(!canonical.ptr || str_eq(buf_view(&out), canonical),
			  "%.*s: written\n%.*s, expected\n%.*s", STR_ARG(name),
			  STR_ARG(buf_view(&out)), STR_ARG(canonical));
		(void)crypto_hash_sha256(digest, (const unsigned char *)out.ptr, out.len);
		(void)sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
		cr_assert(str_is(value_text(expect, "sha256"), hex), "%.*s", STR_ARG(name));
	}
}

/* An object of `count` names, none in its place. */
static struct value many(size_t count)
{
	struct value v = { .kind = VALUE_OBJECT };
	struct member *m = arena_array(&arena, count, sizeof(*m));

	for (size_t i = 0; i < count; i++) {
		char text[32];
		int len = snprintf(text, sizeof(text), "k%05zu", count - i);

		cr_assert_eq(arena_copy(&arena, str_slice(text, (size_t)len), &m[i].key), OK);
		m[i].value = value_int((int64_t)i);
	}
	v.object = (struct value_object){ m, count };
	return v;
}

Test(canon, objects_of_any_size_come_out_sorted)
{
	static const size_t counts[] = { 1, 2, 31, 32, 33, 1000, 50000 };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct value v = many(counts[i]), back;

		buf_clear(&out);
		canon_value(&out, &v);
		back = read_str(buf_view(&out));
		cr_assert_eq(back.object.count, counts[i]);
		cr_assert(value_eq(&v, &back));
		for (size_t k = 1; k < counts[i]; k++)
			cr_assert_lt(str_cmp(back.object.members[k - 1].key,
					     back.object.members[k].key), 0);
	}
}

Test(canon, every_failed_allocation_is_survived)
{
	struct value v = many(100);
	struct buf b;

	for (uint64_t n = 1;; n++) {
		buf_init(&b, 1u << 20);
		fail_alloc_at(n);
		canon_value(&b, &v);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(b.err, OK);
			cr_assert_gt(n, 3);
			buf_fini(&b);
			break;
		}
		cr_assert_eq(b.err, ERR_MEMORY, "allocation %llu", (unsigned long long)n);
		buf_fini(&b);
	}
}

Test(canon, a_full_buffer_is_an_error_at_any_size)
{
	struct value v = read_str(STR("{\"b\":[1,\"x\\n\",2.5],\"a\":\"\xC3\xA9\"}"));

	for (size_t cap = 0;; cap++) {
		struct buf b;
		enum err e;

		buf_init(&b, cap);
		canon_value(&b, &v);
		e = b.err;
		cr_assert(b.len <= cap);
		buf_fini(&b);
		if (e == OK)
			break;
		cr_assert_eq(e, ERR_LIMIT);
		cr_assert_lt(cap, 100);
	}
}

Test(canon, trees_are_written_only_up_to_a_depth)
{
	struct value v[LIMIT_TREE_DEPTH + 2];

	v[0] = value_null();
	for (size_t i = 1; i < LIMIT_TREE_DEPTH + 2; i++)
		v[i] = (struct value){ .kind = VALUE_LIST, .list = { &v[i - 1], 1 } };
	canon_value(&out, &v[LIMIT_TREE_DEPTH]);
	cr_assert_eq(out.err, OK);
	canon_value(&out, &v[LIMIT_TREE_DEPTH + 1]);
	cr_assert_eq(out.err, ERR_LIMIT);
}
