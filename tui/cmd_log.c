/* cmd_log: trammel log prove N | check-proof FILE | show N, or show N..M */
#include "engine/base/json.h"
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

static void add_proved(const struct invocation *in, struct buf *b, const struct proof *p,
		       const struct checkpoint *c)
{
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_bool(b, "proved", true);
		json_text(b, "origin", c->origin);
		json_number(b, "entry", p->index);
		json_number(b, "size", c->size);
		json_text(b, "line", p->extra);
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "%.*s\nproved: entry %llu of %llu in log %.*s\n", STR_ARG(p->extra),
		 (unsigned long long)p->index, (unsigned long long)c->size, STR_ARG(c->origin));
}

/* A tlog-proof: one entry under a checkpoint. */
static enum err check_entry(const struct invocation *in, struct str text,
			    const struct succession *keys, struct arena *a, struct buf *b,
			    struct note *n)
{
	struct checkpoint checkpoint;
	struct proof proof;

	if (given(in, OPT_AGAINST))
		return note_set(n, ERR_USAGE, 0, 0,
				"--against is for what log head writes; this file proves an entry");
	TRY(proof_read(text, a, &proof, n));
	TRY(proof_check_by(&proof, STR_NONE, keys->keys[0].name, keys, &checkpoint, n));
	add_proved(in, b, &proof, &checkpoint);
	return OK;
}

/* What log head writes with a size: a checkpoint that continues the one of --against. */
static enum err check_growth(const struct invocation *in, struct str text,
			     const struct succession *keys, struct arena *a, struct buf *b,
			     struct note *n)
{
	struct checkpoint was, now;
	struct heads heads;
	struct str file;
	size_t i = 0;

	if (!given(in, OPT_AGAINST))
		return note_set(n, ERR_USAGE, 0, 0,
				"--against is missing: the earlier head, whose size this file "
				"starts from");
	TRY(given_text(in, in->values[OPT_AGAINST], a, &file, n));
	TRY(heads_read(file, a, &heads, n));
	while (i < heads.count && !str_eq(heads.origins[i], keys->keys[0].name))
		i++;
	if (i == heads.count)
		return note_set(n, ERR_NOT_FOUND, 0, 0, "there is no head of %.*s in %s",
				STR_ARG(keys->keys[0].name), in->values[OPT_AGAINST]);
	TRY(consistency_check(text, heads.notes[i], keys, &was, &now, n));
	if (!json_wanted(in)) {
		buf_addf(b, "proved: the %llu entries of the earlier head are the first of %llu in "
			    "log %.*s\n",
			 (unsigned long long)was.size, (unsigned long long)now.size,
			 STR_ARG(now.origin));
		return OK;
	}
	buf_add_byte(b, '{');
	json_bool(b, "proved", true);
	json_text(b, "origin", now.origin);
	json_number(b, "continues", was.size);
	json_number(b, "size", now.size);
	buf_add_c(b, "}\n");
	return OK;
}

int cmd_log_check_proof(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct succession keys;
	struct arena a;
	struct str text;
	struct buf b;
	enum err e = OK;

	if (!given(in, OPT_VKEY)) {
		(void)note_set(
			&n, ERR_USAGE, 0, 0,
			"--vkey is missing: the log's verifier key, as in its keys/log.vkey");
		return print_error(in, ERR_USAGE, &n);
	}
	arena_init(&a, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	e = given_log_keys(in, &a, &keys, &n);
	if (e == OK) {
		e = given_text(in, in->args[0], &a, &text, &n);
		if (e == OK)
			e = consistency_begins(text) ? check_growth(in, text, &keys, &a, &b, &n)
						     : check_entry(in, text, &keys, &a, &b, &n);
		/* No key that is trusted signed it: as bad as a bad signature. */
		if (e == ERR_UNKNOWN)
			e = ERR_SIGNATURE;
		note_file(&n, in->args[0]);
	}
	if (e == OK)
		e = print_page(in, &b, &n);
	buf_fini(&b);
	arena_fini(&a);
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
