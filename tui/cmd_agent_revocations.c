/* cmd_agent_revocations: trammel agent revocations: who and what is believed no more, now */
#include "engine/base/when.h"
#include "tui/answer.h"
#include "tui/known_agent.h"
#include "tui/print.h"

/* Of an agent that is revoked for good only its status is known: `row` is NULL. */
static void add(const struct invocation *in, struct buf *b, const char *of, struct str name,
		const struct revocation_row *row)
{
	bool ends = row && row->until_ns;

	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "of", str_view(of));
		json_text(b, "name", name);
		if (ends)
			json_time(b, "until", row->until_ns);
		else
			json_text(b, "until", STR_NONE);
		if (row) {
			json_time(b, "since", row->since_ns);
			json_number(b, "entry", row->entry);
		}
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "%-5s  %-24.*s %s", of, STR_ARG(name), ends ? "until " : "for good");
	if (ends)
		when_write(b, row->until_ns);
	if (row)
		buf_addf(b, ", entry %llu", (unsigned long long)row->entry);
	buf_add_byte(b, '\n');
}

static void add_all(const struct invocation *in, const struct state *s, int64_t now_ns,
		    struct buf *b)
{
	for (uint32_t i = 0; i < state_rows(s, GATE_AGENTS); i++) {
		struct agent_row row;

		memcpy(&row, state_row(s, GATE_AGENTS, i), sizeof(row));
		if (row.status == AGENT_REVOKED)
			add(in, b, "agent", agent_name(&row), NULL);
	}
	for (uint32_t i = 0; i < state_rows(s, GATE_REVOCATIONS); i++) {
		struct revocation_row row;

		memcpy(&row, state_row(s, GATE_REVOCATIONS, i), sizeof(row));
		if (revocation_in_force(&row, now_ns))
			add(in, b, row.of == REVOKED_KEY ? "key" : "agent", revocation_name(&row),
			    &row);
	}
}

static enum err list(const struct invocation *in, struct space *s, struct buf *b, struct note *n)
{
	struct state *state;

	TRY(known_state(s, &state, n));
	add_all(in, state, world_now_ns(in->world), b);
	state_close(state);
	if (b->len == 0 && !json_wanted(in))
		buf_add_c(b, "nothing is revoked\n");
	return b->err;
}

int cmd_agent_revocations(const struct invocation *in)
{
	return answer(in, list);
}
