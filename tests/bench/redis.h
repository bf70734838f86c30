/* redis: how fast Redis takes entries, where it is installed: the peer of the log in memory. */
#ifndef TRAMMEL_TESTS_REDIS_H
#define TRAMMEL_TESTS_REDIS_H

#include <stddef.h>

/*
 * XADD of `count` entries of `entry_bytes`, 64 on their way at a time, over a socket in `folder`,
 * by a server that keeps nothing on disk: entries per second. 0 where there is no redis-server.
 */
double redis_rate(const char *folder, unsigned count, size_t entry_bytes);

#endif
