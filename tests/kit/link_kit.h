/*
 * link_kit: delegations made, signed and handed in, for tests. An agent called by a single letter
 * has the key whose seed is that letter 32 times.
 */
#ifndef TRAMMEL_TESTS_LINK_KIT_H
#define TRAMMEL_TESTS_LINK_KIT_H

#include "tests/kit/gate_kit.h"

struct sign_key *link_kit_key(char agent);
struct public_key link_kit_public(char agent);
/* Register the agents of these letters, with their keys. */
void link_kit_agents(struct gate_kit *k, const char *letters);

/*
 * A link from one to the other that lasts an hour from GATE_KIT_NOW, may be handed on three times
 * and lowers no trust, below `parent` (NULL: none). Change it, then sign it.
 */
struct delegation link_kit_link(char from, char to, const char *may,
				const struct delegation *parent);
/* By the key of `signer`. */
void link_kit_sign(struct delegation *d, char signer);
/* Through the gate, at GATE_KIT_NOW; k->gate.why says why not. */
enum err link_kit_submit(struct gate_kit *k, const struct delegation *d);
/* Make, sign and submit; asserts that it is recorded. */
struct delegation link_kit_give(struct gate_kit *k, char from, char to, const char *may,
				const struct delegation *parent);
/* Any other control about an agent, with a reason and one more member (key NULL: none). */
enum err link_kit_control(struct gate_kit *k, const char *verb, const char *agent, const char *key,
			  struct str text);
/* "link-..." in the kit's memory. */
struct str link_kit_id(struct gate_kit *k, const struct delegation *d);

#endif
