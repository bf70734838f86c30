/*
 * mask: trees and texts, and what is told of them.
 *
 *            under a name of secrets: all of it     <- mask_name
 *   value <  beside one: likewise                  <- mask_beside
 *            by its own shape: the part that is one <- mask_scan
 */
#include "engine/mask/inside.h"

#include <stdlib.h>

#include "engine/base/canon.h"
#include "engine/base/match.h"

/* What was masked takes more room than it had: "pin=1234" is the worst there is. */
#define GROWTH 16
#define ROUNDS 4
#define LEAST_BYTES 6                         /* -u a:b */

/* Kinds of ours beside those of the names' and the vendors' tables. */
static const struct str kinds[] = {
	STR("aws-secret"), STR("azure-secret"), STR("azure-signature"), STR("basic-auth"),
	STR("bearer-token"), STR("card"), STR("email"), STR("foreign"), STR("jwt"), STR("named"),
	STR("phone"), STR("telegram-token"), STR("webhook"),
};

static bool is_ours(struct str kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_eq(kinds[i], kind))
			return true;
	return name_has_kind(kind) || vendor_has_kind(kind);
}

bool mask_kind_ok(struct str kind)
{
	if (kind.len == 0 || kind.len > KIND_BYTES)
		return false;
	for (size_t i = 0; i < kind.len; i++)
		if (!is_digit(kind.ptr[i]) && !(kind.ptr[i] >= 'a' && kind.ptr[i] <= 'z') &&
		    kind.ptr[i] != '-')
			return false;
	return !is_ours(kind);
}

enum err mask_open(const struct mask_terms *terms, const uint8_t *key, struct mask **ret)
{
	struct mask *m = calloc(1, sizeof(*m));

	if (!m)
		return ERR_MEMORY;
	if (terms)
		m->terms = *terms;
	m->has_key = key != NULL;
	if (key)
		memcpy(m->key, key, sizeof(m->key));
	scan_prepare(m);
	*ret = m;
	return OK;
}

void mask_close(struct mask *m)
{
	if (!m)
		return;
	crypto_wipe(m->key, sizeof(m->key));
	free(m);
}

/* --- where we are --- */

/* A step of the way from the root; the root has the name it was given, items have numbers. */
struct place {
	const struct place *up;
	struct str key;
	size_t index;
	struct str kind;             /* ptr set: what is below stands under a name of secrets */
	struct str name;             /* that name */
	bool login;                  /* behind -u: a text may be user:password */
};

struct walk {
	const struct mask *mask;
	struct mask_report *report;
	enum mask_manner manner;
};

static void write_place(struct buf *b, const struct place *p)
{
	if (p->up) {
		write_place(b, p->up);
		buf_add_byte(b, '.');
	}
	if (p->key.ptr)
		buf_add(b, p->key);
	else
		buf_add_u64(b, p->index);
}

static bool is_exempt(const struct mask *m, struct str at)
{
	for (size_t i = 0; i < m->terms.exempt_count; i++)
		if (match_glob(m->terms.exempt[i], at))
			return true;
	return false;
}

/* "args.a.b" in `room`, cut between characters where it is too long to be told. */
static struct str place_text(struct buf *room, const struct place *p)
{
	size_t len;

	buf_clear(room);
	write_place(room, p);
	len = room->len < LIMIT_MASK_PLACE_BYTES ? room->len : LIMIT_MASK_PLACE_BYTES;
	return str_slice(room->ptr, str_utf8_prefix(str_slice(room->ptr, len)));
}

/* Is the place one that the workspace leaves alone? Asked only where something was found. */
static enum err ask_place(const struct walk *w, const struct place *p, bool *exempt)
{
	struct buf room;
	enum err e;

	*exempt = false;
	if (w->mask->terms.exempt_count == 0)
		return OK;
	buf_init(&room, LIMIT_ACTION_BYTES);
	write_place(&room, p);
	e = room.err;
	*exempt = e == OK && is_exempt(w->mask, buf_view(&room));
	buf_fini(&room);
	return e == ERR_LIMIT ? OK : e;
}

/* --- telling --- */

static bool is_told(const struct mask_report *r, struct str at, struct str kind)
{
	for (size_t i = 0; i < r->kept; i++)
		if (str_eq(r->found[i].at, at) && str_eq(r->found[i].kind, kind))
			return true;
	return false;
}

/* The same kind at the same place is told once, and counted each time. */
static enum err tell(struct mask_report *r, const struct place *p, struct str kind)
{
	struct mask_found *found;
	struct buf room;
	struct str at;
	enum err e = OK;

	r->count++;
	r->has_key_id = r->has_key_id || str_is(kind, "aws-key-id");
	if (!r->found)
		r->found = arena_array(r->arena, LIMIT_MASK_FOUND, sizeof(*r->found));
	if (!r->found)
		return ERR_MEMORY;
	if (r->kept == LIMIT_MASK_FOUND || r->kept_bytes > LIMIT_MASK_FOUND_BYTES)
		return OK;
	buf_init(&room, LIMIT_ACTION_BYTES);
	at = place_text(&room, p);
	if (room.err == ERR_MEMORY)
		e = ERR_MEMORY;
	if (e == OK && !is_told(r, at, kind)) {
		found = &r->found[r->kept];
		found->kind = kind;
		e = arena_copy(r->arena, at, &found->at);
		r->kept += e == OK;
		r->kept_bytes += at.len + kind.len;
	}
	buf_fini(&room);
	return e;
}

/* --- texts --- */

/* The next secret of any sort. The secret of an AWS key is one where the key's name was met. */
static bool find_next(const struct walk *w, struct str text, size_t from, struct span *ret)
{
	uint32_t bits = UINT32_MAX;
	bool found;
	struct span aws;

	if (w->manner == MASK_NAMES)
		bits &= ~(SEE(SEE_EMAIL) | SEE(SEE_PHONE));
	found = scan_next(w->mask, text, from, bits, ret);
	if (!w->report->has_key_id || !aws_secret_next(text, from, &aws) ||
	    (found && ret->begin <= aws.begin))
		return found;
	*ret = aws;
	return true;
}

static bool is_patterned(const struct mask *m, struct str text, struct str *kind)
{
	for (size_t i = 0; i < m->terms.pattern_count; i++)
		if (regex_match(m->terms.patterns[i].pattern, text)) {
			*kind = m->terms.patterns[i].kind;
			return true;
		}
	return false;
}

static bool is_token(const struct mask *m, struct str text)
{
	bool ours;

	return text.len > 0 && token_read(m, text, &ours) == text.len && ours;
}

/* A text that is secret as a whole. */
static enum err mask_whole(const struct walk *w, struct str *text, const struct place *p,
			   const struct span *s)
{
	struct buf b;
	enum err e;

	buf_init(&b, 256);
	token_write(w->mask, &b, *text, s);
	e = arena_take(w->report->arena, &b, text);
	return e == OK ? tell(w->report, p, s->kind) : e;
}

/* From the first secret on; what lies between them stays. */
static enum err mask_parts(const struct walk *w, struct str *text, const struct place *p,
			   struct span s)
{
	size_t done = 0;
	struct buf b;
	enum err e = OK;

	buf_init(&b, GROWTH * text->len + 256);
	do {
		buf_add(&b, str_slice(text->ptr + done, s.begin - done));
		token_write(w->mask, &b, str_slice(text->ptr + s.begin, s.end - s.begin), &s);
		done = s.end;
		e = tell(w->report, p, s.kind);
	} while (e == OK && b.err == OK && find_next(w, *text, done, &s));
	buf_add(&b, str_slice(text->ptr + done, text->len - done));
	if (e == OK)
		e = b.err;
	if (e == OK)
		e = arena_copy(w->report->arena, buf_view(&b), text);
	buf_fini(&b);
	return e;
}

/*
 * A token in its place may make the text around it look otherwise: "://a:4111 1111 1111 1111@" has
 * a password only when the blanks are gone. So it is looked at again until there is nothing to see;
 * a text that never comes to rest goes as a whole.
 */
static enum err mask_all_parts(const struct walk *w, struct str *text, const struct place *p,
			       struct span s)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		TRY(mask_parts(w, text, p, s));
		if (!find_next(w, *text, 0, &s))
			return OK;
	}
	s = (struct span){ .end = text->len, .kind = STR("secret") };
	return mask_whole(w, text, p, &s);
}

/* What a name says is secret, but for the word in front of an authorization. */
static enum err mask_named(const struct walk *w, struct str *text, const struct place *p)
{
	struct span s = { .begin = 0, .end = text->len, .kind = p->kind }, own;
	struct looking l = { .mask = w->mask, .text = *text };

	if (text->len == 0 || is_token(w->mask, *text) ||
	    (str_is(p->name, "pwd") && text->ptr[0] == '/'))
		return OK;
	/* "Authorization": "Bearer ..." goes as it would in a text. */
	if (str_is(p->kind, "authorization") && see_authorization(&l, &own))
		return own.skip ? OK : mask_parts(w, text, p, own);
	if (!scan_part(&l, 0, text->len, p->kind, &s))
		return OK;
	return mask_whole(w, text, p, &s);
}

/* The first colon that no token of ours holds; the length where there is none. */
static size_t find_colon(const struct mask *m, struct str text)
{
	size_t at = 0;
	bool ours;

	while (at < text.len && text.ptr[at] != ':') {
		size_t token = token_read(m, str_slice(text.ptr + at, text.len - at), &ours);

		at += token > 0 && ours ? token : 1;
	}
	return at;
}

/*
 * ann:hunter2; 1000:1000 is the user of a container, host:/path a place. All of it goes when there
 * is more in front than a name: what is masked of that would make something else of the rest.
 */
static bool find_login(const struct walk *w, struct str text, struct span *ret)
{
	const struct looking l = { .mask = w->mask, .text = text };
	size_t begin = find_colon(w->mask, text) + 1, digits = 0;
	struct str user;
	bool plain;

	if (begin >= text.len || text.ptr[begin] == '/')
		return false;
	user = str_slice(text.ptr, begin);
	plain = !memchr(user.ptr, '[', user.len) && !find_next(w, user, 0, ret);
	while (is_digit(user.ptr[digits]))
		digits++;
	if (plain && digits > 0 && digits + 1 == user.len)
		return false;
	return scan_part(&l, plain ? begin : 0, text.len, STR("password"), ret);
}

static enum err mask_string(const struct walk *w, struct str *text, const struct place *p)
{
	struct span s = { .end = text->len };
	bool named = p->kind.ptr != NULL, whole, found = false, exempt;

	/* Most texts are short, and stand under no name of secrets. */
	if (!named && !p->login && text->len < LEAST_BYTES && w->mask->terms.pattern_count == 0)
		return OK;
	whole = !named && text->len > 0 && w->mask->terms.pattern_count > 0 &&
		!is_token(w->mask, *text) &&
		is_patterned(w->mask, *text, &s.kind);
	if (text->len == 0)
		return OK;
	if (!named && !whole)
		found = (p->login && find_login(w, *text, &s)) || find_next(w, *text, 0, &s);
	if (!named && !whole && !found)
		return OK;
	TRY(ask_place(w, p, &exempt));
	if (exempt)
		return OK;
	if (named)
		return mask_named(w, text, p);
	return whole ? mask_whole(w, text, p, &s) : mask_all_parts(w, text, p, s);
}

/* --- numbers --- */

/* Most numbers are no card's; 1e12 is the first with 13 digits. */
static bool may_be_card(const struct value *v)
{
	if (v->kind == VALUE_INT)
		return v->integer >= INT64_C(1000000000000);
	return v->kind == VALUE_REAL && v->real >= 1e12 && v->real < 1e19;
}

/* As it would be recorded: 4111111111111111.0 is an integer then. */
static enum err mask_number(const struct walk *w, struct value *v, const struct place *p)
{
	struct span s = { .kind = p->kind };
	struct str text;
	struct buf b;
	bool exempt;
	enum err e;

	if (!p->kind.ptr && !may_be_card(v))
		return OK;
	buf_init(&b, LIMIT_BODY_BYTES);
	canon_value(&b, v);
	e = b.err;
	text = buf_view(&b);
	if (e == OK && card_ok(text))
		s = (struct span){ .kind = STR("card"), .spelling = ONLY_DIGITS };
	/* Two digits are a count, not a secret. */
	if (e == OK && s.kind.ptr && text.len > 2) {
		e = ask_place(w, p, &exempt);
		if (e == OK && !exempt) {
			e = mask_whole(w, &text, p, &s);
			if (e == OK)
				*v = (struct value){ .kind = VALUE_STRING, .line = v->line,
						     .column = v->column, .string = text };
		}
	}
	buf_fini(&b);
	return e;
}

/* --- trees --- */

static enum err walk_value(const struct walk *w, struct value *v, const struct place *p);

/* A key may be a secret itself; then two of them might become one. */
static enum err check_keys(const struct value *v, struct arena *a)
{
	const struct member *members = v->object.members;
	uint32_t *order = arena_array(a, v->object.count, sizeof(*order));

	if (!order)
		return ERR_MEMORY;
	value_sort(members, v->object.count, str_cmp, order);
	for (size_t i = 1; i < v->object.count; i++)
		if (str_eq(members[order[i - 1]].key, members[order[i]].key))
			return ERR_DUPLICATE;
	return OK;
}

static enum err walk_object(const struct walk *w, struct value *v, const struct place *p)
{
	size_t before;
	bool changed = false;
	struct str beside = STR_NONE;

	if (w->manner == MASK_VALUES && !p->kind.ptr)
		beside = beside_members(w->mask, &v->object);
	for (size_t i = 0; i < v->object.count; i++) {
		struct member *m = &v->object.members[i];
		struct place key = { .up = p, .key = STR("(name)") };
		struct place below = { .up = p, .kind = p->kind, .name = p->name };

		if (w->manner == MASK_VALUES && !below.kind.ptr) {
			below.kind = name_kind(w->mask, m->key, false);
			below.name = m->key;
			if (!below.kind.ptr && beside.ptr && beside_is_value(m->key))
				below.kind = beside;
		}
		before = w->report->count;
		TRY(mask_string(w, &m->key, &key));
		changed = changed || w->report->count > before;
		below.key = m->key;
		TRY(walk_value(w, &m->value, &below));
	}
	return changed ? check_keys(v, w->report->arena) : OK;
}

static enum err walk_list(const struct walk *w, struct value *v, const struct place *p)
{
	struct str before = STR_NONE;

	for (size_t i = 0; i < v->list.count; i++) {
		struct value *item = &v->list.items[i];
		struct place at = { .up = p, .index = i, .kind = p->kind, .name = p->name };

		if (w->manner == MASK_VALUES && !at.kind.ptr) {
			at.kind = beside_item(w->mask, &v->list, i, before);
			at.login = beside_is_login(before);
		}
		before = item->kind == VALUE_STRING ? item->string : STR_NONE;
		TRY(walk_value(w, item, &at));
	}
	return OK;
}

static enum err walk_value(const struct walk *w, struct value *v, const struct place *p)
{
	switch (v->kind) {
	case VALUE_STRING:
		return mask_string(w, &v->string, p);
	case VALUE_INT:
	case VALUE_BIG:
	case VALUE_REAL:
		return mask_number(w, v, p);
	case VALUE_LIST:
		return walk_list(w, v, p);
	case VALUE_OBJECT:
		return walk_object(w, v, p);
	default:
		return OK;
	}
}

enum err mask_value(const struct mask *m, struct value *v, struct str at, enum mask_manner manner,
		    struct mask_report *r)
{
	const struct walk w = { m, r, manner };
	const struct place root = { .key = at };
	bool had_key_id = r->has_key_id;

	TRY(walk_value(&w, v, &root));
	/* The secret may stand before the name of its key. */
	if (r->has_key_id && !had_key_id)
		return walk_value(&w, v, &root);
	return OK;
}

enum err mask_text(const struct mask *m, struct str *text, struct str at, enum mask_manner manner,
		   struct mask_report *r)
{
	const struct walk w = { m, r, manner };
	const struct place root = { .key = at };

	return mask_string(&w, text, &root);
}

bool mask_looks(const struct mask *m, struct str bytes, struct str *kind)
{
	struct span s;

	if (!scan_next(m, bytes, 0, UINT32_MAX, &s))
		return false;
	*kind = s.kind;
	return true;
}
