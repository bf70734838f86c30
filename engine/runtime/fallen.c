/* fallen: what a kill stops. */
#include "engine/runtime/runtime.h"

bool fallen_below(const struct state *s, unsigned lives, uint32_t row, uint32_t top)
{
	struct life_row life;

	do {
		memcpy(&life, state_row(s, lives, row), sizeof(life));
		if (life.parent == top + 1)
			return true;
		row = life.parent - 1;
	} while (life.parent);
	return false;
}

bool fallen_has(const struct state *s, unsigned lives, const struct fallen *fallen,
		struct str agent, struct str session)
{
	struct life_row life;
	uint32_t row, top;

	if (fallen->agent.ptr)
		return str_eq(fallen->agent, agent);
	if (session.len == 0)
		return false;
	return str_eq(fallen->session, session) ||
	       (life_find(s, lives, session, &row, &life) &&
		life_find(s, lives, fallen->session, &top, &life) &&
		fallen_below(s, lives, row, top));
}
