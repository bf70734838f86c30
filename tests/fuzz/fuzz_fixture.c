/*
 * fuzz_fixture: any bytes as a fixture. What is refused says why; what is read can be decided, and
 * each request of it is written as something that reads as the same request.
 */
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "engine/base/yaml.h"
#include "engine/policy/policy.h"

static const char policy[] = "apiVersion: governance.toolkit/v1\nname: p\nrules: [{name: r, "
			     "action: allow, condition: args.n < 5 or agent.actions > 2}]\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_case(const struct bundle *b, const struct fixture_case *c, struct arena *a)
{
	struct question again;
	struct ruling one, other;
	struct buf text, second;
	struct value v;

	buf_init(&text, LIMIT_LINE_BYTES);
	buf_init(&second, LIMIT_LINE_BYTES);
	question_write(&text, &c->question);
	MUST(text.err == OK);
	MUST(json_read(buf_view(&text), 1, a, &v, NULL) == OK);
	MUST(question_read(&v, NULL, a, &again, NULL) == OK);
	question_write(&second, &again);
	MUST(str_eq(buf_view(&text), buf_view(&second)));
	MUST(question_decide(b, &c->question, a, &one) == OK);
	MUST(question_decide(b, &again, a, &other) == OK);
	MUST(one.allow == other.allow && str_eq(one.rule, other.rule));
	buf_fini(&second);
	buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy_file file = { STR("p.yaml"), str_view(policy) };
	struct note n = { .line = 0 };
	struct fixture f;
	struct bundle *b;
	struct value v;
	struct arena a;
	enum err e;

	arena_init(&a, 256 << 20);
	MUST(bundle_load(&file, 1, &a, &b, &n) == OK);
	if (yaml_read(str_slice(data, size), &a, &v, &n) == OK) {
		e = fixture_read(&v, &a, &f, &n);
		MUST(e == OK || n.text[0]);
		for (size_t i = 0; e == OK && i < f.count; i++)
			check_case(b, &f.cases[i], &a);
	}
	arena_fini(&a);
	return 0;
}
