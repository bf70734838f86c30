/*
 * census: one walk through the log. Of allowed actions of the stretch one bit is kept each, until
 * their outcome takes it away; names are counted up to a bound, and those beyond it together.
 */
#include "engine/index/inside.h"

#include <stdlib.h>

#include "engine/base/map.h"
#include "engine/index/census.h"

#define LINE_MEMORY ((size_t)64 << 20)
#define DIGEST_TEXT 128

struct counting {
	struct census *c;
	struct arena *arena;
	struct map maps[CENSUS_LISTS];
	size_t rooms[CENSUS_LISTS];
	uint8_t *open;                        /* allowed actions without an outcome so far */
	size_t open_bytes;
	int64_t since_ns, until_ns;
};

/* --- names --- */

static enum err add_row(struct counting *g, enum census_list list, struct str name, uint32_t *ret)
{
	struct census_names *l = &g->c->lists[list];
	struct str copy;

	if (l->count == g->rooms[list]) {
		size_t room = l->count ? 2 * l->count : 64;
		struct census_row *more = arena_array(g->arena, room, sizeof(*more));

		if (!more)
			return ERR_MEMORY;
		if (l->count > 0)
			memcpy(more, l->rows, l->count * sizeof(*more));
		l->rows = more;
		g->rooms[list] = room;
	}
	TRY(arena_copy(g->arena, name, &copy));
	TRY(map_put(&g->maps[list], copy, (uint32_t)l->count));
	l->rows[l->count] = (struct census_row){ .name = copy };
	*ret = (uint32_t)l->count++;
	return OK;
}

static enum err count_name(struct counting *g, enum census_list list, struct str name, bool denied)
{
	struct census_names *l = &g->c->lists[list];
	uint32_t at;

	if (!name.ptr)
		return OK;
	if (!map_get(&g->maps[list], name, &at)) {
		if (l->count == LIMIT_CENSUS_NAMES) {
			l->others++;
			return OK;
		}
		TRY(add_row(g, list, name, &at));
	}
	l->rows[at].count++;
	l->rows[at].denied += denied;
	return OK;
}

static int by_count(const void *a, const void *b)
{
	const struct census_row *one = a, *two = b;

	if (one->count != two->count)
		return one->count > two->count ? -1 : 1;
	return str_cmp(one->name, two->name);
}

/* --- actions that wait for their outcome --- */

static enum err open_action(struct counting *g, uint64_t seq)
{
	size_t byte = (size_t)(seq / 8);

	if (byte >= g->open_bytes) {
		size_t bytes = 2 * byte + 4096;
		uint8_t *more = realloc(g->open, bytes);

		if (!more)
			return ERR_MEMORY;
		memset(more + g->open_bytes, 0, bytes - g->open_bytes);
		g->open = more;
		g->open_bytes = bytes;
	}
	g->open[byte] |= (uint8_t)(1u << seq % 8);
	return OK;
}

static bool close_action(struct counting *g, uint64_t seq)
{
	size_t byte = (size_t)(seq / 8);
	uint8_t bit = (uint8_t)(1u << seq % 8);

	if (byte >= g->open_bytes || !(g->open[byte] & bit))
		return false;
	g->open[byte] &= (uint8_t)~bit;
	return true;
}

/* --- entries --- */

static enum err count_action(struct counting *g, const struct entry *e)
{
	const struct decision *d = e->decision;
	bool denied = !d || d->effect == EFFECT_DENY;
	struct buf digest;
	enum err failed;

	g->c->allowed += !denied;
	g->c->denied += denied;
	g->c->signed_actions += e->signature != NULL;
	g->c->faults += e->data && value_get_c(e->data, "fault");
	TRY(count_name(g, CENSUS_AGENTS, e->agent, denied));
	TRY(count_name(g, CENSUS_TOOLS, e->action, denied));
	TRY(count_name(g, CENSUS_RULES, d ? d->rule : STR_NONE, denied));
	TRY(count_name(g, CENSUS_STAGES, d ? d->stage : STR_NONE, denied));
	buf_init(&digest, DIGEST_TEXT);
	digest_write(&digest, &e->policy);
	failed = digest.err;
	if (failed == OK)
		failed = count_name(g, CENSUS_POLICIES, buf_view(&digest), denied);
	buf_fini(&digest);
	if (failed == OK && !denied)
		failed = open_action(g, e->seq);
	return failed;
}

static enum err count_outcome(struct counting *g, const struct entry *e)
{
	for (size_t i = 0; i < e->link_count; i++) {
		struct str status = value_text(e->data, "status");

		if (!str_is(e->links[i].rel, "outcome_of") || !close_action(g, e->links[i].seq))
			continue;
		g->c->with_outcome++;
		TRY(count_name(g, CENSUS_OUTCOMES, status.ptr ? status : STR(""), false));
	}
	return OK;
}

static enum err count_entry(struct counting *g, const struct entry *e)
{
	if (e->kind == ENTRY_OUTCOME)
		TRY(count_outcome(g, e));
	if (e->time_ns < g->since_ns || e->time_ns > g->until_ns)
		return OK;
	g->c->entries++;
	g->c->kinds[e->kind]++;
	g->c->synthetic += e->time_synthetic;
	if (e->kind == ENTRY_CONTROL)
		return count_name(g, CENSUS_CONTROLS, e->action, false);
	return e->kind == ENTRY_ACTION ? count_action(g, e) : OK;
}

static enum err count_log(struct counting *g, struct lines *lines, struct note *n)
{
	struct arena memory;
	struct entry entry;
	struct str line;
	enum err e = OK;

	arena_init(&memory, LINE_MEMORY);
	while (e == OK) {
		e = lines_get(lines, g->c->read, NULL, &line);
		if (e != OK || !line.ptr)
			break;
		e = lines_read(lines, g->c->read, line, &memory, &entry, n);
		if (e == OK)
			e = count_entry(g, &entry);
		g->c->read += e == OK;
		arena_rewind(&memory, (struct arena_mark){ NULL, 0 });
	}
	arena_fini(&memory);
	return e;
}

enum err census_take(struct world *w, const char *log_folder, struct str origin, int64_t since_ns,
		     int64_t until_ns, struct arena *a, struct census *ret, struct note *n)
{
	struct census c = { .read = 0 };
	struct counting g = { &c, a, .since_ns = since_ns, .until_ns = until_ns };
	struct lines lines;
	enum err e;

	for (unsigned i = 0; i < CENSUS_LISTS; i++)
		map_init(&g.maps[i], i);
	lines_init(&lines, w, log_folder, origin);
	e = count_log(&g, &lines, n);
	lines_fini(&lines);
	for (unsigned i = 0; i < CENSUS_LISTS; i++) {
		if (c.lists[i].count > 0)
			qsort(c.lists[i].rows, c.lists[i].count, sizeof(*c.lists[i].rows),
			      by_count);
		map_fini(&g.maps[i]);
	}
	free(g.open);
	if (e == OK || e == ERR_TAMPERED)
		*ret = c;
	return e;
}
