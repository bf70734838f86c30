/* dropped: a sink for gates of which only the verdicts matter. */
#ifndef TRAMMEL_TESTS_DROPPED_H
#define TRAMMEL_TESTS_DROPPED_H

#include "engine/gate/gate.h"

/* Takes every body and every entry, and keeps nothing. */
struct gate_sink dropped_sink(void);

#endif
