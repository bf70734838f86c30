/* cedar_guess: what a misspelt name of a schema may have meant. */
#include "engine/cedar/declared.h"

void cedar_guess_init(struct cedar_guess *g, struct str word)
{
	/* As near as str_nearest wants it. */
	*g = (struct cedar_guess){ .word = word, .distance = word.len < 4 ? 2 : 3 };
}

void cedar_guess_show(struct cedar_guess *g, struct str name)
{
	unsigned distance;

	if (g->shown++ >= CEDAR_GUESSES)
		return;
	distance = str_distance(g->word, name, g->distance);
	if (distance < g->distance) {
		g->distance = distance;
		g->best = name;
	}
}
