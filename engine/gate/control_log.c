/*
 * control_log: what was done to the log itself. Nothing of the state changes; what counts is that
 * it stands in the log, before it is done.
 *
 *   log.redact       {"entries","field","first","last","list","reason","unknown"?}
 *   log.prune        {"before","reason"}
 *   log.rotate_key   {"new_key","new_signature","old_key","old_signature","reason","sequence"}
 *
 * Which key the log has is no state of the gate: no decision depends on it, and whoever verifies
 * the log has to know it first (engine/audit/succession.h).
 */
#include "engine/gate/inside.h"

/* A whole number from `least` to the number of entries there are. */
static bool counts(const struct state *s, const struct event *e, const char *key, int64_t least)
{
	const struct value *v = value_get_c(e->data, key);

	return v && v->kind == VALUE_INT && v->integer >= least &&
	       (uint64_t)v->integer <= gate_totals(s).entries;
}

enum err control_redact(struct state *s, const struct bundle *b, const struct event *e,
			struct note *why)
{
	struct digest list;

	(void)b;
	if (value_text(e->data, "field").len > 0 && counts(s, e, "entries", 1) &&
	    counts(s, e, "first", 0) && counts(s, e, "last", 0) &&
	    digest_read(value_text(e->data, "list"), &list) == OK &&
	    (!value_get_c(e->data, "unknown") || counts(s, e, "unknown", 1)))
		return OK;
	return note_set(why, ERR_SYNTAX, 0, 0,
			"a redaction says which field of how many entries it takes away, the first "
			"and the last of them, and the digest of their list");
}

enum err control_prune(struct state *s, const struct bundle *b, const struct event *e,
		       struct note *why)
{
	(void)b;
	if (counts(s, e, "before", 1))
		return OK;
	return note_set(why, ERR_SYNTAX, 0, 0,
			"a prune says before which entry of the log it takes the bodies away");
}

enum err control_rotate_key(struct state *s, const struct bundle *b, const struct event *e,
			    struct note *why)
{
	struct key_turn ignored;

	(void)s;
	(void)b;
	return succession_turn(e->log, e->data, e->at_ns, &ignored, why);
}
