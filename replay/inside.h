/*
 * inside: what the files of replay/ share. The player takes its lines from a feed; the importers
 * share how a source is read and how what was found becomes events.
 */
#ifndef TRAMMEL_REPLAY_INSIDE_H
#define TRAMMEL_REPLAY_INSIDE_H

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/json_cutter.h"
#include "engine/base/json_hull.h"
#include "engine/base/map.h"
#include "replay/replay.h"

/* --- feed: the log read ahead of the gate --- */

struct feed;

/*
 * Reads the whole log. Where the world can be asked by any thread, one is made for that; until the
 * feed is closed nobody else asks the space for files or bodies. `signed_size` is that of the
 * checkpoint.
 */
enum err feed_open(struct space *s, uint64_t signed_size, struct feed **ret) NODISCARD;
/* Safe on NULL. */
void feed_close(struct feed *f);
/*
 * The next line, borrowed until the next call; NULL at the end. What is wrong with the line is told
 * by rerun_play; nothing comes behind a line that failed. ERR_TAMPERED, ERR_IO, ERR_MEMORY: the log
 * cannot be read from here on.
 */
enum err feed_next(struct feed *f, const struct rerun_input **ret) NODISCARD;

/* What the lines add up to, once feed_next gave NULL. */
struct feed_heads {
	uint64_t entries;
	struct digest root;
	struct digest signed_root;            /* of the signed entries, if there were so many */
};

void feed_heads(const struct feed *f, struct feed_heads *ret);
/* File and line of an entry, for messages. */
void feed_place(const struct feed *f, uint64_t entry, struct note *n);

/* --- roots: the digests of what was replayed, computed behind the gate --- */

struct roots;

/* An entry, and what a strict replay had counted before it. */
struct roots_entry {
	uint64_t seq, actions, allowed, denied, refused, unknown;
};

/* Where the world can be asked by any thread, one is made for that. */
enum err roots_open(struct world *w, uint64_t seed, struct roots **ret) NODISCARD;
/* Safe on NULL. */
void roots_close(struct roots *r);
/*
 * The next entry, which came out the same but for its digests, and the state it left (see
 * state_trail). ERR_DIVERGED: this one or, as a rule, one before has digests that do not come out.
 * After an error, the same one comes again.
 */
enum err roots_add(struct roots *r, struct state *s, const struct rerun_step *step,
		   const struct roots_entry *entry) NODISCARD;
/* Wait for all that were added: ERR_DIVERGED, ERR_MEMORY, ERR_LIMIT. */
enum err roots_end(struct roots *r) NODISCARD;
/* Once it has ended, the state behind the last entry or the divergence. */
struct state *roots_state(struct roots *r);

struct roots_divergence {
	struct roots_entry entry;
	struct str recorded, replayed;        /* its line, and as it comes out */
};

/* After ERR_DIVERGED. ERR_MEMORY. */
enum err roots_divergence(const struct roots *r, struct arena *a,
			  struct roots_divergence *ret) NODISCARD;

/* --- import --- */

struct importing {
	struct space *space;
	const struct import_options *options;
	struct import_report *report;
	struct note *note;
	struct arena memory; /* one element of the source: a run, a line, a document */
	struct arena step;                    /* one event */
	struct buf args, result;              /* canonical bodies of one event */
	int64_t clock_ns;                     /* time of the last event */
	uint64_t uncommitted;
	uint64_t first_run;                   /* number of the first run: so many sessions exist */
	bool broken;                          /* evidence of the next record does not hold */
	int fd;
};

/* Called for each element of the source stream: its text and first line. */
typedef enum err import_element(struct importing *im, void *self, struct str text, uint32_t line);

/*
 * Feed every element of the source to `each`. `cap_bytes` bounds one element. im->memory is empty
 * at each call. With `hull`, elements are those of its list when the source is one.
 */
enum err import_stream(struct importing *im, struct json_hull *hull, size_t cap_bytes,
		       import_element *each, void *self) NODISCARD;

/*
 * Submit one event; without a time it gets a synthetic one, a millisecond after the last.
 * `verdict` may be NULL. Events of unknown agents are registered first.
 */
enum err import_submit(struct importing *im, struct event *e, bool has_time,
		       struct verdict *verdict) NODISCARD;

/* Give an event its bodies from trees; NULL: none. They live until the next call. */
enum err import_bodies(struct importing *im, struct event *e, const struct value *args,
		       const struct value *result) NODISCARD;

/* Say once what the foreign format can never prove. */
void import_finding(struct importing *im, const char *sentence);

enum err import_chat(struct importing *im) NODISCARD;
enum err import_agt_audit(struct importing *im) NODISCARD;
enum err import_agt_filesink(struct importing *im) NODISCARD;
enum err import_agt_go(struct importing *im) NODISCARD;
enum err import_agt_rust(struct importing *im) NODISCARD;
enum err import_agt_dotnet(struct importing *im) NODISCARD;
enum err import_jsonl(struct importing *im) NODISCARD;
enum err import_cloudevents(struct importing *im) NODISCARD;
enum err import_otlp(struct importing *im) NODISCARD;
enum err import_csv(struct importing *im) NODISCARD;
enum err import_agt_flight(struct importing *im) NODISCARD;
enum err import_agt_typescript(struct importing *im) NODISCARD;

#endif
