/* term_list: every key that a bundle may have besides rules leaves a term. */
#include <criterion/criterion.h>

#include "engine/policy/term_list.h"
#include "tests/kit/policy_kit.h"

#define EVERYTHING                                                                                 \
	POLICY_KIT_HEAD                                                                            \
	"require_signature: true\n"                                                                \
	"quotas: [{name: q, tools: [a], per: agent, rate: 10/hour, burst: 4}]\n"                   \
	"budgets: [{name: b, per: session, unit: money, amount: 5, of: args.n, window: day}]\n"    \
	"commands: [{tools: [sh], of: args.c, deny: [curl], allow: [git, ls]}]\n"                  \
	"capabilities: [{agents: [x], may: [get_*, -get_all]}]\n"                                  \
	"paths: [{tools: [rd], of: args.f, below: [/srv, /out]}]\n"                                \
	"intents: [{tools: [put], intent: write, of: args.id}, {tools: [m], intent: exclusive}]\n" \
	"kill_on: [{name: k, denials: 5/minute, kill: agent}, {name: t, after: 60, kill: "         \
	"session}]\n"                                                                              \
	"rings: {default: 2, tools: [{tools: [a, b], ring: 1}],\n"                                 \
	"  demotion: [{below: 500, until: 600, ring: 3}]}\n"                                       \
	"trust: {initial: 300, minimum: [{tools: [a], tier: trusted}]}\n"                          \
	"labels: [{name: seen, tools: [x]}]\n"                                                     \
	"events: [{name: paid, tools: [pay], condition: args.n > 3, of: args.id}]\n"               \
	"rules: [{name: r, action: allow, condition: once(paid)}]\n"

Test(term_list, says_what_each_key_says)
{
	static const struct {
		const char *what, *text;
	} rows[] = {
		{ "require_signature", "true" },
		{ "require_sponsor", "of created agents" },
		{ "quota p/q", "per agent; agents any of any, tools a" },
		{ "quota p/q rate", "10/hour" },
		{ "quota p/q burst", "4" },
		{ "budget p/b",
		  "money of args.n per session and day; agents any of any, tools any" },
		{ "budget p/b amount", "5" },
		{ "commands p/1", "of args.c; agents any of any, tools sh" },
		{ "commands p/1 deny", "curl" },
		{ "commands p/1 allow", "git, ls" },
		{ "capabilities p/1 may", "get_*,-get_all" },
		{ "require_credential", "false" },
		{ "require_session", "false" },
		{ "ring of agents by default", "2" },
		{ "ring of tools a, b", "1" },
		{ "rings of tools", "a, b" },
		{ "paths p/1", "args.f below /srv, /out; agents any of any, tools rd" },
		{ "intents p/1", "write args.id; agents any of any, tools put" },
		{ "intents p/2", "exclusive resource; agents any of any, tools m" },
		{ "p/kill_on/k",
		  "5/minute in stages ffffffff kills the agent; agents any of any, tools any" },
		{ "p/kill_on/t",
		  "after 60000000000 ns in stages 0 kills the session; agents any of any, tools "
		  "any" },
		{ "demotion to ring 3 below", "500" },
		{ "demotion to ring 3 until", "600" },
		{ "sponsor of rings", "nobody" },
		{ "trust initial", "300" },
		{ "trust minimum a", "700" },
		{ "trust tiers", "verified_partner, trusted, standard, probationary, untrusted" },
		{ "label seen", "pre_tool: action.type is one of x" },
		{ "event paid", "pre_tool by args.id: action.type is one of pay; args.n > 3" },
	};
	struct policy_kit kit;
	struct term_list l;

	policy_kit_init(&kit);
	cr_assert_eq(term_list_open(policy_kit_load(&kit, EVERYTHING, NULL), &kit.memory, &l), OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct term *t = term_list_find(&l, str_view(rows[i].what));

		cr_expect(t && str_is(t->text, rows[i].text), "%s: %.*s", rows[i].what,
			  t ? (int)t->text.len : 4, t ? t->text.ptr : "none");
	}
	cr_expect_null(term_list_find(&l, STR("quota p/x")));
	term_list_close(&l);
	policy_kit_fini(&kit);
}
