/*
 * world_real: the machine itself. It holds no state, so a copy is as good as the original; give
 * its address to whatever wants a world.
 */
#ifndef TRAMMEL_BASE_WORLD_REAL_H
#define TRAMMEL_BASE_WORLD_REAL_H

#include "engine/base/world.h"

struct world world_real(void);

#endif
