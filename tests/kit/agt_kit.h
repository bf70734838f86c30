/*
 * agt_kit: audit logs as the reference toolkit writes them, made without the code under test: texts
 * by printf, the tree in whole arrays, step by step as MerkleAuditChain does it.
 */
#ifndef TRAMMEL_TESTS_AGT_KIT_H
#define TRAMMEL_TESTS_AGT_KIT_H

#include "engine/crypto/crypto.h"

#define AGT_HEX 65                   /* with the NUL */
#define AGT_KEY "a key of the tests"
#define AGT_MAX 80                   /* entries at most */

struct agt_log {
	unsigned count;
	char hash[AGT_MAX][AGT_HEX];         /* of each entry, or of each line */
	struct str text[AGT_MAX];            /* each entry, or each line, as JSON */
	struct str hashed[AGT_MAX];          /* what stands under its hash */
	struct arena memory;
};

/* A log of so many entries of AuditLog; of so many lines of FileAuditSink, signed with AGT_KEY. */
void agt_entries(struct agt_log *l, unsigned count);
void agt_lines(struct agt_log *l, unsigned count);
void agt_fini(struct agt_log *l);

/* The root of the first `count`, of the grown tree or of the rebuilt one. */
void agt_root(const struct agt_log *l, unsigned count, bool rebuilt, char hex[AGT_HEX]);
/* A proof of entry `index` in the grown tree of all, as a JSON list. */
struct str agt_proof(struct agt_log *l, unsigned index);

/* Entries [from, to) one a line; an export that holds them and names this root. */
struct str agt_jsonl(struct agt_log *l, unsigned from, unsigned to);
struct str agt_export(struct agt_log *l, unsigned from, unsigned to, const char *root);

/* `text` with the first `old` replaced; asserts that it is there. In the log's memory. */
struct str agt_edit(struct agt_log *l, struct str text, const char *old, const char *new);

#endif
