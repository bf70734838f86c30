/*
 * space_kit: a ready workspace in a simulated world, for tests of everything that needs one.
 *
 *   struct space_kit k;
 *
 *   space_kit_init(&k, SPACE_KIT_ALLOW);     // made, with this policy; nothing recorded yet
 *   s = space_kit_open(&k);                  // for writing; close or abandon it yourself
 *   e = space_kit_import(&k, &options, text, &report, &note);
 *   size = space_kit_verify(&k, &root);      // asserts that the log verifies
 *   space_kit_fini(&k);
 *
 * Same seed, clock and policy each time: two kits that do the same hold the same bytes.
 */
#ifndef TRAMMEL_TESTS_SPACE_KIT_H
#define TRAMMEL_TESTS_SPACE_KIT_H

#include "engine/base/world_sim.h"
#include "replay/replay.h"

#define SPACE_KIT_DIR "space"
#define SPACE_KIT_SOURCE "source.json"                     /* where an import finds its text */
#define SPACE_KIT_ORIGIN "example.com/kit"
#define SPACE_KIT_START_NS INT64_C(1767323045000000000)    /* 2026-01-02T03:04:05Z */

/* Policies: every registered agent may do everything; nobody may do anything. */
#define SPACE_KIT_ALLOW                                                                          \
	"apiVersion: governance.toolkit/v1\nname: kit\ndefault_action: allow\nrules: []\n"
#define SPACE_KIT_DENY                                                                           \
	"apiVersion: governance.toolkit/v1\nname: kit\ndefault_action: deny\nrules: []\n"

struct space_kit {
	struct world *w;
	struct arena memory;         /* of reports that outlive their call */
};

void space_kit_init(struct space_kit *k, const char *policy);
void space_kit_fini(struct space_kit *k);

/* Replace the policy; it comes into force with the next event of a space opened after this. */
void space_kit_policy(struct space_kit *k, const char *policy);
/* Open for writing; asserts that it works. */
struct space *space_kit_open(struct space_kit *k);

/* Import `text` as a file: close on success, abandon on failure. Asserts nothing. */
enum err space_kit_import(struct space_kit *k, const struct import_options *options,
			  struct str text, struct import_report *ret, struct note *n);
/* Strict replay of everything. Asserts nothing. */
enum err space_kit_replay(struct space_kit *k, struct replay_report *ret, struct note *n);

/* Assert that the log verifies, every entry signed; its size, and its root when wanted. */
uint64_t space_kit_verify(struct space_kit *k, struct digest *root);
/* One line of the log, in the kit's memory; ptr NULL behind the end. */
struct str space_kit_line(struct space_kit *k, uint64_t seq);
/* Entry `seq`, read; asserts that it is there. */
struct entry space_kit_entry(struct space_kit *k, uint64_t seq);
/* The body of that digest, in the kit's memory; asserts that it is there. */
struct str space_kit_body(struct space_kit *k, const struct digest *d);

#endif
