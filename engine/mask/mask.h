/*
 * mask: secrets taken out of what is about to be recorded. The door of engine/mask.
 *
 *   Bearer eyJhbGciOi...        Bearer [masked:jwt:5f2a9c0d1e3b4a677b21c04d]
 *
 * A secret is known by the name it stands under or beside (password, api_key, ...) or by its own
 * shape (a private key, a token of a vendor, a card number). Of a longer text only that part goes.
 * What takes its place tells the kind and is the same for the same secret:
 *
 *   "[masked:" KIND [ "!" ] ":" ID CHECK "]"      ID, CHECK: 16 and 8 hex digits
 *   ID    = HMAC-SHA-256(key, "trammel/mask/v1\n" secret), its first 8 bytes
 *   CHECK = HMAC-SHA-256(key, "trammel/mask/check/v1\n" KIND [ "!" ] ":" ID), its first 4 bytes
 *
 * Promises:
 *   1. What was masked once is left as it is: masking twice is masking once.
 *   2. Whoever lacks the key can neither guess a secret from its token nor make a token: one that
 *      was not made here is masked itself, as of kind "foreign".
 *   3. "!" says that the secret had a byte that a shell or a path may obey, or that the mask cannot
 *      tell: what runs or opens such a text may do what the mask hides.
 *   4. Time is linear in the text; trees are as deep as their reader let them be.
 *
 * docs/formats/masking.md lists the kinds with their exact rules.
 */
#ifndef TRAMMEL_MASK_H
#define TRAMMEL_MASK_H

#include "engine/base/limits.h"
#include "engine/base/regex.h"
#include "engine/base/value.h"
#include "engine/crypto/crypto.h"

#define MASK_KEY_BYTES 32

/* What a workspace says beyond what always holds. Borrowed for as long as the mask. */
struct mask_pattern {
	struct str kind;             /* mask_kind_ok */
	const struct regex *pattern; /* a text that it matches is a secret, whole */
};

struct mask_terms {
	bool email, phone;
	const struct str *names;     /* further members whose values are secrets */
	size_t name_count;
	const struct mask_pattern *patterns;
	size_t pattern_count;
	const struct str *exempt;    /* globs of places that are left alone, as args.token */
	size_t exempt_count;
};

/* 1 to LIMIT_MASK_KIND_BYTES lower-case letters, digits and dashes, and none of ours. */
bool mask_kind_ok(struct str kind);

struct mask;

/*
 * A copy of the key is kept until it is closed; NULL: this mask only looks (mask_looks), and takes
 * tokens at their word. ERR_MEMORY.
 */
enum err mask_open(const struct mask_terms *terms, const uint8_t *key, struct mask **ret) NODISCARD;
/* Wipes the key. Safe on NULL. */
void mask_close(struct mask *m);

/* One secret that was found: where, and what it is. */
struct mask_found { struct str at, kind; };

/* What was found; the first ones with their places. Starts as { .arena = a }. */
struct mask_report {
	struct arena *arena;         /* of what takes a secret's place, and of `found` */
	struct mask_found *found;
	size_t kept, count;          /* in `found`; in all */
	size_t kept_bytes;
	bool has_key_id;             /* the name of an AWS key: its secret may be near */
};

enum mask_manner {
	MASK_VALUES = 0,             /* what tools are given and give: members' names count, too */
	MASK_NAMES,                  /* who, and data of our own making: agents have addresses */
};

/*
 * Mask everything below `v`, keys of objects included, in place: strings that held a secret are
 * new, a number that was one becomes a string. `at` is what `v` is called, like "args". On
 * ERR_MEMORY the tree is partly masked; ERR_DUPLICATE: two keys of one object have become the same.
 */
enum err mask_value(const struct mask *m, struct value *v, struct str at, enum mask_manner manner,
		    struct mask_report *r) NODISCARD;
/* The same for one text; `*text` changes when it held a secret. */
enum err mask_text(const struct mask *m, struct str *text, struct str at, enum mask_manner manner,
		   struct mask_report *r) NODISCARD;
/* Is there any secret in these bytes, whatever they are? Then of what kind the first one is. */
bool mask_looks(const struct mask *m, struct str bytes, struct str *kind);
/* Does it hold something that was masked? With `obeyed`, only what has the "!". */
bool mask_hides(struct str text, bool obeyed);

#endif
