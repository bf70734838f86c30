/*
 * cmd_policy_new: trammel policy new [--template NAME] [--out FILE]
 *
 * Templates are the policies that ship with the program. They lie beside it: in ../share/trammel
 * where it is installed, in ../../datasets where it was built.
 */
#include <unistd.h>

#include "engine/base/yaml.h"
#include "tui/given_policy.h"

#define OUT_CAP       ((size_t)16 << 20)
#define MEMORY_CAP    ((size_t)256 << 20)
#define TEMPLATES_MAX 1024

struct template {
	struct str name;             /* "support", "finance/payments" */
	struct str path;
};

struct shelf {
	const struct invocation *in;
	struct arena memory;
	struct template templates[TEMPLATES_MAX];
	size_t count;
	struct buf out;
	struct note note;
};

/* The first of the places where the templates may be that is a folder. */
static enum err find_folder(struct shelf *s, char *folder, size_t bytes)
{
	static const char *const places[] = { "../share/trammel/policies",
					      "../../datasets/policies" };
	char program[LIMIT_PATH_BYTES], here[LIMIT_PATH_BYTES];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	enum world_kind kind;
	char *slash;

	program[len > 0 ? len : 0] = '\0';
	slash = strrchr(program, '/');
	for (size_t i = 0; slash && i < sizeof(places) / sizeof(places[0]); i++) {
		*slash = '\0';
		TRY(world_join(here, sizeof(here), program, places[i]));
		TRY(world_kind(s->in->world, here, &kind));
		if (kind == WORLD_FOLDER)
			return str_to_c(str_view(here), folder, bytes);
	}
	return note_set(&s->note, ERR_NOT_FOUND, 0, 0,
			"the templates that ship with trammel are not beside this program");
}

static enum err add_template(struct shelf *s, const char *path, const char *name)
{
	struct template *t = &s->templates[s->count];

	if (s->count == TEMPLATES_MAX)
		return ERR_LIMIT;
	TRY(arena_copy(&s->memory, str_view(path), &t->path));
	TRY(arena_copy(&s->memory, str_view(name), &t->name));
	t->name.len -= sizeof(".yaml") - 1;
	s->count++;
	return OK;
}

/* The *.yaml of a folder and of the folders in it. `prefix` is "" or "folder/". */
static enum err gather(struct shelf *s, const char *folder, const char *prefix)
{
	char path[LIMIT_PATH_BYTES], name[LIMIT_PATH_BYTES];
	struct str *names;
	size_t count;

	TRY(world_list(s->in->world, folder, &s->memory, &names, &count));
	for (size_t i = 0; i < count; i++) {
		enum world_kind kind;

		TRY(world_join(path, sizeof(path), folder, names[i].ptr));
		if (snprintf(name, sizeof(name), "%s%s", prefix, names[i].ptr) >= (int)sizeof(name))
			return ERR_LIMIT;
		TRY(world_kind(s->in->world, path, &kind));
		if (kind == WORLD_FOLDER && !prefix[0]) {
			TRY(world_join(name, sizeof(name), names[i].ptr, ""));
			TRY(gather(s, path, name));
		} else if (kind == WORLD_FILE && str_ends(names[i], STR(".yaml"))) {
			TRY(add_template(s, path, name));
		}
	}
	return OK;
}

static enum err list_templates(struct shelf *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct template *t = &s->templates[i];
		struct str text, description = STR_NONE;
		struct value v;

		TRY(world_read_file(s->in->world, t->path.ptr, LIMIT_YAML_BYTES, &s->memory,
				    &text));
		if (yaml_read(text, &s->memory, &v, NULL) == OK)
			description = value_text(&v, "description");
		if (json_wanted(s->in)) {
			buf_add_byte(&s->out, '{');
			json_text(&s->out, "template", t->name);
			json_text(&s->out, "description", description);
			buf_add_c(&s->out, "}\n");
		} else {
			buf_addf(&s->out, "%-28.*s %.*s\n", STR_ARG(t->name), STR_ARG(description));
		}
	}
	return print_out(&s->out, &s->note);
}

static const struct template *find(struct shelf *s, const char *name)
{
	const char *names[TEMPLATES_MAX + 1] = { NULL };
	const char *near;

	for (size_t i = 0; i < s->count; i++) {
		struct str copy;

		if (str_is(s->templates[i].name, name))
			return &s->templates[i];
		if (arena_copy(&s->memory, s->templates[i].name, &copy) == OK)
			names[i] = copy.ptr;
	}
	near = str_nearest(str_view(name), names);
	(void)note_set(&s->note, ERR_NOT_FOUND, 0, 0, "there is no template '%s'%s%s%s", name,
		       near ? "; did you mean '" : "; policy new without --template lists them",
		       near ? near : "", near ? "'?" : "");
	return NULL;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static enum err copy_template(struct shelf *s, const struct template *t)
{
	const char *out = given(s->in, OPT_OUT) ? s->in->values[OPT_OUT] : ".";
	char path[LIMIT_PATH_BYTES];
	enum world_kind kind;
	struct str text;
	enum err e;

	TRY(world_kind(s->in->world, out, &kind));
	if (kind == WORLD_FOLDER)
		TRY(world_join(path, sizeof(path), out, last_part(t->path.ptr)));
	else
		TRY(str_to_c(str_view(out), path, sizeof(path)));
	note_file(&s->note, path);
	TRY(world_kind(s->in->world, path, &kind));
	if (kind != WORLD_NOTHING)
		return note_set(&s->note, ERR_EXISTS, 0, 0, "it exists already, and is left alone");
	TRY(world_read_file(s->in->world, t->path.ptr, LIMIT_YAML_BYTES, &s->memory, &text));
	e = world_replace_file(s->in->world, path, text);
	if (e != OK)
		return note_set(&s->note, e, 0, 0, "cannot be written: %s", err_text(e));
	if (json_wanted(s->in)) {
		buf_add_byte(&s->out, '{');
		json_text(&s->out, "template", t->name);
		json_text(&s->out, "file", str_view(path));
		buf_add_c(&s->out, "}\n");
	} else {
		buf_addf(&s->out, "%s\n", path);
	}
	return print_out(&s->out, &s->note);
}

static enum err run(struct shelf *s)
{
	char folder[LIMIT_PATH_BYTES];
	const struct template *t;

	TRY(find_folder(s, folder, sizeof(folder)));
	TRY(gather(s, folder, ""));
	if (!given(s->in, OPT_TEMPLATE))
		return list_templates(s);
	t = find(s, s->in->values[OPT_TEMPLATE]);
	return t ? copy_template(s, t) : ERR_NOT_FOUND;
}

int cmd_policy_new(const struct invocation *in)
{
	struct shelf s = { .in = in };
	enum err e;

	arena_init(&s.memory, MEMORY_CAP);
	buf_init(&s.out, OUT_CAP);
	e = run(&s);
	buf_fini(&s.out);
	arena_fini(&s.memory);
	return e == OK ? 0 : print_error(in, e, &s.note);
}
