/* cmd_log_rotate_key: trammel log rotate-key */
#include "tui/operator.h"
#include "tui/print.h"

#define OUT_CAP ((size_t)64 << 10)

/* What everybody who verifies the log gets from now on. */
static void add_key(const struct invocation *in, const struct note_key *key, uint64_t entry,
		    struct buf *b)
{
	struct buf vkey;

	buf_init(&vkey, LIMIT_NOTE_BYTES);
	note_key_write(&vkey, key);
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "vkey", buf_view(&vkey));
		json_number(b, "entry", entry);
		buf_add_c(b, "}\n");
	} else {
		buf_add(b, buf_view(&vkey));
		buf_add_byte(b, '\n');
	}
	buf_fini(&vkey);
}

static enum err rotate(const struct invocation *in, struct buf *b, struct note *n)
{
	struct note_key key;
	struct space *s;
	enum err e;

	TRY(operator_open(in, &s, n));
	e = space_rotate_log_key(s, operator_reason(in), world_now_ns(in->world), &key, n);
	if (e == OK)
		add_key(in, &key, space_entries(s) - 1, b);
	return space_finish(s, e, n);
}

int cmd_log_rotate_key(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct buf b;
	enum err e;

	buf_init(&b, OUT_CAP);
	e = rotate(in, &b, &n);
	if (e == OK)
		e = print_out(&b, &n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, &n);
}
