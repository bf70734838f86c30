/*
 * leak: a secret of every kind is put into every place there is, everything is done with the
 * workspace, and then every byte of it, and all that was said, is searched.
 *
 * What is searched for: the secret as it is, in hexadecimal, in base64 wherever in a longer text it
 * may begin, and the plain digest of each document that held one. What is searched: every file,
 * what is compressed in it (the frames of zstd), and every verdict, note, export and report.
 */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "tests/flow/scene.h"
#include "tests/kit/steward.h"

/* Joined here, so that no scanner of repositories takes this page for a leak. */
static const struct planted {
	const char *kind, *before, *secret, *after;
} planted[] = {
	{ "private-key", "-----BEGIN RSA PRIVATE KEY-----\\n",
	  "MIIEowIBAAKCAQEAplantedplantedplantedplanted", "\\n-----END RSA PRIVATE KEY-----" },
	{ "aws-key-id", "", "AKIA" "PLANTED234567ABC", "" },
	{ "google-key", "", "AIza" "SyPlanted-1234567890abcdefghijklmno", "" },
	{ "azure", "AccountKey=", "plantedAzurePlantedAzure0123456789+/planted==", "" },
	{ "azure-sas", "https://x.blob.core.windows.net/c?sv=1&sig=",
	  "plantedSignature0123456789abcdef%3D", "&se=2" },
	{ "github", "", "ghp_" "Planted0123456789abcdefghijPlanted01", "" },
	{ "gitlab", "", "glpat-" "planted-0123456789ab", "" },
	{ "slack", "", "xoxb-" "123456789012-plantedplanted", "" },
	{ "stripe", "", "sk_live_" "planted0123456789", "" },
	{ "openai", "", "sk-proj-" "planted0123456789abcdefgh", "" },
	{ "anthropic", "", "sk-ant-" "api03-planted0123456789abc", "" },
	{ "npm", "", "npm_" "planted0123456789abcdefghijPlanted01", "" },
	{ "hugging face", "", "hf_" "plantedplantedplantedplantedplanted", "" },
	{ "jwt", "", "eyJhbGciOiJIUzI1NiJ9." "eyJzdWIiOiJwbGFudGVkIn0.cGxhbnRlZHBsYW50ZWQ", "" },
	{ "bearer", "Authorization: Bearer ", "plantedbearer0123456789", "" },
	{ "basic", "Basic ", "YW5uOnBsYW50ZWRwbGFudGVk", "" },
	{ "url", "https://ann:", "plantedpass1", "@example.org/" },
	{ "password", "password=", "plantedpass2", "" },
	{ "json in a text", "{\\\"api_key\\\": \\\"", "plantedpass3", "\\\"}" },
	{ "cookie", "Cookie: sid=", "plantedcookie", "; x=y" },
	{ "card", "", "4111111111111111", "" },
	{ "card in groups", "card ", "5555 5555 5555 4444", " 12/30" },
	{ "email", "", "planted.ann@example.org", "" },
	{ "phone", "call ", "+49 30 55512345", "" },
	/* Not told by anything around it in its own text: only `beside` has these. */
	{ "beside", NULL, "plantedpass4", NULL },
};

#define PLANTED (sizeof(planted) / sizeof(planted[0]))

/* Documents, each with one place for a text: $ is it, as JSON has it within a string. */
static const char *const documents[] = {
	"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"a\":{\"b\":[1,\"$\"]}}}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":\"$\"}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"$\":{\"$\":1}}}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"text\":\"line\\n$\\nline\"}}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"log\":\"{\\\"m\\\":\\\"a\\\\n$\\\"}\"}}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"resource\":\"$\"}",
	"{\"agent\":\"ann\",\"action\":{\"type\":\"pay\",\"note\":\"$\",\"$\":1}}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"stage\":\"post_tool\",\"result\":{\"r\":\"$\"}}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"stage\":\"pre_output\",\"args\":\"$\"}",
	/* What is refused: unknown, twice, of the wrong type, out of range, cut, no JSON at all. */
	"{\"agent\":\"ann\",\"action\":\"pay\",\"$\":1}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"argz\":\"$\"}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"$\":1,\"$\":2}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"at\":\"$\"}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"stage\":\"$\"}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"signature\":\"$\"}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"session\":[\"$\"]}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":\"$\"",
	"{\"agent\":\"ann\" \"$\"}",
	"\"$\"",
	"$",
	"{\"outcome_of\":\"$\"}",
};

/* Likewise names, in which addresses and numbers of people are no secrets. */
static const char *const named[] = {
	"{\"agent\":\"ann\",\"action\":\"pay\",\"session\":\"$\"}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"trace\":\"$\"}",
	"{\"agent\":\"$\",\"action\":\"pay\"}",
	"{\"agent\":\"ann\",\"action\":\"$\"}",
	"{\"outcome_of\":2,\"status\":\"$\"}",
};

/* Likewise places where what stands beside a text says that it is a secret. */
static const char *const beside[] = {
	"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"argv\":[\"x\",\"--password\",\"$\"]}}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[\"-u\",\"ann:$\",\"--token\",\"$\"]}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[\"a\",\"--password\",\"--token\",\"$\"]}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[{\"name\":\"DB_PASS\",\"value\":\"$\"}]}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"Value\":\"$\",\"Key\":\"X-Api-Key\"}}",
	"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[[\"Authorization\",\"Bearer $\"]]}",
	"{\"agent\":\"ann\",\"action\":{\"type\":\"pay\",\"argv\":[\"x\",\"--api-key\",\"$\"]}}",
	"{\"outcome_of\":2,\"result\":{\"headers\":[{\"header\":\"Cookie\",\"val\":\"$\"}]}}",
};

#define DOCUMENTS (sizeof(documents) / sizeof(documents[0]))
#define NEEDLES 8192

static struct steward st;
static struct buf said;                       /* everything that came out */
static struct digest digests[NEEDLES];        /* of documents that held a secret */
static size_t digest_count;

#define POLICY                                                                                   \
	"apiVersion: governance.toolkit/v1\nname: kit\ndefault_action: allow\n"                  \
	"unknown_agents: evaluate\nrules:\n"                                                     \
	"  - {name: no, tools: [refund], condition: args.text contains 'x', action: deny}\n"

static void setup(void)
{
	steward_init(&st, POLICY);
	buf_init(&said, (size_t)256 << 20);
	digest_count = 0;
}

static void teardown(void)
{
	buf_fini(&said);
	steward_fini(&st);
}

TestSuite(leak, .init = setup, .fini = teardown);

static bool has(struct str text, struct str part)
{
	return memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

/* --- putting them in --- */

static void carry(struct buf *b, const struct planted *p)
{
	buf_addf(b, "%s%s%s", p->before ? p->before : "", p->secret, p->after ? p->after : "");
}

/* Agents may be called so. */
static bool is_person(const struct planted *p)
{
	return strcmp(p->kind, "email") == 0 || strcmp(p->kind, "phone") == 0;
}

/* The text with the secret in each of its places; NUL-ended. */
static const char *plant(const char *text, const struct planted *p)
{
	struct str copy;
	struct buf b;

	buf_init(&b, 1u << 16);
	for (; *text; text++)
		if (*text == '$')
			carry(&b, p);
		else
			buf_add_byte(&b, *text);
	cr_assert_eq(arena_copy(&st.kit.memory, buf_view(&b), &copy), OK);
	buf_fini(&b);
	return copy.ptr;
}

static void remember_digest(struct str text)
{
	cr_assert_lt(digest_count, NEEDLES);
	digests[digest_count++] = sha256(text);
}

static void submit(struct space *s, const char *text)
{
	struct verdict v;

	cr_assert_eq(steward_submit(&st, s, text, &v), OK, "%s", text);
	verdict_write(&said, &v);
	buf_add_c(&said, st.note.text);
	buf_add_byte(&said, '\n');
	remember_digest(str_view(text));
}

static void submit_all(const struct planted *p)
{
	struct space *s = space_kit_open(&st.kit);
	struct verdict v;
	char text[512];

	for (size_t i = 0; i < DOCUMENTS; i++)
		submit(s, plant(documents[i], p));
	for (size_t i = 0; !is_person(p) && i < sizeof(named) / sizeof(named[0]); i++)
		submit(s, plant(named[i], p));
	cr_assert_eq(steward_submit(&st, s, "{\"agent\":\"ann\",\"action\":\"pay\"}", &v), OK);
	(void)snprintf(text, sizeof(text), "{\"outcome_of\":%llu,\"result\":{\"x\":[\"$\"]}}",
		       (unsigned long long)v.entry);
	submit(s, plant(text, p));
	cr_assert_eq(space_close(s, &st.note), OK, "%s", st.note.text);
}

static void submit_beside(const struct planted *p)
{
	struct space *s = space_kit_open(&st.kit);

	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++)
		submit(s, plant(beside[i], p));
	cr_assert_eq(space_close(s, &st.note), OK, "%s", st.note.text);
}

/* It may be one that cannot be applied; what is said then counts. */
static void control(struct space *s, const char *verb, struct str agent, struct str session,
		    const struct value *data)
{
	st.note = (struct note){ .text = "" };
	if (space_control(s, str_view(verb), agent, session, data, world_now_ns(st.w),
			  &st.note) != OK)
		buf_addf(&said, "%s\n", st.note.text);
}

/* Texts of operators, as the command line hands them on; a text has real line feeds there. */
static void order(const struct planted *p)
{
	struct space *s = space_kit_open(&st.kit);
	struct member m[1] = { { .key = STR("reason") } };
	struct value data = { .kind = VALUE_OBJECT, .object = { m, 1 } };
	struct str text = str_view(plant("$", p)), name = is_person(p) ? STR("bob") : text;

	m[0].value = value_string(text);
	control(s, "agent.suspend", STR("ann"), STR_NONE, &data);
	control(s, "agent.reactivate", STR("ann"), STR_NONE, &data);
	control(s, "kill.agent", name, STR_NONE, &data);
	control(s, "kill.session", STR_NONE, name, &data);
	control(s, "session.approve", name, name, &data);
	cr_assert_eq(space_close(s, &st.note), OK, "%s", st.note.text);
}

static void import_chat(const struct planted *p)
{
	static const char run[] =
		"{\"task_id\":\"$\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":["
		"{\"id\":\"1\",\"function\":{\"name\":\"look\",\"arguments\":{\"q\":\"$\"}}},"
		"{\"id\":\"2\",\"function\":{\"name\":\"look\",\"arguments\":\"no JSON $\"}}]},"
		"{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"$\"}]}";
	const struct import_options options = { .format = IMPORT_OPENAI_CHAT };
	struct import_report report;

	cr_assert_eq(space_kit_import(&st.kit, &options, str_view(plant(run, p)), &report,
				      &st.note), OK, "%s", st.note.text);
	cr_expect_eq(report.actions, 2);
	cr_expect_neq(space_kit_import(&st.kit, &options, str_view(plant("{\"messages\":\"$", p)),
				       &report, &st.note), OK);
	buf_add_c(&said, st.note.text);
	cr_expect_neq(space_kit_import(&st.kit, &options, str_view(plant(
		"{\"messages\":[{\"role\":\"assistant\",\"$\":1,\"$\":2}]}", p)), &report,
				       &st.note), OK);
	buf_add_c(&said, st.note.text);
}

/* One line of a FileAuditSink, with the hash that the toolkit would have written. */
static void import_filesink(const struct planted *p)
{
	static const char line[] =
		"{\"action\":\"look\",\"agent_did\":\"d\",\"data\":{\"q\":\"$\"},"
		"\"entry_id\":\"a\",\"event_type\":\"$\",\"matched_rule\":\"$\","
		"\"outcome\":\"success\",\"policy_decision\":null,\"previous_hash\":\"\","
		"\"resource\":\"$\",\"session_id\":null,\"target_did\":\"$\","
		"\"timestamp\":\"2026-01-02T03:04:05+00:00\",\"trace_id\":null}";
	const struct import_options options = { .format = IMPORT_AGT_FILESINK };
	struct str text = str_view(plant(line, p));
	struct import_report report;
	struct digest hash;
	struct value v;
	struct buf b;

	cr_assert_eq(json_read(text, 1, &st.kit.memory, &v, &st.note), OK, "%s", st.note.text);
	buf_init(&b, 1u << 16);
	canon_python(&b, &v);
	hash = sha256(buf_view(&b));
	buf_clear(&b);
	buf_add(&b, str_slice(text.ptr, text.len - 1));
	buf_add_c(&b, ",\"content_hash\":\"");
	buf_add_hex(&b, hash.bytes, sizeof(hash.bytes));
	buf_add_c(&b, "\"}\n");
	cr_assert_eq(space_kit_import(&st.kit, &options, buf_view(&b), &report, &st.note), OK, "%s",
		     st.note.text);
	cr_expect_eq(report.actions, 1);
	buf_fini(&b);
}

/* --- doing everything with it --- */

static enum err say_bytes(void *self, struct str bytes)
{
	buf_add(self, bytes);
	return ((struct buf *)self)->err;
}

static void on_step(void *self, const struct replay_step *step)
{
	if (step->now)
		verdict_write(self, step->now);
}

static void export_all(struct space *s)
{
	for (unsigned format = 0; format < EXPORT_FORMATS; format++) {
		struct export_options options = EXPORT_ALL;
		const struct export_sink sink = { say_bytes, &said };
		struct export_report report;

		options.format = (enum export_format)format;
		options.bodies = true;
		options.key = STR("key");
		cr_assert_eq(export_run(s, &options, &sink, &st.kit.memory, &report, &st.note), OK,
			     "%s: %s", export_format_name(options.format), st.note.text);
	}
}

/* Another workspace, where nothing is masked, holds all of them, also in results. */
static void fill_bare(struct space_kit *bare)
{
	char text[64];

	space_kit_init(bare, POLICY);
	cr_assert_eq(sim_poke(bare->w, SPACE_KIT_DIR "/trammel.yaml",
			      STR("format: trammel/workspace/v4\norigin: " SPACE_KIT_ORIGIN
				  "\nmask: {exempt: [\"*\"]}\n")), OK);
	for (size_t i = 0; i < PLANTED; i++) {
		struct verdict v;

		if (!planted[i].before)
			continue;
		v = scene_submit(bare, plant(documents[0], &planted[i]));
		cr_assert_eq(v.effect, EFFECT_ALLOW);
		(void)snprintf(text, sizeof(text), "{\"outcome_of\":%llu,\"result\":[\"$\"]}",
			       (unsigned long long)v.entry);
		(void)scene_submit(bare, plant(text, &planted[i]));
	}
}

/* What it exports is imported, whole and broken off. */
static void import_exports(void)
{
	static const enum import_format formats[EXPORT_FORMATS] = {
		[EXPORT_JSONL] = IMPORT_JSONL, [EXPORT_CLOUDEVENTS] = IMPORT_CLOUDEVENTS,
		[EXPORT_OTLP] = IMPORT_OTLP, [EXPORT_OTLP_TRACES] = IMPORT_OTLP,
		[EXPORT_CSV] = IMPORT_CSV, [EXPORT_AGT_AUDIT] = IMPORT_AGT_AUDIT,
		[EXPORT_AGT_FILESINK] = IMPORT_AGT_FILESINK,
	};
	struct space_kit bare;
	struct space *s;
	struct buf text;

	fill_bare(&bare);
	cr_assert_eq(space_open(bare.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
	buf_init(&text, 4u << 20);
	for (unsigned i = 0; i < EXPORT_FORMATS; i++) {
		const struct import_options options = { .format = formats[i] };
		const struct export_sink sink = { say_bytes, &text };
		struct export_options order = EXPORT_ALL;
		struct import_report taken;
		struct export_report given;

		order.format = (enum export_format)i;
		order.bodies = true;
		order.key = STR("key");
		buf_clear(&text);
		cr_assert_eq(export_run(s, &order, &sink, &bare.memory, &given, &st.note), OK);
		cr_assert(has(buf_view(&text), STR("plantedpass1")));
		cr_assert_eq(space_kit_import(&st.kit, &options, buf_view(&text), &taken,
					      &st.note), OK, "%u: %s", i, st.note.text);
		cr_assert_geq(taken.actions, PLANTED - 1, "%u", i);
		for (size_t len = text.len / 8; len < text.len; len += text.len / 8) {
			st.note = (struct note){ .line = 0 };
			(void)!space_kit_import(&st.kit, &options, str_slice(text.ptr, len),
						&taken, &st.note);
			buf_add_c(&said, st.note.text);
		}
	}
	buf_fini(&text);
	cr_assert_eq(space_close(s, NULL), OK);
	space_kit_fini(&bare);
}

static void replay(const struct bundle *instead)
{
	const struct replay_plan plan = { .instead = instead, .on_step = on_step, .self = &said };
	struct replay_report report;
	struct space *s;

	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
	cr_assert_eq(replay_run(s, &plan, &st.kit.memory, &report, &st.note), OK, "%s",
		     st.note.text);
	cr_expect_not(report.diverged);
	if (!instead)
		export_all(s);
	cr_assert_eq(space_close(s, &st.note), OK);
}

static void use(void)
{
	struct arena memory;
	struct bundle *other;
	const struct policy_file file = { STR("o.yaml"), STR(SPACE_KIT_DENY) };

	arena_init(&memory, LIMIT_BUNDLE_MEMORY);
	cr_assert_eq(bundle_load(&file, 1, &memory, &other, &st.note), OK);
	replay(NULL);
	replay(other);
	arena_fini(&memory);
	cr_expect_gt(steward_expect_sound(&st), PLANTED * DOCUMENTS);
}

/* --- searching --- */

/* Forms in which a secret might have got out. */
struct needles {
	struct buf texts[PLANTED][6];
};

static void make_needles(struct needles *n)
{
	for (size_t i = 0; i < PLANTED; i++) {
		struct str secret = str_view(planted[i].secret);

		for (size_t form = 0; form < 6; form++)
			buf_init(&n->texts[i][form], 1024);
		buf_add(&n->texts[i][0], secret);
		buf_add_hex(&n->texts[i][1], secret.ptr, secret.len);
		/* Without the bits that belong to what stands before and behind. */
		for (size_t skip = 0; skip < 3; skip++)
			base64_write(&n->texts[i][2 + skip], secret.ptr + skip,
				     (secret.len - skip) / 3 * 3);
		for (size_t k = 0; k < secret.len; k++)
			buf_addf(&n->texts[i][5], "%%%02X", (unsigned char)secret.ptr[k]);
	}
}

static void needles_fini(struct needles *n)
{
	for (size_t i = 0; i < PLANTED; i++)
		for (size_t form = 0; form < 6; form++)
			buf_fini(&n->texts[i][form]);
}

static void search(const struct needles *n, const char *where, struct str text)
{
	for (size_t i = 0; i < PLANTED; i++)
		for (size_t form = 0; form < 6; form++)
			cr_expect_not(has(text, buf_view(&n->texts[i][form])),
				      "%s holds the planted %s, form %zu", where, planted[i].kind,
				      form);
}

/* All digests that stand in a text are looked up among those of documents with secrets. */
static void search_digests(const char *where, struct str text)
{
	const char *at = text.ptr, *end = text.ptr + text.len;
	struct digest d;

	while (at && (at = memmem(at, (size_t)(end - at), "sha256:", 7)) != NULL) {
		if ((size_t)(end - at) >= 71 && digest_read(str_slice(at, 71), &d) == OK)
			for (size_t i = 0; i < digest_count; i++)
				cr_expect_not(digest_eq(&d, &digests[i]),
					      "%s holds the digest of a document", where);
		at += 7;
	}
}

/* Frames of zstd (RFC 8878 section 3.1.1) wherever in the file; how many there were. */
static unsigned search_packed(const struct needles *n, const char *where, struct str text)
{
	const char *at = text.ptr, *end = text.ptr + text.len;
	struct squash squash;
	unsigned frames = 0;
	struct buf out;

	squash_init(&squash);
	buf_init(&out, LIMIT_PACK_BYTES);
	while ((at = memmem(at, (size_t)(end - at), "\x28\xb5\x2f\xfd", 4)) != NULL) {
		/* Only its record says how long it is; here every length is tried. */
		for (size_t len = 16; len <= (size_t)(end - at) && len < 8192; len++) {
			struct str frame = str_slice(at, len);

			buf_clear(&out);
			if (squash_unpack(&squash, frame, LIMIT_PACK_BYTES, &out) != OK)
				continue;
			search(n, where, buf_view(&out));
			frames++;
			break;
		}
		at += 4;
	}
	buf_fini(&out);
	squash_fini(&squash);
	return frames;
}

Test(leak, no_secret_is_anywhere_in_a_workspace)
{
	struct scene_files files;
	struct needles needles;
	unsigned frames = 0;

	cr_assert_eq(sim_poke(st.w, SPACE_KIT_DIR "/trammel.yaml",
			      str_view("format: trammel/workspace/v4\norigin: " SPACE_KIT_ORIGIN
				       "\nmask: {email: true, phone: true}\n")), OK);
	for (size_t i = 0; i < PLANTED; i++) {
		if (!planted[i].before) {
			submit_beside(&planted[i]);
			continue;
		}
		submit_all(&planted[i]);
		import_chat(&planted[i]);
		import_filesink(&planted[i]);
		order(&planted[i]);
	}
	import_exports();
	use();
	make_needles(&needles);
	scene_keep(&st.kit, &files);
	for (size_t i = 0; i < files.count; i++) {
		search(&needles, files.paths[i], files.contents[i]);
		search_digests(files.paths[i], files.contents[i]);
		frames += search_packed(&needles, files.paths[i], files.contents[i]);
	}
	cr_assert_eq(said.err, OK);
	search(&needles, "what was said", buf_view(&said));
	search_digests("what was said", buf_view(&said));
	cr_expect_gt(frames, 0, "nothing compressed was seen");
	needles_fini(&needles);
}

/* The search finds each of them in each form, where it is. */
Test(leak, a_leak_would_be_seen)
{
	struct needles needles;
	struct buf b;

	make_needles(&needles);
	for (size_t i = 0; i < PLANTED; i++)
		for (size_t before = 0; before < 3; before++) {
			struct str secret = str_view(planted[i].secret);
			bool seen = false;

			buf_init(&b, 4096);
			buf_init(&said, 4096);
			buf_add(&said, str_slice("xyz", before));
			buf_add(&said, secret);
			base64_write(&b, said.ptr, said.len);
			for (size_t form = 2; form < 5; form++)
				seen = seen || has(buf_view(&b), buf_view(&needles.texts[i][form]));
			cr_expect(seen, "%s", planted[i].kind);
			buf_fini(&said);
			buf_fini(&b);
		}
	needles_fini(&needles);
	buf_init(&said, 16);
}
