/*
 * suite_merkle: RFC 6962 trees beside the official ones.
 *
 *   merkle/.../testdata/KIND/    transparency-dev/merkle: proofs to verify, one to a file; KIND is
 *                                inclusion, consistency, subtreeinclusion, subtreeconsistency
 *   merkle/rfc6962_core.json     roots, leaves and nodes from tests of Certificate Transparency
 *   merkle/gen_proofs.json       proofs to make and to verify; leaf i is the byte i
 *
 * Our hashes are 32 bytes by type. A text of another length in an official file is stood in for by
 * a hash of that text: equal texts stay equal, and no tree has it for a node. A leaf hash gets one
 * of its own, since the official library refuses such a leaf whatever the root.
 */
#include <stdio.h>

#include "engine/audit/merkle.h"
#include "engine/base/json.h"
#include "tests/conformance/suite.h"

#define PROOF_MAX 128
#define TEXT_MAX 4096

enum { ROOT_STAND_IN = 0xff, LEAF_STAND_IN = 0xfe };

struct path {
	struct digest hashes[PROOF_MAX];
	size_t count;
};

/* --- reading the files --- */

static bool read_base64(const struct value *v, uint8_t stand_in, struct digest *ret)
{
	uint8_t bytes[TEXT_MAX];
	size_t len;

	if (!v || v->kind != VALUE_STRING ||
	    base64_read(v->string, bytes, sizeof(bytes), &len) != OK)
		return false;
	if (len == DIGEST_BYTES)
		memcpy(ret->bytes, bytes, DIGEST_BYTES);
	else
		*ret = sha256_prefixed(stand_in, str_slice(bytes, len));
	return true;
}

static bool read_hex(const struct value *v, struct digest *ret)
{
	return v && v->kind == VALUE_STRING && hex_read(v->string, ret->bytes, DIGEST_BYTES) == OK;
}

/* A list of hashes, base64 or hexadecimal; null is an empty one. */
static bool read_path(const struct value *v, bool hex, struct path *ret)
{
	ret->count = 0;
	if (!v || v->kind == VALUE_NULL)
		return v != NULL;
	if (v->kind != VALUE_LIST || v->list.count > PROOF_MAX)
		return false;
	for (; ret->count < v->list.count; ret->count++) {
		const struct value *item = &v->list.items[ret->count];
		struct digest *d = &ret->hashes[ret->count];

		if (!(hex ? read_hex(item, d) : read_base64(item, ROOT_STAND_IN, d)))
			return false;
	}
	return true;
}

static bool read_number(const struct value *v, uint64_t *ret)
{
	if (v && v->kind == VALUE_BIG)
		return str_to_u64(v->string, ret) == OK;
	if (!v || v->kind != VALUE_INT || v->integer < 0)
		return false;
	*ret = (uint64_t)v->integer;
	return true;
}

static bool get_number(const struct value *of, const char *name, uint64_t *ret)
{
	return read_number(value_get_c(of, name), ret);
}

static struct digest leaf_of(const struct value *hex)
{
	uint8_t bytes[TEXT_MAX];
	size_t len = hex->string.len / 2;

	if (len > sizeof(bytes) || hex_read(hex->string, bytes, len) != OK)
		len = 0;
	return sha256_prefixed(0x00, str_slice(bytes, len));
}

/* --- the official proofs --- */

struct official {
	uint64_t first, second, third;
	struct digest one, two;
	struct path proof;
};

static bool read_official(const struct value *v, const char *const names[5], struct official *ret)
{
	bool leaf = strcmp(names[3], "leafHash") == 0;

	ret->third = 0;
	return get_number(v, names[0], &ret->first) && get_number(v, names[1], &ret->second) &&
	       (!names[2] || get_number(v, names[2], &ret->third)) &&
	       read_base64(value_get_c(v, names[3]), leaf ? LEAF_STAND_IN : ROOT_STAND_IN,
			   &ret->one) &&
	       read_base64(value_get_c(v, names[4]), ROOT_STAND_IN, &ret->two) &&
	       read_path(value_get_c(v, "proof"), false, &ret->proof);
}

static enum err verify_inclusion(const struct official *o)
{
	return merkle_check_inclusion(&o->one, o->first, o->second, &o->two, o->proof.hashes,
				      o->proof.count);
}

static enum err verify_consistency(const struct official *o)
{
	return merkle_check_consistency(o->first, &o->one, o->second, &o->two, o->proof.hashes,
					o->proof.count);
}

static enum err verify_subtree_inclusion(const struct official *o)
{
	return merkle_check_subtree_inclusion(&o->one, o->first, o->second, o->third, &o->two,
					      o->proof.hashes, o->proof.count);
}

static enum err verify_subtree_consistency(const struct official *o)
{
	return merkle_check_subtree_consistency(o->first, o->second, o->third, &o->one, &o->two,
						o->proof.hashes, o->proof.count);
}

static const struct kind {
	const char *folder;
	const char *names[5];
	enum err (*verify)(const struct official *o);
} kinds[] = {
	{ "/testdata/inclusion/", { "leafIdx", "treeSize", NULL, "leafHash", "root" },
	  verify_inclusion },
	{ "/testdata/consistency/", { "size1", "size2", NULL, "root1", "root2" },
	  verify_consistency },
	{ "/testdata/subtreeinclusion/", { "leafIdx", "start", "end", "leafHash", "root" },
	  verify_subtree_inclusion },
	{ "/testdata/subtreeconsistency/", { "start", "end", "size", "root1", "root2" },
	  verify_subtree_consistency },
};

static void check_official(struct suite *s, const char *path, const struct value *v,
			   const struct kind *kind)
{
	const struct value *refuse = value_get_c(v, "wantErr");
	struct official o;
	enum err e;

	if (!refuse || refuse->kind != VALUE_BOOL || !read_official(v, kind->names, &o)) {
		suite_check(s, false, path, "is not of the expected shape");
		return;
	}
	e = kind->verify(&o);
	suite_check(s, (e != OK) == refuse->boolean, path, "we say %s, the library says %s",
		    err_name(e), refuse->boolean ? "no" : "yes");
}

/* --- roots, leaves, nodes --- */

static void check_root(struct suite *s, const char *name, const struct value *leaves,
		       const struct digest *want)
{
	struct merkle_range r;
	struct digest got;

	merkle_init(&r);
	for (size_t i = 0; i < leaves->list.count; i++) {
		struct digest leaf = leaf_of(&leaves->list.items[i]);

		merkle_add(&r, &leaf);
	}
	merkle_root(&r, &got);
	suite_check(s, digest_eq(&got, want), name, "another root");
}

static void check_node(struct suite *s, const char *name, const struct value *given,
		       const struct digest *want)
{
	struct digest pair[2];
	bool read = read_hex(value_get_c(given, "left"), &pair[0]) &&
		    read_hex(value_get_c(given, "right"), &pair[1]);

	if (read)
		sha256_nodes(pair, 1, pair);
	suite_check(s, read && digest_eq(&pair[0], want), name, "another node");
}

static void check_live(struct suite *s, const char *name, const struct value *given)
{
	struct digest leaf, root;
	struct path proof;
	uint64_t index, size;
	bool read = read_hex(value_get_c(given, "leaf_hash"), &leaf) &&
		    read_hex(value_get_c(given, "root"), &root) &&
		    get_number(given, "leaf_index", &index) &&
		    get_number(given, "tree_size", &size) &&
		    read_path(value_get_c(given, "audit_path"), true, &proof);

	suite_check(s, read && merkle_check_inclusion(&leaf, index, size, &root, proof.hashes,
						      proof.count) == OK, name, "does not verify");
}

static void check_core(struct suite *s, const char *name, const struct value *given,
		       const struct value *expect)
{
	const struct value *leaves = value_get_c(given, "leaves_hex");
	const struct value *leaf = value_get_c(given, "leaf_hex");
	struct digest want, got;

	if (value_get_c(given, "audit_path")) {
		check_live(s, name, given);
	} else if (!read_hex(value_get_c(expect, "root"), &want) &&
		   !read_hex(value_get_c(expect, "hash"), &want)) {
		suite_check(s, false, name, "has no hash to expect");
	} else if (leaves && leaves->kind == VALUE_LIST) {
		check_root(s, name, leaves, &want);
	} else if (leaf && leaf->kind == VALUE_STRING) {
		got = leaf_of(leaf);
		suite_check(s, digest_eq(&got, &want), name, "another leaf hash");
	} else {
		check_node(s, name, given, &want);
	}
}

/* --- proofs to make --- */

static struct digest byte_leaf(uint64_t i)
{
	uint8_t byte = (uint8_t)i;

	return sha256_prefixed(0x00, str_slice(&byte, 1));
}

static struct digest byte_root(uint64_t begin, uint64_t end)
{
	struct merkle_range r;
	struct digest root;

	merkle_init(&r);
	for (; begin < end; begin++) {
		struct digest leaf = byte_leaf(begin);

		merkle_add(&r, &leaf);
	}
	merkle_root(&r, &root);
	return root;
}

static enum err byte_node(void *self, unsigned level, uint64_t index, struct digest *ret)
{
	(void)self;
	*ret = byte_root(index << level, (index + 1) << level);
	return OK;
}

static bool same_path(const struct path *a, const struct path *b)
{
	return a->count == b->count &&
	       memcmp(a->hashes, b->hashes, a->count * sizeof(*a->hashes)) == 0;
}

static const struct merkle_source byte_tree = { byte_node, NULL };

static void check_made_inclusion(struct suite *s, const char *name, const struct value *given,
				 const struct value *expect)
{
	struct digest root, want, leaf;
	struct path proof, made;
	uint64_t size, index;

	if (!get_number(given, "n", &size) || !get_number(given, "index", &index) ||
	    !read_hex(value_get_c(expect, "root"), &want) ||
	    !read_path(value_get_c(expect, "proof"), true, &proof)) {
		suite_check(s, false, name, "is not of the expected shape");
		return;
	}
	root = byte_root(0, size);
	leaf = byte_leaf(index);
	suite_check(s, digest_eq(&root, &want), name, "another root");
	suite_check(s, merkle_inclusion(&byte_tree, index, size, made.hashes, &made.count) == OK &&
		    same_path(&made, &proof), name, "another proof");
	suite_check(s, merkle_check_inclusion(&leaf, index, size, &want, proof.hashes,
					      proof.count) == OK, name, "does not verify");
}

static void check_made_consistency(struct suite *s, const char *name, const struct value *given,
				   const struct value *expect)
{
	struct digest root1, root2, want1, want2;
	struct path proof, made;
	uint64_t size1, size2;

	if (!get_number(given, "size1", &size1) || !get_number(given, "size2", &size2) ||
	    !read_hex(value_get_c(expect, "root1"), &want1) ||
	    !read_hex(value_get_c(expect, "root2"), &want2) ||
	    !read_path(value_get_c(expect, "proof"), true, &proof)) {
		suite_check(s, false, name, "is not of the expected shape");
		return;
	}
	root1 = byte_root(0, size1);
	root2 = byte_root(0, size2);
	suite_check(s, digest_eq(&root1, &want1) && digest_eq(&root2, &want2), name, "other roots");
	suite_check(s, merkle_consistency(&byte_tree, size1, size2, made.hashes,
					  &made.count) == OK &&
		    same_path(&made, &proof), name, "another proof");
	suite_check(s, merkle_check_consistency(size1, &want1, size2, &want2, proof.hashes,
						proof.count) == OK, name, "does not verify");
}

static void check_made(struct suite *s, const char *name, const struct value *given,
		       const struct value *expect)
{
	if (value_get_c(given, "index"))
		check_made_inclusion(s, name, given, expect);
	else
		check_made_consistency(s, name, given, expect);
}

/* --- all of it --- */

static void each_case(struct suite *s, const char *path, const struct value *v,
		      void (*check)(struct suite *s, const char *name, const struct value *given,
				    const struct value *expect))
{
	const struct value *cases = value_get_c(v, "cases");

	if (!cases || cases->kind != VALUE_LIST) {
		suite_check(s, false, path, "has no cases");
		return;
	}
	for (size_t i = 0; i < cases->list.count; i++) {
		const struct value *one = &cases->list.items[i];
		char name[64];

		(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(value_text(one, "name")));
		check(s, name, value_get_c(one, "given"), value_get_c(one, "expect"));
	}
}

typedef void check_one(struct suite *s, const char *name, const struct value *given,
		       const struct value *expect);

static const struct made {
	const char *file;
	check_one *check;
} made[] = {
	{ "rfc6962_core", check_core },
	{ "gen_proofs", check_made },
	{ "c2sp_notes", NULL }, /* suite_notes.c */
};

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	int kind = suite_kind(path, &made[0].file, sizeof(made[0]), sizeof(made) / sizeof(made[0]));
	struct str name = str_view(path);
	bool official = str_has(name, STR("/tessera/"));
	struct value v;

	if (!str_ends(name, STR(".json")))
		return;
	if (json_read(text, 1, a, &v, NULL) != OK) {
		suite_check(s, false, path, "is not JSON");
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (str_has(name, str_view(kinds[i].folder))) {
			check_official(s, path, &v, &kinds[i]);
			official = true;
		}
	if (kind >= 0 && made[kind].check)
		each_case(s, path, &v, made[kind].check);
	else if (kind < 0 && !official)
		suite_check(s, false, path, "is read by no suite");
}

void suite_merkle(struct suite *s)
{
	if (crypto_start() != OK)
		suite_skip(s, "libsodium does not start");
	else
		suite_each_file(s, "merkle", visit);
}
