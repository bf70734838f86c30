/* agent_grants: rows of two tables, and what is left of each. */
#include "tui/agent_grants.h"

#include "engine/base/when.h"
#include "tui/print.h"

struct showing {
	struct chain_question question;
	struct str agent;
	bool json;
	struct buf *out;
	size_t shown;
};

/* The name of a list, before its first row. */
static void begin_list(struct showing *v, const char *name)
{
	v->shown = 0;
	if (!v->json)
		return;
	json_key(v->out, name);
	buf_add_byte(v->out, '[');
}

static void begin_row(struct showing *v, const char *name)
{
	if (v->json)
		buf_add_c(v->out, v->shown ? ",{" : "{");
	else if (v->shown == 0)
		buf_addf(v->out, "%s\n", name);
	v->shown++;
}

static void show_link(struct showing *v, const struct delegation_row *link)
{
	struct capabilities left = { .bytes = 0 };
	struct chain_answer c;
	struct buf id;
	/* A set too large to be shown is not shown smaller. */
	bool whole = chain_effective(&v->question, link, &left) == OK;
	struct str effective = whole ? capability_text(&left) : STR("too many to list");

	buf_init(&id, DELEGATION_ID_BYTES);
	delegation_id_write(&id, link->hash);
	chain_walk(&v->question, link, STR_NONE, &c);
	begin_row(v, "delegations");
	if (v->json) {
		json_text(v->out, "link", buf_view(&id));
		json_text(v->out, "from", delegation_delegator(link));
		json_text(v->out, "is", str_view(chain_name(c.end)));
		json_text(v->out, "capabilities", delegation_may(link));
		json_text(v->out, "effective", whole ? effective : STR_NONE);
		json_number(v->out, "ceiling", c.ceiling);
		json_number(v->out, "depth", link->depth);
		json_time(v->out, "expires", link->expires_ns);
		json_number(v->out, "entry", link->entry);
		buf_add_byte(v->out, '}');
	} else {
		buf_addf(v->out, "  %.*s  %s  from %.*s, entry %llu, until ",
			 STR_ARG(buf_view(&id)), chain_name(c.end),
			 STR_ARG(delegation_delegator(link)),
			 (unsigned long long)link->entry);
		when_write(v->out, link->expires_ns);
		buf_addf(v->out, "\n    trust at most %u, %u more in a row\n    effective: %.*s\n",
			 c.ceiling, link->depth,
			 STR_ARG(effective.len ? effective : STR("nothing")));
	}
	buf_fini(&id);
}

static void show_credential(struct showing *v, const struct credential_row *row)
{
	bool over = row->status != CREDENTIAL_REVOKED && v->question.at_ns >= row->ends_ns;
	const char *is = over ? "ended"
			      : credential_status_name((enum credential_status)row->status);
	struct buf id;

	buf_init(&id, CREDENTIAL_ID_BYTES);
	credential_id_write(&id, row->hash);
	begin_row(v, "credentials");
	if (v->json) {
		json_text(v->out, "id", buf_view(&id));
		json_text(v->out, "is", str_view(is));
		json_text(v->out, "capabilities", credential_may(row));
		json_time(v->out, "expires", row->ends_ns);
		json_number(v->out, "rotations", row->rotations);
		json_number(v->out, "entry", row->entry);
		buf_add_byte(v->out, '}');
	} else {
		buf_addf(v->out, "  %.*s  %s  entry %llu, until ", STR_ARG(buf_view(&id)), is,
			 (unsigned long long)row->entry);
		when_write(v->out, row->ends_ns);
		buf_addf(v->out, "\n    good for: %.*s\n",
			 STR_ARG(row->may_bytes ? credential_may(row) : STR("nothing")));
	}
	buf_fini(&id);
}

static void show_rows(struct showing *v)
{
	const struct state *s = v->question.state;
	struct delegation_row link;
	struct credential_row row;
	uint32_t at;

	begin_list(v, "delegations");
	for (unsigned i = 0; delegation_slot(s, GATE_DELEGATIONS, v->agent, i, &at, &link); i++)
		show_link(v, &link);
	buf_add_c(v->out, v->json ? "]" : "");
	begin_list(v, "credentials");
	for (uint32_t i = 0; i < state_rows(s, GATE_CREDENTIALS); i++) {
		memcpy(&row, state_row(s, GATE_CREDENTIALS, i), sizeof(row));
		if (str_eq(credential_agent(&row), v->agent))
			show_credential(v, &row);
	}
	buf_add_c(v->out, v->json ? "]" : "");
}

static enum err show_state(struct space *s, struct state *state, struct showing *v,
			   struct arena *memory, struct note *n)
{
	struct bundle *bundle = NULL;
	struct digest ignored;
	uint64_t entries;
	enum err e;

	TRY(space_count_entries(s, &entries, n));
	if (entries > 0)
		TRY(space_state_at(s, entries - 1, state, &ignored, n));
	e = gate_bundle_in_force(state, space_bodies(s), memory, &bundle, n);
	if (e != OK && e != ERR_MISS)
		return e;
	v->question.bundle = bundle;
	v->question.state = state;
	show_rows(v);
	return OK;
}

enum err agent_grants_show(struct space *s, struct str agent, int64_t at_ns, bool json,
			   struct buf *out, struct note *n)
{
	struct showing v = { .question = { .at_ns = at_ns }, .agent = agent, .json = json,
			     .out = out };
	struct arena memory;
	struct state *state;
	enum err e;

	TRY(gate_state_open(&state));
	arena_init(&memory, LIMIT_BUNDLE_MEMORY);
	e = show_state(s, state, &v, &memory, n);
	arena_fini(&memory);
	state_close(state);
	return e;
}
