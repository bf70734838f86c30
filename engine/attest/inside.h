/*
 * inside: what the files of engine/attest share. Nobody else includes this but their tests.
 */
#ifndef TRAMMEL_ATTEST_INSIDE_H
#define TRAMMEL_ATTEST_INSIDE_H

#include "engine/attest/trace_record.h"

#define TRACE_SOFTWARE_ONLY "software-only"

/* For printf: what a stranger wrote, as much of it as a message needs. */
#define SHOWN_BYTES 64
#define SHOWN(s) (int)((s).len < SHOWN_BYTES ? (s).len : SHOWN_BYTES), (s).ptr ? (s).ptr : ""

/* As trace_record_preimage, without the member of that name. */
enum err trace_record_without(const struct value *whole, const char *member, struct arena *a,
			      struct buf *b) NODISCARD;
/* Is it a signature by that key over that text? As trace_record_signed_by. */
enum err trace_record_verify(const struct jws_key *key, struct str text,
			     struct str signature) NODISCARD;

/* The value of `cnf` for that key, in the arena. */
enum err trace_record_cnf(const struct sign_key *key, struct arena *a, struct value *ret) NODISCARD;

#define TRACE_KEY_ID_BYTES 43                 /* base64url of a thumbprint */
/* The thumbprint of a key that was read, as text. */
enum err trace_record_key_id(const struct jws_key *key, char id[TRACE_KEY_ID_BYTES]) NODISCARD;

#endif
