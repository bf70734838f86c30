/* inside: what the files of engine/gate share. */
#ifndef TRAMMEL_GATE_INSIDE_H
#define TRAMMEL_GATE_INSIDE_H

#include "engine/gate/gate.h"

#define STAGE_STATE "state"
#define STAGE_RECORD "record"
#define STAGE_READ "read"

/* A denial with one reason, built where no memory may be left: `reason` is kept by pointer. */
void decision_deny(struct decision *d, const char *stage, const struct str *reason);

/* A denial because `stage` failed with `e`. */
void decision_fault(struct decision *d, const char *stage, enum err e);

/* An action's further members, NULL when it has none. */
const struct value *event_attrs(const struct event *e);

#endif
