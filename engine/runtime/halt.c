/* halt: rows of the halts table, moved by one table of ways. */
#include "engine/runtime/runtime.h"

#include "engine/base/field.h"

enum event { KILL, LIFT, QUARANTINE, RELEASE, EVENTS };

#define TO(kind) (1 + (kind))

/* From scope, kind and event to one more than the next kind; 0: there is no such way. */
static const uint8_t ways[HALT_SCOPES][HALT_KINDS][EVENTS] = {
	[HALT_ALL] = {
		[HALT_FREE] = { [KILL] = TO(HALT_KILLED) },
		[HALT_KILLED] = { [LIFT] = TO(HALT_FREE) },
	},
	[HALT_AGENT] = {
		[HALT_FREE] = { [KILL] = TO(HALT_KILLED), [QUARANTINE] = TO(HALT_QUARANTINED) },
		[HALT_QUARANTINED] = {
			[KILL] = TO(HALT_KILLED), [QUARANTINE] = TO(HALT_QUARANTINED),
			[RELEASE] = TO(HALT_FREE),
		},
	},
	[HALT_SESSION] = {
		[HALT_FREE] = { [KILL] = TO(HALT_KILLED) },
	},
};

struct table_schema halt_table(void)
{
	return (struct table_schema){ "halts", sizeof(struct halt_row), LIMIT_NAME_BYTES + 1 };
}

struct str halt_name(const struct halt_row *row)
{
	return field_text(row->name);
}

const char *halt_scope_name(enum halt_scope scope)
{
	static const char *const names[HALT_SCOPES] = { "everything", "agent", "session" };

	MUST(scope < HALT_SCOPES);
	return names[scope];
}

const char *halt_kind_name(enum halt_kind kind)
{
	static const char *const names[HALT_KINDS] = { "free", "quarantined", "killed" };

	MUST(kind < HALT_KINDS);
	return names[kind];
}

/* The row of that key, or a free one that is not in the table; false for what is no name. */
static bool find(const struct state *s, unsigned table, enum halt_scope scope, struct str name,
		 struct halt_row *ret, uint32_t *at, bool *known)
{
	struct halt_row row = { .scope = (uint8_t)scope };

	if ((name.len == 0) != (scope == HALT_ALL) || name.len > sizeof(row.name) ||
	    (name.len && memchr(name.ptr, '\0', name.len)))
		return false;
	if (name.len)
		memcpy(row.name, name.ptr, name.len);
	*known = state_find(s, table, &row, at);
	if (*known)
		memcpy(&row, state_row(s, table, *at), sizeof(row));
	*ret = row;
	return true;
}

/* A quarantine ends by itself. */
static enum halt_kind kind_at(const struct halt_row *row, int64_t at_ns)
{
	return row->kind == HALT_QUARANTINED && at_ns >= row->until_ns ? HALT_FREE
									: (enum halt_kind)row->kind;
}

static enum err no_way(enum halt_scope scope, struct str name, enum halt_kind is, enum event ev,
		       struct note *why)
{
	const char *what = halt_scope_name(scope), *gap = scope == HALT_ALL ? "" : " '";
	const char *end = scope == HALT_ALL ? "" : "'";

	if (is == HALT_KILLED)
		return note_set(why, ev == KILL ? ERR_EXISTS : ERR_RANGE, 0, 0,
				"%s%s%.*s%s is killed%s", what, gap, STR_ARG(name), end,
				ev == KILL ? " already" : ", and that is final");
	if (ev == LIFT)
		return note_set(why, ERR_NOT_FOUND, 0, 0, "there is no global kill to lift");
	return note_set(why, ERR_NOT_FOUND, 0, 0, "%s '%.*s' is not in quarantine", what,
			STR_ARG(name));
}

/* What happens, to what. */
struct step {
	enum event event;
	enum halt_scope scope;
	struct str name;
	int64_t at_ns, until_ns;
	uint64_t fence;
};

/* The only place where a row is changed. */
static enum err move(struct state *s, unsigned table, const struct step *step, struct note *why)
{
	struct halt_row row;
	uint32_t at;
	bool known;
	enum halt_kind is;
	uint8_t to;

	if (!find(s, table, step->scope, step->name, &row, &at, &known))
		return note_set(why, ERR_RANGE, 0, 0, "expected a name of 1 to %d bytes",
				LIMIT_NAME_BYTES);
	is = kind_at(&row, step->at_ns);
	to = ways[step->scope][is][step->event];
	if (!to)
		return no_way(step->scope, step->name, is, step->event, why);
	row.kind = (uint8_t)(to - 1);
	row.since_ns = step->at_ns;
	row.until_ns = step->until_ns;
	if (step->fence)
		row.fence = step->fence;
	return known ? state_update(s, table, at, &row) : state_insert(s, table, &row, &at);
}

enum err halt_kill(struct state *s, unsigned table, enum halt_scope scope, struct str name,
		   int64_t at_ns, uint64_t entry, struct note *why)
{
	const struct step step = {
		.event = KILL, .scope = scope, .name = name, .at_ns = at_ns, .fence = entry
	};

	return move(s, table, &step, why);
}

enum err halt_lift(struct state *s, unsigned table, int64_t at_ns, struct note *why)
{
	const struct step step = { .event = LIFT, .scope = HALT_ALL, .at_ns = at_ns };

	return move(s, table, &step, why);
}

enum err halt_quarantine(struct state *s, unsigned table, struct str agent, int64_t at_ns,
			 int64_t until_ns, struct note *why)
{
	const struct step step = {
		.event = QUARANTINE, .scope = HALT_AGENT, .name = agent, .at_ns = at_ns,
		.until_ns = until_ns,
	};

	if (until_ns <= at_ns)
		return note_set(why, ERR_RANGE, 0, 0,
				"the quarantine would be over already; expected a later time");
	return move(s, table, &step, why);
}

enum err halt_release(struct state *s, unsigned table, struct str agent, int64_t at_ns,
		      struct note *why)
{
	const struct step step = {
		.event = RELEASE, .scope = HALT_AGENT, .name = agent, .at_ns = at_ns
	};

	return move(s, table, &step, why);
}

/* The names of an action, by scope. */
static bool look(const struct state *s, unsigned table, enum halt_scope scope, struct str agent,
		 struct str session, struct halt_row *ret)
{
	const struct str names[HALT_SCOPES] = {
		[HALT_ALL] = { "", 0 }, [HALT_AGENT] = agent, [HALT_SESSION] = session
	};
	uint32_t at;
	bool known;

	return find(s, table, scope, names[scope], ret, &at, &known) && known;
}

bool halt_stops(const struct state *s, unsigned table, struct str agent, struct str session,
		int64_t at_ns, struct halt_row *ret)
{
	for (int scope = 0; state_rows(s, table) > 0 && scope < HALT_SCOPES; scope++)
		if (look(s, table, (enum halt_scope)scope, agent, session, ret) &&
		    kind_at(ret, at_ns) != HALT_FREE)
			return true;
	return false;
}

uint64_t halt_fence(const struct state *s, unsigned table)
{
	uint64_t highest = 0;
	struct halt_row row;

	for (uint32_t i = 0; i < state_rows(s, table); i++) {
		memcpy(&row, state_row(s, table, i), sizeof(row));
		if (row.fence > highest)
			highest = row.fence;
	}
	return highest;
}

bool halt_fences(const struct state *s, unsigned table, struct str agent, struct str session,
		 uint64_t of, struct halt_row *ret)
{
	for (int scope = 0; state_rows(s, table) > 0 && scope < HALT_SCOPES; scope++)
		if (look(s, table, (enum halt_scope)scope, agent, session, ret) && of < ret->fence)
			return true;
	return false;
}
