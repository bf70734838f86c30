/* world_real: the machine itself. One instance serves the whole process; it holds no state. */
#ifndef TRAMMEL_BASE_WORLD_REAL_H
#define TRAMMEL_BASE_WORLD_REAL_H

#include "engine/base/world.h"

struct world *world_real(void);

#endif
