/*
 * cmd_policy_new: trammel policy new [--template NAME] [--out DIR]
 *
 * A template is a folder: policies, the cases that test them, a page about them. Templates lie
 * beside the program: in ../share/trammel where it is installed, in ../../datasets where it was
 * built.
 */
#include <unistd.h>

#include "tui/given_policy.h"

#define OUT_CAP    ((size_t)16 << 20)
#define MEMORY_CAP ((size_t)256 << 20)
#define DEPTH_MAX  8
#define NAMES_MAX  1024

struct shelf {
	const struct invocation *in;
	struct arena memory;
	char folder[LIMIT_PATH_BYTES];
	struct str *names;           /* of the templates */
	size_t count;
	struct buf out;
	struct note note;
};

/* The first of the places where the templates may be that is a folder. */
static enum err find_folder(struct shelf *s)
{
	static const char *const places[] = { "../share/trammel/policies/templates",
					      "../../datasets/policies/templates" };
	char program[LIMIT_PATH_BYTES];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	enum world_kind kind;
	char *slash;

	program[len > 0 ? len : 0] = '\0';
	slash = strrchr(program, '/');
	for (size_t i = 0; slash && i < sizeof(places) / sizeof(places[0]); i++) {
		*slash = '\0';
		TRY(world_join(s->folder, sizeof(s->folder), program, places[i]));
		TRY(world_kind(s->in->world, s->folder, &kind));
		if (kind == WORLD_FOLDER)
			return OK;
	}
	return note_set(&s->note, ERR_NOT_FOUND, 0, 0,
			"the templates that ship with trammel are not beside this program; run "
			"the one that was built or installed, not a copy of it");
}

/* What the page of a template says first, below its title. */
static enum err summary_of(struct shelf *s, const char *name, struct str *ret)
{
	char folder[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES];
	struct str rest, line;

	*ret = STR("");
	TRY(world_join(folder, sizeof(folder), s->folder, name));
	TRY(world_join(path, sizeof(path), folder, "README.md"));
	if (world_read_file(s->in->world, path, LIMIT_YAML_BYTES, &s->memory, &rest) != OK)
		return OK;
	while (str_cut(rest, '\n', &line, &rest)) {
		*ret = str_trim(line);
		if (ret->len > 0 && ret->ptr[0] != '#')
			return OK;
	}
	*ret = STR("");
	return OK;
}

static enum err list_templates(struct shelf *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct str summary;

		TRY(summary_of(s, s->names[i].ptr, &summary));
		if (json_wanted(s->in)) {
			buf_add_byte(&s->out, '{');
			json_text(&s->out, "template", s->names[i]);
			json_text(&s->out, "summary", summary);
			buf_add_c(&s->out, "}\n");
		} else {
			buf_addf(&s->out, "%-20.*s %.*s\n", STR_ARG(s->names[i]), STR_ARG(summary));
		}
	}
	return print_out(&s->out, &s->note);
}

static enum err check_name(struct shelf *s, const char *name)
{
	const char *names[NAMES_MAX + 1] = { NULL }, *near;

	for (size_t i = 0; i < s->count && i < NAMES_MAX; i++) {
		if (str_is(s->names[i], name))
			return OK;
		names[i] = s->names[i].ptr;
	}
	near = str_nearest(str_view(name), names);
	return note_set(&s->note, ERR_NOT_FOUND, 0, 0, "there is no template '%s'%s%s%s", name,
			near ? "; did you mean '" : "; policy new without --template lists them",
			near ? near : "", near ? "'?" : "");
}

static enum err copy_tree(struct shelf *s, const char *from, const char *to, int depth);

/* A file or a folder. */
static enum err copy_one(struct shelf *s, const char *from, const char *to, int depth)
{
	struct arena_mark mark = arena_mark(&s->memory);
	enum world_kind kind;
	struct str text;

	TRY(world_kind(s->in->world, from, &kind));
	if (kind == WORLD_FOLDER)
		return copy_tree(s, from, to, depth + 1);
	TRY(world_read_file(s->in->world, from, LIMIT_YAML_BYTES, &s->memory, &text));
	TRY(world_replace_file(s->in->world, to, text));
	arena_rewind(&s->memory, mark);
	return OK;
}

static enum err copy_tree(struct shelf *s, const char *from, const char *to, int depth)
{
	char source[LIMIT_PATH_BYTES], target[LIMIT_PATH_BYTES];
	struct str *names;
	size_t count;

	if (depth > DEPTH_MAX)
		return ERR_LIMIT;
	TRY(world_mkdir(s->in->world, to));
	TRY(world_list(s->in->world, from, &s->memory, &names, &count));
	for (size_t i = 0; i < count; i++) {
		TRY(world_join(source, sizeof(source), from, names[i].ptr));
		TRY(world_join(target, sizeof(target), to, names[i].ptr));
		TRY(copy_one(s, source, target, depth));
	}
	return OK;
}

static enum err copy_template(struct shelf *s, const char *name)
{
	const char *out = given(s->in, OPT_OUT) ? s->in->values[OPT_OUT] : name;
	char from[LIMIT_PATH_BYTES];
	enum err e;

	TRY(check_name(s, name));
	TRY(world_join(from, sizeof(from), s->folder, name));
	e = copy_tree(s, from, out, 0);
	if (e != OK) {
		note_file(&s->note, out);
		return note_set(&s->note, e, 0, 0, "%s",
				e == ERR_EXISTS ? "it exists already, and is left alone"
						: err_text(e));
	}
	if (json_wanted(s->in)) {
		buf_add_byte(&s->out, '{');
		json_text(&s->out, "template", str_view(name));
		json_text(&s->out, "folder", str_view(out));
		buf_add_c(&s->out, "}\n");
	} else {
		buf_addf(&s->out, "%s: read README.md, then\n", out);
		buf_addf(&s->out, "  trammel policy test %s/fixtures --policy %s/policies\n", out,
			 out);
	}
	return print_out(&s->out, &s->note);
}

static enum err run(struct shelf *s)
{
	TRY(find_folder(s));
	TRY(world_list(s->in->world, s->folder, &s->memory, &s->names, &s->count));
	return given(s->in, OPT_TEMPLATE) ? copy_template(s, s->in->values[OPT_TEMPLATE])
					  : list_templates(s);
}

int cmd_policy_new(const struct invocation *in)
{
	struct shelf s = { .in = in };
	enum err e;

	if (in->arg_count > 0)
		return print_error(in,
				   note_set(&s.note, ERR_USAGE, 0, 0,
					    "found '%s'; expected --template %s", in->args[0],
					    in->args[0]),
				   &s.note);
	arena_init(&s.memory, MEMORY_CAP);
	buf_init(&s.out, OUT_CAP);
	e = run(&s);
	buf_fini(&s.out);
	arena_fini(&s.memory);
	return e == OK ? 0 : print_error(in, e, &s.note);
}
