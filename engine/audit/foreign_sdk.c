/*
 * foreign_sdk: members of entries, in the order in which each library hashes them.
 *
 * Sources: the toolkit's packages/agentmesh/audit.go, agentmesh/src/audit.rs, AuditLogger.cs,
 * agent-governance-typescript/src/audit.ts and services/api/src/services/audit.ts.
 */
#include "engine/audit/foreign_sdk.h"

#include "engine/base/canon.h"

#define HASHED_MAX 6
#define DOTNET_DIGITS 7                        /* of a second, in the format "O" */

enum form { TEXT, COUNT, TIME_O, OBJECT, MAYBE };

/* In the order in which they are hashed. */
struct part {
	const char *name;                      /* NULL: there are no more */
	enum form form;
};

static const struct sdk {
	struct foreign_sdk_names names;
	struct part parts[HASHED_MAX];
} sdks[SDKS] = {
	[SDK_GO] = {
		{ "Go", "agent_id", "action", "decision", "hash", "previous_hash", "" },
		{ { "timestamp", TEXT }, { "agent_id", TEXT }, { "action", TEXT },
		  { "decision", TEXT }, { "previous_hash", TEXT } },
	},
	[SDK_RUST] = {
		{ "Rust", "agent_id", "action", "decision", "hash", "previous_hash", "" },
		{ { "seq", COUNT }, { "timestamp", TEXT }, { "agent_id", TEXT },
		  { "action", TEXT }, { "decision", TEXT }, { "previous_hash", TEXT } },
	},
	[SDK_DOTNET] = {
		{ ".NET", "agentId", "action", "decision", "hash", "previousHash", "" },
		{ { "seq", COUNT }, { "timestamp", TIME_O }, { "agentId", TEXT },
		  { "action", TEXT }, { "decision", TEXT }, { "previousHash", TEXT } },
	},
	[SDK_TYPESCRIPT] = {
		{ "TypeScript", "agentId", "action", "decision", "hash", "previousHash",
		  "0000000000000000000000000000000000000000000000000000000000000000" },
		{ { "timestamp", TEXT }, { "agentId", TEXT }, { "action", TEXT },
		  { "decision", TEXT }, { "previousHash", TEXT },
		  { "skillAuditMetadata", MAYBE } },
	},
	[SDK_SERVICE] = {
		{ "TypeScript service", "agent_did", "action", NULL, "hash", "previous_hash",
		  "genesis" },
		{ { "id", TEXT }, { "timestamp", TEXT }, { "action", TEXT },
		  { "agent_did", TEXT }, { "details", OBJECT }, { "previous_hash", TEXT } },
	},
};

const struct foreign_sdk_names *foreign_sdk_names(enum foreign_sdk sdk)
{
	return &sdks[sdk].names;
}

/* --- shape --- */

static bool has_form(enum form form, const struct value *v)
{
	switch (form) {
	case COUNT:
		return v->kind == VALUE_INT && v->integer >= 0;
	case OBJECT:
		return v->kind == VALUE_OBJECT;
	case MAYBE:
		return v->kind == VALUE_OBJECT || v->kind == VALUE_NULL;
	case TEXT:
	case TIME_O:
		break;
	}
	return v->kind == VALUE_STRING;
}

static enum err check_part(const struct sdk *s, const struct value *v, const struct part *p,
			   struct note *n)
{
	static const char *const forms[] = { "a string", "a number from 0 on", "a time",
					     "an object", "an object or null" };
	const struct value *m = value_get_c(v, p->name);

	if (m && !has_form(p->form, m))
		return note_set(n, ERR_TYPE, m->line, m->column, "'%s' is %s; expected %s",
				p->name, value_kind_name(m->kind), forms[p->form]);
	if (!m && p->form != MAYBE)
		return note_set(n, ERR_SYNTAX, v->line, v->column,
				"'%s' is missing; expected an entry of the %s library", p->name,
				s->names.library);
	return OK;
}

enum err foreign_sdk_check(enum foreign_sdk sdk, const struct value *v, struct note *n)
{
	const struct sdk *s = &sdks[sdk];

	if (v->kind != VALUE_OBJECT)
		return note_set(n, ERR_TYPE, v->line, v->column,
				"found %s; expected an entry of the %s library",
				value_kind_name(v->kind), s->names.library);
	for (size_t i = 0; i < HASHED_MAX && s->parts[i].name; i++)
		TRY(check_part(s, v, &s->parts[i], n));
	return check_part(s, v, &(struct part){ s->names.hash, TEXT }, n);
}

/* --- texts --- */

static void add_length(struct buf *b, size_t len)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_add_byte(b, (char)(len >> shift & 0xff));
}

static void add_go(struct buf *b, const struct sdk *s, const struct value *v)
{
	buf_add_byte(b, 1);
	for (size_t i = 0; i < HASHED_MAX && s->parts[i].name; i++) {
		struct str text = value_text(v, s->parts[i].name);

		add_length(b, text.len);
		buf_add(b, text);
	}
}

/*
 * DateTimeOffset in JSON leaves out zeros at the end of the fraction, and the fraction when there
 * is none; the format "O", which is hashed, does not. "2026-01-02T03:04:05" is before it in both.
 */
static void add_time_o(struct buf *b, struct str time)
{
	size_t whole = time.len < 19 ? time.len : 19, digits = 0;
	bool fraction = time.len > whole && time.ptr[whole] == '.';
	struct str rest = str_slice(time.ptr + whole + fraction, time.len - whole - fraction);

	while (fraction && digits < rest.len && rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9')
		digits++;
	buf_add(b, str_slice(time.ptr, whole));
	buf_add_byte(b, '.');
	buf_add(b, str_slice(rest.ptr, digits));
	for (size_t i = digits; i < DOTNET_DIGITS; i++)
		buf_add_byte(b, '0');
	buf_add(b, str_slice(rest.ptr + digits, rest.len - digits));
}

static void add_bars(struct buf *b, const struct sdk *s, const struct value *v)
{
	for (size_t i = 0; i < HASHED_MAX && s->parts[i].name; i++) {
		const struct value *m = value_get_c(v, s->parts[i].name);

		buf_add_c(b, i ? "|" : "");
		if (s->parts[i].form == COUNT)
			buf_add_i64(b, m->integer);
		else if (s->parts[i].form == TIME_O)
			add_time_o(b, m->string);
		else
			buf_add(b, m->string);
	}
}

/* JSON.stringify leaves out what is undefined. */
static void add_script(struct buf *b, const struct sdk *s, const struct value *v)
{
	struct member members[HASHED_MAX];
	struct value hashed = { .kind = VALUE_OBJECT, .object = { members, 0 } };

	for (size_t i = 0; i < HASHED_MAX && s->parts[i].name; i++) {
		const struct value *m = value_get_c(v, s->parts[i].name);

		if (m)
			members[hashed.object.count++] = (struct member){
				.key = str_view(s->parts[i].name), .value = *m };
	}
	canon_stringify(b, &hashed);
}

void foreign_sdk_text(struct buf *b, enum foreign_sdk sdk, const struct value *v)
{
	const struct sdk *s = &sdks[sdk];

	if (sdk == SDK_GO)
		add_go(b, s, v);
	else if (sdk == SDK_RUST || sdk == SDK_DOTNET)
		add_bars(b, s, v);
	else
		add_script(b, s, v);
}
