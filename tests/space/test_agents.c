/* agents: the key file comes before the event, and no fault leaves an agent whose key is lost. */
#include "engine/space/space.h"

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/steward.h"

#define NOW SPACE_KIT_START_NS
#define DAY_NS INT64_C(86400000000000)

static struct steward st;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	steward_init(&st, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	steward_fini(&st);
}

TestSuite(agents, .init = setup, .fini = teardown);

static enum err finish(struct space *s, enum err e)
{
	if (e == OK)
		return space_close(s, &st.note);
	cr_assert_eq(space_abandon(s, NULL), OK);
	return e;
}

static enum err create(const struct space_newcomer *who, struct space_key *key)
{
	struct space *s = space_kit_open(&st.kit);

	st.note = (struct note){ .text = "" };
	return finish(s, space_create_agent(s, who, NOW, key, &st.note));
}

static enum err rotate(const char *name, struct space_key *key)
{
	struct space *s = space_kit_open(&st.kit);

	st.note = (struct note){ .text = "" };
	return finish(s, space_rotate_agent(s, str_view(name), STR("yearly"), NOW, key, &st.note));
}

static struct agent_row agent_now(const char *name)
{
	struct space *s = space_kit_open(&st.kit);
	struct agent_row row;
	uint32_t at;

	cr_assert(agent_find(space_state(s), GATE_AGENTS, str_view(name), &at, &row), "%s", name);
	cr_assert_eq(space_abandon(s, NULL), OK);
	return row;
}

/* The key file holds the private half of that key. */
static void expect_kept(const struct space_key *kept)
{
	struct public_key pub;
	struct sign_key *key;

	cr_assert_eq(pem_read_private(sim_peek(st.w, kept->path), &key, &st.note), OK, "%s",
		     kept->path);
	pub = sign_key_public(key);
	sign_key_close(key);
	cr_assert_arr_eq(pub.bytes, kept->pub.bytes, sizeof(pub.bytes));
}

static size_t count_keys(void)
{
	struct str *names;
	size_t count;

	cr_assert_eq(world_list(st.w, SPACE_KIT_DIR "/keys/agents", &st.kit.memory, &names,
				&count), OK);
	return count;
}

/* --- new agents --- */

Test(agents, one_has_a_key_file_and_is_registered_with_its_key)
{
	const struct space_newcomer bob = { .name = STR("bob"), .sponsor = STR("eve@example.org") };
	struct public_key recorded;
	struct space_key key;
	struct entry entry;

	cr_assert_eq(create(&bob, &key), OK, "%s", st.note.text);
	expect_kept(&key);
	entry = space_kit_entry(&st.kit, 2);
	cr_assert_eq(entry.kind, ENTRY_AGENT);
	cr_assert(str_is(entry.agent, "bob"));
	cr_assert_eq(entry.data->object.count, 3);
	cr_assert_eq(did_read(value_text(entry.data, "did"), &recorded), OK);
	cr_assert_arr_eq(recorded.bytes, key.pub.bytes, sizeof(recorded.bytes));
	cr_assert_eq(steward_expect_sound(&st), 3);
}

Test(agents, sponsor_and_end_are_recorded)
{
	const struct space_newcomer bob = { .name = STR("bob"), .sponsor = STR("ann@example.org"),
					    .expires_ns = NOW + DAY_NS };
	struct space_key key;
	struct agent_row row;
	struct entry entry;

	cr_assert_eq(create(&bob, &key), OK, "%s", st.note.text);
	entry = space_kit_entry(&st.kit, 2);
	cr_assert(str_is(value_text(entry.data, "sponsor"), "ann@example.org"));
	cr_assert(str_is(value_text(entry.data, "expires"), "2026-01-03T03:04:05.000000000Z"));
	row = agent_now("bob");
	cr_assert(row.has_sponsor && row.expires_ns == NOW + DAY_NS);
	cr_assert(row.registered_entry == 2 && row.key_entry == 2 && row.key_sequence == 0);
	cr_assert_eq(steward_expect_sound(&st), 3);
}

Test(agents, a_key_of_ones_own_is_kept_and_a_public_one_needs_no_file)
{
	static const uint8_t seed[SEED_BYTES] = { 5 };
	struct space_newcomer bob = { .name = STR("bob"), .sponsor = STR("a@b") },
			      cid = { .name = STR("cid"), .sponsor = STR("a@b") };
	struct public_key pub = { { 9, 9 } };
	struct sign_key *own;
	struct space_key key;

	cr_assert_eq(sign_key_open(seed, &own), OK);
	bob.key = own;
	cr_assert_eq(create(&bob, &key), OK, "%s", st.note.text);
	expect_kept(&key);
	cr_assert_eq(count_keys(), 2);
	cid.pub = &pub;
	cr_assert_eq(create(&cid, &key), OK, "%s", st.note.text);
	cr_assert_str_eq(key.path, "");
	cr_assert_eq(count_keys(), 2);
	cr_assert_arr_eq(agent_now("cid").key, pub.bytes, sizeof(pub.bytes));
	cr_assert_eq(rotate("cid", &key), ERR_NOT_FOUND);
	cr_assert(str_has(str_view(st.note.text), STR("not here")), "%s", st.note.text);
	cr_assert_eq(steward_expect_sound(&st), 4);
	sign_key_close(own);
}

Test(agents, what_is_refused_leaves_nothing_behind)
{
	const struct {
		struct space_newcomer who;
		enum err e;
		const char *says;
	} rows[] = {
		{ { .name = STR("ann") }, ERR_EXISTS, "registered already" },
		{ { .name = STR("") }, ERR_SYNTAX, "1 to 128 bytes" },
		{ { .name = STR("a\nb") }, ERR_SYNTAX, "1 to 128 bytes" },
		{ { .name = STR("bob"), .sponsor = STR("nobody") }, ERR_SYNTAX, "mail address" },
		{ { .name = STR("bob") }, ERR_NOT_FOUND, "expected --sponsor MAIL" },
		{ { .name = STR("bob"), .expires_ns = NOW }, ERR_RANGE, "would expire" },
		{ { .name = STR("bob"), .expires_ns = -5 }, ERR_RANGE, "would expire" },
	};
	struct space_key key;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_assert_eq(create(&rows[i].who, &key), rows[i].e, "row %zu", i);
		cr_assert(str_has(str_view(st.note.text), str_view(rows[i].says)), "%s",
			  st.note.text);
	}
	cr_assert_eq(count_keys(), 1);
	cr_assert_eq(steward_expect_sound(&st), 2);
}

Test(agents, a_full_disk_leaves_no_key_of_nobody)
{
	const struct space_newcomer bob = { .name = STR("bob"), .sponsor = STR("eve@example.org") };
	struct space_key key;

	for (uint64_t at = 1;; at++) {
		struct space *s = space_kit_open(&st.kit);
		bool hit;
		enum err e;

		sim_fail_at(st.w, at, SIM_ENOSPC);
		e = space_create_agent(s, &bob, NOW, &key, &st.note);
		hit = sim_was_hit(st.w);
		sim_fail_at(st.w, 0, SIM_NONE);
		cr_assert_eq(space_abandon(s, NULL), OK);
		if (!hit)
			break;
		cr_assert_eq(e, ERR_NOSPACE);
		cr_assert_eq(count_keys(), 1, "fault at %d", (int)at);
	}
	cr_assert_eq(steward_expect_sound(&st), 2);
}

/* The same key under a second name shares the file, whatever becomes of the second one. */
Test(agents, a_key_that_is_here_already_is_not_lost_with_a_newcomer)
{
	static const uint8_t seed[SEED_BYTES] = { 5 };
	struct space_newcomer bob = { .name = STR("bob"), .sponsor = STR("a@b") },
			      cid = { .name = STR("cid"), .sponsor = STR("a@b") };
	struct sign_key *own;
	struct space_key key;
	bool hit = true;

	cr_assert_eq(sign_key_open(seed, &own), OK);
	bob.key = cid.key = own;
	cr_assert_eq(create(&bob, &key), OK, "%s", st.note.text);
	for (uint64_t at = 1; hit; at++) {
		struct space *s = space_kit_open(&st.kit);

		fail_alloc_at(at);
		(void)!space_create_agent(s, &cid, NOW, &key, NULL);
		hit = fail_alloc_was_hit();
		cr_assert_eq(space_abandon(s, NULL), OK);
		expect_kept(&key);
	}
	cr_assert_eq(sim_poke(st.w, key.path, sim_peek(st.w, SPACE_KIT_DIR "/keys/log.pem")), OK);
	cr_assert_eq(create(&cid, &key), ERR_SIGNATURE, "%s", st.note.text);
	sign_key_close(own);
}

/* --- the next key --- */

Test(agents, a_rotation_brings_a_key_and_keeps_the_old_file)
{
	struct agent_row before = agent_now("ann"), after;
	struct space_key first, second;
	struct entry entry;

	cr_assert_eq(rotate("ann", &first), OK, "%s", st.note.text);
	expect_kept(&first);
	cr_assert_eq(count_keys(), 2);
	entry = space_kit_entry(&st.kit, 2);
	cr_assert_eq(entry.kind, ENTRY_CONTROL);
	cr_assert(str_is(entry.action, "agent.rotate"));
	after = agent_now("ann");
	cr_assert_arr_eq(after.key, first.pub.bytes, sizeof(after.key));
	cr_assert_neq(memcmp(before.key, after.key, sizeof(after.key)), 0);
	cr_assert_eq(rotate("ann", &second), OK, "%s", st.note.text);
	after = agent_now("ann");
	cr_assert(after.key_sequence == 2 && after.key_entry == 3 && after.registered_entry == 1);
	cr_assert_eq(steward_expect_sound(&st), 4);
}

Test(agents, a_rotation_needs_the_file_of_the_old_key)
{
	struct agent_row row = agent_now("ann");
	struct public_key pub = agent_key(&row);
	struct space_key key;
	struct buf path;

	buf_init(&path, 4096);
	buf_add_c(&path, SPACE_KIT_DIR "/keys/agents/");
	key_id_write(&path, &pub);
	buf_add(&path, str_slice(".pem", 5));
	cr_assert_eq(rotate("nobody", &key), ERR_NOT_FOUND);
	cr_assert_eq(sim_poke(st.w, path.ptr, sim_peek(st.w, SPACE_KIT_DIR "/keys/log.pem")), OK);
	cr_assert_eq(rotate("ann", &key), ERR_SIGNATURE);
	cr_assert_str_eq(st.note.file, path.ptr);
	cr_assert_eq(sim_poke(st.w, path.ptr, STR("nonsense")), OK);
	cr_assert_neq(rotate("ann", &key), OK);
	cr_assert_eq(world_unlink(st.w, path.ptr), OK);
	cr_assert_eq(rotate("ann", &key), ERR_NOT_FOUND);
	cr_assert_eq(count_keys(), 0);
	cr_assert_eq(steward_expect_sound(&st), 2);
	buf_fini(&path);
}

/* What the log names as ann's key must be in a file here, whatever happened. */
static void expect_key_here(const char *name, unsigned at)
{
	struct agent_row row = agent_now(name);
	struct public_key pub = agent_key(&row);
	struct space *s = space_kit_open(&st.kit);
	struct sign_key *key;

	cr_assert_eq(space_open_agent_key(s, &pub, &key, &st.note), OK, "fault at %u: %s", at,
		     st.note.text);
	sign_key_close(key);
	cr_assert_eq(space_abandon(s, NULL), OK);
}

Test(agents, a_crash_in_a_rotation_never_loses_the_key)
{
	struct space_key key;

	for (uint64_t at = 1;; at++) {
		struct space *s = space_kit_open(&st.kit);
		enum err e;
		bool hit;

		sim_fail_at(st.w, at, SIM_CRASH);
		e = space_rotate_agent(s, STR("ann"), STR("r"), NOW, &key, &st.note);
		if (e == OK)
			e = space_close(s, &st.note);
		else
			(void)space_abandon(s, NULL);
		hit = sim_was_hit(st.w);
		sim_fail_at(st.w, 0, SIM_NONE);
		if (!hit) {
			cr_assert_eq(e, OK);
			break;
		}
		sim_tear(st.w, at * 31);
		expect_key_here("ann", (unsigned)at);
		(void)steward_expect_sound(&st);
	}
	expect_key_here("ann", 0);
}

Test(agents, every_failing_allocation_is_an_error)
{
	const struct space_newcomer bob = { .name = STR("bob"), .sponsor = STR("a@b"),
					    .expires_ns = NOW + 1 };
	struct space_key key;

	for (uint64_t at = 1;; at++) {
		struct space *s = space_kit_open(&st.kit);
		enum err e;
		bool hit;

		fail_alloc_at(at);
		e = space_create_agent(s, &bob, NOW, &key, NULL);
		if (e == OK)
			e = space_rotate_agent(s, STR("bob"), STR("r"), NOW, &key, NULL);
		hit = fail_alloc_was_hit();
		cr_assert_eq(space_abandon(s, NULL), OK);
		/* The cache may do without memory; then nothing has failed. */
		cr_assert(e == OK || (hit && e == ERR_MEMORY), "at %d: %s", (int)at, err_name(e));
		if (!hit)
			break;
	}
	cr_assert_eq(steward_expect_sound(&st), 2);
}
