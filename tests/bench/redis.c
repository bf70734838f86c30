/* redis: a server of our own, and the few words of its protocol that are needed. */
#include "tests/bench/redis.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/scratch.h"

#define AT_ONCE 64
#define ENTRY_MAX 1024
#define TRIES 500

static void serve(const char *socket_path)
{
	(void)!freopen("/dev/null", "w", stdout);
	(void)!freopen("/dev/null", "w", stderr);
	(void)execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_path,
		     "--save", "", "--appendonly", "no", (char *)NULL);
	_exit(127);
}

/* A connection to the server, or -1 when there never was one. */
static int join(pid_t server, const char *socket_path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const struct timespec moment = { .tv_nsec = 10000000 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", socket_path);
	for (int i = 0; fd >= 0 && i < TRIES; i++) {
		if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
			return fd;
		if (waitpid(server, NULL, WNOHANG) == server)
			break;
		(void)nanosleep(&moment, NULL);
	}
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static bool send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t part = write(fd, bytes, len);

		if (part <= 0)
			return false;
		bytes += part;
		len -= (size_t)part;
	}
	return true;
}

/* An answer is "$<length>\r\n<id>\r\n": two line ends. */
static bool take_answers(int fd, unsigned count)
{
	unsigned ends = 0;

	while (ends < 2 * count) {
		char bytes[8192];
		ssize_t part = read(fd, bytes, sizeof(bytes));

		if (part <= 0 || bytes[0] == '-')
			return false;
		for (ssize_t i = 0; i < part; i++)
			ends += bytes[i] == '\n';
	}
	return true;
}

static double add_all(int fd, unsigned count, size_t entry_bytes)
{
	static char batch[AT_ONCE * (ENTRY_MAX + 128)], entry[ENTRY_MAX];
	size_t len = 0;
	double start;

	memset(entry, 'e', entry_bytes);
	for (int i = 0; i < AT_ONCE; i++)
		len += (size_t)snprintf(batch + len, sizeof(batch) - len,
					"*5\r\n$4\r\nXADD\r\n$1\r\nk\r\n$1\r\n*\r\n$1\r\nf\r\n"
					"$%zu\r\n%.*s\r\n", entry_bytes, (int)entry_bytes, entry);
	start = scratch_now();
	for (unsigned i = 0; i < count; i += AT_ONCE)
		if (!send_all(fd, batch, len) || !take_answers(fd, AT_ONCE))
			return 0;
	return count / (scratch_now() - start);
}

double redis_rate(const char *folder, unsigned count, size_t entry_bytes)
{
	char socket_path[100];
	double rate = 0;
	pid_t server;
	int fd;

	if (entry_bytes > ENTRY_MAX ||
	    snprintf(socket_path, sizeof(socket_path), "%s/redis", folder) >=
		    (int)sizeof(socket_path))
		return 0;
	(void)fflush(NULL);
	server = fork();
	if (server < 0)
		return 0;
	if (server == 0)
		serve(socket_path);
	fd = join(server, socket_path);
	if (fd >= 0) {
		rate = add_all(fd, count / AT_ONCE * AT_ONCE, entry_bytes);
		(void)close(fd);
	}
	(void)kill(server, SIGTERM);
	(void)waitpid(server, NULL, 0);
	(void)unlink(socket_path);
	return rate;
}
