/*
 * fuzz_yaml: any bytes are a tree or a refusal. A tree has valid text, unique keys, places, depth
 * and size within the limits; a refusal tells a story and leaves the arena as it was.
 */
#include <math.h>

#include "engine/base/limits.h"
#include "engine/base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct value *v, int depth, size_t *nodes)
{
	MUST(depth <= LIMIT_DEPTH && ++*nodes <= LIMIT_NODES);
	switch (v->kind) {
	case VALUE_STRING:
		MUST(v->line > 0 && v->column > 0 && str_utf8_ok(v->string));
		break;
	case VALUE_BIG:
		MUST(v->string.len >= 19 && v->string.ptr[0] != '+' && v->string.ptr[0] != '0');
		break;
	case VALUE_REAL:
		MUST(isfinite(v->real));
		break;
	case VALUE_LIST:
		for (size_t i = 0; i < v->list.count; i++)
			check(&v->list.items[i], depth + 1, nodes);
		break;
	case VALUE_OBJECT:
		for (size_t i = 0; i < v->object.count; i++) {
			const struct member *m = &v->object.members[i];

			MUST(m->line > 0 && m->column > 0 && str_utf8_ok(m->key));
			for (size_t k = 0; k < i && k < 64; k++)
				MUST(!str_eq(m->key, v->object.members[k].key));
			check(&m->value, depth + 1, nodes);
		}
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct note n = { 0 };
	struct arena a;
	struct value v;
	size_t nodes = 0;

	arena_init(&a, 256 << 20);
	if (yaml_read(str_slice(data, size), &a, &v, &n) == OK) {
		check(&v, 0, &nodes);
	} else {
		MUST(n.text[0] && str_utf8_ok(str_view(n.text)));
		MUST(!arena_mark(&a).chunk);
	}
	arena_fini(&a);
	return 0;
}
