/* rule_key: what a condition cannot be true without, case by case. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/policy/inside.h"

struct row {
	const char *condition;
	const char *keys;            /* "path: text, prefix*; path: ..." in the order found */
};

static void spell_keys(const struct condition *c, const struct rule_key *keys, size_t count,
		       struct buf *b)
{
	buf_clear(b);
	for (size_t k = 0; k < count; k++) {
		char path[SLOT_TEXT_BYTES];

		slot_text(c->slots, keys[k].slot, path);
		buf_addf(b, "%s%s:", k ? "; " : "", path);
		if (keys[k].number) {
			buf_add_c(b, " ");
			if (isfinite(keys[k].span.low))
				buf_addf(b, "%g", keys[k].span.low);
			buf_add_c(b, "..");
			if (isfinite(keys[k].span.high))
				buf_addf(b, "%g", keys[k].span.high);
		}
		for (size_t i = 0; i < keys[k].text_count; i++)
			buf_addf(b, " %.*s%s", STR_ARG(keys[k].texts[i].text),
				 keys[k].texts[i].prefix ? "*" : "");
	}
}

Test(rule_key, says_what_a_condition_cannot_be_true_without)
{
	static const struct row rows[] = {
		{ "action.type == 'a'", "action.type: a" },
		{ "'a' == action.type", "action.type: a" },
		{ "action.type != 'a'", "" },
		{ "not action.type == 'a'", "" },
		{ "not (not action.type == 'a')", "" },
		{ "action.type == 'a' and args.n > 5", "action.type: a; args.n: 5.." },
		{ "args.n > 5 and action.type == 'a'", "args.n: 5..; action.type: a" },
		{ "action.type == 'a' or args.n > 5", "" },
		{ "action.type == 'a' or action.type == 'b'", "action.type: a b" },
		{ "action.type == 'a' or resource == 'b'", "" },
		{ "(action.type == 'a' or action.type == 'b') and resource == 'c'",
		  "action.type: a b; resource: c" },
		{ "(action.type == 'a' and resource == 'c') or "
		  "(resource == 'd' and action.type == 'b')",
		  "action.type: a b; resource: c d" },
		{ "action.type in ['a', 'b', 3]", "action.type: a b" },
		{ "['a', 'b'] contains action.type", "action.type: a b" },
		{ "action.type in ['a', 'b'] and action.type == 'a'", "action.type: a" },
		{ "action.type in []", "action.type:" },
		{ "resource startsWith '/tmp/'", "resource: /tmp/*" },
		{ "resource startsWith '/tmp/' or resource == '/a'", "resource: /tmp/* /a" },
		{ "resource endsWith '/tmp/'", "" },
		{ "'abc' startsWith resource", "" },
		{ "args.list contains 'a'", "" },
		{ "args.n == 1", "args.n: 1..1" },
		{ "1 < args.n", "args.n: 1.." },
		{ "args.n <= 5 and args.n > -2.5 and args.n < 9", "args.n: -2.5..5" },
		{ "args.n < 1 or args.n == 7", "args.n: ..7" },
		{ "args.n < 1 or args.n == 'a'", "" },
		{ "args.n < 1 and args.n == 'a'", "args.n: ..1; args.n: a" },
		{ "args.n != 1", "" },
		{ "args.n < 'a'", "" },
		{ "args.n < 100000000000000000000", "" },
		{ "args.n < args.m", "" },
		{ "args.a == args.b", "" },
		{ "args.ok", "" },
		{ "has(args.a)", "" },
		{ "true", "" },
		{ "false or resource == 'a'", "" },
		{ "args.a=='1' and args.b=='2' and args.c=='3' and args.d=='4' and args.e=='5'",
		  "args.a: 1; args.b: 2; args.c: 3; args.d: 4" },
	};
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rule_key keys[RULE_KEYS];
		const struct condition *c;
		struct arena a;
		struct note n = { .column = 0 };
		size_t count;

		arena_init(&a, 1 << 20);
		cr_assert_eq(condition_compile(str_view(rows[i].condition), &a, &c, &n), OK,
			     "%s: %s", rows[i].condition, n.text);
		cr_assert_eq(rule_key_find(c, &a, keys, &count), OK);
		spell_keys(c, keys, count, &b);
		cr_expect(str_is(buf_view(&b), rows[i].keys), "%s: '%.*s'", rows[i].condition,
			  STR_ARG(buf_view(&b)));
		arena_fini(&a);
	}
	buf_fini(&b);
}

Test(rule_key, long_lists_are_no_keys)
{
	struct rule_key keys[RULE_KEYS];
	const struct condition *c;
	struct arena a;
	struct buf text;
	size_t count;

	arena_init(&a, 1 << 20);
	buf_init(&text, 4096);
	buf_add_c(&text, "resource in ['0'");
	for (int i = 1; i <= RULE_KEY_TEXTS; i++)
		buf_addf(&text, ",'%d'", i);
	buf_add_c(&text, "]");
	cr_assert_eq(condition_compile(buf_view(&text), &a, &c, NULL), OK);
	cr_assert_eq(rule_key_find(c, &a, keys, &count), OK);
	cr_assert_eq(count, 0);
	buf_fini(&text);
	arena_fini(&a);
}
