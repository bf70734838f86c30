/* compat_import: read the document, translate it, write it, compare. */
#include "engine/policy/compat_draft.h"

#include "engine/base/yaml.h"

const char *const compat_origins[] = { "agt-mesh", "agt-trust", "agt-go", "agt-rust", NULL };

static enum err read_document(const struct compat_files *files, struct str name, struct draft *d,
			      struct value **ret, struct note *n)
{
	struct value *doc = arena_alloc(d->arena, sizeof(*doc));
	struct str text;

	if (!doc)
		return ERR_MEMORY;
	TRY(files->read(files->self, name, d->arena, &text, n));
	TRY(yaml_read(text, d->arena, doc, n));
	*ret = doc;
	return OK;
}

static enum err translate(enum compat_origin from, const struct compat_files *files,
			  struct str name, struct draft *d, struct draft_origin *origin,
			  struct note *n)
{
	struct compat_policy *policy;
	const char *raises;
	struct value *doc;

	if (from == COMPAT_MESH) {
		policy = arena_alloc(d->arena, sizeof(*policy));
		if (!policy)
			return ERR_MEMORY;
		TRY(compat_extends_load(files, name, d->arena, policy, &raises, n));
		origin->policy = policy;
		return compat_from_mesh(d, policy);
	}
	TRY(read_document(files, name, d, &doc, n));
	origin->doc = doc;
	if (from == COMPAT_TRUST) {
		TRY(compat_trust_check(doc, &raises, n));
		return compat_from_trust(d, doc);
	}
	if (from == COMPAT_GO) {
		TRY(compat_go_check(doc, n));
		return compat_from_go(d, doc);
	}
	TRY(compat_rust_check(doc, n));
	return compat_from_rust(d, doc);
}

static enum err finish(struct draft *d, const struct draft_origin *origin,
		       struct compat_report *report, struct note *n)
{
	struct str text;
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_YAML_BYTES);
	compat_write(d, NULL, &b);
	e = draft_text(d, &b, &text);
	buf_fini(&b);
	if (e == ERR_LIMIT)
		return note_set(n, e, 0, 0, "translated, the policy is larger than %u bytes; split "
				"it", LIMIT_YAML_BYTES);
	TRY(e);
	TRY(compat_witness(d, origin, text, report, n));
	report->text = text;
	return OK;
}

enum err compat_import(enum compat_origin from, const struct compat_files *files, struct str name,
		       enum compat_strategy strategy, struct arena *a, struct compat_report *ret,
		       struct note *n)
{
	struct draft_origin origin = { .from = from, .strategy = strategy };
	struct draft *d = arena_alloc(a, sizeof(*d));
	struct compat_report report = { .rule_count = 0 };

	if (!d)
		return ERR_MEMORY;
	d->arena = a;
	d->strategy = strategy;
	TRY(translate(from, files, name, d, &origin, n));
	if (d->refused_count == 0)
		TRY(finish(d, &origin, &report, n));
	report.name = d->name;
	report.rule_count = d->rule_count;
	report.remarks = d->remarks;
	report.remark_count = d->remark_count;
	report.refused_count = d->refused_count;
	*ret = report;
	return OK;
}
