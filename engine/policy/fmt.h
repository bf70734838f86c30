/*
 * fmt: the one layout of a policy file. In YAML keys in a fixed order, one to a line; rules in
 * their order, a blank line between them; strings quoted only where they must be; conditions spaced
 * in one way; comments kept, each with what it stood before or behind. Of Cedar see cedar_format.
 */
#ifndef TRAMMEL_FMT_H
#define TRAMMEL_FMT_H

/*
 * Append the file in that layout. What comes out reads as the same values (conditions as the same
 * words), holds the same comments, and comes out of fmt_policy as it is: all of this is checked
 * before anything is written. ERR_TYPE when the file is no mapping; ERR_UNKNOWN when it holds
 * something that cannot be laid out without changing what it says. `memory` is the caller's to
 * rewind.
 */
enum err fmt_policy(struct str text, struct arena *memory, struct buf *out,
		    struct note *n) NODISCARD;
/*
 * The same for a file of any kind, by its name: *.cedar and *.cedarschema by cedar_format, all
 * others as YAML. Files of JSON, *.cedar.json and the like, are left alone, and not given here.
 */
enum err fmt_file(struct str name, struct str text, struct arena *memory, struct buf *out,
		  struct note *n) NODISCARD;
bool fmt_leaves_alone(struct str name);
/* The words of a condition with single blanks between them; as it is when it cannot be read. */
enum err fmt_condition(struct str text, struct arena *memory, struct buf *out) NODISCARD;

/* --- comments of a YAML file --- */

struct comment {
	uint32_t line;       /* from 1 */
	bool alone;          /* nothing but blanks before it */
	bool used;
	struct str text;     /* from the '#' to the end of the line, without blanks there */
};

struct comments {
	struct comment *items;
	size_t count;
};

/*
 * All comments of the text, in order. Scalars are told from comments by their quotes and their
 * indentation, which is sure for all but odd layouts: `stripped` is the text without the comments,
 * and reads as the same values when they were told right.
 */
enum err comment_find(struct str text, struct arena *memory, struct comments *ret,
		      struct buf *stripped) NODISCARD;

#endif
