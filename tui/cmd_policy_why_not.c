/* cmd_policy_why_not: trammel policy why-not FILE: the smallest change that turns it around. */
#include "engine/base/canon.h"
#include "tui/given_policy.h"

#define OUT_CAP    ((size_t)64 << 20)
#define MEMORY_CAP ((size_t)1 << 30)

static void add_value(struct buf *b, const struct value *v, const char *missing)
{
	if (v)
		canon_value(b, v);
	else
		buf_add_c(b, missing);
}

static const char *hope_name(enum explain_hope hope)
{
	return hope == HOPE_FOUND ? "found" : hope == HOPE_NONE ? "impossible" : "unknown";
}

static void add_json(struct buf *b, const struct ruling *now, const struct explain_flip *f)
{
	buf_add_byte(b, '{');
	json_text(b, "effect", now->allow ? STR("allow") : STR("deny"));
	json_text(b, "rule", now->rule);
	json_text(b, "change", str_view(hope_name(f->hope)));
	if (f->hope == HOPE_FOUND) {
		json_key(b, "changes");
		buf_add_byte(b, '[');
		for (size_t i = 0; i < f->change_count; i++) {
			buf_add_c(b, i ? ",{" : "{");
			json_text(b, "path", f->changes[i].path);
			if (f->changes[i].was) {
				json_key(b, "was");
				canon_value(b, f->changes[i].was);
			}
			if (f->changes[i].now) {
				json_key(b, "now");
				canon_value(b, f->changes[i].now);
			}
			buf_add_byte(b, '}');
		}
		buf_add_byte(b, ']');
		given_question_json(b, "request", &f->question);
		json_text(b, "new_effect", f->ruling.allow ? STR("allow") : STR("deny"));
		json_text(b, "new_rule", f->ruling.rule);
	}
	buf_add_c(b, "}\n");
}

static void add_text(struct buf *b, const struct ruling *now, const struct explain_flip *f)
{
	given_ruling_text(b, now);
	buf_add_byte(b, '\n');
	if (f->hope == HOPE_NONE) {
		buf_addf(b, "no request of this stage is %s\n", now->allow ? "denied" : "allowed");
		return;
	}
	if (f->hope == HOPE_UNKNOWN) {
		buf_addf(b, "unknown what would be %s; nothing was found\n",
			 now->allow ? "denied" : "allowed");
		return;
	}
	buf_add_c(b, "it would be ");
	given_ruling_text(b, &f->ruling);
	buf_add_c(b, " with\n");
	for (size_t i = 0; i < f->change_count; i++) {
		buf_addf(b, "  %.*s = ", STR_ARG(f->changes[i].path));
		add_value(b, f->changes[i].now, "(missing)");
		buf_add_c(b, "  instead of ");
		add_value(b, f->changes[i].was, "(missing)");
		buf_add_byte(b, '\n');
	}
}

int cmd_policy_why_not(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct arena bundle_memory, memory;
	struct explain_flip flip;
	struct question q;
	struct bundle *bundle;
	struct ruling now;
	struct buf b;
	enum err e;

	arena_init(&bundle_memory, LIMIT_BUNDLE_MEMORY);
	arena_init(&memory, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	e = given_policy_load(in, NULL, &bundle_memory, &bundle, &n);
	if (e == OK)
		e = given_question(in, in->arg_count ? in->args[0] : "-", &memory, &q, &n);
	if (e == OK)
		e = question_decide(bundle, &q, &memory, &now);
	if (e == OK)
		e = explain_flip(bundle, &q, &memory, &flip);
	if (e == OK) {
		json_wanted(in) ? add_json(&b, &now, &flip) : add_text(&b, &now, &flip);
		e = print_page(in, &b, &n);
	}
	buf_fini(&b);
	arena_fini(&memory);
	arena_fini(&bundle_memory);
	if (e != OK)
		return print_error(in, e, &n);
	return flip.hope == HOPE_FOUND ? 0 : err_exit(ERR_DENIED);
}
