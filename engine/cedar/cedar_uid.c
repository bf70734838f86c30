/* cedar_uid: names of entities. */
#include "engine/cedar/inside.h"

bool cedar_uid_eq(const struct cedar_uid *a, const struct cedar_uid *b)
{
	return str_eq(a->id, b->id) && str_eq(a->type, b->type);
}

int cedar_uid_cmp(const struct cedar_uid *a, const struct cedar_uid *b)
{
	int order = str_cmp(a->type, b->type);

	return order ? order : str_cmp(a->id, b->id);
}

void cedar_uid_write(struct buf *b, const struct cedar_uid *uid)
{
	buf_add(b, uid->type);
	buf_add_c(b, "::");
	cedar_string_write(b, uid->id);
}

enum err cedar_uid_read(struct str text, struct arena *a, struct cedar_uid *ret, struct note *n)
{
	struct cedar_parser p;
	struct cedar_uid uid;

	TRY(cedar_grammar_init(&p, text, a, n));
	TRY(cedar_grammar_uid(&p, &uid));
	if (p.now.kind != CEDAR_END)
		return cedar_grammar_unexpected(&p, "nothing after the entity");
	*ret = uid;
	return OK;
}
