/* turn_kit: entries that rotate a log's key, and checkpoints. */
#include "tests/kit/turn_kit.h"

#include <criterion/criterion.h>

#include "engine/base/limits.h"
#include "tests/kit/link_kit.h"

#define TIME_NS INT64_C(1767323045000000000)

struct sign_key *turn_kit_secret(char key)
{
	return link_kit_key(key);
}

struct note_key turn_kit_key(char key)
{
	struct public_key pub = link_kit_public(key);

	return note_key_of(STR(TURN_KIT_ORIGIN), &pub, false);
}

static struct str vkey(struct buf *b, struct str log, char key)
{
	struct public_key pub = link_kit_public(key);
	struct note_key k = note_key_of(log, &pub, false);

	buf_init(b, 1024);
	note_key_write(b, &k);
	return buf_view(b);
}

static struct str signature(struct buf *b, char key, struct str text)
{
	struct sign_key *secret = link_kit_key(key);
	struct signature sig = sign_make(secret, text);

	sign_key_close(secret);
	buf_init(b, 1024);
	base64_write(b, sig.bytes, sizeof(sig.bytes));
	return buf_view(b);
}

void turn_kit_line(struct buf *b, const struct turn *t)
{
	struct str log = str_view(t->log ? t->log : TURN_KIT_ORIGIN);
	const struct key_turn turn = { link_kit_public(t->old), link_kit_public(t->next),
				       t->sequence };
	struct buf text, old_key, new_key, by_old, by_new;
	struct member members[6];
	const struct value data = { .kind = VALUE_OBJECT, .object = { members, 6 } };
	struct entry e = { .log = log, .seq = t->seq, .time_ns = TIME_NS, .kind = ENTRY_CONTROL,
			   .action = str_view(t->verb ? t->verb : SUCCESSION_VERB), .data = &data };

	buf_init(&text, SUCCESSION_TEXT_BYTES);
	succession_text(&text, log, &turn, TIME_NS);
	members[0] = (struct member){ .key = STR("new_key"),
				      .value = value_string(vkey(&new_key, log, t->next)) };
	members[1] = (struct member){ .key = STR("new_signature"), .value = value_string(signature(
		&by_new, t->by_next ? t->by_next : t->next, buf_view(&text))) };
	members[2] = (struct member){ .key = STR("old_key"),
				      .value = value_string(vkey(&old_key, log, t->old)) };
	members[3] = (struct member){ .key = STR("old_signature"), .value = value_string(signature(
		&by_old, t->by_old ? t->by_old : t->old, buf_view(&text))) };
	members[4] = (struct member){ .key = STR("reason"), .value = value_string(STR("test")) };
	members[5] = (struct member){ .key = STR("sequence"),
				      .value = value_int((int64_t)t->sequence) };
	entry_write(b, &e);
	buf_add_byte(b, '\n');
	cr_assert_eq(b->err, OK);
	buf_fini(&by_old);
	buf_fini(&old_key);
	buf_fini(&by_new);
	buf_fini(&new_key);
	buf_fini(&text);
}

void turn_kit_note(struct buf *b, uint64_t size, const char *signers)
{
	struct checkpoint c = { .origin = STR(TURN_KIT_ORIGIN), .size = size };
	struct buf text;

	buf_init(&text, LIMIT_NOTE_BYTES);
	checkpoint_write(&text, &c);
	for (const char *k = signers; *k; k++) {
		struct sign_key *secret = link_kit_key(*k);

		(k == signers ? note_sign : note_sign_too)(b, buf_view(&text), c.origin, secret);
		sign_key_close(secret);
	}
	cr_assert_eq(b->err, OK);
	buf_fini(&text);
}
