/*
 * cmd_log_witness: trammel log head [N [HEAD]], trammel log witness DIR [REQUEST] and trammel log
 * cosign FILE
 *
 *   the log      log head N  ------ request ----->  log witness DIR    the witness
 *                log cosign  <---- cosignature ---
 */
#include "engine/base/limits.h"
#include "engine/space/space.h"
#include "tui/given_policy.h"
#include "tui/given_vkey.h"

#define OUT_CAP    ((size_t)4 << 20)
#define MEMORY_CAP ((size_t)16 << 20)
#define SECOND_NS  INT64_C(1000000000)

/* --- the log's side --- */

/* From the size in the first argument to the head in the second, or to the newest. */
static enum err add_request(const struct invocation *in, struct space *s, struct arena *a,
			    struct buf *b, struct note *n)
{
	struct str later = STR_NONE;
	uint64_t old;

	if (str_to_u64(str_view(in->args[0]), &old) != OK)
		return note_set(n, ERR_USAGE, 0, 0,
				"N is '%s'; expected the size the witness cosigned last, or 0",
				in->args[0]);
	if (in->arg_count > 1)
		TRY(given_text(in, in->args[1], a, &later, n));
	return consistency_prove(in->world, space_log_folder(s), old, later, space_key(s), b, n);
}

int cmd_log_head(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct checkpoint checkpoint;
	struct space *s = NULL;
	struct arena a;
	struct str text;
	struct buf b;
	enum err e = space_open(in->world, dir_of(in), SPACE_READ, &s, &n);

	arena_init(&a, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	if (e == OK)
		e = log_checkpoint(in->world, space_log_folder(s), space_key(s), 1, &a, &text,
				   &checkpoint, &n);
	if (e == OK && in->arg_count > 0)
		e = add_request(in, s, &a, &b, &n);
	else if (e == OK)
		buf_add(&b, text);
	if (e == OK && json_wanted(in)) {
		struct buf json;

		buf_init(&json, OUT_CAP);
		buf_add_byte(&json, '{');
		json_text(&json, "origin", checkpoint.origin);
		if (in->arg_count < 2)
			json_number(&json, "size", checkpoint.size);
		json_text(&json, in->arg_count > 0 ? "request" : "checkpoint", buf_view(&b));
		buf_add_c(&json, "}\n");
		e = print_out(&json, &n);
		buf_fini(&json);
	} else if (e == OK) {
		e = print_out(&b, &n);
	}
	buf_fini(&b);
	arena_fini(&a);
	(void)space_close(s, NULL);
	return e == OK ? 0 : print_error(in, e, &n);
}

int cmd_log_cosign(const struct invocation *in)
{
	struct note_key witnesses[LIMIT_WITNESSES];
	struct note n = { .text = "" };
	struct space *s = NULL;
	size_t count = 0, added = 0;
	struct arena a;
	struct str lines;
	struct buf b;
	enum err e = given(in, OPT_WITNESS)
			     ? OK
			     : note_set(&n, ERR_USAGE, 0, 0,
					"--witness is missing: the verifier key of who cosigned");

	arena_init(&a, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	if (e == OK)
		e = given_witnesses(in, &a, witnesses, &count, &n);
	if (e == OK)
		e = given_text(in, in->args[0], &a, &lines, &n);
	if (e == OK)
		e = space_open(in->world, dir_of(in), SPACE_READ, &s, &n);
	if (e == OK)
		e = log_cosign(in->world, space_log_folder(s), space_key(s), witnesses, count,
			       lines, &added, &n);
	if (e == OK) {
		if (json_wanted(in)) {
			buf_add_byte(&b, '{');
			json_number(&b, "added", added);
			buf_add_c(&b, "}\n");
		} else {
			print_counted(&b, added, "cosignature", "cosignatures");
			buf_add_c(&b, " added to the checkpoint\n");
		}
		e = print_out(&b, &n);
	}
	buf_fini(&b);
	arena_fini(&a);
	(void)space_close(s, NULL);
	return e == OK ? 0 : print_error(in, e, &n);
}

/* --- the witness's side --- */

static enum err make_witness(const struct invocation *in, struct buf *b, struct note *n)
{
	return witnessing_create(in->world, in->args[0], str_view(in->values[OPT_ORIGIN]), b, n);
}

static enum err add_log(const struct invocation *in, struct arena *a, struct buf *b,
			struct note *n)
{
	struct note_key key;

	TRY(given_vkey(in, a, &key, n));
	TRY(witnessing_add_log(in->world, in->args[0], &key, n));
	note_key_write(b, &key);
	buf_add_byte(b, '\n');
	return b->err;
}

/* The keys that a log has got since it was made known. */
static enum err follow(const struct invocation *in, struct arena *a, struct buf *b, struct note *n)
{
	const char *path = in->values[OPT_ROTATIONS];
	struct note_key key;
	struct str text;
	enum err e = world_read_file(in->world, path, LIMIT_ROTATIONS_BYTES, a, &text);

	if (e != OK)
		return print_unread(n, e, path);
	e = witnessing_follow(in->world, in->args[0], text, a, &key, n);
	if (e != OK) {
		note_file(n, path);
		return e;
	}
	note_key_write(b, &key);
	buf_add_byte(b, '\n');
	return b->err;
}

static enum err answer(const struct invocation *in, struct arena *a, struct buf *b, struct note *n)
{
	int64_t time_s = world_now_ns(in->world) / SECOND_NS;
	struct str request;

	TRY(given_text(in, in->arg_count > 1 ? in->args[1] : "-", a, &request, n));
	return witnessing_answer(in->world, in->args[0], request, time_s, b, n);
}

/* What was made, made known or answered, as an object of one member. */
static enum err wrap(const struct invocation *in, const struct buf *line, struct buf *ret)
{
	buf_add_byte(ret, '{');
	json_text(ret,
		  given(in, OPT_ORIGIN) ? "witness"
		  : given(in, OPT_VKEY) || given(in, OPT_ROTATIONS) ? "log" : "cosignature",
		  str_trim(buf_view(line)));
	buf_add_c(ret, "}\n");
	return ret->err;
}

int cmd_log_witness(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct buf b, json;
	struct arena a;
	enum err e;

	arena_init(&a, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	buf_init(&json, OUT_CAP);
	if (given(in, OPT_ORIGIN) + given(in, OPT_VKEY) + given(in, OPT_ROTATIONS) +
		    (in->arg_count > 1) > 1)
		e = note_set(&n, ERR_USAGE, 0, 0,
			     "--origin, --vkey, --rotations and REQUEST exclude each other: make "
			     "the witness, make a log known, follow it to its next key, answer");
	else if (given(in, OPT_ORIGIN))
		e = make_witness(in, &b, &n);
	else if (given(in, OPT_VKEY))
		e = add_log(in, &a, &b, &n);
	else if (given(in, OPT_ROTATIONS))
		e = follow(in, &a, &b, &n);
	else
		e = answer(in, &a, &b, &n);
	if (e == OK && json_wanted(in))
		e = wrap(in, &b, &json);
	if (e == OK)
		e = print_out(json_wanted(in) ? &json : &b, &n);
	buf_fini(&json);
	buf_fini(&b);
	arena_fini(&a);
	return e == OK ? 0 : print_error(in, e, &n);
}
