/* cmd_svid: trammel svid verify FILE --bundle FILE [--trust-domain NAME] [--time TIME] */
#include "engine/base/when.h"
#include "tui/given_policy.h"
#include "tui/print.h"
#include "tui/verdict_of.h"

#define OUT_CAP    ((size_t)64 << 10)
#define MEMORY_CAP ((size_t)16 << 20)

static enum err verify(const struct invocation *in, struct arena *a, struct svid *ret,
		       struct refusal *r, struct note *n)
{
	const char *file = in->args[0], *trusted = in->values[OPT_BUNDLE];
	struct str pem, bundle, domain = STR_NONE;
	int64_t now_ns;
	enum err e;

	TRY(time_of(in, &now_ns, n));
	if (given(in, OPT_TRUST_DOMAIN))
		TRY(trust_domain_of(in, NULL, &domain, n));
	TRY(given_text(in, file, a, &pem, n));
	TRY(given_text(in, trusted, a, &bundle, n));
	e = svid_verify(pem, bundle, domain, now_ns, a, ret, r);
	if (e != OK && e != ERR_DENIED) {
		*n = r->note;
		if (e != ERR_UNSUPPORTED)
			note_file(n, trusted);
	}
	return e;
}

static void say_svid(const struct invocation *in, const struct svid *svid, struct buf *b)
{
	if (json_wanted(in)) {
		buf_add_c(b, "{\"valid\":true");
		json_text(b, "spiffe_id", svid->id);
		json_text(b, "trust_domain", svid->domain);
		json_time(b, "from", svid->from_ns);
		json_time(b, "until", svid->until_ns);
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "valid: '%.*s' until ", STR_ARG(svid->id));
	when_write(b, svid->until_ns);
	buf_add_byte(b, '\n');
}

int cmd_svid_verify(const struct invocation *in)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct note n = { .text = "" };
	struct svid svid;
	struct arena a;
	struct buf b;
	enum err e;

	if (!given(in, OPT_BUNDLE))
		return missing_option(in, "nobody is believed by default: expected --bundle FILE");
	arena_init(&a, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	e = verify(in, &a, &svid, &r, &n);
	if (e == OK)
		say_svid(in, &svid, &b);
	e = print_verdict(in, e, &r, &b, &n);
	buf_fini(&b);
	arena_fini(&a);
	return e == OK ? 0 : e == ERR_DENIED ? err_exit(e) : print_error(in, e, &n);
}
