/*
 * fuzz_delegation: data of a control that reads as a link is written as one that reads the same,
 * and its statement fits the room for it.
 */
#include <stdlib.h>

#include "engine/base/json.h"
#include "engine/identity/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct delegation d, again;
	struct digest hash, other;
	struct value tree, written;
	struct note why = { .text = "" };
	struct arena a;

	MUST(crypto_start() == OK);
	arena_init(&a, (size_t)64 << 20);
	if (json_read(str_slice(data, size), 1, &a, &tree, NULL) == OK) {
		if (delegation_read(&tree, STR("clerk"), &d, &why) == OK) {
			MUST(delegation_write(&d, STR("why"), &a, &written) == OK);
			MUST(delegation_read(&written, STR("clerk"), &again, &why) == OK);
			MUST(delegation_hash(&d, &hash) == OK);
			MUST(delegation_hash(&again, &other) == OK);
			MUST(digest_eq(&hash, &other));
		} else {
			MUST(str_starts(str_view(why.text), STR("link-malformed: ")));
		}
	}
	arena_fini(&a);
	return 0;
}
