/*
 * sql: the doorman of SQLite, and the file system that SQLite sees.
 *
 *   SQLite  --- pages of 4096 bytes --->  one file of the world
 *                 [ content ........... | checksum, 8 bytes ]
 *
 * SQLite leaves the end of each page alone when it is told to. The checksum goes there on the way
 * out and is compared on the way in. It runs over words, each step a bijection, so a change within
 * any one word is always seen; against somebody who computes it anew it does not help. What is told
 * comes from the log's own lines; only that none is missing rests on this file.
 *
 * SQLite is never told a path, since a path may be a URI to it, and may open nothing but the one
 * file: there is no journal, and what it sorts it sorts in memory.
 *
 * A database of others has no checksums, and may lie beside a journal or a write-ahead log, which
 * are then read as well. What it may cost is bounded by its own size: rows may share what is long
 * in them, so that a small file says a lot.
 *
 * Source: sqlite.org/c3ref/vfs.html, sqlite.org/wal.html (section 9), sqlite.org/security.html.
 */
#include "engine/sql/sql.h"

#include <stdio.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "engine/base/limits.h"
#include "engine/base/little.h"
#include "engine/base/sum.h"

#define PAGE 4096
#define SUM 8                        /* bytes of it that SQLite leaves alone */
#define STEPS_BETWEEN (1 << 16)
#define STEPS_MAX (1u << 9)          /* times STEPS_BETWEEN: what a damaged file may cost */
#define FOREIGN_STEPS_MAX (1u << 4)  /* the same, of the schema and of each row */
#define FOREIGN_COST 8               /* times the size of the files: bytes read, and given away */
#define FOREIGN_COST_MIN (1u << 20)
#define FOREIGN_COLUMNS 256
#define FOREIGN_SCHEMA_BYTES (1 << 16)
#define FOREIGN_DEPTH 64

enum part { MAIN, JOURNAL, WAL, PARTS };
static const char *const suffixes[PARTS] = { "", "-journal", "-wal" };

struct sql {
	sqlite3_vfs vfs;
	char name[32];
	struct world *world;
	const char *path;
	enum sql_mode mode;
	uint64_t salt;
	int fds[PARTS];
	sqlite3 *db;
	enum err failed;             /* of the world, or of a checksum: SQLite says less */
	unsigned steps;
	uint64_t budget;             /* bytes that a database of others may still cost */
	unsigned char page[PAGE];
};

struct sql_query {
	struct sql *sql;
	sqlite3_stmt *stmt;
};

struct file {
	sqlite3_file base;
	struct sql *sql;
	enum part part;
};

static uint64_t checksum(const struct sql *s, const unsigned char *page, uint64_t number)
{
	return sum64(s->salt ^ (number + 1) * UINT64_C(0x9E3779B97F4A7C15), page, PAGE - SUM);
}

/* False when it asks for more than files of its size have to tell. */
static bool spend(struct sql *s, uint64_t bytes)
{
	if (s->mode != SQL_FOREIGN)
		return true;
	if (bytes > s->budget)
		return false;
	s->budget -= bytes;
	return true;
}

/* --- the file, as SQLite calls for it --- */

static struct sql *owner(sqlite3_file *f)
{
	return ((struct file *)f)->sql;
}

static int *fd_of(sqlite3_file *f)
{
	return &owner(f)->fds[((struct file *)f)->part];
}

static int fail(struct sql *s, enum err e, int code)
{
	if (s->failed == OK)
		s->failed = e;
	return code;
}

static int file_close(sqlite3_file *f)
{
	struct sql *s = owner(f);
	enum err e = OK;

	if (*fd_of(f) >= 0)
		e = world_close(s->world, *fd_of(f));
	*fd_of(f) = -1;
	return e == OK ? SQLITE_OK : fail(s, e, SQLITE_IOERR_CLOSE);
}

/*
 * What lies behind the end is zeros: asked for of a database in the making, and of others, which
 * SQLite then judges. But it would take a page that was cut in two for a whole one.
 */
static int file_read(sqlite3_file *f, void *buf, int len, sqlite3_int64 at)
{
	struct sql *s = owner(f);
	size_t got = 0;
	enum err e = spend(s, (uint64_t)len) ? OK : ERR_TAMPERED;

	if (e == OK && *fd_of(f) >= 0)
		e = world_read_at(s->world, *fd_of(f), (uint64_t)at, buf, (size_t)len, &got);
	if (e != OK)
		return fail(s, e, SQLITE_IOERR_READ);
	if (got < (size_t)len) {
		bool cut = ((struct file *)f)->part == MAIN && at > 0 && got > 0;

		memset((char *)buf + got, 0, (size_t)len - got);
		return cut || s->mode == SQL_READ ? fail(s, ERR_TAMPERED, SQLITE_IOERR_READ)
						  : SQLITE_IOERR_SHORT_READ;
	}
	if (s->mode != SQL_FOREIGN && len == PAGE &&
	    checksum(s, buf, (uint64_t)at / PAGE) !=
		    little_get64((unsigned char *)buf + PAGE - SUM))
		return fail(s, ERR_TAMPERED, SQLITE_IOERR_READ);
	return SQLITE_OK;
}

static int file_write(sqlite3_file *f, const void *buf, int len, sqlite3_int64 at)
{
	struct sql *s = owner(f);
	enum err e;

	MUST(s->mode == SQL_MAKE && len == PAGE && at % PAGE == 0);
	memcpy(s->page, buf, PAGE - SUM);
	little_put64(s->page + PAGE - SUM, checksum(s, s->page, (uint64_t)at / PAGE));
	e = world_write_at(s->world, *fd_of(f), (uint64_t)at, s->page, PAGE);
	return e == OK ? SQLITE_OK : fail(s, e, SQLITE_IOERR_WRITE);
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	enum err e = world_truncate(owner(f)->world, *fd_of(f), (uint64_t)size);

	return e == OK ? SQLITE_OK : fail(owner(f), e, SQLITE_IOERR_TRUNCATE);
}

static int file_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	uint64_t size = 0;
	enum err e = OK;

	if (*fd_of(f) >= 0)
		e = world_size(owner(f)->world, *fd_of(f), &size);
	*ret = (sqlite3_int64)size;
	return e == OK ? SQLITE_OK : fail(owner(f), e, SQLITE_IOERR_FSTAT);
}

/* sql_sync is what makes it durable, once. */
static int file_sync(sqlite3_file *f, int how)
{
	(void)f;
	(void)how;
	return SQLITE_OK;
}

/* A file that is there is not written any more, and one in the making is not known to others. */
static int file_lock(sqlite3_file *f, int how)
{
	(void)f;
	(void)how;
	return SQLITE_OK;
}

static int file_is_locked(sqlite3_file *f, int *ret)
{
	(void)f;
	*ret = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *f, int what, void *value)
{
	(void)f;
	(void)what;
	(void)value;
	return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *f)
{
	(void)f;
	return PAGE;
}

static int file_nature(sqlite3_file *f)
{
	return owner(f)->mode == SQL_READ ? SQLITE_IOCAP_IMMUTABLE : 0;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_lock,
	.xCheckReservedLock = file_is_locked,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_nature,
};

/* --- the file system --- */

static enum err open_part(struct sql *s, enum part part)
{
	char path[LIMIT_PATH_BYTES];
	uint64_t size = 0;
	int len = snprintf(path, sizeof(path), "%s%s", s->path, suffixes[part]);
	enum err e;

	if (len < 0 || (size_t)len >= sizeof(path))
		return ERR_LIMIT;
	e = world_open(s->world, path, s->mode == SQL_MAKE ? WORLD_CREATE_NEW : WORLD_READ,
		       &s->fds[part]);
	/* In WAL mode SQLite wants a log, be it empty. */
	if (e == ERR_NOT_FOUND && part == WAL)
		return OK;
	TRY(e);
	TRY(world_size(s->world, s->fds[part], &size));
	s->budget += size * FOREIGN_COST;
	return OK;
}

static int vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *got)
{
	struct sql *s = v->pAppData;
	enum part part = flags & SQLITE_OPEN_MAIN_DB ? MAIN :
			 flags & SQLITE_OPEN_MAIN_JOURNAL ? JOURNAL :
			 flags & SQLITE_OPEN_WAL ? WAL : PARTS;
	enum err e;

	(void)name;
	f->pMethods = NULL;
	if (part == PARTS || (part != MAIN && s->mode != SQL_FOREIGN) || s->fds[part] >= 0)
		return SQLITE_CANTOPEN;
	((struct file *)f)->sql = s;
	((struct file *)f)->part = part;
	e = open_part(s, part);
	if (e != OK) {
		(void)file_close(f);
		return fail(s, e, SQLITE_CANTOPEN);
	}
	f->pMethods = &methods;
	if (got)
		*got = s->mode == SQL_FOREIGN
			       ? (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) |
					 SQLITE_OPEN_READONLY
			       : flags;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *v, const char *name, int sync)
{
	(void)v;
	(void)name;
	(void)sync;
	return SQLITE_OK;
}

/* Asked of what lies beside a database; beside ours there is nothing. */
static int vfs_access(sqlite3_vfs *v, const char *name, int flags, int *ret)
{
	enum world_kind kind = WORLD_NOTHING;
	struct sql *s = v->pAppData;
	char path[LIMIT_PATH_BYTES];
	enum err e = OK;

	(void)flags;
	for (size_t part = JOURNAL; part < PARTS && s->mode == SQL_FOREIGN; part++)
		if (str_ends(str_view(name), str_view(suffixes[part]))) {
			(void)snprintf(path, sizeof(path), "%s%s", s->path, suffixes[part]);
			e = world_kind(s->world, path, &kind);
		}
	*ret = kind != WORLD_NOTHING;
	return e == OK ? SQLITE_OK : fail(s, e, SQLITE_IOERR_ACCESS);
}

static int vfs_full(sqlite3_vfs *v, const char *name, int room, char *ret)
{
	(void)v;
	(void)snprintf(ret, (size_t)room, "%s", name);
	return SQLITE_OK;
}

/* Nothing here depends on chance or time. */
static int vfs_random(sqlite3_vfs *v, int len, char *ret)
{
	(void)v;
	memset(ret, 0, (size_t)len);
	return len;
}

static int vfs_sleep(sqlite3_vfs *v, int us)
{
	(void)v;
	return us;
}

static int vfs_time(sqlite3_vfs *v, double *ret)
{
	(void)v;
	*ret = 0;
	return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *v, int room, char *ret)
{
	(void)v;
	if (room > 0)
		*ret = '\0';
	return 0;
}

static void make_vfs(struct sql *s)
{
	(void)snprintf(s->name, sizeof(s->name), "trammel-%p", (void *)s);
	s->vfs = (sqlite3_vfs){
		.iVersion = 1,
		.szOsFile = sizeof(struct file),
		.mxPathname = 64,
		.zName = s->name,
		.pAppData = s,
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_full,
		.xRandomness = vfs_random,
		.xSleep = vfs_sleep,
		.xCurrentTime = vfs_time,
		.xGetLastError = vfs_last_error,
	};
}

/* --- databases --- */

static enum err foreign_outcome(int code)
{
	switch (code & 0xFF) {
	case SQLITE_NOTADB:
		return ERR_TYPE;
	case SQLITE_TOOBIG:
		return ERR_LIMIT;
	case SQLITE_READONLY:        /* it had to be mended first */
		return ERR_TRUNCATED;
	default:
		return ERR_TAMPERED;
	}
}

static enum err outcome(struct sql *s, int code)
{
	enum err e = s->failed;

	if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
		return OK;
	if (e != OK)
		return e;
	switch (code & 0xFF) {
	case SQLITE_NOMEM:
		return ERR_MEMORY;
	case SQLITE_FULL:
		return ERR_NOSPACE;
	default:
		return s->mode == SQL_FOREIGN ? foreign_outcome(code) : ERR_TAMPERED;
	}
}

/* A damaged file may send SQLite round in circles. */
static int count_steps(void *self)
{
	struct sql *s = self;

	return s->mode != SQL_MAKE &&
	       ++s->steps > (s->mode == SQL_READ ? STEPS_MAX : FOREIGN_STEPS_MAX);
}

enum err sql_do(struct sql *s, const char *text)
{
	return outcome(s, sqlite3_exec(s->db, text, NULL, NULL, NULL));
}

/* Is the file what the schema makes, and nothing else? */
static enum err compare_schema(struct sql *s, const char *schema)
{
	struct sql_query *q;
	bool row = true;
	struct buf b;
	enum err e;

	TRY(sql_prepare(s, STR("SELECT sql FROM sqlite_schema ORDER BY rowid"), &q));
	buf_init(&b, 1u << 16);
	while ((e = sql_step(q, &row)) == OK && row) {
		buf_add_c(&b, b.len ? ";" : "");
		buf_add(&b, sql_bytes(q, 0));
	}
	if (e == OK && b.err == ERR_MEMORY)
		e = ERR_MEMORY;
	if (e == OK && (b.err != OK || !str_is(buf_view(&b), schema)))
		e = ERR_TAMPERED;
	buf_fini(&b);
	sql_finish(q);
	return e;
}

/*
 * Before anything is read: the lock spares the shared memory that a log is else read through, and
 * without modules no table is made by code.
 */
static enum err set_up_foreign(struct sql *s)
{
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)sqlite3_drop_modules(s->db, NULL);
	(void)sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, LIMIT_LINE_BYTES);
	(void)sqlite3_limit(s->db, SQLITE_LIMIT_SQL_LENGTH, FOREIGN_SCHEMA_BYTES);
	(void)sqlite3_limit(s->db, SQLITE_LIMIT_COLUMN, FOREIGN_COLUMNS);
	(void)sqlite3_limit(s->db, SQLITE_LIMIT_EXPR_DEPTH, FOREIGN_DEPTH);
	(void)sqlite3_limit(s->db, SQLITE_LIMIT_COMPOUND_SELECT, FOREIGN_DEPTH);
	/* Pages that are not kept are read again, and then they count. */
	return sql_do(s, "PRAGMA cache_size=16");
}

static enum err set_up(struct sql *s, const char *schema)
{
	int room = SUM, made = s->mode == SQL_MAKE;

	/* Defensive, SQLite insists on a journal. */
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, !made, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	(void)sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_progress_handler(s->db, STEPS_BETWEEN, count_steps, s);
	TRY(sql_do(s, "PRAGMA temp_store=MEMORY; PRAGMA locking_mode=EXCLUSIVE; "
		      "PRAGMA mmap_size=0; PRAGMA cell_size_check=ON"));
	if (s->mode == SQL_FOREIGN)
		return set_up_foreign(s);
	TRY(sql_do(s, "PRAGMA cache_size=-16384"));
	if (!made)
		return compare_schema(s, schema);
	TRY(sql_do(s, "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF"));
	TRY(outcome(s, sqlite3_file_control(s->db, NULL, SQLITE_FCNTL_RESERVE_BYTES, &room)));
	return sql_do(s, schema);
}

enum err sql_open(struct world *w, const char *path, enum sql_mode mode, uint64_t salt,
		  const char *schema, struct sql **ret)
{
	int flags = SQLITE_OPEN_NOMUTEX | (mode == SQL_MAKE ? SQLITE_OPEN_READWRITE |
								      SQLITE_OPEN_CREATE
							    : SQLITE_OPEN_READONLY);
	struct sql *s = calloc(1, sizeof(*s));
	enum err e;

	if (!s)
		return ERR_MEMORY;
	*s = (struct sql){ .world = w, .path = path, .mode = mode, .salt = salt,
			   .fds = { -1, -1, -1 }, .budget = FOREIGN_COST_MIN };
	make_vfs(s);
	e = outcome(s, sqlite3_vfs_register(&s->vfs, 0));
	if (e == OK)
		e = outcome(s, sqlite3_open_v2("main", &s->db, flags, s->name));
	if (e == OK)
		e = set_up(s, schema);
	if (e != OK) {
		sql_close(s);
		return e;
	}
	*ret = s;
	return OK;
}

void sql_close(struct sql *s)
{
	if (!s)
		return;
	(void)sqlite3_close(s->db);
	(void)sqlite3_vfs_unregister(&s->vfs);
	free(s);
}

enum err sql_sync(struct sql *s)
{
	return world_sync(s->world, s->fds[MAIN]);
}

enum err sql_prepare(struct sql *s, struct str text, struct sql_query **ret)
{
	struct sql_query *q = malloc(sizeof(*q));
	enum err e;

	if (!q)
		return ERR_MEMORY;
	q->sql = s;
	e = outcome(s, sqlite3_prepare_v2(s->db, text.ptr, (int)text.len, &q->stmt, NULL));
	if (e != OK) {
		free(q);
		return e;
	}
	*ret = q;
	return OK;
}

void sql_finish(struct sql_query *q)
{
	if (q)
		(void)sqlite3_finalize(q->stmt);
	free(q);
}

enum err sql_put_int(struct sql_query *q, int place, int64_t value)
{
	return outcome(q->sql, sqlite3_bind_int64(q->stmt, place, value));
}

enum err sql_put_bytes(struct sql_query *q, int place, struct str bytes)
{
	if (!bytes.ptr)
		return outcome(q->sql, sqlite3_bind_null(q->stmt, place));
	return outcome(q->sql, sqlite3_bind_blob(q->stmt, place, bytes.ptr, (int)bytes.len,
						 SQLITE_STATIC));
}

enum err sql_put_text(struct sql_query *q, int place, struct str text)
{
	return outcome(q->sql, sqlite3_bind_text(q->stmt, place, text.ptr, (int)text.len,
						 SQLITE_STATIC));
}

enum err sql_step(struct sql_query *q, bool *row)
{
	int code = sqlite3_step(q->stmt);

	*row = code == SQLITE_ROW;
	if (*row && q->sql->mode == SQL_FOREIGN)
		q->sql->steps = 0;
	return outcome(q->sql, code);
}

enum err sql_reset(struct sql_query *q)
{
	return outcome(q->sql, sqlite3_reset(q->stmt));
}

int64_t sql_int(struct sql_query *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

struct str sql_bytes(struct sql_query *q, int column)
{
	const void *bytes = sqlite3_column_blob(q->stmt, column);

	return str_slice(bytes ? bytes : "", (size_t)sqlite3_column_bytes(q->stmt, column));
}

enum err sql_cell(struct sql_query *q, int column, struct sql_cell *ret)
{
	static const enum cell_kind kinds[] = {
		[SQLITE_INTEGER] = CELL_INT, [SQLITE_FLOAT] = CELL_REAL, [SQLITE_TEXT] = CELL_TEXT,
		[SQLITE_BLOB] = CELL_BLOB, [SQLITE_NULL] = CELL_NULL,
	};
	struct sql_cell c = { .kind = kinds[sqlite3_column_type(q->stmt, column)] };

	if (c.kind == CELL_INT)
		c.integer = sqlite3_column_int64(q->stmt, column);
	if (c.kind == CELL_REAL)
		c.real = sqlite3_column_double(q->stmt, column);
	if (c.kind == CELL_BLOB)
		c.bytes = sql_bytes(q, column);
	if (c.kind == CELL_TEXT) {
		const void *text = sqlite3_column_text(q->stmt, column);

		if (!text)
			return ERR_MEMORY;
		c.bytes = str_slice(text, (size_t)sqlite3_column_bytes(q->stmt, column));
	}
	if (!spend(q->sql, c.bytes.len))
		return ERR_TAMPERED;
	*ret = c;
	return OK;
}
