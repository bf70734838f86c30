/* agt_kit: printf and arrays. */
#include "tests/kit/agt_kit.h"

#include <stdio.h>

#include <criterion/criterion.h>

#define MEMORY ((size_t)64 << 20)
#define LEVELS 9

static struct str formatted(struct agt_log *l, const char *fmt, ...) PRINTF_LIKE(2, 3);

static struct str formatted(struct agt_log *l, const char *fmt, ...)
{
	char text[4096];
	struct str copy;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	cr_assert(len > 0 && len < (int)sizeof(text));
	cr_assert_eq(arena_copy(&l->memory, str_slice(text, (size_t)len), &copy), OK);
	return copy;
}

static void hex(const struct digest *d, char ret[AGT_HEX])
{
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", d->bytes[i]);
}

static void begin(struct agt_log *l, unsigned count)
{
	cr_assert(count <= AGT_MAX);
	cr_assert_eq(crypto_start(), OK);
	*l = (struct agt_log){ .count = count };
	arena_init(&l->memory, MEMORY);
}

/* Numbers in every spelling that Python and canonical JSON disagree about. */
#define DATA "{\"big\": 123456789012345678901234567890, \"f\": 1e+16, \"n\": %u, \"o\": 100.0, " \
	     "\"t\": \"caf\\u00e9 \\ud83d\\ude00\", \"z\": -0.0}"
#define TIME "2026-01-02T03:%02u:%02u.500000+00:00"

void agt_entries(struct agt_log *l, unsigned count)
{
	begin(l, count);
	for (unsigned i = 0; i < count; i++) {
		const char *previous = i ? l->hash[i - 1] : "";
		struct digest d;

		l->hashed[i] = formatted(
			l,
			"{\"action\": \"read_%u\", \"agent_did\": \"did:web:a%u.example\", "
			"\"data\": " DATA
			", \"entry_id\": \"audit_%04u\", \"event_type\": \"tool_invocation\", "
			"\"outcome\": \"%s\", \"previous_hash\": \"%s\", \"resource\": %s, "
			"\"timestamp\": \"" TIME "\"}",
			i % 5, i % 3, i, i, i % 4 ? "success" : "denied", previous,
			i % 2 ? "\"/r\"" : "null", i / 60, i % 60);
		d = sha256(l->hashed[i]);
		hex(&d, l->hash[i]);
		l->text[i] = formatted(l,
				       "%.*s, \"entry_hash\": \"%s\", \"policy_decision\": \"%s\", "
				       "\"matched_rule\": null, \"trace_id\": \"t%u\", "
				       "\"session_id\": \"s%u\", \"target_did\": null, "
				       "\"environment\": \"prod\"}",
				       (int)l->hashed[i].len - 1, l->hashed[i].ptr, l->hash[i],
				       i % 4 ? "allow" : "deny", i, i % 2);
	}
}

void agt_lines(struct agt_log *l, unsigned count)
{
	begin(l, count);
	for (unsigned i = 0; i < count; i++) {
		const char *previous = i ? l->hash[i - 1] : "";
		char signature[AGT_HEX];
		struct digest d;

		l->hashed[i] = formatted(
			l,
			"{\"action\": \"read_%u\", \"agent_did\": \"did:web:a%u.example\", "
			"\"data\": " DATA
			", \"entry_id\": \"audit_%04u\", \"event_type\": \"tool_invocation\", "
			"\"matched_rule\": \"r\", \"outcome\": \"success\", \"policy_decision\": "
			"null, "
			"\"previous_hash\": \"%s\", \"resource\": null, \"session_id\": \"s\", "
			"\"target_did\": null, "
			"\"timestamp\": \"" TIME "\", \"trace_id\": null}",
			i % 5, i % 3, i, i, previous, i / 60, i % 60);
		d = sha256(l->hashed[i]);
		hex(&d, l->hash[i]);
		d = hmac_sha256(STR(AGT_KEY), str_view(l->hash[i]));
		hex(&d, signature);
		l->text[i] = formatted(l,
				       "%.*s, \"content_hash\": \"%s\", \"signature\": \"%s\", "
				       "\"sandbox_id\": null}",
				       (int)l->hashed[i].len - 1, l->hashed[i].ptr, l->hash[i],
				       signature);
	}
}

void agt_fini(struct agt_log *l)
{
	arena_fini(&l->memory);
}

/* --- the tree, in arrays as add_entry and _rebuild_tree keep it --- */

struct tree {
	char node[LEVELS][2 * AGT_MAX][AGT_HEX];
	unsigned levels, width;
};

static void zeros(char text[AGT_HEX])
{
	memset(text, '0', AGT_HEX - 1);
	text[AGT_HEX - 1] = '\0';
}

static void join(const char *left, const char *right, char ret[AGT_HEX])
{
	char both[2 * AGT_HEX];
	struct digest d;

	(void)snprintf(both, sizeof(both), "%s%s", left, right);
	d = sha256(str_view(both));
	hex(&d, ret);
}

static void grow(struct tree *t, const struct agt_log *l, unsigned count, bool rebuilt)
{
	*t = (struct tree){ .levels = 1, .width = 1 };
	for (unsigned level = 0; level < LEVELS; level++)
		for (unsigned i = 0; i < 2 * AGT_MAX; i++)
			zeros(t->node[level][i]);
	while (t->width < count) {
		t->width *= 2;
		t->levels++;
	}
	for (unsigned i = 0; i < count; i++) {
		memcpy(t->node[0][i], l->hash[i], AGT_HEX);
		for (unsigned level = 1, at = i / 2; level < t->levels; level++, at /= 2)
			join(t->node[level - 1][2 * at], t->node[level - 1][2 * at + 1],
			     t->node[level][at]);
	}
	for (unsigned level = 1; rebuilt && level < t->levels; level++)
		for (unsigned i = 0; i < t->width >> level; i++)
			join(t->node[level - 1][2 * i], t->node[level - 1][2 * i + 1],
			     t->node[level][i]);
}

void agt_root(const struct agt_log *l, unsigned count, bool rebuilt, char ret[AGT_HEX])
{
	static struct tree t;

	grow(&t, l, count, rebuilt);
	memcpy(ret, t.node[t.levels - 1][0], AGT_HEX);
}

struct str agt_proof(struct agt_log *l, unsigned index)
{
	static struct tree t;
	struct str proof = STR("[");

	grow(&t, l, l->count, false);
	for (unsigned level = 0, at = index; level + 1 < t.levels; level++, at /= 2)
		proof = formatted(l, "%.*s%s[\"%s\", \"%s\"]", STR_ARG(proof), level ? ", " : "",
				  t.node[level][at ^ 1], at & 1 ? "left" : "right");
	return formatted(l, "%.*s]", STR_ARG(proof));
}

/* --- files --- */

static struct str listed(struct agt_log *l, const char *head, unsigned from, unsigned to,
			 const char *between, const char *foot)
{
	struct str copy;
	struct buf b;

	buf_init(&b, 1u << 20);
	buf_add_c(&b, head);
	for (unsigned i = from; i < to; i++) {
		buf_add(&b, l->text[i]);
		buf_add_c(&b, i + 1 < to ? between : "");
	}
	buf_add_c(&b, foot);
	cr_assert_eq(b.err, OK);
	cr_assert_eq(arena_copy(&l->memory, buf_view(&b), &copy), OK);
	buf_fini(&b);
	return copy;
}

struct str agt_jsonl(struct agt_log *l, unsigned from, unsigned to)
{
	return listed(l, "", from, to, "\n", "\n");
}

struct str agt_export(struct agt_log *l, unsigned from, unsigned to, const char *root)
{
	struct str head = formatted(
		l,
		"{\"exported_at\": \"2026-01-02T04:00:00+00:00\", \"merkle_root\": \"%s\", "
		"\"chain_root\": \"%s\", \"entry_count\": %u, \"entries\": [\n",
		root, root, to - from);

	return listed(l, head.ptr, from, to, ",\n", "]}\n");
}

struct str agt_edit(struct agt_log *l, struct str text, const char *old, const char *new)
{
	const char *at = memmem(text.ptr, text.len, old, strlen(old));
	struct str copy;
	struct buf b;

	cr_assert_not_null(at, "'%s' is not in the text", old);
	buf_init(&b, MEMORY);
	buf_add(&b, str_slice(text.ptr, (size_t)(at - text.ptr)));
	buf_add_c(&b, new);
	buf_add(&b, str_slice(at + strlen(old), text.len - (size_t)(at - text.ptr) - strlen(old)));
	cr_assert_eq(b.err, OK);
	cr_assert_eq(arena_copy(&l->memory, buf_view(&b), &copy), OK);
	buf_fini(&b);
	return copy;
}
