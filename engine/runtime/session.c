/* session: rows of the sessions table. */
#include "engine/runtime/runtime.h"

#include "engine/base/field.h"

struct table_schema session_table(void)
{
	return (struct table_schema){ "sessions", sizeof(struct session_row), LIMIT_NAME_BYTES };
}

struct str session_id(const struct session_row *row)
{
	return field_text(row->id);
}

bool session_find(const struct state *s, unsigned table, struct str id, uint32_t *row,
		  struct session_row *ret)
{
	char key[LIMIT_NAME_BYTES];
	uint32_t found;

	if (!field_put(key, id) || !state_find(s, table, key, &found))
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

	if (!known && !field_put(row.id, id))
		return ERR_RANGE;
	row.last_ns = at_ns;
	row.actions += actions;
	row.denials += denials;
	return known ? state_update(s, table, at, &row) : state_insert(s, table, &row, &at);
}
