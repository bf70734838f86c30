/* credential: rows of the credentials table, and the secrets that they are for. */
#include "engine/identity/identity.h"

#include "engine/base/field.h"

#define DOMAIN "trammel/credential/v1\n"
#define ID_PREFIX "cred-"
#define KEY_BYTES 8
#define ENTROPY_BYTES 32

struct table_schema credential_table(void)
{
	return (struct table_schema){ "credentials", sizeof(struct credential_row), KEY_BYTES };
}

struct str credential_agent(const struct credential_row *row)
{
	return field_text(row->agent);
}

struct str credential_may(const struct credential_row *row)
{
	return str_slice(row->may, row->may_bytes);
}

const char *credential_status_name(enum credential_status status)
{
	static const char *const names[CREDENTIAL_STATUSES] = { "active", "rotated", "revoked" };

	MUST(status < CREDENTIAL_STATUSES);
	return names[status];
}

/* --- the secret --- */

enum err credential_make(struct world *w, char secret[CREDENTIAL_SECRET_BYTES])
{
	uint8_t bytes[ENTROPY_BYTES];
	struct buf b;
	enum err e;

	TRY(world_entropy(w, bytes, sizeof(bytes)));
	buf_init(&b, CREDENTIAL_SECRET_BYTES);
	buf_add_c(&b, CREDENTIAL_PREFIX);
	base64url_write(&b, bytes, sizeof(bytes));
	e = b.err;
	if (e == OK)
		memcpy(secret, b.ptr, CREDENTIAL_SECRET_BYTES);
	crypto_wipe_buf(&b);
	crypto_wipe(bytes, sizeof(bytes));
	return e;
}

struct digest credential_hash(struct str secret)
{
	struct digest hash;
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, DOMAIN, sizeof(DOMAIN) - 1);
	sha256_add(&s, secret.ptr, secret.len);
	sha256_done(&s, &hash);
	return hash;
}

void credential_id_write(struct buf *b, const uint8_t hash[DIGEST_BYTES])
{
	buf_add_c(b, ID_PREFIX);
	buf_add_hex(b, hash, KEY_BYTES);
}

/* --- finding --- */

static bool find_key(const struct state *s, unsigned table, const uint8_t key[KEY_BYTES],
		     uint32_t *at, struct credential_row *ret)
{
	if (state_rows(s, table) == 0 || !state_find(s, table, key, at))
		return false;
	memcpy(ret, state_row(s, table, *at), sizeof(*ret));
	return true;
}

bool credential_find(const struct state *s, unsigned table, const struct digest *hash,
		     struct credential_row *ret)
{
	struct credential_row row;
	uint32_t at;

	if (!find_key(s, table, hash->bytes, &at, &row) ||
	    !crypto_equal(row.hash, hash->bytes, sizeof(row.hash)))
		return false;
	*ret = row;
	return true;
}

bool credential_named(const struct state *s, unsigned table, struct str id, uint32_t *at,
		      struct credential_row *ret)
{
	uint8_t key[KEY_BYTES];

	return str_starts(id, STR(ID_PREFIX)) &&
	       hex_read(str_slice(id.ptr + sizeof(ID_PREFIX) - 1, id.len - sizeof(ID_PREFIX) + 1),
			key, sizeof(key)) == OK &&
	       find_key(s, table, key, at, ret);
}

/* --- what may become of one --- */

enum event { ROTATE, REVOKE, EVENTS };

#define NO_WAY CREDENTIAL_STATUSES

/* From the row to the column; nothing leads out of revoked, and nothing is rotated twice. */
static const uint8_t ways[CREDENTIAL_STATUSES][EVENTS] = {
	[CREDENTIAL_ACTIVE] = { [ROTATE] = CREDENTIAL_ROTATED, [REVOKE] = CREDENTIAL_REVOKED },
	[CREDENTIAL_ROTATED] = { [ROTATE] = NO_WAY, [REVOKE] = CREDENTIAL_REVOKED },
	[CREDENTIAL_REVOKED] = { [ROTATE] = NO_WAY, [REVOKE] = NO_WAY },
};

/* The credential of that agent, and that the event leads somewhere. */
static enum err find_way(const struct state *s, unsigned table, struct str agent, struct str id,
			 enum event ev, uint32_t *at, struct credential_row *ret, struct note *why)
{
	struct credential_row row;

	if (!credential_named(s, table, id, at, &row) || !str_eq(credential_agent(&row), agent))
		return note_set(why, ERR_NOT_FOUND, 0, 0,
				"agent '%.*s' has no credential '%.*s'", STR_ARG(agent),
				(int)(id.len < 64 ? id.len : 64), id.ptr ? id.ptr : "");
	if (row.status >= CREDENTIAL_STATUSES || ways[row.status][ev] == NO_WAY)
		return note_set(why, ERR_EXISTS, 0, 0, "%.*s is %s already", STR_ARG(id),
				credential_status_name((enum credential_status)row.status));
	row.status = ways[row.status][ev];
	*ret = row;
	return OK;
}

static enum err check_times(const struct credential_row *row, struct note *why)
{
	/* The difference as unsigned never overflows. */
	if (row->ends_ns > row->issued_ns &&
	    (uint64_t)row->ends_ns - (uint64_t)row->issued_ns <= (uint64_t)LIMIT_CREDENTIAL_NS)
		return OK;
	return note_set(why, ERR_RANGE, 0, 0,
			"a credential ends later than now, and within a day");
}

static enum err add(struct state *s, unsigned table, const struct credential_row *row,
		    struct note *why)
{
	uint32_t at;
	enum err e = check_times(row, why);

	if (e == OK)
		e = state_insert(s, table, row, &at);
	return e == ERR_EXISTS ? note_set(why, e, 0, 0, "there is a credential of this id already")
			       : e;
}

enum err credential_issue(struct state *s, unsigned table, const struct credential_row *row,
			  struct note *why)
{
	struct credential_row own = *row;

	own.status = CREDENTIAL_ACTIVE;
	own.rotations = 0;
	memset(own.after, 0, sizeof(own.after));
	return add(s, table, &own, why);
}

enum err credential_rotate(struct state *s, unsigned table, struct str id, int64_t until_ns,
			   const struct credential_row *next, struct note *why)
{
	struct credential_row old, own = *next;
	uint32_t at;

	TRY(find_way(s, table, credential_agent(next), id, ROTATE, &at, &old, why));
	if (old.ends_ns <= next->issued_ns)
		return note_set(why, ERR_RANGE, 0, 0, "%.*s has expired; issue another one",
				STR_ARG(id));
	if (old.rotations == UINT16_MAX)
		return note_set(why, ERR_LIMIT, 0, 0, "%.*s was rotated too often; issue another",
				STR_ARG(id));
	own.status = CREDENTIAL_ACTIVE;
	own.rotations = (uint16_t)(old.rotations + 1);
	own.may_bytes = old.may_bytes;
	memcpy(own.may, old.may, sizeof(own.may));
	memcpy(own.after, old.hash, sizeof(own.after));
	TRY(add(s, table, &own, why));
	if (until_ns < old.ends_ns)
		old.ends_ns = until_ns;
	return state_update(s, table, at, &old);
}

enum err credential_revoke(struct state *s, unsigned table, struct str agent, struct str id,
			   struct note *why)
{
	struct credential_row row;
	uint32_t at;

	TRY(find_way(s, table, agent, id, REVOKE, &at, &row, why));
	return state_update(s, table, at, &row);
}
