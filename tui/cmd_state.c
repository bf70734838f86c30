/* cmd_state: trammel state [--at N] [--table NAME] -C DIR */
#include "engine/base/when.h"
#include "engine/space/space.h"
#include "tui/histories.h"
#include "tui/print.h"

#define OUT_CAP ((size_t)1 << 30)

struct showing {
	const struct invocation *in;
	struct state *state;
	struct buf *out;
	uint64_t step;
	int64_t now_ns;                       /* as actions would be judged then, or now */
	bool empty;
	struct digest root;
	const struct bundle *bundle;          /* in force then; NULL: not known */
};

static void add_totals_json(struct showing *v)
{
	struct totals_row t = gate_totals(v->state);
	struct digest policy;

	memcpy(policy.bytes, t.policy, sizeof(policy.bytes));
	json_key(v->out, "totals");
	buf_add_byte(v->out, '{');
	json_number(v->out, "entries", t.entries);
	json_number(v->out, "actions", t.actions);
	json_number(v->out, "denials", t.denials);
	json_time(v->out, "last", t.last_ns);
	json_digest(v->out, "policy", &policy);
	buf_add_byte(v->out, '}');
}

static void add_totals(struct showing *v)
{
	struct totals_row t = gate_totals(v->state);

	buf_add_c(v->out, "totals\n  entries ");
	print_count(v->out, t.entries);
	buf_add_c(v->out, ", actions ");
	print_count(v->out, t.actions);
	buf_add_c(v->out, ", denials ");
	print_count(v->out, t.denials);
	buf_add_c(v->out, ", last ");
	when_write(v->out, t.last_ns);
	buf_add_c(v->out, "\n  policy sha256:");
	buf_add_hex(v->out, t.policy, sizeof(t.policy));
	buf_add_byte(v->out, '\n');
}

/* Its status, or what stops it whatever its status says: one word. */
static const char *standing_of(const struct showing *v, const struct agent_row *row)
{
	struct str name = agent_name(row);
	struct revocation_row revoked;
	struct halt_row halt;

	if (row->status != AGENT_ACTIVE)
		return agent_status_name((enum agent_status)row->status);
	if (halt_stops(v->state, GATE_HALTS, name, STR_NONE, v->now_ns, &halt))
		return halt_kind_name((enum halt_kind)halt.kind);
	if (revocation_holds(v->state, GATE_REVOCATIONS, REVOKED_AGENT, name, v->now_ns, &revoked))
		return agent_status_name(AGENT_REVOKED);
	return row->expires_ns && v->now_ns > row->expires_ns ? "expired" : "active";
}

static void add_agent_json(struct showing *v, const struct agent_row *row)
{
	struct buf did, *b = v->out;
	struct public_key key;

	buf_init(&did, DID_BYTES);
	if (row->has_key) {
		key = agent_key(row);
		did_write(&did, &key);
	}
	buf_add_byte(b, '{');
	json_text(b, "name", agent_name(row));
	json_text(b, "origin", str_view(agent_origin_name(row->origin)));
	json_text(b, "status", str_view(agent_status_name(row->status)));
	json_text(b, "standing", str_view(standing_of(v, row)));
	json_text(b, "did", did.len ? buf_view(&did) : STR_NONE);
	json_number(b, "actions", row->actions);
	json_number(b, "denials", row->denials);
	json_time(b, "registered", row->registered_ns);
	buf_add_byte(b, '}');
	buf_fini(&did);
}

static void add_agent(struct showing *v, const struct agent_row *row)
{
	char id[KEY_ID_BYTES + 1] = "no key";
	struct public_key key;

	if (row->has_key) {
		key = agent_key(row);
		key_id_put(id, &key);
	}
	buf_addf(v->out, "  %-24.*s %-8s %-11s actions %-7llu denials %-7llu %s\n",
		 STR_ARG(agent_name(row)), agent_origin_name(row->origin), standing_of(v, row),
		 (unsigned long long)row->actions, (unsigned long long)row->denials, id);
}

static void add_agents(struct showing *v)
{
	bool json = json_wanted(v->in);

	if (json) {
		json_key(v->out, "agents");
		buf_add_byte(v->out, '[');
	} else {
		buf_addf(v->out, "agents (%u)\n", state_rows(v->state, GATE_AGENTS));
	}
	for (uint32_t i = 0; i < state_rows(v->state, GATE_AGENTS); i++) {
		struct agent_row row;

		memcpy(&row, state_row(v->state, GATE_AGENTS, i), sizeof(row));
		buf_add_c(v->out, json && i ? "," : "");
		if (json)
			add_agent_json(v, &row);
		else
			add_agent(v, &row);
	}
	buf_add_c(v->out, json ? "]" : "");
}

static void add_session_json(struct buf *b, const struct session_row *row)
{
	buf_add_byte(b, '{');
	json_text(b, "id", session_id(row));
	json_number(b, "actions", row->actions);
	json_number(b, "denials", row->denials);
	json_time(b, "began", row->began_ns);
	json_time(b, "last", row->last_ns);
	buf_add_byte(b, '}');
}

static void add_sessions(struct showing *v)
{
	bool json = json_wanted(v->in);

	if (json) {
		json_key(v->out, "sessions");
		buf_add_byte(v->out, '[');
	} else {
		buf_addf(v->out, "sessions (%u)\n", state_rows(v->state, GATE_SESSIONS));
	}
	for (uint32_t i = 0; i < state_rows(v->state, GATE_SESSIONS); i++) {
		struct session_row row;

		memcpy(&row, state_row(v->state, GATE_SESSIONS, i), sizeof(row));
		if (json) {
			buf_add_c(v->out, i ? "," : "");
			add_session_json(v->out, &row);
		} else {
			buf_addf(v->out, "  %-24.*s actions %-8llu denials %-8llu began ",
				 STR_ARG(session_id(&row)), (unsigned long long)row.actions,
				 (unsigned long long)row.denials);
			when_write(v->out, row.began_ns);
			buf_add_byte(v->out, '\n');
		}
	}
	buf_add_c(v->out, json ? "]" : "");
}

static void add_limit(struct showing *v, const void *bytes)
{
	const struct limit_row *row = bytes;
	char name[RULE_NAME_BYTES];
	struct str rule = str_slice(name, limit_rule(row, name));

	if (json_wanted(v->in)) {
		buf_add_byte(v->out, '{');
		json_text(v->out, "agent", limit_agent(row));
		json_text(v->out, "rule", rule);
		json_number(v->out, "used", row->count);
		json_number(v->out, "period_ns", (uint64_t)row->period_ns);
		json_time(v->out, "began", row->began_ns);
		buf_add_byte(v->out, '}');
		return;
	}
	buf_addf(v->out, "  %-24.*s %.*s used %llu in %llu seconds from ",
		 STR_ARG(limit_agent(row)), STR_ARG(rule), (unsigned long long)row->count,
		 (unsigned long long)row->period_ns / 1000000000u);
	when_write(v->out, row->began_ns);
	buf_add_byte(v->out, '\n');
}

static void add_halt(struct showing *v, const void *bytes)
{
	const struct halt_row *row = bytes;
	const char *scope = halt_scope_name((enum halt_scope)row->scope);
	const char *kind = halt_kind_name((enum halt_kind)row->kind);

	if (json_wanted(v->in)) {
		buf_add_byte(v->out, '{');
		json_text(v->out, "scope", str_view(scope));
		json_text(v->out, "name", row->scope == HALT_ALL ? STR_NONE : halt_name(row));
		json_text(v->out, "is", str_view(kind));
		json_number(v->out, "fence", row->fence);
		json_time(v->out, "since", row->since_ns);
		if (row->kind == HALT_QUARANTINED)
			json_time(v->out, "until", row->until_ns);
		buf_add_byte(v->out, '}');
		return;
	}
	buf_addf(v->out, "  %-10s %-24.*s %-11s fence %-8llu since ", scope,
		 STR_ARG(halt_name(row)), kind, (unsigned long long)row->fence);
	when_write(v->out, row->since_ns);
	if (row->kind == HALT_QUARANTINED) {
		buf_add_c(v->out, " until ");
		when_write(v->out, row->until_ns);
	}
	buf_add_byte(v->out, '\n');
}

static void add_quota(struct showing *v, const void *bytes)
{
	const struct quota_row *row = bytes;
	bool budget = row->kind == QUOTA_BUDGET;
	const char *per = quota_per_name((enum quota_per)row->per);
	uint64_t tokens = row->period_ns && !budget ? row->amount / (uint64_t)row->period_ns : 0;
	struct buf used;

	buf_init(&used, 64);
	micros_write(&used, (int64_t)row->amount);
	if (json_wanted(v->in)) {
		buf_add_byte(v->out, '{');
		json_text(v->out, "policy", quota_policy(row));
		json_text(v->out, "name", quota_name(row));
		json_text(v->out, "kind", budget ? STR("budget") : STR("quota"));
		json_text(v->out, per, quota_subject(row));
		if (budget)
			json_text(v->out, "used", buf_view(&used));
		else
			json_number(v->out, "left", tokens);
		if (!budget || row->period_ns)
			json_time(v->out, budget ? "day" : "at", row->at_ns);
		buf_add_byte(v->out, '}');
	} else {
		buf_addf(v->out, "  %.*s/%.*s %s %.*s ", STR_ARG(quota_policy(row)),
			 STR_ARG(quota_name(row)), per, STR_ARG(quota_subject(row)));
		if (budget)
			buf_addf(v->out, "used %.*s", STR_ARG(buf_view(&used)));
		else
			buf_addf(v->out, "left %llu", (unsigned long long)tokens);
		if (!budget || row->period_ns) {
			buf_add_c(v->out, budget ? " since " : " at ");
			when_write(v->out, row->at_ns);
		}
		buf_add_byte(v->out, '\n');
	}
	buf_fini(&used);
}

static void add_elevation(struct showing *v, const void *bytes)
{
	const struct elevation_row *row = bytes;

	if (json_wanted(v->in)) {
		buf_add_byte(v->out, '{');
		json_text(v->out, "agent", elevation_agent(row));
		json_number(v->out, "ring", row->ring);
		json_time(v->out, "since", row->since_ns);
		json_time(v->out, "until", row->until_ns);
		buf_add_byte(v->out, '}');
		return;
	}
	buf_addf(v->out, "  %-24.*s ring %u since ", STR_ARG(elevation_agent(row)), row->ring);
	when_write(v->out, row->since_ns);
	buf_add_c(v->out, " until ");
	when_write(v->out, row->until_ns);
	buf_add_byte(v->out, '\n');
}

static void add_delegation(struct showing *v, const void *bytes)
{
	const struct delegation_row *row = bytes;
	struct str to = str_slice(row->delegatee, strnlen(row->delegatee, LIMIT_NAME_BYTES));
	struct buf id;

	buf_init(&id, DELEGATION_ID_BYTES);
	delegation_id_write(&id, row->hash);
	if (json_wanted(v->in)) {
		buf_add_byte(v->out, '{');
		json_text(v->out, "link", buf_view(&id));
		json_text(v->out, "from", delegation_delegator(row));
		json_text(v->out, "to", to);
		json_text(v->out, "capabilities", delegation_may(row));
		json_number(v->out, "ceiling", row->ceiling);
		json_number(v->out, "depth", row->depth);
		json_bool(v->out, "revoked", row->revoked);
		json_time(v->out, "expires", row->expires_ns);
		buf_add_byte(v->out, '}');
	} else {
		buf_addf(v->out, "  %.*s %.*s to %.*s%s until ", STR_ARG(buf_view(&id)),
			 STR_ARG(delegation_delegator(row)), STR_ARG(to),
			 row->revoked ? " revoked" : "");
		when_write(v->out, row->expires_ns);
		buf_addf(v->out, " %.*s\n", STR_ARG(delegation_may(row)));
	}
	buf_fini(&id);
}

static void add_credential(struct showing *v, const void *bytes)
{
	const struct credential_row *row = bytes;
	const char *status = credential_status_name((enum credential_status)row->status);
	struct buf id;

	buf_init(&id, CREDENTIAL_ID_BYTES);
	credential_id_write(&id, row->hash);
	if (json_wanted(v->in)) {
		buf_add_byte(v->out, '{');
		json_text(v->out, "id", buf_view(&id));
		json_text(v->out, "agent", credential_agent(row));
		json_text(v->out, "status", str_view(status));
		json_text(v->out, "capabilities", credential_may(row));
		json_time(v->out, "issued", row->issued_ns);
		json_time(v->out, "ends", row->ends_ns);
		buf_add_byte(v->out, '}');
	} else {
		buf_addf(v->out, "  %.*s %-24.*s %-7s until ", STR_ARG(buf_view(&id)),
			 STR_ARG(credential_agent(row)), status);
		when_write(v->out, row->ends_ns);
		buf_addf(v->out, " %.*s\n", STR_ARG(credential_may(row)));
	}
	buf_fini(&id);
}

/* A table whose rows are shown one by one. */
static void add_rows(struct showing *v, const char *name, enum gate_table table,
		     void (*add_row)(struct showing *v, const void *bytes))
{
	bool json = json_wanted(v->in);
	uint32_t count = state_rows(v->state, table);

	if (json) {
		json_key(v->out, name);
		buf_add_byte(v->out, '[');
	} else {
		buf_addf(v->out, "%s (%u)\n", name, count);
	}
	for (uint32_t i = 0; i < count; i++) {
		if (json && i)
			buf_add_byte(v->out, ',');
		add_row(v, state_row(v->state, table, i));
	}
	buf_add_c(v->out, json ? "]" : "");
}

/* Every table of the gate, by the name that it has there. */
static const struct view {
	const char *name;
	enum gate_table table;
	void (*add_row)(struct showing *v, const void *bytes);    /* NULL: a way of its own, or: */
	const char *see;                      /* the command that shows what is in it */
} views[] = {
	{ "totals", GATE_TOTALS, NULL, NULL },
	{ "agents", GATE_AGENTS, NULL, NULL },
	{ "sessions", GATE_SESSIONS, NULL, NULL },
	{ "limits", GATE_LIMITS, add_limit, NULL },
	{ "histories", GATE_HISTORIES, NULL, NULL },
	{ "halts", GATE_HALTS, add_halt, NULL },
	{ "quotas", GATE_QUOTAS, add_quota, NULL },
	{ "elevations", GATE_ELEVATIONS, add_elevation, NULL },
	{ "delegations", GATE_DELEGATIONS, add_delegation, NULL },
	{ "credentials", GATE_CREDENTIALS, add_credential, NULL },
	{ "trust", GATE_TRUST, NULL, "trammel trust show" },
	{ "deeds", GATE_DEEDS, NULL, "trammel trust why AGENT" },
	{ "deed_sessions", GATE_DEED_SESSIONS, NULL, "trammel trust why AGENT" },
	{ "sagas", GATE_SAGAS, NULL, "trammel saga list" },
	{ "saga_plans", GATE_SAGA_PLANS, NULL, "trammel saga show SAGA" },
	{ "saga_steps", GATE_SAGA_STEPS, NULL, "trammel saga show SAGA" },
	{ "saga_keys", GATE_SAGA_KEYS, NULL, "trammel saga show SAGA" },
	{ "saga_attempts", GATE_SAGA_ATTEMPTS, NULL, "trammel saga show SAGA" },
	{ "lives", GATE_LIVES, NULL, "trammel session list" },
	{ "participants", GATE_PARTICIPANTS, NULL, "trammel session show ID" },
	{ "things", GATE_THINGS, NULL, "trammel session show ID" },
	{ "flights", GATE_FLIGHTS, NULL, "trammel session show ID" },
	{ "revocations", GATE_REVOCATIONS, NULL, "trammel agent revocations" },
	{ "demotions", GATE_DEMOTIONS, NULL, "trammel ring NAME" },
	{ "challenges", GATE_CHALLENGES, NULL, "trammel handshake" },
	{ "meetings", GATE_MEETINGS, NULL, "trammel handshake" },
	{ "token_uses", GATE_TOKEN_USES, NULL, "trammel token verify --once" },
};

#define VIEWS (sizeof(views) / sizeof(views[0]))

_Static_assert(VIEWS == GATE_TABLES, "each table is in the list");

/* How much is in it, and where that is shown. */
static void add_count(struct showing *v, const struct view *view)
{
	uint32_t rows = state_rows(v->state, view->table);

	if (json_wanted(v->in)) {
		json_key(v->out, view->name);
		buf_add_byte(v->out, '{');
		json_number(v->out, "rows", rows);
		json_text(v->out, "see", str_view(view->see));
		buf_add_byte(v->out, '}');
	} else {
		buf_addf(v->out, "%s (%u), see: %s\n", view->name, rows, view->see);
	}
}

static void show_view(struct showing *v, const struct view *view)
{
	bool json = json_wanted(v->in);

	if (view->add_row)
		add_rows(v, view->name, view->table, view->add_row);
	else if (view->see)
		add_count(v, view);
	else if (view->table == GATE_AGENTS)
		add_agents(v);
	else if (view->table == GATE_SESSIONS)
		add_sessions(v);
	else if (view->table == GATE_HISTORIES)
		histories_show(v->state, v->bundle, json, v->out);
	else
		json ? add_totals_json(v) : add_totals(v);
}

/* The one that is asked for; else all, but for those that are shown elsewhere and empty. */
static bool is_wanted(const struct showing *v, const struct view *view)
{
	if (given(v->in, OPT_TABLE))
		return str_is(str_view(v->in->values[OPT_TABLE]), view->name);
	return !view->see || state_rows(v->state, view->table) > 0;
}

static void show(struct showing *v)
{
	bool json = json_wanted(v->in);

	if (json) {
		buf_add_byte(v->out, '{');
		json_key(v->out, "after_entry");
		if (v->empty)
			buf_add_c(v->out, "null");
		else
			buf_add_u64(v->out, v->step);
		json_digest(v->out, "state_root", &v->root);
	} else {
		buf_add_c(v->out, v->empty ? "state of an empty log" : "state after entry ");
		if (!v->empty)
			buf_add_u64(v->out, v->step);
		buf_add_c(v->out, ", root sha256:");
		buf_add_hex(v->out, v->root.bytes, sizeof(v->root.bytes));
		buf_add_byte(v->out, '\n');
	}
	for (size_t i = 0; i < VIEWS; i++)
		if (is_wanted(v, &views[i]))
			show_view(v, &views[i]);
	buf_add_c(v->out, json ? "}\n" : "");
}

/* The entry asked for, or the last one. An empty log has no entry and an empty state. */
static enum err read_step(const struct invocation *in, struct space *s, struct showing *v,
			  struct note *n)
{
	uint64_t entries;

	if (given(in, OPT_AT))
		return OK;
	TRY(space_count_entries(s, &entries, n));
	v->empty = entries == 0;
	v->step = entries - 1;
	return OK;
}

/* "--table is 'sesions'; did you mean 'sessions'?" */
static enum err wrong_table(const char *name, struct note *n)
{
	const char *names[VIEWS + 1] = { NULL }, *near;

	for (size_t i = 0; i < VIEWS; i++)
		names[i] = views[i].name;
	near = str_nearest(str_view(name), names);
	if (near)
		return note_set(n, ERR_USAGE, 0, 0, "--table is '%s'; did you mean '%s'?", name,
				near);
	return note_set(n, ERR_USAGE, 0, 0,
			"--table is '%s'; expected a table of docs/formats/state.md, like agents, "
			"limits, halts or quotas", name);
}

static enum err read_options(const struct invocation *in, uint64_t *step, struct note *n)
{
	const char *table = in->values[OPT_TABLE];

	if (given(in, OPT_AT) && str_to_u64(str_view(in->values[OPT_AT]), step) != OK)
		return note_set(n, ERR_USAGE, 0, 0,
				"--at is '%s'; expected the number of an entry, counted from 0",
				in->values[OPT_AT]);
	for (size_t i = 0; table && i < VIEWS; i++)
		if (strcmp(table, views[i].name) == 0)
			return OK;
	return table ? wrong_table(table, n) : OK;
}

/* Of an entry that is asked for, the latest time seen then; else now, or what is seen of it. */
static int64_t time_of(const struct showing *v)
{
	int64_t seen_ns = gate_totals(v->state).latest_ns;
	int64_t now_ns = world_now_ns(v->in->world);

	return given(v->in, OPT_AT) || now_ns < seen_ns ? seen_ns : now_ns;
}

int cmd_state(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct showing v = { .in = in };
	struct space *s = NULL;
	struct arena bundle_memory;
	struct buf out;
	enum err e = read_options(in, &v.step, &n);

	arena_init(&bundle_memory, LIMIT_BUNDLE_MEMORY);
	buf_init(&out, OUT_CAP);
	v.out = &out;
	if (e == OK)
		e = space_open(in->world, dir_of(in), SPACE_READ, &s, &n);
	if (e == OK)
		e = read_step(in, s, &v, &n);
	if (e == OK)
		e = gate_state_open(&v.state);
	if (e == OK && v.empty)
		v.root = state_root(v.state);
	else if (e == OK)
		e = space_state_at(s, v.step, v.state, &v.root, &n);
	if (e == OK)
		e = histories_bundle(space_bodies(s), v.state, &bundle_memory, &v.bundle, &n);
	if (e == OK) {
		v.now_ns = time_of(&v);
		show(&v);
		e = print_page(in, &out, &n);
	}
	buf_fini(&out);
	arena_fini(&bundle_memory);
	state_close(v.state);
	(void)space_close(s, NULL);
	return e == OK ? 0 : print_error(in, e, &n);
}
