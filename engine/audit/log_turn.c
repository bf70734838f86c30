/* log_turn: the ticket in the lock's file, and the queue before it. */
#include "engine/audit/inside.h"

#define QUEUE "waiting"

/* Whoever has the lock may write; what cannot be written makes the next resume a new opening. */
void log_ticket_leave(const struct log_place *p, int lock, struct log_ticket *ret)
{
	*ret = (struct log_ticket){ .left = false };
	if (world_entropy(p->w, ret->bytes, sizeof(ret->bytes)) == OK)
		ret->left = world_write_at(p->w, lock, 0, ret->bytes, sizeof(ret->bytes)) == OK;
}

/* More than a ticket is another file under that name, maybe a hard link: it is not emptied. */
enum err log_ticket_void(const struct log_place *p, int lock)
{
	uint64_t size;

	TRY(world_size(p->w, lock, &size));
	if (size > sizeof(((struct log_ticket *)NULL)->bytes))
		return ERR_TYPE;
	return size > 0 ? world_truncate(p->w, lock, 0) : OK;
}

bool log_ticket_holds(const struct log_place *p, int lock, const struct log_ticket *ticket)
{
	unsigned char bytes[sizeof(ticket->bytes)];

	return ticket->left &&
	       world_read_exact(p->w, lock, 0, bytes, sizeof(bytes)) == OK &&
	       memcmp(bytes, ticket->bytes, sizeof(bytes)) == 0;
}

enum err log_queue(struct world *w, const char *folder, int *ret)
{
	struct log_place p;

	TRY(log_place_init(&p, w, folder));
	return log_place_lock(&p, QUEUE, ret);
}

/* Only asked: a file that nobody made is not made, and that we held it is over at once. */
bool log_awaited(struct world *w, const char *folder)
{
	char path[LIMIT_PATH_BYTES];
	bool held;
	int fd;

	if (world_join(path, sizeof(path), folder, QUEUE) != OK ||
	    world_open(w, path, WORLD_READ, &fd) != OK)
		return false;
	held = world_lock(w, fd) == ERR_LOCKED;
	world_close(w, fd);
	return held;
}
