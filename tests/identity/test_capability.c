/*
 * capability: the algebra beside the sets of paths that it stands for, over a small alphabet, all
 * of it; and what is refused.
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "engine/identity/identity.h"
#include "tests/kit/fail_alloc.h"

/* --- examples --- */

static struct capabilities set_of(const char *text)
{
	struct note n = { .text = "" };
	struct capabilities set;

	cr_assert_eq(capability_read(str_view(text), &set, &n), OK, "%s: %s", text, n.text);
	return set;
}

static bool covers(const char *set, const char *request)
{
	struct capabilities s = set_of(set);

	return capability_covers(capability_text(&s), str_view(request));
}

static bool narrows(const char *a, const char *b)
{
	struct capabilities left = set_of(a), right = set_of(b);

	return capability_narrows(capability_text(&left), capability_text(&right));
}

Test(capability, an_item_covers_itself_and_what_is_below)
{
	static const struct {
		const char *set, *request;
		bool covers;
	} rows[] = {
		{ "read", "read", true },
		{ "read", "read:data", true },
		{ "read", "reader", false },
		{ "read:*", "read:data", true },
		{ "read:*", "read", false },
		{ "read:*", "read:", true },
		{ "read:data", "read:data:x", true },
		{ "read:data", "read:data2", false },
		{ "read:data:x", "read:data", false },
		{ "get_*", "get_order", true },
		{ "get_*", "get_", true },
		{ "get_*", "get", false },
		{ "*:data", "read:data:x", true },
		{ "*:data", "read:other", false },
		{ "read:*:x", "read:foo:x", true },
		{ "read:*:x", "read:foo", false },
		{ "*", "anything:at:all", true },
		{ "Read", "read", false },
		{ "read", "read*", false },
		{ "read:*", "read:*", true },
		{ "", "x", false },
		{ "", "", false },
		{ "*", "", true },
		{ "db,-db:secrets", "db:orders", true },
		{ "db,-db:secrets", "db:secrets", false },
		{ "db,-db:secrets", "db:secrets:1", false },
		{ "db,-db:secrets", "db", true },
		{ "*,-db", "db:orders", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(covers(rows[i].set, rows[i].request), rows[i].covers, "%s ~ %s",
			     rows[i].set, rows[i].request);
}

Test(capability, one_set_has_one_text)
{
	static const char *const rows[][2] = {
		{ "b,a", "a,b" },
		{ "a,a", "a" },
		{ "a,a:x", "a" },
		{ "a:x,a*", "a*" },
		{ "*,a,b:*", "*" },
		{ "a,-b", "a" },
		{ "a,-*", "" },
		{ "-a", "" },
		{ "a,b,-a", "b" },
		{ "a,-*:x", "a,-a:x" },
		{ "-a:x:y,a:*,-a:x", "a:*,-a:x" },
		{ "ab*,a*:x,-*:x:y", "a*:x,ab*,-a*:x:y" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct capabilities set = set_of(rows[i][0]);

		cr_expect(str_is(capability_text(&set), rows[i][1]), "%s is %.*s", rows[i][0],
			  STR_ARG(capability_text(&set)));
	}
}

Test(capability, what_is_no_capability_is_refused)
{
	static const char *const rows[] = {
		":", "a:", ":a", "a::b", "a b", "a*b", "**", "*a", "a:b*c", "--a", "-", "a,,b",
		"a,", ",", " a", "a\t", "\x7F", "a:\xFF",
		"a:1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16",
	};
	struct capabilities set;
	struct note n;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(capability_read(str_view(rows[i]), &set, &n), ERR_SYNTAX, "%s",
			     rows[i]);
	cr_expect_eq(capability_read(STR("get order"), &set, &n), ERR_SYNTAX);
	cr_expect(str_starts(str_view(n.text), STR("'get order' is no capability; expected")));
}

Test(capability, sets_are_bounded)
{
	char many[256] = "", big[LIMIT_CAPABILITY_BYTES + 2];
	struct capabilities set;
	struct note n;

	for (int i = 0; i <= LIMIT_CAPABILITIES; i++)
		(void)snprintf(many + strlen(many), sizeof(many) - strlen(many), "%sa%d",
			       i ? "," : "", i);
	cr_expect_eq(capability_read(str_view(many), &set, &n), ERR_LIMIT);
	memset(big, 'a', sizeof(big));
	cr_expect_eq(capability_read(str_slice(big, LIMIT_CAPABILITY_BYTES), &set, &n), OK);
	cr_expect_eq(set.bytes, LIMIT_CAPABILITY_BYTES);
	cr_expect_eq(capability_read(str_slice(big, LIMIT_CAPABILITY_BYTES + 1), &set, &n),
		     ERR_SYNTAX);
}

/* a0:*,a1:* ... with a denial that meets each: 20 grants come to 40 items. */
Test(capability, a_set_that_grows_beyond_the_bound_is_an_error)
{
	struct capabilities grants, denial = set_of("*,-*:x"), both;
	char many[256] = "";
	struct note n;

	for (int i = 0; i < 20; i++)
		(void)snprintf(many + strlen(many), sizeof(many) - strlen(many), "%sa%d",
			       i ? "," : "", i);
	grants = set_of(many);
	cr_expect_eq(capability_intersect(capability_text(&grants), capability_text(&denial),
					  &both), ERR_LIMIT);
	(void)snprintf(many + strlen(many), sizeof(many) - strlen(many), ",-*:x");
	cr_expect_eq(capability_read(str_view(many), &both, &n), ERR_LIMIT);
	cr_expect(str_starts(str_view(n.text), STR("the capabilities come to more than 32")));
}

Test(capability, a_list_of_strings_is_read_like_a_text)
{
	struct value items[2] = { value_string(STR("b")), value_string(STR("-b:x")) };
	struct value list = { .kind = VALUE_LIST, .list = { items, 2 } };
	struct capabilities set;
	struct note n;

	cr_assert_eq(capability_read_list(&list, &set, &n), OK);
	cr_expect(str_is(capability_text(&set), "b,-b:x"));
	items[1] = value_int(1);
	items[1].line = 7;
	cr_expect_eq(capability_read_list(&list, &set, &n), ERR_TYPE);
	cr_expect_eq(n.line, 7);
	items[1] = value_string(STR("a,c"));
	cr_expect_eq(capability_read_list(&list, &set, &n), ERR_SYNTAX);
	cr_expect_eq(capability_read_list(NULL, &set, &n), ERR_TYPE);
	cr_expect_eq(capability_read_list(&items[0], &set, &n), ERR_TYPE);
}

Test(capability, narrowing_by_example)
{
	cr_expect(narrows("read:data", "read:*"));
	cr_expect(!narrows("read:*", "read:data"));
	cr_expect(narrows("", "x"));
	cr_expect(!narrows("x", ""));
	cr_expect(narrows("a:x,b", "a,b,c"));
	cr_expect(!narrows("db", "db,-db:secrets"));
	cr_expect(narrows("db,-db:secrets", "db,-db:secrets:deep"));
	cr_expect(!narrows("db,-db:secrets:deep", "db,-db:secrets"));
	cr_expect(narrows("db:orders", "db,-db:secrets"));
}

Test(capability, who_grants_a_star_names_no_tool)
{
	static const char *const no[] = { "*", "*:data", "a,*:*:x" };
	static const char *const yes[] = { "", "a", "a*", "a:*", "get_*:x,-get_y" };

	for (size_t i = 0; i < 3; i++) {
		struct capabilities set = set_of(no[i]);

		cr_expect(!capability_names_tools(capability_text(&set)), "%s", no[i]);
	}
	for (size_t i = 0; i < 5; i++) {
		struct capabilities set = set_of(yes[i]);

		cr_expect(capability_names_tools(capability_text(&set)), "%s", yes[i]);
	}
}

Test(capability, a_request_is_tool_and_resource)
{
	char room[CAPABILITY_REQUEST_BYTES];

	cr_expect(str_is(capability_request(STR("read"), STR_NONE, room), "read"));
	cr_expect(str_is(capability_request(STR("read"), STR("a:b"), room), "read:a:b"));
}

/* --- the laws, exhaustively --- */

/*
 * What the items below can tell apart: letters that nobody names stand for all others, so the paths
 * of up to three parts decide whether two sets cover the same.
 */
static const char *const letters[] = { "a", "ab", "abz", "az", "b", "z" };
#define LETTERS (sizeof(letters) / sizeof(letters[0]))
#define PATHS (LETTERS + LETTERS * LETTERS + LETTERS * LETTERS * LETTERS)
static const char *const items[] = {
	"a", "ab", "a*", "*", "b", "a:a", "a:*", "*:b", "ab*:a*", "a*:b", "a:b:*", "*:a:b",
};
#define ITEMS (sizeof(items) / sizeof(items[0]))
#define SETS_MAX 4096

struct sample {
	struct capabilities set;
	uint64_t covers[PATHS / 64 + 1];
};

static struct sample *samples;
static size_t sample_count;
static char paths[PATHS][16];

static void list_paths(void)
{
	size_t n = 0;

	for (size_t i = 0; i < LETTERS; i++) {
		(void)snprintf(paths[n++], 16, "%s", letters[i]);
		for (size_t j = 0; j < LETTERS; j++) {
			(void)snprintf(paths[n++], 16, "%s:%s", letters[i], letters[j]);
			for (size_t l = 0; l < LETTERS; l++)
				(void)snprintf(paths[n++], 16, "%s:%s:%s", letters[i], letters[j],
					       letters[l]);
		}
	}
	cr_assert_eq(n, PATHS);
}

/* An item matched the slow way, segment by segment, by somebody else. */
static bool slow_item(const char *item, const char *path)
{
	for (;;) {
		size_t in = strcspn(item, ":"), pn = strcspn(path, ":");
		bool open = in > 0 && item[in - 1] == '*';

		if (open ? pn < in - 1 || strncmp(item, path, in - 1) != 0
			 : pn != in || strncmp(item, path, in) != 0)
			return false;
		if (item[in] == '\0')
			return true;
		if (path[pn] == '\0')
			return false;
		item += in + 1;
		path += pn + 1;
	}
}

/* A set of up to two grants and one denial (ITEMS: none), by its text and by what it covers. */
static void add_sample(size_t one, size_t two, size_t denial)
{
	struct sample *s = &samples[sample_count];
	char text[64] = "";

	if (one < ITEMS)
		(void)snprintf(text, sizeof(text), "%s", items[one]);
	if (two < ITEMS)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			       text[0] ? "," : "", items[two]);
	if (denial < ITEMS)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s-%s",
			       text[0] ? "," : "", items[denial]);
	memset(s->covers, 0, sizeof(s->covers));
	s->set = set_of(text);
	for (size_t p = 0; p < PATHS; p++) {
		bool slow = ((one < ITEMS && slow_item(items[one], paths[p])) ||
			     (two < ITEMS && slow_item(items[two], paths[p]))) &&
			    !(denial < ITEMS && slow_item(items[denial], paths[p]));

		cr_assert_eq(capability_covers(capability_text(&s->set), str_view(paths[p])), slow,
			     "%s ~ %s", text, paths[p]);
		s->covers[p / 64] |= (uint64_t)slow << (p % 64);
	}
	for (size_t i = 0; i < sample_count; i++) {
		bool same = memcmp(samples[i].covers, s->covers, sizeof(s->covers)) == 0;
		bool same_text = str_eq(capability_text(&samples[i].set), capability_text(&s->set));

		cr_assert_eq(same, same_text, "%s: %.*s and %.*s", text,
			     STR_ARG(capability_text(&samples[i].set)),
			     STR_ARG(capability_text(&s->set)));
		if (same)
			return;
	}
	sample_count++;
	cr_assert_lt(sample_count, SETS_MAX);
}

static void list_samples(void)
{
	list_paths();
	samples = calloc(SETS_MAX, sizeof(*samples));
	cr_assert_not_null(samples);
	for (size_t one = 0; one <= ITEMS; one++)
		for (size_t two = one; two <= ITEMS; two++)
			for (size_t denial = 0; denial <= ITEMS; denial++)
				add_sample(one, two, denial);
}

static void drop_samples(void)
{
	free(samples);
}

TestSuite(capability_laws, .init = list_samples, .fini = drop_samples);

static bool within(const struct sample *a, const struct sample *b)
{
	for (size_t i = 0; i <= PATHS / 64; i++)
		if (a->covers[i] & ~b->covers[i])
			return false;
	return true;
}

/* So it is reflexive, transitive, and antisymmetric, because one set has one text (add_sample). */
Test(capability_laws, narrowing_is_inclusion)
{
	cr_assert_gt(sample_count, 250, "%zu", sample_count);
	for (size_t i = 0; i < sample_count; i++)
		for (size_t j = 0; j < sample_count; j++)
			cr_assert_eq(capability_narrows(capability_text(&samples[i].set),
							capability_text(&samples[j].set)),
				     within(&samples[i], &samples[j]), "%.*s <= %.*s",
				     STR_ARG(capability_text(&samples[i].set)),
				     STR_ARG(capability_text(&samples[j].set)));
}

/* What both cover: so it is a lower bound, and every other lower bound is within it. */
Test(capability_laws, intersect_covers_what_both_cover)
{
	struct capabilities both, other;

	for (size_t i = 0; i < sample_count; i++)
		for (size_t j = 0; j < sample_count; j++) {
			struct str a = capability_text(&samples[i].set);
			struct str b = capability_text(&samples[j].set);

			cr_assert_eq(capability_intersect(a, b, &both), OK);
			cr_assert_eq(capability_intersect(b, a, &other), OK);
			cr_assert(str_eq(capability_text(&both), capability_text(&other)));
			cr_assert(capability_narrows(capability_text(&both), a));
			cr_assert(capability_narrows(capability_text(&both), b));
			for (size_t p = 0; p < PATHS; p++)
				cr_assert_eq(capability_covers(capability_text(&both),
							       str_view(paths[p])),
					     (samples[i].covers[p / 64] &
					      samples[j].covers[p / 64]) >> (p % 64) & 1,
					     "%.*s and %.*s ~ %s", STR_ARG(a), STR_ARG(b),
					     paths[p]);
		}
}

Test(capability_laws, the_canonical_text_reads_as_itself)
{
	struct capabilities again;

	for (size_t i = 0; i < sample_count; i++) {
		struct str text = capability_text(&samples[i].set);

		cr_assert_eq(capability_read(text, &again, NULL), OK);
		cr_assert(str_eq(capability_text(&again), text));
	}
}

Test(capability, every_allocation_may_fail)
{
	struct capabilities set, both;
	bool hit = true;

	for (uint64_t n = 1; hit; n++) {
		enum err e;

		fail_alloc_at(n);
		e = capability_read(STR("a:*,b,-*:x"), &set, NULL);
		if (e == OK)
			e = capability_intersect(capability_text(&set), STR("a*"), &both);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK);
	}
	cr_expect(str_is(capability_text(&both), "a:*,-a:x"));
}
