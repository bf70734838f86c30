/* given_filter: what is asked of the log, from the options. */
#ifndef TRAMMEL_TUI_GIVEN_FILTER_H
#define TRAMMEL_TUI_GIVEN_FILTER_H

#include "engine/index/index.h"
#include "tui/command.h"

#define FILTER_OPTIONS                                                                           \
	(OPT(OPT_AGENT) | OPT(OPT_TOOL) | OPT(OPT_RESOURCE) | OPT(OPT_SESSION) |                 \
	 OPT(OPT_TRACE) | OPT(OPT_RULE) | OPT(OPT_STAGE) | OPT(OPT_KIND) | OPT(OPT_EFFECT) |     \
	 OPT(OPT_SINCE) | OPT(OPT_UNTIL) | OPT(OPT_OUTCOME) | OPT(OPT_TEXT))

/* "90m": seconds, minutes, hours or days. False for other texts. */
bool given_span(struct str text, int64_t *ret_ns);
/* An instant, or like -2h, which is counted back from `newest_ns`. ERR_USAGE. */
enum err given_time(const struct invocation *in, enum option o, int64_t newest_ns, int64_t *ret,
		    struct note *n) NODISCARD;
/* An instant, or an age like 2h, which is counted back likewise. ERR_USAGE. */
enum err given_age(const struct invocation *in, enum option o, int64_t newest_ns, int64_t *ret,
		   struct note *n) NODISCARD;
/* Texts borrow from the command line. ERR_USAGE. */
enum err given_filter(const struct invocation *in, int64_t newest_ns, struct filter *ret,
		      struct note *n) NODISCARD;

#endif
