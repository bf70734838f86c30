/* cmd_log_bom: trammel log bom N: everything that went into one decision, from what was recorded */
#include "tui/print.h"
#include "tui/recorded.h"

#define OUT_CAP      ((size_t)64 << 20)
#define MEMORY_CAP   ((size_t)256 << 20)
#define SCAN_ENTRIES 65536u    /* how far behind an action its outcome is looked for */

struct gathering {
	struct space *space;
	struct arena memory, bundle_memory;
	struct entry entry;
	struct checkpoint checkpoint;
	struct bom bom;
	struct note *note;
};

/* The entry's line and the one before it, read and believed. */
static enum err gather_lines(struct gathering *g, uint64_t index)
{
	struct entry before;

	TRY(recorded_line(g->space, index, &g->memory, &g->bom.entry, g->note));
	TRY(entry_read(g->bom.entry, &g->memory, &g->entry, g->note));
	if (index == 0)
		return OK;
	TRY(recorded_line(g->space, index - 1, &g->memory, &g->bom.before, g->note));
	return entry_read(g->bom.before, &g->memory, &before, g->note);
}

static bool is_outcome_of(const struct entry *e, uint64_t index)
{
	for (size_t i = 0; i < e->link_count; i++)
		if (e->links[i].seq == index && str_is(e->links[i].rel, "outcome_of"))
			return e->kind == ENTRY_OUTCOME;
	return false;
}

/* The number of the outcome's entry; it is *seq afterwards, or the action's own when none is. */
static enum err find_outcome(struct gathering *g, struct log_reader *reader, uint64_t *seq)
{
	uint64_t index = g->entry.seq;
	struct arena_mark mark = arena_mark(&g->memory);
	struct entry e;
	struct str line;

	for (*seq = index; g->bom.searched < SCAN_ENTRIES; g->bom.searched++) {
		TRY(log_reader_next(reader, &line));
		if (!line.ptr)
			return OK;
		if (!str_has(line, STR("\"outcome_of\"")))
			continue;
		TRY(entry_read(line, &g->memory, &e, g->note));
		if (is_outcome_of(&e, index)) {
			*seq = e.seq;
			return OK;
		}
		arena_rewind(&g->memory, mark);
	}
	return OK;
}

static enum err gather_outcome(struct gathering *g)
{
	uint64_t index = g->entry.seq, found = index;
	struct log_reader *reader = NULL;
	struct entry outcome;
	enum err e = log_reader_open(space_world(g->space), space_log_folder(g->space), index + 1,
				     UINT64_MAX, &reader);

	if (e == OK)
		e = find_outcome(g, reader, &found);
	log_reader_close(reader);
	if (e != OK || found == index)
		return e;
	TRY(recorded_line(g->space, found, &g->memory, &g->bom.outcome, g->note));
	return entry_read(g->bom.outcome, &g->memory, &outcome, g->note);
}

static enum err name_rules(struct gathering *g, const struct bundle *bundle)
{
	enum policy_stage stage = POLICY_PRE_TOOL;
	struct bom_rule *rules, *cedar;

	(void)policy_stage_read(value_text(g->entry.data, "stage"), &stage);
	g->bom.rule_count = bundle_stage_rules(bundle, stage);
	g->bom.cedar_count = bundle_cedar_policies(bundle);
	rules = arena_array(&g->memory, g->bom.rule_count, sizeof(*rules));
	cedar = arena_array(&g->memory, g->bom.cedar_count, sizeof(*cedar));
	if (!rules || !cedar)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < g->bom.rule_count; i++) {
		rules[i].name = bundle_stage_rule(bundle, stage, i);
		rules[i].policy = bundle_stage_policy(bundle, stage, i);
	}
	for (size_t i = 0; i < g->bom.cedar_count; i++)
		cedar[i].name = bundle_cedar_policy(bundle, i, &cedar[i].forbid);
	g->bom.rules = rules;
	g->bom.cedar = cedar;
	return OK;
}

/* What the rules were called; that the bundle is gone takes nothing from the rest. */
static enum err gather_names(struct gathering *g)
{
	struct gate_bodies bodies = space_bodies(g->space);
	struct bundle *bundle;
	struct body packed;
	enum err e = bodies.get(bodies.self, &g->entry.policy, &packed);

	if (e == ERR_MISS) {
		g->bom.no_names = "the bundle is not in the blob store";
		return OK;
	}
	if (e == OK)
		e = bundle_unpack(packed.text, &g->bundle_memory, &bundle, g->note);
	TRY(e);
	return name_rules(g, bundle);
}

static enum err gather(struct gathering *g, uint64_t index)
{
	struct space *s = g->space;
	struct str ignored;

	TRY(log_checkpoint(space_world(s), space_log_folder(s), space_key(s), 1, &g->memory,
			   &ignored, &g->checkpoint, g->note));
	g->bom.checkpoint = &g->checkpoint;
	TRY(gather_lines(g, index));
	if (g->entry.kind != ENTRY_ACTION)
		return OK;
	TRY(gather_outcome(g));
	return gather_names(g);
}

int cmd_log_bom(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct gathering g = { .note = &n };
	uint64_t index = 0;
	struct buf b;
	enum err e = recorded_index(in->args[0], &index, &n);

	buf_init(&b, OUT_CAP);
	arena_init(&g.memory, MEMORY_CAP);
	arena_init(&g.bundle_memory, LIMIT_BUNDLE_MEMORY);
	if (e == OK)
		e = space_open(in->world, dir_of(in), SPACE_READ, &g.space, &n);
	if (e == OK)
		e = gather(&g, index);
	if (e == OK)
		e = bom_write(&g.bom, json_wanted(in), &g.memory, &b, &n);
	if (e == OK)
		e = print_page(in, &b, &n);
	buf_fini(&b);
	arena_fini(&g.bundle_memory);
	arena_fini(&g.memory);
	(void)space_close(g.space, NULL);
	return e == OK ? 0 : print_error(in, e, &n);
}
