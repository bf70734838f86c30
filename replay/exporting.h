/*
 * exporting: what the exporters share: one entry on its way out, the buffer that it is written to,
 * and how actions wait for their outcomes. Of this room alone.
 */
#ifndef TRAMMEL_EXPORTING_H
#define TRAMMEL_EXPORTING_H

#include "replay/replay.h"

#define EXPORT_PRODUCER "trammel"

/* A body of an entry, where bodies were asked for and the entry names one; else all zero. */
struct exported_body {
	struct str text;             /* canonical JSON; ptr NULL: gone */
	bool gone, redacted;         /* not in the blob store; values were taken out of it */
	/* What it takes, with the text, to see that this is what the entry commits to (blob.md). */
	struct str opening;
};

/* One entry that was asked for. Lives until the next one. */
struct exported {
	const struct entry *entry;
	struct str line;
	struct digest leaf;
	struct exported_body args, result;
};

struct exporting {
	const struct export_options *options;
	struct export_report *report;
	struct note *note;
	struct buf out;              /* written to; handed to the sink by export.c */
	struct arena memory;         /* of one entry */
	struct arena *whole;         /* of the whole export; small */
	void *own;                   /* the format's */
};

struct export_row {
	const char *name;
	bool tells;                  /* where it came from, by itself */
	enum err (*begin)(struct exporting *x);
	enum err (*entry)(struct exporting *x, const struct exported *e);
	/* Entries [first, end) were left out; the roots of the subtrees they are. May be NULL. */
	void (*gap)(struct exporting *x, uint64_t first, uint64_t end, const struct digest *roots,
		    size_t count);
	/* The root was compared and is the signed one. */
	enum err (*end)(struct exporting *x);
	void (*fini)(struct exporting *x);   /* after all, failures included; may be NULL */
};

extern const struct export_row export_rows[EXPORT_FORMATS];

/* --- the parts of entries --- */

/* The entry that this one is the outcome of; false: it is of none. */
bool export_outcome_of(const struct entry *e, uint64_t *ret);
/* "gone":["args"], of bodies that are, as a member; nothing when none is. */
void export_gone(struct buf *b, const struct exported *e);
/* Likewise "openings":{"args":"base64"} and "redacted":["args"]. */
void export_openings(struct buf *b, const struct exported *e);
void export_redacted(struct buf *b, const struct exported *e);

/* --- put.c: JSON members, with a comma unless the object has just been opened --- */

void put_key(struct buf *b, const char *key);
void put_text(struct buf *b, const char *key, struct str text);
void put_number(struct buf *b, const char *key, uint64_t n);
void put_json(struct buf *b, const char *key, struct str json);
void put_hex(struct buf *b, const char *key, const struct digest *d);

/*
 * --- subtree.c: hashes of leaves that are not at hand ---
 *
 * The leaves [first, end) as the roots of the largest perfect subtrees that they are: at most two
 * of a size. Which, follows from first and end, so hashes in order are enough.
 */
#define SUBTREE_MAX 128
struct subtrees {
	uint64_t first, end;
	size_t count;
	uint8_t levels[SUBTREE_MAX];
	struct digest roots[SUBTREE_MAX];
};

void subtree_begin(struct subtrees *s, uint64_t first);
void subtree_add(struct subtrees *s, const struct digest *leaf);
/* How high the next one is, where leaves [at, end) are left out and at < end. */
unsigned subtree_level(uint64_t at, uint64_t end);
/* Append a subtree; false: there can be none of this level here. */
bool subtree_put(struct subtrees *s, unsigned level, const struct digest *root);
/* Of the leaves [0, end), when first is 0. */
void subtree_root(const struct subtrees *s, struct digest *ret);

/*
 * --- trace_id.c: ids of W3C Trace Context, as OpenTelemetry has them ---
 */
#define TRACE_ID_BYTES 16
#define SPAN_ID_BYTES 8
struct trace_id { uint8_t bytes[TRACE_ID_BYTES]; };
struct span_id { uint8_t bytes[SPAN_ID_BYTES]; };

/*
 * A trace as its source named it: 32 hex digits, or a traceparent, whose span becomes `parent`.
 * False: it is neither. `parent` may be NULL; it is zero when there is none.
 */
bool trace_id_read(struct str trace, struct trace_id *ret, struct span_id *parent);
/* That of the entry: its own, or one that follows from the log and what the trace is called. */
void trace_id_of(const struct entry *e, struct trace_id *ret, struct span_id *parent);
/* Follows from the log and the number of the entry. */
struct span_id span_id_of(struct str log, uint64_t seq);

/* --- the formats --- */
enum err export_jsonl_entry(struct exporting *x, const struct exported *e) NODISCARD;
void export_jsonl_gap(struct exporting *x, uint64_t first, uint64_t end,
		      const struct digest *roots, size_t count);
enum err export_jsonl_end(struct exporting *x) NODISCARD;
enum err export_cloudevents_entry(struct exporting *x, const struct exported *e) NODISCARD;
enum err export_cloudevents_end(struct exporting *x) NODISCARD;
enum err export_csv_begin(struct exporting *x) NODISCARD;
enum err export_csv_entry(struct exporting *x, const struct exported *e) NODISCARD;
enum err export_otlp_begin(struct exporting *x) NODISCARD;
enum err export_otlp_entry(struct exporting *x, const struct exported *e) NODISCARD;
enum err export_otlp_end(struct exporting *x) NODISCARD;
enum err export_otlp_traces_begin(struct exporting *x) NODISCARD;
enum err export_otlp_traces_entry(struct exporting *x, const struct exported *e) NODISCARD;
enum err export_otlp_traces_end(struct exporting *x) NODISCARD;
void export_otlp_fini(struct exporting *x);
enum err export_agt_begin(struct exporting *x) NODISCARD;
enum err export_agt_entry(struct exporting *x, const struct exported *e) NODISCARD;
enum err export_agt_end(struct exporting *x) NODISCARD;
void export_agt_fini(struct exporting *x);

#endif
