/* session_kit: controls and actions of sessions through a gate_kit, each a line in a test. */
#ifndef TRAMMEL_TESTS_SESSION_KIT_H
#define TRAMMEL_TESTS_SESSION_KIT_H

#include "tests/kit/gate_kit.h"

/* `agent` and `session` may be NULL; `data` is JSON behind "reason", like ",\"ring\":2". */
enum err session_kit_control(struct gate_kit *k, const char *verb, const char *agent,
			     const char *session, const char *data, int second);
/* The same; the test fails when it cannot be applied. */
void session_kit_do(struct gate_kit *k, const char *verb, const char *agent,
		    const char *session, const char *data);
/* `members` of an action document, like "\"agent\":\"ann\",\"action\":\"pay\"". */
struct verdict session_kit_ask(struct gate_kit *k, const char *members);
void session_kit_allowed(struct gate_kit *k, const char *members);
void session_kit_denied(struct gate_kit *k, const char *members, const char *stage,
			const char *reason);

#endif
