/* mask_vendor: tokens that begin with their maker's mark. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/mask/masked.h"

static void setup(void)
{
	masked_init(false);
}

TestSuite(mask_vendor, .init = setup, .fini = masked_fini);

#define A16 "ABCDEFGHIJ234567"
#define W36 "abcdefghijklmnopqrstuvwxyzABCDEF0123"
#define H32 "0123456789abcdef0123456789abcdef"

/* Joined here, so that no scanner of repositories takes this page for a leak. */
static const char *const tokens[][3] = {
	{ "AKIA", A16, "aws-key-id" },
	{ "ASIA", A16, "aws-key-id" },
	{ "AIza", "SyA-1234567890abcdefghijklmnopqrstu", "google-key" },
	{ "GOCSPX-", "abcdefghijklmnopqrstuvwxyz12", "google-secret" },
	{ "ya29.", "a0AfH6SMBabcdefghijklmnop", "google-token" },
	{ "ghp_", W36, "github-token" },
	{ "gho_", W36, "github-token" },
	{ "ghs_", W36, "github-token" },
	{ "ghu_", W36, "github-token" },
	{ "github_pat_", "11ABCDEFG0abcdefghijkl_" W36 "abcdefghijklmnopqrstuvw",
	  "github-token" },
	{ "glpat-", "abcdefghij-0123_4567", "gitlab-token" },
	{ "xoxb-", "123456789012-abcdefABCDEF", "slack-token" },
	{ "xapp-", "1-A0123456789-0123456789-abc", "slack-token" },
	{ "sk_live_", "0123456789abcdefABCDEF", "stripe-key" },
	{ "rk_live_", "0123456789abcdefABCDEF", "stripe-key" },
	{ "sk-ant-", "api03-abcdefghijklmnopqrstuvwxyz_-AA", "anthropic-key" },
	{ "sk-", "abcdefghij0123456789T3BlbkFJabcdefghij0123456789", "openai-key" },
	{ "sk-proj-", "abc_def-0123456789abcdefghij", "openai-key" },
	{ "npm_", W36, "npm-token" },
	{ "pypi-", "AgEIcHlwaS5vcmc" W36 W36, "pypi-token" },
	{ "hf_", "abcdefghijklmnopqrstuvwxyzABCDEFGH", "huggingface-token" },
	{ "SG.", "abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyzABCDEFGHIJK0123456",
	  "sendgrid-key" },
	{ "SK", H32, "twilio-key" },
	{ "dop_v1_", H32 H32, "digitalocean-token" },
	{ "shpat_", H32, "shopify-token" },
	{ "dapi", H32, "databricks-token" },
	{ "hvs.", "CAESIabcdefghijklmnopqrstuv", "vault-token" },
	{ "tcr_", "abcdefghijklmnopqrstuvwxyz_-0123456789abcde", "trammel-credential" },
};

#define TOKENS (sizeof(tokens) / sizeof(tokens[0]))

static const char *join(size_t i, const char *before, const char *after)
{
	char *text = arena_alloc(masked_arena(), 512);

	cr_assert_not_null(text);
	(void)snprintf(text, 512, "%s%s%s%s", before, tokens[i][0], tokens[i][1], after);
	return text;
}

static void expect_within(size_t i, const char *before, const char *after)
{
	char expected[128];

	(void)snprintf(expected, sizeof(expected), "%s<%s>%s", before, tokens[i][2], after);
	expect_masked(join(i, before, after), expected);
}

Test(mask_vendor, tokens_are_masked_wherever_they_stand)
{
	for (size_t i = 0; i < TOKENS; i++) {
		expect_within(i, "", "");
		expect_within(i, "a ", " b");
		expect_within(i, "x=\"", "\",");
		expect_within(i, "/", "?");
		expect_within(i, "\xc3\xa4", "\xc3\xa4");
	}
}

/* In JSON within a text, in a query, in a text within JSON: the letter before is an escape's. */
Test(mask_vendor, tokens_are_masked_behind_escapes)
{
	for (size_t i = 0; i < TOKENS; i++) {
		expect_within(i, "line\\n", "\\n");
		expect_within(i, "q%3D", " ");
		expect_within(i, "x\\u003d", " ");
	}
}

/* The mark in the middle of a word is none: base64 has all of them somewhere. */
Test(mask_vendor, a_part_of_a_longer_word_is_none)
{
	for (size_t i = 0; i < TOKENS; i++)
		expect_kept(join(i, "x", ""));
}

Test(mask_vendor, words_that_begin_alike_are_kept)
{
	static const char *const texts[] = {
		"sk-learn-is-a-library-for-python-people", "AKIABLE", "glass-beads-in-many-colours",
		"npm_config_registry", "hf_hub_download", "ghp_", "sk_live_", "SG.something.else",
		"SKU0123456789", "task-1234567890123456789012345", "xoxo-love-and-kisses",
		"pypi-server", "github_pat_", "AIza", "dapi",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_kept(texts[i]);
}

/* A run of marks that never becomes a token must not be read again from each of them. */
Test(mask_vendor, reading_takes_time_by_the_length_of_the_text)
{
	size_t len = 1u << 20;
	char *text = arena_alloc(masked_arena(), len + 1);
	struct span s;

	cr_assert_not_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = "sk-"[i % 3];
	cr_expect_not(scan_next(masked_mask(), str_slice(text, len), 0, UINT32_MAX, &s));
}
