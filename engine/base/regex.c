/*
 * regex: Thompson's construction (CACM 11:6, 1968), run as in R. Cox, "Regular Expression Matching:
 * the Virtual Machine Approach" (2009), without captures.
 *
 *   x*     L: SPLIT +1, +n    x|y   SPLIT +1, n    x{2,3}   x x SPLIT +1, +n x
 *             x                     x
 *             JUMP L                JUMP end
 *                                   y
 *
 * Jumps are relative, so a compiled piece can be moved (to put a SPLIT in front of it) and copied
 * (for counts) as plain bytes. A copy needs states, so the state limit also bounds nested counts.
 *
 * Matching holds the set of states that the text so far can lead to. A state enters the set of one
 * position at most once, marked by the number of the position: states * positions in all.
 */
#include "engine/base/regex.h"

#include "engine/base/limits.h"

#define MAX_COUNT 1000                          /* as in RE2 */
#define MAX_RANGES (LIMIT_REGEX_BYTES * 4)      /* nothing adds more than three for one byte */
#define MAX_CODE UINT32_C(0x10FFFF)
#define STRAY (MAX_CODE + 1)                    /* a byte that is not UTF-8, as a character */
#define UNBOUNDED UINT32_MAX

_Static_assert(LIMIT_REGEX_STATES <= INT16_MAX, "jumps are 16 bits");

enum op {
	OP_CHAR,            /* the character `code` */
	OP_CHAR_FOLD,       /* the ASCII letter `code` (lower case) in either case */
	OP_ANY,
	OP_ANY_BUT_LF,
	OP_SET,             /* one of `count` ranges from `first` on */
	OP_SET_NOT,
	OP_TEXT_START, OP_TEXT_END, OP_LINE_START, OP_LINE_END, OP_WORD_EDGE, OP_NO_WORD_EDGE,
	OP_SPLIT,           /* go on at both `x` and `y` from here */
	OP_JUMP,            /* go on at `x` from here */
	OP_MATCH,
};

struct state {
	uint8_t op;
	int16_t x, y;
	union {
		uint32_t code;
		struct { uint16_t first, count; } set;
	};
};

struct range {
	uint32_t low, high;
};

struct regex {
	struct state *states;
	struct range *ranges;
	uint16_t state_count;
};

struct flags {
	bool fold, lines, dot_all;
};

struct compiler {
	struct str pattern;
	size_t at;
	struct note *note;
	int depth;
	struct flags flags;
	size_t state_count, range_count;
	struct state states[LIMIT_REGEX_STATES];
	struct range ranges[MAX_RANGES];
};

/* Ranges of a class, in order and apart from each other. */
struct class {
	const char *name;
	uint8_t count;
	struct range ranges[4];
};

/* What [[:lower:]] and [[:upper:]] are where case is ignored; the other classes have both cases. */
static const struct class either_case = { "alpha", 2, { { 'A', 'Z' }, { 'a', 'z' } } };

static const struct class classes[] = {
	{ "alnum",  3, { { '0', '9' }, { 'A', 'Z' }, { 'a', 'z' } } },
	{ "alpha",  2, { { 'A', 'Z' }, { 'a', 'z' } } },
	{ "ascii",  1, { { 0, 0x7F } } },
	{ "blank",  2, { { '\t', '\t' }, { ' ', ' ' } } },
	{ "cntrl",  2, { { 0, 0x1F }, { 0x7F, 0x7F } } },
	{ "digit",  1, { { '0', '9' } } },
	{ "graph",  1, { { '!', '~' } } },
	{ "lower",  1, { { 'a', 'z' } } },
	{ "print",  1, { { ' ', '~' } } },
	{ "punct",  4, { { '!', '/' }, { ':', '@' }, { '[', '`' }, { '{', '~' } } },
	{ "space",  2, { { '\t', '\r' }, { ' ', ' ' } } },
	{ "upper",  1, { { 'A', 'Z' } } },
	{ "word",   4, { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } } },
	{ "xdigit", 3, { { '0', '9' }, { 'A', 'F' }, { 'a', 'f' } } },
};

/* \s of RE2 lacks the vertical tab that [[:space:]] has. */
static const struct class perl_digit = { "d", 1, { { '0', '9' } } };
static const struct class perl_space = { "s", 3, { { '\t', '\n' }, { '\f', '\r' }, { ' ', ' ' } } };
static const struct class perl_word = {
	"w", 4, { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } },
};

static enum err fail(struct compiler *c, size_t at, const char *story)
{
	return note_set(c->note, ERR_SYNTAX, 1, (uint32_t)at + 1, "%s", story);
}

static bool more(const struct compiler *c)
{
	return c->at < c->pattern.len;
}

/* The byte `ahead` of the current one, NUL behind the end. */
static char peek(const struct compiler *c, size_t ahead)
{
	return c->pattern.len - c->at > ahead ? c->pattern.ptr[c->at + ahead] : '\0';
}

static bool accept(struct compiler *c, char wanted)
{
	if (!more(c) || peek(c, 0) != wanted)
		return false;
	c->at++;
	return true;
}

static bool accept_text(struct compiler *c, const char *wanted)
{
	struct str rest = str_slice(c->pattern.ptr + c->at, c->pattern.len - c->at);

	if (!str_starts(rest, str_view(wanted)))
		return false;
	c->at += strlen(wanted);
	return true;
}

/* The pattern is valid UTF-8, so the character that is there can be read. */
static uint32_t next_character(struct compiler *c)
{
	uint32_t code = 0;

	c->at += str_utf8_first(str_slice(c->pattern.ptr + c->at, c->pattern.len - c->at), &code);
	return code;
}

static enum err too_many_states(struct compiler *c)
{
	return note_set(c->note, ERR_LIMIT, 1, (uint32_t)c->at,
			"the pattern needs more than %d states here; use smaller counts or "
			"split the pattern", LIMIT_REGEX_STATES);
}

static enum err emit(struct compiler *c, struct state s)
{
	if (c->state_count == LIMIT_REGEX_STATES)
		return too_many_states(c);
	c->states[c->state_count++] = s;
	return OK;
}

/* Put a state in front of the piece that starts at `at`; the piece moves as a whole. */
static enum err insert(struct compiler *c, size_t at, struct state s)
{
	TRY(emit(c, s));
	memmove(&c->states[at + 1], &c->states[at], (c->state_count - 1 - at) * sizeof(s));
	c->states[at] = s;
	return OK;
}

static void add_range(struct compiler *c, uint32_t low, uint32_t high)
{
	MUST(c->range_count < MAX_RANGES);
	c->ranges[c->range_count++] = (struct range){ low, high };
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* A range and, when case is ignored, what its letters are in the other case. */
static void add_folded(struct compiler *c, uint32_t low, uint32_t high)
{
	add_range(c, low, high);
	if (c->flags.fold && low <= 'Z' && high >= 'A')
		add_range(c, larger(low, 'A') + 32, smaller(high, 'Z') + 32);
	if (c->flags.fold && low <= 'z' && high >= 'a')
		add_range(c, larger(low, 'a') - 32, smaller(high, 'z') - 32);
}

/* The ranges of a class, or what lies between and around them. */
static void add_class(struct compiler *c, const struct class *class, bool negated)
{
	uint32_t from = 0;

	for (size_t i = 0; i < class->count; i++) {
		struct range r = class->ranges[i];

		if (!negated)
			add_range(c, r.low, r.high);
		else if (r.low > from)
			add_range(c, from, r.low - 1);
		from = r.high + 1;
	}
	if (negated)
		add_range(c, from, MAX_CODE);
}

/* The class of \d \D \s \S \w \W, or NULL. */
static const struct class *perl_class(char letter)
{
	switch (letter) {
	case 'd': case 'D': return &perl_digit;
	case 's': case 'S': return &perl_space;
	case 'w': case 'W': return &perl_word;
	default: return NULL;
	}
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_word(uint32_t code)
{
	return (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z')
	       || (code >= 'a' && code <= 'z') || code == '_';
}

static uint32_t hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (uint32_t)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (uint32_t)(c - 'A') + 10;
	return UINT32_MAX;
}

/* Behind \x: two digits, or any number of them in braces. */
static enum err hex_escape(struct compiler *c, size_t start, uint32_t *ret)
{
	bool braces = accept(c, '{');
	size_t digits = 0;
	uint32_t code = 0;

	while ((braces || digits < 2) && hex_digit(peek(c, 0)) < 16) {
		code = code * 16 + hex_digit(peek(c, 0));
		if (code > MAX_CODE)
			return fail(c, start, "the character is beyond U+10FFFF");
		c->at++;
		digits++;
	}
	if (digits == 0 || (!braces && digits < 2) || (braces && !accept(c, '}')))
		return fail(c, start, "expected \\xHH or \\x{H...}, H being a hexadecimal digit");
	*ret = code;
	return OK;
}

/* \1 to \7 alone would be back references; two more octal digits, or a 0 in front, make a code. */
static bool octal_escape(struct compiler *c, uint32_t *ret)
{
	size_t digits = 0;
	uint32_t code = 0;

	while (digits < 3 && peek(c, digits) >= '0' && peek(c, digits) <= '7')
		code = code * 8 + (uint32_t)(peek(c, digits++) - '0');
	if (digits == 0 || (peek(c, 0) != '0' && digits < 3))
		return false;
	c->at += digits;
	*ret = code;
	return true;
}

/* Behind the backslash: an escape that stands for one character. */
static enum err escaped_character(struct compiler *c, uint32_t *ret)
{
	static const char letters[] = "afnrtv", meanings[] = "\a\f\n\r\t\v";
	size_t start = c->at - 1;
	char letter = peek(c, 0);
	const char *known;

	if (!more(c))
		return fail(c, start, "a \\ at the end quotes nothing; write \\\\ for itself");
	if (octal_escape(c, ret))
		return OK;
	if (letter >= '0' && letter <= '9')
		return fail(c, start, "back references are not supported");
	if (letter == 'x') {
		c->at++;
		return hex_escape(c, start, ret);
	}
	known = letter ? strchr(letters, letter) : NULL;
	if (known) {
		c->at++;
		*ret = (uint32_t)meanings[known - letters];
		return OK;
	}
	if (letter == 'p' || letter == 'P')
		return fail(c, start, "Unicode classes are not supported; use a set like [a-z]");
	if (is_word((unsigned char)letter) || (unsigned char)letter >= 0x80)
		return fail(c, start, "this escape is not known; quote only punctuation with \\");
	c->at++;
	*ret = (unsigned char)letter;
	return OK;
}

static enum err posix_class(struct compiler *c)
{
	size_t start = c->at;
	bool negated;

	c->at += 2;
	negated = accept(c, '^');
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		size_t before = c->at;

		if (accept_text(c, classes[i].name) && accept_text(c, ":]")) {
			bool one_case = str_is(str_view(classes[i].name), "lower") ||
					str_is(str_view(classes[i].name), "upper");

			add_class(c, c->flags.fold && one_case ? &either_case : &classes[i],
				  negated);
			return OK;
		}
		c->at = before;
	}
	return fail(c, start, "this class is not known; expected one like [:alpha:] or [:digit:]");
}

static enum err set_character(struct compiler *c, uint32_t *ret)
{
	if (accept(c, '\\'))
		return escaped_character(c, ret);
	*ret = next_character(c);
	return OK;
}

/* One character or range of a set. */
static enum err set_range(struct compiler *c)
{
	size_t start = c->at;
	uint32_t low, high;

	TRY(set_character(c, &low));
	high = low;
	if (peek(c, 0) == '-' && peek(c, 1) != ']' && c->pattern.len - c->at > 1) {
		c->at++;
		TRY(set_character(c, &high));
	}
	if (high < low)
		return fail(c, start, "the range ends before it starts");
	add_folded(c, low, high);
	return OK;
}

/* Behind the opening bracket. A `]` that comes first is a character. */
static enum err parse_set(struct compiler *c)
{
	size_t start = c->at - 1, first = c->range_count;
	bool negated = accept(c, '^'), any = false;

	while (!any || peek(c, 0) != ']') {
		const struct class *class = peek(c, 0) == '\\' ? perl_class(peek(c, 1)) : NULL;

		if (!more(c))
			return fail(c, start, "the set is not closed; expected a ]");
		if (class) {
			add_class(c, class, is_upper(peek(c, 1)));
			c->at += 2;
		} else if (peek(c, 0) == '[' && peek(c, 1) == ':') {
			TRY(posix_class(c));
		} else {
			TRY(set_range(c));
		}
		any = true;
	}
	c->at++;
	return emit(c, (struct state){
		.op = negated ? OP_SET_NOT : OP_SET,
		.set = { (uint16_t)first, (uint16_t)(c->range_count - first) },
	});
}

static enum err emit_character(struct compiler *c, uint32_t code)
{
	uint32_t lower = code >= 'A' && code <= 'Z' ? code + 32 : code;

	if (c->flags.fold && lower >= 'a' && lower <= 'z')
		return emit(c, (struct state){ .op = OP_CHAR_FOLD, .code = lower });
	return emit(c, (struct state){ .op = OP_CHAR, .code = code });
}

/* Behind a backslash outside of sets. */
static enum err parse_escape(struct compiler *c)
{
	const struct class *class = perl_class(peek(c, 0));
	size_t first = c->range_count;
	uint32_t code;

	if (class) {
		uint8_t op = is_upper(peek(c, 0)) ? OP_SET_NOT : OP_SET;

		c->at++;
		add_class(c, class, false);
		return emit(c, (struct state){
			.op = op, .set = { (uint16_t)first, (uint16_t)(c->range_count - first) },
		});
	}
	if (accept(c, 'b'))
		return emit(c, (struct state){ .op = OP_WORD_EDGE });
	if (accept(c, 'B'))
		return emit(c, (struct state){ .op = OP_NO_WORD_EDGE });
	if (accept(c, 'A'))
		return emit(c, (struct state){ .op = OP_TEXT_START });
	if (accept(c, 'z'))
		return emit(c, (struct state){ .op = OP_TEXT_END });
	TRY(escaped_character(c, &code));
	return emit_character(c, code);
}

/*
 * Behind `(?`: flags up to the `)` or `:` that ends them. True when a group with content follows.
 */
static enum err parse_flags(struct compiler *c, bool *opens)
{
	struct flags flags = c->flags;
	bool set = true, any = false;

	for (; more(c); c->at++) {
		switch (peek(c, 0)) {
		case 'i': flags.fold = set; any = true; continue;
		case 'm': flags.lines = set; any = true; continue;
		case 's': flags.dot_all = set; any = true; continue;
		case '-':
			if (!set)
				break;
			set = any = false;
			continue;
		case ':': case ')':
			if (!any && (!set || peek(c, 0) == ')'))
				break;
			c->flags = flags;
			*opens = peek(c, 0) == ':';
			c->at++;
			return OK;
		default:
			break;
		}
		break;
	}
	return fail(c, c->at, "this group is not known; expected (?:...), (?P<name>...), or the "
		    "flags i, m and s as in (?i)");
}

static enum err skip_name(struct compiler *c)
{
	size_t start = c->at;

	while (more(c) && is_word((unsigned char)peek(c, 0)))
		c->at++;
	if (c->at == start || !accept(c, '>'))
		return fail(c, c->at, "the group's name is not closed; expected (?P<name>...)");
	return OK;
}

static enum err parse_alternatives(struct compiler *c);

/* Behind the opening parenthesis. `repeatable` is false for flags that stand alone. */
static enum err parse_group(struct compiler *c, bool *repeatable)
{
	struct flags outer = c->flags;
	size_t start = c->at - 1;
	bool opens = true;

	if (accept_text(c, "?P<") || accept_text(c, "?<"))
		TRY(skip_name(c));
	else if (accept(c, '?'))
		TRY(parse_flags(c, &opens));
	*repeatable = opens;
	if (!opens)
		return OK;
	if (c->depth == LIMIT_DEPTH)
		return note_set(c->note, ERR_LIMIT, 1, (uint32_t)start + 1,
				"groups are nested deeper than %d", LIMIT_DEPTH);
	c->depth++;
	TRY(parse_alternatives(c));
	c->depth--;
	if (!accept(c, ')'))
		return fail(c, start, "the group is not closed; expected a )");
	c->flags = outer;
	return OK;
}

static enum err parse_atom(struct compiler *c, bool *repeatable)
{
	size_t start = c->at;

	*repeatable = true;
	if (accept(c, '('))
		return parse_group(c, repeatable);
	if (accept(c, '['))
		return parse_set(c);
	if (accept(c, '\\'))
		return parse_escape(c);
	if (accept(c, '.'))
		return emit(c, (struct state){ .op = c->flags.dot_all ? OP_ANY : OP_ANY_BUT_LF });
	if (accept(c, '^'))
		return emit(c, (struct state){ .op = c->flags.lines ? OP_LINE_START
								    : OP_TEXT_START });
	if (accept(c, '$'))
		return emit(c, (struct state){ .op = c->flags.lines ? OP_LINE_END : OP_TEXT_END });
	if (accept(c, '*') || accept(c, '+') || accept(c, '?'))
		return fail(c, start, "there is nothing to repeat; quote the character with \\");
	return emit_character(c, next_character(c));
}

/* A count of at most MAX_COUNT, saturating above it. */
static bool read_count(struct compiler *c, uint32_t *ret)
{
	size_t start = c->at;
	uint32_t count = 0;

	for (; peek(c, 0) >= '0' && peek(c, 0) <= '9'; c->at++)
		if (count <= MAX_COUNT)
			count = count * 10 + (uint32_t)(peek(c, 0) - '0');
	*ret = count;
	return c->at > start;
}

/* {n} {n,} {n,m}. Anything else that starts with a brace is text, and nothing is taken. */
static bool accept_counts(struct compiler *c, uint32_t *least, uint32_t *most)
{
	size_t start = c->at;

	if (accept(c, '{') && read_count(c, least)) {
		*most = *least;
		if (accept(c, ',') && !read_count(c, most))
			*most = UNBOUNDED;
		if (accept(c, '}'))
			return true;
	}
	c->at = start;
	return false;
}

static bool accept_repetition(struct compiler *c, uint32_t *least, uint32_t *most)
{
	*least = 0;
	*most = UNBOUNDED;
	if (accept(c, '*'))
		return true;
	if (accept(c, '+')) {
		*least = 1;
		return true;
	}
	if (accept(c, '?')) {
		*most = 1;
		return true;
	}
	return accept_counts(c, least, most);
}

/* Once more what was compiled for the piece of `len` states at `from`. */
static enum err copy_piece(struct compiler *c, size_t from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		TRY(emit(c, c->states[from + i]));
	return OK;
}

/*
 * The piece at `from` is there once; make it stand for `least` to `most` times. The first `least`
 * copies are plain; each further one can be left out; an unbounded end loops on one that can.
 */
static enum err repeat_piece(struct compiler *c, size_t from, uint32_t least, uint32_t most)
{
	size_t len = c->state_count - from;
	struct state split = { .op = OP_SPLIT, .x = 1, .y = (int16_t)(len + 1) };
	uint32_t total = most == UNBOUNDED ? least + 1 : most;

	if (len == 0 || most == 0) {
		c->state_count = from;
		return OK;
	}
	if (least == 0) {
		if (most == UNBOUNDED)
			split.y++;
		TRY(insert(c, from, split));
		if (most == UNBOUNDED)
			return emit(c, (struct state){
				.op = OP_JUMP, .x = (int16_t)-(int)(len + 1),
			});
		from++;
		least = 1;
	}
	if (most == UNBOUNDED) {
		for (uint32_t i = 1; i < least; i++)
			TRY(copy_piece(c, from, len));
		return emit(c, (struct state){ .op = OP_SPLIT, .x = (int16_t)-(int)len, .y = 1 });
	}
	for (uint32_t i = 1; i < total; i++) {
		if (i >= least)
			TRY(emit(c, split));
		TRY(copy_piece(c, from, len));
	}
	return OK;
}

static enum err parse_repeated(struct compiler *c)
{
	size_t from = c->state_count, start;
	uint32_t least, most;
	bool repeatable;

	TRY(parse_atom(c, &repeatable));
	start = c->at;
	if (!accept_repetition(c, &least, &most))
		return OK;
	if (!repeatable)
		return fail(c, start, "flags cannot be repeated");
	if (least > MAX_COUNT || (most != UNBOUNDED && (most > MAX_COUNT || most < least)))
		return fail(c, start, "the counts must be at most 1000, the smaller one first");
	(void)accept(c, '?');
	TRY(repeat_piece(c, from, least, most));
	start = c->at;
	if (accept_repetition(c, &least, &most))
		return fail(c, start, "a repetition cannot be repeated; put it in a group first");
	return OK;
}

static enum err parse_sequence(struct compiler *c)
{
	while (more(c) && peek(c, 0) != '|' && peek(c, 0) != ')')
		TRY(parse_repeated(c));
	return OK;
}

/* SPLIT to this alternative and to the next; a JUMP at the end of each but the last. */
static enum err parse_alternatives(struct compiler *c)
{
	size_t from = c->state_count;

	TRY(parse_sequence(c));
	while (accept(c, '|')) {
		size_t len = c->state_count - from, jump;

		TRY(insert(c, from, (struct state){
			.op = OP_SPLIT, .x = 1, .y = (int16_t)(len + 2),
		}));
		jump = c->state_count;
		TRY(emit(c, (struct state){ .op = OP_JUMP }));
		TRY(parse_sequence(c));
		c->states[jump].x = (int16_t)(c->state_count - jump);
	}
	return OK;
}

static enum err copy_out(const struct compiler *c, struct arena *a, const struct regex **ret)
{
	struct regex *re = arena_alloc(a, sizeof(*re));
	struct state *states = arena_array(a, c->state_count, sizeof(*states));
	struct range *ranges = arena_array(a, c->range_count, sizeof(*ranges));

	if (!re || !states || !ranges)
		return ERR_MEMORY;
	memcpy(states, c->states, c->state_count * sizeof(*states));
	memcpy(ranges, c->ranges, c->range_count * sizeof(*ranges));
	*re = (struct regex){
		states, ranges, (uint16_t)c->state_count,
	};
	*ret = re;
	return OK;
}

enum err regex_compile(struct str pattern, struct arena *a, const struct regex **ret,
		       struct note *n)
{
	struct arena_mark mark = arena_mark(a);
	struct compiler c;
	enum err e;

	c.pattern = pattern.ptr ? pattern : STR("");
	c.at = c.state_count = c.range_count = 0;
	c.note = n;
	c.depth = 0;
	c.flags = (struct flags){ 0 };
	if (pattern.len > LIMIT_REGEX_BYTES)
		return note_set(n, ERR_LIMIT, 1, LIMIT_REGEX_BYTES + 1,
				"the pattern is longer than %d bytes", LIMIT_REGEX_BYTES);
	if (!str_utf8_ok(pattern))
		return note_set(n, ERR_ENCODING, 1, (uint32_t)str_utf8_prefix(pattern) + 1,
				"this byte is not UTF-8; write \\x{...} for a code");
	TRY(parse_alternatives(&c));
	if (more(&c))
		return fail(&c, c.at, "this ) closes nothing; quote it with \\");
	TRY(emit(&c, (struct state){ .op = OP_MATCH }));
	e = copy_out(&c, a, ret);
	if (e != OK)
		arena_rewind(a, mark);
	return e;
}

/* One position of the text: what is before and behind it decides the assertions. */
struct position {
	uint32_t before, after;          /* STRAY where there is no character */
	bool first, last;
};

struct walk {
	const struct regex *re;
	uint64_t visits, now;            /* `now`: number of the position, from 1 */
	uint64_t seen[LIMIT_REGEX_STATES];       /* number of the last position a state was at */
	uint16_t stack[LIMIT_REGEX_STATES];
	size_t stacked;
};

static bool holds(uint8_t op, const struct position *p)
{
	switch (op) {
	case OP_TEXT_START:
		return p->first;
	case OP_TEXT_END:
		return p->last;
	case OP_LINE_START:
		return p->first || p->before == '\n';
	case OP_LINE_END:
		return p->last || p->after == '\n';
	case OP_WORD_EDGE:
		return is_word(p->before) != is_word(p->after);
	default:
		return is_word(p->before) == is_word(p->after);
	}
}

static void push(struct walk *w, int state)
{
	if (w->seen[state] == w->now)
		return;
	w->seen[state] = w->now;
	w->stack[w->stacked++] = (uint16_t)state;
	w->visits++;
}

/*
 * Follow what needs no character, from `state` on; states that wait for one are added to `set`.
 * True when OP_MATCH was reached.
 */
static bool spread(struct walk *w, int state, const struct position *p, uint16_t *set,
		   size_t *count)
{
	push(w, state);
	while (w->stacked > 0) {
		int at = w->stack[--w->stacked];
		const struct state *s = &w->re->states[at];

		switch (s->op) {
		case OP_MATCH:
			return true;
		case OP_SPLIT:
			push(w, at + s->y);
			push(w, at + s->x);
			break;
		case OP_JUMP:
			push(w, at + s->x);
			break;
		case OP_TEXT_START: case OP_TEXT_END: case OP_LINE_START: case OP_LINE_END:
		case OP_WORD_EDGE: case OP_NO_WORD_EDGE:
			if (holds(s->op, p))
				push(w, at + 1);
			break;
		default:
			set[(*count)++] = (uint16_t)at;
		}
	}
	return false;
}

static bool in_ranges(const struct range *ranges, size_t count, uint32_t code)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].low && code <= ranges[i].high)
			return true;
	return false;
}

static bool takes(const struct regex *re, const struct state *s, uint32_t code)
{
	switch (s->op) {
	case OP_CHAR:
		return code == s->code;
	case OP_CHAR_FOLD:
		return code == s->code || code + 32 == s->code;
	case OP_ANY:
		return true;
	case OP_ANY_BUT_LF:
		return code != '\n';
	case OP_SET:
		return in_ranges(re->ranges + s->set.first, s->set.count, code);
	default:
		return !in_ranges(re->ranges + s->set.first, s->set.count, code);
	}
}

/*
 * The character at `at` and its length; STRAY, length 1, for a byte that is not UTF-8 and the end.
 */
static size_t character(struct str text, size_t at, uint32_t *ret)
{
	size_t len = 0;

	*ret = STRAY;
	if (at < text.len)
		len = str_utf8_first(str_slice(text.ptr + at, text.len - at), ret);
	return len ? len : 1;
}

size_t regex_states(const struct regex *re)
{
	return re->state_count;
}

bool regex_match_counted(const struct regex *re, struct str text, uint64_t *visits)
{
	uint16_t sets[2][LIMIT_REGEX_STATES], *here = sets[0], *next = sets[1], *spare;
	size_t here_count = 0, next_count, at = 0, len;
	struct position p = { .before = STRAY, .first = true };
	bool matched = false;
	struct walk w;

	w.re = re;
	w.now = w.visits = w.stacked = 0;
	memset(w.seen, 0, re->state_count * sizeof(w.seen[0]));
	/*
	 * `next` gathers the states of this position, reached from `here` by the character before.
	 */
	for (;;) {
		uint32_t code = p.before;

		len = character(text, at, &p.after);
		p.last = at == text.len;
		w.now++;
		next_count = 0;
		for (size_t i = 0; i < here_count && !matched; i++)
			if (takes(re, &re->states[here[i]], code))
				matched = spread(&w, here[i] + 1, &p, next, &next_count);
		if (!matched)
			matched = spread(&w, 0, &p, next, &next_count);
		if (matched || p.last)
			break;
		spare = here;
		here = next;
		next = spare;
		here_count = next_count;
		p.before = p.after;
		p.first = false;
		at += len;
	}
	*visits = w.visits;
	return matched;
}

bool regex_match(const struct regex *re, struct str text)
{
	uint64_t visits;

	return regex_match_counted(re, text, &visits);
}
