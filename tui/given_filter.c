/* given_filter: names are patterns; times are instants, or counted back from the last entry. */
#include "tui/given_filter.h"

#include "engine/base/limits.h"
#include "engine/base/when.h"

static const char *const kinds[] = {
#define KIND_NAME(id, text) text,
	ENTRY_KIND_LIST(KIND_NAME)
#undef KIND_NAME
	NULL
};

static const struct name_option {
	enum option option;
	enum filter_name name;
} names[] = {
	{ OPT_AGENT, FILTER_AGENT }, { OPT_TOOL, FILTER_TOOL }, { OPT_RESOURCE, FILTER_RESOURCE },
	{ OPT_SESSION, FILTER_SESSION }, { OPT_TRACE, FILTER_TRACE }, { OPT_RULE, FILTER_RULE },
	{ OPT_STAGE, FILTER_STAGE },
};

bool given_span(struct str text, int64_t *ret_ns)
{
	static const struct { char unit; int64_t ns; } units[] = {
		{ 's', WHEN_SECOND_NS },
		{ 'm', 60 * WHEN_SECOND_NS },
		{ 'h', 3600 * WHEN_SECOND_NS },
		{ 'd', 86400 * WHEN_SECOND_NS },
	};
	uint64_t count;

	if (text.len < 2 || str_to_u64(str_slice(text.ptr, text.len - 1), &count) != OK)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (text.ptr[text.len - 1] != units[i].unit)
			continue;
		*ret_ns = count > (uint64_t)(INT64_MAX / units[i].ns)
				  ? INT64_MAX : (int64_t)count * units[i].ns;
		return true;
	}
	return false;
}

static int64_t before(int64_t newest_ns, int64_t span)
{
	return newest_ns < INT64_MIN + span ? INT64_MIN : newest_ns - span;
}

enum err given_time(const struct invocation *in, enum option o, int64_t newest_ns, int64_t *ret,
		    struct note *n)
{
	struct str text = str_view(in->values[o]);
	int64_t span;

	if (!text.ptr || when_read(text, ret) == OK)
		return OK;
	if (text.len == 0 || text.ptr[0] != '-' ||
	    !given_span(str_slice(text.ptr + 1, text.len - 1), &span))
		return note_set(n, ERR_USAGE, 0, 0,
				"'%.*s' is no time; expected one like 2026-01-02T03:04:05Z, or "
				"-90m, -2h, -7d before the last entry", STR_ARG(text));
	*ret = before(newest_ns, span);
	return OK;
}

enum err given_age(const struct invocation *in, enum option o, int64_t newest_ns, int64_t *ret,
		   struct note *n)
{
	struct str text = str_view(in->values[o]);
	int64_t span;

	if (!text.ptr || when_read(text, ret) == OK)
		return OK;
	if (!given_span(text, &span))
		return note_set(n, ERR_USAGE, 0, 0,
				"'%.*s' is no age; expected one like 90d, or a time like "
				"2026-01-02T03:04:05Z", STR_ARG(text));
	*ret = before(newest_ns, span);
	return OK;
}

static enum err take_text(const struct invocation *in, enum option o, struct str *ret,
			  struct note *n)
{
	struct str text = str_view(in->values[o]);

	if (!given(in, o))
		return OK;
	if (text.len > LIMIT_QUERY_BYTES || !str_utf8_ok(text))
		return note_set(n, ERR_USAGE, 0, 0,
				"a pattern or text is valid UTF-8 of at most %d bytes",
				LIMIT_QUERY_BYTES);
	*ret = text;
	return OK;
}

static enum err take_kind(const struct invocation *in, struct filter *f, struct note *n)
{
	struct str text = str_view(in->values[OPT_KIND]);
	const char *near = str_nearest(text, kinds);

	f->by_kind = given(in, OPT_KIND);
	for (unsigned kind = 0; f->by_kind && kinds[kind]; kind++) {
		if (!str_is(text, kinds[kind]))
			continue;
		f->kind = (enum entry_kind)kind;
		return OK;
	}
	if (!f->by_kind)
		return OK;
	return note_set(n, ERR_USAGE, 0, 0,
			"there is no kind '%.*s'; expected action, outcome, agent, policy, label, "
			"refusal, control or notice%s%s%s", STR_ARG(text),
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static enum err take_effect(const struct invocation *in, struct filter *f, struct note *n)
{
	struct str text = str_view(in->values[OPT_EFFECT]);

	f->by_effect = given(in, OPT_EFFECT);
	f->effect = str_is(text, "allow") ? EFFECT_ALLOW : EFFECT_DENY;
	if (!f->by_effect || str_is(text, effect_name(f->effect)))
		return OK;
	return note_set(n, ERR_USAGE, 0, 0, "--effect is '%.*s'; expected allow or deny",
			STR_ARG(text));
}

enum err given_filter(const struct invocation *in, int64_t newest_ns, struct filter *ret,
		      struct note *n)
{
	struct filter f = filter_any();

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		TRY(take_text(in, names[i].option, &f.names[names[i].name], n));
	TRY(take_text(in, OPT_OUTCOME, &f.outcome, n));
	TRY(take_text(in, OPT_TEXT, &f.text, n));
	TRY(take_kind(in, &f, n));
	TRY(take_effect(in, &f, n));
	TRY(given_time(in, OPT_SINCE, newest_ns, &f.since_ns, n));
	TRY(given_time(in, OPT_UNTIL, newest_ns, &f.until_ns, n));
	*ret = f;
	return OK;
}
