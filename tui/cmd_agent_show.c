/*
 * cmd_agent_show: trammel agent show NAME: who an agent is, and the keys it had.
 *
 * The row has what the gate needs. The sponsor and the keys before the newest are in the entries
 * that brought them, which the row names the first and the last of; between them the log is
 * searched, and what is found is believed as every recorded line is.
 */
#include "engine/base/when.h"
#include "tui/agent_grants.h"
#include "tui/known_agent.h"
#include "tui/print.h"
#include "tui/recorded.h"

#define OUT_CAP    ((size_t)64 << 20)
#define MEMORY_CAP ((size_t)256 << 20)

struct key_row {
	uint64_t entry;
	int64_t since_ns;
	struct public_key key;
};

struct portrait {
	struct space *space;
	struct state *state;
	int64_t now_ns;
	struct str name;
	struct agent_row row;
	struct str sponsor;                   /* ptr NULL: none */
	struct key_row *keys;                 /* the oldest first */
	size_t key_count;
	struct buf did, mesh, id, thumbprint, spiffe;
	struct arena memory;
	struct note *note;
};

/* --- what the log knows --- */

/* The DID that entry gives the agent; ptr NULL when it gives none. */
static struct str did_given(const struct portrait *p, const struct entry *e)
{
	if (!e->agent.ptr || !str_eq(e->agent, p->name))
		return STR_NONE;
	if (e->kind == ENTRY_AGENT)
		return value_text(e->data, "did");
	if (e->kind == ENTRY_CONTROL && str_is(e->action, "agent.rotate"))
		return value_text(e->data, "new_did");
	return STR_NONE;
}

/* Entry `seq`, proved where it is signed: the registration, or one that brought a key. */
static enum err take_entry(struct portrait *p, uint64_t seq)
{
	struct key_row *key = &p->keys[p->key_count];
	struct str line, did;
	struct entry e;

	TRY(recorded_line(p->space, seq, &p->memory, &line, p->note));
	TRY(entry_read(line, &p->memory, &e, p->note));
	did = did_given(p, &e);
	if (e.kind == ENTRY_AGENT)
		p->sponsor = value_text(e.data, "sponsor");
	if (!did.ptr)
		return OK;
	TRY(did_read(did, &key->key));
	key->entry = seq;
	key->since_ns = e.time_ns;
	p->key_count++;
	return OK;
}

/* Of the lines in between, those that look like a rotation. */
static enum err search(struct portrait *p, struct log_reader *reader)
{
	struct str line;

	while (p->key_count < p->row.key_sequence) {
		uint64_t seq = log_reader_index(reader);

		TRY(log_reader_next(reader, &line));
		if (!line.ptr)
			break;
		if (str_has(line, STR("\"agent.rotate\"")))
			TRY(take_entry(p, seq));
	}
	return OK;
}

static enum err gather_keys(struct portrait *p)
{
	const struct agent_row *row = &p->row;
	struct log_reader *reader = NULL;
	enum err e;

	p->keys = row->key_sequence < LIMIT_LINE_BYTES
			  ? arena_array(&p->memory, row->key_sequence + 2, sizeof(*p->keys))
			  : NULL;
	if (!p->keys)
		return ERR_MEMORY;
	TRY(take_entry(p, row->registered_entry));
	if (row->key_entry == row->registered_entry)
		return OK;
	e = log_reader_open(space_world(p->space), space_log_folder(p->space),
			    row->registered_entry + 1, row->key_entry, &reader);
	if (e == OK)
		e = search(p, reader);
	log_reader_close(reader);
	TRY(e);
	return take_entry(p, row->key_entry);
}

/* --- what is revoked --- */

/* NULL: the agent is not revoked for a while. */
static const struct revocation_row *revoked_now(const struct portrait *p,
						struct revocation_row *row)
{
	return revocation_holds(p->state, GATE_REVOCATIONS, REVOKED_AGENT, p->name, p->now_ns, row)
		       ? row : NULL;
}

static const struct revocation_row *key_revoked(const struct portrait *p, size_t i,
						struct revocation_row *row)
{
	return revocation_holds_key(p->state, GATE_REVOCATIONS, &p->keys[i].key, p->now_ns, row)
		       ? row : NULL;
}

/* What `show` tells behind a status or a key. */
static void add_revoked(struct buf *b, const struct revocation_row *row)
{
	if (!row)
		return;
	buf_add_c(b, row->until_ns ? ", revoked until " : ", revoked for good");
	if (row->until_ns)
		when_write(b, row->until_ns);
}

/* What stops the agent now, as kills and quarantines go. */
static const struct halt_row *halt_now(const struct portrait *p, struct halt_row *row)
{
	return halt_stops(p->state, GATE_HALTS, p->name, STR_NONE, p->now_ns, row) ? row : NULL;
}

static void add_halt(struct buf *b, const struct halt_row *row)
{
	buf_addf(b, "%s%s", row->scope == HALT_ALL ? "with everything " : "",
		 halt_kind_name((enum halt_kind)row->kind));
	if (row->until_ns) {
		buf_add_c(b, " until ");
		when_write(b, row->until_ns);
	} else if (row->fence) {
		buf_addf(b, " by entry %llu", (unsigned long long)row->fence);
	}
}

/* {"kind":"killed","scope":"agent","until":...}, or null. */
static void add_halt_json(struct buf *b, const struct halt_row *row)
{
	json_key(b, "stopped");
	if (!row) {
		buf_add_c(b, "null");
		return;
	}
	buf_add_byte(b, '{');
	json_text(b, "kind", str_view(halt_kind_name((enum halt_kind)row->kind)));
	json_text(b, "scope", str_view(halt_scope_name((enum halt_scope)row->scope)));
	if (row->until_ns)
		json_time(b, "until", row->until_ns);
	buf_add_byte(b, '}');
}

/* {"until":...,"entry":N}, or null. */
static void add_revoked_json(struct buf *b, const struct revocation_row *row)
{
	json_key(b, "revoked");
	if (!row) {
		buf_add_c(b, "null");
		return;
	}
	buf_add_byte(b, '{');
	if (row->until_ns)
		json_time(b, "until", row->until_ns);
	else
		json_text(b, "until", STR_NONE);
	json_number(b, "entry", row->entry);
	buf_add_byte(b, '}');
}

/* --- names --- */

/* A name that no SPIFFE path takes has no such ID. */
static void write_spiffe(struct portrait *p, struct str domain)
{
	const struct str segments[] = { STR("agentmesh"), p->name };

	if (domain.ptr && spiffe_write(&p->spiffe, domain, segments, 2) != OK)
		buf_clear(&p->spiffe);
}

static void write_names(struct portrait *p)
{
	struct public_key key = agent_key(&p->row);
	struct digest print = jwk_thumbprint(&key);

	if (!p->row.has_key)
		return;
	key_id_write(&p->id, &key);
	did_write(&p->did, &key);
	did_mesh_write(&p->mesh, &key);
	base64url_write(&p->thumbprint, print.bytes, sizeof(print.bytes));
}

static struct str or_none(const struct buf *b)
{
	return b->len ? buf_view(b) : STR_NONE;
}

/* --- showing --- */

static void add_time_json(struct buf *b, const char *key, int64_t ns)
{
	if (ns)
		json_time(b, key, ns);
	else
		json_text(b, key, STR_NONE);
}

static void add_keys_json(const struct portrait *p, struct buf *b)
{
	json_key(b, "keys");
	buf_add_byte(b, '[');
	for (size_t i = 0; i < p->key_count; i++) {
		struct revocation_row row;
		struct buf id, did;

		buf_init(&id, KEY_ID_BYTES);
		buf_init(&did, DID_BYTES);
		key_id_write(&id, &p->keys[i].key);
		did_write(&did, &p->keys[i].key);
		buf_add_c(b, i ? ",{" : "{");
		json_number(b, "entry", p->keys[i].entry);
		json_text(b, "key_id", buf_view(&id));
		json_text(b, "did", buf_view(&did));
		json_time(b, "since", p->keys[i].since_ns);
		add_revoked_json(b, key_revoked(p, i, &row));
		buf_add_byte(b, '}');
		buf_fini(&did);
		buf_fini(&id);
	}
	buf_add_byte(b, ']');
}

/* All but the brace that ends it. */
static void show_json(const struct portrait *p, struct buf *b)
{
	const struct agent_row *row = &p->row;
	struct revocation_row revoked;
	struct halt_row halt;

	buf_add_byte(b, '{');
	json_text(b, "name", p->name);
	json_text(b, "status", str_view(agent_status_name((enum agent_status)row->status)));
	add_revoked_json(b, revoked_now(p, &revoked));
	add_halt_json(b, halt_now(p, &halt));
	json_text(b, "origin", str_view(agent_origin_name((enum agent_origin)row->origin)));
	json_text(b, "sponsor", p->sponsor);
	json_text(b, "key_id", or_none(&p->id));
	json_text(b, "did", or_none(&p->did));
	json_text(b, "did_mesh", or_none(&p->mesh));
	json_text(b, "thumbprint", or_none(&p->thumbprint));
	json_text(b, "spiffe_id", or_none(&p->spiffe));
	json_number(b, "entry", row->registered_entry);
	json_time(b, "registered", row->registered_ns);
	add_time_json(b, "expires", row->expires_ns);
	add_time_json(b, "last", row->last_ns);
	add_time_json(b, "last_signed", row->last_signed_ns);
	json_number(b, "actions", row->actions);
	json_number(b, "denials", row->denials);
	json_number(b, "rotations", row->key_sequence);
	add_keys_json(p, b);
}

static void add_text(struct buf *b, const char *what, struct str text, const char *otherwise)
{
	buf_addf(b, "  %-12s %.*s\n", what, STR_ARG(text.ptr ? text : str_view(otherwise)));
}

static void add_time(struct buf *b, const char *what, int64_t ns, const char *otherwise)
{
	buf_addf(b, "  %-12s %s", what, ns ? "" : otherwise);
	if (ns)
		when_write(b, ns);
	buf_add_byte(b, '\n');
}

static void add_keys(const struct portrait *p, struct buf *b)
{
	buf_addf(b, "keys (%zu)\n", p->key_count);
	for (size_t i = 0; i < p->key_count; i++) {
		struct revocation_row row;

		buf_add_c(b, "  ");
		key_id_write(b, &p->keys[i].key);
		buf_addf(b, "  entry %-8llu since ", (unsigned long long)p->keys[i].entry);
		when_write(b, p->keys[i].since_ns);
		add_revoked(b, key_revoked(p, i, &row));
		buf_add_byte(b, '\n');
	}
}

static void show(const struct portrait *p, struct buf *b)
{
	const struct agent_row *row = &p->row;
	struct revocation_row revoked;
	struct halt_row halt;

	buf_addf(b, "agent %.*s\n  status       ", STR_ARG(p->name));
	if (halt_now(p, &halt)) {
		add_halt(b, &halt);
		buf_add_c(b, ", else ");
	}
	buf_add_c(b, agent_status_name((enum agent_status)row->status));
	add_revoked(b, revoked_now(p, &revoked));
	buf_add_byte(b, '\n');
	add_text(b, "origin", str_view(agent_origin_name((enum agent_origin)row->origin)), "");
	add_text(b, "sponsor", p->sponsor, "none");
	if (p->sponsor.ptr)
		buf_add_c(b, "               (as given; nobody was asked)\n");
	add_text(b, "key", or_none(&p->id), "none");
	add_text(b, "DID", or_none(&p->did), "none");
	add_text(b, "mesh DID", or_none(&p->mesh), "none");
	add_text(b, "thumbprint", or_none(&p->thumbprint), "none");
	add_text(b, "SPIFFE ID", or_none(&p->spiffe),
		 "none: it takes a trust domain, and a name of letters, digits, '.', '-', '_'");
	add_time(b, "registered", row->registered_ns, "1970-01-01T00:00:00.000000000Z");
	add_time(b, "expires", row->expires_ns, "never");
	add_time(b, "last action", row->last_ns, "none yet");
	add_time(b, "last signed", row->last_signed_ns, "none yet");
	buf_addf(b, "  %-12s ", "actions");
	print_count(b, row->actions);
	buf_add_c(b, ", denied ");
	print_count(b, row->denials);
	buf_add_byte(b, '\n');
	add_keys(p, b);
}

/* --- in order --- */

static void portrait_init(struct portrait *p)
{
	arena_init(&p->memory, MEMORY_CAP);
	buf_init(&p->did, DID_BYTES);
	buf_init(&p->mesh, DID_BYTES);
	buf_init(&p->id, KEY_ID_BYTES);
	buf_init(&p->thumbprint, DID_BYTES);
	buf_init(&p->spiffe, SPIFFE_BYTES);
}

static void portrait_fini(struct portrait *p)
{
	state_close(p->state);
	buf_fini(&p->spiffe);
	buf_fini(&p->thumbprint);
	buf_fini(&p->id);
	buf_fini(&p->mesh);
	buf_fini(&p->did);
	arena_fini(&p->memory);
}

static enum err paint(const struct invocation *in, struct portrait *p)
{
	struct str domain;
	uint32_t at;

	domain = given(in, OPT_TRUST_DOMAIN) ? str_view(in->values[OPT_TRUST_DOMAIN])
					     : space_config(p->space)->trust_domain;
	if (domain.ptr && !spiffe_domain_ok(domain))
		return note_set(p->note, ERR_USAGE, 0, 0,
				"--trust-domain is '%.*s'; expected lower-case letters, digits, "
				"dots, dashes and underscores, like example.org", STR_ARG(domain));
	TRY(known_state(p->space, &p->state, p->note));
	TRY(agent_need(p->state, GATE_AGENTS, p->name, &at, &p->row, p->note));
	TRY(gather_keys(p));
	write_names(p);
	write_spiffe(p, domain);
	return OK;
}

int cmd_agent_show(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct portrait p = { .name = str_view(in->args[0]), .note = &n,
			      .now_ns = world_now_ns(in->world) };
	struct buf b;
	enum err e = space_open(in->world, dir_of(in), SPACE_READ, &p.space, &n);

	portrait_init(&p);
	buf_init(&b, OUT_CAP);
	if (e == OK)
		e = paint(in, &p);
	if (e == OK) {
		(json_wanted(in) ? show_json : show)(&p, &b);
		e = agent_grants_show(p.space, p.name, world_now_ns(in->world), json_wanted(in),
				      &b, &n);
		buf_add_c(&b, json_wanted(in) ? "}\n" : "");
	}
	if (e == OK)
		e = print_out(&b, &n);
	buf_fini(&b);
	portrait_fini(&p);
	(void)space_close(p.space, NULL);
	return e == OK ? 0 : print_error(in, e, &n);
}
