/*
 * rotation: an agent's next key, vouched for by the key it has and by itself.
 *
 * Both keys sign one statement, in which every field stands behind its length: no field can pass
 * for a part of another, and no text that a key signs elsewhere begins like it. It names the
 * registration (agent and instant), so a statement of one log is of no use in another, and the
 * number of the rotation, so none is of use twice. The bytes: docs/formats/rotation.md.
 */
#include "engine/identity/identity.h"

#define DOMAIN STR("trammel/rotation/v1")

void rotation_text(struct buf *b, const struct agent_row *agent, const struct public_key *next,
		   uint64_t sequence)
{
	statement_text(b, DOMAIN);
	statement_text(b, agent_name(agent));
	statement_number(b, (uint64_t)agent->registered_ns);
	statement_bytes(b, agent->key, sizeof(agent->key));
	statement_bytes(b, next->bytes, sizeof(next->bytes));
	statement_number(b, sequence);
}

static enum err read_signature(const struct value *data, const char *key, struct signature *ret,
			       struct note *why)
{
	size_t len;

	if (base64_read(value_text(data, key), ret->bytes, sizeof(ret->bytes), &len) == OK &&
	    len == sizeof(ret->bytes))
		return OK;
	return note_set(why, ERR_SYNTAX, 0, 0, "'%s': expected base64 of 64 bytes", key);
}

enum err rotation_read(const struct value *data, struct rotation *ret, struct note *why)
{
	const struct value *sequence = value_get_c(data, "sequence");
	struct rotation r = { .old_key = value_text(data, "old_key") };

	if (!r.old_key.ptr)
		return note_set(why, ERR_SYNTAX, 0, 0, "'old_key': expected the id of a key");
	if (did_read(value_text(data, "new_did"), &r.next) != OK)
		return note_set(why, ERR_SYNTAX, 0, 0, "'new_did': expected a did:key of Ed25519");
	if (!sequence || sequence->kind != VALUE_INT || sequence->integer < 1)
		return note_set(why, ERR_SYNTAX, 0, 0, "'sequence': expected an integer from 1");
	r.sequence = (uint64_t)sequence->integer;
	TRY(read_signature(data, "old_signature", &r.by_old, why));
	TRY(read_signature(data, "new_signature", &r.by_next, why));
	*ret = r;
	return OK;
}

/* The key that is replaced is the agent's, and the number the next one. */
static enum err check_place(const struct agent_row *agent, const struct rotation *r,
			    struct note *why)
{
	struct public_key key = agent_key(agent);
	struct buf id;
	bool same;
	enum err e;

	buf_init(&id, KEY_ID_BYTES);
	key_id_write(&id, &key);
	e = id.err;
	same = e == OK && str_eq(buf_view(&id), r->old_key);
	buf_fini(&id);
	TRY(e);
	if (!same)
		return note_set(why, ERR_RANGE, 0, 0,
				"'old_key' is not the key that the agent has now");
	if (r->sequence != agent->key_sequence + 1)
		return note_set(why, ERR_RANGE, 0, 0,
				"'sequence' is %llu; the next rotation is %llu",
				(unsigned long long)r->sequence,
				(unsigned long long)agent->key_sequence + 1);
	if (public_key_eq(&key, &r->next))
		return note_set(why, ERR_EXISTS, 0, 0, "the new key is the one the agent has");
	return OK;
}

static enum err check_signatures(const struct agent_row *agent, const struct rotation *r,
				 struct note *why)
{
	struct public_key key = agent_key(agent);
	bool old_ok, next_ok;
	struct buf text;
	enum err e;

	buf_init(&text, ROTATION_BYTES);
	rotation_text(&text, agent, &r->next, r->sequence);
	e = text.err;
	old_ok = e == OK && sign_check(&key, buf_view(&text), &r->by_old);
	next_ok = e == OK && sign_check(&r->next, buf_view(&text), &r->by_next);
	buf_fini(&text);
	TRY(e);
	if (old_ok && next_ok)
		return OK;
	return note_set(why, ERR_SIGNATURE, 0, 0, "'%s' is not by the %s key over this rotation",
			old_ok ? "new_signature" : "old_signature", old_ok ? "new" : "old");
}

enum err agent_rotate(struct state *s, unsigned table, struct str name, const struct rotation *r,
		      uint64_t entry, struct note *why)
{
	struct agent_row agent;
	uint32_t row;

	TRY(agent_need(s, table, name, &row, &agent, why));
	if (!agent.has_key)
		return note_set(why, ERR_NOT_FOUND, 0, 0, "agent '%.*s' has no key to rotate",
				STR_ARG(name));
	if (agent.status == AGENT_REVOKED)
		return note_set(why, ERR_RANGE, 0, 0,
				"agent '%.*s' is revoked, and that is final; register another one",
				STR_ARG(name));
	TRY(check_place(&agent, r, why));
	TRY(check_signatures(&agent, r, why));
	memcpy(agent.key, r->next.bytes, sizeof(agent.key));
	agent.key_sequence = r->sequence;
	agent.key_entry = entry;
	return state_update(s, table, row, &agent);
}
