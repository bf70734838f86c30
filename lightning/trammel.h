/*
 * trammel.h: the gate as a C library. The only header that is installed.
 *
 *   trammel *t;
 *   char answer[TRAMMEL_VERDICT_BYTES];
 *
 *   if (trammel_open("space", &t, answer, sizeof(answer)) != TRAMMEL_YES) { puts(answer); ... }
 *   if (trammel_check(t, action, strlen(action), answer, sizeof(answer)) == TRAMMEL_YES) { act(); }
 *   trammel_close(t, answer, sizeof(answer));
 *
 * Build with: cc program.c $(pkg-config --cflags --libs trammel)
 *
 * The calling thread's floating-point environment is the default one: round to nearest, no flush to
 * zero (no -ffast-math at start-up). Numbers are read and written under it.
 *
 * Statuses are the exit statuses of the program. Anything but TRAMMEL_YES means: do not act. A
 * handle holds the workspace's one writer's lock; it may move between threads but serves one call
 * at a time.
 */
#ifndef TRAMMEL_H
#define TRAMMEL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TRAMMEL_API __attribute__((visibility("default")))

enum trammel_status {
	TRAMMEL_YES = 0,            /* done; allowed */
	TRAMMEL_NO = 1,             /* denied */
	TRAMMEL_USAGE = 2,          /* a NULL where none may be */
	TRAMMEL_UNDECIDED = 3,      /* could not be decided or recorded: so it is not allowed */
	TRAMMEL_TAMPERED = 4,       /* the evidence was changed */
	TRAMMEL_INPUT = 5,          /* the workspace or its policy is missing or malformed */
	TRAMMEL_LIMIT = 7,          /* a limit was hit, the room for the answer included */
};

/* Room that is enough for any verdict: an entry is at most 64 KiB. */
#define TRAMMEL_VERDICT_BYTES 131072

typedef struct trammel trammel;

/* "0.1.0" */
TRAMMEL_API const char *trammel_version(void);

/*
 * Open a workspace for deciding. On failure `message` (may be NULL) holds one sentence with the
 * place, cut to its room and NUL-ended, and `*ret` is NULL.
 */
TRAMMEL_API int trammel_open(const char *dir, trammel **ret, char *message, size_t message_bytes);

/*
 * Decide one action document (or record one outcome document), durably, and answer with the
 * verdict as NUL-ended JSON: see docs/formats/action.md. Bytes that are not an action are a
 * recorded denial. When the answer does not fit, the status is TRAMMEL_LIMIT, although the
 * decision is recorded.
 */
TRAMMEL_API int trammel_check(trammel *t, const char *action, size_t action_bytes, char *verdict,
			      size_t verdict_bytes);

/*
 * Sign what was decided so far, so that it can be verified and proved while the handle stays open.
 * Closing does it too. `message` as for trammel_open.
 */
TRAMMEL_API int trammel_publish(trammel *t, char *message, size_t message_bytes);

/* Sign the log's new head and release everything. Safe on NULL. `message` as for trammel_open. */
TRAMMEL_API int trammel_close(trammel *t, char *message, size_t message_bytes);

#ifdef __cplusplus
}
#endif

#endif
