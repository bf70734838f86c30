/*
 * bom: a walk over a table of places in recorded lines.
 *
 * Of the rules that were considered the entry holds their number and those in error; which they
 * were follows from the bundle, whose order of trial is fixed. One that neither decided nor was in
 * error was passed over: its condition was false, its policy does not hold for the agent, or a
 * stricter floor decided instead. Where something else decided, an earlier stage or a Cedar policy,
 * the entry does not hold which rule would have, and so it may be any of them.
 */
#include "engine/audit/bom.h"

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"

/* The lines that places are in. */
enum from { FROM_ENTRY = 0, FROM_BEFORE, FROM_OUTCOME, FROMS };

static const char *const from_names[FROMS] = { "entry", "entry before", "outcome" };

/* A part that is copied as it stands. */
struct part {
	const char *name;
	enum from from;
	const char *path;            /* members, divided by '.' */
	const char *absent;          /* why it may not be there */
};

static const struct part identity[] = {
	{ "agent", FROM_ENTRY, "agent", "the entry names none" },
	{ "signature", FROM_ENTRY, "signature", "the action was not signed" },
};
static const struct part trust[] = {
	{ "score", FROM_ENTRY, "decision.trust.score", "the policy in force keeps no trust" },
	{ "tier", FROM_ENTRY, "decision.trust.tier", "the policy in force keeps no trust" },
	{ "regime", FROM_ENTRY, "decision.trust.regime", "no change was found" },
};
static const struct part policy[] = {
	{ "digest", FROM_ENTRY, "policy", "" },
	{ "stage", FROM_ENTRY, "decision.stage", "" },
	{ "rule", FROM_ENTRY, "decision.rule", "no rule decided" },
	{ "tried", FROM_ENTRY, "decision.tried", "no rule was tried" },
	{ "errors", FROM_ENTRY, "decision.errors", "every condition could be decided" },
};
static const struct part action[] = {
	{ "tool", FROM_ENTRY, "action", "" },
	{ "resource", FROM_ENTRY, "resource", "the action names none" },
	{ "args", FROM_ENTRY, "args", "none were sent" },
	{ "result", FROM_ENTRY, "result", "the action was judged without one" },
	{ "attributes", FROM_ENTRY, "data.attrs", "none were sent" },
	{ "stage", FROM_ENTRY, "data.stage", "pre_tool, which goes without saying" },
};
static const struct part context[] = {
	{ "time", FROM_ENTRY, "time", "" },
	{ "clock", FROM_ENTRY, "clock", "the time is the action's own" },
	{ "session", FROM_ENTRY, "session", "the action belongs to none" },
	{ "trace", FROM_ENTRY, "trace", "the action belongs to none" },
	{ "state", FROM_BEFORE, "state", "the log begins with the action" },
};
static const struct part outcome[] = {
	{ "effect", FROM_ENTRY, "decision.effect", "" },
	{ "reasons", FROM_ENTRY, "decision.reasons", "none were given" },
	{ "obligations", FROM_ENTRY, "decision.obligations", "there are none" },
	{ "fault", FROM_ENTRY, "data.fault", "the machine did not fail" },
	{ "state", FROM_ENTRY, "state", "" },
	{ "entry", FROM_OUTCOME, "seq", NULL },
	{ "status", FROM_OUTCOME, "data.status", NULL },
	{ "result", FROM_OUTCOME, "result", NULL },
};
static const struct part lineage[] = {
	{ "log", FROM_ENTRY, "log", "" },
	{ "seq", FROM_ENTRY, "seq", "" },
	{ "links", FROM_ENTRY, "links", "the action is about no other entry" },
};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

struct paper {
	const struct bom *bom;
	const struct value *lines[FROMS];    /* NULL: there is no such line */
	struct buf *out;
	bool json, opened;                   /* a section has a field already */
};

static void open_section(struct paper *p, const char *name)
{
	if (p->json)
		buf_addf(p->out, ",\"%s\":{", name);
	else
		buf_addf(p->out, "%s\n", name);
	p->opened = false;
}

static void close_section(struct paper *p)
{
	if (p->json)
		buf_add_byte(p->out, '}');
}

static void open_field(struct paper *p, const char *name)
{
	if (p->json)
		buf_addf(p->out, "%s\"%s\":{\"value\":", p->opened ? "," : "", name);
	else
		buf_addf(p->out, "  %-12s ", name);
	p->opened = true;
}

/* `line` and the place in it, or a source of another kind. */
static void close_field(struct paper *p, const char *line, const char *place)
{
	buf_add_c(p->out, p->json ? ",\"source\":\"" : "  [");
	buf_addf(p->out, "%s%s%s", line, *place ? ": " : "", place);
	buf_add_c(p->out, p->json ? "\"}" : "]\n");
}

static void add_absent(struct paper *p, const char *name, const char *why)
{
	open_field(p, name);
	buf_add_c(p->out, p->json ? "null" : "-");
	close_field(p, "absent", why);
}

static const struct value *find(const struct value *v, const char *path)
{
	struct str key, rest = str_view(path);

	while (v && str_cut(rest, '.', &key, &rest))
		v = value_get(v, key);
	return value_get(v, rest);
}

static void add_unfound_outcome(struct paper *p, const char *name)
{
	char why[64];
	struct buf b;

	buf_init(&b, sizeof(why));
	buf_addf(&b, "none among the %llu entries that follow",
		 (unsigned long long)p->bom->searched);
	if (b.err == OK && str_to_c(buf_view(&b), why, sizeof(why)) == OK)
		add_absent(p, name, why);
	else
		p->out->err = b.err;
	buf_fini(&b);
}

static void add_part(struct paper *p, const struct part *part)
{
	const struct value *v = find(p->lines[part->from], part->path);

	if (v) {
		open_field(p, part->name);
		canon_value(p->out, v);
		close_field(p, from_names[part->from], part->path);
	} else if (part->from == FROM_OUTCOME && !p->lines[FROM_OUTCOME]) {
		add_unfound_outcome(p, part->name);
	} else {
		add_absent(p, part->name, part->absent ? part->absent : "the outcome says none");
	}
}

static void add_parts(struct paper *p, const struct part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_part(p, &parts[i]);
}

/* --- the rules that were considered --- */

static bool names(const struct value *list, struct str rule)
{
	for (size_t i = 0; list && i < list->list.count; i++)
		if (str_eq(list->list.items[i].string, rule))
			return true;
	return false;
}

/* Where names were left out for their length, one more could not have been sure of its room. */
static bool is_cut(const struct value *errors)
{
	size_t bytes = 0;

	for (size_t i = 0; errors && i < errors->list.count; i++)
		bytes += errors->list.items[i].string.len;
	return bytes + 2 * LIMIT_NAME_BYTES + 1 > LIMIT_ERRORS_BYTES;
}

/* Is one of the rules the decider, or the default for want of one? */
static bool rules_decided(const struct paper *p, size_t count, struct str decider)
{
	const struct value *decision = value_get_c(p->lines[FROM_ENTRY], "decision");

	if (!decider.ptr)
		return str_is(value_text(decision, "stage"), "policy");
	for (size_t i = 0; i < count; i++)
		if (str_eq(p->bom->rules[i], decider))
			return true;
	return false;
}

static void add_considered(struct paper *p)
{
	const struct value *entry = p->lines[FROM_ENTRY];
	const struct value *tried = find(entry, "decision.tried");
	const struct value *errors = find(entry, "decision.errors");
	struct str decider = value_text(value_get_c(entry, "decision"), "rule");
	const char *rest = is_cut(errors) ? "passed over or error" : "passed over";
	size_t count = tried ? (size_t)tried->integer : 0;

	if (!p->bom->rules || count > p->bom->rule_count) {
		add_absent(p, "considered", p->bom->rules ? "the bundle has fewer rules than were "
							    "tried" : p->bom->no_rules);
		return;
	}
	if (!rules_decided(p, count, decider))
		rest = is_cut(errors) ? "unknown" : "passed over or true";
	open_field(p, "considered");
	for (size_t i = 0; i < count; i++) {
		struct str rule = p->bom->rules[i];
		bool decides = decider.ptr && str_eq(rule, decider);
		const char *what = names(errors, rule) ? "error" : decides ? "true" : rest;

		buf_add_c(p->out, i ? "," : "[");
		buf_add_c(p->out, "{\"rule\":");
		canon_string(p->out, rule);
		buf_addf(p->out, ",\"was\":\"%s\"}", what);
	}
	buf_add_c(p->out, count ? "]" : "[]");
	close_field(p, "bundle", "rules of the stage in the order of trial");
}

/* --- what it hangs from --- */

static void add_hash(struct paper *p, const char *name, const struct digest *d, const char *source)
{
	open_field(p, name);
	buf_add_byte(p->out, '"');
	digest_write(p->out, d);
	buf_add_byte(p->out, '"');
	close_field(p, source, "");
}

static void add_lineage(struct paper *p)
{
	const struct checkpoint *c = p->bom->checkpoint;
	struct digest leaf;

	sha256_leaves(&p->bom->entry, 1, &leaf);
	add_parts(p, lineage, COUNT(lineage));
	add_hash(p, "leaf", &leaf, "SHA-256 of a zero byte and the entry's line");
	open_field(p, "signed");
	buf_add_c(p->out, (uint64_t)find(p->lines[FROM_ENTRY], "seq")->integer < c->size ? "true"
											: "false");
	close_field(p, "checkpoint", "size");
	open_field(p, "size");
	buf_add_u64(p->out, c->size);
	close_field(p, "checkpoint", "size");
	add_hash(p, "root", &c->root, "checkpoint: root");
}

static enum err read_line(struct str line, struct arena *a, const struct value **ret)
{
	struct value *tree;

	if (!line.ptr)
		return OK;
	tree = arena_alloc(a, sizeof(*tree));
	if (!tree)
		return ERR_MEMORY;
	TRY(json_read(line, 1, a, tree, NULL));
	*ret = tree;
	return OK;
}

static void write_sections(struct paper *p)
{
	open_section(p, "identity");
	add_parts(p, identity, COUNT(identity));
	close_section(p);
	open_section(p, "trust");
	add_parts(p, trust, COUNT(trust));
	close_section(p);
	open_section(p, "policy");
	add_parts(p, policy, COUNT(policy));
	add_considered(p);
	close_section(p);
	open_section(p, "action");
	add_parts(p, action, COUNT(action));
	close_section(p);
	open_section(p, "context");
	add_parts(p, context, COUNT(context));
	close_section(p);
	open_section(p, "outcome");
	add_parts(p, outcome, COUNT(outcome));
	close_section(p);
	open_section(p, "lineage");
	add_lineage(p);
	close_section(p);
}

enum err bom_write(const struct bom *bom, bool json, struct arena *a, struct buf *out,
		   struct note *n)
{
	struct paper p = { .bom = bom, .out = out, .json = json };
	struct str kind;

	TRY(read_line(bom->entry, a, &p.lines[FROM_ENTRY]));
	TRY(read_line(bom->before, a, &p.lines[FROM_BEFORE]));
	TRY(read_line(bom->outcome, a, &p.lines[FROM_OUTCOME]));
	kind = value_text(p.lines[FROM_ENTRY], "kind");
	if (!str_is(kind, "action"))
		return note_set(n, ERR_TYPE, 0, 0,
				"the entry is of kind %.*s; only an action has a bill of materials",
				STR_ARG(kind));
	if (json)
		buf_addf(out, "{\"format\":\"trammel/bom/v1\"");
	write_sections(&p);
	if (json)
		buf_add_c(out, "}\n");
	return out->err;
}
