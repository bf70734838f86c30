/* link_kit: links for tests. */
#include "tests/kit/link_kit.h"

#include <criterion/criterion.h>

#define HOUR_NS (INT64_C(3600) * 1000000000)

static const char names[] = "a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0p\0q\0r\0s\0t\0u\0v\0"
			    "w\0x\0y\0z";

static struct str name_of(char agent)
{
	return str_slice(&names[2 * (agent - 'a')], 1);
}

struct sign_key *link_kit_key(char agent)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *key;

	memset(seed, agent, sizeof(seed));
	cr_assert_eq(sign_key_open(seed, &key), OK);
	return key;
}

struct public_key link_kit_public(char agent)
{
	struct sign_key *key = link_kit_key(agent);
	struct public_key pub = sign_key_public(key);

	sign_key_close(key);
	return pub;
}

void link_kit_agents(struct gate_kit *k, const char *letters)
{
	for (; *letters; letters++) {
		struct public_key pub = link_kit_public(*letters);

		gate_kit_agent(k, name_of(*letters).ptr, &pub);
	}
}

struct delegation link_kit_link(char from, char to, const char *may,
				const struct delegation *parent)
{
	struct delegation d = {
		.log = STR(GATE_KIT_ORIGIN), .delegator = name_of(from), .delegatee = name_of(to),
		.from = link_kit_public(from), .to = link_kit_public(to),
		.issued_ns = GATE_KIT_NOW, .expires_ns = GATE_KIT_NOW + HOUR_NS,
		.ceiling = DELEGATION_TOP, .depth = parent ? parent->depth - 1 : 3,
		.has_parent = parent != NULL,
	};

	cr_assert_eq(capability_read(str_view(may), &d.may, NULL), OK, "%s", may);
	if (parent)
		cr_assert_eq(delegation_hash(parent, &d.parent), OK);
	return d;
}

void link_kit_sign(struct delegation *d, char signer)
{
	struct sign_key *key = link_kit_key(signer);
	struct buf b;

	buf_init(&b, DELEGATION_BYTES);
	delegation_text(&b, d);
	cr_assert_eq(b.err, OK);
	d->signature = sign_make(key, buf_view(&b));
	buf_fini(&b);
	sign_key_close(key);
}

enum err link_kit_submit(struct gate_kit *k, const struct delegation *d)
{
	struct value data;
	struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .action = STR("agent.delegate"),
		.agent = d->delegatee, .data = &data,
	};
	struct verdict v;

	cr_assert_eq(delegation_write(d, STR("test"), &k->memory, &data), OK);
	return gate_submit(&k->gate, &e, &k->memory, &v);
}

struct delegation link_kit_give(struct gate_kit *k, char from, char to, const char *may,
				const struct delegation *parent)
{
	struct delegation d = link_kit_link(from, to, may, parent);

	link_kit_sign(&d, from);
	cr_assert_eq(link_kit_submit(k, &d), OK, "%s", k->gate.why.text);
	return d;
}

enum err link_kit_control(struct gate_kit *k, const char *verb, const char *agent, const char *key,
			  struct str text)
{
	struct member members[] = {
		{ .key = STR("reason"), .value = value_string(STR("test")) },
		{ .key = str_view(key), .value = value_string(text) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, key ? 2 : 1 } };
	const struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .action = str_view(verb),
		.agent = str_view(agent), .data = &data,
	};
	struct verdict v;

	return gate_submit(&k->gate, &e, &k->memory, &v);
}

struct str link_kit_id(struct gate_kit *k, const struct delegation *d)
{
	struct digest hash;
	struct str id;
	struct buf b;

	cr_assert_eq(delegation_hash(d, &hash), OK);
	buf_init(&b, DELEGATION_ID_BYTES);
	delegation_id_write(&b, hash.bytes);
	cr_assert_eq(arena_copy(&k->memory, buf_view(&b), &id), OK);
	buf_fini(&b);
	return id;
}
