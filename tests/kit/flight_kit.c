/* flight_kit: the schema and the hashes of flight_recorder.py, written with SQLite. */
#include "tests/kit/flight_kit.h"

#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>
#include <sqlite3.h>

#include "engine/crypto/crypto.h"

#define HEX 65

/* The last column came later, by ALTER TABLE, as in databases that were migrated. */
static const char schema[] =
	"CREATE TABLE IF NOT EXISTS audit_log (id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
	"  trace_id TEXT UNIQUE NOT NULL, timestamp TEXT NOT NULL, agent_id TEXT NOT NULL,\n"
	"  tool_name TEXT NOT NULL, tool_args TEXT, input_prompt TEXT,\n"
	"  policy_verdict TEXT NOT NULL, violation_reason TEXT, result TEXT,\n"
	"  execution_time_ms REAL, metadata TEXT, entry_hash TEXT, previous_hash TEXT);"
	"ALTER TABLE audit_log ADD COLUMN content_hash TEXT;"
	"CREATE INDEX idx_agent_id ON audit_log(agent_id);";
static const char insert[] =
	"INSERT INTO audit_log (trace_id, timestamp, agent_id, tool_name, tool_args, input_prompt,"
	" policy_verdict, violation_reason, result, execution_time_ms, entry_hash, previous_hash,"
	" content_hash) VALUES (?,?,?,'look',?,'find it',?,?,?,?,?,?,?)";

static void hash(const char *text, char hex[HEX])
{
	struct digest d = sha256(str_view(text));

	for (size_t i = 0; i < DIGEST_BYTES; i++)
		(void)sprintf(hex + 2 * i, "%02x", d.bytes[i]);
}

static void bind(sqlite3_stmt *s, int at, const char *text)
{
	cr_assert_eq(text ? sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT)
			  : sqlite3_bind_null(s, at), SQLITE_OK);
}

static const char *or_none(const char *text)
{
	return text ? text : "None";
}

static void add_row(sqlite3_stmt *s, unsigned i, size_t pad, char previous[HEX])
{
	static const char *const verdicts[] = { "allowed", "blocked", "error", "pending" };
	const char *reason = i % 4 == 1 ? "no" : NULL, *result = i % 4 == 0 ? "ok" : NULL;
	const char *ms = i % 4 == 0 ? "1.5" : i % 4 == 2 ? "5" : "None";
	char trace[32], time[64], agent[32], entry[HEX], content[HEX];
	char *args = malloc(pad + 64), *text = malloc(pad + 1024);
	int len;

	cr_assert(args && text);
	(void)sprintf(trace, "t%u", i);
	(void)sprintf(time, "2026-01-02T03:04:%02u.678901+00:00", i % 60);
	(void)sprintf(agent, "agent-%u", i % 3);
	len = sprintf(args, "{\"q\": %u, \"x\": \"", i);
	memset(args + len, 'y', pad);
	(void)strcpy(args + (size_t)len + pad, "\"}");
	(void)sprintf(text, "%s:%s:%s:%s:look:%s:pending", i ? previous : "genesis", trace, time,
		      agent, i % 4 ? args : "None");
	hash(text, entry);
	(void)sprintf(text, "%s:%s:%s:look:%s:%s:%s:%s:%s", trace, time, agent,
		      i % 4 ? args : "None", verdicts[i % 4], or_none(reason), or_none(result), ms);
	hash(text, content);
	bind(s, 1, trace);
	bind(s, 2, time);
	bind(s, 3, agent);
	bind(s, 4, i % 4 ? args : NULL);
	bind(s, 5, verdicts[i % 4]);
	bind(s, 6, reason);
	bind(s, 7, result);
	cr_assert_eq(*ms == 'N' ? sqlite3_bind_null(s, 8) : sqlite3_bind_double(s, 8, atof(ms)),
		     SQLITE_OK);
	bind(s, 9, entry);
	bind(s, 10, i ? previous : NULL);
	bind(s, 11, content);
	cr_assert_eq(sqlite3_step(s), SQLITE_DONE);
	cr_assert_eq(sqlite3_reset(s), SQLITE_OK);
	memcpy(previous, entry, HEX);
	free(text);
	free(args);
}

/* Rows [from, end) of a chain whose last hash is `previous`. */
static void add_rows(sqlite3 *db, unsigned from, unsigned end, size_t pad, char previous[HEX])
{
	sqlite3_stmt *s;

	cr_assert_eq(sqlite3_prepare_v2(db, insert, -1, &s, NULL), SQLITE_OK);
	for (unsigned i = from; i < end; i++)
		add_row(s, i, pad, previous);
	(void)sqlite3_finalize(s);
}

static void run(sqlite3 *db, const char *sql)
{
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
}

struct str flight_kit_make(unsigned rows, size_t pad, unsigned page_bytes, const char *edit,
			   struct arena *a)
{
	char previous[HEX] = "", pages[64];
	sqlite3_int64 size = 0;
	unsigned char *bytes;
	struct str copy;
	sqlite3 *db;

	cr_assert_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	(void)sprintf(pages, "PRAGMA page_size=%u", page_bytes);
	run(db, pages);
	run(db, schema);
	add_rows(db, 0, rows, pad, previous);
	if (edit)
		run(db, edit);
	bytes = sqlite3_serialize(db, "main", &size, 0);
	cr_assert_not_null(bytes);
	cr_assert_eq(arena_copy(a, str_slice(bytes, (size_t)size), &copy), OK);
	sqlite3_free(bytes);
	(void)sqlite3_close(db);
	return copy;
}

static struct str take(const char *path, struct arena *a)
{
	struct str bytes;
	FILE *f = fopen(path, "rb");
	char *room;
	long size;

	cr_assert(f && fseek(f, 0, SEEK_END) == 0);
	size = ftell(f);
	room = arena_alloc(a, (size_t)size + 1);
	cr_assert(size >= 0 && room && fseek(f, 0, SEEK_SET) == 0);
	cr_assert_eq(fread(room, 1, (size_t)size, f), (size_t)size);
	bytes = str_slice(room, (size_t)size);
	cr_assert_eq(fclose(f), 0);
	return bytes;
}

struct str flight_kit_make_wal(unsigned before, unsigned rows, struct str *wal, struct arena *a)
{
	char folder[] = "/tmp/flight-XXXXXX", path[64], log[64], previous[HEX] = "";
	struct str bytes;
	sqlite3 *db;

	cr_assert_not_null(mkdtemp(folder));
	(void)sprintf(path, "%s/db", folder);
	(void)sprintf(log, "%s/db-wal", folder);
	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	run(db, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0");
	run(db, schema);
	add_rows(db, 0, before, 0, previous);
	run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
	add_rows(db, before, rows, 0, previous);
	bytes = take(path, a);
	*wal = take(log, a);
	(void)sqlite3_close(db);
	(void)remove(path);
	(void)remove(folder);
	return bytes;
}
