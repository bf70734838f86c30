/*
 * cmd_handshake: trammel handshake ask FROM TO, answer FILE, meet FILE, check FROM TO
 *
 * Messages are files: how they travel is the users' business.
 */
#include "engine/base/when.h"
#include "tui/given_policy.h"
#include "tui/known_agent.h"
#include "tui/operator.h"
#include "tui/print.h"
#include "tui/verdict_of.h"

#define OUT_CAP    ((size_t)64 << 10)
#define MEMORY_CAP ((size_t)64 << 20)

/* --capabilities, as a set; nothing when it is not given. */
static enum err read_set(const struct invocation *in, struct capabilities *ret, struct note *n)
{
	struct note why = { .text = "" };
	enum err e = OK;

	*ret = (struct capabilities){ .bytes = 0 };
	if (given(in, OPT_CAPABILITIES))
		e = capability_read(str_view(in->values[OPT_CAPABILITIES]), ret, &why);
	return e == OK || e == ERR_MEMORY
		       ? e : note_set(n, ERR_USAGE, 0, 0, "--capabilities: %s", why.text);
}

static enum err read_question(const struct invocation *in, struct space_question *q,
			      struct note *n)
{
	uint64_t threshold = 0;

	*q = (struct space_question){ .from = str_view(in->args[0]), .to = str_view(in->args[1]) };
	if (given(in, OPT_THRESHOLD) &&
	    (str_to_u64(str_view(in->values[OPT_THRESHOLD]), &threshold) != OK ||
	     threshold > TRUST_TOP))
		return note_set(n, ERR_USAGE, 0, 0, "--threshold is '%s'; expected 0 to %u",
				in->values[OPT_THRESHOLD], TRUST_TOP);
	q->threshold = (uint32_t)threshold;
	return read_set(in, &q->needs, n);
}

/* A message, which is JSON already, as a line. */
static int finish(const struct invocation *in, enum err e, struct buf *b, struct note *n)
{
	if (e == OK) {
		buf_add_byte(b, '\n');
		e = print_out(b, n);
	}
	buf_fini(b);
	return e == OK ? 0 : print_error(in, e, n);
}

/* --- ask --- */

static enum err ask(const struct invocation *in, struct buf *b, struct note *n)
{
	struct space_question q;
	struct space *s;
	enum err e;

	TRY(read_question(in, &q, n));
	TRY(operator_open(in, &s, n));
	e = space_ask(s, &q, operator_reason(in), world_now_ns(in->world), b, n);
	return space_finish(s, e, n);
}

int cmd_handshake_ask(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct buf b;

	buf_init(&b, OUT_CAP);
	return finish(in, ask(in, &b, &n), &b, &n);
}

/* A place in a message is one in its file. */
static void name_place(const struct invocation *in, struct note *n)
{
	if (n->line)
		note_file(n, in->args[0]);
}

/* --- answer --- */

static enum err answer(const struct invocation *in, struct arena *a, struct buf *b,
		       struct note *n)
{
	struct capabilities claims;
	struct state *state;
	struct space *s;
	struct str text;
	enum err e;

	TRY(read_set(in, &claims, n));
	TRY(given_text(in, in->args[0], a, &text, n));
	TRY(space_open(in->world, dir_of(in), SPACE_READ, &s, n));
	e = known_state(s, &state, n);
	if (e == OK) {
		e = space_answer(s, state, text, &claims, world_now_ns(in->world), b, n);
		name_place(in, n);
		state_close(state);
	}
	(void)space_close(s, NULL);
	return e;
}

int cmd_handshake_answer(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct arena a;
	struct buf b;
	enum err e;

	arena_init(&a, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	e = answer(in, &a, &b, &n);
	arena_fini(&a);
	return finish(in, e, &b, &n);
}

/* --- meet --- */

static enum err meet(const struct invocation *in, struct arena *a, struct reply *ret,
		     struct note *n)
{
	struct space *s;
	struct str text;
	enum err e;

	TRY(given_text(in, in->args[0], a, &text, n));
	TRY(operator_open(in, &s, n));
	e = space_meet(s, text, operator_reason(in), world_now_ns(in->world), a, ret, n);
	name_place(in, n);
	return space_finish(s, e, n);
}

static void say_met(const struct invocation *in, const struct reply *a, struct buf *b)
{
	const struct challenge *c = &a->challenge;

	if (json_wanted(in)) {
		buf_add_c(b, "{\"control\":\"handshake.meet\"");
		json_text(b, "agent", c->from);
		json_text(b, "met", c->to);
		json_text(b, "of", a->log);
		json_text(b, "claims", capability_text(&a->claims));
		buf_add_c(b, "}");
		return;
	}
	buf_addf(b, "handshake.meet: %.*s has met %.*s of %.*s", STR_ARG(c->from), STR_ARG(c->to),
		 STR_ARG(a->log));
}

int cmd_handshake_meet(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct reply met;
	struct arena a;
	struct buf b;
	enum err e;

	arena_init(&a, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	e = meet(in, &a, &met, &n);
	if (e == OK)
		say_met(in, &met, &b);
	arena_fini(&a);
	return finish(in, e, &b, &n);
}

/* --- check --- */

static void say_meeting(const struct invocation *in, const struct meeting_row *row, struct buf *b)
{
	if (json_wanted(in) && row) {
		buf_add_c(b, "{\"met\":true");
		json_number(b, "entry", row->entry);
		json_time(b, "since", row->met_ns);
		json_time(b, "until", row->until_ns);
		buf_add_c(b, "}\n");
	} else if (json_wanted(in)) {
		buf_add_c(b, "{\"met\":false}\n");
	} else if (row) {
		buf_addf(b, "%s has met %s: entry %llu, until ", in->args[0], in->args[1],
			 (unsigned long long)row->entry);
		when_write(b, row->until_ns);
		buf_add_byte(b, '\n');
	} else {
		buf_addf(b, "%s has not met %s for as much, or it counts no more\n", in->args[0],
			 in->args[1]);
	}
}

static enum err check(const struct invocation *in, bool *met, struct meeting_row *ret,
		      struct note *n)
{
	struct space_question q;
	struct state *state;
	struct space *s;
	int64_t now_ns;
	enum err e;

	TRY(read_question(in, &q, n));
	TRY(time_of(in, &now_ns, n));
	TRY(space_open(in->world, dir_of(in), SPACE_READ, &s, n));
	e = known_state(s, &state, n);
	if (e == OK) {
		*met = space_has_met(state, &q, now_ns, ret);
		state_close(state);
	}
	(void)space_close(s, NULL);
	return e;
}

int cmd_handshake_check(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct meeting_row row;
	bool met = false;
	struct buf b;
	enum err e = check(in, &met, &row, &n);

	if (e != OK)
		return print_error(in, e, &n);
	buf_init(&b, OUT_CAP);
	say_meeting(in, met ? &row : NULL, &b);
	e = print_page(in, &b, &n);
	buf_fini(&b);
	if (e != OK)
		return print_error(in, e, &n);
	return met ? 0 : err_exit(ERR_DENIED);
}
