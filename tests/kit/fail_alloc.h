/*
 * fail_alloc: fail the n-th allocation, for every n.
 *
 *   for (n = 1; ; n++) {
 *           fail_alloc_at(n);
 *           result = work();
 *           if (!fail_alloc_was_hit()) break;   // nothing left to fail
 *           ... result must be ERR_MEMORY and nothing may have changed ...
 *   }
 *
 * Test programs are linked with --wrap=malloc,calloc,realloc, so only trammel's own calls are
 * counted, those of all its threads together.
 */
#ifndef TRAMMEL_TESTS_FAIL_ALLOC_H
#define TRAMMEL_TESTS_FAIL_ALLOC_H

#include <stdbool.h>
#include <stdint.h>

/* Arm: the n-th allocation from now answers NULL. 0 disarms. */
void fail_alloc_at(uint64_t n);
/* Whether the armed fault was hit; disarms. */
bool fail_alloc_was_hit(void);

#endif
