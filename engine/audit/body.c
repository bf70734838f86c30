/*
 * body: commitments to bodies, and bodies that lost values.
 *
 *   redacted   flags | plain digest? | length, delta? | leaves | 0 salt or 1 hash ... | text
 *
 * A body is walked over as text, not as a tree: in canonical JSON the next byte tells what comes,
 * and a string is a name exactly when a colon follows. Leaves are hashed some at a time, because
 * most fit one block and two lanes are faster than one; so memory does not grow with their number.
 */
#include "engine/audit/body.h"

#include "engine/base/limits.h"
#include "engine/base/little.h"

#define CHUNK 16                     /* leaves hashed together; even, as a hash makes two salts */
#define HEAD_BYTES (1 + BODY_SALT_BYTES)
#define STREAM_BYTES 1024
#define KEEPS_PLAIN 1
#define KEEPS_CHANGE 2

_Static_assert(LIMIT_REDACTED_BYTES >=
		       LIMIT_BODY_BYTES + LIMIT_NODES * (1 + DIGEST_BYTES + sizeof("null") - 2) +
			       LIMIT_DELTA_BYTES + STREAM_BYTES,
	       "what may be recorded may be redacted: a hash for each leaf, and null for 1");

enum { LEAF_SHOWN = 0, LEAF_HIDDEN = 1 };

/* Where the string that begins at `at` ends, its quotes included. */
static size_t string_end(struct str text, size_t at)
{
	while (++at < text.len) {
		const char *quote = memchr(text.ptr + at, '"', text.len - at);
		size_t slashes = 0;

		if (!quote)
			return text.len;
		at = (size_t)(quote - text.ptr);
		while (text.ptr[at - 1 - slashes] == '\\')
			slashes++;
		if (slashes % 2 == 0)
			return at + 1;
	}
	return text.len;
}

static size_t word_end(struct str text, size_t at)
{
	while (at < text.len && text.ptr[at] != ',' && text.ptr[at] != '}' && text.ptr[at] != ']')
		at++;
	return at;
}

bool body_leaf(struct str text, size_t *at, struct str *ret)
{
	size_t i = *at, end;

	for (; i < text.len; i = end) {
		char c = text.ptr[i];

		end = i + 1;
		if (c == ',' || c == ':' || c == '}' || c == ']')
			continue;
		if (c == '{' || c == '[') {
			if (end == text.len || text.ptr[end] != c + 2)
				continue;
			end++;
		} else if (c == '"') {
			end = string_end(text, i);
			if (end < text.len && text.ptr[end] == ':')
				continue;
		} else {
			end = word_end(text, i);
		}
		*ret = str_slice(text.ptr + i, end - i);
		*at = end;
		return true;
	}
	*at = i;
	return false;
}

/* --- committing --- */

/* Salts by a seed, or what is stored of each leaf: a salt, or the hash that is left of it. */
struct salts {
	const struct body_seed *seed;
	uint32_t block;
	const uint8_t *at, *end;     /* without a seed */
};

/* Some leaves in a row, and their hashes. */
struct chunk {
	struct str leaves[CHUNK];
	size_t count;
	bool hidden[CHUNK];
	uint8_t salts[CHUNK][BODY_SALT_BYTES];
	struct digest hashes[CHUNK];
};

/* The skeleton on its way into its hash. */
struct stream {
	struct sha256 hash;
	size_t used;
	uint8_t bytes[STREAM_BYTES];
};

static void pour(struct stream *s, const void *bytes, size_t len)
{
	if (len > sizeof(s->bytes) - s->used) {
		sha256_add(&s->hash, s->bytes, s->used);
		s->used = 0;
	}
	if (len > sizeof(s->bytes)) {
		sha256_add(&s->hash, bytes, len);
		return;
	}
	if (len)
		memcpy(s->bytes + s->used, bytes, len);
	s->used += len;
}

/* Salts 2k and 2k + 1 are the halves of SHA-256(0x01 || seed || k). */
static void make_salts(struct salts *s, struct chunk *c)
{
	struct sha256_short texts[CHUNK / 2];
	struct digest made[CHUNK / 2];
	size_t count = (c->count + 1) / 2;

	for (size_t i = 0; i < count; i++) {
		texts[i].block[0] = 1;
		memcpy(texts[i].block + 1, s->seed->bytes, BODY_SALT_BYTES);
		little_put32(texts[i].block + HEAD_BYTES, s->block++);
		sha256_short_end(&texts[i], HEAD_BYTES + 4);
	}
	sha256_shorts(texts, count, made);
	memcpy(c->salts, made, count * sizeof(*made));
	memset(c->hidden, 0, sizeof(c->hidden));
}

/* False when there are fewer than leaves, or one is hidden whose text does not say so. */
static bool take_salts(struct salts *s, struct chunk *c)
{
	for (size_t i = 0; i < c->count; i++) {
		size_t len;

		if (s->at == s->end || *s->at > LEAF_HIDDEN)
			return false;
		c->hidden[i] = *s->at == LEAF_HIDDEN;
		len = c->hidden[i] ? DIGEST_BYTES : BODY_SALT_BYTES;
		if ((size_t)(s->end - s->at) < 1 + len ||
		    (c->hidden[i] && !str_is(c->leaves[i], "null")))
			return false;
		memcpy(c->hidden[i] ? c->hashes[i].bytes : c->salts[i], s->at + 1, len);
		s->at += 1 + len;
	}
	return true;
}

/* A leaf that fits no block. */
static void hash_long(const uint8_t salt[BODY_SALT_BYTES], struct str leaf, struct digest *ret)
{
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, "", 1);
	sha256_add(&s, salt, BODY_SALT_BYTES);
	sha256_add(&s, leaf.ptr, leaf.len);
	sha256_done(&s, ret);
}

static bool hash_chunk(struct salts *s, struct chunk *c)
{
	struct sha256_short texts[CHUNK];
	struct digest made[CHUNK], *of[CHUNK];
	size_t count = 0;

	if (s->seed)
		make_salts(s, c);
	else if (!take_salts(s, c))
		return false;
	for (size_t i = 0; i < c->count; i++) {
		struct sha256_short *text = &texts[count];

		if (c->hidden[i])
			continue;
		if (c->leaves[i].len > SHA256_SHORT_BYTES - HEAD_BYTES) {
			hash_long(c->salts[i], c->leaves[i], &c->hashes[i]);
			continue;
		}
		text->block[0] = 0;
		memcpy(text->block + 1, c->salts[i], BODY_SALT_BYTES);
		memcpy(text->block + HEAD_BYTES, c->leaves[i].ptr, c->leaves[i].len);
		sha256_short_end(text, HEAD_BYTES + c->leaves[i].len);
		of[count++] = &c->hashes[i];
	}
	sha256_shorts(texts, count, made);
	for (size_t i = 0; i < count; i++)
		*of[i] = made[i];
	return true;
}

/* The next leaves, hashed; a chunk that is not full is the last one. False as take_salts. */
static bool next_chunk(struct str text, size_t *at, struct salts *s, struct chunk *c)
{
	c->count = 0;
	while (c->count < CHUNK && body_leaf(text, at, &c->leaves[c->count]))
		c->count++;
	return hash_chunk(s, c);
}

static bool commit(struct str text, struct salts salts, struct digest *ret)
{
	static const char line[] = "trammel/body/v1\n";
	const char *behind = text.ptr, *end = text.ptr + text.len;
	struct stream s = { .used = 0 };
	struct chunk c;
	size_t at = 0;

	sha256_init(&s.hash);
	pour(&s, line, sizeof(line) - 1);
	do {
		if (!next_chunk(text, &at, &salts, &c))
			return false;
		for (size_t i = 0; i < c.count; i++) {
			pour(&s, behind, (size_t)(c.leaves[i].ptr - behind));
			pour(&s, "#", 1);
			pour(&s, c.hashes[i].bytes, DIGEST_BYTES);
			behind = c.leaves[i].ptr + c.leaves[i].len;
		}
	} while (c.count == CHUNK);
	pour(&s, behind, (size_t)(end - behind));
	sha256_add(&s.hash, s.bytes, s.used);
	sha256_done(&s.hash, ret);
	return salts.seed || salts.at == salts.end;
}

struct digest body_commit(struct str text, const struct body_seed *seed)
{
	struct digest ret;

	MUST(commit(text, (struct salts){ .seed = seed }, &ret));
	return ret;
}

/* --- reading --- */

/* What is stored of a body that lost values, taken apart. */
struct redacted {
	const uint8_t *leaves, *text;
	uint32_t count;
};

static bool take(const uint8_t **at, const uint8_t *end, size_t len, const uint8_t **ret)
{
	if ((size_t)(end - *at) < len)
		return false;
	*ret = *at;
	*at += len;
	return true;
}

static bool take_number(const uint8_t **at, const uint8_t *end, uint32_t *ret)
{
	const uint8_t *bytes;

	if (!take(at, end, 4, &bytes))
		return false;
	*ret = little_get32(bytes);
	return true;
}

static bool walk_leaves(const uint8_t **at, const uint8_t *end, uint32_t count)
{
	const uint8_t *leaf;

	for (uint32_t i = 0; i < count; i++)
		if (!take(at, end, 1, &leaf) || *leaf > LEAF_HIDDEN ||
		    !take(at, end, *leaf == LEAF_HIDDEN ? DIGEST_BYTES : BODY_SALT_BYTES, &leaf))
			return false;
	return true;
}

static bool take_apart(struct body *b, struct redacted *ret)
{
	const uint8_t *at = (const uint8_t *)b->content.ptr, *end = at + b->content.len, *bytes;
	uint32_t len;
	uint8_t flags;

	if (!take(&at, end, 1, &bytes) || *bytes > (KEEPS_PLAIN | KEEPS_CHANGE))
		return false;
	flags = *bytes;
	if (flags & KEEPS_PLAIN) {
		if (!take(&at, end, DIGEST_BYTES, &bytes))
			return false;
		b->plain = (const struct digest *)(const void *)bytes;
	}
	if (flags & KEEPS_CHANGE) {
		if (!take_number(&at, end, &len) || !take(&at, end, len, &bytes))
			return false;
		b->change = str_slice(bytes, len);
	}
	if (!take_number(&at, end, &ret->count))
		return false;
	ret->leaves = at;
	if (!walk_leaves(&at, end, ret->count))
		return false;
	ret->text = at;
	b->text = str_slice(at, (size_t)(end - at));
	return true;
}

/* The columns of the leaves that are hidden. The text has as many leaves as there are records. */
static enum err find_hidden(struct body *b, const struct redacted *r, struct buf *columns)
{
	const uint8_t *leaf = r->leaves;
	struct str value;
	size_t at = 0;

	buf_clear(columns);
	while (body_leaf(b->text, &at, &value)) {
		uint32_t column = (uint32_t)(value.ptr - b->text.ptr) + 1;

		if (*leaf == LEAF_HIDDEN)
			buf_add(columns, str_slice(&column, sizeof(column)));
		leaf += 1 + (*leaf == LEAF_HIDDEN ? DIGEST_BYTES : BODY_SALT_BYTES);
	}
	b->veil = (struct veil){ (const uint32_t *)(const void *)columns->ptr,
				 columns->len / sizeof(uint32_t) };
	return columns->err;
}

static enum err open_redacted(struct body *b, const struct digest *d, struct buf *columns)
{
	struct redacted r;
	struct digest found;

	if (!take_apart(b, &r) ||
	    !commit(b->text, (struct salts){ .at = r.leaves, .end = r.text }, &found) ||
	    !digest_eq(&found, d))
		return ERR_TAMPERED;
	return find_hidden(b, &r, columns);
}

static const struct body_seed *seed_of(struct str content)
{
	return (const struct body_seed *)(const void *)content.ptr;
}

enum err body_open(enum body_form form, struct str content, const struct digest *d,
		   struct buf *columns, struct body *ret)
{
	struct body b = { .form = form, .content = content, .text = content };
	struct digest found;

	if (form == BODY_REDACTED) {
		TRY(open_redacted(&b, d, columns));
	} else if (form == BODY_SALTED) {
		if (content.len < BODY_SALT_BYTES)
			return ERR_TAMPERED;
		b.text = str_slice(content.ptr + BODY_SALT_BYTES, content.len - BODY_SALT_BYTES);
		found = body_commit(b.text, seed_of(content));
	} else {
		found = sha256(content);
	}
	if (form != BODY_REDACTED && !digest_eq(&found, d))
		return ERR_TAMPERED;
	*ret = b;
	return OK;
}

/* --- redacting --- */

static void add_number(struct buf *out, uint32_t number)
{
	char *at = buf_grow(out, 4);

	if (at)
		little_put32(at, number);
}

static void add_kept(struct buf *out, const struct digest *plain, struct str change)
{
	buf_add_byte(out, (char)((plain ? KEEPS_PLAIN : 0) | (change.ptr ? KEEPS_CHANGE : 0)));
	if (plain)
		buf_add(out, str_slice(plain->bytes, DIGEST_BYTES));
	if (change.ptr) {
		add_number(out, (uint32_t)change.len);
		buf_add(out, change);
	}
}

static struct salts salts_of(const struct body *b)
{
	struct body copy = *b;
	struct redacted r;

	if (b->form == BODY_SALTED)
		return (struct salts){ .seed = seed_of(b->content) };
	MUST(take_apart(&copy, &r));
	return (struct salts){ .at = r.leaves, .end = r.text };
}

/* Whether the leaf is to go; `hide` is walked along with the leaves. */
static bool goes(const struct veil *hide, size_t *next, uint32_t column)
{
	while (*next < hide->count && hide->columns[*next] < column)
		++*next;
	return *next < hide->count && hide->columns[*next] == column;
}

/* Leaf by leaf its salt, or its hash when it goes or is gone. `out` counts them in between. */
static enum err add_leaves(const struct body *b, const struct veil *hide, struct buf *out,
			   struct buf *text)
{
	struct salts salts = salts_of(b);
	size_t count_at = out->len, at = 0, next = 0;
	const char *behind = b->text.ptr;
	struct chunk c;
	uint32_t count = 0;

	add_number(out, 0);
	do {
		MUST(next_chunk(b->text, &at, &salts, &c));
		for (size_t i = 0; i < c.count; i++) {
			struct str leaf = c.leaves[i];
			bool hidden = c.hidden[i] ||
				      goes(hide, &next,
					   (uint32_t)(leaf.ptr - b->text.ptr) + 1);

			buf_add_byte(out, hidden ? LEAF_HIDDEN : LEAF_SHOWN);
			buf_add(out, hidden ? str_slice(c.hashes[i].bytes, DIGEST_BYTES)
					    : str_slice(c.salts[i], BODY_SALT_BYTES));
			buf_add(text, str_slice(behind, (size_t)(leaf.ptr - behind)));
			buf_add(text, hidden ? STR("null") : leaf);
			behind = leaf.ptr + leaf.len;
		}
		count += (uint32_t)c.count;
	} while (c.count == CHUNK);
	buf_add(text, str_slice(behind, (size_t)(b->text.ptr + b->text.len - behind)));
	if (out->err == OK)
		little_put32(out->ptr + count_at, count);
	return text->err != OK ? text->err : out->err;
}

enum err body_redact(const struct body *b, const struct veil *hide, const struct body_keep *keep,
		     struct buf *out)
{
	struct buf text;
	enum err e;

	MUST(b->form != BODY_PLAIN);
	add_kept(out, keep->plain ? keep->plain : b->plain,
		 keep->change.ptr ? keep->change : b->change);
	buf_init(&text, LIMIT_REDACTED_BYTES);
	e = add_leaves(b, hide, out, &text);
	buf_add(out, buf_view(&text));
	/* It holds the values that stay, and nothing else of the body. */
	buf_fini(&text);
	return e != OK ? e : out->err;
}
