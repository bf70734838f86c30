/*
 * bundle: the files in force, as one thing that is loaded whole or not at all.
 *
 * The digest is over the packed form, and the packed form holds the texts, not the meaning: two
 * bundles with the same digest are the same files, and the log, which keeps the packed form, can be
 * replayed by loading it again. Hence the invariant bundle_unpack(bundle_pack(b)) has b's digest,
 * and unpacking refuses every text that pack would not write.
 */
#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/policy/sequence_parts.h"
#include "engine/policy/trace.h"

#include <stdio.h>
#include <stdlib.h>

#define PACK_FORMAT "trammel/bundle/v1"

struct bundle {
	struct plan plan;
	const struct policy_file *files; /* by name */
	size_t file_count, rule_count;
	struct digest digest;
	bool admits_unknown, wants_signature, wants_session, wants_credential;
	bool wants_sponsor, waives_sponsor;
	const struct trust_terms *trust; /* NULL: no document says */
};

/* --- the files --- */

/* Names are shown, and stand in paths: no control characters, no empty, "." or ".." parts. */
static bool name_ok(struct str name)
{
	struct str part, rest = name;

	if (name.len == 0 || name.len > LIMIT_PATH_BYTES || !str_utf8_ok(name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7F)
			return false;
	for (bool more = true; more;) {
		struct str left = rest;

		more = str_cut(left, '/', &part, &rest);
		if (!more)
			part = left;
		if (part.len == 0 || str_is(part, ".") || str_is(part, ".."))
			return false;
	}
	return true;
}

static bool is_yaml(struct str name)
{
	return str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml"));
}

static bool is_policy(struct str name)
{
	return is_yaml(name) || cedar_file_kind(name) != CEDAR_FILE_NONE ||
	       str_ends(name, STR(".rego"));
}

bool policy_file_named(struct str name)
{
	char small[LIMIT_PATH_BYTES];

	if (name.len > sizeof(small))
		return is_policy(name);
	for (size_t i = 0; i < name.len; i++)
		small[i] = (char)(name.ptr[i] | (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z') << 5);
	return is_policy(str_slice(small, name.len));
}

static enum err check_file(const struct policy_file *f, struct note *n)
{
	if (!name_ok(f->name))
		return note_set(n, ERR_SYNTAX, 0, 0,
				"a policy file has a name that is empty, too long, not UTF-8, or "
				"not a plain path below the folder of policies");
	if (str_ends(f->name, STR(".rego")))
		return note_set(n, ERR_VERSION, 0, 0,
				"this language is not supported by this version of trammel; a "
				"policy that would be ignored must not look as if it were in "
				"force");
	if (!is_policy(f->name))
		return note_set(n, ERR_UNKNOWN, 0, 0,
				"not a policy file; expected a name that ends in .yaml, .yml, "
				".cedar, .cedarschema or .entities.json, in small letters");
	if (f->content.len > LIMIT_YAML_BYTES)
		return note_set(n, ERR_LIMIT, 0, 0,
				"the file has %zu bytes; a policy file has at most %u",
				f->content.len, LIMIT_YAML_BYTES);
	if (!str_utf8_ok(f->content))
		return note_set(n, ERR_ENCODING, 0, 0, "the file is not valid UTF-8");
	return OK;
}

/* The note is about this file. */
static void name_file(struct note *n, struct str name)
{
	char text[NOTE_FILE_BYTES];

	(void)snprintf(text, sizeof(text), "%.*s", STR_ARG(name));
	note_file(n, text);
}

static int by_name(const void *left, const void *right)
{
	return str_cmp(((const struct policy_file *)left)->name,
		       ((const struct policy_file *)right)->name);
}

/* Own copies of names and texts, sorted, no name twice. */
static enum err take_files(struct bundle *b, const struct policy_file *files, size_t count,
			   struct arena *memory, struct note *n)
{
	struct policy_file *own;

	if (count == 0)
		return note_set(n, ERR_NOT_FOUND, 0, 0,
				"there is no policy; expected at least one .yaml or .cedar file");
	if (count > LIMIT_POLICY_FILES)
		return note_set(n, ERR_LIMIT, 0, 0,
				"there are %zu policy files; a bundle has at most %d", count,
				LIMIT_POLICY_FILES);
	own = arena_array(memory, count, sizeof(*own));
	if (!own)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++) {
		enum err e = check_file(&files[i], n);

		if (e != OK) {
			name_file(n, files[i].name);
			return e;
		}
		TRY(arena_copy(memory, files[i].name, &own[i].name));
		TRY(arena_copy(memory, files[i].content, &own[i].content));
	}
	qsort(own, count, sizeof(*own), by_name);
	for (size_t i = 1; i < count; i++)
		if (str_eq(own[i - 1].name, own[i].name)) {
			name_file(n, own[i].name);
			return note_set(n, ERR_DUPLICATE, 0, 0,
					"two policy files have the same name");
		}
	b->files = own;
	b->file_count = count;
	return OK;
}

/* --- the documents --- */

static enum err check_unique(const struct bundle *b, size_t number, struct note *n)
{
	const struct document *d = &b->plan.documents[number];

	for (size_t i = 0; i < number; i++)
		if (str_eq(b->plan.documents[i].name, d->name))
			return note_set(n, ERR_DUPLICATE, d->line, d->column,
					"the policy name '%.*s' is given in %.*s already",
					SHOWN(d->name), SHOWN(b->plan.documents[i].file));
	return OK;
}

static enum err read_document(struct bundle *b, const struct policy_file *f,
			      const struct value *tree, struct arena *memory, struct note *n)
{
	struct plan *p = &b->plan;
	uint32_t number = (uint32_t)p->document_count;

	TRY(rules_read(tree, f->content, f->name, number, LIMIT_RULES - b->rule_count, &p->slots,
		       memory, &p->documents[number], n));
	TRY(check_unique(b, number, n));
	b->rule_count += p->documents[number].written_rules;
	p->document_count++;
	return OK;
}

/* Names are declared for the whole bundle, so all files are read for them before any rule is. */
static enum err declare_names(struct bundle *b, struct value *trees, struct arena *memory,
			      struct note *n)
{
	struct sequence *q;

	TRY(sequence_init(&b->plan.slots, memory, &q));
	b->plan.slots.sequence = q;
	for (size_t i = 0; i < b->file_count; i++) {
		const struct policy_file *f = &b->files[i];
		enum err e;

		if (cedar_file_kind(f->name) != CEDAR_FILE_NONE)
			continue;
		e = rules_declare(f->content, f->name, &b->plan.slots, memory, &trees[i], n);
		if (e != OK) {
			name_file(n, f->name);
			return e;
		}
	}
	q->declaring = false;
	return OK;
}

static enum err read_files(struct bundle *b, struct cedar_rules *cedar, struct arena *memory,
			   struct note *n)
{
	struct value *trees = arena_array(memory, b->file_count, sizeof(*trees));

	if (!trees)
		return ERR_MEMORY;
	TRY(declare_names(b, trees, memory, n));
	b->plan.documents = arena_array(memory, b->file_count, sizeof(*b->plan.documents));
	if (!b->plan.documents)
		return ERR_MEMORY;
	for (size_t i = 0; i < b->file_count; i++) {
		const struct policy_file *f = &b->files[i];
		enum err e = cedar_file_kind(f->name) == CEDAR_FILE_NONE
				     ? read_document(b, f, &trees[i], memory, n)
				     : cedar_rules_add(cedar, f, memory, n);

		if (e != OK) {
			name_file(n, f->name);
			return e;
		}
	}
	return OK;
}

/* Every document that says which rule decides says the same, and so it is decided. */
static enum err take_strategy(struct bundle *b, size_t *at, struct note *n)
{
	const struct document *first = NULL;

	for (size_t i = 0; i < b->plan.document_count; i++) {
		const struct document *d = &b->plan.documents[i];

		if (d->strategy == STRATEGY_NONE)
			continue;
		if (!first)
			first = d;
		if (d->strategy == first->strategy)
			continue;
		*at = i;
		return note_set(n, ERR_DUPLICATE, d->strategy_at->line, d->strategy_at->column,
				"conflict_resolution is %.*s here and %.*s in %.*s; a bundle has "
				"one",
				SHOWN(d->strategy_at->string), SHOWN(first->strategy_at->string),
				SHOWN(first->file));
	}
	if (first)
		b->plan.strategy = first->strategy;
	return OK;
}

/* At most one document says how actions become Cedar requests. */
static enum err find_mapping(const struct bundle *b, const struct cedar_mapping **ret, size_t *at,
			     struct note *n)
{
	size_t first = 0;

	*ret = NULL;
	for (size_t i = 0; i < b->plan.document_count; i++) {
		const struct document *d = &b->plan.documents[i];

		if (!d->cedar)
			continue;
		if (*ret) {
			*at = i;
			return note_set(n, ERR_DUPLICATE, d->cedar_at->line, d->cedar_at->column,
					"'cedar' is given in %.*s already; a bundle has one",
					SHOWN(b->plan.documents[first].file));
		}
		*ret = d->cedar;
		first = i;
	}
	return OK;
}

/* At most one document says what trust is. */
static enum err find_trust(struct bundle *b, size_t *at, struct note *n)
{
	size_t first = 0;

	for (size_t i = 0; i < b->plan.document_count; i++) {
		const struct document *d = &b->plan.documents[i];

		if (!d->trust)
			continue;
		if (b->trust) {
			*at = i;
			return note_set(n, ERR_DUPLICATE, d->trust_at->line, d->trust_at->column,
					"'trust' is given in %.*s already; a bundle has one",
					SHOWN(b->plan.documents[first].file));
		}
		b->trust = d->trust;
		first = i;
	}
	return OK;
}

/* What the documents say of each other. */
static enum err join_documents(struct bundle *b, const struct cedar_mapping **mapping,
			       struct arena *memory, struct note *n)
{
	size_t at = 0;
	enum err e = take_strategy(b, &at, n);

	if (e == OK)
		e = find_mapping(b, mapping, &at, n);
	if (e == OK)
		e = find_trust(b, &at, n);
	if (e == OK)
		e = extends_resolve(&b->plan, memory, &at, n);
	if (e == OK)
		e = curbs_join(&b->plan, memory, &at, n);
	if (e != OK && b->plan.document_count)
		name_file(n, b->plan.documents[at].file);
	return e;
}

static enum err seal_cedar(struct bundle *b, struct cedar_rules *cedar,
			   const struct cedar_mapping *mapping, struct arena *memory,
			   struct note *n)
{
	struct str file;
	enum err e = cedar_rules_seal(cedar, mapping, memory, &file, n);

	if (e != OK && file.len)
		name_file(n, file);
	if (cedar_rules_any(cedar))
		b->plan.cedar = cedar;
	b->rule_count += cedar_rules_count(cedar);
	return e;
}

static enum err read_policies(struct bundle *b, struct arena *memory, struct note *n)
{
	const struct cedar_mapping *mapping;
	struct cedar_rules *cedar;

	TRY(cedar_rules_init(memory, &cedar));
	TRY(read_files(b, cedar, memory, n));
	TRY(join_documents(b, &mapping, memory, n));
	TRY(seal_cedar(b, cedar, mapping, memory, n));
	if (b->plan.document_count == 0 && !b->plan.cedar)
		return note_set(n, ERR_NOT_FOUND, 0, 0,
				"there is no policy among these files; expected at least one "
				".yaml or .cedar file");
	if (sequence_seal(b->plan.slots.sequence))
		b->plan.sequence = b->plan.slots.sequence;
	return plan_order(&b->plan, memory);
}

/* Unknown agents get in only when somebody says so and nobody objects; what is wanted, is wanted
 * when anybody wants it. */
static void take_opinions(struct bundle *b)
{
	bool yes = false, no = false;

	for (size_t i = 0; i < b->plan.document_count; i++) {
		const struct document *d = &b->plan.documents[i];

		yes |= d->admits_unknown == OPINION_YES;
		no |= d->admits_unknown == OPINION_NO;
		b->wants_signature |= d->wants_signature;
		b->wants_sponsor |= d->wants_sponsor == OPINION_YES;
		b->waives_sponsor |= d->wants_sponsor == OPINION_NO;
		b->wants_session |= d->wants_session;
		b->wants_credential |= d->wants_credential;
	}
	b->admits_unknown = yes && !no;
}

/* --- packing --- */

enum err bundle_pack(const struct bundle *b, struct buf *out)
{
	buf_add_c(out, "{\"files\":[");
	for (size_t i = 0; i < b->file_count; i++) {
		buf_add_c(out, i ? ",{\"content\":" : "{\"content\":");
		canon_string(out, b->files[i].content);
		buf_add_c(out, ",\"name\":");
		canon_string(out, b->files[i].name);
		buf_add_byte(out, '}');
	}
	buf_add_c(out, "],\"format\":\"" PACK_FORMAT "\"}");
	return out->err;
}

static enum err take_digest(struct bundle *b, struct note *n)
{
	struct buf packed;
	enum err e;

	buf_init(&packed, LIMIT_BUNDLE_BYTES);
	e = bundle_pack(b, &packed);
	if (e == OK)
		b->digest = sha256(buf_view(&packed));
	else if (e == ERR_LIMIT)
		(void)note_set(n, e, 0, 0, "the policy files together are larger than %u bytes",
			       LIMIT_BUNDLE_BYTES);
	buf_fini(&packed);
	return e;
}

static enum err load(const struct policy_file *files, size_t count, struct arena *memory,
		     struct bundle **ret, struct note *n)
{
	struct bundle *b = arena_alloc(memory, sizeof(*b));
	enum err e;

	if (!b)
		return ERR_MEMORY;
	TRY(take_files(b, files, count, memory, n));
	TRY(take_digest(b, n));
	e = slot_init(&b->plan.slots, memory);
	if (e == OK)
		e = read_policies(b, memory, n);
	slot_seal(&b->plan.slots);
	TRY(e);
	take_opinions(b);
	*ret = b;
	return OK;
}

enum err bundle_load(const struct policy_file *files, size_t count, struct arena *memory,
		     struct bundle **ret, struct note *n)
{
	struct arena_mark mark = arena_mark(memory);
	enum err e = load(files, count, memory, ret, n);

	if (e != OK)
		arena_rewind(memory, mark);
	return e;
}

struct digest bundle_digest(const struct bundle *b)
{
	return b->digest;
}

static enum err not_packed(struct note *n, const char *what)
{
	return note_set(n, ERR_SYNTAX, 0, 0,
			"not a packed bundle: %s; expected "
			"{\"files\":[...],\"format\":\"" PACK_FORMAT "\"} as trammel writes it",
			what);
}

static enum err unpack(struct str packed, struct arena *memory, struct bundle **ret, struct note *n)
{
	struct value tree;
	const struct value *list;
	struct policy_file *files;
	struct bundle *b;
	struct digest digest;

	TRY(json_read(packed, 1, memory, &tree, n));
	list = value_get_c(&tree, "files");
	if (!str_is(value_text(&tree, "format"), PACK_FORMAT))
		return not_packed(n, "its format has another name");
	if (!list || list->kind != VALUE_LIST)
		return not_packed(n, "it has no list of files");
	files = arena_array(memory, list->list.count, sizeof(*files));
	if (!files)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++)
		files[i] = (struct policy_file){ value_text(&list->list.items[i], "name"),
						 value_text(&list->list.items[i], "content") };
	TRY(load(files, list->list.count, memory, &b, n));
	digest = sha256(packed);
	if (!digest_eq(&digest, &b->digest))
		return not_packed(n, "packing these files again gives other bytes");
	*ret = b;
	return OK;
}

enum err bundle_unpack(struct str packed, struct arena *memory, struct bundle **ret, struct note *n)
{
	struct arena_mark mark = arena_mark(memory);
	enum err e;

	if (packed.len > LIMIT_BUNDLE_BYTES)
		return note_set(n, ERR_LIMIT, 0, 0, "the packed bundle is larger than %u bytes",
				LIMIT_BUNDLE_BYTES);
	e = unpack(packed, memory, ret, n);
	if (e != OK)
		arena_rewind(memory, mark);
	return e;
}

/* --- what a loaded bundle says --- */

bool bundle_admits_unknown(const struct bundle *b)
{
	return b->admits_unknown;
}

bool bundle_wants_signature(const struct bundle *b)
{
	return b->wants_signature;
}

const struct trust_terms *bundle_trust(const struct bundle *b)
{
	return b->trust;
}

bool bundle_wants_sponsor(const struct bundle *b, bool created)
{
	return b->wants_sponsor || (created && !b->waives_sponsor);
}

bool bundle_wants_session(const struct bundle *b)
{
	return b->wants_session;
}

bool bundle_wants_credential(const struct bundle *b)
{
	return b->wants_credential;
}

size_t bundle_rules(const struct bundle *b)
{
	return b->plan.rule_count;
}

size_t bundle_documents(const struct bundle *b)
{
	return b->plan.document_count;
}

uint32_t bundle_stage_rules(const struct bundle *b, enum policy_stage stage)
{
	return b->plan.queues[stage].count;
}

struct str bundle_stage_rule(const struct bundle *b, enum policy_stage stage, uint32_t place)
{
	MUST(place < b->plan.queues[stage].count);
	return b->plan.queues[stage].rules[place]->identity;
}

struct str bundle_stage_policy(const struct bundle *b, enum policy_stage stage, uint32_t place)
{
	MUST(place < b->plan.queues[stage].count);
	return b->plan.documents[b->plan.queues[stage].rules[place]->document].name;
}

size_t bundle_cedar_policies(const struct bundle *b)
{
	return b->plan.cedar ? cedar_rules_count(b->plan.cedar) : 0;
}

struct str bundle_cedar_policy(const struct bundle *b, size_t number, bool *forbid)
{
	return cedar_rules_name(b->plan.cedar, number, forbid);
}

const struct sequence *bundle_sequence(const struct bundle *b)
{
	return b->plan.sequence;
}

enum err bundle_happening(const struct bundle *b, enum policy_stage stage,
			  const struct value *request, struct arena *a,
			  const struct happening **ret)
{
	const struct sequence *q = b->plan.sequence;
	struct sight s;

	*ret = NULL;
	if (!q)
		return OK;
	TRY(trace_sight(&b->plan, request, a, &s));
	return sequence_match(q, stage, &s, a, ret);
}

const struct plan *bundle_plan(const struct bundle *b)
{
	return &b->plan;
}

enum err bundle_decide(const struct bundle *b, enum policy_stage stage, struct str agent,
		       const struct value *request, struct arena *a, struct ruling *ret)
{
	return plan_decide(&b->plan, stage, agent, request, a, ret);
}
