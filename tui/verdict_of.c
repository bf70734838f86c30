/* verdict_of: options, and the two answers. */
#include "tui/verdict_of.h"

#include "engine/base/when.h"
#include "tui/print.h"

enum err time_of(const struct invocation *in, int64_t *ret_ns, struct note *n)
{
	*ret_ns = world_now_ns(in->world);
	if (!given(in, OPT_TIME) || when_read(str_view(in->values[OPT_TIME]), ret_ns) == OK)
		return OK;
	return note_set(n, ERR_USAGE, 0, 0,
			"--time is '%s'; expected a time like 2026-01-02T03:04:05Z",
			in->values[OPT_TIME]);
}

enum err trust_domain_of(const struct invocation *in, struct space *s, struct str *ret,
			 struct note *n)
{
	struct str domain = given(in, OPT_TRUST_DOMAIN) ? str_view(in->values[OPT_TRUST_DOMAIN])
			    : s ? space_config(s)->trust_domain : STR_NONE;

	if (!domain.ptr)
		return note_set(n, ERR_USAGE, 0, 0,
				"expected --trust-domain NAME, or trust_domain in trammel.yaml");
	if (!spiffe_domain_ok(domain))
		return note_set(n, ERR_USAGE, 0, 0,
				"--trust-domain is '%.*s'; expected lower-case letters, digits, "
				"dots, dashes and underscores, like example.org", STR_ARG(domain));
	*ret = domain;
	return OK;
}

int missing_option(const struct invocation *in, const char *text)
{
	struct note n = { .text = "" };

	(void)note_set(&n, ERR_USAGE, 0, 0, "%s", text);
	return print_error(in, ERR_USAGE, &n);
}

enum err print_verdict(const struct invocation *in, enum err e, const struct refusal *r,
		       struct buf *b, struct note *n)
{
	enum err printed;

	if (e != OK && e != ERR_DENIED)
		return e;
	if (e == ERR_DENIED && json_wanted(in)) {
		buf_add_c(b, "{\"valid\":false");
		json_text(b, "code", str_view(refusal_name(r->code)));
		json_text(b, "reason", str_view(r->note.text));
		buf_add_c(b, "}\n");
	} else if (e == ERR_DENIED) {
		buf_addf(b, "refused: %s: %s\n", refusal_name(r->code), r->note.text);
	}
	printed = print_page(in, b, n);
	return printed == OK ? e : printed;
}
