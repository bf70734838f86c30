/*
 * cursor: "q1.<at>.<nanoseconds>.<tag>". The tag is the start of a SHA-256 over the rest of it and
 * the question, every text with its length. It holds no secret: it is there to notice a mistake.
 */
#include "engine/index/inside.h"

#include "engine/base/little.h"

#define HEAD "q1."
#define TAG_DIGITS 16

static void add_number(struct sha256 *h, uint64_t number)
{
	uint8_t bytes[8];

	little_put64(bytes, number);
	sha256_add(h, bytes, sizeof(bytes));
}

static void add_text(struct sha256 *h, struct str text)
{
	add_number(h, text.ptr ? text.len : UINT64_MAX);
	sha256_add(h, text.ptr ? text.ptr : "", text.len);
}

uint64_t cursor_tag(const struct cursor *c, struct str origin, const struct search_order *order)
{
	const struct filter *f = &order->filter;
	struct digest d;
	struct sha256 h;

	sha256_init(&h);
	add_text(&h, STR("trammel/cursor/v1"));
	add_text(&h, origin);
	add_number(&h, c->at);
	add_number(&h, (uint64_t)c->newest_ns);
	add_number(&h, order->newest_first);
	for (unsigned i = 0; i < FILTER_NAMES; i++)
		add_text(&h, f->names[i]);
	add_number(&h, f->by_kind ? f->kind + 1u : 0);
	add_number(&h, f->by_effect ? f->effect + 1u : 0);
	add_number(&h, (uint64_t)f->since_ns);
	add_number(&h, (uint64_t)f->until_ns);
	add_text(&h, f->outcome);
	add_text(&h, f->text);
	sha256_done(&h, &d);
	return little_get64(d.bytes);
}

void cursor_write(struct buf *b, const struct cursor *c)
{
	uint8_t tag[8];

	little_put64(tag, c->tag);
	buf_add_c(b, HEAD);
	buf_add_u64(b, c->at);
	buf_add_byte(b, '.');
	buf_add_i64(b, c->newest_ns);
	buf_add_byte(b, '.');
	buf_add_hex(b, tag, sizeof(tag));
}

static enum err read_signed(struct str text, int64_t *ret)
{
	bool negative = str_starts(text, STR("-"));
	uint64_t size;

	TRY(str_to_u64(str_slice(text.ptr + negative, text.len - negative), &size));
	if (size > (uint64_t)INT64_MAX + negative || (negative && size == 0))
		return ERR_RANGE;
	*ret = negative ? (int64_t)(0 - size) : (int64_t)size;
	return OK;
}

/* The one text of a cursor: what is read writes itself again. */
static enum err read_parts(struct str text, struct cursor *ret)
{
	struct str at, rest, newest, tag;
	struct cursor c;
	uint8_t bytes[8];

	if (text.len > CURSOR_BYTES || !str_starts(text, STR(HEAD)))
		return ERR_SYNTAX;
	text = str_slice(text.ptr + sizeof(HEAD) - 1, text.len - (sizeof(HEAD) - 1));
	if (!str_cut(text, '.', &at, &rest) || !str_cut(rest, '.', &newest, &tag) ||
	    tag.len != TAG_DIGITS)
		return ERR_SYNTAX;
	TRY(str_to_u64(at, &c.at));
	TRY(read_signed(newest, &c.newest_ns));
	TRY(hex_read(tag, bytes, sizeof(bytes)));
	c.tag = little_get64(bytes);
	*ret = c;
	return OK;
}

enum err cursor_read(struct str text, struct cursor *ret, struct note *n)
{
	if (read_parts(text, ret) == OK)
		return OK;
	return note_set(n, ERR_SYNTAX, 0, 0,
			"'%.*s' is not a cursor; take the one that a query printed",
			text.len > CURSOR_BYTES ? CURSOR_BYTES : (int)text.len, text.ptr);
}
