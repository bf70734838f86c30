/*
 * masking: what a workspace says about masking, and the key of its tokens.
 *
 *   mask:
 *     email: true                      # mail addresses, too
 *     phone: true                      # phone numbers, too
 *     names: [iban, tax_id]            # members whose values are secrets
 *     patterns: {employee: "^EMP-[0-9]{6}$"}     # texts that are, and what they are called
 *     exempt: [args.next_key, "result.*.id"]     # places that are left alone
 *
 * It stands in trammel.yaml and not in a policy: no policy can unmask, and no what-if can have seen
 * more than the gate did.
 */
#include "engine/space/inside.h"

#define SHAPE "expected email, exempt, names, patterns or phone"

static const char *const mask_members[] = { "email", "exempt", "names", "patterns", "phone", NULL };

static enum err wrong(const struct value *v, struct str key, const char *expected, struct note *n)
{
	return note_set(n, ERR_TYPE, v->line, v->column, "'mask.%.*s' is of type %s; expected %s",
			STR_ARG(key), value_kind_name(v->kind), expected);
}

static enum err read_switch(const struct member *m, bool *ret, struct note *n)
{
	if (m->value.kind != VALUE_BOOL)
		return wrong(&m->value, m->key, "true or false", n);
	*ret = m->value.boolean;
	return OK;
}

static enum err too_many(const struct member *m, struct note *n)
{
	return note_set(n, ERR_LIMIT, m->line, m->column, "'mask.%.*s' has more than %d items",
			STR_ARG(m->key), LIMIT_MASK_ITEMS);
}

/* A list of texts that say something. */
static enum err read_texts(const struct member *m, struct arena *a, const struct str **ret,
			   size_t *count, struct note *n)
{
	const struct value *v = &m->value;
	struct str *texts;

	if (v->kind != VALUE_LIST)
		return wrong(v, m->key, "a list of strings", n);
	if (v->list.count > LIMIT_MASK_ITEMS)
		return too_many(m, n);
	texts = arena_array(a, v->list.count, sizeof(*texts));
	if (!texts)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value *item = &v->list.items[i];

		if (item->kind != VALUE_STRING || item->string.len == 0)
			return wrong(item, m->key, "strings that are not empty", n);
		texts[i] = item->string;
	}
	*ret = texts;
	*count = v->list.count;
	return OK;
}

static enum err read_pattern(const struct member *m, struct arena *a, struct mask_pattern *ret,
			     struct note *n)
{
	const struct value *v = &m->value;
	struct note why = { .text = "" };
	enum err e;

	if (!mask_kind_ok(m->key))
		return note_set(n, ERR_SYNTAX, m->line, m->column,
				"'%.*s' is no kind of secret: expected 1 to %d lower-case letters, "
				"digits and dashes, and none of trammel's own kinds",
				STR_ARG(m->key), LIMIT_MASK_KIND_BYTES);
	if (v->kind != VALUE_STRING)
		return wrong(v, m->key, "a regular expression", n);
	e = regex_compile(v->string, a, &ret->pattern, &why);
	if (e != OK)
		return note_set(n, e, v->line, v->column, "the pattern of '%.*s': %s",
				STR_ARG(m->key), why.text);
	ret->kind = m->key;
	return OK;
}

static enum err read_patterns(const struct member *m, struct arena *a, struct mask_terms *t,
			      struct note *n)
{
	const struct value *v = &m->value;
	struct mask_pattern *patterns;

	if (v->kind != VALUE_OBJECT)
		return wrong(v, m->key, "names with regular expressions", n);
	if (v->object.count > LIMIT_MASK_ITEMS)
		return too_many(m, n);
	patterns = arena_array(a, v->object.count, sizeof(*patterns));
	if (!patterns)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->object.count; i++)
		TRY(read_pattern(&v->object.members[i], a, &patterns[i], n));
	t->patterns = patterns;
	t->pattern_count = v->object.count;
	return OK;
}

static enum err read_member(const struct member *m, struct arena *a, struct mask_terms *t,
			    struct note *n)
{
	const char *near = str_nearest(m->key, mask_members);

	if (str_is(m->key, "email"))
		return read_switch(m, &t->email, n);
	if (str_is(m->key, "phone"))
		return read_switch(m, &t->phone, n);
	if (str_is(m->key, "names"))
		return read_texts(m, a, &t->names, &t->name_count, n);
	if (str_is(m->key, "exempt"))
		return read_texts(m, a, &t->exempt, &t->exempt_count, n);
	if (str_is(m->key, "patterns"))
		return read_patterns(m, a, t, n);
	return note_set(n, ERR_UNKNOWN, m->line, m->column, "'mask.%.*s' is not known here; %s%s%s",
			STR_ARG(m->key), near ? "did you mean '" : SHAPE, near ? near : "",
			near ? "'?" : "");
}

enum err space_read_mask(const struct value *v, struct arena *a, struct mask_terms *ret,
			 struct note *n)
{
	struct mask_terms terms = { .email = false };

	if (v->kind != VALUE_OBJECT)
		return note_set(n, ERR_TYPE, v->line, v->column,
				"'mask' is of type %s; " SHAPE, value_kind_name(v->kind));
	for (size_t i = 0; i < v->object.count; i++)
		TRY(read_member(&v->object.members[i], a, &terms, n));
	*ret = terms;
	return OK;
}

void space_hush(const struct space *s, enum err e, struct note *n)
{
	struct str kind;

	if (n && s->mask && mask_looks(s->mask, str_view(n->text), &kind))
		(void)note_set(n, e, n->line, n->column,
			       "%s; it holds a secret (%.*s), so nothing of it is quoted",
			       err_text(e), STR_ARG(kind));
}

static enum err read_key(struct str text, uint8_t key[MASK_KEY_BYTES], struct note *n)
{
	if (hex_read(str_trim(text), key, MASK_KEY_BYTES) == OK)
		return OK;
	return note_set(n, ERR_SYNTAX, 1, 1, "expected %d lower-case hexadecimal digits",
			2 * MASK_KEY_BYTES);
}

enum err space_open_mask(struct space *s, struct mask **ret, struct note *n)
{
	struct arena_mark mark = arena_mark(&s->memory);
	uint8_t key[MASK_KEY_BYTES];
	char path[LIMIT_PATH_BYTES];
	struct str text = STR_NONE;
	enum err e;

	TRY(world_join(path, sizeof(path), s->path, "keys/mask.key"));
	e = world_read_file(s->world, path, LIMIT_KEY_BYTES, &s->memory, &text);
	if (e == OK) {
		e = read_key(text, key, n);
		crypto_wipe_text(text);
	} else {
		(void)note_set(n, e, 0, 0, "the key that masks secrets: %s; make one of %d "
			       "random bytes in hexadecimal", err_text(e), MASK_KEY_BYTES);
	}
	arena_rewind(&s->memory, mark);
	if (e == OK)
		e = mask_open(&s->config.mask, key, ret);
	crypto_wipe(key, sizeof(key));
	if (e != OK)
		note_file(n, path);
	return e;
}
