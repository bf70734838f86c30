/*
 * suite_notes: signed notes, checkpoints and proofs beside published ones.
 *
 *   merkle/c2sp_notes.json         notes and what a verifier says of them, with keys and seeds; a
 *                                  tlog-proof file; a request to a witness; where tiles lie, and
 *                                  which a tree has
 *   merkle/tessera/testdata/log/   a log of Tessera: checkpoint.N is signed, tile/0/000.p/N has its
 *                                  leaf hashes, tile/entries/000.p/N its entries
 */
#include <stdio.h>

#include "engine/audit/proof.h"
#include "engine/audit/tlog_tiles.h"
#include "engine/audit/tlog_witness.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "tests/conformance/suite.h"

#define NOTES_KIND "c2sp_notes"
#define LOG_FOLDER "/tessera/testdata/log/"
#define BUNDLE_MAX 255                /* more entries would be a full tile, at another path */

static const struct value *find_case(const struct value *cases, const char *name)
{
	for (size_t i = 0; i < cases->list.count; i++)
		if (str_is(value_text(&cases->list.items[i], "name"), name))
			return &cases->list.items[i];
	return NULL;
}

static const struct value *read_cases(struct str text, struct arena *a)
{
	struct value *v = arena_alloc(a, sizeof(*v));
	const struct value *cases;

	if (!v || json_read(text, 1, a, v, NULL) != OK)
		return NULL;
	cases = value_get_c(v, "cases");
	return cases && cases->kind == VALUE_LIST ? cases : NULL;
}

/* --- notes --- */

static enum err wanted(struct str verdict)
{
	if (str_is(verdict, "ok"))
		return OK;
	if (str_is(verdict, "bad-signature"))
		return ERR_SIGNATURE;
	return str_is(verdict, "no-known-key") ? ERR_UNKNOWN : ERR_SYNTAX;
}

/*
 * Ed25519 signs the same text the same way every time: ours is among the signatures of the note.
 * The generated cosignatures are all of one second.
 */
#define COSIGNED_AT 1785000000
static void check_signing(struct suite *s, const char *name, const struct value *given,
			  struct str text, const struct note_key *key)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *secret;
	struct buf b;

	if (hex_read(value_text(given, key->cosigner ? "witness_seed_hex" : "seed_hex"), seed,
		     sizeof(seed)) != OK)
		return;
	if (sign_key_open(seed, &secret) != OK) {
		suite_check(s, false, name, "its seed cannot be opened");
		return;
	}
	buf_init(&b, LIMIT_NOTE_BYTES);
	if (key->cosigner)
		note_cosign(&b, text, key->name, COSIGNED_AT, secret);
	else
		note_sign(&b, text, key->name, secret);
	suite_check(s, str_has(value_text(given, "note"), buf_view(&b)), name, "we sign\n%.*s",
		    STR_ARG(buf_view(&b)));
	buf_fini(&b);
	sign_key_close(secret);
}

static void check_entries(struct suite *s, const char *name, const struct value *entries,
			  struct str text)
{
	struct merkle_range r;
	struct checkpoint c;
	struct digest root;

	merkle_init(&r);
	for (size_t i = 0; i < entries->list.count; i++) {
		struct digest leaf = sha256_prefixed(0x00, entries->list.items[i].string);

		merkle_add(&r, &leaf);
	}
	merkle_root(&r, &root);
	suite_check(s, checkpoint_read(text, &c) == OK && c.size == r.size &&
		    digest_eq(&c.root, &root), name, "its entries have another root");
}

static void check_note(struct suite *s, const char *name, const struct value *given,
		       const struct value *expect)
{
	const struct value *entries = value_get_c(given, "entries");
	enum err e, want = wanted(value_text(expect, "verdict"));
	struct note_key key;
	struct str text;

	e = note_key_read(value_text(given, "vkey"), &key);
	if (e == OK)
		e = note_open(value_text(given, "note"), &key, 1, &text);
	suite_check(s, e == want, name, "we say %s, expected %s", err_name(e), err_name(want));
	if (e != OK || want != OK)
		return;
	if (entries && entries->kind == VALUE_LIST)
		check_entries(s, name, entries, text);
	check_signing(s, name, given, text, &key);
}

/* The proof is of the log of the case "note-checkpoint", whose leaf i is the byte i. */
static void check_proof(struct suite *s, const char *name, const struct value *cases,
			const struct value *given, struct str text, struct arena *a)
{
	const struct value *log = find_case(cases, "note-checkpoint");
	const struct value *index = value_get_c(given, "index");
	struct checkpoint c = { .size = 0 };
	struct note n = { .line = 0 };
	struct note_key key;
	struct proof p;
	struct buf b;
	char leaf;
	enum err e = note_key_read(value_text(value_get_c(log, "given"), "vkey"), &key);

	if (e == OK)
		e = proof_read(text, a, &p, &n);
	if (e != OK || !index || index->kind != VALUE_INT) {
		suite_check(s, false, name, "%s: %s", err_name(e), n.text);
		return;
	}
	leaf = (char)index->integer;
	e = proof_check(&p, str_slice(&leaf, 1), key.name, &key, 1, &c, &n);
	suite_check(s, e == OK && p.index == (uint64_t)index->integer, name, "%s: %s", err_name(e),
		    n.text);
	buf_init(&b, LIMIT_PROOF_BYTES);
	proof_write(&b, &p);
	suite_check(s, str_eq(buf_view(&b), text), name, "we write\n%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

/* The leaves of the case "note-checkpoint": leaf i is the byte i. */
static enum err byte_node(void *self, unsigned level, uint64_t index, struct digest *ret)
{
	struct merkle_range r;

	(void)self;
	merkle_init(&r);
	for (uint64_t i = index << level; i < (index + 1) << level; i++) {
		char byte = (char)i;
		struct digest leaf = sha256_prefixed(0x00, str_slice(&byte, 1));

		merkle_add(&r, &leaf);
	}
	merkle_root(&r, ret);
	return OK;
}

static void check_request(struct suite *s, const char *name, const struct value *cases,
			  const struct value *given, const struct value *expect)
{
	const struct value *log = value_get_c(find_case(cases, "note-checkpoint"), "given");
	struct merkle_source leaves = { byte_node, NULL };
	struct witness_request r = { .note = value_text(log, "note") }, got;
	const struct value *old = value_get_c(given, "old"), *size = value_get_c(given, "size");
	struct note n = { .line = 0 };
	struct buf b;
	enum err e = ERR_SYNTAX;

	buf_init(&b, LIMIT_PROOF_BYTES);
	if (old && size && old->kind == VALUE_INT && size->kind == VALUE_INT) {
		r.old = (uint64_t)old->integer;
		e = merkle_consistency(&leaves, r.old, (uint64_t)size->integer, r.proof, &r.count);
	}
	if (e == OK)
		witness_request_write(&b, &r);
	suite_check(s, str_eq(buf_view(&b), value_text(expect, "body")), name, "we write\n%.*s",
		    STR_ARG(buf_view(&b)));
	e = witness_request_read(value_text(expect, "body"), &got, &n);
	suite_check(s, e == OK && got.old == r.old && got.count == r.count, name, "we read: %s %s",
		    err_name(e), n.text);
	buf_fini(&b);
}

/* --- tiles --- */

static void check_tile_path(struct suite *s, const char *name, uint64_t index, struct str want)
{
	char path[LOG_NAME_BYTES], full[LOG_NAME_BYTES], partial[LOG_NAME_BYTES];

	(void)snprintf(full, sizeof(full), "tile/3/%.*s", STR_ARG(want));
	(void)snprintf(partial, sizeof(partial), "tile/3/%.*s.p/17", STR_ARG(want));
	tiles_name(3, index, TILE_WIDTH, path);
	suite_check(s, strcmp(path, full) == 0, name, "we say %s", path);
	tiles_name(3, index, 17, path);
	suite_check(s, strcmp(path, partial) == 0, name, "we say %s", path);
}

/* Levels that are not listed have no tiles. */
static void check_tiles_of(struct suite *s, const char *name, uint64_t size,
			   const struct value *expect)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		char key[16];
		const struct value *row, *full, *partial;
		uint64_t want_full = 0, want_partial = 0;

		(void)snprintf(key, sizeof(key), "level%u", level);
		row = value_get_c(expect, key);
		full = row ? value_get_c(row, "full") : NULL;
		partial = row ? value_get_c(row, "partial_width") : NULL;
		if (full && full->kind == VALUE_INT)
			want_full = (uint64_t)full->integer;
		if (partial && partial->kind == VALUE_INT)
			want_partial = (uint64_t)partial->integer;
		suite_check(s, tiles_index(size, level) == want_full &&
			    tiles_width(size, level) == want_partial, name,
			    "level %u: we say %llu full, %u in the partial one", level,
			    (unsigned long long)tiles_index(size, level), tiles_width(size, level));
	}
}

static bool check_tiles(struct suite *s, const char *name, const struct value *given,
			const struct value *expect)
{
	const struct value *index = value_get_c(given, "n"), *size = value_get_c(given, "size");

	if (index && index->kind == VALUE_INT)
		check_tile_path(s, name, (uint64_t)index->integer, value_text(expect, "path"));
	else if (size && size->kind == VALUE_INT && value_get_c(expect, "level0"))
		check_tiles_of(s, name, (uint64_t)size->integer, expect);
	else
		return false;
	return true;
}

static void check_cases(struct suite *s, const char *path, struct str text, struct arena *a)
{
	const struct value *cases = read_cases(text, a);
	char name[64], why[128];

	if (!cases) {
		suite_check(s, false, path, "has no cases");
		return;
	}
	for (size_t i = 0; i < cases->list.count; i++) {
		const struct value *one = &cases->list.items[i];
		const struct value *given = value_get_c(one, "given");
		const struct value *expect = value_get_c(one, "expect");

		(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(value_text(one, "name")));
		if (value_text(given, "note").ptr) {
			check_note(s, name, given, expect);
		} else if (str_is(value_text(one, "name"), "tlog-proof")) {
			check_proof(s, name, cases, given, value_text(expect, "text"), a);
		} else if (str_is(value_text(one, "name"), "witness-add-checkpoint-body")) {
			check_request(s, name, cases, given, expect);
		} else if (!check_tiles(s, name, given, expect)) {
			(void)snprintf(why, sizeof(why), "%s: nothing that is known here", name);
			suite_skip(s, why);
		}
	}
}

/* --- the log of Tessera --- */

/* The file at `rest` in the folder of the log that `path` is in. */
static struct str read_beside(struct str path, const char *rest, uint64_t number, struct arena *a)
{
	const char *at = memmem(path.ptr, path.len, LOG_FOLDER, strlen(LOG_FOLDER));
	char other[LIMIT_PATH_BYTES];
	int len = snprintf(other, sizeof(other), "%.*s%s%llu", (int)(at - path.ptr) +
			   (int)strlen(LOG_FOLDER), path.ptr, rest, (unsigned long long)number);

	return len < (int)sizeof(other) ? suite_read(other, a) : STR_NONE;
}

/* The key of the log is in the cases that were made from it. */
static struct str read_vkey(struct suite *s, struct arena *a)
{
	char path[LIMIT_PATH_BYTES];
	const struct value *cases, *one;
	int len = snprintf(path, sizeof(path), "%s/merkle/" NOTES_KIND ".json", s->vectors);
	struct str text = len < (int)sizeof(path) ? suite_read(path, a) : STR_NONE;

	cases = text.ptr ? read_cases(text, a) : NULL;
	one = cases ? find_case(cases, "official-tessera-checkpoint-1") : NULL;
	return value_text(value_get_c(one, "given"), "vkey");
}

/*
 * An entry bundle: each entry behind its length, 16 bits big-endian (c2sp.org/tlog-tiles). The
 * hashes of the entries are the leaf tile; they must be `size` many and have the root.
 */
static void check_bundle(struct suite *s, const char *path, struct str bundle, struct str tile,
			 const struct checkpoint *c)
{
	struct str rest = bundle, entry;
	struct buf again;
	struct merkle_range r;
	struct digest root;
	bool same = tile.len == c->size * DIGEST_BYTES;

	buf_init(&again, ENTRY_BUNDLE_BYTES);
	merkle_init(&r);
	while (r.size < c->size && entry_bundle_next(&rest, &entry) == OK) {
		struct digest leaf = sha256_prefixed(0x00, entry);

		entry_bundle_add(&again, entry);
		same = same && memcmp(tile.ptr + r.size * DIGEST_BYTES, leaf.bytes,
				      DIGEST_BYTES) == 0;
		merkle_add(&r, &leaf);
	}
	merkle_root(&r, &root);
	suite_check(s, str_eq(buf_view(&again), bundle), path, "we write another bundle");
	buf_fini(&again);
	suite_check(s, r.size == c->size && rest.len == 0, path, "its bundle has other entries");
	suite_check(s, same, path, "its tile has other hashes");
	suite_check(s, digest_eq(&root, &c->root), path, "its entries have another root");
}

static void check_log(struct suite *s, const char *path, struct str note, struct arena *a)
{
	struct str vkey = read_vkey(s, a), text, bundle, tile;
	struct checkpoint c;
	struct note_key key;
	enum err e;

	if (note_key_read(vkey, &key) != OK) {
		suite_skip(s, "the key of Tessera's log is not there");
		return;
	}
	e = note_open(note, &key, 1, &text);
	if (e == OK)
		e = checkpoint_read(text, &c);
	suite_check(s, e == OK, path, "we say %s", err_name(e));
	if (e != OK || c.size > BUNDLE_MAX)
		return;
	bundle = c.size ? read_beside(str_view(path), "tile/entries/000.p/", c.size, a) : STR("");
	tile = c.size ? read_beside(str_view(path), "tile/0/000.p/", c.size, a) : STR("");
	if (bundle.ptr && tile.ptr)
		check_bundle(s, path, bundle, tile, &c);
	else
		suite_check(s, false, path, "has no bundle or no tile");
}

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	static const char *const kind = NOTES_KIND;

	if (suite_kind(path, &kind, sizeof(kind), 1) == 0)
		check_cases(s, path, text, a);
	else if (str_has(str_view(path), STR(LOG_FOLDER "checkpoint")))
		check_log(s, path, text, a);
}

void suite_notes(struct suite *s)
{
	if (crypto_start() != OK) {
		suite_skip(s, "libsodium does not start");
		return;
	}
	suite_each_file(s, "merkle", visit);
}
