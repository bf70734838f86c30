/*
 * import_chat: runs in the shape of OpenAI chat completions.
 *
 * A source is a JSON list of runs, JSONL of runs, or one run. A run is {"messages": [...]} or
 * {"traj": [...]} (with labels beside it), a bare list of messages, or, when the elements
 * themselves have a role, the whole stream. Each tool call of an assistant message is an action;
 * each tool message is the outcome of the call it names. Arguments come as JSON text inside a
 * string; where that text is not JSON it is kept as a string. What the run says about itself
 * (reward, task, trial) becomes a label.
 */
#include "replay/inside.h"

#include "engine/base/when.h"

struct run {
	struct importing *im;
	struct str agent, session;
	char session_text[LIMIT_NAME_BYTES];
	struct map calls;                     /* tool_call_id -> index into seqs */
	uint64_t *seqs;
	uint32_t call_count, call_room;
	bool has_last;
	uint64_t last_seq; /* for the older function_call form, which has no ids */
};

struct chat {
	struct run open;                      /* a stream of bare messages is one run */
	bool is_open;
	struct arena ids;
};

static const char *const labels[] = { "id", "reward", "task_id", "trial", NULL };

static void run_init(struct run *r, struct importing *im)
{
	*r = (struct run){ .im = im };
	map_init(&r->calls, 0);
	(void)snprintf(r->session_text, sizeof(r->session_text), "run-%06llu",
		       (unsigned long long)(im->first_run + im->report->runs));
	r->session = str_view(r->session_text);
	r->agent = im->options->agent.ptr ? im->options->agent : STR("agent");
	im->report->runs++;
}

static void run_fini(struct run *r)
{
	map_fini(&r->calls);
	free(r->seqs);
}

static enum err expected(struct run *r, const struct value *v, const char *what)
{
	return note_set(r->im->note, ERR_TYPE, v->line, v->column, "found %s; expected %s",
			value_kind_name(v->kind), what);
}

/* A message's own time, when it has one: "timestamp" as RFC 3339 or "created" in Unix seconds. */
static bool message_time(const struct value *message, int64_t *ret)
{
	const struct value *created = value_get_c(message, "created");
	struct str text = value_text(message, "timestamp");

	if (text.ptr && when_read(text, ret) == OK)
		return true;
	if (!created || created->kind != VALUE_INT || created->integer < 0 ||
	    created->integer > INT64_MAX / WHEN_SECOND_NS)
		return false;
	*ret = created->integer * WHEN_SECOND_NS;
	return true;
}

/* Remember which entry a call became. An id that comes back names the newer call. */
static enum err remember(struct run *r, struct str id, uint64_t seq)
{
	uint32_t at;

	r->has_last = true;
	r->last_seq = seq;
	if (!id.ptr)
		return OK;
	if (map_get(&r->calls, id, &at)) {
		r->seqs[at] = seq;
		return OK;
	}
	if (r->call_count == r->call_room) {
		uint32_t room = r->call_room ? r->call_room * 2 : 64;
		uint64_t *grown = realloc(r->seqs, room * sizeof(*grown));

		if (!grown)
			return ERR_MEMORY;
		r->seqs = grown;
		r->call_room = room;
	}
	TRY(map_put(&r->calls, id, r->call_count));
	r->seqs[r->call_count++] = seq;
	return OK;
}

/* The arguments as a tree: JSON text inside a string, or already an object. */
static enum err read_arguments(struct run *r, const struct value *given, const struct value **ret)
{
	struct value *tree;
	enum err e;

	*ret = given;
	if (!given || given->kind != VALUE_STRING)
		return OK;
	tree = arena_alloc(&r->im->memory, sizeof(*tree));
	if (!tree)
		return ERR_MEMORY;
	e = json_read(given->string, given->line, &r->im->memory, tree, NULL);
	if (e == ERR_MEMORY)
		return e;
	if (e == OK)
		*ret = tree;
	r->im->report->unparsed += e != OK;
	return OK;
}

/* {"name", "arguments"}: one action. */
static enum err import_call(struct run *r, const struct value *message,
			    const struct value *function, struct str id)
{
	const struct value *name = value_get_c(function, "name"), *args;
	struct event e = { .kind = ENTRY_ACTION, .agent = r->agent, .session = r->session };
	bool has_time = message_time(message, &e.at_ns);
	struct verdict v;

	if (!name)
		return expected(r, function, "a call with a name");
	if (name->kind != VALUE_STRING || !agent_name_ok(name->string))
		return note_set(
			r->im->note, ERR_RANGE, name->line, name->column,
			"a tool's name is a string of 1 to %d bytes without control characters",
			LIMIT_NAME_BYTES);
	e.action = name->string;
	TRY(read_arguments(r, value_get_c(function, "arguments"), &args));
	TRY(import_bodies(r->im, &e, args, NULL));
	TRY(import_submit(r->im, &e, has_time, &v));
	return remember(r, id, v.entry);
}

static enum err import_calls(struct run *r, const struct value *message)
{
	const struct value *calls = value_get_c(message, "tool_calls");
	const struct value *function = value_get_c(message, "function_call");

	if (function && function->kind != VALUE_NULL)
		TRY(import_call(r, message, function, STR_NONE));
	if (!calls || calls->kind == VALUE_NULL)
		return OK;
	if (calls->kind != VALUE_LIST)
		return expected(r, calls, "a list of tool calls");
	for (size_t i = 0; i < calls->list.count; i++) {
		const struct value *call = &calls->list.items[i],
				   *called = value_get_c(call, "function");

		if (!called)
			return expected(
				r, call,
				"a tool call {\"id\", \"function\": {\"name\", \"arguments\"}}");
		TRY(import_call(r, message, called, value_text(call, "id")));
	}
	return OK;
}

/*
 * A tool's answer belongs to the call it names; one that names none that was seen cannot be
 * linked and is counted.
 */
static enum err import_result(struct run *r, const struct value *message, struct str role)
{
	struct entry_link link = { .rel = STR("outcome_of"), .seq = r->last_seq };
	struct event e = {
		.kind = ENTRY_OUTCOME, .session = r->session, .links = &link, .link_count = 1
	};
	bool has_time = message_time(message, &e.at_ns),
	     found = str_is(role, "function") && r->has_last;
	struct str id = value_text(message, "tool_call_id");
	uint32_t at;

	if (id.ptr && map_get(&r->calls, id, &at)) {
		link.seq = r->seqs[at];
		found = true;
	}
	if (!found) {
		r->im->report->unlinked++;
		return OK;
	}
	TRY(import_bodies(r->im, &e, NULL, value_get_c(message, "content")));
	return import_submit(r->im, &e, has_time, NULL);
}

static enum err import_message(struct run *r, const struct value *message)
{
	struct str role = value_text(message, "role");

	if (!role.ptr)
		return expected(r, message, "a message with a role");
	if (str_is(role, "assistant"))
		return import_calls(r, message);
	if (str_is(role, "tool") || str_is(role, "function"))
		return import_result(r, message, role);
	return OK;
}

static enum err import_messages(struct run *r, const struct value *messages)
{
	if (messages->kind != VALUE_LIST)
		return expected(r, messages, "a list of messages");
	for (size_t i = 0; i < messages->list.count; i++)
		TRY(import_message(r, &messages->list.items[i]));
	return OK;
}

static enum err import_labels(struct run *r, const struct value *run)
{
	struct member members[sizeof(labels) / sizeof(labels[0])];
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 0 } };
	struct event e = { .kind = ENTRY_LABEL, .session = r->session, .data = &data };

	for (const char *const *key = labels; *key; key++) {
		const struct value *v = value_get_c(run, *key);

		if (v && v->kind != VALUE_LIST && v->kind != VALUE_OBJECT)
			members[data.object.count++] = (struct member){ .key = str_view(*key),
									.value = *v };
	}
	return data.object.count ? import_submit(r->im, &e, false, NULL) : OK;
}

static enum err import_run_value(struct run *r, const struct value *run)
{
	const struct value *messages = value_get_c(run, "messages");
	struct str agent = value_text(run, "agent");

	if (run->kind == VALUE_LIST)
		return import_messages(r, run);
	if (!messages)
		messages = value_get_c(run, "traj");
	if (!messages)
		return expected(
			r, run,
			"a run: {\"messages\": [...]}, {\"traj\": [...]} or a list of messages");
	if (!r->im->options->agent.ptr && agent.ptr)
		r->agent = agent;
	TRY(import_messages(r, messages));
	return import_labels(r, run);
}

/* Ids of a stream of bare messages must outlive each element. */
static enum err import_bare(struct importing *im, struct chat *chat, struct value *message)
{
	struct value copy;

	if (!chat->is_open) {
		run_init(&chat->open, im);
		chat->is_open = true;
	}
	TRY(value_copy(&chat->ids, message, &copy));
	return import_message(&chat->open, &copy);
}

static enum err import_element_of_chat(struct importing *im, void *self, struct str text,
				       uint32_t line)
{
	struct chat *chat = self;
	struct value run;
	struct run r;
	enum err e;

	TRY(json_read(text, line, &im->memory, &run, im->note));
	if (value_text(&run, "role").ptr)
		return import_bare(im, chat, &run);
	run_init(&r, im);
	e = import_run_value(&r, &run);
	run_fini(&r);
	return e;
}

enum err import_chat(struct importing *im)
{
	struct chat chat = { .is_open = false };
	enum err e;

	arena_init(&chat.ids, (size_t)LIMIT_LINE_BYTES * 4);
	e = import_stream(im, NULL, LIMIT_LINE_BYTES, import_element_of_chat, &chat);
	if (chat.is_open)
		run_fini(&chat.open);
	arena_fini(&chat.ids);
	if (e == OK && im->report->runs == 0)
		e = note_set(im->note, ERR_TRUNCATED, 1, 1,
			     "no run here; expected a JSON list of runs, JSONL, or one run");
	return e;
}
