/*
 * gate_kit: a gate in memory whose sink keeps everything, for tests of the gate.
 *
 * The sink takes no memory while events pass, so that failing allocations are the gate's own.
 */
#ifndef TRAMMEL_TESTS_GATE_KIT_H
#define TRAMMEL_TESTS_GATE_KIT_H

#include "engine/gate/gate.h"

#define GATE_KIT_ORIGIN "example.com/gate"
#define GATE_KIT_NOW INT64_C(1767323045000000000)    /* 2026-01-02T03:04:05Z */
#define GATE_KIT_ROOM 1024
#define GATE_KIT_HEAD "apiVersion: governance.toolkit/v1\nname: kit\n"

struct gate_kit {
	struct state *state;
	struct bundle *bundle;
	struct gate gate;
	struct arena memory, bundle_memory;
	struct buf bodies_text;
	struct str lines[GATE_KIT_ROOM], bodies[GATE_KIT_ROOM];
	size_t line_count, body_count;
	char *store;
	size_t used;
	enum err entry_answer, body_answer;   /* what the sink says; OK at first */
	struct note note;
};

/* `policy` is one YAML file and is announced as entry 0; NULL: no bundle, no entry. */
void gate_kit_init(struct gate_kit *k, const char *policy);
void gate_kit_fini(struct gate_kit *k);
/* Change the policy. */
void gate_kit_policy(struct gate_kit *k, const char *policy);
/* Register an agent with a sponsor; `key` may be NULL. */
void gate_kit_agent(struct gate_kit *k, const char *name, const struct public_key *key);
/* A document through the gate. */
enum err gate_kit_text(struct gate_kit *k, const char *text, struct verdict *ret);
struct gate_bodies gate_kit_bodies(struct gate_kit *k);
/* The entry last written, read back. */
struct entry gate_kit_last(struct gate_kit *k);
/* Run everything again from the start; asserts that every line and the last state are the same. */
void gate_kit_replay(struct gate_kit *k);

#endif
