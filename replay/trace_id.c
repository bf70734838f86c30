/*
 * trace_id: the ids that OpenTelemetry and W3C Trace Context know.
 *
 * A log keeps a trace as its source named it. What is an id already stays one; any other name, or
 * the session, or the entry alone, becomes an id by a hash, so that the same log gives the same
 * ids again. Ids of zeros mean "none" there and are never given out.
 */
#include "replay/exporting.h"

#define TRACEPARENT_BYTES 55                   /* version, trace, span and flags, with dashes */

static bool is_zero(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i])
			return false;
	return true;
}

/* W3C Trace Context section 3.2: lower case; other versions may end in more than we know. */
static bool read_traceparent(struct str s, struct trace_id *trace, struct span_id *parent)
{
	uint8_t version, flags;

	return s.len == TRACEPARENT_BYTES && s.ptr[2] == '-' && s.ptr[35] == '-' &&
	       s.ptr[52] == '-' && hex_read(str_slice(s.ptr, 2), &version, 1) == OK &&
	       version != 0xff && hex_read(str_slice(s.ptr + 3, 32), trace, sizeof(*trace)) == OK &&
	       hex_read(str_slice(s.ptr + 36, 16), parent, sizeof(*parent)) == OK &&
	       hex_read(str_slice(s.ptr + 53, 2), &flags, 1) == OK &&
	       !is_zero(parent->bytes, SPAN_ID_BYTES);
}

bool trace_id_read(struct str trace, struct trace_id *ret, struct span_id *parent)
{
	struct span_id span = { { 0 } };
	struct trace_id id;

	if (hex_read(trace, &id, sizeof(id)) != OK && !read_traceparent(trace, &id, &span))
		return false;
	if (is_zero(id.bytes, TRACE_ID_BYTES))
		return false;
	*ret = id;
	if (parent)
		*parent = span;
	return true;
}

/* The first bytes of SHA-256("trammel/<what>/v1" LF log LF name). */
static void derive(const char *what, struct str log, struct str name, uint8_t *ret, size_t count)
{
	struct digest d;
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, "trammel/", 8);
	sha256_add(&s, what, strlen(what));
	sha256_add(&s, "/v1\n", 4);
	sha256_add(&s, log.ptr, log.len);
	sha256_add(&s, "\n", 1);
	sha256_add(&s, name.ptr, name.len);
	sha256_done(&s, &d);
	memcpy(ret, d.bytes, count);
	ret[count - 1] |= is_zero(ret, count);
}

static void derive_numbered(const char *what, struct str log, uint64_t seq, uint8_t *ret,
			    size_t count)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + seq % 10);
	while (seq /= 10);
	derive(what, log, str_slice(digits + at, sizeof(digits) - at), ret, count);
}

void trace_id_of(const struct entry *e, struct trace_id *ret, struct span_id *parent)
{
	*parent = (struct span_id){ { 0 } };
	if (e->trace.ptr && trace_id_read(e->trace, ret, parent))
		return;
	if (e->trace.ptr)
		derive("trace", e->log, e->trace, ret->bytes, TRACE_ID_BYTES);
	else if (e->session.ptr)
		derive("session", e->log, e->session, ret->bytes, TRACE_ID_BYTES);
	else
		derive_numbered("entry", e->log, e->seq, ret->bytes, TRACE_ID_BYTES);
}

struct span_id span_id_of(struct str log, uint64_t seq)
{
	struct span_id id;

	derive_numbered("span", log, seq, id.bytes, SPAN_ID_BYTES);
	return id;
}
