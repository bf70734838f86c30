/*
 * expr_past: the questions of a condition about the past.
 *
 *   once(looked-up, args.id)   once(paid within "1h")   since(a, b)   labelled("secret")
 *
 * The answer will stand at a path of its own, which what is written between the parentheses names.
 */
#include "engine/policy/expr_parts.h"

/* The name of an event, which may hold '-'; the sign before it is the current token. */
static enum err parse_event(struct expr *p, struct str *name, uint32_t *column)
{
	TRY(lexer_name(&p->lexer, &p->now));
	*name = p->now.text;
	*column = p->now.column;
	return p->now.kind == TOKEN_WORD ? expr_advance(p)
					 : expr_unexpected(p, "the name of an event");
}

/* `, path` behind the event: the value it happened to. */
static enum err parse_key(struct expr *p, struct lookback_said *said)
{
	said->form = LOOKBACK_KEY;
	TRY(expr_advance(p));
	if (p->now.kind != TOKEN_WORD)
		return expr_unexpected(p, "a path like args.id");
	return expr_parse_path(p, &said->key);
}

static enum err parse_within(struct expr *p, struct lookback_said *said)
{
	enum err e = expr_advance(p);

	said->form = said->form == LOOKBACK_COUNT ? LOOKBACK_WINDOW : LOOKBACK_RECENT;
	if (e == ERR_SYNTAX || (e == OK && p->now.kind != TOKEN_STRING))
		return note_set(p->note, ERR_SYNTAX, 0, (uint32_t)p->now.column,
				"expected a period in quotes behind '%.*s': within \"10m\"",
				SHOWN(p->now.text));
	TRY(e);
	said->within = p->now.value.string;
	said->within_column = p->now.column;
	return expr_advance(p);
}

static enum err parse_label(struct expr *p, struct lookback_said *said)
{
	TRY(expr_advance(p));
	if (p->now.kind != TOKEN_STRING)
		return expr_unexpected(p, "the name of a label in quotes");
	said->first = p->now.value.string;
	said->first_column = p->now.column;
	return expr_advance(p);
}

/* What stands in the parentheses; the '(' is the current token. */
static enum err parse_asked(struct expr *p, struct lookback_said *said)
{
	bool two = said->form == LOOKBACK_SINCE || said->form == LOOKBACK_BEFORE;

	if (said->form == LOOKBACK_LABELLED)
		return parse_label(p, said);
	TRY(parse_event(p, &said->first, &said->first_column));
	if (two && !expr_at_sign(p, ","))
		return expr_unexpected(p, "',' and a second event");
	if (two)
		return parse_event(p, &said->second, &said->second_column);
	if (said->form == LOOKBACK_ONCE && expr_at_sign(p, ","))
		return parse_key(p, said);
	return expr_at_word(p, "within") ? parse_within(p, said) : OK;
}

bool expr_at_lookback(const struct expr *p, enum lookback_form *ret)
{
	static const struct {
		const char *word;
		enum lookback_form form;
	} forms[] = {
		{ "once", LOOKBACK_ONCE },     { "since", LOOKBACK_SINCE },
		{ "before", LOOKBACK_BEFORE }, { "labelled", LOOKBACK_LABELLED },
		{ "count", LOOKBACK_COUNT },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (expr_at_word(p, forms[i].word)) {
			*ret = forms[i].form;
			return true;
		}
	return false;
}

/* The path where the answer will stand. What is written between the parentheses names it. */
enum err expr_lookback(struct expr *p, enum lookback_form form, uint32_t *slot)
{
	struct lookback_said said = { .form = form };
	size_t start = p->now.column - 1;

	TRY(expr_spend(p, p->now.column));
	TRY(expr_advance(p));
	if (!expr_at_sign(p, "("))
		return expr_unexpected(p, "'(' and the name of an event");
	TRY(parse_asked(p, &said));
	if (!expr_at_sign(p, ")"))
		return expr_unexpected(p, "')'");
	said.text = str_slice(p->lexer.text.ptr + start, p->now.column - start);
	TRY(expr_advance(p));
	return sequence_ask(p->slots, &said, p->memory, slot, p->note);
}
