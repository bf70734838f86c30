/* agent: rows of the agents table, and the text that an agent signs. */
#include "engine/identity/identity.h"

#include "engine/base/canon.h"
#include "engine/base/when.h"

struct table_schema agent_table(void)
{
	return (struct table_schema){ "agents", sizeof(struct agent_row), LIMIT_NAME_BYTES };
}

bool agent_name_ok(struct str name)
{
	if (name.len == 0 || name.len > LIMIT_NAME_BYTES || !str_utf8_ok(name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7F)
			return false;
	return true;
}

struct str agent_name(const struct agent_row *row)
{
	return str_slice(row->name, strnlen(row->name, sizeof(row->name)));
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
	buf_add_c(b, "trammel/action/v1\n{\"action\":");
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
	add_member(b, "resource", claim->resource);
	add_digest(b, "result", claim->result);
	add_member(b, "session", claim->session);
	add_member(b, "stage", claim->stage);
	add_member(b, "trace", claim->trace);
	buf_add_byte(b, '}');
}
