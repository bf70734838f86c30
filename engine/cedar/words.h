/*
 * words: a text of policies or a schema as its words, with what a reader of the text sees beside
 * them: comments, blank lines, and where blanks belong. Nothing of the text is lost in them but
 * the layout. For the files of engine/cedar only.
 *
 *   // why                   remark, alone          permit    before it: "// why"
 *   permit ( // who          behind its word        (         behind it: "// who"
 */
#ifndef TRAMMEL_CEDAR_WORDS_H
#define TRAMMEL_CEDAR_WORDS_H

#include "engine/cedar/inside.h"

/* A comment that stands alone on its line, without blanks around it. */
struct cedar_remark {
	struct str text;
	bool gap;                    /* a blank line before it */
};

struct cedar_word {
	enum cedar_token_kind kind;
	struct str text;             /* as written, quotes included */
	struct str behind;           /* the comment behind it on its line; ptr NULL: none */
	uint32_t remarks_end;        /* remarks that stand before it, and those before them */
	uint32_t breaks;             /* comments behind the words before it, and final commas */
	uint32_t mate;               /* of a bracket: the other one */
	bool gap;                    /* a blank line before it, behind its remarks */
	bool blank;                  /* a blank stands between the word before and it */
	size_t at;                   /* where it begins when all words stand in one line */
};

struct cedar_words {
	const struct cedar_word *items;              /* the last is the end, without a text */
	size_t count;                                /* without the end */
	const struct cedar_remark *remarks;
	size_t remark_count;
};

/* Texts borrow from `text`. What the lexer refuses, and ERR_SYNTAX for brackets without mates. */
enum err cedar_words_read(struct str text, enum cedar_syntax syntax, struct arena *memory,
			  struct cedar_words *ret, struct note *n) NODISCARD;
/* The same words, and the same comments in the same order? */
bool cedar_words_same(const struct cedar_words *a, const struct cedar_words *b);
bool cedar_word_is(const struct cedar_word *w, const char *text);
bool cedar_word_opens(const struct cedar_word *w, enum cedar_syntax syntax);

#endif
