/*
 * yaml: libyaml's events, folded into a tree.
 *
 *   frames:  [object rules][list 0][object ...]     open lists and objects, the innermost last
 *   pending: [ members of the outer ones | ... | members of the innermost ]
 *
 * A finished value becomes a member at the end of `pending`. When a list or object ends, its
 * members move from the end of `pending` into one flat array of the arena. So nothing recurses, and
 * the tree's arrays have their exact size.
 */
#include "engine/base/yaml.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <yaml.h>

#include "engine/base/limits.h"

_Static_assert(LIMIT_YAML_BYTES <= LIMIT_NODES, "a document has at most one node per byte");

#define SHOWN_BYTES 64          /* how much of the text a note repeats */
#define SHOWN(s) (int)((s).len < SHOWN_BYTES ? (s).len : SHOWN_BYTES), (s).ptr

struct frame {
	struct value value;          /* the list or object, with its place in the text */
	struct member key;           /* of an object: the key that waits for its value */
	bool has_key;
	size_t base;                 /* members of `pending` that belong to outer frames */
};

struct reader {
	yaml_parser_t parser;
	struct str text;
	struct arena *arena;
	struct note *note;
	struct frame frames[LIMIT_DEPTH];
	size_t depth, members;
	struct buf pending;          /* `members` times struct member */
	struct value root;
	bool has_root, done;
};

static enum err refuse(struct reader *r, enum err e, const yaml_mark_t *at, const char *story)
{
	return note_set(r->note, e, (uint32_t)at->line + 1, (uint32_t)at->column + 1, "%s", story);
}

/* Line and column of a byte, for errors that libyaml or the encoding check place by offset. */
static void place_of(struct str text, size_t offset, uint32_t *line, uint32_t *column)
{
	*line = *column = 1;
	for (size_t i = 0; i < offset && i < text.len; i++) {
		if (text.ptr[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)text.ptr[i] & 0xC0) != 0x80) {
			++*column;
		}
	}
}

static size_t count_digits(struct str s, size_t from)
{
	size_t i = from;

	while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
		i++;
	return i - from;
}

/* 0o17 and 0x1F: digits of a base that is a power of two, without sign. */
static enum err read_based(struct str digits, unsigned base, struct value *v, bool *is_number)
{
	uint64_t number = 0;
	bool too_big = false;

	*is_number = digits.len > 0;
	for (size_t i = 0; i < digits.len; i++) {
		char c = digits.ptr[i];
		unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
				 : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : base;

		if (digit >= base) {
			*is_number = false;
			return OK;
		}
		too_big = too_big || number > (uint64_t)INT64_MAX / base;
		number = number * base + digit;
	}
	v->kind = VALUE_INT;
	v->integer = (int64_t)(number & INT64_MAX);
	return too_big || number > INT64_MAX ? ERR_RANGE : OK;
}

/*
 * Decimal digits; VALUE_BIG when int64 does not hold them. ERR_SYNTAX for leading zeros: 010 is ten
 * here and eight to readers of YAML 1.1, so nobody can tell what was meant.
 */
static enum err read_decimal(struct arena *a, struct str digits, bool negative, struct value *v)
{
	uint64_t most = (uint64_t)INT64_MAX + negative, number = 0;
	struct str copy;
	char *text;

	if (digits.len > 1 && digits.ptr[0] == '0')
		return ERR_SYNTAX;
	if (str_to_u64(digits, &number) == OK && number <= most) {
		v->kind = VALUE_INT;
		v->integer = negative ? (int64_t)(0 - number) : (int64_t)number;
		return OK;
	}
	text = arena_alloc(a, digits.len + 2);
	if (!text)
		return ERR_MEMORY;
	text[0] = '-';
	memcpy(text + negative, digits.ptr, digits.len);
	text[negative + digits.len] = '\0';
	copy = str_slice(text, negative + digits.len);
	v->kind = VALUE_BIG;
	v->string = copy;
	return OK;
}

/* The text is a float's and ends in NUL. The host's locale must not change how it reads. */
static enum err read_real(const char *text, struct value *v)
{
	locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	double real;

	if (!plain)
		return ERR_MEMORY;
	real = strtod_l(text, NULL, plain);
	freelocale(plain);
	if (!isfinite(real))
		return ERR_RANGE;
	v->kind = VALUE_REAL;
	v->real = real;
	return OK;
}

/*
 * [-+]? ( \.[0-9]+ | [0-9]+ (\.[0-9]*)? ) ([eE][-+]?[0-9]+)? and, without point and power,
 * integers.
 */
static enum err read_number(struct arena *a, struct str s, struct value *v, bool *is_number)
{
	bool sign = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
	size_t at = sign, whole = count_digits(s, at), fraction = 0, power;
	struct str digits = str_slice(s.ptr + at, whole);

	*is_number = false;
	at += whole;
	if (at == s.len && whole > 0) {
		*is_number = true;
		return read_decimal(a, digits, s.ptr[0] == '-', v);
	}
	if (at < s.len && s.ptr[at] == '.') {
		fraction = count_digits(s, at + 1);
		at += 1 + fraction;
	}
	if (whole + fraction == 0)
		return OK;
	if (at < s.len && (s.ptr[at] == 'e' || s.ptr[at] == 'E')) {
		at++;
		if (at < s.len && (s.ptr[at] == '-' || s.ptr[at] == '+'))
			at++;
		power = count_digits(s, at);
		if (power == 0)
			return OK;
		at += power;
	}
	if (at < s.len)
		return OK;
	*is_number = true;
	return read_real(s.ptr, v);
}

/* What a plain scalar means in the core schema. `s` ends in NUL; a string stays a view of it. */
static enum err resolve(struct arena *a, struct str s, struct value *v)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const trues[] = { "true", "True", "TRUE", NULL };
	static const char *const falses[] = { "false", "False", "FALSE", NULL };
	static const char *const unreal[] = {
		".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
		".nan", ".NaN", ".NAN", NULL
	};
	bool is_number = false;
	enum err e;

	v->kind = VALUE_NULL;
	if (str_listed(s, nulls))
		return OK;
	v->kind = VALUE_BOOL;
	v->boolean = str_listed(s, trues);
	if (v->boolean || str_listed(s, falses))
		return OK;
	if (str_listed(s, unreal))
		return ERR_RANGE;
	if (str_starts(s, STR("0o")))
		e = read_based(str_slice(s.ptr + 2, s.len - 2), 8, v, &is_number);
	else if (str_starts(s, STR("0x")))
		e = read_based(str_slice(s.ptr + 2, s.len - 2), 16, v, &is_number);
	else
		e = read_number(a, s, v, &is_number);
	if (!is_number) {
		v->kind = VALUE_STRING;
		v->string = s;
	}
	return e;
}

/* A finished value takes its place: the root, an item of a list, or beside the waiting key. */
static enum err put(struct reader *r, struct value v)
{
	struct frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;
	struct member m = { .value = v };

	if (!f) {
		r->root = v;
		r->has_root = true;
		return OK;
	}
	if (f->value.kind == VALUE_OBJECT) {
		m = f->key;
		m.value = v;
		f->has_key = false;
	}
	buf_add(&r->pending, str_slice(&m, sizeof(m)));
	if (r->pending.err != OK)
		return r->pending.err;
	r->members++;
	return OK;
}

/* True when the next value belongs where only a key can stand. */
static bool wants_key(const struct reader *r)
{
	return r->depth > 0 && r->frames[r->depth - 1].value.kind == VALUE_OBJECT
	       && !r->frames[r->depth - 1].has_key;
}

static enum err take_key(struct reader *r, const yaml_event_t *ev, struct str s, bool plain)
{
	struct frame *f = &r->frames[r->depth - 1];

	if (plain && s.len == 0)
		return refuse(r, ERR_SYNTAX, &ev->start_mark,
			      "a key is missing; write a name before the colon");
	if (plain && str_is(s, "<<"))
		return refuse(r, ERR_SYNTAX, &ev->start_mark,
			      "merge keys are not supported; write the members out");
	f->key = (struct member){
		.line = (uint32_t)ev->start_mark.line + 1,
		.column = (uint32_t)ev->start_mark.column + 1,
	};
	TRY(arena_copy(r->arena, s, &f->key.key));
	f->has_key = true;
	return OK;
}

/* Nothing that could stand for something else: anchors, tags. */
static enum err check_plainness(struct reader *r, const yaml_event_t *ev,
				const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		return refuse(r, ERR_SYNTAX, &ev->start_mark,
			      "anchors are not supported; remove the `&name` and repeat the text");
	if (tag)
		return refuse(r, ERR_SYNTAX, &ev->start_mark,
			      "tags are not supported; remove the tag, or quote the text");
	return OK;
}

static enum err take_scalar(struct reader *r, const yaml_event_t *ev)
{
	struct str s = str_slice(ev->data.scalar.value, ev->data.scalar.length);
	bool plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct value v = {
		.kind = VALUE_STRING,
		.line = (uint32_t)ev->start_mark.line + 1,
		.column = (uint32_t)ev->start_mark.column + 1,
	};

	TRY(check_plainness(r, ev, ev->data.scalar.anchor, ev->data.scalar.tag));
	if (wants_key(r))
		return take_key(r, ev, s, plain);
	v.string = s;
	if (plain) {
		enum err e = resolve(r->arena, s, &v);

		if (e == ERR_RANGE)
			return note_set(r->note, e, v.line, v.column,
					"`%.*s` is outside the numbers that are supported; "
					"write a finite number, or quote the text", SHOWN(s));
		if (e == ERR_SYNTAX)
			return note_set(r->note, e, v.line, v.column,
					"`%.*s` begins with a zero, which some readers take for "
					"octal; leave the zero out, or quote the text", SHOWN(s));
		TRY(e);
	}
	if (v.kind == VALUE_STRING)
		TRY(arena_copy(r->arena, s, &v.string));
	return put(r, v);
}

static enum err start(struct reader *r, const yaml_event_t *ev, enum value_kind kind)
{
	if (wants_key(r))
		return refuse(r, ERR_SYNTAX, &ev->start_mark,
			      "a list or an object cannot be a key; write a name, "
			      "or quote the text if the brackets belong to it");
	if (r->depth == LIMIT_DEPTH)
		return note_set(r->note, ERR_LIMIT, (uint32_t)ev->start_mark.line + 1,
				(uint32_t)ev->start_mark.column + 1,
				"lists and objects are nested deeper than %d", LIMIT_DEPTH);
	r->frames[r->depth++] = (struct frame){
		.value = {
			.kind = kind,
			.line = (uint32_t)ev->start_mark.line + 1,
			.column = (uint32_t)ev->start_mark.column + 1,
		},
		.base = r->members,
	};
	return OK;
}

static int by_key_then_place(const void *a, const void *b)
{
	const struct member *const *x = a, *const *y = b;
	int order = str_cmp((*x)->key, (*y)->key);

	return order ? order : (*x > *y) - (*x < *y);
}

/* Sorting finds duplicates without a hash that hostile keys could be chosen against. */
static enum err check_duplicates(struct reader *r, const struct member *members, size_t count)
{
	struct arena_mark mark = arena_mark(r->arena);
	const struct member **sorted, *first = NULL;

	if (count < 2)
		return OK;
	sorted = arena_array(r->arena, count, sizeof(*sorted));
	if (!sorted)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++)
		sorted[i] = &members[i];
	qsort(sorted, count, sizeof(*sorted), by_key_then_place);
	for (size_t i = 1; i < count; i++)
		if (str_eq(sorted[i - 1]->key, sorted[i]->key) && (!first || sorted[i] < first))
			first = sorted[i];
	arena_rewind(r->arena, mark);
	if (!first)
		return OK;
	return note_set(r->note, ERR_DUPLICATE, first->line, first->column,
			"the key `%.*s` is given twice in this object; remove one of the two",
			SHOWN(first->key));
}

/* The innermost list or object ends: its members move into the arena. */
static enum err end(struct reader *r)
{
	struct frame *f = &r->frames[r->depth - 1];
	size_t count = r->members - f->base;
	struct str from = buf_view(&r->pending);
	struct value v = f->value;
	struct member m;

	from = str_slice(count ? from.ptr + f->base * sizeof(m) : "", count * sizeof(m));
	if (v.kind == VALUE_OBJECT) {
		v.object.members = arena_array(r->arena, count, sizeof(m));
		if (!v.object.members)
			return ERR_MEMORY;
		memcpy(v.object.members, from.ptr, from.len);
		v.object.count = count;
		TRY(check_duplicates(r, v.object.members, count));
	} else {
		v.list.items = arena_array(r->arena, count, sizeof(*v.list.items));
		if (!v.list.items)
			return ERR_MEMORY;
		for (size_t i = 0; i < count; i++) {
			memcpy(&m, from.ptr + i * sizeof(m), sizeof(m));
			v.list.items[i] = m.value;
		}
		v.list.count = count;
	}
	r->pending.len -= from.len;
	r->members = f->base;
	r->depth--;
	return put(r, v);
}

static enum err start_document(struct reader *r, const yaml_event_t *ev)
{
	const yaml_version_directive_t *version = ev->data.document_start.version_directive;

	if (r->has_root)
		return refuse(r, ERR_SYNTAX, &ev->start_mark,
			      "a second document starts here; expected one document per file");
	if (version && (version->major != 1 || version->minor != 2))
		return refuse(r, ERR_VERSION, &ev->start_mark,
			      "only YAML 1.2 is read; remove the %YAML line, and check words like "
			      "`yes` and `no`, which 1.2 reads as text");
	return OK;
}

static enum err take(struct reader *r, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		return start_document(r, ev);
	case YAML_ALIAS_EVENT:
		return refuse(r, ERR_SYNTAX, &ev->start_mark,
			      "aliases are not supported; repeat the text, "
			      "or quote it if the `*` belongs to it");
	case YAML_SCALAR_EVENT:
		return take_scalar(r, ev);
	case YAML_SEQUENCE_START_EVENT:
		TRY(check_plainness(r, ev, ev->data.sequence_start.anchor,
				    ev->data.sequence_start.tag));
		return start(r, ev, VALUE_LIST);
	case YAML_MAPPING_START_EVENT:
		TRY(check_plainness(r, ev, ev->data.mapping_start.anchor,
				    ev->data.mapping_start.tag));
		return start(r, ev, VALUE_OBJECT);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return end(r);
	case YAML_STREAM_END_EVENT:
		r->done = true;
		return OK;
	default:
		return OK;
	}
}

/* libyaml's own complaint in our words. */
static enum err complaint(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	uint32_t line = (uint32_t)p->problem_mark.line + 1;
	uint32_t column = (uint32_t)p->problem_mark.column + 1;

	if (p->error == YAML_MEMORY_ERROR)
		return ERR_MEMORY;
	/* Mostly a pattern: `tools: [*]`. */
	if (p->context && strcmp(p->context, "while scanning an alias") == 0)
		return note_set(r->note, ERR_SYNTAX, (uint32_t)p->context_mark.line + 1,
				(uint32_t)p->context_mark.column + 1,
				"a bare `*` begins an alias, which is not supported; as text it "
				"is written in quotes: \"*\"");
	if (p->error == YAML_READER_ERROR)
		place_of(r->text, p->problem_offset, &line, &column);
	return note_set(r->note, ERR_SYNTAX, line, column,
			"%s%s%s; check the indentation (spaces, not tabs), the brackets and the "
			"quotes here", p->problem ? p->problem : "this is not YAML",
			p->context ? " " : "", p->context ? p->context : "");
}

static enum err read_events(struct reader *r)
{
	while (!r->done) {
		yaml_event_t event;
		enum err e;

		if (!yaml_parser_parse(&r->parser, &event))
			return complaint(r);
		e = take(r, &event);
		yaml_event_delete(&event);
		TRY(e);
	}
	return OK;
}

/*
 * Controls, marks of direction, separators and characters without width. libyaml ends lines at
 * some of them, which no editor shows, so a comment could hide a key; others reorder or hide text.
 */
static bool is_hidden(uint32_t code)
{
	static const struct { uint32_t first, last; } ranges[] = {
		{ 0x7F, 0x9F }, { 0xAD, 0xAD }, { 0x61C, 0x61C }, { 0x180E, 0x180E },
		{ 0x200B, 0x200F }, { 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0xFEFF, 0xFEFF },
		{ 0xFFF9, 0xFFFB }, { 0xE0000, 0xE007F },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/*
 * The document must read as it looks, so lines end in LF or CR LF and no character is hidden.
 * %TAG lines, which libyaml compares pair by pair, end here before there are too many.
 */
static enum err check_sight(struct str text, struct note *n)
{
	uint32_t line = 1, column = 1, code;

	for (size_t at = 0, len; at < text.len; at += len, column++) {
		struct str rest = str_slice(text.ptr + at, text.len - at);

		len = str_utf8_first(rest, &code);
		MUST(len > 0);
		if (is_hidden(code))
			return note_set(n, ERR_SYNTAX, line, column,
					"the character U+%04X, which cannot be seen, stands here; "
					"remove it, or write it as an escape in double quotes",
					(unsigned)code);
		if (code == '\r' && !str_starts(rest, STR("\r\n")))
			return note_set(n, ERR_SYNTAX, line, column,
					"a carriage return stands here without a line feed; end "
					"lines with a line feed");
		if (column == 1 && str_starts(rest, STR("%TAG")))
			return note_set(n, ERR_SYNTAX, line, column,
					"tags are not supported; remove the %%TAG line");
		if (code == '\n') {
			line++;
			column = 0;
		}
	}
	return OK;
}

/* Size and encoding; the byte order mark is taken off. */
static enum err check_bytes(struct str *text, struct note *n)
{
	uint32_t line, column;

	if (text->len > LIMIT_YAML_BYTES)
		return note_set(n, ERR_LIMIT, 0, 0, "the document is larger than %u bytes",
				LIMIT_YAML_BYTES);
	if (str_starts(*text, STR("\xEF\xBB\xBF")))
		*text = str_slice(text->ptr + 3, text->len - 3);
	if (!str_utf8_ok(*text)) {
		place_of(*text, str_utf8_prefix(*text), &line, &column);
		return note_set(n, ERR_ENCODING, line, column,
				"this byte is not UTF-8; save the file as UTF-8");
	}
	return check_sight(*text, n);
}

enum err yaml_read(struct str text, struct arena *a, struct value *ret, struct note *n)
{
	struct reader r = { .arena = a, .note = n };
	struct arena_mark mark = arena_mark(a);
	enum err e;

	TRY(check_bytes(&text, n));
	if (!yaml_parser_initialize(&r.parser))
		return ERR_MEMORY;
	r.text = text;
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text.len ? text.ptr : ""),
				     text.len);
	buf_init(&r.pending, LIMIT_NODES * sizeof(struct member));
	e = read_events(&r);
	buf_fini(&r.pending);
	yaml_parser_delete(&r.parser);
	if (e != OK) {
		arena_rewind(a, mark);
		return e;
	}
	*ret = r.root;
	return OK;
}
