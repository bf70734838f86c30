/*
 * control_token: a token was taken, once.
 *
 *   token.take    {"expires","reason","token":"sha256:..."}    see token_use.h for what is hashed
 *
 * That the token is good was checked by who records this; a token itself stands in no log, for who
 * has it passes for its subject. The time is that of the control, like that of the check, and not
 * the latest that any agent told: agents that date their actions ahead make nothing forgotten.
 */
#include "engine/gate/inside.h"

#include "engine/base/when.h"

enum err control_token_take(struct state *s, const struct bundle *b, const struct event *e,
			    struct note *why)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct digest token;
	int64_t until_ns;
	enum err failed;

	(void)b;
	if (digest_read(value_text(e->data, "token"), &token) != OK ||
	    when_read(value_text(e->data, "expires"), &until_ns) != OK)
		return note_set(why, ERR_SYNTAX, 0, 0,
				"a token is taken by its digest, \"sha256:...\", and has an end, a "
				"time like \"2026-01-02T03:04:05Z\"");
	failed = token_use_take(s, GATE_TOKEN_USES, &token, until_ns, e->at_ns,
				gate_totals(s).entries, &r);
	if (failed == ERR_DENIED)
		return note_set(why, failed, 0, 0, "%s: %s", refusal_name(r.code), r.note.text);
	if (failed == ERR_LIMIT)
		return note_set(why, failed, 0, 0, "%u tokens that still last were taken, and no "
				"more can be remembered", LIMIT_TOKEN_USES);
	return failed;
}
