/*
 * cmd_trace_receipt: trammel trace receipt FILE: does an outside controller's receipt hold?
 *
 * No clock is asked: the time that counts stands in the verifier's context, beside what he expects.
 */
#include "engine/attest/attest.h"
#include "tui/given_policy.h"
#include "tui/print.h"

#define OUT_CAP    ((size_t)64 << 10)
#define MEMORY_CAP ((size_t)64 << 20)

static void list_json(struct buf *b, const char *key, const struct receipt_verdict *v, bool warns)
{
	bool first = true;

	json_key(b, key);
	buf_add_byte(b, '[');
	for (int i = 0; i < RECEIPT_RULES; i++) {
		if (!v->broken[i] || receipt_rule_warns((enum receipt_rule)i) != warns)
			continue;
		buf_add_c(b, first ? "" : ",");
		json_string(b, str_view(receipt_rule_name((enum receipt_rule)i)));
		first = false;
	}
	buf_add_byte(b, ']');
}

static void say(const struct invocation *in, const struct receipt_verdict *v, struct buf *b)
{
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "status", str_view(receipt_status_name(v->status)));
		json_text(b, "controller_outcome", v->outcome);
		list_json(b, "failures", v, false);
		list_json(b, "warnings", v, true);
		buf_add_c(b, "}\n");
		return;
	}
	for (int i = 0; i < RECEIPT_RULES; i++)
		if (v->broken[i])
			buf_addf(b, "%s  %s\n",
				 receipt_rule_warns((enum receipt_rule)i) ? "warn" : "fail",
				 receipt_rule_name((enum receipt_rule)i));
	buf_addf(b, "%s; the controller's outcome: %.*s\n", receipt_status_name(v->status),
		 STR_ARG(v->outcome));
}

int cmd_trace_receipt(const struct invocation *in)
{
	struct receipt_verdict v = { .status = RECEIPT_INVALID };
	struct note n = { .text = "" };
	struct value document;
	struct arena a;
	struct buf b;
	enum err e;

	arena_init(&a, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	e = given_document(in, in->args[0], &a, &document, &n);
	if (e == OK) {
		e = receipt_judge(&document, &a, &v, &n);
		if (e != OK)
			note_file(&n, in->args[0]);
	}
	if (e == OK) {
		say(in, &v, &b);
		e = print_page(in, &b, &n);
	}
	buf_fini(&b);
	arena_fini(&a);
	if (e != OK)
		return print_error(in, e, &n);
	return v.status >= RECEIPT_NOT_REQUIRED ? 0 : err_exit(ERR_DENIED);
}
