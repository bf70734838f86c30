/* answer_valid: controls with the recorded fields, in our words. */
#include "tests/conformance/answer_valid.h"

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "tests/conformance/dropped.h"

#define POLICY                                                                                     \
	"apiVersion: governance.toolkit/v1\nname: p\ndefault_action: allow\ntrust: {}\n"
#define CREATED "{\"origin\":\"created\",\"sponsor\":\"a@example.org\"}"
#define CAP ((size_t)1 << 16)

struct gate_of {
	struct arena *arena;
	struct gate gate;
};

static bool submit(struct gate_of *g, enum entry_kind kind, const char *verb, struct str agent,
		   const char *session, struct buf *data)
{
	struct event e = {
		.kind = kind, .at_ns = 1, .agent = agent,
		.action = verb ? str_view(verb) : STR_NONE,
		.session = session ? str_view(session) : STR_NONE,
	};
	struct value *tree = arena_alloc(g->arena, sizeof(*tree));
	struct verdict v;
	struct str own;

	MUST(tree && data->err == OK && arena_copy(g->arena, buf_view(data), &own) == OK);
	buf_fini(data);
	MUST(json_read(own, 1, g->arena, tree, NULL) == OK);
	e.data = tree;
	return gate_submit(&g->gate, &e, g->arena, &v) == OK;
}

static struct buf data_of(const char *begins)
{
	struct buf b;

	buf_init(&b, CAP);
	buf_add_c(&b, begins);
	return b;
}

/* ,"key":value */
static void put(struct buf *b, const char *key, const struct value *v)
{
	if (!v)
		return;
	buf_addf(b, ",\"%s\":", key);
	canon_value(b, v);
}

/* Theirs are parts of one, ours thousandths. What is no number stays what it is. */
static void put_score(struct buf *b, const char *key, const struct value *v)
{
	double points = v && v->kind == VALUE_REAL ? v->real * 1000
			: v && v->kind == VALUE_INT ? (double)v->integer * 1000
						    : 0.5;

	if (points == (double)(int64_t)points)
		buf_addf(b, ",\"%s\":%lld", key, (long long)points);
	else
		put(b, key, v);
}

static bool open_session(struct gate_of *g, const struct value *fields)
{
	struct buf b = data_of("{\"reason\":\"x\",\"sponsor\":\"a@example.org\"");

	put(&b, "participants", value_get_c(fields, "max_participants"));
	put(&b, "seconds", value_get_c(fields, "max_duration_seconds"));
	put_score(&b, "min_score", value_get_c(fields, "min_eff_score"));
	put(&b, "isolation", value_get_c(fields, "consistency_mode"));
	buf_add_byte(&b, '}');
	return submit(g, ENTRY_CONTROL, "session.open", STR_NONE, "s", &b);
}

static bool take_part(struct gate_of *g, const struct value *fields)
{
	const struct value *did = value_get_c(fields, "agent_did");
	const struct value *score = value_get_c(fields, "eff_score");
	struct buf b = data_of(CREATED);

	if (!score)
		score = value_get_c(fields, "sigma_raw");
	if (did->kind != VALUE_STRING || !submit(g, ENTRY_AGENT, NULL, did->string, NULL, &b))
		return false;
	b = data_of("{\"reason\":\"x\",\"sponsor\":\"a@example.org\"}");
	MUST(submit(g, ENTRY_CONTROL, "session.open", STR_NONE, "s", &b));
	b = data_of("{\"reason\":\"x\"");
	if (score) {
		put_score(&b, "score", score);
		buf_add_byte(&b, '}');
		return submit(g, ENTRY_CONTROL, "trust.set", did->string, NULL, &b);
	}
	put(&b, "ring", value_get_c(fields, "ring"));
	buf_add_byte(&b, '}');
	return submit(g, ENTRY_CONTROL, "session.join", did->string, "s", &b);
}

/* An id is a tool's name there and here, an API is what it is called with. */
static bool begin_step(struct gate_of *g, const struct value *fields)
{
	const struct value *id = value_get_c(fields, "action_id");
	const struct value *name = value_get_c(fields, "name");
	const struct value *window = value_get_c(fields, "undo_window_seconds");
	const struct value *undo = value_get_c(fields, "undo_api");
	const struct value one = value_string(STR("t"));
	struct buf b = data_of(CREATED);

	MUST(submit(g, ENTRY_AGENT, NULL, STR("a"), NULL, &b));
	b = data_of("{\"reason\":\"x\",\"saga\":\"g\",\"steps\":[{\"key\":\"k\"");
	put(&b, "action", id ? id : &one);
	put(&b, "name", name ? name : &one);
	put(&b, "resource", value_get_c(fields, "execute_api"));
	put(&b, "undo", undo ? undo : window ? &one : NULL);
	if (window) {
		buf_add_c(&b, ",\"undo_within\":\"");
		canon_value(&b, window);
		buf_add_c(&b, "s\"");
	}
	buf_add_c(&b, "}]}");
	return submit(g, ENTRY_CONTROL, "saga.begin", STR("a"), NULL, &b);
}

bool answer_valid(const struct value *given, const struct value *expect, struct arena *a)
{
	const struct policy_file file = { STR("p.yaml"), STR(POLICY) };
	const struct value *fields = value_get_c(given, "fields");
	struct str type = value_text(given, "type");
	struct gate_of g = { .arena = a };
	struct bundle *b;
	struct state *s;
	bool taken;

	MUST(gate_state_open(&s) == OK && bundle_load(&file, 1, a, &b, NULL) == OK);
	gate_init(&g.gate, s, b, STR("example.org/valid"), 0, dropped_sink());
	taken = str_is(type, "session_config") ? open_session(&g, fields)
		: str_is(type, "participant")  ? take_part(&g, fields)
					       : begin_step(&g, fields);
	gate_fini(&g.gate);
	state_close(s);
	return taken == (value_get_c(expect, "ok") != NULL);
}
