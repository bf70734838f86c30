/*
 * fmt: a policy's values, written down in one way, with the comments of the text between them.
 *
 * An element is what gets a line of its own: a key of the document, a rule, a key of a rule. A
 * comment that stands alone goes before the element that follows it in the source, one behind
 * something goes behind the element that began there. Since keys may change their order, a comment
 * moves with its key.
 */
#include "engine/base/canon.h"
#include "engine/base/yaml.h"
#include "engine/cedar/cedar.h"
#include "engine/policy/inside.h"

#define WIDTH 100
#define INDENT 2
#define NESTING_MAX 16   /* of values below a key */

static const char *const document_order[] = {
	"apiVersion", "name", "version", "description", "extends", "scope", "agent", "agents",
	"unknown_agents", "require_signature", "require_sponsor", "require_session",
	"require_credential", "default_action", "conflict_resolution", "cedar", "trust", "rings",
	"labels", "events", "quotas", "budgets", "commands", "paths", "intents", "kill_on",
	"capabilities", "rules", NULL,
};
static const char *const rule_order[] = {
	"name", "description", "stage", "tools", "condition", "action", "approvers", "limit",
	"transform", "priority", "enabled", NULL,
};

struct layout {
	struct arena *memory;
	struct comments comments;
	struct buf *out;
	const struct value *tree;
	enum err err;            /* ERR_MEMORY of a question that is answered by yes or no */
};

static enum err cannot(struct note *n, const char *why)
{
	return note_set(n, ERR_UNKNOWN, 0, 0, "%s; the file is left as it is", why);
}

/* --- conditions --- */

/* Does a blank stand between two words of a condition? */
static bool blank_between(const struct token *before, const struct token *now, bool in_path)
{
	static const char *const openers[] = { "(", "[", "{", ".", NULL };
	static const char *const closers[] = { ")", "]", "}", ",", ".", ":", NULL };

	if (before->kind == TOKEN_SIGN && str_listed(before->text, openers))
		return false;
	if (now->kind == TOKEN_SIGN && str_listed(now->text, closers))
		return false;
	if (now->kind == TOKEN_SIGN && str_is(now->text, "["))
		return !in_path;
	if (now->kind == TOKEN_SIGN && str_is(now->text, "("))
		return !(before->kind == TOKEN_WORD && str_is(before->text, "has"));
	return true;
}

/*
 * How many bytes of `rest`, what stands behind a word, belong to a question about the past; 0: it
 * is none. Its text names its answer, in fixtures and in requests, so it stays as it is written.
 */
static size_t lookback_len(const struct token *before, const struct token *word, struct str rest)
{
	static const char *const questions[] = { "once", "since", "before", "labelled", "count",
						 NULL };
	char quote = '\0';
	size_t at = 0;

	if (word->kind != TOKEN_WORD || !str_listed(word->text, questions) ||
	    str_is(before->text, "."))
		return 0;
	while (at < rest.len && strchr(" \t\r\n", rest.ptr[at]))
		at++;
	if (at == rest.len || rest.ptr[at] != '(')
		return 0;
	for (; at < rest.len && (quote || rest.ptr[at] != ')'); at++) {
		char c = rest.ptr[at];

		if (quote && c == '\\')
			at++;
		else if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? '\0' : c;
	}
	return at < rest.len ? at + 1 : 0;
}

enum err fmt_condition(struct str text, struct arena *memory, struct buf *out)
{
	static const char *const keywords[] = { "and", "or", "not", "in", "contains", NULL };
	struct note n;
	struct lexer lx = { text, 0, memory, &n };
	struct token before = { .kind = TOKEN_END }, now;
	bool in_path = false;
	size_t start = out->len, asked;

	for (;;) {
		enum err e = lexer_next(&lx, &now);

		if (e == ERR_MEMORY)
			return e;
		if (e != OK) {
			/* Whoever loads it will hear what is wrong; here it stays as it is. */
			out->len = start;
			buf_add(out, text);
			return out->err;
		}
		if (now.kind == TOKEN_END)
			return out->err;
		if (before.kind != TOKEN_END && blank_between(&before, &now, in_path))
			buf_add_byte(out, ' ');
		buf_add(out, now.text);
		asked = lookback_len(&before, &now,
				     str_slice(text.ptr + lx.at, text.len - lx.at));
		buf_add(out, str_slice(text.ptr + lx.at, asked));
		lx.at += asked;
		/* A bracket behind a name or behind another index goes on with the path. */
		in_path = (now.kind == TOKEN_WORD &&
			   (!str_listed(now.text, keywords) || str_is(before.text, "."))) ||
			  (now.kind == TOKEN_SIGN && str_is(now.text, "]"));
		before = now;
	}
}

/* --- scalars --- */

/* Would this spelling be read as that text? */
static bool reads_as(struct layout *l, struct str spelling, struct str text, bool in_list)
{
	const struct str parts[] = { in_list ? STR("k: [") : STR("k: "), spelling,
				     in_list ? STR("]\n") : STR("\n") };
	struct value v;
	const struct value *k;
	struct str doc;
	enum err e = plan_join(l->memory, parts, 3, &doc);

	if (e == OK)
		e = yaml_read(doc, l->memory, &v, NULL);
	if (e == ERR_MEMORY)
		l->err = e;
	if (e != OK)
		return false;
	k = value_get_c(&v, "k");
	if (in_list && k->kind == VALUE_LIST && k->list.count == 1)
		k = &k->list.items[0];
	return k->kind == VALUE_STRING && str_eq(k->string, text);
}

static void add_single_quoted(struct buf *b, struct str text)
{
	buf_add_byte(b, '\'');
	for (size_t i = 0; i < text.len; i++) {
		buf_add_byte(b, text.ptr[i]);
		if (text.ptr[i] == '\'')
			buf_add_byte(b, '\'');
	}
	buf_add_byte(b, '\'');
}

/* Plain, in single quotes, in double quotes: the first that is read as the text. */
static enum err add_text(struct layout *l, struct buf *b, struct str text, bool in_list)
{
	struct buf quoted;
	enum err e;

	if (text.len && reads_as(l, text, text, in_list)) {
		buf_add(b, text);
		return b->err;
	}
	buf_init(&quoted, LIMIT_YAML_BYTES);
	add_single_quoted(&quoted, text);
	if (quoted.err == OK && !reads_as(l, buf_view(&quoted), text, in_list)) {
		buf_clear(&quoted);
		canon_string(&quoted, text);
	}
	buf_add(b, buf_view(&quoted));
	e = quoted.err;
	buf_fini(&quoted);
	return e == OK ? b->err : e;
}

static bool is_scalar(const struct value *v)
{
	return v->kind != VALUE_LIST && v->kind != VALUE_OBJECT;
}

static bool is_empty(const struct value *v)
{
	return (v->kind == VALUE_LIST && v->list.count == 0) ||
	       (v->kind == VALUE_OBJECT && v->object.count == 0);
}

static enum err add_scalar(struct layout *l, struct buf *b, const struct value *v, bool in_list)
{
	if (v->kind == VALUE_STRING)
		return add_text(l, b, v->string, in_list);
	canon_value(b, v);
	return b->err;
}

static void add_blanks(struct buf *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_add_byte(b, ' ');
}

/* --- values --- */

static enum err add_value(struct layout *l, const struct value *v, size_t indent, size_t column,
			  unsigned depth);

/* "[a, b]" when all are scalars and it fits; *fits says so, and nothing is written otherwise. */
static enum err add_short_list(struct layout *l, const struct value *v, size_t column, bool *fits)
{
	struct buf line;
	enum err e = OK;

	*fits = true;
	for (size_t i = 0; i < v->list.count; i++)
		*fits = *fits && is_scalar(&v->list.items[i]);
	if (!*fits)
		return OK;
	buf_init(&line, LIMIT_YAML_BYTES);
	buf_add_byte(&line, '[');
	for (size_t i = 0; e == OK && i < v->list.count; i++) {
		buf_add_c(&line, i ? ", " : "");
		e = add_scalar(l, &line, &v->list.items[i], true);
	}
	buf_add_byte(&line, ']');
	*fits = column + line.len <= WIDTH;
	if (e == OK && *fits)
		buf_add(l->out, buf_view(&line));
	e = e == OK ? line.err : e;
	buf_fini(&line);
	return e;
}

static enum err add_key(struct layout *l, struct str key)
{
	TRY(add_text(l, l->out, key, false));
	buf_add_byte(l->out, ':');
	return l->out->err;
}

static enum err add_mapping(struct layout *l, const struct value *v, size_t indent, bool first_here,
			    unsigned depth)
{
	for (size_t i = 0; i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];

		if (i > 0 || !first_here)
			add_blanks(l->out, indent);
		TRY(add_key(l, m->key));
		TRY(add_value(l, &m->value, indent, indent + m->key.len + 2, depth + 1));
	}
	return l->out->err;
}

static enum err add_items(struct layout *l, const struct value *v, size_t indent, unsigned depth)
{
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value *item = &v->list.items[i];

		add_blanks(l->out, indent);
		buf_add_byte(l->out, '-');
		if (item->kind == VALUE_OBJECT && item->object.count > 0) {
			buf_add_byte(l->out, ' ');
			TRY(add_mapping(l, item, indent + INDENT, true, depth + 1));
		} else {
			TRY(add_value(l, item, indent, indent + 2, depth + 1));
		}
	}
	return l->out->err;
}

/* Behind "key:" or "-", with the line end. */
static enum err add_value(struct layout *l, const struct value *v, size_t indent, size_t column,
			  unsigned depth)
{
	bool fits = true;

	if (depth > NESTING_MAX)
		return ERR_LIMIT;
	if (v->kind == VALUE_NULL) {
		buf_add_c(l->out, " null\n");
		return l->out->err;
	}
	if (is_scalar(v) || is_empty(v) || v->kind == VALUE_LIST) {
		size_t start = l->out->len;

		buf_add_byte(l->out, ' ');
		if (is_scalar(v))
			TRY(add_scalar(l, l->out, v, false));
		else if (is_empty(v))
			buf_add_c(l->out, v->kind == VALUE_LIST ? "[]" : "{}");
		else
			TRY(add_short_list(l, v, column, &fits));
		if (!fits)
			l->out->len = start;
		buf_add_byte(l->out, '\n');
		return fits ? l->out->err : add_items(l, v, indent + INDENT, depth);
	}
	buf_add_byte(l->out, '\n');
	return add_mapping(l, v, indent + INDENT, false, depth);
}

/* A long condition is folded: broken before `and` and `or`, where a blank stands anyway. */
static enum err add_folded(struct layout *l, struct str text, size_t indent)
{
	size_t start = 0;

	buf_add_c(l->out, " >-\n");
	while (start < text.len) {
		size_t cut = text.len;

		for (size_t i = start + 1; text.len - start > WIDTH - indent && i < text.len; i++) {
			struct str rest = str_slice(text.ptr + i, text.len - i);
			bool joint = str_starts(rest, STR(" and ")) ||
				     str_starts(rest, STR(" or "));

			if (joint && (cut == text.len || i - start <= WIDTH - indent))
				cut = i;
		}
		add_blanks(l->out, indent);
		buf_add(l->out, str_slice(text.ptr + start, cut - start));
		buf_add_byte(l->out, '\n');
		start = cut < text.len ? cut + 1 : cut;
	}
	return l->out->err;
}

static bool one_line(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20)
			return false;
	return true;
}

static enum err add_condition(struct layout *l, struct str text, size_t indent)
{
	struct buf spaced;
	enum err e;

	buf_init(&spaced, 4 * LIMIT_CONDITION_BYTES);
	e = fmt_condition(text, l->memory, &spaced);
	if (e == OK && indent + sizeof("condition: ") + spaced.len > WIDTH &&
	    one_line(buf_view(&spaced))) {
		e = add_folded(l, buf_view(&spaced), indent + INDENT);
	} else if (e == OK) {
		buf_add_byte(l->out, ' ');
		e = add_text(l, l->out, buf_view(&spaced), false);
		buf_add_byte(l->out, '\n');
	}
	buf_fini(&spaced);
	return e == OK ? l->out->err : e;
}

/* --- elements and their comments --- */

/* Comments that stand alone, behind the element before and up to this line. */
static void add_before(struct layout *l, uint32_t line, size_t indent)
{
	for (size_t i = 0; i < l->comments.count; i++) {
		struct comment *c = &l->comments.items[i];

		if (c->used || !c->alone || c->line >= line)
			continue;
		c->used = true;
		add_blanks(l->out, indent);
		buf_add(l->out, c->text);
		buf_add_byte(l->out, '\n');
	}
}

/* The first line of an element that begins behind `line`; UINT32_MAX when none does. */
static uint32_t next_element(const struct layout *l, uint32_t line)
{
	uint32_t next = UINT32_MAX;
	const struct value *rules = value_get_c(l->tree, "rules");

	for (size_t i = 0; i < l->tree->object.count; i++)
		if (l->tree->object.members[i].line > line &&
		    l->tree->object.members[i].line < next)
			next = l->tree->object.members[i].line;
	for (size_t r = 0; rules && rules->kind == VALUE_LIST && r < rules->list.count; r++) {
		const struct value *rule = &rules->list.items[r];

		for (size_t i = 0; rule->kind == VALUE_OBJECT && i < rule->object.count; i++) {
			uint32_t at = rule->object.members[i].line;

			if (at > line && at < next)
				next = at;
		}
	}
	return next;
}

/*
 * Comments of the lines from `line` on up to the next element: those behind something, which end
 * the line just written if that is one line, and those within it. Written from `start` on.
 */
static enum err add_behind(struct layout *l, uint32_t line, size_t start, size_t indent)
{
	uint32_t next = next_element(l, line);
	struct buf before;
	struct str written = str_slice(l->out->ptr + start, l->out->len - start);
	const char *end = memchr(written.ptr, '\n', written.len);
	bool single = end && end + 1 == written.ptr + written.len, behind = false;
	enum err e;

	buf_init(&before, LIMIT_YAML_BYTES);
	for (size_t i = 0; i < l->comments.count; i++) {
		struct comment *c = &l->comments.items[i];

		if (c->used || c->alone || c->line < line || c->line >= next)
			continue;
		c->used = true;
		if (single && !behind) {
			l->out->len--;
			buf_add_c(l->out, "  ");
			buf_add(l->out, c->text);
			buf_add_byte(l->out, '\n');
			behind = true;
			continue;
		}
		add_blanks(&before, indent);
		buf_add(&before, c->text);
		buf_add_byte(&before, '\n');
	}
	/* What cannot stand behind goes in front. */
	if (before.len > 0 && before.err == OK) {
		char *room = buf_grow(l->out, before.len);

		if (room) {
			memmove(l->out->ptr + start + before.len, l->out->ptr + start,
				l->out->len - before.len - start);
			memcpy(l->out->ptr + start, before.ptr, before.len);
		}
	}
	e = before.err;
	buf_fini(&before);
	return e == OK ? l->out->err : e;
}

static enum err add_rule_key(struct layout *l, const struct member *m, size_t indent, bool first)
{
	size_t start;

	if (!first) {
		add_before(l, m->line, indent);
		start = l->out->len;
		add_blanks(l->out, indent);
	} else {
		start = l->out->len - indent;
	}
	TRY(add_key(l, m->key));
	if (str_is(m->key, "condition") && m->value.kind == VALUE_STRING)
		TRY(add_condition(l, m->value.string, indent));
	else
		TRY(add_value(l, &m->value, indent, indent + m->key.len + 2, 0));
	return add_behind(l, m->line, start, first ? INDENT : indent);
}

static uint32_t first_line(const struct value *rule)
{
	uint32_t first = rule->object.members[0].line;

	for (size_t i = 1; i < rule->object.count; i++)
		if (rule->object.members[i].line < first)
			first = rule->object.members[i].line;
	return first;
}

static enum err add_rule(struct layout *l, const struct value *rule)
{
	size_t indent = 2 * INDENT;
	bool first = true;

	if (rule->kind != VALUE_OBJECT || rule->object.count == 0)
		return ERR_TYPE;
	add_before(l, first_line(rule), INDENT);
	add_blanks(l->out, INDENT);
	buf_add_c(l->out, "- ");
	for (size_t k = 0; rule_order[k]; k++)
		for (size_t i = 0; i < rule->object.count; i++)
			if (str_is(rule->object.members[i].key, rule_order[k])) {
				TRY(add_rule_key(l, &rule->object.members[i], indent, first));
				first = false;
			}
	for (size_t i = 0; i < rule->object.count; i++)
		if (!str_listed(rule->object.members[i].key, rule_order)) {
			TRY(add_rule_key(l, &rule->object.members[i], indent, first));
			first = false;
		}
	return OK;
}

static enum err add_document_key(struct layout *l, const struct member *m)
{
	bool rules = str_is(m->key, "rules") && m->value.kind == VALUE_LIST && !is_empty(&m->value);
	size_t start;

	if (rules)
		buf_add_byte(l->out, '\n');
	add_before(l, m->line, 0);
	start = l->out->len;
	TRY(add_key(l, m->key));
	if (!rules) {
		TRY(add_value(l, &m->value, 0, m->key.len + 2, 0));
		return add_behind(l, m->line, start, 0);
	}
	buf_add_byte(l->out, '\n');
	TRY(add_behind(l, m->line, start, 0));
	for (size_t i = 0; i < m->value.list.count; i++) {
		if (i > 0)
			buf_add_byte(l->out, '\n');
		TRY(add_rule(l, &m->value.list.items[i]));
	}
	return OK;
}

static enum err lay_out(struct layout *l)
{
	const struct value *tree = l->tree;

	for (size_t k = 0; document_order[k]; k++) {
		/* Keys that are not known stand before the rules, which are the long part. */
		for (size_t i = 0; !document_order[k + 1] && i < tree->object.count; i++)
			if (!str_listed(tree->object.members[i].key, document_order))
				TRY(add_document_key(l, &tree->object.members[i]));
		for (size_t i = 0; i < tree->object.count; i++)
			if (str_is(tree->object.members[i].key, document_order[k]))
				TRY(add_document_key(l, &tree->object.members[i]));
	}
	add_before(l, UINT32_MAX, 0);
	return l->out->err;
}

/* --- checks --- */

/* Equal, but that conditions may be spaced otherwise. Both trees come from readers, so bounded. */
static bool same(struct layout *l, const struct value *a, const struct value *b)
{
	struct buf x, y;
	bool equal = a->kind == b->kind;
	enum err e;

	if (equal && a->kind == VALUE_OBJECT) {
		equal = a->object.count == b->object.count;
		for (size_t i = 0; equal && i < a->object.count; i++) {
			const struct value *other = value_get(b, a->object.members[i].key);

			equal = other && same(l, &a->object.members[i].value, other);
		}
		return equal;
	}
	if (equal && a->kind == VALUE_LIST) {
		equal = a->list.count == b->list.count;
		for (size_t i = 0; equal && i < a->list.count; i++)
			equal = same(l, &a->list.items[i], &b->list.items[i]);
		return equal;
	}
	if (!equal || a->kind != VALUE_STRING || str_eq(a->string, b->string))
		return value_eq(a, b);
	buf_init(&x, LIMIT_YAML_BYTES);
	buf_init(&y, LIMIT_YAML_BYTES);
	e = fmt_condition(a->string, l->memory, &x);
	if (e == OK)
		e = fmt_condition(b->string, l->memory, &y);
	if (e == ERR_MEMORY)
		l->err = e;
	equal = e == OK && str_eq(buf_view(&x), buf_view(&y));
	buf_fini(&y);
	buf_fini(&x);
	return equal;
}

static enum err open_layout(struct str text, struct layout *l, struct value *tree, struct note *n)
{
	struct buf stripped;
	struct value bare;
	bool told = false;
	enum err e;

	TRY(yaml_read(text, l->memory, tree, n));
	if (tree->kind != VALUE_OBJECT)
		return note_set(n, ERR_TYPE, tree->line, tree->column,
				"a policy is a mapping of keys; found %s",
				value_kind_name(tree->kind));
	buf_init(&stripped, LIMIT_YAML_BYTES);
	e = comment_find(text, l->memory, &l->comments, &stripped);
	if (e == OK) {
		e = yaml_read(buf_view(&stripped), l->memory, &bare, NULL);
		told = e == OK && value_eq(tree, &bare);
		e = e == ERR_MEMORY ? e : OK;
	}
	buf_fini(&stripped);
	TRY(e);
	l->tree = tree;
	return told ? OK : cannot(n, "comments cannot be told from text here");
}

/* One way through, into `out`. */
static enum err format(struct str text, struct arena *memory, struct buf *out,
		       struct comments *comments, struct value *tree, struct note *n)
{
	struct layout l = { .memory = memory, .out = out };
	enum err e = open_layout(text, &l, tree, n);

	if (e == OK)
		e = lay_out(&l);
	if (l.err != OK)
		e = l.err;
	if (e == ERR_TYPE || e == ERR_LIMIT)
		return n && n->text[0] ? e : cannot(n, "a rule is no mapping, or nests too deep");
	*comments = l.comments;
	return e;
}

static bool same_comments(const struct comments *a, const struct comments *b)
{
	size_t found = 0;

	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b->count; k++)
			if (str_eq(a->items[i].text, b->items[k].text)) {
				found++;
				break;
			}
	return a->count == b->count && found == a->count;
}

enum err fmt_policy(struct str text, struct arena *memory, struct buf *out, struct note *n)
{
	struct layout check = { .memory = memory };
	struct comments comments, kept;
	struct value tree, again;
	struct buf once, twice;
	bool alike;
	enum err e;

	buf_init(&once, LIMIT_YAML_BYTES);
	buf_init(&twice, LIMIT_YAML_BYTES);
	if (n)
		n->text[0] = '\0';
	e = format(text, memory, &once, &comments, &tree, n);
	if (e == OK)
		e = format(buf_view(&once), memory, &twice, &kept, &again, n);
	alike = e == OK && same(&check, &tree, &again) && same_comments(&comments, &kept) &&
		str_eq(buf_view(&once), buf_view(&twice));
	if (check.err != OK)
		e = check.err;
	else if (e == OK && !alike)
		e = cannot(n, "this layout cannot be told in another way without a change");
	if (e == OK) {
		buf_add(out, buf_view(&once));
		e = out->err;
	}
	buf_fini(&twice);
	buf_fini(&once);
	return e;
}

/* --- files of any kind --- */

bool fmt_leaves_alone(struct str name)
{
	enum cedar_file kind = cedar_file_kind(name);

	return kind == CEDAR_FILE_JSON || kind == CEDAR_FILE_SCHEMA_JSON ||
	       kind == CEDAR_FILE_ENTITIES;
}

enum err fmt_file(struct str name, struct str text, struct arena *memory, struct buf *out,
		  struct note *n)
{
	MUST(!fmt_leaves_alone(name));
	switch (cedar_file_kind(name)) {
	case CEDAR_FILE_TEXT:
		return cedar_format(text, CEDAR_POLICIES, memory, out, n);
	case CEDAR_FILE_SCHEMA:
		return cedar_format(text, CEDAR_SCHEMA, memory, out, n);
	default:
		return fmt_policy(text, memory, out, n);
	}
}
