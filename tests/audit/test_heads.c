#include "engine/audit/heads.h"

#include <criterion/criterion.h>

#include "engine/base/limits.h"
#include "tests/kit/fail_alloc.h"

#define HEADS_BYTES ((size_t)1 << 20)

static struct sign_key *ann, *bob;
static struct note_key ann_key, bob_key;
static struct arena arena;
static struct buf file, out;
static struct note n;

static struct sign_key *open_key(uint8_t fill, const char *name, struct note_key *ret)
{
	uint8_t seed[SEED_BYTES];
	struct public_key public;
	struct sign_key *k;

	memset(seed, fill, sizeof(seed));
	cr_assert_eq(sign_key_open(seed, &k), OK);
	public = sign_key_public(k);
	*ret = note_key_of(str_view(name), &public, false);
	return k;
}

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	ann = open_key(1, "ann.example/log", &ann_key);
	bob = open_key(2, "bob.example/log", &bob_key);
	arena_init(&arena, HEADS_BYTES);
	buf_init(&file, HEADS_BYTES);
	buf_init(&out, HEADS_BYTES);
	n = (struct note){ 0 };
}

static void teardown(void)
{
	sign_key_close(ann);
	sign_key_close(bob);
	buf_fini(&file);
	buf_fini(&out);
	arena_fini(&arena);
}

TestSuite(heads, .init = setup, .fini = teardown);

static void add_head(struct buf *b, const struct sign_key *key, struct str origin, uint64_t size)
{
	struct checkpoint c = { .origin = origin, .size = size };
	struct buf text;

	buf_init(&text, LIMIT_NOTE_BYTES);
	checkpoint_write(&text, &c);
	note_sign(b, buf_view(&text), origin, key);
	buf_fini(&text);
}

static enum err find(const struct heads *h, const struct note_key *key, struct checkpoint *ret)
{
	struct succession keys = succession_of(key, 1);

	return heads_find(h, &keys, ret, &n);
}

static uint64_t size_of(struct str text, const struct note_key *key)
{
	struct checkpoint c = { .size = 0 };
	struct heads h;

	cr_assert_eq(heads_read(text, &arena, &h, &n), OK, "%s", n.text);
	cr_assert_eq(find(&h, key, &c), OK, "%s", n.text);
	return c.size;
}

Test(heads, each_log_has_its_head)
{
	struct note_key stranger = ann_key;
	struct checkpoint c;
	struct heads h;

	cr_assert_eq(heads_read(STR(""), &arena, &h, &n), OK);
	cr_assert_eq(find(&h, &ann_key, &c), ERR_NOT_FOUND);
	add_head(&file, ann, ann_key.name, 5);
	note_cosign(&file, STR("another text\n"), STR("w.example"), 1, bob);
	add_head(&file, bob, bob_key.name, 7);
	cr_assert_eq(size_of(buf_view(&file), &ann_key), 5, "a second signature belongs to it");
	cr_assert_eq(size_of(buf_view(&file), &bob_key), 7);
	stranger.name = STR("other.example/log");
	cr_assert_eq(heads_read(buf_view(&file), &arena, &h, &n), OK);
	cr_assert_eq(find(&h, &stranger, &c), ERR_NOT_FOUND);
}

Test(heads, a_head_that_the_log_did_not_sign_is_refused)
{
	struct checkpoint c;
	struct heads h;

	add_head(&file, bob, ann_key.name, 5);
	cr_assert_eq(heads_read(buf_view(&file), &arena, &h, &n), OK);
	cr_assert_eq(find(&h, &ann_key, &c), ERR_SIGNATURE);
	cr_assert(n.text[0]);
}

Test(heads, a_new_head_takes_the_place_of_the_old)
{
	struct heads h;
	struct buf note;

	add_head(&file, ann, ann_key.name, 5);
	add_head(&file, bob, bob_key.name, 7);
	cr_assert_eq(heads_read(buf_view(&file), &arena, &h, &n), OK);
	buf_init(&note, LIMIT_NOTE_BYTES);
	add_head(&note, ann, ann_key.name, 6);
	heads_write(&out, &h, ann_key.name, buf_view(&note));
	cr_assert_eq(size_of(buf_view(&out), &ann_key), 6);
	cr_assert_eq(size_of(buf_view(&out), &bob_key), 7);
	cr_assert_eq(out.len, file.len);

	buf_clear(&out);
	cr_assert_eq(heads_read(STR(""), &arena, &h, &n), OK);
	heads_write(&out, &h, ann_key.name, buf_view(&note));
	cr_assert(str_eq(buf_view(&out), buf_view(&note)));
	buf_fini(&note);
}

Test(heads, what_is_no_file_of_heads_is_refused)
{
	struct heads h = { 0 };

	for (int cut = 1; cut < 3; cut++) {
		buf_clear(&file);
		add_head(&file, ann, ann_key.name, 5);
		cr_assert_eq(heads_read(str_slice(file.ptr, file.len - (size_t)cut), &arena, &h,
					&n),
			     ERR_SYNTAX);
	}
	cr_assert_eq(heads_read(STR("\n"), &arena, &h, &n), ERR_SYNTAX);
	cr_assert_eq(heads_read(STR("a\n\nb\n"), &arena, &h, &n), ERR_SYNTAX);
	buf_clear(&file);
	add_head(&file, ann, ann_key.name, 5);
	add_head(&file, ann, ann_key.name, 6);
	cr_assert_eq(heads_read(buf_view(&file), &arena, &h, &n), ERR_EXISTS);
	cr_assert_eq(h.count, 0);
}

Test(heads, there_is_a_limit)
{
	struct heads h;

	for (unsigned i = 0; i <= LIMIT_HEADS; i++) {
		cr_assert_eq(heads_read(buf_view(&file), &arena, &h, &n), OK);
		cr_assert_eq(h.count, i);
		buf_addf(&file, "log.example/%u\n0\n%s\n\n\xe2\x80\x94 a %s\n", i,
			 "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "AAAAAAAA");
		arena_fini(&arena);
		arena_init(&arena, HEADS_BYTES);
	}
	cr_assert_eq(heads_read(buf_view(&file), &arena, &h, &n), ERR_LIMIT);
}

Test(heads, no_memory_is_an_error)
{
	struct heads h;
	uint64_t at;

	add_head(&file, ann, ann_key.name, 5);
	for (at = 1; at < 100; at++) {
		enum err e;

		arena_fini(&arena);
		arena_init(&arena, HEADS_BYTES);
		fail_alloc_at(at);
		e = heads_read(buf_view(&file), &arena, &h, &n);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
	fail_alloc_at(0);
	cr_assert_gt(at, 1);
}
