/* paths: where arguments lead, asked of the disk before the gate decides. */
#include "engine/space/inside.h"

enum err space_resolve(void *self, struct str root, struct str path, struct buf *ret)
{
	struct space *s = self;
	char top[LIMIT_PATH_BYTES], name[LIMIT_PATH_BYTES];

	if (root.len >= sizeof(top) || path.len >= sizeof(name))
		return ERR_LIMIT;
	memcpy(top, root.ptr, root.len);
	top[root.len] = '\0';
	memcpy(name, path.ptr, path.len);
	name[path.len] = '\0';
	return world_resolve(s->world, top, name, ret);
}
