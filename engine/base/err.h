/*
 * err: the one list of ways in which trammel can fail to do its work.
 *
 * A denial is not an error. `enum err` says that trammel could not do what it was asked; a verdict
 * says what an agent may do. The gate turns every error below it into a recorded denial that names
 * the stage.
 *
 * One row per code: name, exit status of the program, HTTP status, sentence. Exit statuses are a
 * contract:
 *   0 yes; 1 a negative verdict; 2 usage; 3 could not be decided; 4 evidence tampered; 5 input
 *   missing or malformed; 6 a replay asked what the recording does not hold; 7 a limit was hit.
 */
#ifndef TRAMMEL_BASE_ERR_H
#define TRAMMEL_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ERR_LIST(X)                                                                              \
	X(OK,            0, 200, "success")                                                      \
	X(ERR_DENIED,    1, 403, "the action is denied")                                         \
	X(ERR_DIVERGED,  1, 409, "the replay does not agree with the recording")                 \
	X(ERR_USAGE,     2, 400, "the command line is not understood")                           \
	X(ERR_IO,        3, 500, "the system refused to read or write")                          \
	X(ERR_ACCESS,    3, 500, "permission denied")                                            \
	X(ERR_NOSPACE,   3, 507, "no space is left on the device")                               \
	X(ERR_LOCKED,    3, 423, "another process is writing to this workspace")                 \
	X(ERR_UNSIGNED,  3, 409, "entries follow the signed checkpoint")                         \
	X(ERR_CRYPTO,    3, 500, "the cryptographic library refused")                            \
	X(ERR_UNSUPPORTED, 3, 501, "this build of trammel lacks the library for that")           \
	X(ERR_CLOSED,    3, 503, "an earlier failure closed this object; open it again")         \
	X(ERR_TAMPERED,  4, 422, "the evidence was changed after it was written")                \
	X(ERR_SIGNATURE, 4, 422, "a signature does not verify")                                  \
	X(ERR_PROOF,     4, 422, "the proof does not prove what it claims")                      \
	X(ERR_NOT_FOUND, 5, 404, "there is no such thing")                                       \
	X(ERR_EXISTS,    5, 409, "it exists already")                                            \
	X(ERR_SYNTAX,    5, 400, "the text does not follow its grammar")                         \
	X(ERR_ENCODING,  5, 400, "the text is not valid UTF-8")                                  \
	X(ERR_DUPLICATE, 5, 400, "a name is given twice")                                        \
	X(ERR_UNKNOWN,   5, 400, "the name is not known here")                                   \
	X(ERR_TYPE,      5, 400, "the value has the wrong type")                                 \
	X(ERR_RANGE,     5, 400, "the value is outside its range")                               \
	X(ERR_VERSION,   5, 400, "the format version is not supported")                          \
	X(ERR_TRUNCATED, 5, 400, "the input ends too early")                                     \
	X(ERR_MISS,      6, 404, "the recording does not hold this answer")                      \
	X(ERR_LIMIT,     7, 413, "a limit was reached")                                          \
	X(ERR_MEMORY,    7, 503, "no memory is left within the limit")

enum err {
#define ERR_ENUM(name, exit_status, http, text) name,
	ERR_LIST(ERR_ENUM)
#undef ERR_ENUM
	ERR_COUNT
};

#if defined(__GNUC__) || defined(__clang__)
#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#else
#error "trammel is built with gcc or clang"
#endif

/* The sentence, the identifier ("ERR_TYPE"), the exit status and the HTTP status of a code. */
const char *err_text(enum err e);
const char *err_name(enum err e);
int err_exit(enum err e);
int err_http(enum err e);

/* Leave at once with the error of `expr`. Only where the function owns nothing. */
#define TRY(expr)                                                                                \
	do {                                                                                     \
		enum err try_err_ = (expr);                                                      \
		if (try_err_ != OK)                                                              \
			return try_err_;                                                         \
	} while (0)

/*
 * The place and the story of one finding: which file, where in it, what was found, what was
 * expected, what to do. line and column count from 1; 0 means "not known". The text may repeat
 * hostile bytes: control characters and what is not UTF-8 become '?', and what does not fit is cut
 * between characters. A note starts as { 0 }.
 */
#define NOTE_FILE_BYTES 256
#define NOTE_TEXT_BYTES 512
struct note {
	char file[NOTE_FILE_BYTES];
	uint32_t line, column;
	char text[NOTE_TEXT_BYTES];
};

/*
 * Fill the note (NULL is allowed: the story is dropped) and return `e`, so that callers can
 * `return note_set(...)`.
 */
enum err note_set(struct note *n, enum err e, uint32_t line, uint32_t column, const char *fmt,
		  ...) PRINTF_LIKE(5, 6);

/* Name the file of a note that has none yet. */
void note_file(struct note *n, const char *file);

/*
 * Own mistakes: checked in every build, because a governed system that runs on corrupted state may
 * allow.
 */
#define MUST(cond) ((cond) ? (void)0 : must_fail(#cond, __FILE__, __LINE__))
NORETURN void must_fail(const char *cond, const char *file, int line);

#endif
