/*
 * entry: the canonical line, written in one go and read by tables.
 *
 * Writing appends the members in their sorted order; every member ends in a comma and one near the
 * end ("v", "stage", "type") is always there, so nothing needs to know what was left out before it.
 *
 * Reading lives on the same fact. Most lines are read by entry_line.c as they were written. The
 * tables here read every line, and tell what is wrong with it: the members of an object are matched
 * against a table of rules in one walk, which finds unknown, missing and misplaced ones. What was
 * read is then written again and compared with the line. That comparison alone makes writing and
 * reading inverse; the rules are there for the bounds and for good messages.
 */
#include "engine/audit/inside.h"

#include "engine/audit/jcs.h"
#include "engine/audit/note.h"
#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "engine/base/runs.h"
#include "engine/base/when.h"

struct reading {
	struct arena *a;
	struct note *n;
};

struct rule;
typedef enum err rule_read(const struct reading *r, const struct rule *rule, const struct value *v,
			   void *part);

/* One member: what reads it, and where in the struct its value (and for lists the count) goes. */
struct rule {
	struct str name;
	rule_read *read;
	size_t at, count_at;
	size_t cap_bytes;            /* of a text; 0: as long as the line allows */
	bool needed;
};

#define NAME(literal) { "" literal, sizeof(literal) - 1 }

static const char *const kind_names[ENTRY_KINDS] = {
#define ENTRY_KIND_NAME(id, text) [id] = text,
	ENTRY_KIND_LIST(ENTRY_KIND_NAME)
#undef ENTRY_KIND_NAME
};

const char *entry_kind_name(enum entry_kind kind)
{
	MUST(kind < ENTRY_KINDS);
	return kind_names[kind];
}

const char *effect_name(enum effect effect)
{
	return effect == EFFECT_ALLOW ? "allow" : "deny";
}

bool entry_log_ok(struct str log)
{
	return log.len <= LIMIT_ORIGIN_BYTES && note_name_ok(log) &&
	       !memchr(log.ptr, '"', log.len) && !memchr(log.ptr, '\\', log.len);
}

/* By type, then rule: <0 when a comes first. */
static int obligation_cmp(const struct obligation *a, const struct obligation *b)
{
	int order = str_cmp(a->type, b->type);

	return order ? order : str_cmp(a->rule, b->rule);
}

/* What an obligation of its type has, and no other. */
static bool extras_ok(const struct obligation *o)
{
	return (o->approver_count == 0 || str_is(o->type, "require_approval")) &&
	       !o->edits.ptr == !str_is(o->type, "transform") &&
	       !o->limit.ptr == !str_is(o->type, "rate_limit");
}

/* --- writing --- */

/* Nearly every text is plain: one piece with its key, as entries are written by the million. */
static void add_text(struct buf *b, struct str key, struct str text)
{
	bool plain = text.len > 0 && json_plain_len(text) == text.len;
	char *at = plain ? buf_grow(b, key.len + text.len + 3) : NULL;

	if (!text.ptr || (plain && !at))
		return;
	if (!plain) {
		buf_add(b, key);
		canon_string(b, text);
		buf_add_byte(b, ',');
		return;
	}
	memcpy(at, key.ptr, key.len);
	at += key.len;
	*at++ = '"';
	memcpy(at, text.ptr, text.len);
	at[text.len] = '"';
	at[text.len + 1] = ',';
}

static void add_digest(struct buf *b, struct str key, const struct digest *d)
{
	if (!d)
		return;
	buf_add(b, key);
	buf_add_hex(b, d->bytes, sizeof(d->bytes));
	buf_add(b, STR("\","));
}

static void add_texts(struct buf *b, struct str key, const struct str *texts, size_t count)
{
	if (count == 0)
		return;
	buf_add(b, key);
	for (size_t i = 0; i < count; i++) {
		buf_add_byte(b, i ? ',' : '[');
		canon_string(b, texts[i]);
	}
	buf_add(b, STR("],"));
}

static void add_obligations(struct buf *b, const struct decision *d)
{
	if (d->obligation_count == 0)
		return;
	buf_add(b, STR("\"obligations\":"));
	for (size_t i = 0; i < d->obligation_count; i++) {
		const struct obligation *o = &d->obligations[i];

		MUST(i == 0 || obligation_cmp(o - 1, o) < 0);
		MUST(extras_ok(o));
		buf_add_byte(b, i ? ',' : '[');
		buf_add_byte(b, '{');
		add_texts(b, STR("\"approvers\":"), o->approvers, o->approver_count);
		if (o->edits.ptr) {
			buf_add(b, STR("\"edits\":"));
			buf_add(b, o->edits);
			buf_add_byte(b, ',');
		}
		add_text(b, STR("\"limit\":"), o->limit);
		buf_add(b, STR("\"rule\":"));
		canon_string(b, o->rule);
		buf_add(b, STR(",\"type\":"));
		canon_string(b, o->type);
		buf_add_byte(b, '}');
	}
	buf_add(b, STR("],"));
}

static void add_trust(struct buf *b, const struct decision *d)
{
	if (!d->tier.ptr)
		return;
	buf_add(b, STR(",\"trust\":{"));
	if (d->regime_changed)
		buf_add(b, STR("\"regime\":\"changed\","));
	buf_add(b, STR("\"score\":"));
	buf_add_u64(b, d->trust);
	buf_add(b, STR(",\"tier\":"));
	canon_string(b, d->tier);
	buf_add_byte(b, '}');
}

/* Runs are letters and digits. */
static void add_runs(struct buf *b, struct str key, struct str runs)
{
	if (runs.len == 0)
		return;
	buf_add(b, key);
	buf_add(b, runs);
	buf_add(b, STR("\","));
}

static void add_floors(struct buf *b, const struct decision *d)
{
	if (d->floor_count == 0)
		return;
	buf_add(b, STR("\"floors\":"));
	for (size_t i = 0; i < d->floor_count; i++) {
		buf_add_byte(b, i ? ',' : '[');
		add_runs(b, STR("{\"considered\":\""), d->floors[i].considered);
		buf_add(b, STR("\"policy\":"));
		canon_string(b, d->floors[i].policy);
		buf_add_byte(b, '}');
	}
	buf_add(b, STR("],"));
}

static void add_decision(struct buf *b, const struct decision *d)
{
	if (!d)
		return;
	if (d->effect == EFFECT_ALLOW)
		buf_add(b, STR("\"decision\":{\"allowed\":true,"));
	else
		buf_add(b, STR("\"decision\":{\"allowed\":false,"));
	add_runs(b, STR("\"cedar\":\""), d->cedar);
	add_runs(b, STR("\"considered\":\""), d->considered);
	if (d->cost) {
		buf_add(b, STR("\"cost\":"));
		buf_add_u64(b, d->cost);
		buf_add_byte(b, ',');
	}
	buf_add(b, d->effect == EFFECT_ALLOW ? STR("\"effect\":\"allow\",")
					     : STR("\"effect\":\"deny\","));
	add_texts(b, STR("\"errors\":"), d->errors, d->error_count);
	add_floors(b, d);
	add_digest(b, STR("\"input\":\"sha256:"), d->input);
	add_obligations(b, d);
	add_texts(b, STR("\"reasons\":"), d->reasons, d->reason_count);
	add_text(b, STR("\"rule\":"), d->rule);
	buf_add(b, STR("\"stage\":"));
	canon_string(b, d->stage);
	add_trust(b, d);
	buf_add(b, STR("},"));
}

static void add_links(struct buf *b, const struct entry *e)
{
	if (e->link_count == 0)
		return;
	buf_add(b, STR("\"links\":"));
	for (size_t i = 0; i < e->link_count; i++) {
		MUST(e->links[i].seq < e->seq);
		buf_add_byte(b, i ? ',' : '[');
		buf_add(b, STR("{\"rel\":"));
		canon_string(b, e->links[i].rel);
		buf_add(b, STR(",\"seq\":"));
		buf_add_u64(b, e->links[i].seq);
		buf_add_byte(b, '}');
	}
	buf_add(b, STR("],"));
}

static void add_signature(struct buf *b, const struct signature *sig)
{
	if (!sig)
		return;
	buf_add(b, STR("\"signature\":\""));
	base64_write(b, sig->bytes, sizeof(sig->bytes));
	buf_add(b, STR("\","));
}

static void add_time(struct buf *b, int64_t ns)
{
	buf_add(b, STR("\"time\":\""));
	when_write(b, ns);
	buf_add(b, STR("\","));
}

static bool names_fit(const struct entry *e)
{
	return e->agent.len <= LIMIT_NAME_BYTES && e->action.len <= LIMIT_NAME_BYTES &&
	       e->session.len <= LIMIT_NAME_BYTES && e->trace.len <= LIMIT_NAME_BYTES &&
	       e->resource.len <= LIMIT_RESOURCE_BYTES;
}

static void add_members(struct buf *b, const struct entry *e)
{
	buf_add_byte(b, '{');
	add_text(b, STR("\"action\":"), e->action);
	add_text(b, STR("\"agent\":"), e->agent);
	add_digest(b, STR("\"args\":\"sha256:"), e->args);
	if (e->time_synthetic)
		buf_add(b, STR("\"clock\":\"synthetic\","));
	if (e->data) {
		buf_add(b, STR("\"data\":"));
		canon_value(b, e->data);
		buf_add_byte(b, ',');
	}
	add_decision(b, e->decision);
	buf_add(b, STR("\"kind\":\""));
	buf_add_c(b, entry_kind_name(e->kind));
	buf_add(b, STR("\","));
	add_links(b, e);
	add_text(b, STR("\"log\":"), e->log);
	add_digest(b, STR("\"policy\":\"sha256:"), &e->policy);
	add_text(b, STR("\"resource\":"), e->resource);
	add_digest(b, STR("\"result\":\"sha256:"), e->result);
	buf_add(b, STR("\"seq\":"));
	buf_add_u64(b, e->seq);
	buf_add_byte(b, ',');
	add_text(b, STR("\"session\":"), e->session);
	add_signature(b, e->signature);
	add_digest(b, STR("\"state\":\"sha256:"), &e->state);
	add_time(b, e->time_ns);
	add_text(b, STR("\"trace\":"), e->trace);
	buf_add(b, STR("\"v\":3}"));
}

_Static_assert(ENTRY_VERSION == 3, "add_members writes version 3");

void entry_write(struct buf *b, const struct entry *e)
{
	size_t begin = b->len;

	MUST(entry_log_ok(e->log) && e->seq <= ENTRY_MAX_SEQ);
	MUST(!e->data || e->data->kind == VALUE_OBJECT);
	if (b->err == OK && !names_fit(e))
		b->err = ERR_LIMIT;
	add_members(b, e);
	if (b->err == OK && b->len - begin > LIMIT_ENTRY_BYTES)
		b->err = ERR_LIMIT;
}

/* --- reading --- */

static enum err refuse(const struct reading *r, const struct rule *rule, const struct value *v,
		       enum err e, const char *expected)
{
	return note_set(r->n, e, v->line, v->column, "member \"%s\": found %s, expected %s",
			rule->name.ptr, value_kind_name(v->kind), expected);
}

static void *place(void *part, size_t at)
{
	return (char *)part + at;
}

/* The rule for `key` from `next` on, or `count`. */
static size_t find_rule(const struct rule *rules, size_t count, size_t next, struct str key)
{
	while (next < count && !str_eq(key, rules[next].name))
		next++;
	return next;
}

static enum err pass_over(const struct reading *r, const struct rule *rules, size_t next,
			  size_t end,
			  const struct value *v)
{
	for (; next < end; next++)
		if (rules[next].needed)
			return note_set(r->n, ERR_SYNTAX, v->line, v->column,
					"the object has no member \"%s\"", rules[next].name.ptr);
	return OK;
}

static enum err read_object(const struct reading *r, const struct rule *rules, size_t count,
			    const struct value *v, void *part)
{
	size_t next = 0;

	if (v->kind != VALUE_OBJECT)
		return note_set(r->n, ERR_TYPE, v->line, v->column, "found %s, expected object",
				value_kind_name(v->kind));
	for (size_t i = 0; i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];
		size_t at = find_rule(rules, count, next, m->key);

		if (at == count && find_rule(rules, next, 0, m->key) < next)
			return note_set(r->n, ERR_SYNTAX, m->line, m->column,
					"members are not in the order of RFC 8785");
		if (at == count)
			return note_set(r->n, ERR_UNKNOWN, m->line, m->column,
					"version %d has no such member here", ENTRY_VERSION);
		TRY(pass_over(r, rules, next, at, v));
		TRY(rules[at].read(r, &rules[at], &m->value, part));
		next = at + 1;
	}
	return pass_over(r, rules, next, count, v);
}

static enum err read_text(const struct reading *r, const struct rule *rule, const struct value *v,
			  void *part)
{
	struct str *out = place(part, rule->at);

	if (v->kind != VALUE_STRING)
		return refuse(r, rule, v, ERR_TYPE, "string");
	if (rule->cap_bytes && v->string.len > rule->cap_bytes)
		return refuse(r, rule, v, ERR_LIMIT, "a shorter string");
	*out = v->string.ptr ? v->string : STR("");
	return OK;
}

static enum err read_log(const struct reading *r, const struct rule *rule, const struct value *v,
			 void *part)
{
	struct str *out = place(part, rule->at);

	if (v->kind != VALUE_STRING)
		return refuse(r, rule, v, ERR_TYPE, "string");
	if (!entry_log_ok(v->string))
		return refuse(r, rule, v, ERR_RANGE,
			      "the origin of a log, without blanks, '+', '\"', '\\'");
	*out = v->string;
	return OK;
}

static enum err read_digest(const struct reading *r, const struct rule *rule, const struct value *v,
			    void *part)
{
	if (v->kind != VALUE_STRING)
		return refuse(r, rule, v, ERR_TYPE, "string");
	if (digest_read(v->string, place(part, rule->at)) != OK)
		return refuse(r, rule, v, ERR_SYNTAX, "\"sha256:\" and 64 lower-case hex digits");
	return OK;
}

static enum err read_digest_apart(const struct reading *r, const struct rule *rule,
				  const struct value *v, void *part)
{
	const struct digest **out = place(part, rule->at);
	struct digest *d = arena_alloc(r->a, sizeof(*d));
	struct rule apart = *rule;

	if (!d)
		return ERR_MEMORY;
	apart.at = 0;
	TRY(read_digest(r, &apart, v, d));
	*out = d;
	return OK;
}

static enum err read_signature(const struct reading *r, const struct rule *rule,
			       const struct value *v, void *part)
{
	const struct signature **out = place(part, rule->at);
	struct signature *sig;
	size_t len;

	if (v->kind != VALUE_STRING)
		return refuse(r, rule, v, ERR_TYPE, "string");
	sig = arena_alloc(r->a, sizeof(*sig));
	if (!sig)
		return ERR_MEMORY;
	if (base64_read(v->string, sig->bytes, sizeof(sig->bytes), &len) != OK ||
	    len != sizeof(sig->bytes))
		return refuse(r, rule, v, ERR_SYNTAX, "64 bytes in padded base64");
	*out = sig;
	return OK;
}

static enum err read_seq(const struct reading *r, const struct rule *rule, const struct value *v,
			 void *part)
{
	uint64_t *out = place(part, rule->at);

	if (v->kind != VALUE_INT && v->kind != VALUE_BIG)
		return refuse(r, rule, v, ERR_TYPE, "integer");
	if (v->kind == VALUE_BIG || v->integer < 0 || (uint64_t)v->integer > ENTRY_MAX_SEQ)
		return refuse(r, rule, v, ERR_RANGE, "0 to 9007199254740991");
	*out = (uint64_t)v->integer;
	return OK;
}

static enum err read_time(const struct reading *r, const struct rule *rule, const struct value *v,
			  void *part)
{
	enum err e;

	if (v->kind != VALUE_STRING)
		return refuse(r, rule, v, ERR_TYPE, "string");
	e = when_read(v->string, place(part, rule->at));
	if (e != OK)
		return refuse(r, rule, v, e, "2026-01-02T03:04:05.000000000Z");
	return OK;
}

static enum err read_clock(const struct reading *r, const struct rule *rule, const struct value *v,
			   void *part)
{
	bool *out = place(part, rule->at);

	if (v->kind != VALUE_STRING || !str_is(v->string, "synthetic"))
		return refuse(r, rule, v, ERR_RANGE, "\"synthetic\" or no such member");
	*out = true;
	return OK;
}

static enum err read_kind(const struct reading *r, const struct rule *rule, const struct value *v,
			  void *part)
{
	enum entry_kind *out = place(part, rule->at);

	if (v->kind != VALUE_STRING)
		return refuse(r, rule, v, ERR_TYPE, "string");
	for (unsigned i = 0; i < ENTRY_KINDS; i++) {
		if (!str_is(v->string, kind_names[i]))
			continue;
		*out = (enum entry_kind)i;
		return OK;
	}
	return refuse(r, rule, v, ERR_UNKNOWN, "a kind of this version");
}

/* "allowed" comes first and sets the effect; "effect" must then say the same. */
static enum err read_allowed(const struct reading *r, const struct rule *rule,
			     const struct value *v,
			     void *part)
{
	enum effect *out = place(part, rule->at);

	if (v->kind != VALUE_BOOL)
		return refuse(r, rule, v, ERR_TYPE, "boolean");
	*out = v->boolean ? EFFECT_ALLOW : EFFECT_DENY;
	return OK;
}

static enum err read_effect(const struct reading *r, const struct rule *rule, const struct value *v,
			    void *part)
{
	const enum effect *allowed = place(part, rule->at);

	if (v->kind != VALUE_STRING || !str_is(v->string, effect_name(*allowed)))
		return refuse(r, rule, v, ERR_RANGE,
			      "\"allow\" when allowed is true, else \"deny\"");
	return OK;
}

static enum err read_data(const struct reading *r, const struct rule *rule, const struct value *v,
			  void *part)
{
	const struct value **out = place(part, rule->at);

	if (v->kind != VALUE_OBJECT)
		return refuse(r, rule, v, ERR_TYPE, "object");
	*out = v;
	return OK;
}

static enum err read_version(const struct reading *r, const struct rule *rule,
			     const struct value *v,
			     void *part)
{
	(void)part;
	if (v->kind != VALUE_INT || v->integer != ENTRY_VERSION)
		return refuse(r, rule, v, ERR_VERSION, "3");
	return OK;
}

/* Room for the items of a list that is not empty, put in its place together with the count. */
static enum err open_list(const struct reading *r, const struct rule *rule, const struct value *v,
			  size_t item_bytes, void *part, void **items)
{
	size_t *count = place(part, rule->count_at);

	if (v->kind != VALUE_LIST)
		return refuse(r, rule, v, ERR_TYPE, "list");
	if (v->list.count == 0)
		return refuse(r, rule, v, ERR_SYNTAX, "an item; empty lists are left out");
	*items = arena_array(r->a, v->list.count, item_bytes);
	if (!*items)
		return ERR_MEMORY;
	memcpy(place(part, rule->at), items, sizeof(*items));
	*count = v->list.count;
	return OK;
}

static enum err read_texts(const struct reading *r, const struct rule *rule, const struct value *v,
			   void *part)
{
	struct rule item = { .name = rule->name };
	void *items;

	TRY(open_list(r, rule, v, sizeof(struct str), part, &items));
	for (size_t i = 0; i < v->list.count; i++)
		TRY(read_text(r, &item, &v->list.items[i], (struct str *)items + i));
	return OK;
}

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static enum err read_links(const struct reading *r, const struct rule *rule, const struct value *v,
			   void *part)
{
	static const struct rule rules[] = {
		{ NAME("rel"), read_text, offsetof(struct entry_link, rel), .needed = true },
		{ NAME("seq"), read_seq, offsetof(struct entry_link, seq), .needed = true },
	};
	void *items;

	TRY(open_list(r, rule, v, sizeof(struct entry_link), part, &items));
	for (size_t i = 0; i < v->list.count; i++)
		TRY(read_object(r, rules, COUNT(rules), &v->list.items[i],
				(struct entry_link *)items + i));
	return OK;
}

/* A list, kept as the text that writing gives back. */
static enum err read_edits(const struct reading *r, const struct rule *rule, const struct value *v,
			   void *part)
{
	struct buf text;

	if (v->kind != VALUE_LIST || v->list.count == 0)
		return refuse(r, rule, v, ERR_TYPE, "a list that is not empty");
	buf_init(&text, LIMIT_ENTRY_BYTES);
	canon_value(&text, v);
	return arena_take(r->a, &text, place(part, rule->at));
}

static enum err read_runs(const struct reading *r, const struct rule *rule, const struct value *v,
			  void *part)
{
	struct str *out = place(part, rule->at);
	uint32_t total;

	if (v->kind != VALUE_STRING)
		return refuse(r, rule, v, ERR_TYPE, "string");
	if (v->string.len == 0 || !runs_read(v->string, DECISION_TRUTHS, &total))
		return refuse(r, rule, v, ERR_SYNTAX, "runs of t, f and e, like f40t");
	*out = v->string;
	return OK;
}

static enum err read_cost(const struct reading *r, const struct rule *rule, const struct value *v,
			  void *part)
{
	uint64_t *out = place(part, rule->at);

	TRY(read_seq(r, rule, v, part));
	return *out ? OK : refuse(r, rule, v, ERR_RANGE, "a number from 1 or no such member");
}

static enum err read_floors(const struct reading *r, const struct rule *rule,
			    const struct value *v, void *part)
{
	static const struct rule rules[] = {
		{ NAME("considered"), read_runs, offsetof(struct decision_floor, considered),
		  .needed = true },
		{ NAME("policy"), read_text, offsetof(struct decision_floor, policy),
		  .needed = true },
	};
	void *items;

	TRY(open_list(r, rule, v, sizeof(struct decision_floor), part, &items));
	for (size_t i = 0; i < v->list.count; i++)
		TRY(read_object(r, rules, COUNT(rules), &v->list.items[i],
				(struct decision_floor *)items + i));
	return OK;
}

static enum err read_obligations(const struct reading *r, const struct rule *rule,
				 const struct value *v, void *part)
{
	static const struct rule rules[] = {
		{ NAME("approvers"), read_texts, offsetof(struct obligation, approvers),
		  offsetof(struct obligation, approver_count), 0, false },
		{ NAME("edits"), read_edits, offsetof(struct obligation, edits),
		  .needed = false },
		{ NAME("limit"), read_text, offsetof(struct obligation, limit),
		  .needed = false },
		{ NAME("rule"), read_text, offsetof(struct obligation, rule), .needed = true },
		{ NAME("type"), read_text, offsetof(struct obligation, type), .needed = true },
	};
	void *items;

	TRY(open_list(r, rule, v, sizeof(struct obligation), part, &items));
	for (size_t i = 0; i < v->list.count; i++) {
		struct obligation *o = (struct obligation *)items + i;

		TRY(read_object(r, rules, COUNT(rules), &v->list.items[i], o));
		if (i > 0 && obligation_cmp(o - 1, o) >= 0)
			return refuse(r, rule, v, ERR_RANGE,
				      "items sorted by type and rule, each once");
		if (!extras_ok(o))
			return refuse(r, rule, v, ERR_RANGE,
				      "approvers for \"require_approval\" only, edits for "
				      "\"transform\", limit for \"rate_limit\"");
	}
	return OK;
}

static enum err read_regime(const struct reading *r, const struct rule *rule, const struct value *v,
			    void *part)
{
	bool *out = place(part, rule->at);

	if (v->kind != VALUE_STRING || !str_is(v->string, "changed"))
		return refuse(r, rule, v, ERR_RANGE, "\"changed\" or no such member");
	*out = true;
	return OK;
}

static enum err read_score(const struct reading *r, const struct rule *rule, const struct value *v,
			   void *part)
{
	uint32_t *out = place(part, rule->at);

	if (v->kind != VALUE_INT || v->integer < 0 || v->integer > 1000)
		return refuse(r, rule, v, ERR_RANGE, "a score, 0 to 1000");
	*out = (uint32_t)v->integer;
	return OK;
}

static enum err read_trust(const struct reading *r, const struct rule *rule, const struct value *v,
			   void *part)
{
	static const struct rule rules[] = {
		{ NAME("regime"), read_regime, offsetof(struct decision, regime_changed),
		  .needed = false },
		{ NAME("score"), read_score, offsetof(struct decision, trust), .needed = true },
		{ NAME("tier"), read_text, offsetof(struct decision, tier), 0, LIMIT_NAME_BYTES,
		  true },
	};

	(void)rule;
	return read_object(r, rules, COUNT(rules), v, part);
}

static enum err read_decision(const struct reading *r, const struct rule *rule,
			      const struct value *v, void *part)
{
	static const struct rule rules[] = {
		{ NAME("allowed"), read_allowed, offsetof(struct decision, effect),
		  .needed = true },
		{ NAME("cedar"), read_runs, offsetof(struct decision, cedar), .needed = false },
		{ NAME("considered"), read_runs, offsetof(struct decision, considered),
		  .needed = false },
		{ NAME("cost"), read_cost, offsetof(struct decision, cost), .needed = false },
		{ NAME("effect"), read_effect, offsetof(struct decision, effect), .needed = true },
		{ NAME("errors"), read_texts, offsetof(struct decision, errors),
		  offsetof(struct decision, error_count), 0, false },
		{ NAME("floors"), read_floors, offsetof(struct decision, floors),
		  offsetof(struct decision, floor_count), 0, false },
		{ NAME("input"), read_digest_apart, offsetof(struct decision, input),
		  .needed = false },
		{ NAME("obligations"), read_obligations, offsetof(struct decision, obligations),
		  offsetof(struct decision, obligation_count), 0, false },
		{ NAME("reasons"), read_texts, offsetof(struct decision, reasons),
		  offsetof(struct decision, reason_count), 0, false },
		{ NAME("rule"), read_text, offsetof(struct decision, rule), .needed = false },
		{ NAME("stage"), read_text, offsetof(struct decision, stage), .needed = true },
		{ NAME("trust"), read_trust, 0, .needed = false },
	};
	const struct decision **out = place(part, rule->at);
	struct decision *d = arena_alloc(r->a, sizeof(*d));

	if (!d)
		return ERR_MEMORY;
	TRY(read_object(r, rules, COUNT(rules), v, d));
	*out = d;
	return OK;
}

#define AT(member) offsetof(struct entry, member)

static const struct rule entry_rules[] = {
	{ NAME("action"), read_text, AT(action), 0, LIMIT_NAME_BYTES, false },
	{ NAME("agent"), read_text, AT(agent), 0, LIMIT_NAME_BYTES, false },
	{ NAME("args"), read_digest_apart, AT(args), .needed = false },
	{ NAME("clock"), read_clock, AT(time_synthetic), .needed = false },
	{ NAME("data"), read_data, AT(data), .needed = false },
	{ NAME("decision"), read_decision, AT(decision), .needed = false },
	{ NAME("kind"), read_kind, AT(kind), .needed = true },
	{ NAME("links"), read_links, AT(links), AT(link_count), 0, false },
	{ NAME("log"), read_log, AT(log), .needed = true },
	{ NAME("policy"), read_digest, AT(policy), .needed = true },
	{ NAME("resource"), read_text, AT(resource), 0, LIMIT_RESOURCE_BYTES, false },
	{ NAME("result"), read_digest_apart, AT(result), .needed = false },
	{ NAME("seq"), read_seq, AT(seq), .needed = true },
	{ NAME("session"), read_text, AT(session), 0, LIMIT_NAME_BYTES, false },
	{ NAME("signature"), read_signature, AT(signature), .needed = false },
	{ NAME("state"), read_digest, AT(state), .needed = true },
	{ NAME("time"), read_time, AT(time_ns), .needed = true },
	{ NAME("trace"), read_text, AT(trace), 0, LIMIT_NAME_BYTES, false },
	{ NAME("v"), read_version, 0, .needed = true },
};

/* What writes itself back unchanged was canonical. */
static enum err compare(struct str line, const struct entry *e, struct note *n)
{
	struct str again;
	struct buf b;
	size_t at = 0;
	enum err err;

	buf_init(&b, LIMIT_ENTRY_BYTES);
	if (buf_grow(&b, line.len))          /* one block, for what should be as long */
		buf_clear(&b);
	entry_write(&b, e);
	again = buf_view(&b);
	err = b.err == ERR_MEMORY ? ERR_MEMORY : OK;
	if (b.err == ERR_LIMIT || (b.err == OK && !str_eq(line, again))) {
		while (at < line.len && at < again.len && line.ptr[at] == again.ptr[at])
			at++;
		err = note_set(n, ERR_SYNTAX, 1, (uint32_t)at + 1,
			       "the line is not canonical (RFC 8785)");
	}
	buf_fini(&b);
	return err;
}

static enum err check_size(struct str line, struct note *n)
{
	if (line.len <= LIMIT_ENTRY_BYTES)
		return OK;
	return note_set(n, ERR_LIMIT, 1, 0, "the line has %zu bytes, an entry has at most %u",
			line.len,
			LIMIT_ENTRY_BYTES);
}

enum err entry_table_read(struct str line, struct arena *a, struct entry *ret, struct note *n)
{
	const struct reading r = { a, n };
	struct entry got = { .seq = 0 };
	const struct value *version;
	struct value *document;

	document = arena_alloc(a, sizeof(*document));
	if (!document)
		return ERR_MEMORY;
	TRY(json_read(line, 1, a, document, n));
	/* First, because another version may have members that this one does not know. */
	version = value_get_c(document, "v");
	if (version)
		TRY(read_version(&r, &entry_rules[COUNT(entry_rules) - 1], version, NULL));
	TRY(read_object(&r, entry_rules, COUNT(entry_rules), document, &got));
	for (size_t i = 0; i < got.link_count; i++)
		if (got.links[i].seq >= got.seq)
			return note_set(n, ERR_RANGE, 1, 0,
					"entry %llu links to %llu, which is not earlier",
					(unsigned long long)got.seq,
					(unsigned long long)got.links[i].seq);
	*ret = got;
	return OK;
}

enum err entry_parse(struct str line, struct arena *a, struct entry *ret, struct note *n)
{
	enum err e;

	TRY(check_size(line, n));
	e = entry_line_read(line, a, ret);
	return e == ERR_UNKNOWN ? entry_table_read(line, a, ret, n) : e;
}

enum err entry_read(struct str line, struct arena *a, struct entry *ret, struct note *n)
{
	struct entry got;

	TRY(entry_parse(line, a, &got, n));
	TRY(compare(line, &got, n));
	*ret = got;
	return OK;
}

enum err entry_glance(struct str line, struct glance *ret, struct note *n)
{
	struct jcs_pick picks[] = {
		{ STR("log"), STR_NONE }, { STR("seq"), STR_NONE },
		{ STR("kind"), STR_NONE }, { STR("decision"), STR_NONE },
	};
	struct glance got = { .seq = 0 };

	TRY(check_size(line, n));
	TRY(jcs_check(line, picks, COUNT(picks), n));
	if (str_starts(picks[0].source, STR("\"")))
		got.log = str_slice(picks[0].source.ptr + 1, picks[0].source.len - 2);
	if (!entry_log_ok(got.log))
		return note_set(n, ERR_RANGE, 1, 0, "\"log\" is not the origin of a log");
	if (str_to_u64(picks[1].source, &got.seq) != OK || got.seq > ENTRY_MAX_SEQ)
		return note_set(n, ERR_RANGE, 1, 0,
				"\"seq\" is not a number from 0 to 9007199254740991");
	/* The line is canonical, so "allowed" is the first member of a decision. */
	got.action = str_is(picks[2].source, "\"action\"");
	got.refusal = str_is(picks[2].source, "\"refusal\"");
	got.allowed = str_starts(picks[3].source, STR("{\"allowed\":true,"));
	got.turn = str_starts(line, STR(SUCCESSION_BEGIN)) &&
		   str_is(picks[2].source, "\"control\"");
	*ret = got;
	return OK;
}
