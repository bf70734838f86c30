/* compat_write: whatever the texts are, the file reads back as them. */
#include <criterion/criterion.h>

#include "engine/base/yaml.h"
#include "engine/policy/compat_draft.h"
#include "tests/kit/compat_kit.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 1 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(compat_write, .init = start, .fini = stop);

static const char *const texts[] = {
	"plain-text.v1", "yes", "N", "null", "1.5", "", " blank", "it's", "say \"it's\"", "\"q\"",
	"back\\slash", "line\nfeed", "tab\t", "na\xc3\xafve", "a: b # c", "- x", "\xe2\x80\x8b",
	"\x7f\x01", "\xf0\x9f\x98\x80", "*", "{a}", "don't\\", "~", "2026-01-01", NULL,
};

Test(compat_write, every_text_is_read_back)
{
	for (size_t i = 0; texts[i]; i++) {
		const struct str text = str_view(texts[i]);
		struct draft_rule rule = { .name = text, .condition = text };
		struct draft d = { .arena = &memory, .name = text, .rules = &rule,
				   .rule_count = 1, .agents = &text, .agent_count = 1 };
		struct note n = { .text = "" };
		const struct value *rules;
		struct value v;
		struct buf b;

		buf_init(&b, 1 << 16);
		compat_write(&d, NULL, &b);
		cr_assert_eq(yaml_read(buf_view(&b), &memory, &v, &n), OK, "%.*s\n%s",
			     STR_ARG(buf_view(&b)), n.text);
		rules = value_get_c(&v, "rules");
		cr_expect(str_eq(value_text(&v, "name"), text), "%s", texts[i]);
		cr_expect(str_eq(value_get_c(&v, "agents")->list.items[0].string, text), "%s",
			  texts[i]);
		cr_expect(str_eq(value_text(&rules->list.items[0], "condition"), text), "%s",
			  texts[i]);
		buf_fini(&b);
	}
}

Test(compat_write, keys_are_left_out_when_they_say_nothing)
{
	struct draft_rule rules[] = {
		{ .name = STR("a"), .condition = STR("true"), .action = COMPAT_ALLOW },
		{ .name = STR("b"), .action = COMPAT_APPROVAL, .stage = COMPAT_PRE_OUTPUT,
		  .limit = STR("1/day"), .priority = -3, .disabled = true },
	};
	struct draft d = { .name = STR("p"), .rules = rules, .rule_count = 2,
			   .strategy = COMPAT_DENY_OVERRIDES, .scope = STR("tenant"),
			   .default_allow = true };
	struct buf b;

	buf_init(&b, 1 << 16);
	compat_write(&d, NULL, &b);
	buf_add_byte(&b, '\0');
	cr_expect_str_eq(b.ptr, "apiVersion: governance.toolkit/v1\n"
				"name: p\n"
				"scope: tenant\n"
				"conflict_resolution: deny_overrides\n"
				"default_action: allow\n"
				"rules:\n"
				"  - name: a\n"
				"    condition: 'true'\n"
				"    action: allow\n"
				"  - name: b\n"
				"    stage: pre_output\n"
				"    action: require_approval\n"
				"    limit: '1/day'\n"
				"    priority: -3\n"
				"    enabled: false\n");
	buf_clear(&b);
	compat_write(&d, &rules[0], &b);
	buf_add_byte(&b, '\0');
	cr_expect(strstr(b.ptr, "default_action: deny\n"), "alone, nothing else allows");
	cr_expect_not(strstr(b.ptr, "name: b"));
	buf_fini(&b);
}
