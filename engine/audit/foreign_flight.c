/*
 * foreign_flight: what FlightRecorder hashes, and what of it holds.
 *
 * Source: agent_control_plane/flight_recorder.py (start_trace, _compute_content_hash,
 * verify_integrity) of the toolkit.
 */
#include "engine/audit/foreign_flight.h"

#include <math.h>

#include "engine/base/canon.h"

#define HEX_BYTES 64
#define WHOLE_MAX 9007199254740992.0           /* every integer below it is a double */

static void add_part(struct buf *b, struct str text)
{
	buf_add(b, text.ptr ? text : STR("None"));
	buf_add_byte(b, ':');
}

static void add_row(struct buf *b, const struct foreign_flight *f)
{
	add_part(b, f->trace_id);
	add_part(b, f->timestamp);
	add_part(b, f->agent_id);
	add_part(b, f->tool_name);
	add_part(b, f->tool_args);
}

void foreign_flight_entry_text(struct buf *b, const struct foreign_flight *f)
{
	add_row(b, f);
	buf_add_c(b, "pending");
}

void foreign_flight_content_text(struct buf *b, const struct foreign_flight *f, bool whole)
{
	const struct value ms = { .kind = VALUE_REAL, .real = f->ms };

	add_row(b, f);
	add_part(b, f->policy_verdict);
	add_part(b, f->violation_reason);
	add_part(b, f->result);
	if (!f->has_ms)
		buf_add_c(b, "None");
	else if (whole)
		buf_add_i64(b, (int64_t)f->ms);
	else
		canon_python(b, &ms);
}

struct digest foreign_flight_hash(struct str previous, struct str data)
{
	struct digest d;
	struct sha256 s;

	sha256_init(&s);
	if (previous.len)
		sha256_add(&s, previous.ptr, previous.len);
	else
		sha256_add(&s, "genesis", 7);
	sha256_add(&s, ":", 1);
	sha256_add(&s, data.ptr, data.len);
	sha256_done(&s, &d);
	return d;
}

static bool is_hex_of(struct str text, const struct digest *d)
{
	struct digest claimed;

	return text.len == HEX_BYTES &&
	       hex_read(text, claimed.bytes, sizeof(claimed.bytes)) == OK && digest_eq(&claimed, d);
}

/* The column holds 5.0 whether 5 or 5.0 was hashed: then either is what was written. */
static enum err content_holds(const struct foreign_flight *f, struct buf *text, bool *ret)
{
	bool may_be_whole = f->has_ms && fabs(f->ms) < WHOLE_MAX && f->ms == floor(f->ms);
	struct digest d;

	*ret = false;
	for (int whole = 0; whole <= may_be_whole && !*ret; whole++) {
		buf_clear(text);
		foreign_flight_content_text(text, f, whole);
		TRY(text->err);
		d = sha256(buf_view(text));
		*ret = is_hex_of(f->content_hash, &d);
	}
	return OK;
}

enum err foreign_flight_faults(const struct foreign_flight *f, struct str previous,
			       struct buf *text, unsigned *ret)
{
	unsigned faults = 0;
	struct digest d;
	bool holds;

	buf_clear(text);
	foreign_flight_entry_text(text, f);
	TRY(text->err);
	d = foreign_flight_hash(f->previous_hash, buf_view(text));
	if (!is_hex_of(f->entry_hash, &d))
		faults |= FLIGHT_ENTRY;
	if ((f->previous_hash.ptr == NULL) != (previous.ptr == NULL) ||
	    !str_eq(f->previous_hash, previous))
		faults |= FLIGHT_LINK;
	if (!f->content_hash.len) {
		faults |= FLIGHT_UNHASHED;
	} else {
		TRY(content_holds(f, text, &holds));
		faults |= holds ? 0 : FLIGHT_CONTENT;
	}
	*ret = faults;
	return OK;
}
