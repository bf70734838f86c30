/*
 * export: the log in the formats that others read. Opened by replay.h.
 *
 * The whole log is read, whatever is asked for, and must lead to the signed root: what is exported
 * is what was signed, or the export fails at its end. Entries behind the checkpoint are left out
 * and counted. Every format carries where it came from (origin, size, root, the checkpoint), but
 * for those that have no place for it. docs/formats/export.md describes the mapping.
 *
 * Memory does not grow with the log. Same log and options, same bytes.
 */
#ifndef TRAMMEL_EXPORT_H
#define TRAMMEL_EXPORT_H

#include "engine/space/space.h"

enum export_format {
	EXPORT_JSONL = 0,            /* the lines as recorded, what is left out by its hashes */
	EXPORT_CLOUDEVENTS,          /* CloudEvents 1.0, one to a line */
	EXPORT_OTLP,                 /* OTLP/JSON log records */
	EXPORT_OTLP_TRACES,          /* OTLP/JSON spans: actions and their outcomes */
	EXPORT_CSV,                  /* RFC 4180 */
	EXPORT_AGT_AUDIT,            /* the reference toolkit's AuditLog.export() */
	EXPORT_AGT_FILESINK,         /* its FileAuditSink */
	EXPORT_FORMATS
};

struct export_options {
	enum export_format format;
	uint64_t first, end;         /* entries from `first` on, before `end` */
	int64_t since_ns, until_ns;  /* not before `since`, not after `until` */
	struct str session;          /* a pattern (base/match.h); ptr NULL: any, and none */
	bool bodies;                 /* arguments and results too */
	struct str key;              /* agt-filesink: of its HMAC */
};

/* Everything: set `format`, and narrow the rest down. */
#define EXPORT_ALL                                                                               \
	{ .first = 0, .end = UINT64_MAX, .since_ns = INT64_MIN, .until_ns = INT64_MAX }

struct export_report {
	uint64_t entries;            /* that were asked for */
	uint64_t written;            /* and have a place in the format */
	uint64_t untold_clocks;      /* of them with a synthetic time, as the format cannot say */
	uint64_t unsigned_entries;   /* behind the checkpoint, left out */
	uint64_t gone, redacted;     /* bodies not in the blob store, without some values */
	struct checkpoint checkpoint;
	struct str note;             /* the checkpoint as signed */
};

/* Takes the export as it comes. */
struct export_sink {
	enum err (*write)(void *self, struct str bytes);
	void *self;
};

/* The format of that name, or false. */
bool export_format_named(struct str name, enum export_format *ret);
const char *export_format_name(enum export_format format);
/* Does a file in this format say by itself where it came from? */
bool export_format_tells(enum export_format format);

/*
 * Texts of the report live in the arena. ERR_TAMPERED: the entries do not lead to the signed root;
 * what was written then is no export. The sink's errors.
 */
enum err export_run(struct space *s, const struct export_options *options,
		    const struct export_sink *sink, struct arena *a, struct export_report *ret,
		    struct note *n) NODISCARD;

#endif
