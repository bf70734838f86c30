/*
 * cmd_log_scan: trammel log scan: secrets in what was recorded, say before masking was there.
 *
 * Each entry and each body is masked in memory, and what is found is told. Nothing is changed:
 * `log redact` takes values away. Bundles are left out, which operators wrote and agents cannot.
 */
#include "engine/base/json.h"
#include "engine/space/space.h"
#include "tui/print.h"

#define OUT_CAP    ((size_t)64 << 20)
#define MEMORY_CAP ((size_t)1 << 30)
#define OUT_BYTES  (64u << 10)

struct scanning {
	const struct invocation *in;
	struct space *space;
	struct mask *mask;
	struct arena memory;         /* of one entry */
	struct buf out;
	struct note *note;
	uint64_t entries, found, gone;
};

static void add_found(struct scanning *s, uint64_t seq, const struct mask_found *f)
{
	if (json_wanted(s->in)) {
		buf_add_byte(&s->out, '{');
		json_number(&s->out, "entry", seq);
		json_text(&s->out, "at", f->at);
		json_text(&s->out, "kind", f->kind);
		buf_add_c(&s->out, "}\n");
		return;
	}
	buf_addf(&s->out, "entry %-8llu %-24.*s %.*s\n", (unsigned long long)seq,
		 STR_ARG(f->kind), STR_ARG(f->at));
}

static enum err tell(struct scanning *s, uint64_t seq, const struct mask_report *r)
{
	s->found += r->count;
	for (size_t i = 0; i < r->kept; i++)
		add_found(s, seq, &r->found[i]);
	return s->out.len < OUT_BYTES ? s->out.err : print_page(s->in, &s->out, s->note);
}

static enum err scan_names(struct scanning *s, struct entry *e, struct mask_report *r)
{
	TRY(mask_text(s->mask, &e->agent, STR("agent"), MASK_NAMES, r));
	TRY(mask_text(s->mask, &e->action, STR("action"), MASK_NAMES, r));
	TRY(mask_text(s->mask, &e->session, STR("session"), MASK_NAMES, r));
	TRY(mask_text(s->mask, &e->trace, STR("trace"), MASK_NAMES, r));
	return mask_text(s->mask, &e->resource, STR("resource"), MASK_VALUES, r);
}

/* What operators order has hashes under names of secrets, and addresses of sponsors. */
static enum err scan_data(struct scanning *s, const struct entry *e, struct mask_report *r)
{
	bool ours = e->kind == ENTRY_CONTROL || e->kind == ENTRY_AGENT || e->kind == ENTRY_NOTICE;
	struct value data;

	if (!e->data)
		return OK;
	TRY(value_copy(&s->memory, e->data, &data));
	for (size_t i = 0; i < data.object.count; i++) {
		struct member *m = &data.object.members[i];

		if (e->kind == ENTRY_ACTION && !str_is(m->key, "attrs"))
			continue;
		TRY(mask_value(s->mask, &m->value, m->key, ours ? MASK_NAMES : MASK_VALUES, r));
	}
	return OK;
}

static enum err scan_body(struct scanning *s, const char *name, const struct digest *d,
			  struct mask_report *r)
{
	struct gate_bodies bodies = space_bodies(s->space);
	struct value tree;
	struct body body;
	struct str text;
	enum err e;

	if (!d)
		return OK;
	e = bodies.get(bodies.self, d, &body);
	s->gone += e == ERR_MISS;
	if (e == ERR_MISS)
		return OK;
	TRY(e);
	TRY(arena_copy(&s->memory, body.text, &text));
	TRY(json_read(text, 1, &s->memory, &tree, s->note));
	return mask_value(s->mask, &tree, str_view(name), MASK_VALUES, r);
}

static enum err scan_line(struct scanning *s, struct str line)
{
	struct mask_report r = { .arena = &s->memory };
	struct entry e;

	TRY(entry_read(line, &s->memory, &e, s->note));
	s->entries++;
	TRY(scan_names(s, &e, &r));
	TRY(scan_data(s, &e, &r));
	if (e.kind != ENTRY_POLICY)
		TRY(scan_body(s, "args", e.args, &r));
	TRY(scan_body(s, "result", e.result, &r));
	return tell(s, e.seq, &r);
}

static enum err scan_all(struct scanning *s, struct log_reader *reader)
{
	struct str line;

	for (;;) {
		arena_rewind(&s->memory, (struct arena_mark){ NULL, 0 });
		TRY(log_reader_next(reader, &line));
		if (!line.ptr)
			return OK;
		TRY(scan_line(s, line));
	}
}

static void add_summary(struct scanning *s)
{
	if (json_wanted(s->in)) {
		buf_add_byte(&s->out, '{');
		json_number(&s->out, "entries", s->entries);
		json_number(&s->out, "found", s->found);
		json_number(&s->out, "bodies_gone", s->gone);
		buf_add_c(&s->out, "}\n");
		return;
	}
	print_counted(&s->out, s->found, "secret", "secrets");
	buf_add_c(&s->out, " in ");
	print_counted(&s->out, s->entries, "entry", "entries");
	if (s->gone > 0) {
		buf_add_c(&s->out, "; ");
		print_counted(&s->out, s->gone, "body is", "bodies are");
		buf_add_c(&s->out, " gone");
	}
	buf_add_byte(&s->out, '\n');
}

static enum err scan(struct scanning *s)
{
	struct log_reader *reader = NULL;
	enum err e;

	TRY(space_open(s->in->world, dir_of(s->in), SPACE_READ, &s->space, s->note));
	/* Without the key: nothing is written that would need one. */
	TRY(mask_open(&space_config(s->space)->mask, NULL, &s->mask));
	TRY(log_reader_open(s->in->world, space_log_folder(s->space), 0, UINT64_MAX, &reader));
	e = scan_all(s, reader);
	log_reader_close(reader);
	TRY(e);
	add_summary(s);
	return print_page(s->in, &s->out, s->note);
}

int cmd_log_scan(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct scanning s = { .in = in, .note = &n };
	enum err e;

	arena_init(&s.memory, MEMORY_CAP);
	buf_init(&s.out, OUT_CAP);
	e = scan(&s);
	mask_close(s.mask);
	buf_fini(&s.out);
	arena_fini(&s.memory);
	(void)space_close(s.space, NULL);
	if (e != OK)
		return print_error(in, e, &n);
	return s.found ? err_exit(ERR_DENIED) : 0;
}
