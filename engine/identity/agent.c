/* agent: rows of the agents table, and the text that an agent signs. */
#include "engine/identity/identity.h"

#include "engine/base/canon.h"
#include "engine/base/field.h"
#include "engine/base/when.h"

struct table_schema agent_table(void)
{
	return (struct table_schema){ "agents", sizeof(struct agent_row), LIMIT_NAME_BYTES };
}

/*
 * Characters that make a name look like another one, by the bytes of their UTF-8: what has no width
 * and what turns the direction of writing (Unicode 15, general category Cf and separators).
 */
static bool looks_otherwise(struct str rest)
{
	static const struct {
		const char *low, *high;
	} ranges[] = {
		{ "\xC2\x80", "\xC2\x9F" },         /* C1 controls */
		{ "\xC2\xAD", "\xC2\xAD" },         /* soft hyphen */
		{ "\xD8\x9C", "\xD8\x9C" },         /* Arabic letter mark */
		{ "\xE2\x80\x8B", "\xE2\x80\x8F" }, /* zero width, marks of direction */
		{ "\xE2\x80\xA8", "\xE2\x80\xAE" }, /* separators, embeddings, overrides */
		{ "\xE2\x81\xA0", "\xE2\x81\xAF" }, /* word joiner, isolates */
		{ "\xEF\xBB\xBF", "\xEF\xBB\xBF" }, /* byte order mark */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		size_t len = strlen(ranges[i].low);

		if (rest.len >= len && memcmp(rest.ptr, ranges[i].low, len) >= 0 &&
		    memcmp(rest.ptr, ranges[i].high, len) <= 0)
			return true;
	}
	return false;
}

bool agent_name_ok(struct str name)
{
	if (name.len == 0 || name.len > LIMIT_NAME_BYTES || !str_utf8_ok(name))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		if (c < 0x20 || c == 0x7F)
			return false;
		if (c >= 0x80 && looks_otherwise(str_slice(name.ptr + i, name.len - i)))
			return false;
	}
	return true;
}

struct str agent_name(const struct agent_row *row)
{
	return field_text(row->name);
}

const char *agent_origin_name(enum agent_origin origin)
{
	return origin == AGENT_IMPORTED ? "imported" : "created";
}

bool agent_find(const struct state *s, unsigned table, struct str name, uint32_t *row,
		struct agent_row *ret)
{
	char key[LIMIT_NAME_BYTES] = { 0 };
	uint32_t found;

	/* Of "bob" and "bob\0" only one may find the row "bob", whose padding is NUL. */
	if (!agent_name_ok(name))
		return false;
	memcpy(key, name.ptr, name.len);
	if (!state_find(s, table, key, &found))
		return false;
	memcpy(ret, state_row(s, table, found), sizeof(*ret));
	*row = found;
	return true;
}

/* The first registered name that was probably meant. */
static bool find_near(const struct state *s, unsigned table, struct str name,
		      char ret[LIMIT_NAME_BYTES + 1])
{
	const char *const names[] = { ret, NULL };

	for (uint32_t i = 0; i < state_rows(s, table); i++) {
		struct agent_row row;
		struct str known;

		memcpy(&row, state_row(s, table, i), sizeof(row));
		known = agent_name(&row);
		memcpy(ret, known.ptr, known.len);
		ret[known.len] = '\0';
		if (str_nearest(name, names))
			return true;
	}
	return false;
}

enum err agent_need(const struct state *s, unsigned table, struct str name, uint32_t *row,
		    struct agent_row *ret, struct note *why)
{
	char near[LIMIT_NAME_BYTES + 1];

	if (agent_find(s, table, name, row, ret))
		return OK;
	if (find_near(s, table, name, near))
		return note_set(why, ERR_NOT_FOUND, 0, 0,
				"agent '%.*s' is not registered; did you mean '%s'?",
				STR_ARG(name), near);
	return note_set(why, ERR_NOT_FOUND, 0, 0,
			"agent '%.*s' is not registered; see: trammel agent list", STR_ARG(name));
}

struct public_key agent_key(const struct agent_row *row)
{
	struct public_key key;

	memcpy(key.bytes, row->key, sizeof(key.bytes));
	return key;
}

enum err agent_register(struct state *s, unsigned table, struct str name,
			const struct agent_row *row)
{
	struct agent_row own = *row;
	uint32_t at;

	if (!agent_name_ok(name))
		return ERR_SYNTAX;
	if (own.expires_ns != 0 && own.expires_ns <= own.registered_ns)
		return ERR_RANGE;
	memset(own.name, 0, sizeof(own.name));
	memcpy(own.name, name.ptr, name.len);
	return state_insert(s, table, &own, &at);
}

static void add_member(struct buf *b, const char *key, struct str text)
{
	if (!text.ptr)
		return;
	buf_addf(b, ",\"%s\":", key);
	canon_string(b, text);
}

static void add_digest(struct buf *b, const char *key, const struct digest *d)
{
	if (!d)
		return;
	buf_addf(b, ",\"%s\":\"", key);
	digest_write(b, d);
	buf_add_byte(b, '"');
}

/* The members come in the order of RFC 8785, so nothing has to be sorted. */
void agent_signed_text(struct buf *b, const struct agent_claim *claim)
{
	buf_add_c(b, "trammel/action/v2\n{\"action\":");
	canon_string(b, claim->action);
	add_member(b, "agent", claim->agent);
	add_digest(b, "args", claim->args);
	buf_add_c(b, ",\"at\":\"");
	when_write(b, claim->at_ns);
	buf_add_byte(b, '"');
	if (claim->attrs.ptr) {
		buf_add_c(b, ",\"attrs\":");
		buf_add(b, claim->attrs);
	}
	add_member(b, "credential", claim->credential);
	add_member(b, "log", claim->log);
	add_member(b, "resource", claim->resource);
	add_digest(b, "result", claim->result);
	add_member(b, "session", claim->session);
	add_member(b, "stage", claim->stage);
	add_member(b, "trace", claim->trace);
	buf_add_byte(b, '}');
}
