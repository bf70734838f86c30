/* given_policy: policies and documents from the command line. */
#include "tui/given_policy.h"

#include "engine/base/json.h"
#include "engine/base/yaml.h"
#include "engine/space/space.h"

enum err given_policy_load(const struct invocation *in, const char *path, struct arena *memory,
			   struct bundle **ret, struct note *n)
{
	char folder[LIMIT_PATH_BYTES];

	if (!path && given(in, OPT_POLICY))
		path = in->values[OPT_POLICY];
	if (!path) {
		TRY(world_join(folder, sizeof(folder), dir_of(in), "policies"));
		path = folder;
	}
	return space_load_bundle(in->world, path, memory, ret, n);
}

static enum err read_stdin(struct world *w, struct arena *a, struct str *ret)
{
	char *room = arena_alloc(a, LIMIT_YAML_BYTES + 1);
	size_t held = 0, got = 1;

	if (!room)
		return ERR_MEMORY;
	while (got > 0 && held <= LIMIT_YAML_BYTES) {
		TRY(world_read(w, 0, room + held, LIMIT_YAML_BYTES + 1 - held, &got));
		held += got;
	}
	if (held > LIMIT_YAML_BYTES)
		return ERR_LIMIT;
	*ret = str_slice(room, held);
	return OK;
}

enum err given_text(const struct invocation *in, const char *file, struct arena *a, struct str *ret,
		    struct note *n)
{
	enum err e = str_is(str_view(file), "-")
			     ? read_stdin(in->world, a, ret)
			     : world_read_file(in->world, file, LIMIT_YAML_BYTES, a, ret);

	return e == OK ? OK : print_unread(n, e, file);
}

static bool is_json(struct str name, struct str text)
{
	text = str_trim(text);
	if (str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")))
		return false;
	return str_ends(name, STR(".json")) || str_starts(text, STR("{")) ||
	       str_starts(text, STR("["));
}

enum err given_document(const struct invocation *in, const char *file, struct arena *a,
			struct value *ret, struct note *n)
{
	struct str text;
	enum err e;

	TRY(given_text(in, file, a, &text, n));
	e = is_json(str_view(file), text) ? json_read(text, 1, a, ret, n)
					  : yaml_read(text, a, ret, n);
	if (e != OK)
		note_file(n, file);
	return e;
}

enum err given_question(const struct invocation *in, const char *file, struct arena *a,
			struct question *ret, struct note *n)
{
	struct value document;
	enum err e;

	TRY(given_document(in, file, a, &document, n));
	e = question_read(&document, NULL, a, ret, n);
	if (e != OK)
		note_file(n, file);
	return e;
}

static const struct obligation_name {
	unsigned bit;
	const char *name;
} obligations[] = {
	{ POLICY_LOG, "log" },
	{ POLICY_APPROVAL, "require_approval" },
	{ POLICY_TRANSFORM, "transform" },
	{ POLICY_WARN, "warn" },
};

#define OBLIGATIONS (sizeof(obligations) / sizeof(obligations[0]))

static void add_list(struct buf *b, const char *key, const struct str *items, size_t count)
{
	json_key(b, key);
	buf_add_byte(b, '[');
	for (size_t i = 0; i < count; i++) {
		buf_add_c(b, i ? "," : "");
		json_string(b, items[i]);
	}
	buf_add_byte(b, ']');
}

void given_ruling_json(struct buf *b, const struct ruling *r)
{
	struct str names[OBLIGATIONS];
	size_t count = 0;

	for (size_t i = 0; i < OBLIGATIONS; i++)
		if (r->obligations & obligations[i].bit)
			names[count++] = str_view(obligations[i].name);
	json_text(b, "effect", r->allow ? STR("allow") : STR("deny"));
	json_text(b, "rule", r->rule);
	if (r->line)
		json_number(b, "line", r->line);
	add_list(b, "obligations", names, count);
	json_text(b, "reason", r->reason);
	add_list(b, "errors", r->errors, r->error_count);
}

void given_rule_text(struct buf *b, const struct ruling *r)
{
	buf_addf(b, " by %.*s", STR_ARG(r->rule));
	if (r->line)
		buf_addf(b, ", line %u", r->line);
}

void given_ruling_text(struct buf *b, const struct ruling *r)
{
	buf_add_c(b, r->allow ? "allow" : "deny");
	for (size_t i = 0; i < OBLIGATIONS; i++)
		if (r->obligations & obligations[i].bit)
			buf_addf(b, ", %s", obligations[i].name);
	if (r->rule.ptr)
		given_rule_text(b, r);
	else
		buf_add_c(b, " by the default");
}

void given_question_json(struct buf *b, const char *key, const struct question *q)
{
	json_key(b, key);
	question_write(b, q);
}
