/* grants: links and secrets made in a workspace, and that no secret stays in it. */
#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/space_kit.h"

#define HOUR_NS (INT64_C(3600) * 1000000000)

static struct space_kit k;

static void setup(void)
{
	space_kit_init(&k, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	space_kit_fini(&k);
}

TestSuite(grants, .init = setup, .fini = teardown);

static void create(struct space *s, const char *name)
{
	const struct space_newcomer who = { .name = str_view(name), .sponsor = STR("a@b") };
	struct space_key ignored;
	struct note n;

	cr_assert_eq(space_create_agent(s, &who, SPACE_KIT_START_NS, &ignored, &n), OK, "%s",
		     n.text);
}

static enum err delegate(struct space *s, const char *from, const char *to, const char *may,
			 struct note *n)
{
	struct space_delegation d = {
		.from = str_view(from), .to = str_view(to), .reason = STR("test"),
		.expires_ns = SPACE_KIT_START_NS + HOUR_NS, .depth = str_is(str_view(from), "ann"),
	};
	struct digest ignored;

	cr_assert_eq(capability_read(str_view(may), &d.may, NULL), OK);
	return space_delegate(s, &d, SPACE_KIT_START_NS, &ignored, n);
}

Test(grants, a_chain_is_made_and_replays)
{
	struct space *s = space_kit_open(&k);
	struct replay_report report;
	struct delegation_row row;
	struct note n = { .text = "" };
	uint32_t at;

	create(s, "ann");
	create(s, "bob");
	create(s, "eve");
	cr_assert_eq(delegate(s, "ann", "bob", "pay", &n), OK, "%s", n.text);
	cr_assert_eq(delegate(s, "ann", "bob", "db,look", &n), OK, "%s", n.text);
	/* From the second of the two, which is the one that is wide enough. */
	cr_assert_eq(delegate(s, "bob", "eve", "db:orders", &n), OK, "%s", n.text);
	cr_assert(delegation_slot(space_state(s), GATE_DELEGATIONS, STR("eve"), 0, &at, &row));
	cr_expect(row.has_parent);
	cr_expect_eq(delegate(s, "bob", "eve", "mail", &n), ERR_RANGE);
	cr_expect(str_starts(str_view(n.text), STR("link-wider")), "%s", n.text);
	cr_expect_eq(delegate(s, "bob", "nobody", "db", &n), ERR_NOT_FOUND);
	cr_assert_eq(space_close(s, &n), OK);
	cr_assert_eq(space_kit_replay(&k, &report, &n), OK, "%s", n.text);
}

/* As it is on disk. */
static void expect_absent(const char *path, struct str secret)
{
	struct str content = sim_peek(k.w, path);

	cr_expect(content.len > 0 && !str_has(content, secret), "%s", path);
}

Test(grants, only_the_hash_of_a_secret_stays)
{
	struct space *s = space_kit_open(&k);
	struct space_secret first, second;
	struct capabilities may;
	struct note n = { .text = "" };
	struct str texts[2];
	struct buf id;

	create(s, "ann");
	cr_assert_eq(capability_read(STR("db"), &may, NULL), OK);
	cr_assert_eq(space_issue_credential(s, STR("ann"), &may, SPACE_KIT_START_NS + HOUR_NS,
					    STR("test"), SPACE_KIT_START_NS, &first, &n), OK, "%s",
		     n.text);
	buf_init(&id, CREDENTIAL_ID_BYTES);
	credential_id_write(&id, first.hash.bytes);
	cr_assert_eq(space_rotate_credential(s, buf_view(&id), SPACE_KIT_START_NS + HOUR_NS,
					     SPACE_KIT_START_NS, STR("test"), SPACE_KIT_START_NS,
					     &second, &n), OK, "%s", n.text);
	cr_assert_eq(space_revoke_credential(s, buf_view(&id), STR("test"), SPACE_KIT_START_NS,
					     &n), OK, "%s", n.text);
	cr_assert_eq(space_close(s, &n), OK);
	texts[0] = str_slice(first.text, sizeof(first.text));
	texts[1] = str_slice(second.text, sizeof(second.text));
	for (int i = 0; i < 2; i++) {
		for (uint64_t seq = 0; space_kit_line(&k, seq).ptr; seq++)
			cr_expect(!str_has(space_kit_line(&k, seq), texts[i]));
		expect_absent(SPACE_KIT_DIR "/state/00000000.delta", texts[i]);
	}
	cr_expect(str_eq(value_text(space_kit_entry(&k, 3).data, "id"), buf_view(&id)));
	buf_fini(&id);
}

Test(grants, what_was_not_recorded_gives_no_secret)
{
	struct space *s = space_kit_open(&k);
	struct space_secret made = { .text = "" };
	struct capabilities may = { .bytes = 0 };
	struct note n = { .text = "" };

	cr_expect_eq(space_issue_credential(s, STR("nobody"), &may, SPACE_KIT_START_NS + HOUR_NS,
					    STR("test"), SPACE_KIT_START_NS, &made, &n),
		     ERR_NOT_FOUND);
	cr_expect_eq(made.text[0], '\0');
	cr_expect_eq(space_revoke_credential(s, STR("cred-0"), STR("test"), SPACE_KIT_START_NS,
					     &n), ERR_NOT_FOUND);
	(void)space_abandon(s, NULL);
}
