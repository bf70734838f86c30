/* pack_rewrite: packs without what must be gone, whatever fails on the way. */
#include "engine/audit/pack.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/base/world_sim.h"
#include "tests/kit/fail_alloc.h"

#define BODIES 20
#define RECORDS 8
#define MARK_BYTES 12

static const struct blob_shape shape = { 100000, RECORDS };

static struct world *w;
static struct blob_store *b;
static struct digest digests[BODIES];

/* Bodies that are salted, but for the first, a bundle. */
static void setup(void)
{
	char text[64];

	cr_assert_eq(crypto_start(), OK);
	w = sim_open(1, 0);
	cr_assert_eq(blob_open_shaped(w, "blob", true, shape, &b, NULL), OK);
	for (uint8_t i = 0; i < BODIES; i++) {
		struct body_seed seed = { { i } };

		(void)snprintf(text, sizeof(text), "{\"a\":\"value-%03u-\",\"b\":1}", i);
		if (i == 0)
			cr_assert_eq(blob_put(b, str_view(text), &digests[i]), OK);
		else
			cr_assert_eq(blob_put_salted(b, str_view(text), &seed, &digests[i]), OK);
	}
	cr_assert_eq(blob_commit(b, true), OK);
}

static void teardown(void)
{
	(void)blob_close(b);
	sim_close(w);
}

TestSuite(pack_rewrite, .init = setup, .fini = teardown);

/* Of every three salted ones the second goes and the third loses its first value. */
static enum blob_fate fate_of(const struct digest *d)
{
	for (uint32_t i = 1; i < BODIES; i++)
		if (digest_eq(d, &digests[i]))
			return i % 3 == 1 ? BLOB_DROP : i % 3 == 2 ? BLOB_REDACT : BLOB_KEEP;
	return BLOB_KEEP;
}

static enum err fate(void *self, const struct digest *d, enum body_form form, enum blob_fate *ret)
{
	(void)self;
	*ret = form == BODY_SALTED ? fate_of(d) : BLOB_KEEP;
	return OK;
}

static enum err drop(void *self, const struct digest *d, enum body_form form, enum blob_fate *ret)
{
	(void)self;
	(void)d;
	(void)form;
	*ret = BLOB_DROP;
	return OK;
}

static enum err redact(void *self, const struct digest *d, const struct body *body,
		       struct buf *out)
{
	const struct body_keep nothing = { NULL, STR_NONE };
	const uint32_t column = 6;

	(void)self;
	(void)d;
	return body_redact(body, &(struct veil){ &column, 1 }, &nothing, out);
}

static const struct blob_edit edit = { fate, redact, NULL };

static void expect_done(bool done)
{
	for (uint32_t i = 0; i < BODIES; i++) {
		enum blob_fate what = i ? fate_of(&digests[i]) : BLOB_KEEP;
		char value[MARK_BYTES];
		bool there = false;
		struct body body;
		enum err e = blob_get(b, &digests[i], &body);

		cr_assert_eq(e, what == BLOB_DROP && done ? ERR_MISS : OK, "body %u", i);
		if (!done)
			continue;
		(void)snprintf(value, sizeof(value), "value-%03u-", i);
		for (unsigned p = 0; p < BODIES / RECORDS + 2; p++) {
			char path[64];

			(void)snprintf(path, sizeof(path), "blob/%08u.pack", p);
			there |= str_has(sim_peek(w, path), str_view(value));
			(void)snprintf(path, sizeof(path), "blob/%08u.pack.new", p);
			there |= str_has(sim_peek(w, path), str_view(value));
		}
		cr_assert_eq(there, what == BLOB_KEEP, "body %u", i);
	}
}

Test(pack_rewrite, what_goes_is_in_no_file_and_the_rest_is_found)
{
	uint64_t changed;

	cr_assert_eq(blob_rewrite(b, &edit, &changed), OK);
	cr_assert_eq(changed, 13);
	expect_done(true);
	cr_assert_eq(blob_rewrite(b, &edit, &changed), OK);
	cr_assert_eq(changed, 0, "once is enough");
	cr_assert_eq(blob_close(b), OK);
	cr_assert_eq(blob_open_shaped(w, "blob", false, shape, &b, NULL), OK);
	expect_done(true);
}

Test(pack_rewrite, a_pack_of_which_nothing_is_left_is_gone)
{
	const struct blob_edit all = { drop, NULL, NULL };
	struct digest again;
	uint64_t changed;
	struct body body;

	cr_assert_eq(blob_rewrite(b, &all, &changed), OK);
	cr_assert_eq(changed, BODIES);
	cr_assert_null(sim_peek(w, "blob/00000000.pack").ptr);
	cr_assert_null(sim_peek(w, "blob/00000000.index").ptr);
	cr_assert_eq(blob_get(b, &digests[3], &body), ERR_MISS);
	cr_assert_eq(blob_put(b, STR("{}"), &again), OK);
	cr_assert_eq(blob_commit(b, true), OK);
	cr_assert_eq(blob_get(b, &again, &body), OK);
}

Test(pack_rewrite, a_damaged_pack_is_left_as_it_is)
{
	struct str pack = sim_peek(w, "blob/00000000.pack");
	uint64_t changed;
	char *copy = malloc(pack.len);

	memcpy(copy, pack.ptr, pack.len);
	copy[PACK_MAGIC_BYTES] ^= 1;
	cr_assert_eq(sim_poke(w, "blob/00000000.pack", str_slice(copy, pack.len)), OK);
	cr_assert_eq(blob_rewrite(b, &edit, &changed), ERR_TAMPERED);
	cr_assert(str_eq(sim_peek(w, "blob/00000000.pack"), str_slice(copy, pack.len)));
	free(copy);
}

static void fail_everywhere(enum sim_fault fault)
{
	for (uint64_t at = 1;; at++) {
		uint64_t changed;
		enum err e;
		bool hit;

		teardown();
		setup();
		sim_fail_at(w, at, fault);
		e = blob_rewrite(b, &edit, &changed);
		hit = sim_was_hit(w);
		sim_fail_at(w, 0, SIM_NONE);
		if (fault == SIM_CRASH && hit)
			sim_reboot(w, true);
		(void)blob_close(b);
		cr_assert_eq(blob_open_shaped(w, "blob", true, shape, &b, NULL), OK);
		if (!hit) {
			cr_assert_eq(e, OK);
			return;
		}
		for (uint32_t i = 0; i < BODIES; i++) {
			struct body body;

			e = blob_get(b, &digests[i], &body);
			cr_assert(e == OK || (e == ERR_MISS && fate_of(&digests[i]) == BLOB_DROP),
				  "operation %d, body %u: %s", (int)at, i, err_name(e));
		}
		cr_assert_eq(blob_rewrite(b, &edit, &changed), OK);
		expect_done(true);
	}
}

Test(pack_rewrite, an_error_anywhere_loses_nothing_and_can_be_made_good)
{
	fail_everywhere(SIM_EIO);
	fail_everywhere(SIM_SHORT);
}

Test(pack_rewrite, a_power_loss_anywhere_loses_nothing_and_can_be_made_good)
{
	fail_everywhere(SIM_CRASH);
}

Test(pack_rewrite, every_failed_allocation_is_an_error)
{
	for (uint64_t at = 1;; at++) {
		uint64_t changed;
		enum err e;

		teardown();
		setup();
		fail_alloc_at(at);
		e = blob_rewrite(b, &edit, &changed);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			return;
		}
		cr_assert_eq(e, ERR_MEMORY);
		(void)blob_close(b);
		cr_assert_eq(blob_open_shaped(w, "blob", true, shape, &b, NULL), OK);
		cr_assert_eq(blob_rewrite(b, &edit, &changed), OK);
		expect_done(true);
	}
}
