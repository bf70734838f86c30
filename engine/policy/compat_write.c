/*
 * compat_write: a draft as a policy file. Every text is quoted unless it is a plain word, so that
 * no reader of YAML takes it for anything else; what cannot be seen is escaped.
 */
#include "engine/policy/compat_draft.h"

/* Words of YAML, of this version or an older one, that are no texts. */
static const char *const words[] = { "null", "true", "false", "yes", "no", "on", "off", "y", "n",
				     NULL };

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word_of_yaml(struct str s)
{
	for (size_t i = 0; words[i]; i++) {
		size_t len = strlen(words[i]), at = 0;

		while (s.len == len && at < len && (s.ptr[at] | 0x20) == words[i][at])
			at++;
		if (s.len == len && at == len)
			return true;
	}
	return false;
}

/* Letters, digits and a few signs inside, beginning with a letter. */
static bool is_plain(struct str s)
{
	if (s.len == 0 || !is_letter(s.ptr[0]) || is_word_of_yaml(s))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_letter(s.ptr[i]) && !(s.ptr[i] >= '0' && s.ptr[i] <= '9') &&
		    !strchr("-./", s.ptr[i]))
			return false;
	return true;
}

/* Can it stand between single quotes: on one line, and nothing in it hidden? */
static bool is_visible(struct str s)
{
	uint32_t code;

	for (size_t at = 0, len; at < s.len; at += len) {
		len = str_utf8_first(str_from(s, at), &code);
		if (len == 0 || code < 0x20 || code == 0x7F)
			return false;
		if (code >= 0x80 && !compat_word_is(code))
			return false;
	}
	return true;
}

static void add_escaped(struct buf *b, struct str s)
{
	uint32_t code;

	buf_add_byte(b, '"');
	for (size_t at = 0, len; at < s.len; at += len) {
		len = str_utf8_first(str_from(s, at), &code);
		if (len == 0)
			break;
		if (code == '"' || code == '\\')
			buf_addf(b, "\\%c", (char)code);
		else if (code == '\n')
			buf_add_c(b, "\\n");
		else if (code < 0x20 || (code >= 0x7F && !compat_word_is(code)))
			buf_addf(b, code < 0x10000 ? "\\u%04X" : "\\U%08X", (unsigned)code);
		else
			buf_add(b, str_slice(s.ptr + at, len));
	}
	buf_add_byte(b, '"');
}

static void add_text(struct buf *b, struct str s)
{
	if (is_plain(s)) {
		buf_add(b, s);
		return;
	}
	if (!is_visible(s)) {
		add_escaped(b, s);
		return;
	}
	/* Double quotes read better around single ones, where nothing needs an escape. */
	if (str_has(s, STR("'")) && !str_has(s, STR("\"")) && !str_has(s, STR("\\"))) {
		buf_add_byte(b, '"');
		buf_add(b, s);
		buf_add_byte(b, '"');
		return;
	}
	buf_add_byte(b, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\'')
			buf_add_byte(b, '\'');
		buf_add_byte(b, s.ptr[i]);
	}
	buf_add_byte(b, '\'');
}

static void add_key(struct buf *b, const char *key, struct str s)
{
	if (!s.ptr)
		return;
	buf_addf(b, "%s: ", key);
	add_text(b, s);
	buf_add_byte(b, '\n');
}

static void add_list(struct buf *b, const char *key, const struct str *texts, size_t count)
{
	if (count == 0)
		return;
	buf_addf(b, "%s: [", key);
	for (size_t i = 0; i < count; i++) {
		buf_add_c(b, i ? ", " : "");
		add_text(b, texts[i]);
	}
	buf_add_c(b, "]\n");
}

static void add_rule(struct buf *b, const struct draft_rule *r)
{
	add_key(b, "  - name", r->name);
	add_key(b, "    description", r->description);
	if (r->stage != COMPAT_PRE_TOOL)
		add_key(b, "    stage", str_view(compat_stages[r->stage]));
	add_list(b, "    tools", r->tools, r->tool_count);
	add_key(b, "    condition", r->condition);
	add_key(b, "    action", str_view(compat_actions[r->action]));
	add_key(b, "    limit", r->limit);
	add_list(b, "    approvers", r->approvers, r->approver_count);
	if (r->priority != 0)
		buf_addf(b, "    priority: %lld\n", (long long)r->priority);
	if (r->disabled)
		buf_add_c(b, "    enabled: false\n");
}

void compat_write(const struct draft *d, const struct draft_rule *only, struct buf *b)
{
	bool any = only || d->rule_count > 0;

	buf_add_c(b, "apiVersion: governance.toolkit/v1\n");
	add_key(b, "name", d->name);
	add_key(b, "version", d->version);
	add_key(b, "description", d->description);
	add_key(b, "scope", d->scope);
	add_list(b, "agents", d->agents, d->agent_count);
	if (d->strategy != COMPAT_PRIORITY_FIRST_MATCH)
		add_key(b, "conflict_resolution", str_view(compat_strategies[d->strategy]));
	add_key(b, "default_action", d->default_allow && !only ? STR("allow") : STR("deny"));
	buf_add_c(b, any ? "rules:\n" : "rules: []\n");
	if (only)
		add_rule(b, only);
	for (size_t i = 0; !only && i < d->rule_count; i++)
		add_rule(b, &d->rules[i]);
}
