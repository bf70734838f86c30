/*
 * fail_thread: refuse threads, as a system does that has no room for another one, and count them.
 *
 * Test programs are linked with --wrap=pthread_create, so only trammel's own threads are meant.
 */
#ifndef TRAMMEL_TESTS_FAIL_THREAD_H
#define TRAMMEL_TESTS_FAIL_THREAD_H

#include <stdbool.h>

void fail_thread(bool refuse);
/* Threads that were made so far. */
unsigned fail_thread_made(void);

#endif
