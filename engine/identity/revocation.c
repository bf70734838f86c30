/* revocation: rows of the revocations table, which only ever say more. */
#include "engine/identity/identity.h"

#include "engine/base/field.h"

struct table_schema revocation_table(void)
{
	return (struct table_schema){ "revocations", sizeof(struct revocation_row),
				      LIMIT_NAME_BYTES + 1 };
}

struct str revocation_name(const struct revocation_row *row)
{
	return field_text(row->name);
}

bool revocation_in_force(const struct revocation_row *row, int64_t at_ns)
{
	return row->until_ns == 0 || at_ns < row->until_ns;
}

/* The row of that key, or a fresh one; false for what is no name. */
static bool find(const struct state *s, unsigned table, enum revocation_of of, struct str name,
		 struct revocation_row *ret, uint32_t *at, bool *known)
{
	struct revocation_row row = { .of = (uint8_t)of };

	if (!agent_name_ok(name))
		return false;
	memcpy(row.name, name.ptr, name.len);
	*known = state_find(s, table, &row, at);
	if (*known)
		memcpy(&row, state_row(s, table, *at), sizeof(row));
	*ret = row;
	return true;
}

bool revocation_holds(const struct state *s, unsigned table, enum revocation_of of,
		      struct str name, int64_t at_ns, struct revocation_row *ret)
{
	uint32_t at;
	bool known;

	return state_rows(s, table) > 0 && find(s, table, of, name, ret, &at, &known) && known &&
	       revocation_in_force(ret, at_ns);
}

bool revocation_holds_key(const struct state *s, unsigned table, const struct public_key *key,
			  int64_t at_ns, struct revocation_row *ret)
{
	char id[KEY_ID_BYTES];

	if (state_rows(s, table) == 0)
		return false;
	key_id_put(id, key);
	return revocation_holds(s, table, REVOKED_KEY, str_slice(id, sizeof(id)), at_ns, ret);
}

enum err revocation_add(struct state *s, unsigned table, enum revocation_of of, struct str name,
			int64_t at_ns, int64_t until_ns, uint64_t entry, struct note *why)
{
	const char *what = of == REVOKED_KEY ? "key" : "agent";
	struct revocation_row row;
	uint32_t at;
	bool known;

	if (until_ns != 0 && until_ns <= at_ns)
		return note_set(why, ERR_RANGE, 0, 0,
				"the revocation would be over already; expected a later time");
	if (!find(s, table, of, name, &row, &at, &known))
		return note_set(why, ERR_RANGE, 0, 0, "expected a name of 1 to %d bytes",
				LIMIT_NAME_BYTES);
	if (known && row.until_ns == 0)
		return note_set(why, ERR_EXISTS, 0, 0, "%s '%.*s' is revoked for good already",
				what, STR_ARG(name));
	if (known && until_ns != 0 && until_ns <= row.until_ns)
		return note_set(why, ERR_EXISTS, 0, 0,
				"%s '%.*s' is revoked for as long already; a revocation is never "
				"made shorter", what, STR_ARG(name));
	row.since_ns = at_ns;
	row.until_ns = until_ns;
	row.entry = entry;
	return known ? state_update(s, table, at, &row) : state_insert(s, table, &row, &at);
}
