/*
 * token_use: rows of the token_uses table. They are looked through one by one: a token is taken
 * when a person or a program asks for it, and a day's tokens are few.
 */
#include "engine/identity/token_use.h"


#define STATEMENT_BYTES (LIMIT_TOKEN_BYTES + 64)

struct table_schema token_use_table(void)
{
	return (struct table_schema){ "token_uses", sizeof(struct token_use_row), 0 };
}

enum err token_use_digest(struct str issuer, struct str subject, struct str id,
			  struct digest *ret)
{
	struct buf b;
	enum err e;

	buf_init(&b, STATEMENT_BYTES);
	statement_text(&b, STR("trammel/token-use/v1"));
	statement_text(&b, issuer);
	statement_text(&b, subject);
	statement_text(&b, id);
	e = b.err;
	if (e == OK)
		*ret = sha256(buf_view(&b));
	buf_fini(&b);
	return e;
}

/* The row of that token while it lasts; else one that nobody needs any more, or a new one. */
static bool find(const struct state *s, unsigned table, const struct digest *token,
		 int64_t at_ns, uint32_t *at, struct token_use_row *ret)
{
	uint32_t rows = state_rows(s, table), vacant = rows;

	for (uint32_t i = 0; i < rows; i++) {
		memcpy(ret, state_row(s, table, i), sizeof(*ret));
		if (ret->until_ns <= at_ns && vacant == rows)
			vacant = i;
		if (ret->until_ns > at_ns &&
		    crypto_equal(ret->token, token->bytes, sizeof(ret->token)))
			return true;
	}
	*at = vacant;
	return false;
}

enum err token_use_take(struct state *s, unsigned table, const struct digest *token,
			int64_t until_ns, int64_t at_ns, uint64_t entry, struct refusal *r)
{
	struct token_use_row row;
	uint32_t at;

	if (until_ns <= at_ns)
		return refusal_set(r, REFUSED_EXPIRED, "the token has expired");
	if (find(s, table, token, at_ns, &at, &row))
		return refusal_set(r, REFUSED_REPLAYED, "the token was taken by entry %llu, and is "
				   "good once", (unsigned long long)row.entry);
	row = (struct token_use_row){ .until_ns = until_ns, .entry = entry };
	memcpy(row.token, token->bytes, sizeof(row.token));
	if (at < state_rows(s, table))
		return state_update(s, table, at, &row);
	return at < LIMIT_TOKEN_USES ? state_insert(s, table, &row, &at) : ERR_LIMIT;
}
