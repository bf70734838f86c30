/* cedar_random: see cedar_random.h. */
#include "tests/cedar/cedar_random.h"

#include <criterion/criterion.h>

#define PICK(r, list) ((list)[cedar_random_draw(r, sizeof(list) / sizeof((list)[0]))])

static const char *const principals[] = { "principal",
					  "principal",
					  "principal",
					  "principal == User::\"u1\"",
					  "principal == User::\"u2\"",
					  "principal is User",
					  "principal is Robot",
					  "principal in Group::\"g0\"",
					  "principal in Group::\"g1\"",
					  "principal in User::\"u1\"",
					  "principal is User in Group::\"g2\"",
					  "principal is Robot in Group::\"g1\"" };
static const char *const actions[] = { "action",
				       "action",
				       "action",
				       "action == Action::\"a1\"",
				       "action == Action::\"a2\"",
				       "action in Action::\"all\"",
				       "action in [Action::\"a2\", Action::\"all\"]",
				       "action in [Action::\"a2\", Action::\"a2\"]",
				       "action in []" };
static const char *const resources[] = { "resource",
					 "resource",
					 "resource",
					 "resource == File::\"f1\"",
					 "resource is File",
					 "resource in Folder::\"d1\"",
					 "resource in Folder::\"d2\"",
					 "resource is File in File::\"f1\"" };
static const char *const paths[] = { "context.s",      "context.s",          "context.n",
				     "context.b",      "context.l",          "context.o.s",
				     "context.o",      "context.nothing",    "principal.dept",
				     "principal.level", "principal.boss.dept", "principal.boss",
				     "resource.owner", "resource.readers",   "principal",
				     "resource",       "action",             "context" };
static const char *const literals[] = { "\"x\"",          "\"y\"",        "\"z\"",
					"1",              "2",            "true",
					"User::\"u1\"",   "File::\"f1\"", "Group::\"g1\"",
					"Action::\"a1\"", "[1, \"x\"]",   "-3" };
static const char *const sets[] = { "[\"x\", \"y\"]",
				    "[\"z\"]",
				    "[]",
				    "[1, \"x\", [2]]",
				    "[User::\"u1\", Group::\"g2\"]",
				    "[Action::\"a1\", Action::\"all\"]",
				    "[File::\"f1\", 1]",
				    "[context.s, \"q\"]" };
static const char *const globs[] = { "\"x*\"", "\"x\"", "\"xy*z\"", "\"*x\"", "\"\"", "\"*\"" };
static const char *const simple[] = { "context has s",
				      "context has o.s",
				      "context has n.s",
				      "principal has dept",
				      "principal has boss.dept",
				      "resource has owner",
				      "principal is User",
				      "resource is File in Folder::\"d1\"",
				      "action is Action",
				      "principal in Group::\"g0\"",
				      "action in [Action::\"a1\", Action::\"a2\"]",
				      "resource in resource.readers",
				      "principal.hasTag(\"t\")",
				      "principal.getTag(\"t\") == \"x\"",
				      "context.s like \"x*\"",
				      "context.n + 9223372036854775806 > 5",
				      "ip(context.s).isIpv4()",
				      "ip(\"1.2.3.4\", 2).isIpv4()",
				      "{a: context.n}.a == 1",
				      "{a: context.n} == {a: 2}",
				      "-context.n < 0",
				      "context.n * 2 <= context.n",
				      "decimal(\"1.0\").lessThan(decimal(\"2.0\"))",
				      "true",
				      "7",
				      "context.b" };
static const char *const signs[] = { "==", "==", "==", "!=", "<", ">=", "in" };
static const char *const users[] = { "User::'u1'", "User::'u2'", "User::'u3'", "Robot::'u1'",
				     "Group::'g2'" };
static const char *const doings[] = { "Action::'a1'", "Action::'a2'", "Action::'all'" };
static const char *const things[] = { "File::'f1'", "Folder::'d1'", "File::'f2'" };
static const char *const contexts[] = {
	"{'s':'x','n':1,'b':true,'l':['x',1],'o':{'s':'y'}}",
	"{'s':'y','n':2,'b':false,'l':['z'],'o':{'s':'x'}}",
	"{'s':'z','n':'x','b':1,'l':'x','o':{}}",
	"{'n':-3,'l':[],'o':'x'}",
	"{'s':{'__entity':{'type':'User','id':'u1'}},'n':9223372036854775807}",
	"{}",
};
/* Numbers that are no longs, and null: there, and not to be read. */
static const char *const foreign[] = {
	"{'s':null,'n':1.5,'b':true,'l':[null,'x'],'o':{'s':'y'}}",
	"{'s':'x','n':1e300,'b':null,'l':[1.5],'o':null}",
};

size_t cedar_random_draw(struct cedar_random *r, size_t count)
{
	r->state = r->state * 1103515245u + 12345u;
	return (r->state >> 16) % count;
}

void cedar_random_world(struct cedar_scene *k)
{
	cedar_scene_entities(
		k, "[{'uid':{'type':'User','id':'u1'},'attrs':{'dept':'x','level':2,'boss':{"
		   "'__entity':{'type':'User','id':'u3'}}},'tags':{'t':'x'},'parents':[{'type':"
		   "'Group','id':'g1'},{'type':'Group','id':'g2'}]},"
		   "{'uid':{'type':'User','id':'u3'},'attrs':{'dept':'y','level':'high'}},"
		   "{'uid':{'type':'Group','id':'g2'},'parents':[{'type':'Group','id':'g0'}]},"
		   "{'uid':{'type':'Action','id':'a1'},'parents':[{'type':'Action','id':'all'}]},"
		   "{'uid':{'type':'File','id':'f1'},'attrs':{'owner':{'__entity':{'type':'User',"
		   "'id':'u1'}},'readers':[{'__entity':{'type':'Group','id':'g1'}},{'__entity':{"
		   "'type':'User','id':'u2'}}]},'parents':[{'type':'Folder','id':'d1'}]}]");
}

static void write_simple(struct cedar_random *r, struct buf *b)
{
	switch (cedar_random_draw(r, 7)) {
	case 0:
		buf_addf(b, "%s.contains(%s)", PICK(r, sets), PICK(r, paths));
		break;
	case 1:
		buf_addf(b, "%s.contains(%s)", PICK(r, paths), PICK(r, literals));
		break;
	case 2:
		buf_addf(b, "%s %s %s", PICK(r, literals), PICK(r, signs), PICK(r, paths));
		break;
	case 3:
		buf_add_c(b, PICK(r, simple));
		break;
	case 4:
		buf_addf(b, "%s in %s", PICK(r, paths), PICK(r, sets));
		break;
	case 5:
		buf_addf(b, "%s like %s", PICK(r, paths), PICK(r, globs));
		break;
	default:
		buf_addf(b, "%s %s %s", PICK(r, paths), PICK(r, signs),
			 cedar_random_draw(r, 4) ? PICK(r, literals) : PICK(r, paths));
	}
}

void cedar_random_condition(struct cedar_random *r, struct buf *b, unsigned depth)
{
	size_t kind = depth ? cedar_random_draw(r, 8) : 7;

	if (kind >= 5) {
		write_simple(r, b);
		return;
	}
	buf_add_c(b, kind == 4 ? "if (" : kind == 3 ? "!(" : "(");
	cedar_random_condition(r, b, depth - 1);
	if (kind != 3) {
		buf_add_c(b, kind == 4 ? ") then (" : kind == 2 ? ") || (" : ") && (");
		cedar_random_condition(r, b, depth - 1);
	}
	if (kind == 4) {
		buf_add_c(b, ") else (");
		cedar_random_condition(r, b, depth - 1);
	}
	buf_add_c(b, ")");
}

void cedar_random_policies(struct cedar_random *r, struct buf *b, size_t count)
{
	buf_clear(b);
	for (size_t i = 0; i < count; i++) {
		buf_addf(b, "%s(%s, %s, %s)", cedar_random_draw(r, 4) ? "permit" : "forbid",
			 PICK(r, principals), PICK(r, actions), PICK(r, resources));
		for (size_t c = cedar_random_draw(r, 3); c > 0; c--) {
			buf_addf(b, " %s { ", cedar_random_draw(r, 4) ? "when" : "unless");
			cedar_random_condition(r, b, 3);
			buf_add_c(b, " }");
		}
		buf_add_c(b, ";\n");
	}
	buf_add_byte(b, '\0');
	cr_assert_eq(b->err, OK);
}

void cedar_random_request(struct cedar_random *r, struct cedar_scene *k)
{
	k->request.principal = cedar_scene_uid(k, PICK(r, users));
	k->request.action = cedar_scene_uid(k, PICK(r, doings));
	k->request.resource = cedar_scene_uid(k, PICK(r, things));
	if (cedar_random_draw(r, 4))
		cedar_scene_context(k, PICK(r, contexts));
	else
		cr_assert_eq(cedar_context_plain(cedar_scene_json(k, PICK(r, foreign)), &k->memory,
						 &k->request.context),
			     OK);
}

static enum cedar_truth alone(struct cedar_scene *k, size_t number, struct str *error)
{
	enum cedar_truth truth;

	cr_assert_eq(cedar_evaluate(k->policies, number, k->entities, &k->request, &k->memory,
				    &truth, error),
		     OK);
	return truth;
}

void cedar_random_compare(struct cedar_scene *k, unsigned seed)
{
	struct cedar_answer answer = cedar_scene_decide(k);
	size_t count = cedar_count(k->policies), holds[2] = { 0, 0 }, reasons = 0, errors = 0;
	struct str error;

	for (size_t i = 0; i < count; i++)
		if (alone(k, i, &error) == CEDAR_YES)
			holds[cedar_about(k->policies, i).forbid]++;
	cr_assert_eq(answer.allow, holds[0] && !holds[1], "seed %u", seed);
	for (size_t i = 0; i < count; i++) {
		enum cedar_truth truth = alone(k, i, &error);

		if (truth == CEDAR_YES && cedar_about(k->policies, i).forbid == (holds[1] > 0))
			cr_assert(reasons < answer.reason_count && answer.reasons[reasons++] == i,
				  "seed %u: policy %zu holds", seed, i);
		if (truth != CEDAR_ERROR)
			continue;
		cr_assert(errors < answer.error_count && answer.erring[errors] == i,
			  "seed %u: policy %zu errs: %s", seed, i, error.ptr);
		cr_assert(str_eq(answer.errors[errors++], error), "seed %u: policy %zu: %s", seed,
			  i, error.ptr);
	}
	cr_assert(reasons == answer.reason_count && errors == answer.error_count, "seed %u", seed);
}
