/*
 * scene: the incident that ships with trammel, in a simulated workspace, and a hand that changes
 * its files and puts them back.
 *
 *   scene_init(&k, seed, "datasets/policies/support.yaml");    seeds change keys only
 *   scene_import(&k, SCENE_INCIDENT);
 *   scene_keep(&k, &kept);        what the folder holds now
 *   ... change, ask, change ...
 *   scene_restore(&k, &kept);     and again, as if nothing had been
 *   scene_fini(&k);
 */
#ifndef TRAMMEL_TESTS_SCENE_H
#define TRAMMEL_TESTS_SCENE_H

#include "tests/kit/space_kit.h"

#define SCENE_INCIDENT "datasets/incidents/support-refunds.jsonl"
#define SCENE_POLICY   "datasets/policies/support.yaml"
#define SCENE_STRICTER "datasets/policies/support-after-incident.yaml"

#define SCENE_SEGMENT    SPACE_KIT_DIR "/log/segment/00000000.jsonl"
#define SCENE_CHECKPOINT SPACE_KIT_DIR "/log/checkpoint"
#define SCENE_PACK       SPACE_KIT_DIR "/blob/00000000.pack"

void scene_init(struct space_kit *k, uint64_t seed, const char *policy_path);
void scene_fini(struct space_kit *k);

/* A file of the real disk in the kit's memory; ptr NULL when it is not there. */
struct str scene_read(struct space_kit *k, const char *path);
/* Import a file of the real disk as openai-chat; asserts that it works. */
struct import_report scene_import(struct space_kit *k, const char *path);
/*
 * Decide and record one action or outcome document, durably; asserts that it was recorded. The
 * texts of the verdict are gone with the workspace that was open for it; numbers and roots stay.
 */
struct verdict scene_submit(struct space_kit *k, const char *document);
/* As space_kit_verify, without the assertion. */
enum err scene_verify(struct space_kit *k, struct log_report *ret, struct note *n);
/* Open for writing and close; the error of the first that fails. */
enum err scene_reopen(struct space_kit *k, struct note *n);

/* Files of the workspace, and what they hold. */
#define SCENE_FILES 64
struct scene_files {
	const char *paths[SCENE_FILES];
	struct str contents[SCENE_FILES];
	size_t count;
};

void scene_keep(struct space_kit *k, struct scene_files *ret);
/* The same files with the same bytes again, and no others. */
void scene_restore(struct space_kit *k, const struct scene_files *kept);
/* Put other bytes into a file; STR_NONE takes it away. */
void scene_put(struct space_kit *k, const char *path, struct str content);

#endif
