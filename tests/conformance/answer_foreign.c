/* answer_foreign: one function for each file of vectors. */
#include "tests/conformance/answer_foreign.h"

#include <stdio.h>

#include "engine/audit/foreign.h"
#include "engine/audit/foreign_event.h"
#include "engine/audit/foreign_flight.h"
#include "engine/audit/foreign_sdk.h"
#include "engine/base/canon.h"

#define ROWS 4
#define HEX_BYTES 64

static bool is_hex_of(const struct value *expect, const char *key, const struct digest *d)
{
	struct digest wanted;

	return hex_read(value_text(expect, key), wanted.bytes, sizeof(wanted.bytes)) == OK &&
	       digest_eq(&wanted, d);
}

static struct value text_at(const struct value *list, size_t i)
{
	return i < list->list.count ? list->list.items[i] : value_null();
}

static struct str or_none(const struct value *v)
{
	return v && v->kind == VALUE_STRING ? v->string : STR_NONE;
}

/* --- sdk_entry_hash --- */

/* What the cases call the parts, by what the libraries call them. */
static struct value entry_of(enum foreign_sdk sdk, const struct value *given, struct arena *a)
{
	const struct foreign_sdk_names *names = foreign_sdk_names(sdk);
	struct member *members = arena_array(a, given->object.count + 1, sizeof(*members));
	size_t count = 0;

	MUST(members != NULL);
	for (size_t i = 0; i < given->object.count; i++) {
		struct member m = given->object.members[i];

		if (str_is(m.key, "agent"))
			m.key = str_view(names->agent);
		else if (str_is(m.key, "prev"))
			m.key = str_view(names->previous);
		members[count++] = m;
	}
	members[count++] = (struct member){ .key = str_view(names->hash),
					    .value = value_string(STR("")) };
	return (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
}

static bool answer_sdk(struct str name, const struct value *given, const struct value *expect,
		       struct arena *a, struct buf *b)
{
	enum foreign_sdk sdk = str_starts(name, STR("go")) ? SDK_GO :
			       str_starts(name, STR("rust")) ? SDK_RUST :
			       str_starts(name, STR("dotnet")) ? SDK_DOTNET : SDK_SERVICE;
	struct value v = entry_of(sdk, given, a);
	struct str preimage = value_text(expect, "preimage");
	struct digest d;

	if (foreign_sdk_check(sdk, &v, NULL) != OK)
		return false;
	foreign_sdk_text(b, sdk, &v);
	d = sha256(buf_view(b));
	return is_hex_of(expect, "sha256", &d) && (!preimage.ptr || str_eq(preimage, buf_view(b)));
}

/* --- flight_recorder --- */

static struct foreign_flight row_of(const struct value *given)
{
	const struct value *args = value_get_c(given, "args"), *kw = value_get_c(given, "kw");
	const struct value *ms = value_get_c(kw, "execution_time_ms");
	struct value parts[6];

	for (size_t i = 0; i < 6; i++)
		parts[i] = text_at(args, i);
	return (struct foreign_flight){
		.trace_id = or_none(&parts[0]), .timestamp = or_none(&parts[1]),
		.agent_id = or_none(&parts[2]), .tool_name = or_none(&parts[3]),
		.tool_args = or_none(&parts[4]), .policy_verdict = or_none(&parts[5]),
		.violation_reason = or_none(value_get_c(kw, "violation_reason")),
		.result = or_none(value_get_c(kw, "result")),
		.has_ms = ms != NULL, .ms = ms ? ms->real : 0,
	};
}

static struct str hex_of(const struct digest *d, struct arena *a)
{
	struct str copy;
	struct buf b;

	buf_init(&b, HEX_BYTES);
	buf_add_hex(&b, d->bytes, sizeof(d->bytes));
	MUST(b.err == OK && arena_copy(a, buf_view(&b), &copy) == OK);
	buf_fini(&b);
	return copy;
}

static void seal_content(struct foreign_flight *f, struct arena *a, struct buf *b)
{
	struct digest d;

	buf_clear(b);
	foreign_flight_content_text(b, f, false);
	d = sha256(buf_view(b));
	f->content_hash = hex_of(&d, a);
}

static void seal_entry(struct foreign_flight *f, struct str previous, struct arena *a,
		       struct buf *b)
{
	struct digest d;

	buf_clear(b);
	foreign_flight_entry_text(b, f);
	d = foreign_flight_hash(previous, buf_view(b));
	f->previous_hash = previous;
	f->entry_hash = hex_of(&d, a);
}

static void make_rows(struct foreign_flight *rows, struct arena *a, struct buf *b)
{
	static const char *const traces[ROWS] = { "t0", "t1", "t2", "t3" };

	for (size_t i = 0; i < ROWS; i++) {
		rows[i] = (struct foreign_flight){
			.trace_id = str_view(traces[i]), .agent_id = STR("a"),
			.timestamp = STR("2026-01-02T03:04:05+00:00"), .tool_name = STR("tool"),
			.policy_verdict = STR("allowed"), .result = STR("ok"),
		};
		seal_entry(&rows[i], i ? rows[i - 1].entry_hash : STR_NONE, a, b);
		seal_content(&rows[i], a, b);
	}
}

/* As the recorded edits were; `ids` are the rows' own numbers. False: not known here. */
static bool edit_rows(struct str edit, struct foreign_flight *rows, int64_t *ids, size_t *count,
		      struct arena *a, struct buf *b)
{
	size_t drop = str_is(edit, "delete-first") ? 0 : str_is(edit, "delete-middle") ? 1 :
		      str_is(edit, "delete-last") ? 3 : ROWS;

	if (drop < ROWS) {
		memmove(&rows[drop], &rows[drop + 1], (ROWS - drop - 1) * sizeof(*rows));
		memmove(&ids[drop], &ids[drop + 1], (ROWS - drop - 1) * sizeof(*ids));
		*count = ROWS - 1;
	} else if (str_starts(edit, STR("edit-verdict"))) {
		rows[0].policy_verdict = STR("blocked");
		if (str_ends(edit, STR("content-hash")))
			seal_content(&rows[0], a, b);
	} else if (str_is(edit, "null-content-hash")) {
		rows[0].policy_verdict = STR("blocked");
		rows[0].content_hash = STR_NONE;
	} else if (str_is(edit, "edit-entry-hash-consistently")) {
		rows[0].entry_hash = STR("ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
					 "ffffffff");
		rows[1].previous_hash = rows[0].entry_hash;
	} else if (str_is(edit, "empty")) {
		*count = 0;
	} else {
		return str_is(edit, "clean") || str_is(edit, "edit-prompt");
	}
	return true;
}

/* verify_integrity asks for links and content; and for ours, what each row's own hash says. */
static bool answer_verify(const struct value *given, const struct value *expect, struct arena *a,
			  struct buf *b)
{
	struct str edit = value_text(given, "edit"), last = STR_NONE;
	const struct value *first = value_get_c(expect, "first_tampered_id");
	int64_t ids[ROWS] = { 1, 2, 3, 4 }, found = 0, own = 0;
	struct foreign_flight rows[ROWS];
	size_t count = ROWS;
	unsigned faults;

	make_rows(rows, a, b);
	if (!edit_rows(edit, rows, ids, &count, a, b))
		return false;
	for (size_t i = 0; i < count; i++) {
		MUST(foreign_flight_faults(&rows[i], last, b, &faults) == OK);
		if (!found && faults & (FLIGHT_LINK | FLIGHT_CONTENT))
			found = ids[i];
		if (!own && faults)
			own = ids[i];
		last = rows[i].entry_hash;
	}
	if (str_is(edit, "edit-entry-hash-consistently") || str_is(edit, "null-content-hash"))
		return own == 1 && found == 0;
	return found == (first && first->kind == VALUE_INT ? first->integer : 0) && own == found;
}

static bool answer_flight(struct str name, const struct value *given, const struct value *expect,
			  struct arena *a, struct buf *b)
{
	struct foreign_flight row;
	struct digest d;

	if (str_starts(name, STR("verify-")))
		return answer_verify(given, expect, a, b);
	if (str_starts(name, STR("entry-hash"))) {
		d = foreign_flight_hash(or_none(value_get_c(given, "previous")),
					value_text(given, "data"));
		return is_hex_of(expect, "sha256", &d);
	}
	row = row_of(given);
	foreign_flight_content_text(b, &row, false);
	d = sha256(buf_view(b));
	return is_hex_of(expect, "sha256", &d);
}

/* --- delta --- */

/* A first delta has no parent, which is hashed as an empty text. */
static bool answer_delta(struct str name, const struct value *given, const struct value *expect,
			 struct arena *a, struct buf *b)
{
	struct value v;
	struct digest d;

	if (!str_starts(name, STR("delta-")) || value_copy(a, given, &v) != OK)
		return false;
	for (size_t i = 0; i < v.object.count; i++) {
		struct member *m = &v.object.members[i];

		if (str_is(m->key, "parent_hash") && m->value.kind == VALUE_NULL)
			m->value = value_string(STR(""));
	}
	canon_python(b, &v);
	d = sha256(buf_view(b));
	return is_hex_of(expect, "sha256", &d) &&
	       str_eq(value_text(expect, "canonical"), buf_view(b));
}

/* --- governance_event --- */

static bool answer_event(const struct value *given, const struct value *expect, struct buf *b)
{
	const struct value *event = value_get_c(expect, "event"),
			   *verify = value_get_c(expect, "verify");
	struct str key = value_text(given, "key");
	bool wanted = !verify || verify->boolean;

	if (!event)
		event = value_get_c(given, "event");
	if (!event)
		return false;
	if (!key.ptr)
		key = STR("0123456789abcdef0123456789abcdef");
	return (foreign_event_check(event, key, b) == OK) == wanted;
}

/* --- cloudevents: the hash in an event is that of the entry it was made from --- */

static bool answer_cloudevent(const struct value *given, const struct value *expect,
			      struct arena *a, struct buf *b)
{
	const struct value *event = value_get_c(expect, "event");
	struct member *members;
	struct digest d;
	struct value v;

	if (!event)
		return false;
	members = arena_array(a, given->object.count + 1, sizeof(*members));
	MUST(members != NULL);
	memcpy(members, given->object.members, given->object.count * sizeof(*members));
	v = (struct value){ .kind = VALUE_OBJECT, .object = { members, given->object.count } };
	if (!value_get_c(&v, "data"))
		members[v.object.count++] = (struct member){ .key = STR("data"),
							     .value = { .kind = VALUE_OBJECT } };
	if (foreign_check(FOREIGN_ENTRY, &v, NULL) != OK)
		return false;
	foreign_text(b, FOREIGN_ENTRY, &v);
	d = sha256(buf_view(b));
	return is_hex_of(event, "agentmeshentryhash", &d);
}

bool answer_foreign(struct str file, struct str name, const struct value *given,
		    const struct value *expect, struct arena *a)
{
	bool same = false;
	struct buf b;

	buf_init(&b, 1u << 20);
	if (str_is(file, "sdk_entry_hash"))
		same = answer_sdk(name, given, expect, a, &b);
	else if (str_is(file, "flight_recorder"))
		same = answer_flight(name, given, expect, a, &b);
	else if (str_is(file, "delta"))
		same = answer_delta(name, given, expect, a, &b);
	else if (str_is(file, "governance_event"))
		same = answer_event(given, expect, &b);
	else if (str_is(file, "cloudevents"))
		same = answer_cloudevent(given, expect, a, &b);
	buf_fini(&b);
	return same;
}
