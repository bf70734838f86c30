/* cmd_log: trammel log prove N | check-proof FILE | show N, or show N..M */
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "engine/base/when.h"
#include "engine/space/space.h"
#include "tui/given_policy.h"
#include "tui/given_vkey.h"
#include "tui/recorded.h"

#define OUT_CAP    ((size_t)64 << 20)
#define MEMORY_CAP ((size_t)256 << 20)

int cmd_log_prove(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct space *s = NULL;
	uint64_t index = 0;
	struct buf b;
	enum err e = recorded_index(in->args[0], &index, &n);

	buf_init(&b, OUT_CAP);
	if (e == OK)
		e = space_open(in->world, dir_of(in), SPACE_READ, &s, &n);
	if (e == OK)
		e = log_prove(in->world, space_log_folder(s), index, space_key(s), 1, &b, &n);
	if (e == OK && json_wanted(in)) {
		struct buf json;

		buf_init(&json, OUT_CAP);
		buf_add_byte(&json, '{');
		json_number(&json, "entry", index);
		json_text(&json, "proof", buf_view(&b));
		buf_add_c(&json, "}\n");
		e = print_out(&json, &n);
		buf_fini(&json);
	} else if (e == OK) {
		e = print_out(&b, &n);
	}
	buf_fini(&b);
	(void)space_close(s, NULL);
	return e == OK ? 0 : print_error(in, e, &n);
}

/* A proof, and what is brought along to judge it. */
struct checking {
	const struct invocation *in;
	struct arena arena;
	struct str text; /* of the file */
	struct succession keys; /* of the log */
	struct note_key witnesses[LIMIT_WITNESSES];
	struct log_demand demand;
	size_t cosigned; /* by so many of them */
	struct buf out;
};

/* ", cosigned by 2 of 3 witnesses, 2 demanded" behind what was proved, or a member of JSON. */
static void add_cosigned(struct checking *c)
{
	if (c->demand.witness_count == 0)
		return;
	if (json_wanted(c->in))
		json_number(&c->out, "cosigned", c->cosigned);
	else
		buf_addf(&c->out, ", cosigned by %zu of %zu witnesses, %zu demanded", c->cosigned,
			 c->demand.witness_count, c->demand.quorum);
}

static void add_proved(struct checking *c, const struct proof *p, const struct checkpoint *head)
{
	struct buf *b = &c->out;

	if (json_wanted(c->in)) {
		buf_add_byte(b, '{');
		json_bool(b, "proved", true);
		json_text(b, "origin", head->origin);
		json_number(b, "entry", p->index);
		json_number(b, "size", head->size);
		json_text(b, "line", p->extra);
		add_cosigned(c);
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "%.*s\nproved: entry %llu of %llu in log %.*s", STR_ARG(p->extra),
		 (unsigned long long)p->index, (unsigned long long)head->size,
		 STR_ARG(head->origin));
	add_cosigned(c);
	buf_add_byte(b, '\n');
}

/* A tlog-proof: one entry under a checkpoint. */
static enum err check_entry(struct checking *c, struct note *n)
{
	struct checkpoint head;
	struct proof proof;

	if (given(c->in, OPT_AGAINST))
		return note_set(n, ERR_USAGE, 0, 0,
				"--against is for what log head writes; this file proves an entry");
	TRY(proof_read(c->text, &c->arena, &proof, n));
	TRY(proof_check_by(&proof, STR_NONE, c->keys.keys[0].name, &c->keys, &head, n));
	TRY(log_check_quorum(proof.note, &c->demand, &c->cosigned, n));
	add_proved(c, &proof, &head);
	return OK;
}

static void add_growth(struct checking *c, const struct checkpoint *was,
		       const struct checkpoint *now)
{
	struct buf *b = &c->out;

	if (json_wanted(c->in)) {
		buf_add_byte(b, '{');
		json_bool(b, "proved", true);
		json_text(b, "origin", now->origin);
		json_number(b, "continues", was->size);
		json_number(b, "size", now->size);
		add_cosigned(c);
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "proved: the %llu entries of the earlier head are the first of %llu in "
		    "log %.*s",
		 (unsigned long long)was->size, (unsigned long long)now->size,
		 STR_ARG(now->origin));
	add_cosigned(c);
	buf_add_byte(b, '\n');
}

/* What log head writes with a size: a checkpoint that continues the one of --against. */
static enum err check_growth(struct checking *c, struct note *n)
{
	struct str file, origin = c->keys.keys[0].name;
	const char *against = c->in->values[OPT_AGAINST];
	struct witness_request request;
	struct checkpoint was, now;
	struct heads heads;
	size_t i = 0;

	if (!against)
		return note_set(n, ERR_USAGE, 0, 0,
				"--against is missing: the earlier head, whose size this file "
				"starts from");
	TRY(given_text(c->in, against, &c->arena, &file, n));
	TRY(heads_read(file, &c->arena, &heads, n));
	while (i < heads.count && !str_eq(heads.origins[i], origin))
		i++;
	if (i == heads.count)
		return note_set(n, ERR_NOT_FOUND, 0, 0, "there is no head of %.*s in %s",
				STR_ARG(origin), against);
	TRY(consistency_check(c->text, heads.notes[i], &c->keys, &was, &now, n));
	TRY(witness_request_read(c->text, &request, n));
	TRY(log_check_quorum(request.note, &c->demand, &c->cosigned, n));
	add_growth(c, &was, &now);
	return OK;
}

static enum err check_proof(struct checking *c, struct note *n)
{
	enum err e;

	if (!given(c->in, OPT_VKEY))
		return note_set(
			n, ERR_USAGE, 0, 0,
			"--vkey is missing: the log's verifier key, as in its keys/log.vkey");
	TRY(given_log_keys(c->in, &c->arena, &c->keys, n));
	TRY(given_quorum(c->in, &c->arena, c->witnesses, &c->demand, n));
	e = given_text(c->in, c->in->args[0], &c->arena, &c->text, n);
	if (e == OK)
		e = consistency_begins(c->text) ? check_growth(c, n) : check_entry(c, n);
	if (e != OK)
		note_file(n, c->in->args[0]);
	/* No key that is trusted signed it: as bad as a bad signature. */
	return e == ERR_UNKNOWN ? ERR_SIGNATURE : e;
}

int cmd_log_check_proof(const struct invocation *in)
{
	struct checking c = { .in = in };
	struct note n = { .text = "" };
	enum err e;

	arena_init(&c.arena, MEMORY_CAP);
	buf_init(&c.out, OUT_CAP);
	e = check_proof(&c, &n);
	if (e == OK)
		e = print_page(in, &c.out, &n);
	buf_fini(&c.out);
	arena_fini(&c.arena);
	return e == OK ? 0 : print_error(in, e, &n);
}

/*
 * A body behind its digest, or why it is not there. One that is gone is no error: proofs hold
 * without bodies.
 */
static enum err add_body(struct buf *b, struct space *s, const char *name, const struct digest *d,
			 bool json, struct note *n)
{
	struct gate_bodies bodies = space_bodies(s);
	struct body body = { .text = STR("null") };
	enum err e;

	if (!d)
		return OK;
	e = bodies.get(bodies.self, d, &body);
	if (e != OK && e != ERR_MISS)
		return note_set(n, e, 0, 0, "the body '%s' cannot be read from the blob store: %s",
				name, err_text(e));
	if (json)
		json_key(b, name);
	else
		buf_addf(b, "%s ", name);
	buf_add(b, e == OK || json ? body.text : STR("(not in the blob store)"));
	if (e == OK && body.veil.count > 0 && json) {
		buf_addf(b, ",\"%s_redacted\":%zu", name, body.veil.count);
	} else if (e == OK && body.veil.count > 0) {
		buf_add_c(b, "  (redacted, and null here: ");
		print_counted(b, body.veil.count, "value)", "values)");
	}
	buf_add_c(b, json ? "" : "\n");
	return OK;
}

static enum err show_line(const struct invocation *in, struct space *s, struct str line,
			  struct buf *b, struct note *n)
{
	bool json = json_wanted(in);
	struct entry entry;
	struct arena a;
	enum err e;

	arena_init(&a, MEMORY_CAP);
	e = entry_read(line, &a, &entry, n);
	if (e == OK) {
		buf_add_c(b, json ? "{\"entry\":" : "");
		buf_add(b, line);
		buf_add_c(b, json ? "" : "\n");
		e = add_body(b, s, "args", entry.args, json, n);
	}
	if (e == OK)
		e = add_body(b, s, "result", entry.result, json, n);
	buf_add_c(b, json ? "}\n" : "");
	arena_fini(&a);
	return e == OK ? b->err : e;
}

int cmd_log_show(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct space *s = NULL;
	struct str line = STR_NONE;
	uint64_t index = 0;
	struct arena a;
	struct buf b;
	enum err e;

	if (strstr(in->args[0], ".."))
		return cmd_log_show_range(in);
	e = recorded_index(in->args[0], &index, &n);
	if (e == OK && given(in, OPT_CSV))
		e = note_set(&n, ERR_USAGE, 0, 0, "--csv is for a range of entries, like 10..20");
	arena_init(&a, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	if (e == OK)
		e = space_open(in->world, dir_of(in), SPACE_READ, &s, &n);
	if (e == OK)
		e = recorded_line(s, index, &a, &line, &n);
	if (e == OK)
		e = show_line(in, s, line, &b, &n);
	if (e == OK)
		e = print_out(&b, &n);
	buf_fini(&b);
	arena_fini(&a);
	(void)space_close(s, NULL);
	return e == OK ? 0 : print_error(in, e, &n);
}
