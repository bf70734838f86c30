/*
 * transcript: one pass over the log.
 *
 * Nearly all lines are of other sessions. A line that does not hold `"session":"S"` as it would be
 * written is none of this one, so only those that do are read as entries: quotes inside a text are
 * escaped in canonical JSON, so no text can pass for the member.
 */
#include "engine/attest/transcript.h"

#include "engine/attest/inside.h"
#include "engine/base/canon.h"
#include "engine/base/limits.h"

#define HEADER "trammel/transcript/v1\n"
#define POLICIES "trammel/policies/v1\n"
#define BATCH 256u
#define MEMBER_CAP ((size_t)1 << 12)

/* --- taking --- */

struct taking {
	struct str session;
	struct str member;                    /* `"session":"S"` */
	struct sha256 hash;
	struct merkle_range tree;
	struct transcript made;
	struct digest last_policy;
	struct arena *arena;
	struct note *note;
};

static enum err add_agent(struct taking *t, struct str name)
{
	struct transcript *made = &t->made;

	for (size_t i = 0; i < made->agent_count; i++)
		if (str_eq(made->agents[i], name))
			return OK;
	if (made->agent_count == TRANSCRIPT_AGENTS)
		return note_set(t->note, ERR_LIMIT, 0, 0,
				"session '%.*s' has more than %d agents", SHOWN(t->session),
				TRANSCRIPT_AGENTS);
	return arena_copy(t->arena, name, &made->agents[made->agent_count++]);
}

static enum err add_policy(struct taking *t, const struct digest *policy)
{
	struct transcript *made = &t->made;

	for (size_t i = 0; i < made->policy_count; i++)
		if (digest_eq(&made->policies[i], policy))
			return OK;
	if (made->policy_count == TRANSCRIPT_POLICIES)
		return note_set(t->note, ERR_LIMIT, 0, 0,
				"session '%.*s' was decided by more than %d policies",
				SHOWN(t->session), TRANSCRIPT_POLICIES);
	made->policies[made->policy_count++] = *policy;
	return OK;
}

/* A result that was judged is an action, too, and no call. */
static bool is_call(const struct entry *e)
{
	return e->kind == ENTRY_ACTION && !value_get_c(e->data, "stage");
}

/* What is hashed is the line; the entry says what to count. `kept` is where names live on. */
static enum err take_line(struct taking *t, struct str line, const struct entry *e)
{
	struct transcript *made = &t->made;

	sha256_add(&t->hash, line.ptr, line.len);
	sha256_add(&t->hash, "\n", 1);
	made->entries++;
	made->calls += is_call(e);
	made->last = e->seq;
	if (made->entries == 1 || e->time_ns > made->newest_ns)
		made->newest_ns = e->time_ns;
	made->imported = made->imported || e->time_synthetic || value_get_c(e->data, "foreign");
	t->last_policy = e->policy;
	if (e->kind != ENTRY_ACTION)
		return OK;
	TRY(add_policy(t, &e->policy));
	return add_agent(t, e->agent);
}

static enum err look_at(struct taking *t, struct str line, struct arena *work)
{
	struct arena_mark mark = arena_mark(work);
	struct entry e;
	enum err failed = OK;

	if (!str_has(line, t->member))
		return OK;
	TRY(entry_read(line, work, &e, t->note));
	if (str_eq(e.session, t->session))
		failed = take_line(t, line, &e);
	arena_rewind(work, mark);
	return failed;
}

static enum err take_all(struct taking *t, struct log_reader *r, struct arena *work)
{
	struct str lines[BATCH];
	struct digest leaves[BATCH];
	size_t count;

	for (;;) {
		TRY(log_reader_batch(r, lines, BATCH, &count, t->note));
		if (count == 0)
			return OK;
		sha256_leaves(lines, count, leaves);
		for (size_t i = 0; i < count; i++) {
			merkle_add(&t->tree, &leaves[i]);
			TRY(look_at(t, lines[i], work));
		}
	}
}

/* Without a decision the session is still under a policy: the one of its last entry. */
static enum err finish(struct taking *t, const struct checkpoint *checkpoint)
{
	struct digest root;

	merkle_root(&t->tree, &root);
	if (t->tree.size != checkpoint->size || !digest_eq(&root, &checkpoint->root))
		return note_set(t->note, ERR_TAMPERED, 0, 0,
				"the log's %llu entries do not lead to the root that was signed; "
				"'trammel log verify' says which",
				(unsigned long long)t->tree.size);
	if (t->made.policy_count == 0)
		t->made.policies[t->made.policy_count++] = t->last_policy;
	sha256_done(&t->hash, &t->made.hash);
	return OK;
}

enum err transcript_take(struct world *w, const char *log_folder,
			 const struct checkpoint *checkpoint, struct str session, struct arena *a,
			 struct transcript *ret, struct note *n)
{
	struct taking t = { .session = session, .arena = a, .note = n };
	struct log_reader *r = NULL;
	struct arena work;
	struct buf member;
	enum err e;

	arena_init(&work, LIMIT_ACTION_MEMORY);
	buf_init(&member, MEMBER_CAP);
	buf_add_c(&member, "\"session\":");
	canon_string(&member, session);
	t.member = buf_view(&member);
	merkle_init(&t.tree);
	sha256_init(&t.hash);
	sha256_add(&t.hash, HEADER, strlen(HEADER));
	e = member.err;
	if (e == OK)
		e = log_reader_open(w, log_folder, 0, checkpoint->size, &r);
	if (e == OK)
		e = take_all(&t, r, &work);
	if (e == OK)
		e = finish(&t, checkpoint);
	log_reader_close(r);
	buf_fini(&member);
	arena_fini(&work);
	if (e == OK)
		*ret = t.made;
	return e;
}

enum err transcript_policy(const struct transcript *t, struct digest *ret)
{
	struct buf b;
	enum err e;

	MUST(t->policy_count > 0);
	if (t->policy_count == 1) {
		*ret = t->policies[0];
		return OK;
	}
	buf_init(&b, sizeof(POLICIES) + TRANSCRIPT_POLICIES * (size_t)80);
	buf_add_c(&b, POLICIES);
	for (size_t i = 0; i < t->policy_count; i++) {
		digest_write(&b, &t->policies[i]);
		buf_add_byte(&b, '\n');
	}
	e = b.err;
	if (e == OK)
		*ret = sha256(buf_view(&b));
	buf_fini(&b);
	return e;
}

/* --- where it lies --- */

#define SCHEME "trammel:"

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~", c));
}

/* RFC 3986 section 2.1; '/' may stand in a path, and '.' is no reason to escape. */
static void add_encoded(struct buf *b, struct str s, bool in_path)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (is_unreserved((char)c) || (in_path && c == '/'))
			buf_add_byte(b, (char)c);
		else
			buf_addf(b, "%%%c%c", hex[c >> 4], hex[c & 15]);
	}
}

void transcript_place_write(struct buf *b, const struct transcript_place *p)
{
	buf_add_c(b, SCHEME);
	add_encoded(b, p->origin, true);
	buf_add_c(b, "?session=");
	add_encoded(b, p->session, false);
	buf_add_c(b, "&size=");
	buf_add_u64(b, p->size);
	buf_add_c(b, "&root=");
	buf_add_hex(b, p->root.bytes, sizeof(p->root.bytes));
}

static enum err decode(struct str s, struct arena *a, struct str *ret)
{
	char *made = arena_alloc(a, s.len + 1);
	size_t len = 0;
	uint8_t byte;

	if (!made)
		return ERR_MEMORY;
	for (size_t i = 0; i < s.len; i++) {
		made[len] = s.ptr[i];
		if (s.ptr[i] == '%') {
			char low[2];

			if (s.len - i < 3)
				return ERR_SYNTAX;
			for (size_t k = 0; k < 2; k++) {
				char c = s.ptr[i + 1 + k];

				low[k] = c >= 'A' && c <= 'F' ? (char)(c + 32) : c;
			}
			TRY(hex_read(str_slice(low, 2), &byte, 1));
			made[len] = (char)byte;
			i += 2;
		}
		len++;
	}
	*ret = str_slice(made, len);
	return OK;
}

/* `name=value` up to the next '&' or the end. */
static bool cut_pair(struct str *rest, const char *name, struct str *value)
{
	struct str key, pair = *rest, after = STR_NONE;

	if (str_cut(*rest, '&', &pair, &after))
		*rest = after;
	else
		*rest = STR_NONE;
	return str_cut(pair, '=', &key, value) && str_is(key, name);
}

/* There is one text for a place: what is written again must be what was read. */
enum err transcript_place_read(struct str uri, struct arena *a, struct transcript_place *ret)
{
	struct str path, rest, session, size, root;
	struct transcript_place p;
	struct buf b;
	bool same;

	if (uri.len > TRANSCRIPT_URI_BYTES || !str_starts(uri, STR(SCHEME)))
		return ERR_SYNTAX;
	rest = str_slice(uri.ptr + strlen(SCHEME), uri.len - strlen(SCHEME));
	if (!str_cut(rest, '?', &path, &rest) || !cut_pair(&rest, "session", &session) ||
	    !cut_pair(&rest, "size", &size) || !cut_pair(&rest, "root", &root) || rest.len)
		return ERR_SYNTAX;
	TRY(decode(path, a, &p.origin));
	TRY(decode(session, a, &p.session));
	TRY(str_to_u64(size, &p.size));
	TRY(hex_read(root, p.root.bytes, sizeof(p.root.bytes)));
	buf_init(&b, 2 * TRANSCRIPT_URI_BYTES);
	transcript_place_write(&b, &p);
	same = b.err == OK && str_eq(buf_view(&b), uri);
	if (b.err == ERR_MEMORY) {
		buf_fini(&b);
		return ERR_MEMORY;
	}
	buf_fini(&b);
	if (!same)
		return ERR_SYNTAX;
	*ret = p;
	return OK;
}

/* --- judging --- */

static void judge_digest(struct findings *f, enum finding_code code, struct str says,
			 const struct digest *is)
{
	struct digest d;

	if (digest_read(says, &d) == OK && digest_eq(&d, is))
		finding_pass(f, code);
	else
		finding_add(f, code, FINDING_FAIL,
			    "it is '%.*s', the log says sha256:%02x%02x%02x%02x...", SHOWN(says),
			    is->bytes[0], is->bytes[1], is->bytes[2], is->bytes[3]);
}

enum err transcript_judge(const struct value *record, const struct transcript *t,
			  struct findings *f)
{
	const struct value *said = value_get_c(record, "tool_transcript");
	const struct value *calls = value_get_c(said, "call_count");
	struct digest policy;

	TRY(transcript_policy(t, &policy));
	judge_digest(f, FINDING_LOG_HASH, value_text(said, "hash"), &t->hash);
	if (!calls)
		finding_add(f, FINDING_LOG_CALLS, FINDING_SKIP, "it is not there");
	else if (calls->kind == VALUE_INT && calls->integer >= 0 &&
		 (uint64_t)calls->integer == t->calls)
		finding_pass(f, FINDING_LOG_CALLS);
	else
		finding_add(f, FINDING_LOG_CALLS, FINDING_FAIL, "the log has %llu",
			    (unsigned long long)t->calls);
	judge_digest(f, FINDING_LOG_POLICY,
		     value_text(value_get_c(record, "policy"), "bundle_hash"), &policy);
	return OK;
}
