/*
 * sample: a text that a pattern matches, for witnesses.
 *
 * The pattern is read once, left to right, and written down as it is read: a class by one of its
 * characters, a repetition by as few as the seed wants, of alternatives the first. That is wrong
 * for some patterns, so what comes out is shown to the matcher, and thrown away when it says no.
 */
#include "engine/policy/solve.h"

#define TEXT_BYTES 4096
#define TIMES_MAX 64

struct writing {
	struct str pattern;
	size_t at;
	unsigned seed;      /* bit 0: once where none is allowed; bit 1: capitals */
	unsigned depth;
	struct buf *out;
};

static void write_alternatives(struct writing *w);

static char look(const struct writing *w)
{
	return w->at < w->pattern.len ? w->pattern.ptr[w->at] : '\0';
}

static bool done(const struct writing *w)
{
	return w->at >= w->pattern.len || w->out->err != OK;
}

/* One character of a class such as \d, NUL where it stands for a place and not a character. */
static char escaped(char c, unsigned seed)
{
	switch (c) {
	case 'd':
		return '1';
	case 'w':
	case 'S':
	case 'D':
		return seed & 2 ? 'A' : 'a';
	case 's':
		return ' ';
	case 'W':
		return '-';
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'b':
	case 'B':
	case 'A':
	case 'z':
		return '\0';
	default:
		return c;
	}
}

/* Behind the '['. The first character of the class; of a negated one, the first that it lacks. */
static void write_class(struct writing *w)
{
	/* Letters last: what (?i) does to a class is not followed here. */
	static const char others[] = "-_ /.~1aA";
	bool negated = look(w) == '^', listed[128] = { false };
	unsigned first = 0;

	w->at += negated;
	for (bool start = true; !done(w) && (start || look(w) != ']'); start = false) {
		unsigned low = (unsigned char)look(w), high;

		if (low == '[' && w->at + 1 < w->pattern.len && w->pattern.ptr[w->at + 1] == ':') {
			low = 'a';
			while (!done(w) && look(w) != ']')
				w->at++;
		} else if (low == '\\') {
			w->at++;
			low = (unsigned char)escaped(look(w), w->seed);
		}
		w->at++;
		high = low;
		if (look(w) == '-' && w->at + 1 < w->pattern.len &&
		    w->pattern.ptr[w->at + 1] != ']') {
			high = (unsigned char)w->pattern.ptr[w->at + 1];
			w->at += 2;
		}
		if (!first)
			first = w->seed & 2 ? high : low;
		for (unsigned c = low; c <= high && c < 128; c++)
			listed[c] = true;
	}
	w->at++;
	for (size_t i = 0; negated && others[i]; i++)
		if (!listed[(unsigned char)others[i]]) {
			first = (unsigned char)others[i];
			break;
		}
	buf_add_byte(w->out, (char)first);
}

/* Behind the '('. Flags and names of groups are passed over. */
static void write_group(struct writing *w)
{
	if (look(w) == '?') {
		while (!done(w) && look(w) != ':' && look(w) != '>' && look(w) != ')')
			w->at++;
		if (look(w) != ')')
			w->at++;
	}
	if (++w->depth < LIMIT_DEPTH)
		write_alternatives(w);
	w->depth--;
	w->at++;
}

static void write_atom(struct writing *w)
{
	char c = look(w);

	w->at++;
	if (c == '[') {
		write_class(w);
	} else if (c == '(') {
		write_group(w);
	} else if (c == '\\') {
		c = escaped(look(w), w->seed);
		w->at++;
		if (c)
			buf_add_byte(w->out, c);
	} else if (c == '.') {
		buf_add_byte(w->out, w->seed & 2 ? 'A' : 'a');
	} else if (c != '^' && c != '$') {
		buf_add_byte(w->out, c);
	}
}

/* How often the atom before is wanted. */
static unsigned read_times(struct writing *w)
{
	unsigned times = 0;
	char c = look(w);

	if (c != '*' && c != '?' && c != '+' && c != '{')
		return 1;
	w->at++;
	if (c == '{') {
		for (; look(w) >= '0' && look(w) <= '9' && times < TIMES_MAX; w->at++)
			times = times * 10 + (unsigned)(look(w) - '0');
		while (!done(w) && look(w) != '}')
			w->at++;
		w->at++;
	}
	if (look(w) == '?')
		w->at++;
	if (c == '+')
		return 1;
	return times ? times : w->seed & 1;
}

static void skip_alternatives(struct writing *w)
{
	size_t kept = w->out->len;

	while (!done(w) && look(w) != ')') {
		if (look(w) == '|')
			w->at++;
		else
			write_atom(w);
	}
	w->out->len = kept;
}

static void write_alternatives(struct writing *w)
{
	while (!done(w) && look(w) != '|' && look(w) != ')') {
		size_t start = w->out->len, len;
		unsigned times;

		write_atom(w);
		len = w->out->len - start;
		times = read_times(w);
		if (times == 0)
			w->out->len = start;
		for (; times > 1 && len > 0 && w->out->err == OK; times--) {
			char *copy = buf_grow(w->out, len);

			if (copy)
				memcpy(copy, w->out->ptr + start, len);
		}
	}
	if (look(w) == '|')
		skip_alternatives(w);
}

enum err sample_regex(const struct matcher *m, unsigned seed, struct arena *a, struct str *ret)
{
	struct writing w = { .pattern = m->text, .seed = seed };
	struct buf out;
	struct str text;
	enum err e = OK;

	*ret = STR_NONE;
	buf_init(&out, TEXT_BYTES);
	w.out = &out;
	write_alternatives(&w);
	text = buf_view(&out);
	if (out.err == ERR_MEMORY)
		e = ERR_MEMORY;
	else if (out.err == OK && str_utf8_ok(text) && regex_match(m->regex, text))
		e = arena_copy(a, text, ret);
	buf_fini(&out);
	return e;
}

enum err sample_glob(const struct pattern *p, struct arena *a, struct str *ret)
{
	struct buf out;

	buf_init(&out, TEXT_BYTES);
	for (size_t i = 0; i < p->text.len; i++) {
		char c = p->text.ptr[i];

		if (c == '\\' && i + 1 < p->text.len)
			buf_add_byte(&out, p->text.ptr[++i]);
		else
			buf_add_byte(&out, c == '*' || c == '?' ? 'a' : c);
	}
	return arena_take(a, &out, ret);
}
