/*
 * cedar_schema_text: schemas as people write them.
 *
 *   schema     = { annotation } ( "namespace" path "{" { decl } "}" | decl )
 *   decl       = { annotation } ( entity | action | alias )
 *   entity     = "entity" names [ "in" paths ] [ [ "=" ] record ] [ "tags" type ] ";"
 *              | "entity" names "enum" "[" texts "]" ";"
 *   action     = "action" names [ "in" actions ] [ "appliesTo" "{" uses "}" ] ";"
 *   uses       = ( "principal" | "resource" ) ":" paths | "context" ":" ( path | record )
 *   alias      = "type" name "=" type ";"
 *   type       = path | "Set" "<" type ">" | record
 *   record     = "{" [ { annotation } name [ "?" ] ":" type { "," ... } [ "," ] ] "}"
 *   annotation = "@" name [ "(" text ")" ]
 *
 * Keywords are words like others and may name things. Annotations are checked and dropped: nothing
 * here asks for them. Sources: docs.cedarpolicy.com/schema/human-readable-schema-grammar.html, RFC
 * 24 (this syntax), 22 and 48 (annotations), 53 (enumerations), 82 (tags).
 */
#include "engine/cedar/declared.h"

struct reader {
	struct cedar_lexer lexer;
	struct cedar_token now;
	struct cedar_declared *declared;
	struct arena *memory;
	struct note *note;
	unsigned depth;
};

static const char *const openers[] = { "namespace", "entity", "action", "type", NULL };
static const char *const uses[] = { "principal", "resource", "context", NULL };

static enum err read_type(struct reader *r, struct cedar_declared_type **ret);

static enum err advance(struct reader *r)
{
	return cedar_lexer_next(&r->lexer, &r->now);
}

static bool at_word(const struct reader *r, const char *word)
{
	return r->now.kind == CEDAR_WORD && str_is(r->now.text, word);
}

static bool at_sign(const struct reader *r, const char *sign)
{
	return r->now.kind == CEDAR_SIGN && str_is(r->now.text, sign);
}

static struct cedar_place here(const struct reader *r)
{
	return (struct cedar_place){ r->now.line, r->now.column };
}

/* "found ...; expected ...", with the word that was meant when `words` has one near. */
static enum err unexpected(struct reader *r, const char *expected, const char *const *words)
{
	const struct cedar_token *t = &r->now;
	const char *meant = words && t->kind == CEDAR_WORD ? str_nearest(t->text, words) : NULL;

	if (t->kind == CEDAR_END)
		return note_set(r->note, ERR_TRUNCATED, t->line, t->column,
				"the schema ends here; expected %s", expected);
	if (meant)
		return note_set(r->note, ERR_SYNTAX, t->line, t->column,
				"found '%.*s'; expected %s; did you mean '%s'?", SHOWN(t->text),
				expected, meant);
	if (t->kind == CEDAR_TEXT)
		return note_set(r->note, ERR_SYNTAX, t->line, t->column,
				"found \"%.*s\"; expected %s", SHOWN(t->text), expected);
	return note_set(r->note, ERR_SYNTAX, t->line, t->column, "found '%.*s'; expected %s",
			SHOWN(t->text), expected);
}

static enum err skip_sign(struct reader *r, const char *sign, const char *expected)
{
	if (!at_sign(r, sign))
		return unexpected(r, expected, NULL);
	return advance(r);
}

/* Step over the sign when it is there. */
static enum err pass_sign(struct reader *r, const char *sign, bool *passed)
{
	*passed = at_sign(r, sign);
	return *passed ? advance(r) : OK;
}

static enum err pass_word(struct reader *r, const char *word, bool *passed)
{
	*passed = at_word(r, word);
	return *passed ? advance(r) : OK;
}

/* --- names --- */

static enum err read_text(struct reader *r, struct str *ret)
{
	TRY(cedar_token_string(&r->now, r->memory, ret, r->note));
	return advance(r);
}

static enum err read_word(struct reader *r, const char *expected, struct str *ret)
{
	if (r->now.kind != CEDAR_WORD)
		return unexpected(r, expected, NULL);
	TRY(arena_copy(r->memory, r->now.text, ret));
	return advance(r);
}

/* A word that is no word of the language of policies. */
static enum err read_ident(struct reader *r, const char *expected, struct str *ret)
{
	if (r->now.kind == CEDAR_WORD && cedar_reserved(r->now.text))
		return note_set(r->note, ERR_SYNTAX, r->now.line, r->now.column,
				"'%.*s' is reserved; expected %s", SHOWN(r->now.text), expected);
	return read_word(r, expected, ret);
}

/* An attribute or action: any text in quotes, or a word. */
static enum err read_name(struct reader *r, const char *expected, struct str *ret)
{
	if (r->now.kind == CEDAR_TEXT)
		return read_text(r, ret);
	if (r->now.kind == CEDAR_WORD && cedar_reserved(r->now.text))
		return note_set(r->note, ERR_SYNTAX, r->now.line, r->now.column,
				"'%.*s' is reserved; as %s it stands in quotes, \"%.*s\"",
				SHOWN(r->now.text), expected, SHOWN(r->now.text));
	return read_ident(r, expected, ret);
}

/*
 * A path. `id` (NULL: none may follow) takes the text of `Path::"id"`; its ptr stays NULL when
 * there is none.
 */
static enum err read_path(struct reader *r, const char *expected, struct str *path, struct str *id)
{
	struct cedar_place place = here(r);
	struct str word;
	unsigned words = 1;
	bool more;

	if (at_word(r, "__cedar"))
		TRY(read_word(r, expected, path));
	else
		TRY(read_ident(r, expected, path));
	for (;;) {
		TRY(pass_sign(r, "::", &more));
		if (!more)
			return OK;
		if (id && r->now.kind == CEDAR_TEXT)
			return read_text(r, id);
		if (++words > LIMIT_EXPR_DEPTH)
			return note_set(r->note, ERR_LIMIT, place.line, place.column,
					"a path of more than %d words", LIMIT_EXPR_DEPTH);
		TRY(read_ident(r, "a name after '::'", &word));
		TRY(cedar_full_name(r->memory, *path, word, path));
	}
}

/* `end` is where the list's next pointer is, and moves on. */
static enum err add_mention(struct reader *r, struct cedar_mention ***end, struct cedar_mention m)
{
	struct cedar_mention *copy = arena_alloc(r->memory, sizeof(*copy));

	if (!copy)
		return ERR_MEMORY;
	*copy = m;
	**end = copy;
	*end = &copy->next;
	return OK;
}

typedef enum err mention_reader(struct reader *r, struct cedar_mention *ret);

static enum err entity_mention(struct reader *r, struct cedar_mention *ret)
{
	return read_path(r, "the name of an entity type", &ret->path, NULL);
}

/* view, "view all", Ns::Action::"view" */
static enum err action_mention(struct reader *r, struct cedar_mention *ret)
{
	if (r->now.kind == CEDAR_TEXT)
		return read_text(r, &ret->id);
	TRY(read_path(r, "the name of an action", &ret->path, &ret->id));
	if (ret->id.ptr)
		return OK;
	if (str_has(ret->path, STR("::")))
		return unexpected(r, "'::' and the action's id in quotes", NULL);
	ret->id = ret->path;
	ret->path = STR_NONE;
	return OK;
}

static enum err id_mention(struct reader *r, struct cedar_mention *ret)
{
	if (r->now.kind != CEDAR_TEXT)
		return unexpected(r, "an id in quotes", NULL);
	return read_text(r, &ret->id);
}

static enum err name_mention(struct reader *r, struct cedar_mention *ret)
{
	return read_name(r, "a name", &ret->id);
}

static enum err ident_mention(struct reader *r, struct cedar_mention *ret)
{
	return read_ident(r, "the name of an entity type", &ret->id);
}

/* One or more, separated by commas. */
static enum err read_mentions(struct reader *r, mention_reader *one, struct cedar_mention **ret)
{
	struct cedar_mention *first = NULL, **end = &first;
	bool more = true;

	while (more) {
		struct cedar_mention m = { .place = here(r) };

		TRY(one(r, &m));
		TRY(add_mention(r, &end, m));
		TRY(pass_sign(r, ",", &more));
	}
	*ret = first;
	return OK;
}

/* One by itself, or a list in brackets, which may be empty when `empty_ok`. */
static enum err read_list(struct reader *r, mention_reader *one, bool empty_ok,
			  struct cedar_mention **ret)
{
	struct cedar_mention m = { .place = here(r) }, *first = NULL, **end = &first;
	bool listed, closed = false;

	TRY(pass_sign(r, "[", &listed));
	if (listed && empty_ok)
		TRY(pass_sign(r, "]", &closed));
	if (closed) {
		*ret = NULL;
		return OK;
	}
	if (!listed) {
		TRY(one(r, &m));
		TRY(add_mention(r, &end, m));
		*ret = first;
		return OK;
	}
	TRY(read_mentions(r, one, ret));
	return skip_sign(r, "]", "',' or ']'");
}

/* --- annotations --- */

/* `first` holds those of the same place: one may not be given twice. */
static enum err read_annotation(struct reader *r, struct cedar_mention **first)
{
	struct cedar_mention **end = first, m = { .place = here(r) };
	struct str value;
	bool valued;

	TRY(advance(r));
	TRY(read_word(r, "the name of an annotation", &m.id));
	for (; *end; end = &(*end)->next)
		if (str_eq((*end)->id, m.id))
			return note_set(r->note, ERR_DUPLICATE, m.place.line, m.place.column,
					"the annotation '@%.*s' is given twice", SHOWN(m.id));
	TRY(add_mention(r, &end, m));
	TRY(pass_sign(r, "(", &valued));
	if (!valued)
		return OK;
	if (r->now.kind != CEDAR_TEXT)
		return unexpected(r, "a text in quotes", NULL);
	TRY(read_text(r, &value));
	return skip_sign(r, ")", "')'");
}

static enum err skip_annotations(struct reader *r)
{
	struct cedar_mention *seen = NULL;

	for (unsigned count = 1; at_sign(r, "@"); count++) {
		if (count > LIMIT_CEDAR_ANNOTATIONS)
			return note_set(r->note, ERR_LIMIT, r->now.line, r->now.column,
					"more than %d annotations in one place",
					LIMIT_CEDAR_ANNOTATIONS);
		TRY(read_annotation(r, &seen));
	}
	return OK;
}

/* --- types --- */

static enum err new_type(struct reader *r, struct cedar_declared_type **ret)
{
	struct cedar_declared_type *type = arena_alloc(r->memory, sizeof(*type));

	if (!type)
		return ERR_MEMORY;
	type->place = here(r);
	*ret = type;
	return OK;
}

static enum err read_field(struct reader *r, struct cedar_declared_field *field)
{
	TRY(skip_annotations(r));
	field->place = here(r);
	TRY(read_name(r, "the name of an attribute", &field->name));
	TRY(pass_sign(r, "?", &field->optional));
	TRY(skip_sign(r, ":", "':' and the type of the attribute"));
	return read_type(r, &field->type);
}

static enum err read_record(struct reader *r, struct cedar_declared_type **ret)
{
	struct cedar_declared_field **end;
	struct cedar_declared_type *type;
	bool more = true;

	TRY(new_type(r, &type));
	type->form = DECLARED_RECORD;
	end = &type->fields;
	TRY(skip_sign(r, "{", "'{'"));
	while (more && !at_sign(r, "}")) {
		struct cedar_declared_field *field = arena_alloc(r->memory, sizeof(*field));

		if (!field)
			return ERR_MEMORY;
		TRY(read_field(r, field));
		*end = field;
		end = &field->next;
		type->field_count++;
		TRY(pass_sign(r, ",", &more));
	}
	TRY(skip_sign(r, "}", "',' or '}'"));
	*ret = type;
	return OK;
}

/* Set is a word like others: only what follows makes it the type of sets. */
static enum err read_plain_type(struct reader *r, struct cedar_declared_type **ret)
{
	bool is_set = at_word(r, "Set");
	struct cedar_declared_type *type;

	if (at_sign(r, "{"))
		return read_record(r, ret);
	TRY(new_type(r, &type));
	TRY(read_path(r, "a type", &type->path, NULL));
	if (is_set && at_sign(r, "<")) {
		TRY(advance(r));
		type->form = DECLARED_SET;
		TRY(read_type(r, &type->element));
		TRY(skip_sign(r, ">", "'>' after the type of the set's elements"));
	}
	*ret = type;
	return OK;
}

static enum err read_type(struct reader *r, struct cedar_declared_type **ret)
{
	enum err e;

	if (++r->depth > LIMIT_EXPR_DEPTH)
		return note_set(r->note, ERR_LIMIT, r->now.line, r->now.column,
				"types nested deeper than %d levels", LIMIT_EXPR_DEPTH);
	e = read_plain_type(r, ret);
	r->depth--;
	return e;
}

/* --- declarations --- */

/* The same declaration under each of the names. */
static enum err declare_all(struct reader *r, struct cedar_declared_space *space,
			    const struct cedar_mention *names, struct cedar_declaration d)
{
	for (; names; names = names->next) {
		d.name = names->id;
		d.place = names->place;
		TRY(cedar_declare(r->declared, space, &d));
	}
	return OK;
}

/* `A, B in [C] = {..}` declares two types that say the same. */
static enum err read_entity(struct reader *r, struct cedar_declared_space *space)
{
	struct cedar_declaration d = { .what = DECLARES_ENTITY };
	struct cedar_mention *names;
	bool more, equals;

	TRY(read_mentions(r, ident_mention, &names));
	TRY(pass_word(r, "enum", &d.enumeration));
	if (d.enumeration) {
		TRY(skip_sign(r, "[", "'[' and the ids of the enumeration"));
		TRY(read_mentions(r, id_mention, &d.ids));
		TRY(skip_sign(r, "]", "',' or ']'"));
		TRY(skip_sign(r, ";", "';'"));
		return declare_all(r, space, names, d);
	}
	TRY(pass_word(r, "in", &more));
	if (more)
		TRY(read_list(r, entity_mention, true, &d.parents));
	TRY(pass_sign(r, "=", &equals));
	if (equals || at_sign(r, "{"))
		TRY(read_record(r, &d.type));
	TRY(pass_word(r, "tags", &more));
	if (more)
		TRY(read_type(r, &d.tags));
	TRY(skip_sign(r, ";", "';' after the entity type"));
	return declare_all(r, space, names, d);
}

/* What an action applies to: each of the three at most once, at least one of each entity type. */
static enum err read_use(struct reader *r, struct cedar_declaration *d)
{
	struct cedar_token word = r->now;
	struct cedar_mention **list = at_word(r, "principal") ? &d->principals : &d->resources;
	bool context = at_word(r, "context");

	if (!context && !at_word(r, "principal") && !at_word(r, "resource"))
		return unexpected(r, "principal, resource or context", uses);
	if (context ? d->type != NULL : *list != NULL)
		return note_set(r->note, ERR_DUPLICATE, word.line, word.column,
				"'%.*s' is given twice", SHOWN(word.text));
	TRY(advance(r));
	TRY(skip_sign(r, ":", "':'"));
	if (!context)
		return read_list(r, entity_mention, false, list);
	if (at_sign(r, "{"))
		return read_record(r, &d->type);
	TRY(new_type(r, &d->type));
	d->type->form = DECLARED_COMMON;
	return read_path(r, "the name of a record type", &d->type->path, NULL);
}

static enum err read_uses(struct reader *r, struct cedar_declaration *d)
{
	struct cedar_place place = here(r);
	bool more = true;

	TRY(skip_sign(r, "{", "'{'"));
	while (more && !at_sign(r, "}")) {
		TRY(read_use(r, d));
		TRY(pass_sign(r, ",", &more));
	}
	TRY(skip_sign(r, "}", "',' or '}'"));
	if (!d->principals || !d->resources)
		return note_set(r->note, ERR_SYNTAX, place.line, place.column,
				"what the action applies to lacks %s: [...]",
				d->principals ? "resource" : "principal");
	return OK;
}

/* What is said of several actions at once is said of each; none applies to anything by itself. */
static enum err read_action(struct reader *r, struct cedar_declared_space *space)
{
	struct cedar_declaration d = { .what = DECLARES_ACTION };
	struct cedar_mention *names;
	bool more;

	TRY(read_mentions(r, name_mention, &names));
	TRY(pass_word(r, "in", &more));
	if (more)
		TRY(read_list(r, action_mention, false, &d.parents));
	TRY(pass_word(r, "appliesTo", &more));
	if (more)
		TRY(read_uses(r, &d));
	TRY(pass_word(r, "attributes", &more));
	if (more) {
		TRY(skip_sign(r, "{", "'{'"));
		TRY(skip_sign(r, "}", "'}': actions have no attributes"));
	}
	TRY(skip_sign(r, ";", "';' after the action"));
	return declare_all(r, space, names, d);
}

static enum err read_alias(struct reader *r, struct cedar_declared_space *space)
{
	struct cedar_declaration d = { .what = DECLARES_TYPE, .place = here(r) };

	TRY(read_ident(r, "the name of the type", &d.name));
	TRY(skip_sign(r, "=", "'='"));
	TRY(read_type(r, &d.type));
	TRY(skip_sign(r, ";", "';' after the type"));
	return cedar_declare(r->declared, space, &d);
}

/* Behind its annotations. */
static enum err read_declaration(struct reader *r, struct cedar_declared_space *space)
{
	bool entity = at_word(r, "entity"), action = at_word(r, "action");

	if (!entity && !action && !at_word(r, "type"))
		return unexpected(r, "entity, action or type", openers);
	TRY(advance(r));
	return entity   ? read_entity(r, space)
	       : action ? read_action(r, space)
			: read_alias(r, space);
}

static enum err read_namespace(struct reader *r)
{
	struct cedar_declared_space *space;
	struct cedar_place place;
	struct str name;

	TRY(advance(r));
	place = here(r);
	TRY(read_path(r, "the name of the namespace", &name, NULL));
	TRY(cedar_declare_space(r->declared, name, place, &space));
	TRY(skip_sign(r, "{", "'{'"));
	while (!at_sign(r, "}")) {
		TRY(skip_annotations(r));
		if (r->now.kind == CEDAR_END)
			return unexpected(r, "'}' that closes the namespace", NULL);
		TRY(read_declaration(r, space));
	}
	return advance(r);
}

/* Annotations before a namespace belong to it, those before a declaration to that. */
static enum err read_schema(struct reader *r)
{
	TRY(advance(r));
	while (r->now.kind != CEDAR_END) {
		TRY(skip_annotations(r));
		if (at_word(r, "namespace"))
			TRY(read_namespace(r));
		else
			TRY(read_declaration(r, &r->declared->root));
	}
	return OK;
}

enum err cedar_schema_read(struct str text, struct arena *memory, struct cedar_schema **ret,
			   struct note *n)
{
	struct cedar_declared declared;
	struct reader r = { .declared = &declared, .memory = memory, .note = n };

	cedar_declared_init(&declared, memory, n);
	TRY(cedar_lexer_init(&r.lexer, text, n));
	TRY(read_schema(&r));
	return cedar_schema_resolve(&declared, ret);
}
