/*
 * fuzz_succession: a list of rotations that is read has the key that is trusted in it, no key
 * twice, and numbers of entries that grow; a refusal has a story. The corpus has rotations of the
 * log of that key: nobody without its private half can make others.
 */
#include <stdlib.h>

#include "engine/audit/succession.h"
#include "engine/base/limits.h"

#define FIRST "fuzz.example+e7ea4b86+AbDFBbeGnQHUg5azRrbammG2sCj3SlSzjRzARhqCXdtg"
#define LAST "fuzz.example+c67ca1c8+AXlbJDapttVS/Qox8lXj/Sq6XIR62Om6+ctmUOyoKGHh"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_chain(const struct succession *s, struct str text)
{
	static const char *const ours[] = { FIRST, LAST };
	struct note_key last;
	size_t lines = 0;

	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	MUST(s->count == lines + 1 && (lines == 0) == (s->from == NULL));
	MUST(note_key_read(str_view(ours[s->count - 1]), &last) == OK);
	MUST(s->count <= 2 && s->keys[s->count - 1].id == last.id);
	if (s->from)
		MUST(s->from[0] == 0 && s->from[1] > 0 && s->keys[0].id != s->keys[1].id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_slice(data, size);
	struct note why = { .text = "" };
	struct note_key trusted;
	struct succession s;
	struct arena a;

	MUST(crypto_start() == OK && note_key_read(STR(FIRST), &trusted) == OK);
	arena_init(&a, (size_t)8 << 20);
	if (succession_read(text, &trusted, 1, &a, &s, &why) == OK)
		expect_chain(&s, text);
	else
		MUST(why.text[0] != '\0');
	arena_fini(&a);
	return 0;
}
