/* fail_alloc: the wrapped allocator of test programs. */
#include "tests/kit/fail_alloc.h"

#include <stdatomic.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

static _Atomic uint64_t until_failure;
static atomic_bool hit;

void fail_alloc_at(uint64_t n)
{
	until_failure = n;
	hit = false;
}

bool fail_alloc_was_hit(void)
{
	until_failure = 0;
	return hit;
}

static bool fails_now(void)
{
	uint64_t left = until_failure;

	while (left > 0 && !atomic_compare_exchange_weak(&until_failure, &left, left - 1))
		;
	if (left != 1)
		return false;
	hit = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	return fails_now() ? NULL : __real_realloc(block, size);
}
