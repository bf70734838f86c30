/*
 * term_list: the terms of a bundle, one function for each thing that it may say.
 *
 *   trust                     there or not
 *     trust.initial           its details, each compared by itself
 *     ...
 */
#include "engine/policy/term_list.h"

#include <stdarg.h>
#include <stdio.h>

#include "engine/identity/identity.h"
#include "engine/policy/sequence_parts.h"
#include "engine/policy/trace.h"
#include "engine/policy/twin.h"

#define TEXT_CAP ((size_t)1 << 20)

/* --- making terms --- */

static struct str kept(struct term_list *l, struct buf *b)
{
	struct str text = STR("");

	if (l->err == OK)
		l->err = b->err == OK ? arena_copy(l->arena, buf_view(b), &text) : b->err;
	buf_fini(b);
	return text;
}

__attribute__((format(printf, 2, 3))) static struct str say(struct term_list *l, const char *format,
							    ...)
{
	char text[512];
	struct str ret = STR("");
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (l->err == OK)
		l->err = arena_copy(l->arena, str_view(text), &ret);
	return ret;
}

static enum err make_room(struct term_list *l)
{
	size_t room = l->room ? 2 * l->room : 64;
	struct term *terms;

	if (l->count < l->room)
		return OK;
	terms = arena_array(l->arena, room, sizeof(*terms));
	if (!terms)
		return ERR_MEMORY;
	if (l->count)
		memcpy(terms, l->terms, l->count * sizeof(*terms));
	l->terms = terms;
	l->room = room;
	return OK;
}

/* Of two about the same thing the second is told from the first by a prime, and so on. */
static void add(struct term_list *l, struct term term)
{
	uint32_t taken;

	while (l->err == OK && map_get(&l->places, term.what, &taken)) {
		const struct str parts[] = { term.what, STR("'") };

		l->err = plan_join(l->arena, parts, 2, &term.what);
	}
	if (l->err == OK)
		l->err = make_room(l);
	if (l->err == OK)
		l->err = map_put(&l->places, term.what, (uint32_t)l->count);
	if (l->err == OK)
		l->terms[l->count++] = term;
}

static void add_number(struct term_list *l, struct str what, int64_t number,
		       enum outcome_change more)
{
	add(l, (struct term){ .what = what,
			      .kind = TERM_NUMBER,
			      .more = more,
			      .detail = true,
			      .text = say(l, "%lld", (long long)number),
			      .number = number });
}

static void add_flag(struct term_list *l, const char *what, bool flag)
{
	add(l, (struct term){ .what = str_view(what),
			      .kind = TERM_NUMBER,
			      .more = CHANGE_TIGHTER,
			      .text = flag ? STR("true") : STR("false"),
			      .number = flag,
			      .shown = true });
}

/* Whom it is required of: nobody, who was created here, or everybody. */
static void add_sponsor(struct term_list *l, const struct bundle *b)
{
	static const char *const texts[] = { "false", "of created agents", "true" };
	bool created = bundle_wants_sponsor(b, true), any = bundle_wants_sponsor(b, false);

	add(l, (struct term){ .what = STR("require_sponsor"),
			      .kind = TERM_NUMBER,
			      .more = CHANGE_TIGHTER,
			      .text = str_view(texts[created + any]),
			      .number = created + any,
			      .shown = true });
}

static void add_text(struct term_list *l, struct str what, struct str text)
{
	add(l, (struct term){ .what = what, .detail = true, .added = CHANGE_OTHER, .text = text });
}

/* Something that is there, of which details follow. */
static void add_head(struct term_list *l, struct str what, enum outcome_change added,
		     struct str text)
{
	add(l, (struct term){ .what = what, .added = added, .text = text });
}

static struct str patterns_text(struct term_list *l, const struct patterns *list)
{
	struct buf b;

	buf_init(&b, TEXT_CAP);
	if (list->count == 0)
		buf_add_c(&b, "any");
	for (size_t i = 0; i < list->count; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", STR_ARG(list->items[i].text));
	return kept(l, &b);
}

/* --- curbs --- */

/* Whom it holds for, with what its document says of agents. */
static struct str scope_text(struct term_list *l, const struct plan *p, const struct curb *curb,
			     uint32_t document)
{
	struct str agents = patterns_text(l, &curb->agents), tools = patterns_text(l, &curb->tools),
		   holders = patterns_text(l, &p->documents[document].agents);

	return say(l, "agents %.*s of %.*s, tools %.*s", SHOWN(agents), SHOWN(holders),
		   SHOWN(tools));
}

static void add_curb(struct term_list *l, const struct plan *p, struct str what,
		     const struct curb *curb, uint32_t document, struct str text)
{
	struct str agents = patterns_text(l, &curb->agents), tools = patterns_text(l, &curb->tools),
		   holders = patterns_text(l, &p->documents[document].agents);
	const struct str parts[] = {
		text, STR("\n"), agents, STR("\n"), holders, STR("\n"), tools
	};
	struct term term = { .what = what,
			     .added = CHANGE_TIGHTER,
			     .text = scope_text(l, p, curb, document),
			     .curb = curb,
			     .document = document };

	if (l->err == OK)
		l->err = plan_join(l->arena, parts, 7, &term.meaning);
	term.text = say(l, "%.*s; %.*s", STR_ARG(text), STR_ARG(term.text));
	add(l, term);
}

static void add_quota(struct term_list *l, const struct plan *p, const struct quota_rule *rule)
{
	const struct quota *q = &rule->quota;
	bool budget = q->kind == QUOTA_BUDGET;
	struct str what = say(l, "%s %.*s/%.*s", budget ? "budget" : "quota", SHOWN(q->policy),
			      SHOWN(q->name));
	char path[SLOT_TEXT_BYTES] = "a call", ring[24] = "";
	struct term rate = { .kind = TERM_RATE, .detail = true };
	struct buf b;

	if (rule->path != SLOT_REQUEST)
		slot_text(&p->slots, rule->path, path);
	if (q->ring)
		(void)snprintf(ring, sizeof(ring), " in ring %u", q->ring);
	add_curb(l, p, what, &rule->curb, rule->document,
		 budget ? say(l, "%s of %s per %s%s%s", quota_unit_name(q->unit), path,
			      quota_per_name(q->per), q->daily ? " and day" : "", ring)
			: say(l, "per %s%s", quota_per_name(q->per), ring));
	if (budget) {
		buf_init(&b, TEXT_CAP);
		micros_write(&b, q->amount);
		add(l, (struct term){ .what = say(l, "%.*s amount", STR_ARG(what)),
				      .kind = TERM_NUMBER,
				      .more = CHANGE_LOOSER,
				      .detail = true,
				      .text = kept(l, &b),
				      .number = q->amount,
				      .curb = &rule->curb,
				      .document = rule->document });
		return;
	}
	rate.what = say(l, "%.*s rate", STR_ARG(what));
	rate.rate = (struct policy_limit){ q->rate.count, q->rate.period_ns };
	buf_init(&b, TEXT_CAP);
	rate_write(&b, &rate.rate);
	rate.text = kept(l, &b);
	rate.curb = &rule->curb;
	rate.document = rule->document;
	add(l, rate);
	add_number(l, say(l, "%.*s burst", STR_ARG(what)), q->rate.burst, CHANGE_LOOSER);
}

/* A command that is not in a list of allowed ones may not run; without a list all may. */
static void add_names(struct term_list *l, struct str what, const struct command_names *names,
		      const struct term *owner, bool denied)
{
	struct buf b;
	struct term term = { .what = what,
			     .kind = TERM_SET,
			     .more = denied ? CHANGE_TIGHTER : CHANGE_LOOSER,
			     .added = CHANGE_TIGHTER,
			     .set = names->list,
			     .set_count = names->count,
			     .curb = owner->curb,
			     .document = owner->document };

	if (!names->given)
		return;
	buf_init(&b, TEXT_CAP);
	for (size_t i = 0; i < names->count; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", STR_ARG(names->list[i]));
	term.text = kept(l, &b);
	add(l, term);
}

static void add_command(struct term_list *l, const struct plan *p, const struct command_rule *rule,
			size_t number)
{
	struct str what = say(l, "commands %.*s/%zu", SHOWN(p->documents[rule->document].name),
			      number);
	const struct term owner = { .curb = &rule->curb, .document = rule->document };
	char path[SLOT_TEXT_BYTES];

	slot_text(&p->slots, rule->path, path);
	add_curb(l, p, what, &rule->curb, rule->document, say(l, "of %s", path));
	add_names(l, say(l, "%.*s deny", STR_ARG(what)), &rule->deny, &owner, true);
	add_names(l, say(l, "%.*s allow", STR_ARG(what)), &rule->allow, &owner, false);
	add_names(l, say(l, "%.*s from", STR_ARG(what)), &rule->from, &owner, false);
}

static void add_capability(struct term_list *l, const struct plan *p,
			   const struct capability_rule *rule, size_t number)
{
	struct str what = say(l, "capabilities %.*s/%zu", SHOWN(p->documents[rule->document].name),
			      number);

	add_curb(l, p, what, &rule->curb, rule->document, STR("bounded"));
	add(l, (struct term){ .what = say(l, "%.*s may", STR_ARG(what)),
			      .kind = TERM_CAPABILITIES,
			      .detail = true,
			      .text = capability_text(&rule->may),
			      .curb = &rule->curb,
			      .document = rule->document });
}

/* Rules of commands and of capabilities have no names: their place in their document is one. */
static size_t next_number(bool same_document, size_t number)
{
	return same_document ? number + 1 : 1;
}

static void add_unnamed(struct term_list *l, const struct plan *p)
{
	const struct curbs *curbs = p->curbs;
	size_t number = 0;

	for (size_t i = 0; i < curbs->command_count; i++) {
		const struct command_rule *rule = &curbs->commands[i];

		number = next_number(i && rule[-1].document == rule->document, number);
		add_command(l, p, rule, number);
	}
	for (size_t i = 0; i < curbs->capability_count; i++) {
		const struct capability_rule *rule = &curbs->capabilities[i];

		number = next_number(i && rule[-1].document == rule->document, number);
		add_capability(l, p, rule, number);
	}
}

/* --- curbs without details: another text is another thing, one more takes something away --- */

static void add_paths(struct term_list *l, const struct plan *p)
{
	char of[SLOT_TEXT_BYTES];
	size_t number = 0;

	for (size_t i = 0; i < p->curbs->path_count; i++) {
		const struct path_rule *rule = &p->curbs->paths[i];
		struct buf below;

		number = i && rule[-1].document == rule->document ? number + 1 : 1;
		slot_text(&p->slots, rule->path, of);
		buf_init(&below, TEXT_CAP);
		buf_addf(&below, "%s below ", of);
		for (size_t r = 0; r < rule->root_count; r++)
			buf_addf(&below, "%s%.*s", r ? ", " : "", STR_ARG(rule->roots[r]));
		add_curb(l, p,
			 say(l, "paths %.*s/%zu", SHOWN(p->documents[rule->document].name), number),
			 &rule->curb, rule->document, kept(l, &below));
	}
}

static void add_intents(struct term_list *l, const struct plan *p)
{
	char of[SLOT_TEXT_BYTES];
	size_t number = 0;

	for (size_t i = 0; i < p->curbs->intent_count; i++) {
		const struct intent_rule *rule = &p->curbs->intents[i];

		number = i && rule[-1].document == rule->document ? number + 1 : 1;
		if (rule->path != SLOT_REQUEST)
			slot_text(&p->slots, rule->path, of);
		add_curb(l, p,
			 say(l, "intents %.*s/%zu", SHOWN(p->documents[rule->document].name),
			     number),
			 &rule->curb, rule->document,
			 say(l, "%s %s", intent_name(rule->intent),
			     rule->path == SLOT_REQUEST ? "resource" : of));
	}
}

static void add_kills(struct term_list *l, const struct plan *p)
{
	for (size_t i = 0; i < p->curbs->kill_count; i++) {
		const struct kill_rule *rule = &p->curbs->kills[i];
		const struct kill_terms *t = &rule->terms;
		struct buf when;

		buf_init(&when, TEXT_CAP);
		if (t->after_ns)
			buf_addf(&when, "after %lld ns", (long long)t->after_ns);
		else
			rate_write(&when, &t->denials);
		buf_addf(&when, " in stages %x kills the %s", rule->stages,
			 halt_scope_name(t->scope));
		add_curb(l, p, t->key, &rule->curb, rule->document, kept(l, &when));
	}
}

static void add_demotion(struct term_list *l, const struct ring_rules *rings)
{
	for (unsigned r = RING_MOST + 1; r <= RING_LEAST; r++) {
		const struct demotion_rule *rule = &rings->demotion.ring[r];

		add_number(l, say(l, "demotion to ring %u below", r), rule->below, CHANGE_TIGHTER);
		add_number(l, say(l, "demotion to ring %u until", r), rule->until, CHANGE_TIGHTER);
	}
}

/* The first rule that names something decides, so their order is a term, too. */
static void add_ring_list(struct term_list *l, const char *of, const struct ring_list *list,
			  enum outcome_change more)
{
	struct buf order;

	buf_init(&order, TEXT_CAP);
	for (size_t i = 0; i < list->count; i++) {
		struct str names = patterns_text(l, &list->rules[i].names);

		buf_addf(&order, "%s%.*s", i ? "; " : "", STR_ARG(names));
		add_number(l, say(l, "ring of %s %.*s", of, SHOWN(names)), list->rules[i].ring,
			   more);
	}
	add_text(l, say(l, "rings of %s", of), kept(l, &order));
}

static void add_reach(struct term_list *l, const struct plan *p, const struct reach_rule *rule)
{
	struct str tools = patterns_text(l, &rule->tools);
	struct str what = say(l, "reach of ring %u by %.*s", rule->ring, SHOWN(tools));
	struct str *globs = arena_array(l->arena, rule->resources.count, sizeof(*globs));
	struct str parts[] = { tools, STR("\n"), STR("resource") };
	char of[SLOT_TEXT_BYTES];
	struct term term = { .what = what, .added = CHANGE_TIGHTER };

	if (l->err != OK || !globs) {
		l->err = l->err == OK ? ERR_MEMORY : l->err;
		return;
	}
	for (size_t i = 0; i < rule->resources.count; i++)
		globs[i] = rule->resources.items[i].text;
	if (rule->path != SLOT_REQUEST) {
		slot_text(&p->slots, rule->path, of);
		parts[2] = str_view(of);
	}
	term.text = say(l, "%.*s", STR_ARG(parts[2]));
	if (l->err == OK)
		l->err = plan_join(l->arena, parts, 3, &term.meaning);
	add(l, term);
	add(l, (struct term){ .what = say(l, "%.*s, globs", STR_ARG(what)),
			      .kind = TERM_SET,
			      .more = CHANGE_LOOSER,
			      .detail = true,
			      .text = patterns_text(l, &rule->resources),
			      .set = globs,
			      .set_count = rule->resources.count });
}

static void add_rings(struct term_list *l, const struct plan *p, const struct ring_rules *rings)
{
	struct str sponsor = STR("nobody");

	add_head(l, STR("rings"), CHANGE_TIGHTER, STR("kept"));
	add_number(l, STR("ring of agents by default"), rings->otherwise, CHANGE_TIGHTER);
	add_ring_list(l, "agents", &rings->agents, CHANGE_TIGHTER);
	add_ring_list(l, "tools", &rings->tools, CHANGE_LOOSER);
	add_ring_list(l, "resources", &rings->resources, CHANGE_LOOSER);
	for (size_t i = 0; i < rings->reach_count; i++)
		add_reach(l, p, &rings->reach[i]);
	if (rings->has_sponsor) {
		struct buf b;

		buf_init(&b, TEXT_CAP);
		did_write(&b, &rings->sponsor);
		sponsor = kept(l, &b);
	}
	add_text(l, STR("sponsor of rings"), sponsor);
	add_demotion(l, rings);
}

/* --- trust --- */

static void add_bounds(struct term_list *l, const char *of, const struct trust_bound *list,
		       size_t count, enum outcome_change more)
{
	for (size_t i = 0; i < count; i++) {
		struct term term = { .what = say(l, "trust %s %.*s", of, SHOWN(list[i].glob)),
				     .kind = TERM_NUMBER,
				     .more = more,
				     .added = CHANGE_TIGHTER,
				     .text = say(l, "%u", list[i].score),
				     .number = list[i].score };

		add(l, term);
	}
}

/* Names in their order are one term, so that a tier more or less is said once. */
static void add_tiers(struct term_list *l, const struct trust_terms *t)
{
	struct buf names;

	buf_init(&names, TEXT_CAP);
	for (size_t i = 0; i < t->tier_count; i++) {
		buf_addf(&names, "%s%.*s", i ? ", " : "", STR_ARG(t->tiers[i].name));
		add_number(l, say(l, "trust tier %.*s", SHOWN(t->tiers[i].name)), t->tiers[i].from,
			   CHANGE_TIGHTER);
	}
	add_text(l, STR("trust tiers"), kept(l, &names));
}

static void add_trust(struct term_list *l, const struct trust_terms *t)
{
	const struct {
		const char *what;
		int64_t number;
		enum outcome_change more;
	} numbers[] = {
		{ "trust initial", t->initial, CHANGE_LOOSER },
		{ "trust decay per_hour", t->decay_per_hour, CHANGE_TIGHTER },
		{ "trust decay floor", t->decay_floor, CHANGE_LOOSER },
		{ "trust latency_ms", t->latency_ms, CHANGE_LOOSER },
		{ "trust contagion own", t->own, CHANGE_TIGHTER },
		{ "trust contagion share", t->share, CHANGE_TIGHTER },
		{ "trust contagion hop", t->hop, CHANGE_TIGHTER },
		{ "trust contagion depth", t->depth, CHANGE_TIGHTER },
		{ "trust contagion violation", t->violation, CHANGE_TIGHTER },
		{ "trust regime", t->regime, CHANGE_OTHER },
	};

	add_head(l, STR("trust"), CHANGE_OTHER, STR("kept"));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		add_number(l, str_view(numbers[i].what), numbers[i].number, numbers[i].more);
	for (unsigned i = 0; i < TRUST_DIMENSIONS; i++)
		add_number(l,
			   say(l, "trust weight %s", trust_dimension_name((enum trust_dimension)i)),
			   t->weights[i], CHANGE_OTHER);
	add_tiers(l, t);
	add_bounds(l, "ceiling", t->ceilings, t->ceiling_count, CHANGE_LOOSER);
	add_bounds(l, "minimum", t->minimum, t->minimum_count, CHANGE_TIGHTER);
}

/* --- sequences --- */

static void add_declared(struct term_list *l, const struct slots *slots, const char *of,
			 const struct declared *d)
{
	struct term term = { .what = say(l, "%s %s", of, d->name), .detail = true };
	char key[SLOT_TEXT_BYTES] = "";
	struct buf meaning, text;

	if (d->key)
		slot_text(slots, d->key, key);
	buf_init(&meaning, TEXT_CAP);
	buf_addf(&meaning, "%s %s", policy_stage_name(d->stage), key);
	twin_write(&meaning, d->when);
	term.meaning = kept(l, &meaning);
	buf_init(&text, TEXT_CAP);
	buf_addf(&text, "%s%s%s: ", policy_stage_name(d->stage), *key ? " by " : "", key);
	for (uint32_t i = 0, shown = 0; d->when && i < d->when->count; i++)
		if (trace_asks(&d->when->steps[i])) {
			buf_add_c(&text, shown++ ? "; " : "");
			trace_step_text(&text, d->when, i);
		}
	term.text = kept(l, &text);
	add(l, term);
}

static void fill(struct term_list *l, const struct bundle *b)
{
	const struct plan *p = bundle_plan(b);

	add_flag(l, "require_signature", bundle_wants_signature(b));
	add_sponsor(l, b);
	add_flag(l, "require_session", bundle_wants_session(b));
	add_flag(l, "require_credential", bundle_wants_credential(b));
	for (size_t i = 0; p->curbs && i < p->curbs->quota_count; i++)
		add_quota(l, p, &p->curbs->quotas[i]);
	if (p->curbs) {
		add_unnamed(l, p);
		add_paths(l, p);
		add_intents(l, p);
		add_kills(l, p);
	}
	if (p->curbs && p->curbs->rings)
		add_rings(l, p, p->curbs->rings);
	if (bundle_trust(b))
		add_trust(l, bundle_trust(b));
	for (size_t i = 1; p->sequence && i < p->sequence->names.event_count; i++)
		add_declared(l, &p->slots, "event", &p->sequence->events[i]);
	for (size_t i = 0; p->sequence && i < p->sequence->names.label_count; i++)
		add_declared(l, &p->slots, "label", &p->sequence->labels[i]);
}

enum err term_list_open(const struct bundle *b, struct arena *a, struct term_list *ret)
{
	*ret = (struct term_list){ .arena = a };
	map_init(&ret->places, 0);
	fill(ret, b);
	return ret->err;
}

void term_list_close(struct term_list *l)
{
	map_fini(&l->places);
}

const struct term *term_list_find(const struct term_list *l, struct str what)
{
	uint32_t at;

	return map_get(&l->places, what, &at) ? &l->terms[at] : NULL;
}
