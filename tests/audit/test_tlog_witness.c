#include "engine/audit/tlog_witness.h"

#include <criterion/criterion.h>

#include "engine/base/limits.h"

#define ORIGIN "log.example/1"
#define LEAVES 40

static struct sign_key *key;
static struct note_key log_key;
static struct digest leaves[LEAVES];
static struct buf note, request;
static struct note n;

static void setup(void)
{
	uint8_t seed[SEED_BYTES] = { 5 };
	struct public_key public;

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(sign_key_open(seed, &key), OK);
	public = sign_key_public(key);
	log_key = note_key_of(STR(ORIGIN), &public, false);
	for (unsigned i = 0; i < LEAVES; i++) {
		char byte = (char)i;

		leaves[i] = sha256_prefixed(0, str_slice(&byte, 1));
	}
	buf_init(&note, LIMIT_NOTE_BYTES);
	buf_init(&request, 4 * LIMIT_NOTE_BYTES);
	n = (struct note){ 0 };
}

static void teardown(void)
{
	buf_fini(&note);
	buf_fini(&request);
	sign_key_close(key);
}

TestSuite(tlog_witness, .init = setup, .fini = teardown);

/* The perfect subtree of 2^level leaves. */
static enum err node(void *self, unsigned level, uint64_t index, struct digest *ret)
{
	struct merkle_range r;

	(void)self;
	merkle_init(&r);
	for (uint64_t i = index << level; i < (index + 1) << level; i++)
		merkle_add(&r, &leaves[i]);
	merkle_root(&r, ret);
	return OK;
}

static struct checkpoint head_of(uint64_t size)
{
	struct checkpoint c = { .origin = STR(ORIGIN), .size = size };
	struct merkle_range r;

	merkle_init(&r);
	for (uint64_t i = 0; i < size; i++)
		merkle_add(&r, &leaves[i]);
	merkle_root(&r, &c.root);
	return c;
}

static void sign(const struct checkpoint *c)
{
	struct buf text;

	buf_init(&text, LIMIT_NOTE_BYTES);
	checkpoint_write(&text, c);
	buf_clear(&note);
	note_sign(&note, buf_view(&text), STR(ORIGIN), key);
	buf_fini(&text);
}

static struct witness_request ask(uint64_t old, uint64_t size)
{
	struct merkle_source source = { node, NULL };
	struct checkpoint c = head_of(size);
	struct witness_request r = { .old = old };

	sign(&c);
	r.note = buf_view(&note);
	cr_assert_eq(merkle_consistency(&source, old, size, r.proof, &r.count), OK);
	return r;
}

static enum err judge(const struct witness_request *r, const struct checkpoint *held)
{
	struct checkpoint now = { .size = 77 };
	struct str text = STR("kept");
	enum err e = witness_judge(r, &log_key, held, &now, &text, &n);

	if (e != OK)
		cr_assert(now.size == 77 && str_is(text, "kept") && n.text[0]);
	else
		cr_assert(str_starts(r->note, text) && now.size != 77);
	return e;
}

Test(tlog_witness, every_growth_is_cosigned_and_nothing_else)
{
	for (uint64_t old = 0; old < LEAVES; old++)
		for (uint64_t size = old; size < LEAVES; size++) {
			struct witness_request r = ask(old, size);
			struct checkpoint held = head_of(old), other = held;

			cr_assert_eq(judge(&r, &held), OK, "%d to %d: %s", (int)old, (int)size,
				     n.text);
			if (old == 0)
				continue;
			other.root.bytes[3] ^= 1;
			cr_assert_eq(judge(&r, &other), old == size ? ERR_EXISTS : ERR_PROOF);
			other = head_of(old - 1);
			cr_assert_eq(judge(&r, &other), ERR_EXISTS);
			if (r.count == 0)
				continue;
			r.proof[r.count - 1].bytes[0] ^= 1;
			cr_assert_eq(judge(&r, &held), ERR_PROOF);
			r.count--;
			cr_assert_eq(judge(&r, &held), ERR_PROOF);
		}
}

Test(tlog_witness, what_a_request_must_not_be)
{
	struct checkpoint held = head_of(3), empty = head_of(0);
	struct witness_request r = ask(3, 5);

	r.old = 6;
	cr_assert_eq(judge(&r, &held), ERR_RANGE);
	r = ask(0, 5);
	r.count = 1;
	cr_assert_eq(judge(&r, &empty), ERR_PROOF, "from nothing there is nothing to prove");
	empty.root.bytes[0] ^= 1;
	sign(&empty);
	r = (struct witness_request){ .note = buf_view(&note) };
	cr_assert_eq(judge(&r, &empty), ERR_PROOF, "the root of no entries is known");

	r = ask(3, 5);
	note.ptr[note.len - 10] ^= 1;
	cr_assert_eq(judge(&r, &held), ERR_SIGNATURE);
	r.note = STR("old 3\n");
	cr_assert_eq(judge(&r, &held), ERR_SIGNATURE);
	held = head_of(3);
	held.origin = STR("other.example/1");
	sign(&held);
	r.note = buf_view(&note);
	cr_assert_eq(judge(&r, &held), ERR_NOT_FOUND, "its key signed for another log");
}

Test(tlog_witness, a_request_is_read_as_it_was_written)
{
	struct witness_request r = ask(3, 37), got;

	witness_request_write(&request, &r);
	cr_assert_eq(witness_request_read(buf_view(&request), &got, &n), OK, "%s", n.text);
	cr_assert(got.old == 3 && got.count == r.count && str_eq(got.note, r.note));
	cr_assert_eq(memcmp(got.proof, r.proof, r.count * sizeof(*r.proof)), 0);
}

Test(tlog_witness, malformed_requests_are_refused_with_their_line)
{
#define HASH "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	static const struct {
		const char *text;
		enum err want;
		uint32_t line;
	} cases[] = {
		{ "", ERR_SYNTAX, 1 },
		{ "old", ERR_SYNTAX, 1 },
		{ "old 1", ERR_SYNTAX, 1 },
		{ "old 01\n\nx", ERR_SYNTAX, 1 },
		{ "old -1\n\nx", ERR_SYNTAX, 1 },
		{ "old  1\n\nx", ERR_SYNTAX, 1 },
		{ "new 1\n\nx", ERR_SYNTAX, 1 },
		{ "old 1\n", ERR_SYNTAX, 2 },
		{ "old 1\n" HASH "\n", ERR_SYNTAX, 3 },
		{ "old 1\n" HASH "=\n\n", ERR_SYNTAX, 2 },
		{ "old 1\nAAAA\n\n", ERR_SYNTAX, 2 },
		{ "old 1\n" HASH "\r\n\n", ERR_SYNTAX, 2 },
	};
	struct witness_request r = { .old = 77 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cr_assert_eq(witness_request_read(str_view(cases[i].text), &r, &n), cases[i].want,
			     "%zu", i);
		cr_assert_eq(n.line, cases[i].line, "%zu: line %u", i, n.line);
		cr_assert_eq(r.old, 77);
	}
	buf_add_c(&request, "old 1\n");
	for (int i = 0; i < 63; i++)
		buf_add_c(&request, HASH "\n");
	buf_add_c(&request, "\nx");
	cr_assert_eq(witness_request_read(buf_view(&request), &r, &n), OK);
	cr_assert_eq(r.count, 63);
	request.len -= 2;
	buf_add_c(&request, HASH "\n\nx");
	cr_assert_eq(witness_request_read(buf_view(&request), &r, &n), ERR_LIMIT);
}
