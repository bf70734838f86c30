/*
 * import_sdk: audit logs of the reference toolkit's libraries in Go, Rust, .NET and TypeScript, as
 * their exports write them: a list of entries in JSON, each with the hash of the one before.
 *
 * All but the library's service drop old entries when they have too many, so a list may begin
 * inside its log; the hash it begins with is then nobody's who is here.
 */
#include "replay/hearsay.h"

#define HASH_BYTES 64

struct sdk_chain {
	enum foreign_sdk sdk;
	bool known;                            /* which of the two TypeScript forms it is */
	uint64_t count;
	char last[HASH_BYTES];
	size_t last_len;
	struct buf text;
};

static const char *const findings[] = {
	"that nothing was cut off its end (no size is signed)",
	"that it was not rewritten as a whole (its hashes need no key)",
	"what came of an action (only the decision is recorded)",
	NULL
};
static const char bars[] =
	"where its fields begin and end (they are hashed with '|' between them, which may be in "
	"them)";
static const char begins_inside[] =
	"what came before its first entry (it begins inside a log, as after old entries were "
	"dropped)";

static const char rewritten[] = "is not what it hashed to: it was changed after it was written";
static const char moved[] =
	"does not follow the one before it: entries were removed, added or moved";

static const struct foreign_sdk_names *names_of(const struct sdk_chain *c)
{
	return foreign_sdk_names(c->sdk);
}

static enum err broken(struct importing *im, const struct sdk_chain *c, const struct value *v,
		       const char *story)
{
	return note_set(im->note, ERR_TAMPERED, v->line, v->column, "entry %llu %s",
			(unsigned long long)c->count, story);
}

/* A list that begins with another hash than a log does. */
static bool begins(struct importing *im, const struct sdk_chain *c, struct str previous)
{
	struct digest ignored;

	if (c->count > 0 || hex_read(previous, ignored.bytes, sizeof(ignored.bytes)) != OK)
		return false;
	import_finding(im, begins_inside);
	return true;
}

static enum err judge(struct importing *im, struct sdk_chain *c, const struct value *v)
{
	struct str previous = value_text(v, names_of(c)->previous),
		   hash = value_text(v, names_of(c)->hash);
	struct str expected = c->count ? str_slice(c->last, c->last_len)
				       : str_view(names_of(c)->genesis);
	struct digest d, claimed;

	buf_clear(&c->text);
	foreign_sdk_text(&c->text, c->sdk, v);
	TRY(c->text.err);
	d = sha256(buf_view(&c->text));
	if (hex_read(hash, claimed.bytes, sizeof(claimed.bytes)) != OK || !digest_eq(&d, &claimed))
		TRY(hearsay_broken(im, broken(im, c, v, rewritten)));
	else if (!str_eq(previous, expected) && !begins(im, c, previous))
		TRY(hearsay_broken(im, broken(im, c, v, moved)));
	c->last_len = hash.len < HASH_BYTES ? hash.len : HASH_BYTES;
	memcpy(c->last, hash.ptr, c->last_len);
	c->count++;
	return OK;
}

/* Everything that has no place of its own; the text under the hash is the result. */
static enum err facts(struct importing *im, const struct sdk_chain *c, const struct value *v,
		      struct value *ret)
{
	const char *const placed[] = { names_of(c)->agent, "action", "timestamp", "details", NULL };

	return hearsay_facts(im, v, placed, ret);
}

/* Go's bytes are no text; they are kept in hex. */
static enum err hashed_text(struct importing *im, const struct sdk_chain *c, struct value *ret)
{
	struct str text = buf_view(&c->text), copy;
	struct buf hex;

	if (c->sdk != SDK_GO) {
		*ret = value_string(text);
		return OK;
	}
	buf_init(&hex, 2 * (size_t)LIMIT_LINE_BYTES);
	buf_add_hex(&hex, text.ptr, text.len);
	TRY(arena_take(&im->memory, &hex, &copy));
	*ret = value_string(copy);
	return OK;
}

static enum err import_entry(struct importing *im, void *self, struct str text, uint32_t line)
{
	struct sdk_chain *c = self;
	struct value v, foreign, hashed;
	struct hearsay claim = { .timed = true, .foreign = &foreign, .result = &hashed };

	TRY(json_read(text, line, &im->memory, &v, im->note));
	if (c->sdk == SDK_TYPESCRIPT && !c->known && value_get_c(&v, "agent_did"))
		c->sdk = SDK_SERVICE;
	c->known = true;
	TRY(foreign_sdk_check(c->sdk, &v, im->note));
	TRY(judge(im, c, &v));
	TRY(hearsay_name(im, &v, names_of(c)->agent, &claim.agent));
	TRY(hearsay_name(im, &v, "action", &claim.action));
	TRY(hearsay_time(im, &v, "timestamp", &claim.at_ns));
	claim.args = value_get_c(&v, "details");
	TRY(facts(im, c, &v, &foreign));
	TRY(hashed_text(im, c, &hashed));
	return hearsay_submit(im, &claim, &v);
}

static enum err import_sdk(struct importing *im, enum foreign_sdk sdk)
{
	struct sdk_chain c = { .sdk = sdk };
	enum err e;

	for (size_t i = 0; findings[i]; i++)
		import_finding(im, findings[i]);
	if (sdk == SDK_RUST || sdk == SDK_DOTNET)
		import_finding(im, bars);
	/* Of one entry; a control character takes six bytes there. */
	buf_init(&c.text, 6 * (size_t)LIMIT_LINE_BYTES + 4096);
	e = import_stream(im, NULL, LIMIT_LINE_BYTES, import_entry, &c);
	buf_fini(&c.text);
	im->report->foreign_entries = c.count;
	if (e == OK && c.count == 0)
		return note_set(im->note, ERR_TRUNCATED, 1, 1,
				"no entry here; expected the list that the %s library exports",
				foreign_sdk_names(sdk)->library);
	return e;
}

enum err import_agt_go(struct importing *im)
{
	return import_sdk(im, SDK_GO);
}

enum err import_agt_rust(struct importing *im)
{
	return import_sdk(im, SDK_RUST);
}

enum err import_agt_dotnet(struct importing *im)
{
	return import_sdk(im, SDK_DOTNET);
}

enum err import_agt_typescript(struct importing *im)
{
	return import_sdk(im, SDK_TYPESCRIPT);
}
