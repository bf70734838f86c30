/*
 * cmd_agent_credential: trammel agent credential issue NAME | rotate ID | revoke ID
 *
 * The secret is printed once, behind the close that made its hash durable, and kept nowhere.
 */
#include "engine/base/when.h"
#include "engine/space/space.h"
#include "tui/operator.h"
#include "tui/print.h"

enum deed { ISSUE, ROTATE, REVOKE, DEEDS };

static const char *const deeds[] = { "issue", "rotate", "revoke", NULL };

/* What the command line says. */
struct wish {
	enum deed deed;
	struct str name, reason;              /* of the agent, or of the credential */
	struct capabilities may;
	int64_t expires_ns, until_ns;
};

static enum err read_deed(const struct invocation *in, enum deed *ret, struct note *n)
{
	struct str word = str_view(in->args[0]);
	const char *near = str_nearest(word, deeds);

	for (int i = 0; i < DEEDS; i++)
		if (str_is(word, deeds[i])) {
			*ret = (enum deed)i;
			return OK;
		}
	return note_set(n, ERR_USAGE, 0, 0,
			"'%s' is nothing to do with a credential; expected issue, rotate or "
			"revoke%s%s%s", in->args[0], near ? "; did you mean '" : "",
			near ? near : "", near ? "'?" : "");
}

static enum err read_time(const struct invocation *in, enum option o, const char *name,
			  const char *what, int64_t *ret, struct note *n)
{
	if (!given(in, o))
		return note_set(n, ERR_USAGE, 0, 0, "expected %s TIME: %s", name, what);
	if (when_read(str_view(in->values[o]), ret) == OK)
		return OK;
	return note_set(n, ERR_USAGE, 0, 0, "%s is '%s'; expected a time like 2027-01-31T00:00:00Z",
			name, in->values[o]);
}

static enum err read_may(const struct invocation *in, struct wish *w, struct note *n)
{
	struct note why = { .text = "" };

	if (!given(in, OPT_CAPABILITIES))
		return note_set(n, ERR_USAGE, 0, 0,
				"expected --capabilities LIST: what it is good for");
	if (capability_read(str_view(in->values[OPT_CAPABILITIES]), &w->may, &why) == OK)
		return OK;
	return note_set(n, ERR_USAGE, 0, 0, "--capabilities: %s", why.text);
}

static enum err read_wish(const struct invocation *in, struct wish *w, struct note *n)
{
	TRY(read_deed(in, &w->deed, n));
	w->name = str_view(in->args[1]);
	w->reason = operator_reason(in);
	if (w->deed == ISSUE)
		TRY(read_may(in, w, n));
	else if (given(in, OPT_CAPABILITIES))
		return note_set(n, ERR_USAGE, 0, 0, "--capabilities belongs to issue only");
	if (w->deed != REVOKE)
		TRY(read_time(in, OPT_EXPIRES, "--expires", "when the new one ends",
			      &w->expires_ns, n));
	if (w->deed == ROTATE)
		TRY(read_time(in, OPT_UNTIL, "--until", "as long as the old one is good as well",
			      &w->until_ns, n));
	return OK;
}

static enum err fulfil(struct space *s, const struct wish *w, int64_t at_ns,
		       struct space_secret *ret, struct note *n)
{
	switch (w->deed) {
	case ISSUE:
		return space_issue_credential(s, w->name, &w->may, w->expires_ns, w->reason, at_ns,
					      ret, n);
	case ROTATE:
		return space_rotate_credential(s, w->name, w->expires_ns, w->until_ns, w->reason,
					       at_ns, ret, n);
	default:
		return space_revoke_credential(s, w->name, w->reason, at_ns, n);
	}
}

static enum err submit(const struct invocation *in, const struct wish *w, struct space_secret *ret,
		       struct note *n)
{
	struct space *s;
	enum err e;

	TRY(operator_open(in, &s, n));
	e = fulfil(s, w, world_now_ns(in->world), ret, n);
	return space_finish(s, e, n);
}

static void say_done(const struct invocation *in, const struct wish *w,
		     const struct space_secret *made, struct buf *b)
{
	struct str secret = str_slice(made->text, sizeof(made->text));
	struct buf id;

	buf_init(&id, CREDENTIAL_ID_BYTES);
	credential_id_write(&id, made->hash.bytes);
	if (json_wanted(in)) {
		buf_addf(b, "{\"control\":\"credential.%s\"", deeds[w->deed]);
		json_text(b, w->deed == ISSUE ? "agent" : "of", w->name);
		if (w->deed != REVOKE) {
			json_text(b, "id", buf_view(&id));
			json_text(b, "secret", secret);
		}
		buf_add_c(b, "}\n");
	} else {
		buf_addf(b, "credential.%s: %.*s\n", deeds[w->deed], STR_ARG(w->name));
		if (w->deed != REVOKE)
			buf_addf(b, "  id      %.*s\n  secret  %.*s (shown this once)\n",
				 STR_ARG(buf_view(&id)), STR_ARG(secret));
	}
	buf_fini(&id);
}

int cmd_agent_credential(const struct invocation *in)
{
	struct space_secret made = { .text = "" };
	struct note n = { .text = "" };
	struct wish w = { .deed = ISSUE };
	struct buf b;
	enum err e = read_wish(in, &w, &n);

	if (e == OK)
		e = submit(in, &w, &made, &n);
	buf_init(&b, 1u << 16);
	if (e == OK) {
		say_done(in, &w, &made, &b);
		e = print_out(&b, &n);
	}
	crypto_wipe_buf(&b);
	crypto_wipe(&made, sizeof(made));
	return e == OK ? 0 : print_error(in, e, &n);
}
