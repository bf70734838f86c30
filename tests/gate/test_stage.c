#include "engine/gate/inside.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/base/world_real.h"
#include "tests/kit/gate_kit.h"
#include "tests/kit/page.h"

static struct gate_kit k;
static struct sign_key *right_key, *wrong_key;

static void setup(void)
{
	static const uint8_t right[SEED_BYTES] = { 1 }, wrong[SEED_BYTES] = { 2 };

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(sign_key_open(right, &right_key), OK);
	cr_assert_eq(sign_key_open(wrong, &wrong_key), OK);
}

static void teardown(void)
{
	sign_key_close(right_key);
	sign_key_close(wrong_key);
}

TestSuite(stage, .init = setup, .fini = teardown);

/* --- every combination --- */

enum who { UNKNOWN, KEYLESS, WITH_KEY, WHOS };
enum signing { UNSIGNED, GOOD, BAD, REPLAYED, SIGNINGS };
enum policy { ALLOW, DENY, BROKEN, APPROVAL, POLICIES };

/* What must come out, said in one breath and without the code under test. */
static bool may(enum who who, enum signing s, bool admits, bool wants, enum policy p)
{
	bool identity = s == UNSIGNED ? (who == UNKNOWN ? admits : who == KEYLESS || !wants)
				      : who == WITH_KEY && s == GOOD;

	return identity && p == ALLOW;
}

static const char *const rules[POLICIES] = {
	"rules:\n  - {name: r, tools: [pay], action: allow}\n",
	"rules:\n  - {name: r, tools: [pay], action: deny}\n",
	"rules:\n  - {name: r, condition: args.missing > 1, action: allow}\n",
	"rules:\n  - {name: r, tools: [pay], action: require_approval, approvers: [ann]}\n",
};

/* An action document, signed by `key` at a second after GATE_KIT_NOW (NULL: unsigned). */
static void submit_signed(const char *agent, const struct sign_key *key, int second,
			  struct verdict *ret)
{
	struct agent_claim claim = {
		.log = STR(GATE_KIT_ORIGIN), .agent = str_view(agent), .action = STR("pay"),
		.at_ns = GATE_KIT_NOW + second * INT64_C(1000000000),
	};
	struct buf text, document;
	struct signature sig;

	buf_init(&text, 4096);
	buf_init(&document, 4096);
	agent_signed_text(&text, &claim);
	buf_addf(&document, "{\"action\":\"pay\",\"agent\":\"%s\","
			    "\"at\":\"2026-01-02T03:04:%02dZ\"", agent, 5 + second);
	if (key) {
		sig = sign_make(key, buf_view(&text));
		buf_add_c(&document, ",\"signature\":\"");
		base64_write(&document, sig.bytes, sizeof(sig.bytes));
		buf_add_byte(&document, '"');
	}
	buf_add_c(&document, "}");
	buf_add_byte(&document, '\0');
	cr_assert_eq(gate_kit_text(&k, document.ptr, ret), OK);
	cr_assert_eq(gate_kit_last(&k).kind, ENTRY_ACTION, "%s", k.note.text);
	buf_fini(&text);
	buf_fini(&document);
}

static void try_cell(enum who who, enum signing s, bool admits, bool wants, enum policy p)
{
	struct public_key pub = sign_key_public(right_key);
	struct verdict v;
	char policy[512];

	(void)snprintf(policy, sizeof(policy), GATE_KIT_HEAD "%s%s%s",
		       admits ? "unknown_agents: evaluate\n" : "",
		       wants ? "require_signature: true\n" : "", rules[p]);
	gate_kit_init(&k, policy);
	if (who != UNKNOWN)
		gate_kit_agent(&k, "ann", who == WITH_KEY ? &pub : NULL);
	if (s == REPLAYED)
		submit_signed("ann", right_key, 3, &v);
	submit_signed("ann", s == UNSIGNED ? NULL : s == BAD ? wrong_key : right_key, 3, &v);
	cr_assert_eq(v.effect == EFFECT_ALLOW, may(who, s, admits, wants, p),
		     "who %d signing %d admits %d wants %d policy %d: %.*s", who, s, admits, wants,
		     p, STR_ARG(v.decision.reasons[0]));
	cr_assert_eq(v.decision.effect, v.effect);
	cr_assert_eq(gate_kit_last(&k).decision->effect, v.effect);
	if (v.effect == EFFECT_DENY)
		cr_assert_gt(v.decision.reason_count, 0);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

Test(stage, an_action_is_allowed_in_exactly_the_cells_where_it_must_be)
{
	unsigned allowed = 0;

	for (unsigned i = 0; i < WHOS * SIGNINGS * POLICIES * 4; i++) {
		enum who who = (enum who)(i / 4 % WHOS);
		enum signing s = (enum signing)(i / 4 / WHOS % SIGNINGS);
		enum policy p = (enum policy)(i / 4 / WHOS / SIGNINGS);

		try_cell(who, s, i & 1, i & 2, p);
		allowed += may(who, s, i & 1, i & 2, p);
	}
	/* unknown 2, keyless 4, key unsigned 2, key signed 4 */
	cr_assert_eq(allowed, 12);
}

/* --- what signatures cover --- */

#define SIGNED_AT "2026-01-02T03:04:08.000000000Z"

struct fields {
	const char *agent, *action, *resource, *args, *session, *trace, *attr, *at, *log;
	const char *result;                   /* NULL: none, and the stage is pre_tool */
};

static const struct fields original = {
	"ann", "pay", "db", "{\"n\":1}", "s", "t", "x", SIGNED_AT, GATE_KIT_ORIGIN, NULL
};

static void write_document(struct buf *b, const struct fields *f, const struct signature *sig)
{
	buf_clear(b);
	buf_add_byte(b, '{');
	if (f->result)
		buf_addf(b, "\"result\":%s,\"stage\":\"post_tool\",", f->result);
	buf_addf(
		b,
		"\"agent\":\"%s\",\"action\":{\"type\":\"%s\",\"a\":\"%s\"},"
		"\"resource\":\"%s\",\"args\":%s,\"session\":\"%s\",\"trace\":\"%s\",\"at\":\"%s\","
		"\"signature\":\"",
		f->agent, f->action, f->attr, f->resource, f->args, f->session, f->trace, f->at);
	base64_write(b, sig->bytes, sizeof(sig->bytes));
	buf_add_c(b, "\"}");
	buf_add_byte(b, '\0');
	cr_assert_eq(b->err, OK);
}

/* As docs/formats/action.md says, without agent_signed_text. */
static struct signature sign_fields(const struct fields *f)
{
	struct digest args = sha256(str_view(f->args)), result = sha256(str_view(f->result));
	struct signature sig;
	struct buf b;

	buf_init(&b, 4096);
	buf_addf(&b, "trammel/action/v2\n{\"action\":\"%s\",\"agent\":\"%s\",\"args\":\"sha256:",
		 f->action, f->agent);
	buf_add_hex(&b, args.bytes, sizeof(args.bytes));
	buf_addf(&b,
		 "\",\"at\":\"%s\",\"attrs\":{\"a\":\"%s\"},\"log\":\"%s\",\"resource\":\"%s\",",
		 f->at, f->attr, f->log, f->resource);
	if (f->result) {
		buf_add_c(&b, "\"result\":\"sha256:");
		buf_add_hex(&b, result.bytes, sizeof(result.bytes));
		buf_add_c(&b, "\",");
	}
	buf_addf(&b, "\"session\":\"%s\",%s\"trace\":\"%s\"}", f->session,
		 f->result ? "\"stage\":\"post_tool\"," : "", f->trace);
	sig = sign_make(right_key, buf_view(&b));
	buf_fini(&b);
	return sig;
}

static enum effect submit_fields(const struct fields *f, const struct signature *sig)
{
	struct verdict v;
	struct buf b;

	buf_init(&b, 8192);
	write_document(&b, f, sig);
	cr_assert_eq(gate_kit_text(&k, b.ptr, &v), OK, "%s", k.note.text);
	cr_assert_eq(gate_kit_last(&k).kind, ENTRY_ACTION, "%s", k.note.text);
	buf_fini(&b);
	return v.effect;
}

static void start_signed(void)
{
	struct public_key pub = sign_key_public(right_key), other = sign_key_public(wrong_key);

	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\nrequire_signature: true\n");
	gate_kit_agent(&k, "ann", &pub);
	gate_kit_agent(&k, "bob", &other);
}

Test(stage, a_signature_over_every_member_is_good)
{
	struct signature sig = sign_fields(&original);

	start_signed();
	cr_assert_eq(submit_fields(&original, &sig), EFFECT_ALLOW);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

Test(stage, a_change_of_any_one_member_breaks_the_signature)
{
	struct fields changed[8];
	struct signature sig = sign_fields(&original), elsewhere;

	for (size_t i = 0; i < 8; i++)
		changed[i] = original;
	changed[0].agent = "bob";
	changed[1].action = "pay2";
	changed[2].resource = "db2";
	changed[3].args = "{\"n\":2}";
	changed[4].session = "s2";
	changed[5].trace = "t2";
	changed[6].attr = "y";
	changed[7].at = "2026-01-02T03:04:08.000000001Z";
	start_signed();
	for (size_t i = 0; i < 8; i++)
		cr_assert_eq(submit_fields(&changed[i], &sig), EFFECT_DENY, "member %zu", i);
	changed[0] = original;
	changed[0].log = "example.com/other";
	elsewhere = sign_fields(&changed[0]);
	cr_assert_eq(submit_fields(&original, &elsewhere), EFFECT_DENY, "signed for another log");
	cr_assert_eq(submit_fields(&original, &sig), EFFECT_ALLOW);
	cr_assert_eq(submit_fields(&original, &sig), EFFECT_DENY);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

Test(stage, a_signature_covers_stage_and_result)
{
	struct fields after = original, other = original;
	struct signature sig;

	after.result = "{\"rows\":3}";
	other.result = "{\"rows\":4}";
	sig = sign_fields(&after);
	start_signed();
	cr_assert_eq(submit_fields(&original, &sig), EFFECT_DENY, "another stage");
	cr_assert_eq(submit_fields(&other, &sig), EFFECT_DENY, "another result");
	cr_assert_eq(submit_fields(&after, &sig), EFFECT_ALLOW);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* Same arguments in another order and with other blanks are the same arguments. */
Test(stage, a_signature_covers_the_canonical_arguments)
{
	struct fields sent = original, meant = original;
	struct signature sig;

	meant.args = "{\"a\":1,\"b\":2}";
	sent.args = "{ \"b\":2.0, \"a\":1e0 }";
	sig = sign_fields(&meant);
	start_signed();
	cr_assert_eq(submit_fields(&sent, &sig), EFFECT_ALLOW);
	gate_kit_fini(&k);
}

/* Denied today, allowed tomorrow: the old signature must not do then. */
Test(stage, a_denied_action_uses_its_signature_up)
{
	struct public_key pub = sign_key_public(right_key);
	struct verdict v;

	gate_kit_init(&k, GATE_KIT_HEAD "rules: []\n");
	gate_kit_agent(&k, "ann", &pub);
	submit_signed("ann", right_key, 3, &v);
	cr_assert(v.effect == EFFECT_DENY && str_is(v.decision.stage, "policy"));
	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\n");
	submit_signed("ann", right_key, 3, &v);
	cr_assert(v.effect == EFFECT_DENY && str_is(v.decision.stage, "identify"));
	submit_signed("ann", right_key, 2, &v);
	cr_assert_eq(v.effect, EFFECT_DENY);
	submit_signed("ann", right_key, 4, &v);
	cr_assert_eq(v.effect, EFFECT_ALLOW);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* Otherwise a stranger could lock the agent out. */
Test(stage, a_bad_signature_uses_nothing_up)
{
	struct public_key pub = sign_key_public(right_key);
	struct verdict v;

	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	gate_kit_agent(&k, "ann", &pub);
	submit_signed("ann", wrong_key, 9, &v);
	cr_assert_eq(v.effect, EFFECT_DENY);
	submit_signed("ann", right_key, 1, &v);
	cr_assert_eq(v.effect, EFFECT_ALLOW);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* The example of docs/formats/action.md, made again from what the page says about it. */
Test(stage, the_example_on_the_page_is_signed_as_it_says)
{
	const struct digest args = sha256(STR("{\"amount\":120,\"currency\":\"EUR\"}"));
	const struct agent_claim claim = {
		.log = STR("example.org/support"), .agent = STR("support-bot"),
		.action = STR("issue_refund"), .args = &args, .session = STR("run-7"),
		.attrs = STR("{\"channel\":\"mail\"}"), .at_ns = GATE_KIT_NOW,
	};
	uint8_t seed[SEED_BYTES];
	struct sign_key *key;
	struct public_key pub;
	struct signature sig;
	struct world w = world_real();
	struct str page, rest;
	struct verdict v;
	struct buf b;

	memset(seed, 1, sizeof(seed));
	cr_assert_eq(sign_key_open(seed, &key), OK);
	pub = sign_key_public(key);
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\nrequire_signature: true\n");
	k.gate.origin = claim.log;
	cr_assert_eq(world_read_file(&w, "docs/formats/action.md", 1u << 20, &k.memory, &page), OK);
	buf_init(&b, 1u << 16);
	did_write(&b, &pub);
	cr_assert(str_has(page, buf_view(&b)), "%.*s", STR_ARG(buf_view(&b)));
	buf_clear(&b);
	agent_signed_text(&b, &claim);
	sig = sign_make(key, buf_view(&b));
	cr_assert(str_has(page, buf_view(&b)), "%.*s", STR_ARG(buf_view(&b)));
	buf_clear(&b);
	base64_write(&b, sig.bytes, sizeof(sig.bytes));
	cr_assert(str_has(page, buf_view(&b)), "%.*s", STR_ARG(buf_view(&b)));
	/* The line of the document that carries it. */
	while (str_cut(page, '\n', &rest, &page) && !str_has(rest, STR("\"signature\":\"")))
		continue;
	cr_assert_eq(arena_copy(&k.memory, rest, &rest), OK);
	gate_kit_agent(&k, "support-bot", &pub);
	cr_assert_eq(gate_kit_text(&k, rest.ptr, &v), OK);
	cr_assert_eq(v.effect, EFFECT_ALLOW, "%s", k.note.text);
	cr_assert(gate_kit_last(&k).signature);
	buf_fini(&b);
	gate_kit_fini(&k);
	sign_key_close(key);
}

/* --- what conditions see --- */

static enum effect with_condition(const char *condition, const char *document)
{
	struct verdict v;
	char policy[512];

	(void)snprintf(policy, sizeof(policy),
		       GATE_KIT_HEAD
		       "rules:\n  - name: r\n    condition: '%s'\n    action: allow\n",
		       condition);
	gate_kit_init(&k, policy);
	gate_kit_agent(&k, "ann", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"x\",\"session\":\"s\"}",
				   &v),
		     OK);
	cr_assert_eq(gate_kit_text(&k, document, &v), OK);
	cr_assert_eq(gate_kit_last(&k).kind, ENTRY_ACTION, "%s", k.note.text);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
	return v.effect;
}

Test(stage, conditions_see_all_of_the_document)
{
	static const char document[] =
		"{\"agent\":\"ann\",\"action\":{\"type\":\"pay\",\"to\":{\"iban\":\"X\"}},"
		"\"resource\":\"db\",\"args\":{\"n\":1.0,\"big\":1e20},\"session\":\"s\","
		"\"trace\":\"t\"}";
	static const char *const holds[] = {
		"agent.id == \"ann\"", "agent.registered == true", "agent.signed == false",
		"agent.origin == \"created\"", "agent.actions == 1", "agent.denials == 1",
		"action.type == \"pay\"", "action.to.iban == \"X\"", "resource == \"db\"",
		"args.n == 1", "args.big == 1e20", "session.id == \"s\"", "session.actions == 1",
		"session.denials == 1", "not has(args.other)",
	};
	static const char *const fails[] = {
		"has(action.agent)", "has(action.x)", "agent.actions == 2",
		"session.actions == 2", "args.n != 1",
	};

	for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++)
		cr_assert_eq(with_condition(holds[i], document), EFFECT_ALLOW, "%s", holds[i]);
	for (size_t i = 0; i < sizeof(fails) / sizeof(fails[0]); i++)
		cr_assert_eq(with_condition(fails[i], document), EFFECT_DENY, "%s", fails[i]);
}

Test(stage, what_is_absent_is_missing_and_not_null)
{
	static const char document[] = "{\"agent\":\"ann\",\"action\":\"pay\"}";
	static const char *const holds[] = {
		"not has(resource)", "not has(args)", "not has(session)",
	};

	for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++)
		cr_assert_eq(with_condition(holds[i], document), EFFECT_ALLOW, "%s", holds[i]);
	cr_assert_eq(with_condition("args == null", document), EFFECT_DENY);
	cr_assert_eq(with_condition("args == null", "{\"agent\":\"ann\",\"action\":\"pay\","
						    "\"args\":null}"), EFFECT_ALLOW);
}

/* 1.0 is recorded as 1, so a reason that names the type must say "integer" from the start. */
Test(stage, reasons_name_the_types_of_what_is_recorded)
{
	static const char *const documents[] = {
		"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"n\":1.0}}",
		"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"n\":-0.0}}",
		"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"n\":1e20}}",
		"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"n\":1e300}}",
		"{\"agent\":\"ann\",\"action\":{\"type\":\"pay\",\"n\":2e0}}",
	};

	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		cr_assert_eq(with_condition("args.n startsWith \"a\"", documents[i]), EFFECT_DENY);
		cr_assert_eq(with_condition("action.n startsWith \"a\"", documents[i]),
			     EFFECT_DENY);
	}
}

/* --- the stages of an agent's step --- */

#define FOUR_STAGES                                                                              \
	GATE_KIT_HEAD "rules:\n"                                                                 \
		      "  - {name: in, stage: pre_input, condition: args == \"hi\", "               \
		      "action: allow}\n"                                                         \
		      "  - {name: before, action: log}\n"                                        \
		      "  - {name: after, stage: post_tool, condition: result.n > args.n, "        \
		      "action: allow}\n"                                                         \
		      "  - {name: out, stage: pre_output, tools: [say], action: warn}\n"

Test(stage, each_stage_has_its_own_rules)
{
	static const struct {
		const char *document, *rule;
	} rows[] = {
		{ "{\"agent\":\"ann\",\"action\":\"say\"}", "kit/before" },
		{ "{\"agent\":\"ann\",\"action\":\"say\",\"stage\":\"pre_tool\"}", "kit/before" },
		{ "{\"agent\":\"ann\",\"action\":\"say\",\"stage\":\"pre_input\",\"args\":\"hi\"}",
		  "kit/in" },
		{ "{\"agent\":\"ann\",\"action\":\"say\",\"stage\":\"pre_input\",\"args\":\"ho\"}",
		  NULL },
		{ "{\"agent\":\"ann\",\"action\":\"say\",\"stage\":\"pre_output\"}", "kit/out" },
		{ "{\"agent\":\"ann\",\"action\":\"do\",\"stage\":\"pre_output\"}", NULL },
		{ "{\"agent\":\"ann\",\"action\":\"do\",\"stage\":\"post_tool\",\"args\":{\"n\":1},"
		  "\"result\":{\"n\":2}}", "kit/after" },
		{ "{\"agent\":\"ann\",\"action\":\"do\",\"stage\":\"post_tool\",\"args\":{\"n\":1},"
		  "\"result\":{\"n\":1}}", NULL },
		{ "{\"agent\":\"ann\",\"action\":\"do\",\"stage\":\"post_tool\","
		  "\"args\":{\"n\":1}}", NULL },
	};

	gate_kit_init(&k, FOUR_STAGES);
	gate_kit_agent(&k, "ann", NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdict v;

		cr_assert_eq(gate_kit_text(&k, rows[i].document, &v), OK);
		cr_assert_eq(gate_kit_last(&k).kind, ENTRY_ACTION, "%s", k.note.text);
		cr_expect_eq(v.effect, rows[i].rule ? EFFECT_ALLOW : EFFECT_DENY, "%s",
			     rows[i].document);
		cr_expect(rows[i].rule ? str_is(v.decision.rule, rows[i].rule)
				       : v.decision.rule.ptr == NULL, "%s", rows[i].document);
	}
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

Test(stage, the_entry_keeps_stage_and_result_and_the_agent_counts)
{
	const struct digest result = sha256(STR("[1]"));
	struct agent_row agent;
	struct entry entry;
	struct verdict v;
	uint32_t at;

	gate_kit_init(&k, FOUR_STAGES);
	gate_kit_agent(&k, "ann", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":{\"type\":\"do\",\"a\":1},"
				       "\"stage\":\"post_tool\",\"result\":[1.0]}", &v), OK);
	entry = gate_kit_last(&k);
	cr_assert(str_is(value_text(entry.data, "stage"), "post_tool"));
	cr_assert_not_null(stage_attrs(entry.data));
	cr_assert(entry.result && digest_eq(entry.result, &result));
	cr_assert(agent_find(k.state, GATE_AGENTS, STR("ann"), &at, &agent));
	cr_assert_eq(agent.actions, 1);
	gate_kit_fini(&k);
}

/* --- joining --- */

Test(stage, all_reasons_are_told_and_the_deciding_one_first)
{
	struct verdict v;

	gate_kit_init(&k, GATE_KIT_HEAD "rules:\n  - {name: r, tools: [pay], action: deny}\n");
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"eve\",\"action\":\"pay\"}", &v), OK);
	cr_assert(str_is(v.decision.stage, "identify"));
	cr_assert_eq(v.decision.reason_count, 2);
	cr_assert(str_is(v.decision.reasons[0], "agent 'eve' is not registered"));
	cr_assert(str_is(v.decision.reasons[1], "rule 'r' of 'kit' (kit.yaml) matched"));
	cr_assert_null(v.decision.rule.ptr);
	cr_assert_eq(v.decision.obligation_count, 0);
	gate_kit_fini(&k);
}

Test(stage, obligations_come_with_the_rule_that_decided)
{
	struct verdict v;

	gate_kit_init(&k, GATE_KIT_HEAD "rules:\n"
		      "  - {name: w, tools: [warn], action: warn}\n"
		      "  - {name: l, tools: [log], action: log}\n"
		      "  - {name: a, tools: [ask], action: require_approval, approvers: [b, a]}\n");
	gate_kit_agent(&k, "ann", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"warn\"}", &v), OK);
	cr_assert(v.effect == EFFECT_ALLOW && v.decision.obligation_count == 1);
	cr_assert(str_is(v.decision.obligations[0].type, "warn"));
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"log\"}", &v), OK);
	cr_assert(v.effect == EFFECT_ALLOW && str_is(v.decision.obligations[0].type, "log"));
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"ask\"}", &v), OK);
	cr_assert(v.effect == EFFECT_DENY);
	cr_assert(str_is(v.decision.obligations[0].type, "require_approval"));
	cr_assert(str_is(v.decision.obligations[0].rule, "kit/a"));
	cr_assert_eq(v.decision.obligations[0].approver_count, 2);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* --- limits --- */

/* A payment at a second after GATE_KIT_NOW: the effect, and the deciding reason. */
static enum effect pay_at(const char *agent, int second, struct str *why)
{
	struct verdict v;
	char text[256];

	(void)snprintf(text, sizeof(text),
		       "{\"agent\":\"%s\",\"action\":\"pay\",\"at\":\"2026-01-02T03:%02d:%02dZ\"}",
		       agent, 4 + (5 + second) / 60, (5 + second) % 60);
	buf_clear(&k.bodies_text);
	cr_assert_eq(gate_submit_text(&k.gate, str_view(text),
				      GATE_KIT_NOW + INT64_C(300000000000), &k.memory,
				      &k.bodies_text, &v, &k.note),
		     OK);
	cr_assert_eq(gate_kit_last(&k).kind, ENTRY_ACTION, "%s", k.note.text);
	*why = v.decision.reasons[0];
	cr_assert(v.effect == EFFECT_ALLOW || str_is(v.decision.stage, "limit"));
	cr_assert(str_is(v.decision.rule, "kit/r"));
	cr_assert_eq(v.decision.obligation_count, v.effect == EFFECT_ALLOW);
	if (v.effect == EFFECT_ALLOW) {
		cr_assert(str_is(v.decision.obligations[0].type, "rate_limit"));
		cr_assert(str_is(v.decision.obligations[0].limit, "2/minute"));
	}
	return v.effect;
}

Test(stage, a_limit_is_used_up_and_comes_back)
{
	struct str why;

	gate_kit_init(&k, GATE_KIT_HEAD "rules:\n  - {name: r, action: allow, limit: 2/minute}\n");
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "bob", NULL);
	cr_expect_eq(pay_at("ann", 0, &why), EFFECT_ALLOW);
	cr_expect_eq(pay_at("ann", 30, &why), EFFECT_ALLOW);
	cr_expect_eq(pay_at("ann", 59, &why), EFFECT_DENY);
	cr_expect(str_is(why, "rule 'kit/r' allows agent 'ann' 2/minute, which are used up until "
			      "2026-01-02T03:05:05.000000000Z"), "%.*s", STR_ARG(why));
	cr_expect_eq(pay_at("ann", 10, &why), EFFECT_DENY, "a clock that runs back");
	cr_expect_eq(pay_at("bob", 59, &why), EFFECT_ALLOW, "another agent");
	cr_expect_eq(pay_at("ann", 60, &why), EFFECT_ALLOW, "another window");
	cr_expect_eq(pay_at("ann", 61, &why), EFFECT_ALLOW);
	cr_expect_eq(pay_at("ann", 62, &why), EFFECT_DENY);
	cr_expect_eq(state_rows(k.state, GATE_LIMITS), 2);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* One row of the page: a limit, when it is asked, and what is heard. */
static void check_limit_row(const struct page_row *row)
{
	struct str second, answer, seconds = row->cells[1], answers = row->cells[2];
	char policy[256];

	(void)snprintf(policy, sizeof(policy),
		       GATE_KIT_HEAD "rules:\n  - {name: r, action: allow, limit: %.*s}\n",
		       STR_ARG(row->cells[0]));
	gate_kit_init(&k, policy);
	gate_kit_agent(&k, "ann", NULL);
	for (bool more = true; more;) {
		struct event e = { .kind = ENTRY_ACTION, .agent = STR("ann"),
				   .action = STR("pay") };
		struct verdict v;
		uint64_t at;

		more = str_cut(seconds, ' ', &second, &seconds);
		if (!more)
			second = seconds;
		if (!str_cut(answers, ' ', &answer, &answers))
			answer = answers;
		cr_assert_eq(str_to_u64(second, &at), OK);
		e.at_ns = GATE_KIT_NOW + (int64_t)at * 1000000000;
		cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK);
		cr_expect_eq(v.effect == EFFECT_ALLOW, str_is(answer, "yes"), "%.*s at %.*s",
			     STR_ARG(row->cells[0]), STR_ARG(second));
	}
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

Test(stage, limits_hold_as_the_page_says)
{
	struct page_row *rows;
	struct arena a;
	size_t count;

	arena_init(&a, 8u << 20);
	count = page_rows("docs/formats/policy.md", "limits", &a, &rows);
	for (size_t i = 0; i < count; i++)
		check_limit_row(&rows[i]);
	arena_fini(&a);
}

/* What another stage denies uses nothing up. */
Test(stage, only_what_is_allowed_is_charged)
{
	struct str why;
	struct verdict v;

	gate_kit_init(&k, GATE_KIT_HEAD "rules:\n  - {name: r, action: allow, limit: 2/minute}\n");
	gate_kit_agent(&k, "ann", NULL);
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"eve\",\"action\":\"pay\"}", &v), OK);
		cr_assert(v.effect == EFFECT_DENY && str_is(v.decision.stage, "identify"));
	}
	cr_expect_eq(state_rows(k.state, GATE_LIMITS), 0);
	cr_expect_eq(pay_at("ann", 0, &why), EFFECT_ALLOW);
	cr_expect_eq(pay_at("ann", 0, &why), EFFECT_ALLOW);
	cr_expect_eq(pay_at("ann", 0, &why), EFFECT_DENY);
	cr_expect_eq(pay_at("ann", 60, &why), EFFECT_ALLOW, "what was denied does not prolong it");
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* The times of day that went by unused cannot be used later. */
Test(stage, a_limit_does_not_go_back_with_its_sender)
{
	struct str why;

	gate_kit_init(&k, GATE_KIT_HEAD "rules:\n  - {name: r, action: allow, limit: 2/minute}\n");
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "bob", NULL);
	cr_expect_eq(pay_at("bob", 240, &why), EFFECT_ALLOW);
	cr_expect_eq(pay_at("ann", 0, &why), EFFECT_ALLOW);
	cr_expect_eq(pay_at("ann", 60, &why), EFFECT_ALLOW);
	cr_expect_eq(pay_at("ann", 120, &why), EFFECT_DENY);
	cr_expect(str_has(why, STR("used up until 2026-01-02T03:09:05")), "%.*s", STR_ARG(why));
	cr_expect_eq(pay_at("ann", 299, &why), EFFECT_DENY);
	cr_expect_eq(pay_at("ann", 300, &why), EFFECT_ALLOW);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

Test(stage, nought_is_never)
{
	struct verdict v;

	gate_kit_init(&k, GATE_KIT_HEAD "rules:\n  - {name: r, action: log, limit: 0/day}\n");
	gate_kit_agent(&k, "ann", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\"}", &v), OK);
	cr_expect(v.effect == EFFECT_DENY && str_is(v.decision.stage, "limit"));
	cr_expect_eq(v.decision.obligation_count, 0);
	cr_expect(str_is(v.decision.reasons[0], "rule 'kit/r' allows agent 'ann' 0/day"));
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* Another policy with the same rule goes on counting; another period starts from nothing. */
Test(stage, counts_outlive_a_change_of_policy)
{
	struct verdict v;

	gate_kit_init(&k, GATE_KIT_HEAD "rules:\n  - {name: r, action: allow, limit: 2/hour}\n");
	gate_kit_agent(&k, "ann", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\"}", &v), OK);
	gate_kit_policy(&k, GATE_KIT_HEAD "rules:\n  - {name: r, action: allow, limit: 1/hour}\n");
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\"}", &v), OK);
	cr_expect_eq(v.effect, EFFECT_DENY);
	gate_kit_policy(&k, GATE_KIT_HEAD "rules:\n  - {name: r, action: allow, limit: 1/day}\n");
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\"}", &v), OK);
	cr_expect_eq(v.effect, EFFECT_ALLOW);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

Test(stage, edits_are_obligations_in_verdict_and_entry)
{
	static const char edits[] = "[{\"path\":\"args.to\",\"set\":\"audit\"},"
				    "{\"path\":\"args.memo\"}]";
	const struct obligation *o;
	struct entry entry;
	struct verdict v;

	gate_kit_init(&k, GATE_KIT_HEAD "rules:\n  - name: r\n    action: transform\n"
					"    limit: 9/day\n    transform: [{path: args.to, set: "
					"audit}, {path: args.memo, remove: true}]\n");
	gate_kit_agent(&k, "ann", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\"}", &v), OK);
	cr_assert(v.effect == EFFECT_ALLOW && v.decision.obligation_count == 2);
	entry = gate_kit_last(&k);
	cr_assert_eq(entry.decision->obligation_count, 2);
	o = &entry.decision->obligations[1];
	cr_assert(str_is(o->type, "transform") && str_is(o->edits, edits), "%.*s",
		  STR_ARG(o->edits));
	cr_assert(str_is(v.decision.obligations[1].edits, edits));
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* --- how far the trial went --- */

Test(stage, what_each_rule_was_is_recorded)
{
	struct entry entry;
	struct verdict v;

	gate_kit_init(&k, GATE_KIT_HEAD "rules:\n"
					"  - {name: a, condition: args.n > 1, action: allow}\n"
					"  - {name: b, tools: [x], action: deny}\n"
					"  - {name: c, condition: args.m, action: warn}\n"
					"  - {name: d, tools: [pay], action: allow}\n"
					"  - {name: e, action: deny}\n");
	gate_kit_agent(&k, "ann", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\"}", &v), OK);
	entry = gate_kit_last(&k);
	cr_expect(str_is(entry.decision->rule, "kit/d"));
	cr_expect(str_is(entry.decision->considered, "efet"));
	cr_expect_eq(entry.decision->cost, 4 + 4, "four rules, and one comparison in each");
	cr_assert_eq(entry.decision->error_count, 2);
	cr_expect(str_is(entry.decision->errors[0], "kit/a"));
	cr_expect(str_is(entry.decision->errors[1], "kit/c"));
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* Thousands of undecidable conditions do not make an action that cannot be recorded. */
Test(stage, reasons_are_bounded_and_the_rest_is_counted)
{
	struct verdict v;
	struct str last;
	struct buf b;

	buf_init(&b, 4u << 20);
	buf_add_c(&b, GATE_KIT_HEAD "rules:\n");
	for (int i = 0; i < 3000; i++)
		buf_addf(&b, "  - {name: rule-%d, condition: args.n%d > 1, action: allow}\n", i, i);
	buf_add_c(&b, "  - {name: last, action: allow, priority: -1}\n");
	buf_add_byte(&b, '\0');
	gate_kit_init(&k, b.ptr);
	gate_kit_agent(&k, "ann", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\"}", &v), OK);
	cr_assert_eq(v.effect, EFFECT_ALLOW);
	cr_assert(str_is(v.decision.rule, "kit/last"));
	last = v.decision.reasons[v.decision.reason_count - 1];
	cr_assert(str_starts(last, STR("reasons left out for their length: ")), "%.*s",
		  STR_ARG(last));
	cr_assert(v.decision.error_count > 100 && v.decision.error_count < 3000);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
	buf_fini(&b);
}

/* What still does not fit is denied, recorded, and replays. */
Test(stage, a_decision_too_long_for_its_entry_is_a_recorded_denial)
{
	struct verdict v;
	struct buf b;

	buf_init(&b, 4u << 20);
	buf_add_c(&b, GATE_KIT_HEAD "rules:\n  - name: r\n    action: require_approval\n"
				    "    approvers:\n");
	for (int i = 0; i < 4000; i++)
		buf_addf(&b, "      - approver-number-%d\n", i);
	buf_add_byte(&b, '\0');
	gate_kit_init(&k, b.ptr);
	gate_kit_agent(&k, "ann", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\",\"session\":\"s\"}",
				   &v), OK);
	cr_assert_eq(v.effect, EFFECT_DENY);
	cr_assert(str_is(v.decision.stage, STAGE_ENTRY));
	cr_assert(str_is(v.decision.reasons[0], "the stage reached a limit"));
	cr_assert_eq(state_rows(k.state, GATE_SESSIONS), 0);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
	buf_fini(&b);
}

Test(stage, without_a_bundle_everything_is_denied)
{
	struct verdict v;

	gate_kit_init(&k, NULL);
	gate_kit_agent(&k, "ann", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\"}", &v), OK);
	cr_assert(v.effect == EFFECT_DENY && str_is(v.decision.reasons[0],
						    "no policy is in force"));
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"eve\",\"action\":\"pay\"}", &v), OK);
	cr_assert(v.effect == EFFECT_DENY && str_is(v.decision.stage, "identify"));
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* Weighing changes nothing and gives the same again. */
Test(stage, weighing_is_pure)
{
	const struct event e = {
		.kind = ENTRY_ACTION, .agent = STR("ann"), .action = STR("pay"),
		.session = STR("s"), .args_text = STR("{\"n\":1}"),
	};
	const struct digest args = sha256(e.args_text);
	struct weighed first, second;
	struct digest before, after;
	struct buf input, again;

	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	gate_kit_agent(&k, "ann", NULL);
	buf_init(&input, LIMIT_ACTION_BYTES);
	buf_init(&again, LIMIT_ACTION_BYTES);
	before = state_root(k.state);
	cr_assert_eq(gate_weigh(k.state, k.bundle, &e, &args, NULL, &k.memory, &input,
				&first), OK);
	cr_assert_eq(gate_weigh(k.state, k.bundle, &e, &args, NULL, &k.memory, &again,
				&second), OK);
	cr_assert(input.len > 0 && str_eq(buf_view(&input), buf_view(&again)));
	buf_fini(&input);
	buf_fini(&again);
	after = state_root(k.state);
	cr_assert(digest_eq(&before, &after));
	cr_assert(first.decision.effect == EFFECT_ALLOW &&
		  second.decision.effect == EFFECT_ALLOW);
	gate_kit_fini(&k);
}

static bool data_ok(const char *text)
{
	struct gate_kit *kit = &k;
	struct value tree;
	struct note n;

	cr_assert_eq(json_read(str_view(text), 1, &kit->memory, &tree, &n), OK);
	return stage_data_ok(&tree);
}

Test(stage, data_of_an_action_is_only_what_a_gate_writes)
{
	gate_kit_init(&k, NULL);
	cr_assert(stage_data_ok(NULL));
	cr_assert(data_ok("{\"attrs\":{\"a\":1}}"));
	cr_assert(data_ok("{\"fault\":{\"error\":\"ERR_MEMORY\",\"stage\":\"policy\"}}"));
	cr_assert(data_ok("{\"attrs\":{\"a\":1},\"fault\":{\"error\":\"ERR_IO\",\"stage\":"
			  "\"entry\"}}"));
	cr_assert(data_ok("{\"stage\":\"post_tool\"}"));
	cr_assert(data_ok("{\"attrs\":{\"a\":1},\"fault\":{\"error\":\"ERR_IO\",\"stage\":"
			  "\"entry\"},\"stage\":\"pre_input\"}"));
	cr_assert(!data_ok("{\"stage\":\"pre_tool\"}"), "it goes without saying");
	cr_assert(!data_ok("{\"stage\":\"later\"}"));
	cr_assert(!data_ok("{\"stage\":1}"));
	cr_assert(!data_ok("{}"));
	cr_assert(!data_ok("[]"));
	cr_assert(!data_ok("5"));
	cr_assert(!data_ok("{\"attrs\":5}"));
	cr_assert(!data_ok("{\"attrs\":[1]}"));
	cr_assert(!data_ok("{\"attrs\":{}}"));
	cr_assert(!data_ok("{\"attrs\":{\"type\":\"x\"}}"));
	cr_assert(!data_ok("{\"attrs\":{\"a\":1},\"more\":1}"));
	cr_assert(!data_ok("{\"fault\":1}"));
	cr_assert(!data_ok("{\"fault\":{\"error\":\"ERR_MEMORY\"}}"));
	cr_assert(!data_ok("{\"fault\":{\"error\":\"ERR_MEMORY\",\"stage\":\"record\"}}"));
	cr_assert(!data_ok("{\"fault\":{\"error\":\"OK\",\"stage\":\"policy\"}}"));
	cr_assert(!data_ok("{\"fault\":{\"error\":\"x\",\"stage\":\"policy\"}}"));
	cr_assert(!data_ok("{\"fault\":{\"error\":1,\"stage\":\"policy\"}}"));
	gate_kit_fini(&k);
}
