/*
 * entry_line: the lines that nearly all entries are, read without a tree.
 *
 *   {"action":"...","agent":"...",  ...  "trace":"...","v":3}
 *    ^ one member after the other, each where entry_write puts it
 *
 * A replay reads every line of its log, and a tree of values costs more than what is then found in
 * it. Here a cursor goes over the line and expects what was written. At the first byte that it did
 * not expect it gives up, and the tables of entry.c, which know every member and have words for
 * every fault, read the line from its start. So nothing is refused here, nothing is told, and what
 * is rare is left out: escapes, text beyond ASCII, errors, floors, obligations, a second link. A
 * new member of every entry belongs here as well, or all lines take the long way. What is accepted
 * here the tables accept too, with the same entry; test_entry_line and fuzz_entry hold them to it.
 */
#include "engine/audit/inside.h"

#include "engine/base/json.h"
#include "engine/base/runs.h"
#include "engine/base/when.h"

#define REASONS 4
#define DIGEST_CHARS (7 + 2 * DIGEST_BYTES)

struct cursor {
	const char *at, *end;
	struct arena *arena;
	bool starved;                         /* gave up for want of memory */
};

static bool take(struct cursor *c, struct str expected)
{
	if ((size_t)(c->end - c->at) < expected.len ||
	    memcmp(c->at, expected.ptr, expected.len) != 0)
		return false;
	c->at += expected.len;
	return true;
}

static void *alloc(struct cursor *c, size_t count, size_t bytes)
{
	void *block = arena_array(c->arena, count, bytes);

	c->starved = c->starved || !block;
	return block;
}

/* Up to the closing quote, which is taken too. As signed bytes, what is not ASCII is negative. */
static bool take_text(struct cursor *c, struct str *ret)
{
	const char *p = c->at;

	while (p < c->end && (signed char)*p >= ' ' && *p != '"' && *p != '\\')
		p++;
	if (p == c->end || *p != '"')
		return false;
	*ret = str_slice(c->at, (size_t)(p - c->at));
	c->at = p + 1;
	return true;
}

static bool take_u64(struct cursor *c, uint64_t *ret)
{
	const char *p = c->at;

	while (p < c->end && *p >= '0' && *p <= '9')
		p++;
	if (str_to_u64(str_slice(c->at, (size_t)(p - c->at)), ret) != OK || *ret > ENTRY_MAX_SEQ)
		return false;
	c->at = p;
	return true;
}

/*
 * Below, `key` is all of a member before its value, a quote included. A member that may be absent
 * is not looked for elsewhere: if it lies there, what is expected next does not.
 */
static bool take_name(struct cursor *c, struct str key, size_t cap_bytes, struct str *ret)
{
	if (!take(c, key))
		return true;
	return take_text(c, ret) && ret->len <= cap_bytes && take(c, STR(","));
}

static bool take_digest(struct cursor *c, struct str key, struct digest *ret)
{
	if (!take(c, key) || c->end - c->at < DIGEST_CHARS ||
	    digest_read(str_slice(c->at, DIGEST_CHARS), ret) != OK)
		return false;
	c->at += DIGEST_CHARS;
	return take(c, STR("\","));
}

static bool take_digest_apart(struct cursor *c, struct str key, const struct digest **ret)
{
	struct cursor ahead = *c;
	struct digest *d;

	if (!take(&ahead, key))
		return true;
	d = alloc(c, 1, sizeof(*d));
	*ret = d;
	return d && take_digest(c, key, d);
}

/* The end of an object that starts at `p`, or NULL; whether it is one, json_read will tell. */
static const char *object_end(const char *p, const char *end)
{
	unsigned depth = 0;

	for (bool quoted = false; p < end; p++) {
		if (quoted && *p == '\\')
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (!quoted && (*p == '{' || *p == '['))
			depth++;
		else if (!quoted && (*p == '}' || *p == ']') && --depth == 0)
			return p + 1;
		/* The entry is a level too. */
		if (depth == LIMIT_DEPTH)
			return NULL;
	}
	return NULL;
}

static bool take_data(struct cursor *c, const struct value **ret)
{
	struct value *data;
	const char *end;
	enum err e;

	if (!take(c, STR("\"data\":")))
		return true;
	if (c->at == c->end || *c->at != '{')
		return false;
	end = object_end(c->at, c->end);
	data = end ? alloc(c, 1, sizeof(*data)) : NULL;
	if (!data)
		return false;
	e = json_read(str_slice(c->at, (size_t)(end - c->at)), 1, c->arena, data, NULL);
	c->starved = e == ERR_MEMORY;
	*ret = data;
	c->at = end;
	return e == OK && take(c, STR(","));
}

static bool take_reasons(struct cursor *c, struct decision *d)
{
	struct str list[REASONS], *kept;

	if (!take(c, STR("\"reasons\":[\"")))
		return true;
	do {
		if (d->reason_count == REASONS || !take_text(c, &list[d->reason_count]))
			return false;
		d->reason_count++;
	} while (take(c, STR(",\"")));
	kept = alloc(c, d->reason_count, sizeof(*kept));
	if (!kept)
		return false;
	memcpy(kept, list, d->reason_count * sizeof(*kept));
	d->reasons = kept;
	return take(c, STR("],"));
}

static bool take_runs(struct cursor *c, struct str key, struct str *ret)
{
	uint32_t total;

	if (!take(c, key))
		return true;
	return take_text(c, ret) && ret->len > 0 && runs_read(*ret, DECISION_TRUTHS, &total) &&
	       take(c, STR(","));
}

static bool take_cost(struct cursor *c, uint64_t *ret)
{
	if (!take(c, STR("\"cost\":")))
		return true;
	return take_u64(c, ret) && *ret > 0 && take(c, STR(","));
}

/* What the rules were, and what they saw; floors are rare. */
static bool take_record(struct cursor *c, struct decision *d, struct str effect)
{
	return take_runs(c, STR("\"cedar\":\""), &d->cedar) &&
	       take_runs(c, STR("\"considered\":\""), &d->considered) &&
	       take_cost(c, &d->cost) && take(c, effect) &&
	       take_digest_apart(c, STR("\"input\":\""), &d->input);
}

static bool take_trust(struct cursor *c, struct decision *d)
{
	uint64_t score;

	if (!take(c, STR(",\"trust\":{")))
		return true;
	d->regime_changed = take(c, STR("\"regime\":\"changed\","));
	if (!take(c, STR("\"score\":")) || !take_u64(c, &score) || score > 1000)
		return false;
	d->trust = (uint32_t)score;
	return take(c, STR(",\"tier\":\"")) && take_text(c, &d->tier) &&
	       d->tier.len <= LIMIT_NAME_BYTES && take(c, STR("}"));
}

static bool take_decision(struct cursor *c, const struct decision **ret)
{
	struct decision *d;

	if (!take(c, STR("\"decision\":{\"allowed\":")))
		return true;
	d = alloc(c, 1, sizeof(*d));
	if (!d)
		return false;
	*ret = d;
	if (take(c, STR("true,")))
		d->effect = EFFECT_ALLOW;
	else if (!take(c, STR("false,")))
		return false;
	return take_record(c, d, d->effect == EFFECT_ALLOW ? STR("\"effect\":\"allow\",")
							   : STR("\"effect\":\"deny\",")) &&
	       take_reasons(c, d) && take_name(c, STR("\"rule\":\""), SIZE_MAX, &d->rule) &&
	       take(c, STR("\"stage\":\"")) && take_text(c, &d->stage) &&
	       take_trust(c, d) && take(c, STR("},"));
}

static bool take_kind(struct cursor *c, enum entry_kind *ret)
{
	struct str name;

	if (!take(c, STR("\"kind\":\"")) || !take_text(c, &name))
		return false;
	for (unsigned i = 0; i < ENTRY_KINDS; i++)
		if (str_is(name, entry_kind_name((enum entry_kind)i))) {
			*ret = (enum entry_kind)i;
			return take(c, STR(","));
		}
	return false;
}

static bool take_link(struct cursor *c, struct entry *e)
{
	struct entry_link *link;

	if (!take(c, STR("\"links\":[{\"rel\":\"")))
		return true;
	link = alloc(c, 1, sizeof(*link));
	if (!link)
		return false;
	e->links = link;
	e->link_count = 1;
	return take_text(c, &link->rel) && take(c, STR(",\"seq\":")) && take_u64(c, &link->seq) &&
	       take(c, STR("}],"));
}

static bool take_log(struct cursor *c, struct str *ret)
{
	return take(c, STR("\"log\":\"")) && take_text(c, ret) && entry_log_ok(*ret) &&
	       take(c, STR(","));
}

static bool take_seq(struct cursor *c, struct entry *e)
{
	return take(c, STR("\"seq\":")) && take_u64(c, &e->seq) && take(c, STR(",")) &&
	       (e->link_count == 0 || e->links[0].seq < e->seq);
}

static bool take_signature(struct cursor *c, const struct signature **ret)
{
	struct signature *sig;
	struct str text;
	size_t len;

	if (!take(c, STR("\"signature\":\"")))
		return true;
	sig = alloc(c, 1, sizeof(*sig));
	*ret = sig;
	return sig && take_text(c, &text) &&
	       base64_read(text, sig->bytes, sizeof(sig->bytes), &len) == OK &&
	       len == sizeof(sig->bytes) && take(c, STR(","));
}

static bool take_time(struct cursor *c, int64_t *ret)
{
	struct str text;

	return take(c, STR("\"time\":\"")) && take_text(c, &text) && when_read(text, ret) == OK &&
	       take(c, STR(","));
}

static bool take_members(struct cursor *c, struct entry *e)
{
	if (!take(c, STR("{")) ||
	    !take_name(c, STR("\"action\":\""), LIMIT_NAME_BYTES, &e->action) ||
	    !take_name(c, STR("\"agent\":\""), LIMIT_NAME_BYTES, &e->agent) ||
	    !take_digest_apart(c, STR("\"args\":\""), &e->args))
		return false;
	e->time_synthetic = take(c, STR("\"clock\":\"synthetic\","));
	return take_data(c, &e->data) && take_decision(c, &e->decision) &&
	       take_kind(c, &e->kind) && take_link(c, e) && take_log(c, &e->log) &&
	       take_digest(c, STR("\"policy\":\""), &e->policy) &&
	       take_name(c, STR("\"resource\":\""), LIMIT_RESOURCE_BYTES, &e->resource) &&
	       take_digest_apart(c, STR("\"result\":\""), &e->result) && take_seq(c, e) &&
	       take_name(c, STR("\"session\":\""), LIMIT_NAME_BYTES, &e->session) &&
	       take_signature(c, &e->signature) &&
	       take_digest(c, STR("\"state\":\""), &e->state) && take_time(c, &e->time_ns) &&
	       take_name(c, STR("\"trace\":\""), LIMIT_NAME_BYTES, &e->trace) &&
	       take(c, STR("\"v\":3}")) && c->at == c->end;
}

_Static_assert(ENTRY_VERSION == 3, "take_members reads version 3");

enum err entry_line_read(struct str line, struct arena *a, struct entry *ret)
{
	struct arena_mark before = arena_mark(a);
	struct cursor c = { line.ptr, line.ptr + line.len, a, false };
	struct entry got = { .seq = 0 };

	if (!take_members(&c, &got)) {
		arena_rewind(a, before);
		return c.starved ? ERR_MEMORY : ERR_UNKNOWN;
	}
	*ret = got;
	return OK;
}
