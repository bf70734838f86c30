/*
 * suite: our answers beside published ones.
 *
 * A suite walks one folder of vectors and makes one check for each answer found there. Every suite
 * reads every file of its folder, so more files of the same shape can be put beside them; one that
 * nobody reads is a failure. Folders that are absent are skipped with a line. To add a suite: a
 * file suite_<name>.c, a line below, a row in main.c.
 */
#ifndef TRAMMEL_TESTS_SUITE_H
#define TRAMMEL_TESTS_SUITE_H

#include "engine/base/arena.h"

struct suite {
	const char *name;
	const char *vectors;         /* the folder that holds the folders of all suites */
	bool tables;                 /* they are those that docs/conformance.md was written for */
	unsigned passed, failed, skipped;
};

void suite_agt_policy(struct suite *s);
void suite_audit(struct suite *s);
void suite_authority(struct suite *s);
void suite_cedar(struct suite *s);
void suite_identity(struct suite *s);
void suite_jcs(struct suite *s);
void suite_merkle(struct suite *s);
void suite_notes(struct suite *s);
void suite_runtime(struct suite *s);
void suite_saga(struct suite *s);
void suite_session(struct suite *s);
void suite_trace(struct suite *s);
void suite_trust(struct suite *s);

/* Count one case; a failure prints "suite: case: text" to stderr. */
void suite_check(struct suite *s, bool ok, const char *case_name, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* Count one case, or one folder, that was not tried, and print why. */
void suite_skip(struct suite *s, const char *why);

/* A whole file in the arena, or ptr NULL when it cannot be read. */
struct str suite_read(const char *path, struct arena *a);

/*
 * Visit every file below <vectors>/<folder>, in the order of their paths. `text` and everything
 * that the visitor takes from `a` is gone after the visit. A folder that is not there is skipped.
 */
typedef void suite_visit(struct suite *s, const char *path, struct str text, struct arena *a);
void suite_each_file(struct suite *s, const char *folder, suite_visit *visit);

/*
 * Of which kind a file of cases is, as its name says: KIND.json, or KIND, one of "-_." and whatever
 * tells it from its sisters; of kinds that begin alike the longest. `names` is the name in the
 * first of `count` rows of `row_bytes` each. Returns the row, or -1 when none fits.
 */
int suite_kind(const char *path, const char *const *names, size_t row_bytes, size_t count);

#endif
