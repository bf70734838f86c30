/* transcript: what a session's entries are, hashed as the page says. */
#include <criterion/criterion.h>

#include "tests/attest/sample.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/space_kit.h"

static struct space_kit k;
static struct sample s;

static void setup(void)
{
	space_kit_init(&k, SPACE_KIT_ALLOW);
	sample_init(&s);
}

static void teardown(void)
{
	sample_fini(&s);
	space_kit_fini(&k);
}

TestSuite(transcript, .init = setup, .fini = teardown);

static void act(const char *agent, const char *session, const char *more)
{
	struct space *space = space_kit_open(&k);
	struct note n = { .text = "" };
	struct verdict v;
	struct buf text, bodies;

	buf_init(&text, 4096);
	buf_init(&bodies, 1 << 16);
	buf_addf(&text, "{\"agent\":\"%s\",\"action\":\"get_order\",\"session\":\"%s\"%s}", agent,
		 session, more);
	cr_assert_eq(space_submit_text(space, buf_view(&text), SPACE_KIT_START_NS, &k.memory,
				       &bodies, &v, &n), OK, "%s", n.text);
	buf_fini(&bodies);
	buf_fini(&text);
	cr_assert_eq(space_close(space, &n), OK, "%s", n.text);
}

static struct checkpoint signed_now(void)
{
	struct checkpoint c = { .origin = STR(SPACE_KIT_ORIGIN) };

	c.size = space_kit_verify(&k, &c.root);
	return c;
}

static enum err take(const struct checkpoint *c, const char *session, struct transcript *ret)
{
	return transcript_take(k.w, SPACE_KIT_DIR "/log", c, str_view(session), &s.memory, ret,
			       NULL);
}

/* By the page: the header, and the lines that have this member, each with its line end. */
static struct digest by_the_page(const struct checkpoint *c, const char *member)
{
	struct digest d;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_add_c(&b, "trammel/transcript/v1\n");
	for (uint64_t i = 0; i < c->size; i++) {
		struct str line = space_kit_line(&k, i);

		if (!str_has(line, str_view(member)))
			continue;
		buf_add(&b, line);
		buf_add_byte(&b, '\n');
	}
	cr_assert_eq(b.err, OK);
	d = sha256(buf_view(&b));
	buf_fini(&b);
	return d;
}

Test(transcript, it_is_the_lines_of_the_session_and_no_others)
{
	struct checkpoint c;
	struct transcript t;
	struct digest d;

	act("ann", "one", "");
	act("ann", "two", ",\"args\":{\"session\":\"one\"}");
	act("bob", "one", ",\"trace\":\"session\"");
	act("ann", "one", ",\"stage\":\"post_tool\",\"result\":1");
	c = signed_now();
	cr_assert_eq(take(&c, "one", &t), OK);
	d = by_the_page(&c, "\"session\":\"one\"");
	cr_expect(digest_eq(&t.hash, &d));
	cr_expect_eq(t.entries, 3);
	cr_expect_eq(t.calls, 2, "a result that is judged is no call");
	cr_expect_eq(t.last, c.size - 1);
	cr_expect_eq(t.agent_count, 2);
	cr_expect(str_is(t.agents[0], "ann") && str_is(t.agents[1], "bob"));
	cr_expect_eq(t.policy_count, 1);
	cr_expect(!t.imported);
}

/* Attributes are a part of the entry; a member of that name inside them is not the session. */
Test(transcript, a_member_of_that_name_elsewhere_does_not_count)
{
	struct checkpoint c;
	struct transcript t;

	act("ann", "one", "");
	act("ann", "two", ",\"action\":{\"type\":\"x\",\"session\":\"one\"}");
	c = signed_now();
	cr_assert_eq(take(&c, "one", &t), OK);
	cr_expect_eq(t.entries, 1);
	cr_assert_eq(take(&c, "nobody", &t), OK);
	cr_expect_eq(t.entries, 0);
}

Test(transcript, names_are_looked_for_as_they_are_written)
{
	struct checkpoint c;
	struct transcript t;

	act("ann", "a\\\"b\xc3\xbc", "");
	c = signed_now();
	cr_assert_eq(take(&c, "a\"b\xc3\xbc", &t), OK);
	cr_expect_eq(t.entries, 1);
}

Test(transcript, of_an_earlier_head_it_is_what_it_was_then)
{
	struct checkpoint then, now;
	struct transcript one, two, again;

	act("ann", "one", "");
	then = signed_now();
	cr_assert_eq(take(&then, "one", &one), OK);
	act("ann", "one", "");
	now = signed_now();
	cr_assert_eq(take(&now, "one", &two), OK);
	cr_expect(!digest_eq(&one.hash, &two.hash));
	cr_assert_eq(take(&then, "one", &again), OK);
	cr_expect(digest_eq(&one.hash, &again.hash));
	then.root.bytes[0] ^= 1;
	cr_expect_eq(take(&then, "one", &again), ERR_TAMPERED);
}

Test(transcript, several_policies_have_a_hash_of_their_own)
{
	struct checkpoint c;
	struct transcript t;
	struct digest d, expected;
	struct buf b;

	act("ann", "one", "");
	space_kit_policy(&k, SPACE_KIT_DENY);
	act("ann", "one", "");
	act("ann", "two", "");
	c = signed_now();
	cr_assert_eq(take(&c, "one", &t), OK);
	cr_assert_eq(t.policy_count, 2);
	cr_expect_eq(t.calls, 2, "denied or not");
	buf_init(&b, 1024);
	buf_add_c(&b, "trammel/policies/v1\n");
	for (size_t i = 0; i < 2; i++) {
		digest_write(&b, &t.policies[i]);
		buf_add_byte(&b, '\n');
	}
	expected = sha256(buf_view(&b));
	buf_fini(&b);
	cr_assert_eq(transcript_policy(&t, &d), OK);
	cr_expect(digest_eq(&d, &expected));
	cr_assert_eq(take(&c, "two", &t), OK);
	cr_assert_eq(transcript_policy(&t, &d), OK);
	cr_expect(digest_eq(&d, &t.policies[0]));
}

Test(transcript, a_place_has_one_text_and_reads_back)
{
	const struct transcript_place p = { .origin = STR("example.com/a b"),
					    .session = STR("s&=%/\xc3\xbc"), .size = 52 };
	const char *const bad[] = {
		"", "trammel:", "https://example.com/x", "trammel:a?session=b&size=1",
		"trammel:a?session=b&size=01&root=00", "trammel:a?size=1&session=b&root=00",
	};
	struct transcript_place q;
	struct buf b;

	buf_init(&b, TRANSCRIPT_URI_BYTES);
	transcript_place_write(&b, &p);
	cr_expect(trace_schema_uri_ok(buf_view(&b)), "%.*s", STR_ARG(buf_view(&b)));
	cr_assert_eq(transcript_place_read(buf_view(&b), &s.memory, &q), OK);
	cr_expect(str_eq(p.origin, q.origin) && str_eq(p.session, q.session));
	cr_expect_eq(q.size, 52);
	buf_add_c(&b, "&x=1");
	cr_expect_eq(transcript_place_read(buf_view(&b), &s.memory, &q), ERR_SYNTAX);
	buf_clear(&b);
	buf_add_c(&b, "trammel:%65xample?session=x&size=1&root=");
	buf_add_hex(&b, p.root.bytes, sizeof(p.root.bytes));
	cr_expect_eq(transcript_place_read(buf_view(&b), &s.memory, &q), ERR_SYNTAX,
		     "what need not be escaped is not");
	buf_fini(&b);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(transcript_place_read(str_view(bad[i]), &s.memory, &q), ERR_SYNTAX,
			     "%s", bad[i]);
}

Test(transcript, what_a_record_says_is_held_against_the_log)
{
	struct value v = sample_record(&s, NULL, NULL);
	struct checkpoint c;
	struct transcript t;

	act("ann", "one", "");
	c = signed_now();
	cr_assert_eq(take(&c, "one", &t), OK);
	cr_assert_eq(transcript_judge(&v, &t, s.f), OK);
	cr_expect_eq(sample_status(&s, FINDING_LOG_HASH), FINDING_FAIL);
	cr_expect_eq(sample_status(&s, FINDING_LOG_CALLS), FINDING_PASS);
	cr_expect_eq(sample_status(&s, FINDING_LOG_POLICY), FINDING_FAIL);
}

Test(transcript, every_failed_allocation_is_survived)
{
	struct checkpoint c;
	struct transcript t;
	enum err e = ERR_MEMORY;

	act("ann", "one", "");
	c = signed_now();
	for (uint64_t n = 1;; n++) {
		struct arena a;
		bool hit;

		arena_init(&a, (size_t)1 << 20);
		fail_alloc_at(n);
		e = transcript_take(k.w, SPACE_KIT_DIR "/log", &c, STR("one"), &a, &t, NULL);
		hit = fail_alloc_was_hit();
		arena_fini(&a);
		if (!hit)
			break;
		cr_expect_eq(e, ERR_MEMORY, "allocation %llu: %s", (unsigned long long)n,
			     err_name(e));
	}
	cr_expect_eq(e, OK);
}
