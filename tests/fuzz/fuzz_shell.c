/*
 * fuzz_shell: any bytes as a command text. Names are found or it is refused with a reason, twice
 * the same; a name is never empty, and a command put behind it is found too.
 */
#include "engine/runtime/runtime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err read(struct str text, struct arena *a, struct shell_names *names)
{
	struct str why = STR_NONE;
	enum err e = shell_read(text, a, names, &why);

	MUST(e == OK || e == ERR_SYNTAX);
	MUST(e == OK ? names->count > 0 : why.len > 0);
	for (size_t i = 0; e == OK && i < names->count; i++)
		MUST(names->list[i].len > 0 && !memchr(names->list[i].ptr, '/',
						       names->list[i].len));
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shell_names once, again, behind;
	struct arena a;
	struct buf b;
	enum err e;

	arena_init(&a, 64u << 20);
	buf_init(&b, 1u << 20);
	e = read(str_slice(data, size), &a, &once);
	MUST(read(str_slice(data, size), &a, &again) == e);
	MUST(e != OK || once.count == again.count);
	buf_add(&b, str_slice(data, size));
	buf_add_c(&b, "\ncurl");
	/* A text may end in what joins the next line, so only what was whole is asked again. */
	if (e == OK && size + 5 <= LIMIT_COMMAND_BYTES && read(buf_view(&b), &a, &behind) == OK)
		MUST(behind.count > 0 && behind.count >= once.count);
	buf_fini(&b);
	arena_fini(&a);
	return 0;
}
