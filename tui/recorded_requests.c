/* recorded_requests: action entries and their bodies, put together like a document of a request. */
#include "tui/recorded_requests.h"

#include "engine/base/json.h"
#include "engine/space/space.h"

#define MEMBERS_MAX 7

struct reading {
	struct space *space;
	struct arena *memory;
	struct note *note;
	size_t most;
	struct recorded_requests found;
};

struct document {
	struct member members[MEMBERS_MAX];
	size_t count;
};

static void put(struct document *d, const char *key, struct value v)
{
	d->members[d->count].key = str_view(key);
	d->members[d->count++].value = v;
}

static void put_text(struct document *d, const char *key, struct str text)
{
	if (text.ptr)
		put(d, key, value_string(text));
}

/* The type and the further members that the action had. */
static enum err put_action(struct reading *r, const struct entry *e, struct document *d)
{
	const struct value *attrs = value_get_c(e->data, "attrs");
	size_t count = attrs && attrs->kind == VALUE_OBJECT ? attrs->object.count : 0;
	struct member *list = arena_array(r->memory, count + 1, sizeof(*list));

	if (!list)
		return ERR_MEMORY;
	list[0] = (struct member){ .key = STR("type"), .value = value_string(e->action) };
	for (size_t i = 0; i < count; i++)
		list[i + 1] = attrs->object.members[i];
	put(d, "action", (struct value){ .kind = VALUE_OBJECT, .object = { list, count + 1 } });
	return OK;
}

/* ERR_MISS: the body is gone. */
static enum err put_body(struct reading *r, const char *key, const struct digest *digest,
			 struct document *d)
{
	struct gate_bodies bodies = space_bodies(r->space);
	struct body body;
	struct value v;
	struct str text;

	if (!digest)
		return OK;
	TRY(bodies.get(bodies.self, digest, &body));
	TRY(arena_copy(r->memory, body.text, &text));
	TRY(json_read(text, 1, r->memory, &v, r->note));
	put(d, key, v);
	return OK;
}

static enum err add_request(struct reading *r, const struct entry *e)
{
	struct document d = { .count = 0 };
	struct value document = { .kind = VALUE_OBJECT };
	const struct value *stage = value_get_c(e->data, "stage");

	put_text(&d, "agent", e->agent);
	TRY(put_action(r, e, &d));
	put_text(&d, "resource", e->resource);
	put_text(&d, "session", e->session);
	if (stage)
		put(&d, "stage", *stage);
	TRY(put_body(r, "args", e->args, &d));
	TRY(put_body(r, "result", e->result, &d));
	document.object = (struct value_object){ d.members, d.count };
	TRY(question_read(&document, NULL, r->memory, &r->found.list[r->found.count], r->note));
	r->found.count++;
	return OK;
}

static enum err read_log(struct reading *r, struct log_reader *reader)
{
	while (r->found.count < r->most) {
		struct arena_mark mark = arena_mark(r->memory);
		struct str line, kept;
		struct entry e;
		enum err failed = OK;

		TRY(log_reader_next(reader, &line));
		if (!line.ptr)
			return OK;
		TRY(arena_copy(r->memory, line, &kept));
		TRY(entry_read(kept, r->memory, &e, r->note));
		if (e.kind == ENTRY_ACTION)
			failed = add_request(r, &e);
		if (failed != OK && failed != ERR_MISS)
			return failed;
		r->found.without_body += failed == ERR_MISS;
		if (e.kind != ENTRY_ACTION || failed == ERR_MISS)
			arena_rewind(r->memory, mark);
	}
	return OK;
}

enum err recorded_requests_read(const struct invocation *in, const char *path, size_t most,
				struct arena *memory, struct recorded_requests *ret, struct note *n)
{
	struct reading r = { .memory = memory, .note = n, .most = most };
	struct log_reader *reader = NULL;
	enum err e;

	r.found.list = arena_array(memory, most, sizeof(*r.found.list));
	if (!r.found.list)
		return ERR_MEMORY;
	TRY(space_open(in->world, path, SPACE_READ, &r.space, n));
	e = log_reader_open(space_world(r.space), space_log_folder(r.space), 0, UINT64_MAX,
			    &reader);
	if (e == OK)
		e = read_log(&r, reader);
	log_reader_close(reader);
	(void)space_close(r.space, NULL);
	if (e == OK)
		*ret = r.found;
	return e;
}
