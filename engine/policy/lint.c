/*
 * lint: the texts of a bundle beside what they were compiled to.
 *
 * Descriptions and disabled rules are not part of the plan, so the files are read again, from the
 * bundle's own packed form. They have been read before without an error, so what is not there here
 * was optional there.
 */
#include "engine/base/json.h"
#include "engine/base/yaml.h"
#include "engine/policy/trace.h"

#define SHORT_NAME 4       /* names of fewer bytes resemble each other by chance */
#define FILES_MAX LIMIT_POLICY_FILES

struct source {
	struct str name;
	struct value tree;
};

struct linting {
	const struct bundle *bundle;
	const struct plan *plan;
	struct arena *memory;
	struct source sources[FILES_MAX];
	size_t source_count;
	void (*found)(void *self, const struct lint *l);
	void *self;
	struct lint_report report;
	enum err err;              /* of a callback */
};

static const struct {
	const char *name;
	bool warns;
} kinds[LINTS] = {
#define LINT_ROW(id, name, warns) [id] = { name, warns },
	LINT_LIST(LINT_ROW)
#undef LINT_ROW
};

const char *lint_name(enum lint_kind kind)
{
	return kinds[kind].name;
}

bool lint_warns(enum lint_kind kind)
{
	return kinds[kind].warns;
}

/* --- the texts --- */

static enum err read_sources(struct linting *l)
{
	struct value pack, *list;
	struct buf text;
	struct str kept;
	enum err e;

	buf_init(&text, LIMIT_BUNDLE_BYTES);
	e = bundle_pack(l->bundle, &text);
	if (e == OK)
		e = arena_copy(l->memory, buf_view(&text), &kept);
	buf_fini(&text);
	TRY(e);
	TRY(json_read(kept, 1, l->memory, &pack, NULL));
	list = value_get_c(&pack, "files")->list.items;
	for (size_t i = 0; i < value_get_c(&pack, "files")->list.count; i++) {
		struct source *s = &l->sources[l->source_count];

		s->name = value_text(&list[i], "name");
		if (!str_ends(s->name, STR(".yaml")) && !str_ends(s->name, STR(".yml")))
			continue;
		TRY(yaml_read(value_text(&list[i], "content"), l->memory, &s->tree, NULL));
		l->source_count++;
	}
	return OK;
}

static const struct value *rules_of(const struct source *s)
{
	static const struct value none = { .kind = VALUE_LIST };
	const struct value *rules = value_get_c(&s->tree, "rules");

	return rules ? rules : &none;
}

/* The rule "<policy>/<name>" as it is written. */
static const struct value *rule_at(const struct linting *l, struct str identity,
				   const struct source **source)
{
	struct str policy, name;

	if (!str_cut(identity, '/', &policy, &name))
		return NULL;
	for (size_t i = 0; i < l->source_count; i++) {
		const struct value *rules = rules_of(&l->sources[i]);

		if (!str_eq(value_text(&l->sources[i].tree, "name"), policy))
			continue;
		for (size_t r = 0; r < rules->list.count; r++)
			if (str_eq(value_text(&rules->list.items[r], "name"), name)) {
				*source = &l->sources[i];
				return &rules->list.items[r];
			}
	}
	return NULL;
}

/* --- saying --- */

static void say(struct linting *l, enum lint_kind kind, const struct source *s, struct str rule,
		const struct value *at, const struct str *parts, size_t count)
{
	struct lint found = { .kind = kind,
			      .file = s->name,
			      .rule = rule,
			      .line = at->line,
			      .column = at->column };
	enum err e = plan_join(l->memory, parts, count, &found.text);

	if (e != OK) {
		l->err = e;
		return;
	}
	l->report.warnings += kinds[kind].warns;
	l->report.remarks += !kinds[kind].warns;
	l->found(l->self, &found);
}

static void say_plain(struct linting *l, enum lint_kind kind, const struct source *s,
		      struct str rule, const struct value *at, const char *text)
{
	const struct str part = str_view(text);

	say(l, kind, s, rule, at, &part, 1);
}

/* --- one by one --- */

static bool name_reads_well(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
		      c == '_'))
			return false;
	}
	return true;
}

/* Does the first pattern match every name that the second matches? Only where that is plain. */
static bool covers(struct str wide, struct str narrow)
{
	struct pattern w, n;
	const char *why;
	const struct patterns one = { &w, 1 };

	if (pattern_make(wide, &w, &why) != OK || pattern_make(narrow, &n, &why) != OK)
		return false;
	if (str_eq(wide, narrow) || w.kind == PATTERN_ANY)
		return true;
	if (n.kind == PATTERN_EXACT)
		return pattern_match(&one, narrow);
	return w.kind == PATTERN_PREFIX && n.kind == PATTERN_PREFIX &&
	       str_starts(pattern_prefix(&n), pattern_prefix(&w));
}

static void check_patterns(struct linting *l, const struct source *s, struct str rule,
			   const struct value *list)
{
	for (size_t i = 0; list && i < list->list.count; i++)
		for (size_t k = 0; k < list->list.count; k++) {
			struct str narrow = list->list.items[i].string,
				   wide = list->list.items[k].string;
			const struct str parts[] = { STR("'"), narrow, STR("' adds nothing to '"),
						     wide, STR("'") };

			/* Of two that are the same, the later one is too many. */
			if (i == k || !covers(wide, narrow) || (covers(narrow, wide) && k > i))
				continue;
			say(l, LINT_COVERED, s, rule, &list->list.items[i], parts, 5);
			break;
		}
}

static enum err identity_of(struct linting *l, const struct source *s, const struct value *rule,
			    struct str *ret)
{
	const struct str parts[] = { value_text(&s->tree, "name"), STR("/"),
				     value_text(rule, "name") };

	return plan_join(l->memory, parts, 3, ret);
}

static enum err check_rule(struct linting *l, const struct source *s, const struct value *rule)
{
	struct str action = value_text(rule, "action"), identity;
	bool asks = str_is(action, "require_approval"), denies = str_is(action, "deny") || asks;
	const struct value *enabled = value_get_c(rule, "enabled");

	TRY(identity_of(l, s, rule, &identity));
	if (enabled && enabled->kind == VALUE_BOOL && !enabled->boolean)
		say_plain(l, LINT_DISABLED, s, identity, enabled,
			  "this rule is not enabled and decides nothing");
	if (denies && !value_get_c(rule, "description"))
		say_plain(l, LINT_DESCRIPTION, s, identity, rule,
			  "a rule that denies has no description; who is denied will ask why");
	if (asks && !value_get_c(rule, "approvers"))
		say_plain(l, LINT_APPROVERS, s, identity, rule,
			  "it does not say who may approve");
	if (!name_reads_well(value_text(rule, "name")))
		say_plain(l, LINT_NAME, s, identity, value_get_c(rule, "name"),
			  "names are easier to find in lower case with hyphens");
	check_patterns(l, s, identity, value_get_c(rule, "tools"));
	return l->err;
}

static enum err check_source(struct linting *l, const struct source *s)
{
	const struct value *rules = rules_of(s), *open = value_get_c(&s->tree, "default_action");

	if (open && open->kind == VALUE_STRING && str_is(open->string, "allow"))
		say_plain(l, LINT_OPEN, s, STR_NONE, open,
			  "everything that no rule speaks of is allowed");
	if (rules->list.count == 0)
		say_plain(l, LINT_EMPTY, s, STR_NONE, &s->tree, "this policy has no rules");
	if (!name_reads_well(value_text(&s->tree, "name")))
		say_plain(l, LINT_NAME, s, STR_NONE, value_get_c(&s->tree, "name"),
			  "names are easier to find in lower case with hyphens");
	check_patterns(l, s, STR_NONE, value_get_c(&s->tree, "agents"));
	for (size_t i = 0; i < rules->list.count; i++)
		TRY(check_rule(l, s, &rules->list.items[i]));
	return l->err;
}

/* --- paths --- */

struct mention {
	uint32_t count;
	const struct rule *rule;     /* the last that mentions it */
};

static void count_slot(struct mention *mentions, uint32_t slot, const struct rule *rule)
{
	mentions[slot].count++;
	mentions[slot].rule = rule;
}

static void count_mentions(const struct plan *p, struct mention *mentions)
{
	for (size_t d = 0; d < p->document_count; d++)
		for (size_t r = 0; r < p->documents[d].rule_count; r++) {
			const struct rule *rule = &p->documents[d].rules[r];

			for (uint32_t i = 0; rule->condition && i < rule->condition->count; i++) {
				const struct step *step = &rule->condition->steps[i];

				if (trace_asks(step) && step->left_slot)
					count_slot(mentions, step->left.slot, rule);
				if (trace_asks(step) && step->right_slot)
					count_slot(mentions, step->right.slot, rule);
			}
		}
}

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
			return true;
	return false;
}

/* One letter off, or two in a long name; what is numbered differs on purpose. */
static bool resembles(const struct slot *a, const struct slot *b)
{
	unsigned far = a->key.len > 2 * SHORT_NAME ? 2 : 1;

	return a->parent == b->parent && !a->by_index && !b->by_index &&
	       a->key.len >= SHORT_NAME && b->key.len >= SHORT_NAME && !has_digit(a->key) &&
	       !has_digit(b->key) && str_distance(a->key, b->key, far) <= far;
}

/*
 * Is the path at `i` the one that is misspelt, of two that look alike? It is mentioned once, and
 * the other one more often, or, when that is once too, first.
 */
static bool is_the_typo(const struct mention *mentions, uint32_t i, uint32_t k)
{
	return mentions[i].count == 1 &&
	       (mentions[k].count > 1 || (mentions[k].count == 1 && k < i));
}

/* A path that one clause mentions, beside one like it that others do. */
static enum err check_paths(struct linting *l)
{
	const struct slots *slots = &l->plan->slots;
	struct mention *mentions = arena_array(l->memory, slots->count, sizeof(*mentions));

	if (!mentions)
		return ERR_MEMORY;
	count_mentions(l->plan, mentions);
	for (uint32_t i = 1; i < slots->count; i++)
		for (uint32_t k = 1; mentions[i].count == 1 && k < slots->count; k++) {
			char once[SLOT_TEXT_BYTES], often[SLOT_TEXT_BYTES];
			const struct source *source;
			const struct value *at;

			if (!is_the_typo(mentions, i, k) ||
			    !resembles(&slots->items[i], &slots->items[k]))
				continue;
			at = rule_at(l, mentions[i].rule->identity, &source);
			slot_text(slots, i, once);
			slot_text(slots, k, often);
			if (at)
				say(l, LINT_TYPO, source, mentions[i].rule->identity,
				    value_get_c(at, "condition") ? value_get_c(at, "condition")
								 : at,
				    (const struct str[]){ str_view(once),
							  STR(" is mentioned once; did you mean "),
							  str_view(often), STR("?") },
				    4);
			break;
		}
	return l->err;
}

/* --- what analysis finds --- */

static void on_finding(void *self, const struct analyze_finding *f)
{
	static const struct {
		enum lint_kind kind;
		const char *text;
	} rows[FINDINGS] = {
		[FINDING_NEVER] = { LINT_NEVER, "the condition is true of no request" },
		[FINDING_ALWAYS] = { LINT_ALWAYS, "the condition is true of every request" },
		[FINDING_SHADOWED] = { LINT_UNREACHABLE, "it never decides, it comes behind " },
		[FINDING_CONFLICT] = { LINT_TIE, "only file names decide between it and " },
	};
	struct linting *l = self;
	const struct source *source, *other = NULL;
	const struct value *at = rule_at(l, f->rule, &source);
	const struct source policies = { .name = f->file };
	const struct value policy = { .line = f->line ? f->line : 1, .column = f->column };

	if (f->file.ptr) {
		source = other = &policies;
		at = &policy;
	}
	if (f->unknown || !rows[f->kind].text || !at)
		return;
	if (f->other.ptr && !f->file.ptr)
		(void)rule_at(l, f->other, &other);
	/* Within one file the order is there to be seen. */
	if (f->kind == FINDING_CONFLICT && source == other)
		return;
	say(l, rows[f->kind].kind, source, f->rule, at,
	    (const struct str[]){ str_view(rows[f->kind].text),
				  f->other.ptr		      ? f->other
				  : f->kind == FINDING_SHADOWED ? STR("earlier rules together")
								: STR("") },
	    2);
}

enum err lint_bundle(const struct bundle *b, struct arena *memory, struct arena *scratch,
		     void (*found)(void *self, const struct lint *l), void *self,
		     struct lint_report *ret)
{
	struct linting *l = arena_alloc(memory, sizeof(*l));
	struct analysis analysis;

	if (!l)
		return ERR_MEMORY;
	*l = (struct linting){ .bundle = b,
			       .plan = bundle_plan(b),
			       .memory = memory,
			       .found = found,
			       .self = self };
	TRY(read_sources(l));
	for (size_t i = 0; i < l->source_count; i++)
		TRY(check_source(l, &l->sources[i]));
	TRY(check_paths(l));
	TRY(analyze_bundle(b, scratch, on_finding, l, &analysis));
	TRY(l->err);
	l->report.left_out = analysis.left_out;
	*ret = l->report;
	return OK;
}
