#include "engine/space/space.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/steward.h"

#define PAY "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"n\":1.0},\"session\":\"s\"}"

static struct steward st;

static void setup(void)
{
	steward_init(&st, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	steward_fini(&st);
}

TestSuite(space, .init = setup, .fini = teardown);

Test(space, records_what_it_answers)
{
	struct verdict v = steward_record(&st, PAY);
	struct entry entry = space_kit_entry(&st.kit, v.entry);

	cr_assert_eq(v.effect, EFFECT_ALLOW);
	cr_assert_eq(v.entry, 2);
	cr_assert_eq(entry.kind, ENTRY_ACTION);
	cr_assert_eq(entry.decision->effect, EFFECT_ALLOW);
	cr_assert(digest_eq(&entry.state, &v.state));
	cr_assert(str_is(space_kit_body(&st.kit, entry.args), "{\"n\":1}"));
	cr_assert_eq(steward_expect_sound(&st), 3);
}

Test(space, a_policy_is_announced_once_and_again_when_it_changes)
{
	struct verdict v;

	cr_assert_eq(space_kit_entry(&st.kit, 0).kind, ENTRY_POLICY);
	(void)steward_record(&st, PAY);
	v = steward_record(&st, PAY);
	cr_assert_eq(v.entry, 3);
	space_kit_policy(&st.kit, SPACE_KIT_DENY);
	v = steward_record(&st, PAY);
	cr_assert(v.entry == 5 && v.effect == EFFECT_DENY);
	cr_assert_eq(space_kit_entry(&st.kit, 4).kind, ENTRY_POLICY);
	space_kit_policy(&st.kit, SPACE_KIT_ALLOW);
	v = steward_record(&st, PAY);
	cr_assert(v.entry == 7 && v.effect == EFFECT_ALLOW);
	cr_assert_eq(steward_expect_sound(&st), 8);
}

static const struct world_calls *plain_calls;
static const char *linked;

static enum err kind_with_link(struct world *w, const char *path, enum world_kind *ret)
{
	if (str_ends(str_view(path), str_view(linked))) {
		*ret = WORLD_OTHER;
		return OK;
	}
	return plain_calls->kind(w, path, ret);
}

/* The simulated world has no links, so one that is seen is put before it. */
Test(space, with_a_link_in_place_of_a_folder_it_is_not_opened)
{
	static const char *const names[] = { "/log",  "/log/segment", "/log/tile", "/blob",
					     "/keys", "/keys/agents", "/policies", "/state" };
	struct world_calls linking;

	plain_calls = st.w->calls;
	linking = *plain_calls;
	linking.kind = kind_with_link;
	st.w->calls = &linking;
	for (size_t i = 0; i < 2 * sizeof(names) / sizeof(*names); i++) {
		struct space *s = NULL;

		linked = names[i / 2];
		st.note = (struct note){ .line = 0 };
		cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, i % 2 ? SPACE_WRITE : SPACE_READ, &s,
					&st.note), ERR_TAMPERED, "%s", linked);
		cr_assert(str_ends(str_view(st.note.file), str_view(linked)), "%s", st.note.file);
		cr_assert(str_has(str_view(st.note.text), STR("link")), "%s", st.note.text);
	}
	st.w->calls = plain_calls;
	cr_assert_eq(steward_expect_sound(&st), 2);
}

Test(space, opening_and_closing_records_nothing)
{
	cr_assert_eq(steward_expect_sound(&st), 2);
	cr_assert_eq(steward_expect_sound(&st), 2);
}

Test(space, has_one_writer_and_many_readers)
{
	struct space *writer = space_kit_open(&st.kit), *reader, *second = NULL;
	struct verdict v;
	uint64_t count;

	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_WRITE, &second, &st.note), ERR_LOCKED);
	cr_assert_null(second);
	cr_assert_eq(steward_submit(&st, writer, PAY, &v), OK);
	cr_assert_eq(space_commit(writer, false), OK);
	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &reader, &st.note), OK);
	cr_assert_eq(space_count_entries(reader, &count, &st.note), OK);
	cr_assert_eq(count, 3);
	cr_assert_eq(space_close(reader, NULL), OK);
	cr_assert_eq(space_close(writer, NULL), OK);
	cr_assert_eq(space_close(NULL, NULL), OK);
	cr_assert_eq(space_abandon(NULL, NULL), OK);
}

Test(space, tells_what_it_is)
{
	struct space *s = space_kit_open(&st.kit);
	struct digest loaded = bundle_digest(space_bundle(s));
	struct totals_row totals = gate_totals(space_state(s));

	cr_assert_str_eq(space_path(s), SPACE_KIT_DIR);
	cr_assert_str_eq(space_log_folder(s), SPACE_KIT_DIR "/log");
	cr_assert(str_is(space_config(s)->origin, SPACE_KIT_ORIGIN));
	cr_assert(str_is(space_key(s)->name, SPACE_KIT_ORIGIN));
	cr_assert_eq(space_world(s), st.w);
	cr_assert_eq(space_entries(s), 2);
	cr_assert_eq(space_recovered(s), 0);
	cr_assert_arr_eq(loaded.bytes, totals.policy, sizeof(loaded.bytes));
	cr_assert_eq(space_close(s, NULL), OK);
}

Test(space, abandoning_takes_everything_back)
{
	struct digest before, after;
	struct space *s;
	struct verdict v;

	(void)space_kit_verify(&st.kit, &before);
	s = space_kit_open(&st.kit);
	for (int i = 0; i < 10; i++) {
		cr_assert_eq(steward_submit(&st, s, PAY, &v), OK);
		cr_assert_eq(space_commit(s, i % 2), OK);
	}
	cr_assert_eq(space_abandon(s, &st.note), OK);
	cr_assert_eq(space_kit_verify(&st.kit, &after), 2);
	cr_assert(digest_eq(&before, &after));
	v = steward_record(&st, PAY);
	cr_assert_eq(v.entry, 2);
	cr_assert_eq(steward_expect_sound(&st), 3);
}

/* --- faults --- */

struct load {
	unsigned actions, commit_every;
	bool sync, abandon, with_agent;
	size_t args_bytes;
};

/* What was let go: these entries must be there whatever happens. */
struct released {
	uint64_t entry[64];
	enum effect effect[64];
	size_t count;
};

static char document[1u << 20];

static const char *document_of(unsigned i, size_t args_bytes)
{
	size_t len = (size_t)snprintf(document, sizeof(document),
				      "{\"agent\":\"%s\",\"action\":\"pay\",\"session\":\"s-%u\","
				      "\"args\":\"%u", i % 5 == 4 ? "eve" : "ann", i % 3, i);

	for (size_t k = 0; k < args_bytes; k++)
		document[len++] = (char)('a' + (i * 31 + k * k * 7 + k / 13) % 26);
	memcpy(document + len, "\"}", 3);
	return document;
}

static enum err run_actions(struct space *s, const struct load *load, struct released *r)
{
	struct released waiting = { .count = 0 };
	struct verdict v;

	for (unsigned i = 0; i < load->actions; i++) {
		TRY(steward_submit(&st, s, document_of(i, load->args_bytes), &v));
		if (load->sync) {
			waiting.entry[waiting.count] = v.entry;
			waiting.effect[waiting.count++] = v.effect;
		}
		if ((i + 1) % load->commit_every)
			continue;
		TRY(space_commit(s, load->sync));
		for (size_t k = 0; k < waiting.count; k++) {
			r->entry[r->count] = waiting.entry[k];
			r->effect[r->count++] = waiting.effect[k];
		}
		waiting.count = 0;
	}
	return OK;
}

/* As the commands do it: a load that is not abandoned is closed, also after a failure. */
static enum err run_load(const struct load *load, struct released *r)
{
	const struct space_newcomer bob = { .name = STR("bob"), .sponsor = STR("eve@example.org") };
	struct space_key key;
	struct space *s;
	enum err e, closing;

	TRY(space_open(st.w, SPACE_KIT_DIR, SPACE_WRITE, &s, &st.note));
	e = run_actions(s, load, r);
	if (e == OK && load->with_agent)
		e = space_create_agent(s, &bob, 1, &key, &st.note);
	if (load->abandon || (e != OK && load->with_agent))
		closing = space_abandon(s, &st.note);
	else
		closing = space_close(s, &st.note);
	return e == OK ? closing : e;
}

static void expect_released(const struct released *r, uint64_t entries, unsigned n)
{
	for (size_t i = 0; i < r->count; i++) {
		struct entry entry;

		cr_assert_lt(r->entry[i], entries, "fault at %u lost entry %d", n,
			     (int)r->entry[i]);
		entry = space_kit_entry(&st.kit, r->entry[i]);
		cr_assert_eq(entry.kind, ENTRY_ACTION);
		cr_assert_eq(entry.decision->effect, r->effect[i]);
	}
}

static const struct mode {
	enum sim_fault fault;
	bool reboot, power_lost;
	uint64_t torn; /* seed of what of the unsynced survives the power loss */
} modes[] = {
	{ SIM_EIO, false, false, 0 }, { SIM_ENOSPC, false, false, 0 },
	{ SIM_SHORT, false, false, 0 }, { SIM_EIO, true, true, 0 },
	{ SIM_CRASH, true, false, 0 }, { SIM_CRASH, true, true, 0 },
	{ SIM_CRASH, true, true, 1000 }, { SIM_CRASH, true, true, 2000 },
	{ SIM_CRASH, true, true, 3000 }, { SIM_EIO, true, true, 4000 },
};

static void fail_every_write(const struct load *load)
{
	for (size_t m = 0; m < sizeof(modes) / sizeof(modes[0]); m++) {
		for (unsigned n = 1;; n++) {
			struct released released = { .count = 0 };
			uint64_t entries;
			bool hit;
			enum err e;

			sim_fail_at(st.w, n, modes[m].fault);
			e = run_load(load, &released);
			hit = sim_was_hit(st.w);
			sim_fail_at(st.w, 0, SIM_NONE);
			if (modes[m].torn)
				sim_tear(st.w, modes[m].torn + n);
			else if (modes[m].reboot)
				sim_reboot(st.w, modes[m].power_lost);
			entries = steward_expect_sound(&st);
			expect_released(&released, entries, n);
			if (e == OK && load->abandon)
				cr_assert_eq(entries, 2, "mode %zu, fault at %u", m, n);
			if (e == OK && !load->abandon)
				cr_assert_geq(entries, 2 + load->actions + load->with_agent);
			teardown();
			setup();
			if (!hit) {
				cr_assert_eq(e, OK);
				break;
			}
		}
	}
}

Test(space, survives_every_fault_while_answers_are_let_go)
{
	fail_every_write(&(struct load){ .actions = 20, .commit_every = 3, .sync = true });
}

Test(space, survives_every_fault_of_a_load_in_one_go)
{
	fail_every_write(&(struct load){
		.actions = 40, .commit_every = 10, .args_bytes = 300000
	});
}

Test(space, survives_every_fault_while_an_agent_is_made)
{
	fail_every_write(&(struct load){
		.actions = 0, .commit_every = 1, .with_agent = true
	});
}

Test(space, survives_every_fault_while_it_is_abandoned)
{
	fail_every_write(&(struct load){
		.actions = 12, .commit_every = 4, .abandon = true
	});
}

/* Without a crash there is nothing that a failed command leaves behind in the log. */
Test(space, an_abandoned_load_leaves_the_log_as_it_was)
{
	const struct load load = { .actions = 12, .commit_every = 4, .abandon = true };
	struct digest before, after;

	(void)space_kit_verify(&st.kit, &before);
	for (unsigned n = 1;; n++) {
		struct released released = { .count = 0 };
		struct space *s;
		bool hit;

		cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_WRITE, &s, &st.note), OK);
		sim_fail_at(st.w, n, SIM_ENOSPC);
		(void)!run_actions(s, &load, &released);
		hit = sim_was_hit(st.w);
		sim_fail_at(st.w, 0, SIM_NONE);
		cr_assert_eq(space_abandon(s, &st.note), OK, "%s", st.note.text);
		cr_assert_eq(space_kit_verify(&st.kit, &after), 2);
		cr_assert(digest_eq(&before, &after), "fault at %u", n);
		if (!hit)
			break;
	}
}

Test(space, survives_every_failing_allocation)
{
	for (uint64_t n = 1;; n++) {
		struct verdict v = { .effect = EFFECT_ALLOW };
		struct space *s = NULL;
		enum err e, closing = OK;
		bool hit;

		fail_alloc_at(n);
		e = space_open(st.w, SPACE_KIT_DIR, SPACE_WRITE, &s, NULL);
		if (e == OK) {
			v = (struct verdict){ .effect = EFFECT_DENY };
			e = steward_submit(&st, s, PAY, &v);
			if (e != OK)
				cr_assert_eq(v.effect, EFFECT_DENY);
			closing = space_close(s, NULL);
		} else {
			cr_assert_null(s);
		}
		hit = fail_alloc_was_hit();
		cr_assert(e == OK || e == ERR_MEMORY || e == ERR_CLOSED, "at %d: %s", (int)n,
			  err_name(e));
		if (!hit)
			cr_assert(e == OK && closing == OK && v.effect == EFFECT_ALLOW);
		if (n % 16 == 0 || !hit)
			(void)steward_expect_sound(&st);
		if (!hit)
			break;
	}
}
