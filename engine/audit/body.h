/*
 * body: what an entry says of its arguments or its result: a commitment to each of their values.
 *
 *   text         {"amount":120,"to":{"mail":"a@b.c"}}
 *   skeleton     {"amount":#h0,"to":{"mail":#h1}}       hi = SHA-256(0x00 || salt i || value i)
 *   commitment   SHA-256("trammel/body/v1" LF skeleton)
 *
 * Each leaf (all values but lists and objects that hold something) has a salt of its own, so a leaf
 * can be taken away for good: its hash stays, the commitment holds, and nobody can try out what it
 * was. Names of members stay in sight. The salts of a whole body come from one seed; once a leaf is
 * redacted the seed is gone and the salts of the others are kept one by one. The bytes are in
 * docs/formats/blob.md.
 */
#ifndef TRAMMEL_BODY_H
#define TRAMMEL_BODY_H

#include "engine/base/veil.h"
#include "engine/crypto/crypto.h"

#define BODY_SALT_BYTES 16

struct body_seed { uint8_t bytes[BODY_SALT_BYTES]; };

enum body_form {
	BODY_PLAIN = 0,              /* bundles of policies: the digest is SHA-256 of the text */
	BODY_SALTED,                 /* seed, text */
	BODY_REDACTED,               /* see body_redact */
	BODY_FORMS
};

/* As a store keeps it, and what that says. */
struct body {
	enum body_form form;
	struct str content;          /* as stored */
	struct str text;             /* canonical JSON; a value that was redacted reads as null */
	struct veil veil;            /* which of its nulls are such */
	const struct digest *plain;  /* SHA-256 of the text as it was; NULL: not kept */
	struct str change;           /* delta of the entry's step; ptr NULL: not kept */
};

/* The leaf at or behind *at of canonical JSON, and go behind it; false when there is none. */
bool body_leaf(struct str text, size_t *at, struct str *ret);
struct digest body_commit(struct str text, const struct body_seed *seed);
/*
 * Read what is stored and see that it is what the digest commits to. `columns` gets what the veil
 * borrows. ERR_TAMPERED, ERR_MEMORY.
 */
enum err body_open(enum body_form form, struct str content, const struct digest *d,
		   struct buf *columns, struct body *ret) NODISCARD;

/* What a redacted body keeps besides; NULL and ptr NULL: nothing. */
struct body_keep {
	const struct digest *plain;  /* for a signature that covers it */
	struct str change;           /* for a replay that cannot decide the step any more */
};

/*
 * Append the content of form BODY_REDACTED: the body without the leaves that stand at these
 * columns (ascending, as json_read tells them), and without the seed. What was redacted before
 * stays so, and what was kept is kept. ERR_LIMIT, ERR_MEMORY.
 */
enum err body_redact(const struct body *b, const struct veil *hide, const struct body_keep *keep,
		     struct buf *out) NODISCARD;

#endif
