/*
 * bom: a walk over a table of places in recorded lines.
 *
 * What each rule was that was considered is in the entry, by its place in the order of trial; what
 * it is called is in the bundle. Where the bundle is gone, the places are shown as they stand.
 */
#include "engine/audit/bom.h"

#include "engine/audit/entry.h"
#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/runs.h"

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
	{ "withheld", FROM_ENTRY, "data.signature", "no signature is withheld for a secret" },
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
	{ "cost", FROM_ENTRY, "decision.cost", "no rule was considered" },
	{ "errors", FROM_ENTRY, "decision.errors", "every condition could be decided" },
};
static const struct part action[] = {
	{ "tool", FROM_ENTRY, "action", "" },
	{ "resource", FROM_ENTRY, "resource", "the action names none" },
	{ "args", FROM_ENTRY, "args", "none were sent" },
	{ "result", FROM_ENTRY, "result", "the action was judged without one" },
	{ "attributes", FROM_ENTRY, "data.attrs", "none were sent" },
	{ "stage", FROM_ENTRY, "data.stage", "pre_tool, which goes without saying" },
	{ "masked", FROM_ENTRY, "data.masked", "no secret was in it" },
};
static const struct part context[] = {
	{ "time", FROM_ENTRY, "time", "" },
	{ "clock", FROM_ENTRY, "clock", "the time is the action's own" },
	{ "session", FROM_ENTRY, "session", "the action belongs to none" },
	{ "trace", FROM_ENTRY, "trace", "the action belongs to none" },
	{ "input", FROM_ENTRY, "decision.input", "no rule saw the action" },
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

static const char *truth_name(char letter)
{
	return letter == 't' ? "true" : letter == 'e' ? "error" : "false";
}

/* Runs, and the names that they are about. */
struct roll {
	struct str runs;
	const struct bom_rule *names;
	size_t count, at;
	struct str policy;           /* only rules of this one; ptr NULL: all */
};

/* The next name; NULL: there are fewer. */
static const struct bom_rule *next_name(struct roll *r)
{
	while (r->at < r->count) {
		const struct bom_rule *name = &r->names[r->at++];

		if (!r->policy.ptr || str_eq(name->policy, r->policy))
			return name;
	}
	return NULL;
}

static bool has_names(struct roll r)
{
	uint32_t count;
	char letter;

	while (r.names && runs_next(&r.runs, &letter, &count))
		for (; count > 0; count--)
			if (!next_name(&r))
				return false;
	return r.names != NULL;
}

/* A true forbid determines; where there is none, the true permits do. */
static bool holds_forbid(struct roll r)
{
	uint32_t count;
	char letter;

	while (runs_next(&r.runs, &letter, &count))
		for (; count > 0; count--)
			if (next_name(&r)->forbid && letter == 't')
				return true;
	return false;
}

/* [{"rule":"p/a","was":"false"},...]; of Cedar, with "determines" where it does. */
static void add_roll(struct paper *p, struct roll r, bool cedar)
{
	bool forbids = cedar && holds_forbid(r), first = true;
	uint32_t count;
	char letter;

	buf_add_byte(p->out, '[');
	while (runs_next(&r.runs, &letter, &count))
		for (; count > 0; count--, first = false) {
			const struct bom_rule *name = next_name(&r);

			buf_add_c(p->out, first ? "{" : ",{");
			if (cedar && letter == 't' && name->forbid == forbids)
				buf_add_c(p->out, "\"determines\":true,");
			buf_add_c(p->out, "\"rule\":");
			canon_string(p->out, name->name);
			buf_addf(p->out, ",\"was\":\"%s\"}", truth_name(letter));
		}
	buf_add_byte(p->out, ']');
}

/* By name, or as it was recorded. */
static void add_truths(struct paper *p, const char *name, const char *place, struct roll r,
		       bool cedar)
{
	open_field(p, name);
	if (has_names(r)) {
		add_roll(p, r, cedar);
		close_field(p, "entry", place);
		return;
	}
	canon_string(p->out, r.runs);
	close_field(p, "entry, without names", r.names ? "the bundle has fewer rules"
						       : p->bom->no_names);
}

/* One floor after the other; its rules are those behind the trial of all. */
static void add_floor(struct paper *p, const struct value *floor, size_t tried)
{
	const struct roll r = {
		value_text(floor, "considered"), p->bom->rules, p->bom->rule_count, tried,
		value_text(floor, "policy")
	};

	buf_add_c(p->out, "{\"considered\":");
	if (has_names(r))
		add_roll(p, r, false);
	else
		canon_string(p->out, r.runs);
	buf_add_c(p->out, ",\"policy\":");
	canon_string(p->out, r.policy);
	buf_add_byte(p->out, '}');
}

static void add_floors(struct paper *p, const struct value *floors, size_t tried)
{
	if (!floors) {
		add_absent(p, "floors", "nothing was tried behind the first match");
		return;
	}
	open_field(p, "floors");
	for (size_t i = 0; i < floors->list.count; i++) {
		buf_add_byte(p->out, i ? ',' : '[');
		add_floor(p, &floors->list.items[i], tried);
	}
	buf_add_byte(p->out, ']');
	close_field(p, "entry", "decision.floors");
}

static void add_considered(struct paper *p)
{
	const struct value *decision = value_get_c(p->lines[FROM_ENTRY], "decision");
	const struct bom *bom = p->bom;
	struct roll rules = { value_text(decision, "considered"), bom->rules, bom->rule_count, 0,
			      STR_NONE };
	struct roll cedar = { value_text(decision, "cedar"), bom->cedar, bom->cedar_count, 0,
			      STR_NONE };
	uint32_t tried = 0;

	if (rules.runs.ptr && runs_read(rules.runs, DECISION_TRUTHS, &tried))
		add_truths(p, "considered", "decision.considered", rules, false);
	else
		add_absent(p, "considered", "no rule was considered");
	add_floors(p, value_get_c(decision, "floors"), tried);
	if (cedar.runs.ptr)
		add_truths(p, "cedar", "decision.cedar", cedar, true);
	else
		add_absent(p, "cedar", "no Cedar policy was asked");
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
