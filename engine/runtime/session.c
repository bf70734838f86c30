/* session: rows of the sessions table. */
#include "engine/runtime/runtime.h"

struct table_schema session_table(void)
{
	return (struct table_schema){ "sessions", sizeof(struct session_row), LIMIT_NAME_BYTES };
}

struct str session_id(const struct session_row *row)
{
	return str_slice(row->id, strnlen(row->id, sizeof(row->id)));
}

/* The key of an id; false when it has none: two ids must never share a row. */
static bool key_of(struct str id, char key[LIMIT_NAME_BYTES])
{
	if (id.len == 0 || id.len > LIMIT_NAME_BYTES || memchr(id.ptr, '\0', id.len))
		return false;
	memset(key, 0, LIMIT_NAME_BYTES);
	memcpy(key, id.ptr, id.len);
	return true;
}

bool session_find(const struct state *s, unsigned table, struct str id, uint32_t *row,
		  struct session_row *ret)
{
	char key[LIMIT_NAME_BYTES];
	uint32_t found;

	if (!key_of(id, key) || !state_find(s, table, key, &found))
		return false;
	memcpy(ret, state_row(s, table, found), sizeof(*ret));
	*row = found;
	return true;
}

enum err session_touch(struct state *s, unsigned table, struct str id, int64_t at_ns,
		       unsigned actions, unsigned denials)
{
	struct session_row row = { .began_ns = at_ns };
	uint32_t at;
	bool known = session_find(s, table, id, &at, &row);

	if (!known && !key_of(id, row.id))
		return ERR_RANGE;
	row.last_ns = at_ns;
	row.actions += actions;
	row.denials += denials;
	return known ? state_update(s, table, at, &row) : state_insert(s, table, &row, &at);
}
