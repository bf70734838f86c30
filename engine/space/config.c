/* config: trammel.yaml and the keys of a workspace, read strictly. */
#include "engine/space/inside.h"

#include "engine/base/yaml.h"

#define INTERVAL_MAX 1000000

static const char *const members[] = { "format", "mask", "origin", "snapshot_interval",
					"trust_domain", NULL };

/* The bytes of a file of the workspace; the note tells why they cannot be had. */
static enum err read_file(struct space *s, const char *path, size_t cap_bytes, struct str *ret,
			  struct note *n)
{
	enum err e = world_read_file(s->world, path, cap_bytes, &s->memory, ret);

	if (e == OK)
		return OK;
	note_file(n, path);
	if (e == ERR_NOT_FOUND)
		return note_set(n, e, 0, 0, "it is not there");
	if (e == ERR_TYPE)
		return note_set(n, e, 0, 0, "this is not a file");
	return note_set(n, e, 0, 0, "this cannot be read: %s", err_text(e));
}

static enum err read_text(const struct value *v, struct str *ret, struct note *n, const char *key)
{
	if (v->kind != VALUE_STRING)
		return note_set(n, ERR_TYPE, v->line, v->column,
				"'%s' is of type %s; expected a string", key,
				value_kind_name(v->kind));
	*ret = v->string;
	return OK;
}

static enum err read_trust_domain(const struct value *v, struct str *ret, struct note *n)
{
	TRY(read_text(v, ret, n, "trust_domain"));
	if (spiffe_domain_ok(*ret))
		return OK;
	return note_set(n, ERR_SYNTAX, v->line, v->column,
			"'trust_domain' is '%.*s'; expected 1 to %d lower-case letters, digits, "
			"dots, dashes and underscores, like example.org", STR_ARG(*ret),
			SPIFFE_DOMAIN_BYTES);
}

static enum err read_member(struct space *s, struct space_config *c, const struct member *m,
			    struct str *format, struct note *n)
{
	const struct value *v = &m->value;
	const char *near = str_nearest(m->key, members);

	if (str_is(m->key, "format"))
		return read_text(v, format, n, "format");
	if (str_is(m->key, "origin"))
		return read_text(v, &c->origin, n, "origin");
	if (str_is(m->key, "mask"))
		return space_read_mask(v, &s->memory, &c->mask, n);
	if (str_is(m->key, "trust_domain"))
		return read_trust_domain(v, &c->trust_domain, n);
	if (!str_is(m->key, "snapshot_interval") && near)
		return note_set(n, ERR_UNKNOWN, m->line, m->column,
				"'%.*s' is not known here; did you mean '%s'?", STR_ARG(m->key),
				near);
	if (!str_is(m->key, "snapshot_interval"))
		return note_set(n, ERR_UNKNOWN, m->line, m->column,
				"'%.*s' is not known here; expected format, mask, origin, "
				"snapshot_interval or trust_domain", STR_ARG(m->key));
	if (v->kind != VALUE_INT || v->integer < 1 || v->integer > INTERVAL_MAX)
		return note_set(n, ERR_RANGE, v->line, v->column,
				"'snapshot_interval' is a number from 1 to %d", INTERVAL_MAX);
	c->snapshot_interval = (uint32_t)v->integer;
	return OK;
}

static enum err read_config(struct space *s, struct space_config *c, const struct value *doc,
			    struct note *n)
{
	const struct value *format_at = value_get_c(doc, "format");
	const struct value *origin_at = value_get_c(doc, "origin");
	struct str format = STR_NONE;

	if (doc->kind != VALUE_OBJECT)
		return note_set(n, ERR_TYPE, 1, 1, "expected a mapping with format and origin");
	for (size_t i = 0; i < doc->object.count; i++)
		TRY(read_member(s, c, &doc->object.members[i], &format, n));
	if (!format_at || !origin_at)
		return note_set(n, format_at ? ERR_SYNTAX : ERR_VERSION, 1, 1, "'%s' is missing",
				format_at ? "origin" : "format");
	if (!str_is(format, SPACE_FORMAT))
		return note_set(n, ERR_VERSION, format_at->line, format_at->column,
				"'format' is '%.*s'; this version reads " SPACE_FORMAT,
				STR_ARG(format));
	if (!entry_log_ok(c->origin))
		return note_set(n, ERR_SYNTAX, origin_at->line, origin_at->column,
				"'origin' is '%.*s'; " SPACE_ORIGIN_RULE, STR_ARG(c->origin));
	return OK;
}

enum err space_read_config(struct space *s, struct note *n)
{
	struct space_config c = { .snapshot_interval = SPACE_SNAPSHOT_INTERVAL };
	char path[LIMIT_PATH_BYTES];
	struct value doc;
	struct str text;
	enum err e;

	TRY(world_join(path, sizeof(path), s->path, "trammel.yaml"));
	e = read_file(s, path, LIMIT_YAML_BYTES, &text, n);
	if (e == ERR_NOT_FOUND)
		(void)note_set(n, e, 0, 0,
			       "not a workspace; make one with: trammel init %s --origin NAME",
			       s->path);
	if (e == OK)
		e = yaml_read(text, &s->memory, &doc, n);
	if (e == OK)
		e = read_config(s, &c, &doc, n);
	if (e != OK) {
		note_file(n, path);
		return e;
	}
	s->config = c;
	return OK;
}

enum err space_read_vkey(struct space *s, struct note_key *ret, struct note *n)
{
	struct note_key key;
	char path[LIMIT_PATH_BYTES];
	struct str text;
	enum err e;

	TRY(world_join(path, sizeof(path), s->path, "keys/log.vkey"));
	TRY(read_file(s, path, LIMIT_NOTE_BYTES, &text, n));
	e = note_key_read(str_trim(text), &key);
	if (e == OK && (key.cosigner || !str_eq(key.name, s->config.origin)))
		e = ERR_RANGE;
	if (e != OK) {
		note_file(n, path);
		return note_set(n, e, 0, 0,
				"expected the verifier key of '%.*s', name+id+base64: %s",
				STR_ARG(s->config.origin), err_text(e));
	}
	key.name = s->config.origin;
	*ret = key;
	return OK;
}

enum err space_read_key(struct space *s, const char *name, struct sign_key **ret, struct note *n)
{
	struct arena_mark mark = arena_mark(&s->memory);
	char path[LIMIT_PATH_BYTES];
	struct str text;
	enum err e;

	TRY(world_join(path, sizeof(path), s->path, name));
	e = read_file(s, path, LIMIT_KEY_BYTES, &text, n);
	if (e == OK)
		e = pem_take_private(text, ret, n);
	arena_rewind(&s->memory, mark);
	if (e != OK) {
		if (n && n->text[0] == '\0')
			(void)note_set(n, e, 0, 0, "the key that signs checkpoints: %s",
				       err_text(e));
		note_file(n, path);
	}
	return e;
}
