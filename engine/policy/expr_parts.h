/*
 * expr_parts: a condition being read, word by word: what the files of the grammar share. Each
 * function that reads begins at the current word and leaves the one behind what it read; failures
 * have their note.
 */
#ifndef TRAMMEL_EXPR_PARTS_H
#define TRAMMEL_EXPR_PARTS_H

#include "engine/policy/sequence_parts.h"

struct expr {
	struct lexer lexer;
	struct token now;
	struct slots *slots;
	struct code *code;
	struct arena *memory;
	struct note *note;
	enum policy_stage stage;
	unsigned depth, spent;
};

/* --- expr --- */

enum err expr_advance(struct expr *p) NODISCARD;
/* Is the current word this one, this sign? */
bool expr_at_word(const struct expr *p, const char *word);
bool expr_at_sign(const struct expr *p, const char *sign);
/* One part more, one level deeper; ERR_LIMIT. Who goes deeper takes it back from p->depth. */
enum err expr_spend(struct expr *p, uint32_t column) NODISCARD;
enum err expr_deeper(struct expr *p, uint32_t column) NODISCARD;
/* "found ...; expected ...", with the nearest word of the language where there is one. */
enum err expr_unexpected(struct expr *p, const char *expected) NODISCARD;
enum err expr_parse_path(struct expr *p, uint32_t *ret) NODISCARD;

/* --- expr_literal --- */

bool expr_at_literal(const struct expr *p);
enum err expr_literal(struct expr *p, struct value *ret) NODISCARD;

/* --- expr_past --- */

bool expr_at_lookback(const struct expr *p, enum lookback_form *ret);
/* *slot is the path where the answer will stand. */
enum err expr_lookback(struct expr *p, enum lookback_form form, uint32_t *slot) NODISCARD;

#endif
