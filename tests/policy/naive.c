/* naive: see naive.h; nothing here is shared with what it is compared to. */
#include "tests/policy/naive.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/json.h"

static const char *const texts[] = { "", "x", "xy", "y" };
static const char *const tools[] = { "pay", "get", "g*", "*t" };
static const char *const asked_tools[] = { "pay", "get", "put" };
static const char *const agents[] = { "x", "y*", "*z" };
static const char *const asked_agents[] = { "x", "y", "yz", "w" };
static const char *const paths[NAIVE_PATHS] = { "args.a", "args.b", "resource", "args.flag" };
static const char *const scopes[] = { "global", "tenant", "organization", "agent" };
static const char *const actions[] = { "allow", "deny", "warn", "log", "require_approval" };
static const char *const strategies[] = { "first_match", "deny_overrides", "allow_overrides",
					  "most_specific_wins" };
static const char *const ops[] = { "==", "!=", "<", "<=", ">", ">=", "startsWith", "endsWith",
				   "contains" };
#define ORDER_OPS 2
#define TEXT_OPS 6
#define OPS 9

unsigned naive_pick(uint64_t *seed, unsigned below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(*seed >> 33) % below;
}

/* --- making --- */

static void make_node(uint64_t *seed, struct naive_node *nodes, unsigned at)
{
	struct naive_node *n = &nodes[at];
	bool deep = 2 * at + 2 < NAIVE_NODES && naive_pick(seed, 2);

	n->path = naive_pick(seed, NAIVE_PATHS - 1);
	n->op = naive_pick(seed, OPS);
	n->literal.kind = n->op >= TEXT_OPS || naive_pick(seed, 2) ? NAIVE_TEXT : NAIVE_INT;
	n->literal.number = (int)naive_pick(seed, 4);
	switch (naive_pick(seed, deep ? 3 : 6)) {
	case 0:
		n->kind = deep ? NAIVE_AND : NAIVE_HAS;
		break;
	case 1:
		n->kind = deep ? NAIVE_OR : NAIVE_FLAG;
		break;
	case 2:
		n->kind = deep ? NAIVE_NOT : NAIVE_COMPARE;
		break;
	default:
		n->kind = NAIVE_COMPARE;
	}
	/* A resource is a text, which is known when a policy loads. */
	if (n->kind == NAIVE_COMPARE && n->path == 2)
		n->literal.kind = NAIVE_TEXT;
	if (n->kind == NAIVE_FLAG)
		n->path = NAIVE_PATHS - 1;
	if (!deep)
		return;
	make_node(seed, nodes, 2 * at + 1);
	if (n->kind != NAIVE_NOT)
		make_node(seed, nodes, 2 * at + 2);
}

struct naive_rule naive_make_rule(uint64_t *seed)
{
	struct naive_rule r = {
		.action = (enum naive_action)naive_pick(seed, NAIVE_ACTIONS),
		.priority = (int)naive_pick(seed, 3) - 1,
		.later = naive_pick(seed, 8) == 0, .disabled = naive_pick(seed, 16) == 0,
		.tools = naive_pick(seed, 2) ? naive_pick(seed, 16) : 0,
		.conditional = naive_pick(seed, 5) > 0,
	};

	if (naive_strictness(r.action) == 2 && naive_pick(seed, 4) == 0)
		r.limit = 1 + naive_pick(seed, 9);
	make_node(seed, r.nodes, 0);
	return r;
}

void naive_make(uint64_t *seed, unsigned rules, struct naive_bundle *ret)
{
	unsigned rank[NAIVE_DOCUMENTS];

	*ret = (struct naive_bundle){
		.strategy = (enum naive_strategy)naive_pick(seed, NAIVE_STRATEGIES),
		.count = 1 + naive_pick(seed, NAIVE_DOCUMENTS),
	};
	for (unsigned i = 0; i < ret->count; i++)
		rank[i] = naive_pick(seed, 100);
	for (unsigned i = 0; i < ret->count; i++) {
		struct naive_document *d = &ret->documents[i];

		d->scope = naive_pick(seed, 4);
		d->agents = naive_pick(seed, 2) ? naive_pick(seed, 8) : 0;
		d->allows = naive_pick(seed, 2);
		for (unsigned j = 0; j < ret->count; j++)
			if (rank[j] < rank[i] && naive_pick(seed, 3) == 0)
				d->extends |= 1u << j;
		d->rule_count = naive_pick(seed, rules + 1);
		for (unsigned r = 0; r < d->rule_count; r++)
			d->rules[r] = naive_make_rule(seed);
	}
}

void naive_ask(uint64_t *seed, struct naive_request *ret)
{
	*ret = (struct naive_request){
		.agent = asked_agents[naive_pick(seed, 4)], .tool = naive_pick(seed, 3),
		.later = naive_pick(seed, 8) == 0,
	};
	for (unsigned i = 0; i < 2; i++) {
		ret->values[i].kind = naive_pick(seed, 4);
		ret->values[i].number = (int)naive_pick(seed, 4);
	}
	if (naive_pick(seed, 2))
		ret->values[2] = (struct naive_value){ NAIVE_TEXT, 1 + (int)naive_pick(seed, 3) };
	ret->values[3] = (struct naive_value){ naive_pick(seed, 3) ? NAIVE_BOOL : NAIVE_INT,
					       (int)naive_pick(seed, 2) };
}

/* --- writing --- */

static void write_set(struct buf *out, const char *key, unsigned set, const char *const *names)
{
	bool first = true;

	if (!set)
		return;
	buf_addf(out, "%s: [", key);
	for (unsigned i = 0; set >> i; i++)
		if (set >> i & 1) {
			buf_addf(out, "%s\"%s\"", first ? "" : ", ", names[i]);
			first = false;
		}
	buf_add_c(out, "]");
}

static void write_value(struct buf *out, const struct naive_value *v)
{
	if (v->kind == NAIVE_INT)
		buf_addf(out, "%d", v->number);
	else if (v->kind == NAIVE_BOOL)
		buf_add_c(out, v->number & 1 ? "true" : "false");
	else
		buf_addf(out, "\"%s\"", texts[v->number]);
}

static void write_node(struct buf *out, const struct naive_node *nodes, unsigned at)
{
	const struct naive_node *n = &nodes[at];

	switch (n->kind) {
	case NAIVE_AND:
	case NAIVE_OR:
		buf_add_c(out, "(");
		write_node(out, nodes, 2 * at + 1);
		buf_add_c(out, n->kind == NAIVE_AND ? " and " : " or ");
		write_node(out, nodes, 2 * at + 2);
		buf_add_c(out, ")");
		break;
	case NAIVE_NOT:
		buf_add_c(out, "not (");
		write_node(out, nodes, 2 * at + 1);
		buf_add_c(out, ")");
		break;
	case NAIVE_HAS:
		buf_addf(out, "has(%s)", paths[n->path]);
		break;
	case NAIVE_FLAG:
		buf_add_c(out, paths[n->path]);
		break;
	case NAIVE_COMPARE:
		buf_addf(out, "%s %s ", paths[n->path], ops[n->op]);
		write_value(out, &n->literal);
		break;
	}
}

static void write_rule(struct buf *out, const struct naive_rule *r, unsigned number)
{
	buf_addf(out, "  - name: r%u\n    action: %s\n    priority: %d\n", number,
		 actions[r->action], r->priority);
	if (r->limit)
		buf_addf(out, "    limit: %u/hour\n", r->limit);
	if (r->later)
		buf_add_c(out, "    stage: pre_output\n");
	if (r->disabled)
		buf_add_c(out, "    enabled: false\n");
	write_set(out, "    tools", r->tools, tools);
	if (r->conditional) {
		buf_add_c(out, "\n    condition: '");
		write_node(out, r->nodes, 0);
		buf_add_c(out, "'");
	}
	buf_add_c(out, "\n");
}

void naive_write(const struct naive_bundle *b, unsigned document, struct buf *out)
{
	static const char *const files[] = { "a.yaml", "b.yaml", "c.yaml", "d.yaml" };
	const struct naive_document *d = &b->documents[document];

	buf_addf(out, "apiVersion: governance.toolkit/v1\nname: p%u\nscope: %s\n"
		 "conflict_resolution: %s\ndefault_action: %s\n",
		 document, scopes[d->scope], strategies[b->strategy], d->allows ? "allow" : "deny");
	write_set(out, "agents", d->agents, agents);
	buf_add_c(out, "\n");
	write_set(out, "extends", d->extends, files);
	buf_add_c(out, d->rule_count ? "\nrules:\n" : "\nrules: []\n");
	for (unsigned i = 0; i < d->rule_count; i++)
		write_rule(out, &d->rules[i], i);
}

struct bundle *naive_load(const struct naive_bundle *b, struct arena *a, struct note *n)
{
	static const struct str names[] = { { "a.yaml", 6 }, { "b.yaml", 6 }, { "c.yaml", 6 },
					    { "d.yaml", 6 } };
	struct policy_file files[NAIVE_DOCUMENTS];
	struct bundle *loaded = NULL;
	struct buf text;

	buf_init(&text, 1u << 20);
	for (unsigned i = 0; i < b->count; i++) {
		buf_clear(&text);
		naive_write(b, i, &text);
		files[i].name = names[i];
		cr_assert_eq(arena_copy(a, buf_view(&text), &files[i].content), OK);
	}
	buf_fini(&text);
	*n = (struct note){ .column = 0 };
	return bundle_load(files, b->count, a, &loaded, n) == OK ? loaded : NULL;
}

struct value naive_request_value(const struct naive_request *q, struct arena *a)
{
	static const char *const names[] = { "a", "b", NULL, "flag" };
	struct value v;
	struct str text;
	struct buf out;

	buf_init(&out, 4096);
	buf_addf(&out, "{\"action\":{\"type\":\"%s\"},\"args\":{\"z\":0", asked_tools[q->tool]);
	for (unsigned i = 0; i < NAIVE_PATHS; i++)
		if (names[i] && q->values[i].kind != NAIVE_MISSING) {
			buf_addf(&out, ",\"%s\":", names[i]);
			write_value(&out, &q->values[i]);
		}
	buf_add_c(&out, "}");
	if (q->values[2].kind != NAIVE_MISSING) {
		buf_add_c(&out, ",\"resource\":");
		write_value(&out, &q->values[2]);
	}
	buf_add_c(&out, "}");
	cr_assert_eq(arena_copy(a, buf_view(&out), &text), OK);
	buf_fini(&out);
	cr_assert_eq(json_read(text, 1, a, &v, NULL), OK);
	return v;
}

struct ruling naive_decide_really(const struct bundle *b, const struct naive_request *q,
				  struct arena *a)
{
	struct value v = naive_request_value(q, a);
	struct ruling r;

	cr_assert_eq(bundle_decide(b, q->later ? POLICY_PRE_OUTPUT : POLICY_PRE_TOOL,
				   str_view(q->agent), &v, a, &r), OK);
	return r;
}

/* --- deciding --- */

static bool glob(const char *pattern, const char *text)
{
	if (*pattern == '*')
		return glob(pattern + 1, text) || (*text && glob(pattern, text + 1));
	return *pattern == *text && (*text == '\0' || glob(pattern + 1, text + 1));
}

static bool any_glob(unsigned set, const char *const *patterns, const char *text)
{
	for (unsigned i = 0; set >> i; i++)
		if (set >> i & 1 && glob(patterns[i], text))
			return true;
	return set == 0;
}

static char truth(bool yes)
{
	return yes ? 't' : 'f';
}

static char compare(const struct naive_node *n, const struct naive_value *left)
{
	const struct naive_value *right = &n->literal;
	bool alike = left->kind == right->kind;
	const char *a, *b;
	int order;

	if (left->kind == NAIVE_MISSING)
		return 'e';
	if (n->op < ORDER_OPS)
		return truth((alike && left->number == right->number) == (n->op == 0));
	if (!alike || left->kind == NAIVE_BOOL)
		return 'e';
	if (n->op >= TEXT_OPS) {
		a = texts[left->number];
		b = texts[right->number];
		if (n->op == 8)
			return truth(strstr(a, b) != NULL);
		if (strlen(a) < strlen(b))
			return 'f';
		return truth(strncmp(n->op == 6 ? a : a + strlen(a) - strlen(b), b, strlen(b)) ==
			     0);
	}
	order = left->kind == NAIVE_TEXT ? strcmp(texts[left->number], texts[right->number])
					 : left->number - right->number;
	return truth(n->op == 2   ? order < 0
		     : n->op == 3 ? order <= 0
		     : n->op == 4 ? order > 0
				  : order >= 0);
}

/* Both sides are always asked. */
static char eval(const struct naive_node *nodes, unsigned at, const struct naive_request *q)
{
	const struct naive_node *n = &nodes[at];
	const struct naive_value *v = &q->values[n->path];
	char a, b, settles;

	switch (n->kind) {
	case NAIVE_AND:
	case NAIVE_OR:
		settles = n->kind == NAIVE_AND ? 'f' : 't';
		a = eval(nodes, 2 * at + 1, q);
		b = eval(nodes, 2 * at + 2, q);
		if (a == settles || b == settles)
			return settles;
		return a == 'e' || b == 'e' ? 'e' : n->kind == NAIVE_AND ? 't' : 'f';
	case NAIVE_NOT:
		a = eval(nodes, 2 * at + 1, q);
		return a == 'e' ? 'e' : truth(a == 'f');
	case NAIVE_HAS:
		return truth(v->kind != NAIVE_MISSING);
	case NAIVE_FLAG:
		return v->kind == NAIVE_BOOL ? truth(v->number & 1) : 'e';
	default:
		return compare(n, v);
	}
}

static unsigned comparisons(const struct naive_node *nodes, unsigned at)
{
	if (nodes[at].kind == NAIVE_NOT)
		return comparisons(nodes, 2 * at + 1);
	if (nodes[at].kind > NAIVE_OR)
		return 1;
	return comparisons(nodes, 2 * at + 1) + comparisons(nodes, 2 * at + 2);
}

int naive_strictness(enum naive_action action)
{
	return action == NAIVE_DO_DENY ? 0 : action == NAIVE_DO_APPROVAL ? 1 : 2;
}

/* One rule in the order of trial, with all that is known of it. */
struct placed {
	const struct naive_rule *rule;
	unsigned document, number;
	char truth;
	bool matches;
};

static int rank(const struct naive_bundle *b, const struct placed *p)
{
	switch (b->strategy) {
	case NAIVE_DENY:
		return naive_strictness(p->rule->action);
	case NAIVE_ALLOW:
		return -naive_strictness(p->rule->action);
	case NAIVE_SPECIFIC:
		return -(int)b->documents[p->document].scope;
	default:
		return 0;
	}
}

static bool before(const struct naive_bundle *b, const struct placed *x, const struct placed *y)
{
	if (rank(b, x) != rank(b, y))
		return rank(b, x) < rank(b, y);
	if (x->rule->priority != y->rule->priority)
		return x->rule->priority > y->rule->priority;
	if (x->document != y->document)
		return x->document < y->document;
	return x->number < y->number;
}

/* A document and all that it extends, directly or not. */
static unsigned family(const struct naive_bundle *b, unsigned document)
{
	unsigned set = 1u << document;

	for (unsigned i = 0; i < b->count; i++)
		if (b->documents[document].extends >> i & 1)
			set |= family(b, i);
	return set;
}

/* The first rule of these documents that matches, by its place; `count`: none. */
static unsigned first_of(const struct placed *all, unsigned count, unsigned documents)
{
	for (unsigned i = 0; i < count; i++)
		if (all[i].matches && documents >> all[i].document & 1)
			return i;
	return count;
}

static unsigned place_all(const struct naive_bundle *b, const struct naive_request *q,
			  unsigned holds, struct placed *all)
{
	unsigned count = 0;

	for (unsigned d = 0; d < b->count; d++)
		for (unsigned r = 0; r < b->documents[d].rule_count; r++) {
			const struct naive_rule *rule = &b->documents[d].rules[r];
			struct placed p = { rule, d, r, 'f', false };
			unsigned at = count;

			if (rule->disabled || rule->later != q->later)
				continue;
			if (holds >> d & 1 && any_glob(rule->tools, tools, asked_tools[q->tool]))
				p.truth = rule->conditional ? eval(rule->nodes, 0, q) : 't';
			p.matches = p.truth == 't' ||
				    (p.truth == 'e' && naive_strictness(rule->action) < 2);
			for (; at > 0 && before(b, &p, &all[at - 1]); at--)
				all[at] = all[at - 1];
			all[at] = p;
			count++;
		}
	return count;
}

static void consider(const struct placed *p, char *letters, struct naive_answer *ret)
{
	size_t len = strlen(letters);

	letters[len] = p->truth;
	letters[len + 1] = '\0';
	ret->cost += 1 + (p->rule->tools ? 1 : 0) +
		     (p->rule->conditional ? comparisons(p->rule->nodes, 0) : 0);
	if (p->truth == 'e')
		(void)snprintf(ret->errors[ret->error_count++], 16, "p%u/r%u", p->document,
			       p->number);
}

/*
 * What floors say behind the first match: each stricter one decides instead, and the trial ends
 * with a denial, or when each floor has had its match. `ends` is where each floor's own does.
 */
static unsigned ask_floors(const struct naive_bundle *b, const struct placed *all, unsigned count,
			   unsigned first, unsigned floors, unsigned ends[NAIVE_DOCUMENTS])
{
	unsigned winner = first, end = count, open = 0;

	for (unsigned d = 0; d < b->count; d++) {
		ends[d] = floors >> d & 1 ? first_of(all, count, family(b, d)) : 0;
		open += floors >> d & 1 && ends[d] > first;
	}
	for (unsigned i = first; i < count && end == count; i++) {
		bool met = false;

		for (unsigned d = 0; d < b->count; d++)
			met |= floors >> d & 1 && ends[d] == i;
		for (unsigned d = 0; i > first && d < b->count; d++)
			open -= floors >> d & 1 && ends[d] == i;
		if (met && naive_strictness(all[i].rule->action) <
				   naive_strictness(all[winner].rule->action))
			winner = i;
		if ((met || i == first) &&
		    (naive_strictness(all[winner].rule->action) == 0 || open == 0))
			end = i;
	}
	for (unsigned d = 0; d < b->count; d++)
		if (floors >> d & 1 && ends[d] > end)
			ends[d] = end;
	return winner;
}

static void answer_with(const struct placed *p, struct naive_answer *ret)
{
	static const unsigned obligations[NAIVE_ACTIONS] = {
		[NAIVE_DO_WARN] = POLICY_WARN, [NAIVE_DO_LOG] = POLICY_LOG,
		[NAIVE_DO_APPROVAL] = POLICY_APPROVAL,
	};

	ret->allow = naive_strictness(p->rule->action) == 2;
	ret->obligations = obligations[p->rule->action];
	ret->limit = p->rule->limit;
	(void)snprintf(ret->rule, sizeof(ret->rule), "p%u/r%u", p->document, p->number);
}

void naive_decide(const struct naive_bundle *b, const struct naive_request *q,
		  struct naive_answer *ret)
{
	struct placed all[NAIVE_DOCUMENTS * NAIVE_RULES];
	unsigned holds = 0, floors = 0, ends[NAIVE_DOCUMENTS] = { 0 }, count, first;
	bool allows = true;

	memset(ret, 0, sizeof(*ret));
	for (unsigned d = 0; d < b->count; d++)
		if (any_glob(b->documents[d].agents, agents, q->agent)) {
			holds |= family(b, d);
			floors |= family(b, d) & ~(1u << d);
		}
	count = place_all(b, q, holds, all);
	first = first_of(all, count, ~0u);
	for (unsigned d = 0; d < b->count; d++)
		allows = allows && (!(holds >> d & 1) || b->documents[d].allows);
	ret->allow = holds && allows;
	if (first < count)
		answer_with(&all[ask_floors(b, all, count, first, floors, ends)], ret);
	for (unsigned i = 0; i < count; i++) {
		unsigned d = all[i].document;

		if (i <= first)
			consider(&all[i], ret->considered, ret);
		else if (floors >> d & 1 && i <= ends[d])
			consider(&all[i], ret->floors[d], ret);
	}
}
