/* answer: open, write, print, close; nothing is printed of an answer that failed half way. */
#include "tui/answer.h"

#include "tui/print.h"

#define OUT_CAP ((size_t)256 << 20)

int answer(const struct invocation *in, answer_writer *write)
{
	struct note n = { .text = "" };
	struct space *s = NULL;
	struct buf b;
	enum err e = space_open(in->world, dir_of(in), SPACE_READ, &s, &n);

	buf_init(&b, OUT_CAP);
	if (e == OK)
		e = write(in, s, &b, &n);
	if (e == OK)
		e = print_page(in, &b, &n);
	buf_fini(&b);
	(void)space_close(s, NULL);
	return e == OK ? 0 : print_error(in, e, &n);
}
