/*
 * foreign_event: the signature of GovernanceEventSigner.
 *
 * Source: agent_os/event_sink.py of the toolkit.
 */
#include "engine/audit/foreign_event.h"

#include <stdlib.h>

#include "engine/base/canon.h"

#define SIGNATURE "agtsignature"
#define ALGORITHM "agtsignaturealg"

static enum err write_unsigned(struct buf *b, const struct value *event)
{
	struct member *members = calloc(event->object.count, sizeof(*members));
	struct value rest = { .kind = VALUE_OBJECT, .object = { members, 0 } };

	if (!members)
		return ERR_MEMORY;
	for (size_t i = 0; i < event->object.count; i++)
		if (!str_is(event->object.members[i].key, SIGNATURE))
			members[rest.object.count++] = event->object.members[i];
	buf_clear(b);
	canon_python_compact(b, &rest);
	free(members);
	return b->err;
}

enum err foreign_event_check(const struct value *event, struct str key, struct buf *text)
{
	const struct value *signature = value_get_c(event, SIGNATURE);
	struct digest claimed, mac;
	size_t len;

	if (!signature)
		return ERR_UNKNOWN;
	if (signature->kind != VALUE_STRING ||
	    !str_is(value_text(event, ALGORITHM), "HMAC-SHA256") ||
	    base64_read(signature->string, claimed.bytes, sizeof(claimed.bytes), &len) != OK ||
	    len != sizeof(claimed.bytes))
		return ERR_SIGNATURE;
	TRY(write_unsigned(text, event));
	mac = hmac_sha256(key, buf_view(text));
	return crypto_equal(mac.bytes, claimed.bytes, sizeof(mac.bytes)) ? OK : ERR_SIGNATURE;
}
