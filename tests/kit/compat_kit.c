/* compat_kit: policies of the reference toolkit, imported from a text. */
#include "tests/kit/compat_kit.h"

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/base/yaml.h"

struct value compat_kit_json(struct arena *a, const char *text)
{
	struct note n = { .text = "" };
	struct value v;

	cr_assert_eq(json_read(str_view(text), 1, a, &v, &n), OK, "%s: %s", text, n.text);
	return v;
}

struct value compat_kit_yaml(struct arena *a, const char *text)
{
	struct note n = { .text = "" };
	struct value v;

	cr_assert_eq(yaml_read(str_view(text), a, &v, &n), OK, "%s: %s", text, n.text);
	return v;
}

static enum err read_text(void *self, struct str name, struct arena *a, struct str *ret,
			  struct note *n)
{
	(void)a;
	(void)n;
	if (!str_is(name, "a.yaml"))
		return ERR_NOT_FOUND;
	*ret = str_view(self);
	return OK;
}

enum err compat_kit_try(struct arena *a, enum compat_origin from, const char *text,
			struct compat_report *ret, struct note *n)
{
	char copy[8192];
	const struct compat_files files = { read_text, copy };

	cr_assert_lt(strlen(text), sizeof(copy));
	memcpy(copy, text, strlen(text) + 1);
	*n = (struct note){ .text = "" };
	return compat_import(from, &files, STR("a.yaml"), COMPAT_PRIORITY_FIRST_MATCH, a, ret, n);
}

struct compat_report compat_kit_import(struct arena *a, enum compat_origin from, const char *text)
{
	struct compat_report r;
	struct note n;

	cr_assert_eq(compat_kit_try(a, from, text, &r, &n), OK, "%s: %s", text, n.text);
	return r;
}

bool compat_kit_has(const struct compat_report *r, const char *line)
{
	struct str one, rest = r->text;

	while (str_cut(rest, '\n', &one, &rest))
		if (str_is(str_trim(one), line))
			return true;
	return false;
}

bool compat_kit_remarked(const struct compat_report *r, bool refused, const char *part)
{
	for (size_t i = 0; i < r->remark_count; i++)
		if (r->remarks[i].refused == refused &&
		    str_has(r->remarks[i].text, str_view(part)))
			return true;
	return false;
}

const struct compat_change *compat_kit_change(const struct compat_report *r, const char *request)
{
	for (size_t i = 0; i < r->change_count; i++)
		if (str_is(r->changes[i].request, request))
			return &r->changes[i];
	return NULL;
}
