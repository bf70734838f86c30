/*
 * masked: a mask with a fixed key, and texts as it leaves them, each token shown as <kind>.
 *
 *   expect_masked("k=ghp_...", "k=<github-token>");
 */
#ifndef TRAMMEL_TESTS_MASKED_H
#define TRAMMEL_TESTS_MASKED_H

#include "engine/mask/inside.h"

/* With mail addresses and phone numbers when `people`. Closed by masked_fini. */
void masked_init(bool people);
void masked_fini(void);
struct mask *masked_mask(void);
struct arena *masked_arena(void);

/* The text after masking as it stands under no name; NUL-ended, until masked_fini. */
const char *masked_text(const char *text);
/* The same with tokens shortened to <kind> or <kind!>. */
const char *masked_short(const char *text);
/* JSON in, masked canonical JSON out, shortened; it is called "args". */
const char *masked_json(const char *json);
void expect_masked(const char *text, const char *expected);
void expect_kept(const char *text);

#endif
