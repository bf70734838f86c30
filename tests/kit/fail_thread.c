/* fail_thread: the wrapped pthread_create of test programs. */
#include "tests/kit/fail_thread.h"

#include <errno.h>
#include <pthread.h>

typedef void *thread_main(void *arg);

int __real_pthread_create(pthread_t *ret, const pthread_attr_t *attr, thread_main *run, void *arg);
int __wrap_pthread_create(pthread_t *ret, const pthread_attr_t *attr, thread_main *run, void *arg);

static bool refused;
static unsigned made;

void fail_thread(bool refuse)
{
	refused = refuse;
}

unsigned fail_thread_made(void)
{
	return made;
}

int __wrap_pthread_create(pthread_t *ret, const pthread_attr_t *attr, thread_main *run, void *arg)
{
	int status = refused ? EAGAIN : __real_pthread_create(ret, attr, run, arg);

	made += status == 0;
	return status;
}
