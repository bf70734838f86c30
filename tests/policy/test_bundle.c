/* bundle: whole or not at all, one digest, and the same again after packing. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "engine/policy/policy.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/page.h"

#define HEAD	  "apiVersion: governance.toolkit/v1\n"
#define ALLOW_ALL HEAD "name: a\nrules: [{name: all, action: allow}]\n"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 64 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(bundle, .init = start, .fini = stop);

static struct policy_file file(const char *name, const char *content)
{
	return (struct policy_file){ str_view(name), str_view(content) };
}

static enum err load_one(const char *name, const char *content, struct note *n)
{
	struct policy_file f = file(name, content);
	struct bundle *b;

	*n = (struct note){ .column = 0 };
	return bundle_load(&f, 1, &memory, &b, n);
}

Test(bundle, order_of_files_does_not_matter)
{
	struct policy_file files[] = { file("b.yaml", HEAD "name: b\n"),
				       file("a/x.yml", HEAD "name: a\n") };
	struct policy_file turned[] = { files[1], files[0] };
	struct digest one, other;
	struct bundle *b;
	struct note n;

	cr_assert_eq(bundle_load(files, 2, &memory, &b, &n), OK, "%s", n.text);
	one = bundle_digest(b);
	cr_assert_eq(bundle_documents(b), 2);
	cr_assert_eq(bundle_load(turned, 2, &memory, &b, &n), OK);
	other = bundle_digest(b);
	cr_assert(digest_eq(&one, &other));
}

Test(bundle, packs_as_documented_and_unpacks_to_itself)
{
	struct policy_file files[] = { file("b.yaml", HEAD "name: b\n# \xc3\xa9\t\"\n"),
				       file("a.yaml", HEAD "name: a\n") };
	struct bundle *b, *again;
	struct digest one, other, of_bytes;
	struct note n = { .column = 0 };
	struct buf packed;

	buf_init(&packed, 1 << 20);
	cr_assert_eq(bundle_load(files, 2, &memory, &b, &n), OK, "%s", n.text);
	cr_assert_eq(bundle_pack(b, &packed), OK);
	buf_add_byte(&packed, '\0');
	cr_assert_str_eq(packed.ptr, "{\"files\":[{\"content\":\"apiVersion: "
				     "governance.toolkit/v1\\nname: a\\n\",\"name\":"
				     "\"a.yaml\"},{\"content\":\"apiVersion: "
				     "governance.toolkit/v1\\nname: b\\n# \xc3\xa9\\t\\\"\\n\","
				     "\"name\":\"b.yaml\"}],\"format\":\"trammel/bundle/v1\"}");
	packed.len--;
	cr_assert_eq(bundle_unpack(buf_view(&packed), &memory, &again, &n), OK, "%s", n.text);
	one = bundle_digest(b);
	other = bundle_digest(again);
	of_bytes = sha256(buf_view(&packed));
	cr_assert(digest_eq(&one, &other) && digest_eq(&one, &of_bytes));
	buf_fini(&packed);
}

Test(bundle, unpack_refuses_what_pack_does_not_write)
{
	static const char *const texts[] = {
		"",
		"{}",
		"[]",
		"{\"files\":[],\"format\":\"trammel/bundle/v1\"}",
		"{\"files\":5,\"format\":\"trammel/bundle/v1\"}",
		"{\"files\":[5],\"format\":\"trammel/bundle/v1\"}",
		"{\"files\":[{\"name\":\"a.yaml\"}],\"format\":\"trammel/bundle/v1\"}",
		/* another format, a blank, another order, one member more */
		"{\"files\":[{\"content\":\""
		"apiVersion: governance.toolkit/v1\\nname: "
		"a\\n\",\"name\":\"a.yaml\"}],\"format\":\"v2\"}",
		"{\"files\": [{\"content\":\""
		"apiVersion: governance.toolkit/v1\\nname: "
		"a\\n\",\"name\":\"a.yaml\"}],\"format\":\"trammel/bundle/v1\"}",
		"{\"format\":\"trammel/bundle/v1\",\"files\":[{\"content\":\""
		"apiVersion: governance.toolkit/v1\\nname: a\\n\",\"name\":\"a.yaml\"}]}",
		"{\"files\":[{\"content\":\""
		"apiVersion: governance.toolkit/v1\\nname: "
		"a\\n\",\"name\":\"a.yaml\",\"x\":1}],\"format\":\"trammel/bundle/v1\"}",
	};
	struct bundle *b = NULL;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct note n = { .column = 0 };

		cr_expect_neq(bundle_unpack(str_view(texts[i]), &memory, &b, &n), OK, "%s",
			      texts[i]);
		cr_expect_null(b);
		cr_expect_neq(n.text[0], '\0', "%s", texts[i]);
	}
}

Test(bundle, refuses_files_that_would_be_ignored)
{
	struct note n;
	struct bundle *b;

	cr_expect_eq(bundle_load(NULL, 0, &memory, &b, &n), ERR_NOT_FOUND);
	cr_expect_eq(load_one("a.rego", "package a", &n), ERR_VERSION);
	cr_expect_str_eq(n.file, "a.rego");
	cr_expect(strstr(n.text, "must not look as if it were in force"));
	cr_expect_eq(load_one("a.json", ALLOW_ALL, &n), ERR_UNKNOWN);
	cr_expect_eq(load_one("README", ALLOW_ALL, &n), ERR_UNKNOWN);
	cr_expect_eq(load_one("a.Yaml", ALLOW_ALL, &n), ERR_UNKNOWN);
	cr_expect(policy_file_named(STR("sub/A.YML")) && policy_file_named(STR("a.CEDAR")));
	cr_expect(!policy_file_named(STR("README")) && !policy_file_named(STR("a.json")));
	cr_expect_eq(load_one("", ALLOW_ALL, &n), ERR_SYNTAX);
	cr_expect_eq(load_one("../a.yaml", ALLOW_ALL, &n), ERR_SYNTAX);
	cr_expect_eq(load_one("/a.yaml", ALLOW_ALL, &n), ERR_SYNTAX);
	cr_expect_eq(load_one("a\n.yaml", ALLOW_ALL, &n), ERR_SYNTAX);
	cr_expect_eq(load_one("a.yaml", HEAD "name: \xff\n", &n), ERR_ENCODING);
	cr_expect_eq(load_one("a.yaml", ALLOW_ALL, &n), OK, "%s", n.text);
}

Test(bundle, names_are_unique)
{
	struct policy_file twice[] = { file("a.yaml", ALLOW_ALL), file("a.yaml", HEAD "name: "
										      "b\n") };
	struct policy_file same[] = { file("a.yaml", ALLOW_ALL), file("b.yaml", "# "
										"other"
										"\n" ALLOW_ALL) };
	struct note n = { .column = 0 }, m = { .column = 0 };
	struct bundle *b;

	cr_expect_eq(bundle_load(twice, 2, &memory, &b, &n), ERR_DUPLICATE);
	cr_expect_str_eq(n.file, "a.yaml");
	cr_expect_eq(bundle_load(same, 2, &memory, &b, &m), ERR_DUPLICATE);
	cr_expect_str_eq(m.file, "b.yaml");
	cr_expect_eq(m.line, 3);
	cr_expect_eq(m.column, 7);
	cr_expect(strstr(m.text, "given in a.yaml already"));
}

Test(bundle, sizes_have_limits)
{
	static const char names[] =
		"0.yaml\0001.yaml\0002.yaml\0003.yaml\0004.yaml\0005.yaml\0006.yaml\0007.yaml\000"
		"8.yaml\0009.yaml\000a.yaml\000b.yaml\000c.yaml\000d.yaml\000e.yaml\000f.yaml\000"
		"g.yaml";
	struct policy_file many[LIMIT_POLICY_FILES + 1], big[17];
	struct note n = { .column = 0 };
	struct bundle *b = NULL;
	struct buf text;

	buf_init(&text, 2 << 20);
	buf_add_c(&text, HEAD "name: a\n");
	while (text.len < LIMIT_YAML_BYTES)
		buf_add_byte(&text, '#');
	many[0] = (struct policy_file){ STR("a.yaml"), buf_view(&text) };
	cr_expect_eq(bundle_load(many, 1, &memory, &b, &n), OK, "%s", n.text);
	buf_add_byte(&text, '#');
	many[0].content = buf_view(&text);
	cr_expect_eq(bundle_load(many, 1, &memory, &b, &n), ERR_LIMIT);
	for (size_t i = 0; i <= LIMIT_POLICY_FILES; i++)
		many[i] = file("a.yaml", ALLOW_ALL);
	cr_expect_eq(bundle_load(many, LIMIT_POLICY_FILES + 1, &memory, &b, &n), ERR_LIMIT);
	cr_expect_eq(bundle_load(many, LIMIT_POLICY_FILES, &memory, &b, &n), ERR_DUPLICATE);
	text.len = LIMIT_YAML_BYTES;
	for (size_t i = 0; i < 17; i++)
		big[i] = (struct policy_file){ str_slice(&names[7 * i], 6), buf_view(&text) };
	cr_expect_eq(bundle_load(big, 17, &memory, &b, &n), ERR_LIMIT);
	buf_fini(&text);
}

Test(bundle, opinions_join_to_the_strict_side)
{
	static const struct {
		const char *a, *b;
		bool admits, wants, created, any; /* of whom a sponsor is wanted */
	} rows[] = {
		{ "", "", 0, 0, 1, 0 },
		{ "unknown_agents: evaluate\n", "", 1, 0, 1, 0 },
		{ "unknown_agents: evaluate\n", "unknown_agents: deny\n", 0, 0, 1, 0 },
		{ "unknown_agents: deny\n", "", 0, 0, 1, 0 },
		{ "unknown_agents: evaluate\n", "unknown_agents: evaluate\n", 1, 0, 1, 0 },
		{ "require_signature: true\n", "require_signature: false\n", 0, 1, 1, 0 },
		{ "require_signature: false\n", "", 0, 0, 1, 0 },
		{ "require_sponsor: true\n", "require_sponsor: false\n", 0, 0, 1, 1 },
		{ "require_sponsor: true\n", "", 0, 0, 1, 1 },
		{ "require_sponsor: false\n", "", 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char a[256], c[256];
		struct policy_file files[2];
		struct note n = { .column = 0 };
		struct bundle *b;

		(void)snprintf(a, sizeof(a), HEAD "name: a\n%s", rows[i].a);
		(void)snprintf(c, sizeof(c), HEAD "name: b\n%s", rows[i].b);
		files[0] = file("a.yaml", a);
		files[1] = file("b.yaml", c);
		cr_assert_eq(bundle_load(files, 2, &memory, &b, &n), OK, "%s", n.text);
		cr_expect_eq(bundle_admits_unknown(b), rows[i].admits, "row %zu", i);
		cr_expect_eq(bundle_wants_signature(b), rows[i].wants, "row %zu", i);
		cr_expect_eq(bundle_wants_sponsor(b, true), rows[i].created, "row %zu", i);
		cr_expect_eq(bundle_wants_sponsor(b, false), rows[i].any, "row %zu", i);
	}
}

Test(bundle, one_way_to_choose_the_rule_that_decides)
{
	struct policy_file files[] = {
		file("a.yaml", HEAD "name: a\nconflict_resolution: deny_overrides\n"),
		file("b.yaml", HEAD "name: b\n"),
		file("c.yaml", HEAD "name: c\nconflict_resolution: allow_overrides\n"),
	};
	struct note n = { .column = 0 };
	struct bundle *b;

	cr_assert_eq(bundle_load(files, 2, &memory, &b, &n), OK, "%s", n.text);
	cr_assert_eq(bundle_load(files, 3, &memory, &b, &n), ERR_DUPLICATE);
	cr_expect_str_eq(n.file, "c.yaml");
	cr_expect_eq(n.line, 3);
	cr_expect_eq(n.column, 22);
	cr_expect_str_eq(n.text, "conflict_resolution is allow_overrides here and deny_overrides "
				 "in a.yaml; a bundle has one");
	files[2] = file("c.yaml", HEAD "name: c\nconflict_resolution: deny_overrides\n");
	cr_assert_eq(bundle_load(files, 3, &memory, &b, &n), OK);
}

Test(bundle, a_file_that_is_extended_and_absent_is_an_error_of_the_other)
{
	struct policy_file files[] = {
		file("base.yaml", HEAD "name: base\n"),
		file("team/x.yaml", HEAD "name: x\nextends: ../base.yml\n"),
	};
	struct note n = { .column = 0 };
	struct bundle *b;

	cr_assert_eq(bundle_load(files, 2, &memory, &b, &n), ERR_NOT_FOUND);
	cr_expect_str_eq(n.file, "team/x.yaml");
	cr_expect_eq(n.line, 3);
	cr_expect(strstr(n.text, "did you mean 'base.yaml'?"), "%s", n.text);
	files[1] = file("team/x.yaml", HEAD "name: x\nextends: [../base.yaml]\n");
	cr_assert_eq(bundle_load(files, 2, &memory, &b, &n), OK, "%s", n.text);
}

Test(bundle, rules_that_are_off_do_not_count)
{
	struct policy_file f = file("a.yaml", HEAD "name: a\nrules:\n - {name: x, action: allow, "
						   "enabled: false}\n"
						   " - {name: y, action: deny}\n");
	struct note n = { .column = 0 };
	struct bundle *b;

	cr_assert_eq(bundle_load(&f, 1, &memory, &b, &n), OK);
	cr_assert_eq(bundle_rules(b), 1);
}

Test(bundle, loading_survives_every_failed_allocation)
{
	struct policy_file files[] = {
		file("a.yaml", HEAD "name: a\nagents: ['a*']\nrules:\n - {name: x, action: "
				    "require_approval, approvers: [b], "
				    "tools: [t], condition: \"args.a in [1, 2] and args.b matches "
				    "'x+'\"}\n"
				    " - {name: y, action: transform, limit: 1/day, transform: "
				    "[{path: args.a, set: [1]}]}\n"),
		file("b.yaml", ALLOW_ALL "# b\n"),
	};
	struct bundle *b = NULL;

	files[1].content = str_view(HEAD "name: b\nextends: a.yaml\n");
	for (uint64_t i = 1;; i++) {
		struct arena a;
		enum err e;

		arena_init(&a, 1 << 20);
		fail_alloc_at(i);
		e = bundle_load(files, 2, &a, &b, NULL);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			arena_fini(&a);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY, "allocation %llu: %s", (unsigned long long)i,
			     err_name(e));
		cr_assert_null(b, "nothing is given back");
		arena_fini(&a);
	}
}

Test(bundle, a_small_arena_is_an_error_and_not_a_smaller_bundle)
{
	struct policy_file f = file("a.yaml", ALLOW_ALL);

	for (size_t cap = 0; cap < 12000; cap += 97) {
		struct bundle *b = NULL;
		struct arena a;
		enum err e;

		arena_init(&a, cap);
		e = bundle_load(&f, 1, &a, &b, NULL);
		cr_assert(e == OK ? b && bundle_rules(b) == 1 : e == ERR_MEMORY && !b,
			  "cap %zu: %s", cap, err_name(e));
		arena_fini(&a);
	}
}

/* --- the tables of the page --- */

#define PAGE "docs/formats/policy.md"

/* "allow a 9, deny b": rules that always match. */
static void add_rules(struct buf *b, struct str rules)
{
	struct str rule, rest = rules, action, name;

	buf_add_c(b, "rules:\n");
	for (bool more = rules.len > 0; more;) {
		struct str left = rest;

		more = str_cut(left, ',', &rule, &rest);
		if (!more)
			rule = left;
		cr_assert(str_cut(str_trim(rule), ' ', &action, &name), "%.*s", STR_ARG(rules));
		buf_addf(b, "  - {action: %.*s, name: ", STR_ARG(action));
		if (str_cut(name, ' ', &name, &rule))
			buf_addf(b, "%.*s, priority: %.*s}\n", STR_ARG(name), STR_ARG(rule));
		else
			buf_addf(b, "%.*s}\n", STR_ARG(name));
	}
	if (rules.len == 0)
		buf_add_c(b, "  []\n");
}

#define POLICIES_MOST 4

/* Which rule decides under these policies, p1.yaml and so on. */
static void expect_decider(struct buf *texts, size_t count, struct str decider)
{
	static const char *const names[] = { "p1.yaml", "p2.yaml", "p3.yaml", "p4.yaml" };
	struct policy_file files[POLICIES_MOST];
	struct note n = { .column = 0 };
	struct value request;
	struct bundle *b;
	struct ruling r;

	for (size_t i = 0; i < count; i++)
		files[i] = (struct policy_file){ str_view(names[i]), buf_view(&texts[i]) };
	cr_assert_eq(bundle_load(files, count, &memory, &b, &n), OK, "%s:%u: %s", n.file, n.line,
		     n.text);
	cr_assert_eq(json_read(STR("{}"), 1, &memory, &request, NULL), OK);
	cr_assert_eq(bundle_decide(b, POLICY_PRE_TOOL, STR("x"), &request, &memory, &r), OK);
	cr_expect(str_eq(r.rule, decider), "%.*s and not %.*s decides:\n%.*s", STR_ARG(r.rule),
		  STR_ARG(decider), STR_ARG(files[0].content));
	for (size_t i = 0; i < count; i++)
		buf_fini(&texts[i]);
}

Test(bundle, strategies_decide_as_the_page_says)
{
	struct page_row *rows;
	size_t count = page_rows(PAGE, "strategies", &memory, &rows);

	for (size_t i = 0; i < count; i++) {
		struct str policy, scope, rules, rest = rows[i].cells[0];
		struct buf texts[POLICIES_MOST];
		size_t made = 0;

		for (bool more = true; more; made++) {
			struct str left = rest;

			cr_assert_lt(made, POLICIES_MOST);
			more = str_cut(left, '/', &policy, &rest);
			if (!more)
				policy = left;
			cr_assert(str_cut(str_trim(policy), ':', &scope, &rules));
			buf_init(&texts[made], 4096);
			buf_addf(&texts[made], HEAD "name: p%zu\nscope: %.*s\n", made + 1,
				 STR_ARG(scope));
			if (made == 0)
				buf_addf(&texts[made], "conflict_resolution: %.*s\n",
					 STR_ARG(rows[i].cells[1]));
			add_rules(&texts[made], str_trim(rules));
		}
		expect_decider(texts, made, rows[i].cells[2]);
	}
}

Test(bundle, floors_hold_as_the_page_says)
{
	struct page_row *rows;
	size_t count = page_rows(PAGE, "floors", &memory, &rows);

	for (size_t i = 0; i < count; i++) {
		struct buf texts[POLICIES_MOST];

		buf_init(&texts[0], 4096);
		buf_init(&texts[1], 4096);
		buf_add_c(&texts[0], HEAD "name: p1\nagents: [nobody]\n");
		add_rules(&texts[0], rows[i].cells[0]);
		buf_add_c(&texts[1], HEAD "name: p2\nextends: p1.yaml\n");
		add_rules(&texts[1], rows[i].cells[1]);
		expect_decider(texts, 2, rows[i].cells[2]);
	}
}

Test(bundle, stages_see_what_the_page_says)
{
	static const char *const conditions[] = { "has(args.x)", "has(result.x)" };
	struct page_row *rows;
	size_t count = page_rows(PAGE, "stages", &memory, &rows);

	cr_assert_eq(count, POLICY_STAGES);
	for (size_t i = 0; i < count; i++)
		for (size_t c = 0; c < 2; c++) {
			char text[256];
			struct note n;
			enum err e;

			(void)snprintf(text, sizeof(text),
				       HEAD "name: p\nrules: [{name: r, action: deny, stage: %.*s, "
					    "condition: %s}]\n",
				       STR_ARG(rows[i].cells[0]), conditions[c]);
			e = load_one("p.yaml", text, &n);
			cr_expect_eq(e == OK, str_is(rows[i].cells[c + 1], "loads"), "%s%s", text,
				     n.text);
		}
}
