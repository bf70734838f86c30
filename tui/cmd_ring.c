/* cmd_ring: trammel ring NAME, trammel elevate NAME, trammel lower NAME */
#include "engine/base/when.h"
#include "engine/space/space.h"
#include "tui/answer.h"
#include "tui/known_agent.h"
#include "tui/operator.h"
#include "tui/print.h"

/* --- ring --- */

/* Where an agent stands now. */
struct place {
	bool rings, registered, lifted;
	unsigned own, lowered, now;           /* lowered: by its score, RING_MOST when not */
	struct elevation_row elevation;
};

/* The ring that its score puts it into. */
static unsigned find_lowered(const struct state *state, const struct bundle *b, struct str agent,
			     int64_t now_ns)
{
	const struct chain_question q = { state, b, now_ns, STR_NONE };

	if (!bundle_demotion(b) || !bundle_trust(b))
		return RING_MOST;
	return demotion_ring(demotion_next(bundle_demotion(b),
					   demotion_latches(state, GATE_DEMOTIONS, agent),
					   chain_score(&q, agent)));
}

static struct place find_place(const struct state *state, const struct bundle *b,
			       struct str agent, int64_t now_ns)
{
	struct place p = { .rings = bundle_has_rings(b) };
	struct agent_row row;
	uint32_t at;

	p.registered = agent_find(state, GATE_AGENTS, agent, &at, &row);
	if (!p.rings)
		return p;
	p.own = p.now = bundle_agent_ring(b, agent, p.registered);
	p.lifted = p.registered && bundle_sponsor(b) &&
		   elevation_find(state, GATE_ELEVATIONS, agent, bundle_sponsor(b), now_ns,
				  &p.elevation) &&
		   p.elevation.ring < p.own;
	if (p.lifted)
		p.now = p.elevation.ring;
	p.lowered = find_lowered(state, b, agent, now_ns);
	if (p.lowered > p.now)
		p.now = p.lowered;
	return p;
}

static void say_place(const struct invocation *in, const struct place *p, struct buf *b)
{
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "agent", str_view(in->args[0]));
		json_bool(b, "registered", p->registered);
		json_number(b, "ring", p->now);
		json_number(b, "own", p->own);
		json_bool(b, "demoted", p->lowered > p->own && p->lowered == p->now);
		if (p->lifted)
			json_time(b, "until", p->elevation.until_ns);
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "agent %s%s is in ring %u", in->args[0],
		 p->registered ? "" : ", which is not registered,", p->now);
	if (p->lowered > p->own && p->lowered == p->now) {
		buf_addf(b, ", lowered from ring %u by its score", p->own);
	} else if (p->lifted) {
		buf_addf(b, ", lifted from ring %u until ", p->own);
		when_write(b, p->elevation.until_ns);
	}
	buf_add_byte(b, '\n');
}

/* By the policies that lie there, which may be newer than those that decided last. */
static enum err look_up(const struct invocation *in, struct space *s, struct place *ret,
			struct note *n)
{
	char folder[LIMIT_PATH_BYTES];
	struct bundle *bundle;
	struct state *state;
	struct arena memory;
	enum err e;

	TRY(world_join(folder, sizeof(folder), space_path(s), "policies"));
	TRY(known_state(s, &state, n));
	arena_init(&memory, LIMIT_BUNDLE_MEMORY);
	e = space_load_bundle(in->world, folder, &memory, &bundle, n);
	if (e == OK)
		*ret = find_place(state, bundle, str_view(in->args[0]), world_now_ns(in->world));
	arena_fini(&memory);
	state_close(state);
	if (e == OK && !ret->rings)
		e = note_set(n, ERR_NOT_FOUND, 0, 0, "no policy of this workspace has 'rings'");
	return e;
}

static enum err show(const struct invocation *in, struct space *s, struct buf *b, struct note *n)
{
	struct place p = { .rings = false };

	TRY(look_up(in, s, &p, n));
	say_place(in, &p, b);
	return b->err;
}

int cmd_ring(const struct invocation *in)
{
	return answer(in, show);
}

/* --- elevate --- */

/* What the options say, and the data of the control made of it. */
struct lift {
	unsigned ring;
	int64_t until_ns;
	struct sign_key *key;
	struct buf did, attestation;
	struct member members[5];
	struct value data;
};

static enum err read_key(const struct invocation *in, struct sign_key **ret, struct note *n)
{
	const char *path = in->values[OPT_SPONSOR_KEY];
	struct str text = STR_NONE;
	struct arena a;
	enum err e;

	arena_init(&a, 2 * LIMIT_KEY_BYTES);
	e = world_read_file(in->world, path, LIMIT_KEY_BYTES, &a, &text);
	e = e == OK ? pem_take_private(text, ret, n) : print_unread(n, e, path);
	if (e != OK)
		note_file(n, path);
	arena_fini(&a);
	return e;
}

static enum err read_options(const struct invocation *in, struct lift *l, struct note *n)
{
	uint64_t ring;

	if (!given(in, OPT_RING) || !given(in, OPT_UNTIL) || !given(in, OPT_SPONSOR_KEY))
		return note_set(n, ERR_USAGE, 0, 0,
				"expected --ring N, --until TIME and --sponsor-key FILE");
	if (str_to_u64(str_view(in->values[OPT_RING]), &ring) != OK || ring > RING_LEAST)
		return note_set(n, ERR_USAGE, 0, 0, "--ring is '%s'; expected 1 or 2",
				in->values[OPT_RING]);
	if (when_read(str_view(in->values[OPT_UNTIL]), &l->until_ns) != OK)
		return note_set(n, ERR_USAGE, 0, 0,
				"--until is '%s'; expected an RFC 3339 time like "
				"2026-01-02T03:04:05Z", in->values[OPT_UNTIL]);
	l->ring = (unsigned)ring;
	return read_key(in, &l->key, n);
}

static void put(struct lift *l, size_t *count, const char *key, struct value v)
{
	l->members[(*count)++] = (struct member){ .key = str_view(key), .value = v };
}

/* {"attestation", "reason", "ring", "sponsor", "until"} */
static enum err make_data(const struct invocation *in, struct str log, struct lift *l)
{
	struct public_key sponsor = sign_key_public(l->key);
	struct signature sig;
	struct buf text;
	size_t count = 0;

	buf_init(&text, LIMIT_ACTION_BYTES);
	elevation_text(&text, log, str_view(in->args[0]), l->ring, l->until_ns);
	sig = sign_make(l->key, buf_view(&text));
	base64_write(&l->attestation, sig.bytes, sizeof(sig.bytes));
	did_write(&l->did, &sponsor);
	put(l, &count, "attestation", value_string(buf_view(&l->attestation)));
	put(l, &count, "reason", value_string(operator_reason(in)));
	put(l, &count, "ring", value_int(l->ring));
	put(l, &count, "sponsor", value_string(buf_view(&l->did)));
	put(l, &count, "until", value_string(str_view(in->values[OPT_UNTIL])));
	l->data = (struct value){ .kind = VALUE_OBJECT, .object = { l->members, count } };
	buf_fini(&text);
	return text.err != OK ? text.err : l->did.err != OK ? l->did.err : l->attestation.err;
}

static enum err another_key(const struct invocation *in, const struct public_key *named,
			    struct note *n)
{
	struct buf did;

	buf_init(&did, DID_BYTES);
	did_write(&did, named);
	(void)note_set(n, ERR_UNKNOWN, 0, 0, "this is not the key of the sponsor that the policy "
		       "names under 'rings', which is %.*s", STR_ARG(buf_view(&did)));
	note_file(n, in->values[OPT_SPONSOR_KEY]);
	buf_fini(&did);
	return ERR_UNKNOWN;
}

/* Whose word does not count is told so here: the log would keep what lifts nobody. */
static enum err check_sponsor(const struct invocation *in, struct space *s, const struct lift *l,
			      struct note *n)
{
	const struct public_key *named = bundle_sponsor(space_bundle(s));
	struct public_key own = sign_key_public(l->key);

	if (!named)
		return note_set(n, ERR_NOT_FOUND, 0, 0,
				"no policy of this workspace names a sponsor under 'rings'");
	return crypto_equal(named->bytes, own.bytes, sizeof(own.bytes)) ? OK
									: another_key(in, named, n);
}

static enum err submit(const struct invocation *in, struct lift *l, struct note *n)
{
	struct space *s;
	enum err e;

	TRY(operator_open(in, &s, n));
	e = check_sponsor(in, s, l, n);
	if (e == OK)
		e = make_data(in, space_config(s)->origin, l);
	if (e == OK)
		e = space_control(s, STR("elevate"), str_view(in->args[0]), STR_NONE, &l->data,
				  world_now_ns(in->world), n);
	return space_finish(s, e, n);
}

static void say_lifted(const struct invocation *in, const struct lift *l, struct buf *b)
{
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "control", STR("elevate"));
		json_text(b, "agent", str_view(in->args[0]));
		json_number(b, "ring", l->ring);
		json_time(b, "until", l->until_ns);
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "elevate: %s to ring %u\n", in->args[0], l->ring);
}

int cmd_elevate(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct lift l = { .key = NULL };
	struct buf b;
	enum err e;

	buf_init(&l.did, 256);
	buf_init(&l.attestation, 256);
	buf_init(&b, 1u << 16);
	e = read_options(in, &l, &n);
	if (e == OK)
		e = submit(in, &l, &n);
	if (e == OK) {
		say_lifted(in, &l, &b);
		e = print_out(&b, &n);
	}
	sign_key_close(l.key);
	buf_fini(&l.did);
	buf_fini(&l.attestation);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, &n);
}
