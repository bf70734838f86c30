/*
 * space: a workspace on disk, opened and wired together. The door of engine/space.
 *
 *   <dir>/trammel.yaml   format, origin of the log, snapshot interval
 *   <dir>/policies/      the bundle: every *.yaml, *.yml and *.cedar below it
 *   <dir>/keys/          log.pem signs checkpoints, log.vkey verifies them, mask.key is for secrets
 *                        in what is recorded; agents/ holds keys made here
 *   <dir>/log/           the evidence (engine/audit/log.h): the truth
 *   <dir>/blob/          bodies by digest
 *   <dir>/state/         deltas and snapshots: a cache, rebuilt from the log when it does not fit
 *
 * Opening for writing takes the log's lock and brings the state up to the log's end. Under the
 * signed checkpoint the cache is believed where it has the root that the log's entry carries;
 * entries behind the checkpoint, left by a crash, are always re-run before they are accepted, and a
 * notice entry records that. The bundle is loaded then; when it differs from the one in force, a
 * policy entry goes before the first event.
 */
#ifndef TRAMMEL_SPACE_H
#define TRAMMEL_SPACE_H

#include "engine/gate/gate.h"
#include "engine/space/witnessing.h"

struct space;

enum space_mode { SPACE_READ = 0, SPACE_WRITE };

struct space_config {
	struct str origin;
	uint32_t snapshot_interval;           /* steps between two snapshots of the state */
	struct str trust_domain;              /* of SPIFFE IDs; ptr NULL: none */
	struct mask_terms mask;               /* what is masked besides secrets */
};

/*
 * Make a workspace with a fresh key and a commented policy that denies by default. `dir` must be
 * missing or an empty folder (ERR_EXISTS). On failure what was made is taken away again; a crash
 * may leave parts, without a trammel.yaml, so they are no workspace.
 */
enum err space_create(struct world *w, const char *dir, struct str origin,
		      struct note *n) NODISCARD;

enum err space_open(struct world *w, const char *dir, enum space_mode mode, struct space **ret,
		    struct note *n) NODISCARD;
/*
 * Publish (checkpoint) what was submitted and release everything. When that fails, what no
 * space_commit made durable before is taken back, so that an error means that nothing was
 * recorded. Safe on NULL.
 */
enum err space_close(struct space *s, struct note *n);
/*
 * Release without publishing, and take back everything that was submitted since the workspace was
 * opened. For commands that record all or nothing: no verdict of theirs has been shown. Safe on
 * NULL.
 */
enum err space_abandon(struct space *s, struct note *n);
/* The end of such a command, with `e` so far: space_close after OK, else space_abandon and `e`. */
enum err space_finish(struct space *s, enum err e, struct note *n);

/* One event through the gate. The verdict may be shown only after space_commit. */
enum err space_submit(struct space *s, const struct event *e, struct arena *a,
		      struct verdict *ret) NODISCARD;
/* Likewise one document, see gate_submit_text. */
enum err space_submit_text(struct space *s, struct str text, int64_t now_ns, struct arena *a,
			   struct buf *bodies, struct verdict *ret, struct note *n) NODISCARD;
/*
 * One control (docs/formats/control.md): `data` holds "reason" and what else the verb needs; texts
 * that do not belong have ptr NULL. What cannot be applied is not recorded, and the note says why.
 */
enum err space_control(struct space *s, struct str verb, struct str agent, struct str session,
		       const struct value *data, int64_t at_ns, struct note *n) NODISCARD;

/* A note about foreign bytes, before it is told: where there is a secret, it quotes nothing. */
void space_hush(const struct space *s, enum err e, struct note *n);

/* When OK, all submitted is durable; with `sync` false it was only handed to the system. */
enum err space_commit(struct space *s, bool sync) NODISCARD;

/* Commit, and sign what was submitted. Who runs long does it now and then; closing does it too. */
enum err space_publish(struct space *s) NODISCARD;

const struct space_config *space_config(const struct space *s);
struct world *space_world(struct space *s);
const char *space_log_folder(const struct space *s);
const char *space_path(const struct space *s);
/* The key that verifies this workspace's checkpoint, as its own keys/log.vkey says. */
const struct note_key *space_key(const struct space *s);
struct gate_bodies space_bodies(struct space *s);
/* Whole entries in the log as read from disk, those behind the checkpoint included. */
enum err space_count_entries(struct space *s, uint64_t *ret, struct note *n) NODISCARD;
uint64_t space_entries(const struct space *s);    /* SPACE_WRITE only: in the log */
/* Entries that a crash left behind the checkpoint and that were accepted at opening. */
uint64_t space_recovered(const struct space *s);
/* What new events are decided by, and the state now. */
const struct bundle *space_bundle(const struct space *s);
const struct state *space_state(const struct space *s);

/*
 * The state after entry `step`, into `into`, from the cache and by re-running what the cache lacks.
 * `root` is the root the entry itself carries; it was compared. ERR_NOT_FOUND beyond the log's end,
 * ERR_TAMPERED, ERR_MISS.
 */
enum err space_state_at(struct space *s, uint64_t step, struct state *into, struct digest *root,
			struct note *n) NODISCARD;

/* The policy files below a folder, or one file, loaded. `memory` outlives the bundle. */
enum err space_load_bundle(struct world *w, const char *dir, struct arena *memory,
			   struct bundle **ret, struct note *n) NODISCARD;

/* --- agents: engine/space/agents.c --- */

struct space_newcomer {
	struct str name, sponsor;             /* sponsor: a mail address, ptr NULL for none */
	int64_t expires_ns;                   /* 0: never */
	const struct sign_key *key;           /* its own; NULL with `pub` NULL: one is made */
	const struct public_key *pub;         /* its own, of which only this half is known */
};

struct space_key {
	struct public_key pub;
	char path[LIMIT_PATH_BYTES];          /* of the private half; empty when it is not here */
};

/*
 * Register an agent; a private key goes to keys/agents/ and is durable first: a crash may leave a
 * key that belongs to nobody, never an agent whose key is lost. ERR_NOT_FOUND: it needs a sponsor.
 */
enum err space_create_agent(struct space *s, const struct space_newcomer *who, int64_t at_ns,
			    struct space_key *ret, struct note *n) NODISCARD;
/*
 * Give an agent whose private key is in keys/agents/ a fresh one, signed for by both. The old file
 * stays. As in space_create_agent the file of the new key comes first.
 */
enum err space_rotate_agent(struct space *s, struct str name, struct str reason, int64_t at_ns,
			    struct space_key *ret, struct note *n) NODISCARD;
/* The private half of an agent's key; ERR_NOT_FOUND when it is not in keys/agents/. */
enum err space_open_agent_key(struct space *s, const struct public_key *pub,
			      struct sign_key **ret, struct note *n) NODISCARD;

#include "engine/space/grants.h"
#include "engine/space/handshakes.h"
#include "engine/space/log_keys.h"
#include "engine/space/pruning.h"
#include "engine/space/redactions.h"
#include "engine/space/turns.h"
#include "engine/space/watch.h"

#endif
