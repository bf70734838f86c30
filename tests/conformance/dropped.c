/* dropped: a sink for gates of which only the verdicts matter. */
#include "tests/conformance/dropped.h"

static enum err drop_body(void *self, struct str text, bool plain, struct digest *ret)
{
	(void)plain;
	(void)self;
	*ret = sha256(text);
	return OK;
}

static enum err drop_entry(void *self, uint64_t seq, struct str line)
{
	(void)self;
	(void)seq;
	(void)line;
	return OK;
}

struct gate_sink dropped_sink(void)
{
	return (struct gate_sink){ .body = drop_body, .entry = drop_entry };
}
