/* finding: the table of codes, and a list of what was found. */
#include "engine/attest/finding.h"

#include <stdarg.h>
#include <stdio.h>

#include "engine/base/str.h"

static const struct row {
	const char *code, *member, *well;
} rows[FINDING_CODES] = {
#define FINDING_ROW(id, code, member, text) [id] = { code, member, text },
	FINDING_LIST(FINDING_ROW)
#undef FINDING_ROW
};

static const char *const statuses[FINDING_STATUSES] = {
	[FINDING_FAIL] = "fail", [FINDING_WARN] = "warn", [FINDING_UNVERIFIED] = "unverified",
	[FINDING_SKIP] = "skip", [FINDING_PASS] = "pass",
};

const char *finding_code_name(enum finding_code code)
{
	return rows[code].code;
}

const char *finding_member(enum finding_code code)
{
	return rows[code].member;
}

const char *finding_status_name(enum finding_status status)
{
	return statuses[status];
}

void finding_add(struct findings *f, enum finding_code code, enum finding_status status,
		 const char *fmt, ...)
{
	struct finding *new = &f->list[f->count];
	va_list args;

	MUST(f->count < FINDINGS_MAX);
	f->count++;
	new->code = code;
	new->status = status;
	f->refused = f->refused || status == FINDING_FAIL;
	va_start(args, fmt);
	(void)vsnprintf(new->text, sizeof(new->text), fmt, args);
	va_end(args);
	(void)str_tidy(new->text, sizeof(new->text));
}

void finding_pass(struct findings *f, enum finding_code code)
{
	finding_add(f, code, FINDING_PASS, "%s", rows[code].well);
}

const struct finding *finding_find(const struct findings *f, enum finding_code code)
{
	for (size_t i = f->count; i-- > 0;)
		if (f->list[i].code == code)
			return &f->list[i];
	return NULL;
}
