/* export_kit: filling a log, and catching its exports. */
#include "tests/kit/export_kit.h"

#include <criterion/criterion.h>

/* Behind what the documents say themselves. */
#define NOW_NS (SPACE_KIT_START_NS + INT64_C(60000000000))

static const char *const documents[] = {
	"{\"agent\":\"ann\",\"action\":\"look\",\"args\":{\"q\":1},\"session\":\"s1\","
	"\"trace\":\"" EXPORT_KIT_TRACE "\",\"at\":\"2026-01-02T03:04:05.5Z\"}",
	"{\"outcome_of\":1,\"status\":\"success\",\"latency_ms\":5,\"result\":[1,2.5],"
	"\"at\":\"2026-01-02T03:04:05.505Z\"}",
	"{\"agent\":\"ann\",\"action\":\"steal\",\"session\":\"s1\","
	"\"at\":\"2026-01-02T03:04:05.6Z\"}",
	"{\"agent\":\"-bot\",\"action\":\"=cmd|' /C calc'!A0\",\"resource\":\"a,\\\"b\\\"\","
	"\"session\":\"s2\",\"trace\":\"t\",\"args\":\"@x\",\"at\":\"2026-01-02T03:04:05.7Z\"}",
	"{\"outcome_of\":4,\"status\":\"error\",\"at\":\"2026-01-02T03:04:06Z\"}",
	"{\"agent\":\"ann\",\"action\":\"look\",\"args\":{\"\xc3\xa9\":1e21},\"session\":\"s1\","
	"\"at\":\"2026-01-02T03:04:07Z\"}",
	"{\"outcome_of\":4,\"status\":\"success\",\"at\":\"2026-01-02T03:04:08Z\"}",
};

void export_kit_submit(struct export_kit *k, const char *document)
{
	struct space *s = space_kit_open(&k->space);
	struct note n = { .line = 0 };
	struct verdict verdict;
	struct buf bodies;

	buf_init(&bodies, 1u << 20);
	cr_assert_eq(space_submit_text(s, str_view(document), NOW_NS, &k->space.memory, &bodies,
				       &verdict, &n), OK, "%s", n.text);
	buf_fini(&bodies);
	cr_assert_eq(space_close(s, &n), OK, "%s", n.text);
}

void export_kit_init(struct export_kit *k)
{
	space_kit_init(&k->space, EXPORT_KIT_POLICY);
	buf_init(&k->out, (size_t)1 << 28);
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
		export_kit_submit(k, documents[i]);
	cr_assert_eq(space_kit_verify(&k->space, NULL), EXPORT_KIT_ENTRIES);
}

void export_kit_fini(struct export_kit *k)
{
	buf_fini(&k->out);
	space_kit_fini(&k->space);
}

static enum err keep(void *self, struct str bytes)
{
	struct buf *b = self;

	buf_add(b, bytes);
	return b->err;
}

enum err export_kit_run(struct export_kit *k, const struct export_options *options)
{
	const struct export_sink sink = { keep, &k->out };
	struct space *s;
	enum err e;

	k->note = (struct note){ .line = 0 };
	buf_clear(&k->out);
	TRY(space_open(k->space.w, SPACE_KIT_DIR, SPACE_READ, &s, &k->note));
	e = export_run(s, options, &sink, &k->space.memory, &k->report, &k->note);
	(void)space_close(s, NULL);
	return e;
}

struct str export_kit_all(struct export_kit *k, enum export_format format)
{
	struct export_options options = EXPORT_ALL;
	enum err e;

	options.format = format;
	options.bodies = true;
	options.key = STR("key");
	e = export_kit_run(k, &options);
	cr_assert_eq(e, OK, "%s: %s", err_name(e), k->note.text);
	buf_add_byte(&k->out, '\0');
	cr_assert_eq(k->out.err, OK);
	k->out.len--;
	return buf_view(&k->out);
}

struct str export_kit_line(struct export_kit *k, size_t at)
{
	struct str line, rest = buf_view(&k->out), copy = STR_NONE;

	while (str_cut(rest, '\n', &line, &rest))
		if (at-- == 0) {
			cr_assert_eq(arena_copy(&k->space.memory, line, &copy), OK);
			return copy;
		}
	return STR_NONE;
}
