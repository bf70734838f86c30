/* import: what all importers share, and the table of formats. */
#include "engine/base/when.h"
#include "replay/inside.h"

#define READ_BYTES (256u << 10)
#define ELEMENT_MEMORY ((size_t)1 << 30)
#define COMMIT_EVERY 4096
#define SYNTHETIC_STEP_NS INT64_C(1000000)

static const struct format {
	const char *name;
	enum err (*import)(struct importing *im);
} formats[IMPORT_FORMATS] = {
	[IMPORT_OPENAI_CHAT] = { "openai-chat", import_chat },
	[IMPORT_AGT_AUDIT] = { "agt-audit", import_agt_audit },
	[IMPORT_AGT_FILESINK] = { "agt-filesink", import_agt_filesink },
	[IMPORT_AGT_GO] = { "agt-go", import_agt_go },
	[IMPORT_AGT_RUST] = { "agt-rust", import_agt_rust },
	[IMPORT_AGT_DOTNET] = { "agt-dotnet", import_agt_dotnet },
	[IMPORT_AGT_TYPESCRIPT] = { "agt-typescript", import_agt_typescript },
	[IMPORT_AGT_FLIGHT] = { "agt-flight-recorder", import_agt_flight },
	[IMPORT_JSONL] = { "jsonl", import_jsonl },
	[IMPORT_CLOUDEVENTS] = { "cloudevents", import_cloudevents },
	[IMPORT_OTLP] = { "otlp", import_otlp },
	[IMPORT_CSV] = { "csv", import_csv },
};

bool import_format_named(struct str name, enum import_format *ret)
{
	for (unsigned i = 0; i < IMPORT_FORMATS; i++)
		if (str_is(name, formats[i].name)) {
			*ret = (enum import_format)i;
			return true;
		}
	return false;
}

const char *import_format_name(enum import_format format)
{
	return formats[format].name;
}

void import_finding(struct importing *im, const char *sentence)
{
	struct import_report *r = im->report;

	for (size_t i = 0; i < r->finding_count; i++)
		if (r->findings[i] == sentence)
			return;
	MUST(r->finding_count < IMPORT_FINDINGS);
	r->findings[r->finding_count++] = sentence;
}

static enum err drain(struct importing *im, struct json_cutter *cutter, import_element *each,
		      void *self)
{
	struct str element;
	uint32_t line;

	for (;;) {
		TRY(json_cutter_next(cutter, &element, &line, im->note));
		if (!element.ptr)
			return OK;
		arena_rewind(&im->memory, (struct arena_mark){ NULL, 0 });
		TRY(each(im, self, element, line));
	}
}

static enum err feed(struct importing *im, struct json_cutter *cutter, struct str piece,
		     import_element *each, void *self)
{
	TRY(json_cutter_feed(cutter, piece));
	return drain(im, cutter, each, self);
}

/* What the hull lets out of these bytes; its list need not start on the first line. */
static enum err feed_opened(struct importing *im, struct json_cutter *cutter,
			    struct json_hull *hull, struct str bytes, import_element *each,
			    void *self)
{
	struct str piece;

	for (;;) {
		enum err e = json_hull_next(hull, &bytes, &piece);

		if (e == ERR_LIMIT)
			return note_set(im->note, e, 1, 0, "a value of more than %zu bytes",
					hull->text.cap);
		TRY(e);
		if (!piece.ptr)
			return OK;
		if (cutter->place == CUTTER_FRESH && hull->place != HULL_NONE)
			cutter->line = hull->list_line;
		TRY(feed(im, cutter, piece, each, self));
	}
}

static enum err pump(struct importing *im, struct json_cutter *cutter, struct json_hull *hull,
		     char *bytes, import_element *each, void *self)
{
	size_t got;

	for (;;) {
		TRY(world_read(space_world(im->space), im->fd, bytes, READ_BYTES, &got));
		if (got == 0)
			break;
		if (hull)
			TRY(feed_opened(im, cutter, hull, str_slice(bytes, got), each, self));
		else
			TRY(feed(im, cutter, str_slice(bytes, got), each, self));
	}
	if (hull)
		TRY(feed(im, cutter, json_hull_end(hull), each, self));
	json_cutter_end(cutter);
	return drain(im, cutter, each, self);
}

enum err import_stream(struct importing *im, struct json_hull *hull, size_t cap_bytes,
		       import_element *each, void *self)
{
	struct json_cutter cutter;
	char *bytes = malloc(READ_BYTES);
	enum err e;

	if (!bytes)
		return ERR_MEMORY;
	json_cutter_init(&cutter, cap_bytes);
	e = pump(im, &cutter, hull, bytes, each, self);
	json_cutter_fini(&cutter);
	free(bytes);
	return e;
}

static enum err submit(struct importing *im, const struct event *e, struct verdict *ret)
{
	arena_rewind(&im->step, (struct arena_mark){ NULL, 0 });
	TRY(space_submit(im->space, e, &im->step, ret));
	if (++im->uncommitted < COMMIT_EVERY)
		return OK;
	im->uncommitted = 0;
	return space_commit(im->space, false);
}

static enum err register_agent(struct importing *im, const struct event *e)
{
	struct member origin = { .key = STR("origin"),
				 .value = value_string(
					 str_view(agent_origin_name(AGENT_IMPORTED))) };
	struct value data = { .kind = VALUE_OBJECT, .object = { &origin, 1 } };
	struct event agent = { .kind = ENTRY_AGENT,
			       .at_ns = e->at_ns,
			       .at_synthetic = e->at_synthetic,
			       .agent = e->agent,
			       .data = &data };
	struct verdict ignored;
	struct agent_row row;
	uint32_t at;

	if (!e->agent.ptr || agent_find(space_state(im->space), GATE_AGENTS, e->agent, &at, &row))
		return OK;
	im->report->agents++;
	return submit(im, &agent, &ignored);
}

static void count(struct import_report *r, const struct event *e, const struct verdict *v)
{
	r->actions += e->kind == ENTRY_ACTION;
	r->allowed += e->kind == ENTRY_ACTION && v->effect == EFFECT_ALLOW;
	r->denied += e->kind == ENTRY_ACTION && v->effect == EFFECT_DENY;
	r->outcomes += e->kind == ENTRY_OUTCOME;
	r->labels += e->kind == ENTRY_LABEL;
	r->synthetic_times += e->at_synthetic;
}

/*
 * A time that has not come yet would hold every window of a limit shut until it comes, for all
 * agents, because limits count by the latest time seen.
 */
static enum err check_time(const struct importing *im, const struct event *e)
{
	int64_t now_ns = world_now_ns(space_world(im->space));
	struct buf b;

	if (e->at_ns <= now_ns || e->at_ns - now_ns <= LIMIT_AHEAD_NS)
		return OK;
	buf_init(&b, 64);
	when_write(&b, e->at_ns);
	(void)note_set(im->note, ERR_RANGE, 0, 0,
		       "a time of the source, %.*s, is ahead of the clock; events that have "
		       "not happened are not imported",
		       STR_ARG(buf_view(&b)));
	buf_fini(&b);
	return ERR_RANGE;
}

enum err import_submit(struct importing *im, struct event *e, bool has_time,
		       struct verdict *verdict)
{
	struct verdict v;

	if (has_time)
		TRY(check_time(im, e));
	if (!has_time) {
		e->at_ns = im->clock_ns + SYNTHETIC_STEP_NS;
		e->at_synthetic = true;
	}
	im->clock_ns = e->at_ns;
	TRY(register_agent(im, e));
	TRY(submit(im, e, &v));
	count(im->report, e, &v);
	if (verdict)
		*verdict = v;
	return OK;
}

enum err import_bodies(struct importing *im, struct event *e, const struct value *args,
		       const struct value *result)
{
	buf_clear(&im->args);
	buf_clear(&im->result);
	if (args)
		canon_value(&im->args, args);
	if (result)
		canon_value(&im->result, result);
	TRY(im->args.err);
	TRY(im->result.err);
	e->args_text = args ? buf_view(&im->args) : STR_NONE;
	e->result_text = result ? buf_view(&im->result) : STR_NONE;
	return OK;
}

enum err import_run(struct space *s, int fd, const struct import_options *options,
		    struct import_report *ret, struct note *n)
{
	struct importing im = { .space = s, .options = options, .report = ret, .note = n, .fd = fd,
				.first_run = state_rows(space_state(s), GATE_SESSIONS),
				.clock_ns = gate_totals(space_state(s)).last_ns };
	uint64_t before = space_entries(s);
	enum err e;

	*ret = (struct import_report){ 0 };
	arena_init(&im.memory, ELEMENT_MEMORY);
	arena_init(&im.step, LIMIT_ACTION_MEMORY);
	buf_init(&im.args, LIMIT_BODY_BYTES);
	buf_init(&im.result, LIMIT_BODY_BYTES);
	e = formats[options->format].import(&im);
	ret->entries = space_entries(s) - before;
	if (options->format != IMPORT_OPENAI_CHAT)
		ret->runs = state_rows(space_state(s), GATE_SESSIONS) - im.first_run;
	buf_fini(&im.args);
	buf_fini(&im.result);
	arena_fini(&im.step);
	arena_fini(&im.memory);
	if (e != OK && n && n->text[0] == '\0')
		(void)note_set(n, e, 0, 0, "%s", err_text(e));
	if (e != OK)
		space_hush(s, e, n);
	return e;
}
