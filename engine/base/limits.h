/*
 * limits: every bound of trammel on one page. A bound that is hit is an error with exit status 7
 * (or, inside the gate, a denial), never a crash and never a silent cut.
 */
#ifndef TRAMMEL_BASE_LIMITS_H
#define TRAMMEL_BASE_LIMITS_H

#include <stdint.h>

/* Documents */
#define LIMIT_DEPTH 64                        /* nesting of JSON and YAML */
#define LIMIT_TREE_DEPTH (2 * LIMIT_DEPTH)    /* of a tree built around what was read */
#define LIMIT_LINE_BYTES (16u << 20)          /* one JSON document, one run of an import */
#define LIMIT_YAML_BYTES (1u << 20)           /* one policy file, trammel.yaml */
#define LIMIT_NODES (1u << 20)                /* values in one document */

/* Conditions and patterns */
#define LIMIT_CONDITION_BYTES 8192
#define LIMIT_EXPR_DEPTH 64
#define LIMIT_EXPR_NODES 1024
#define LIMIT_CEDAR_BYTES (16u << 20)          /* one text of policies, one schema */
#define LIMIT_CEDAR_POLICIES 16384            /* of one set, templates and links included */
#define LIMIT_CEDAR_ANNOTATIONS 256           /* of one policy, one place of a schema */
#define LIMIT_CEDAR_NODES (1u << 20)          /* expressions of one policy set */
#define LIMIT_CEDAR_DEPTH 256                 /* of one expression */
#define LIMIT_CEDAR_STEPS (1u << 27)          /* of validating one set, of closing a hierarchy */
#define LIMIT_DECISION_WORK (UINT64_C(1) << 28)   /* bytes, members, visits one decision looks at */
#define LIMIT_REGEX_STATES 1024
#define LIMIT_REGEX_BYTES 1024

/* Bundles */
#define LIMIT_POLICY_FILES 256
#define LIMIT_RULES 10000
#define LIMIT_QUOTAS 1024                     /* quotas and budgets of one bundle */
#define LIMIT_CAPABILITY_RULES 1024           /* of one policy */
#define LIMIT_EXTENDS_DEPTH 16                /* documents that extend each other in a row */
#define LIMIT_EDITS_BYTES 8192u               /* what one rule transforms, canonical */
#define LIMIT_PATHS (1u << 16)                 /* paths that one bundle's conditions mention */
#define LIMIT_BUNDLE_BYTES (16u << 20)
#define LIMIT_BUNDLE_MEMORY (256u << 20)      /* one bundle, compiled */
#define LIMIT_CASES 10000                     /* of one fixture */

/* Sequences: what one bundle watches in sessions, as much as a row of a session's history holds */
#define LIMIT_EVENTS 12                       /* declared; the built-in one not counted */
#define LIMIT_LABELS 8
#define LIMIT_WINDOWS 4                       /* different count(... within ...) */
#define LIMIT_LOOKBACKS 64                    /* different questions about the past */
#define LIMIT_KEYS 32                         /* values of keyed events told apart in a session */
#define LIMIT_EVENT_NAME_BYTES 64             /* of a label, too */
#define LIMIT_LOOKBACK_BYTES 512              /* the text of one question */

/* Actions */
#define LIMIT_ACTION_BYTES (1u << 20)         /* one action document */
#define LIMIT_NAME_BYTES 128                  /* agent, tool, session, trace: ids in rows */
#define LIMIT_ATTRS_BYTES (16u << 10)         /* further members of an action, canonical */
#define LIMIT_RESOURCE_BYTES 1024
#define LIMIT_ACTION_MEMORY (64u << 20)       /* arena of one decision */
#define LIMIT_COMMAND_BYTES 16384u            /* a text of commands, as a shell gets it */
#define LIMIT_COMMAND_DEPTH 16                /* commands that run others in a row */
#define LIMIT_PATH_ANSWERS 16                 /* folders one action's paths are followed below */
#define LIMIT_PROGRAM_ANSWERS 48              /* places where one action's programs are sought */
#define LIMIT_PATH_ANSWER_BYTES 6144u         /* what is said of them, before the last */
#define LIMIT_KILLS 16                        /* items of kill_on in one policy */
#define LIMIT_ELEVATION_NS INT64_C(3600000000000) /* an agent in a ring not its own: an hour */
#define LIMIT_SAGA_STEPS 32                   /* of one saga */
#define LIMIT_SAGA_RESOURCE_BYTES 192         /* of a step: it lies in a row with five names */
#define LIMIT_SAGA_RETRIES 100
#define LIMIT_SAGA_SPAN_NS INT64_C(31622400000000000) /* a timeout, delay or window: 366 days */
#define LIMIT_CAPABILITIES 32                 /* items of one set */
#define LIMIT_CAPABILITY_BYTES 512            /* the text of one set */
#define LIMIT_CAPABILITY_SEGMENTS 16          /* parts of one item */
#define LIMIT_PARTICIPANTS 1000               /* of one opened session, ever */
#define LIMIT_SESSION_NS INT64_C(604800000000000) /* an opened session lasts: a week */
#define LIMIT_SESSION_DEPTH 8                 /* sessions, or participants, below each other */
#define LIMIT_DELEGATIONS 8                   /* that one agent has at a time */
#define LIMIT_DELEGATION_DEPTH 10             /* links from an agent to the root of its authority */
#define LIMIT_DELEGATION_NS INT64_C(31622400000000000)  /* how long one may last: 366 days */
#define LIMIT_CREDENTIAL_BYTES 256            /* a secret as it is sent */
#define LIMIT_CREDENTIAL_NS INT64_C(86400000000000)     /* how long one may last: a day */
#define LIMIT_OUTCOME_ENTRIES (1u << 22)      /* between an action and its outcome */
#define LIMIT_AHEAD_NS INT64_C(300000000000)  /* an action's time off the clock: five minutes */
#define LIMIT_BODY_BYTES (16u << 20)          /* one blob */
#define LIMIT_REDACTED_BYTES (64u << 20)      /* one that lost values, so has a salt for each */

/* Masking */
#define LIMIT_MASK_KIND_BYTES 24              /* what a kind of secret is called */
#define LIMIT_MASK_ITEMS 64                   /* names, patterns, exemptions of one workspace */
#define LIMIT_MASK_FOUND 32                   /* secrets of one entry that are told with place */
#define LIMIT_MASK_FOUND_BYTES 4096u          /* all these places together */
#define LIMIT_MASK_PLACE_BYTES 256u           /* one of them */

/* Identities */
#define LIMIT_KEY_BYTES (64u << 10)           /* a file with a key of ours, or a set of them */
#define LIMIT_TOKEN_BYTES 16384u              /* one JSON Web Token */
#define LIMIT_TOKEN_LIFE_NS INT64_C(86400000000000) /* of tokens made here: a day */
#define LIMIT_TOKEN_USES 65536u               /* remembered at a time: 3 MiB of rows */
#define LIMIT_TOKEN_SKEW_NS INT64_C(300000000000) /* between two clocks: five minutes */
#define LIMIT_CHALLENGES 64                   /* that wait for an answer */
#define LIMIT_CHALLENGE_NS INT64_C(300000000000) /* until it must be there: five minutes */
#define LIMIT_MEETING_NS INT64_C(900000000000) /* what a handshake found: a quarter of an hour */
#define LIMIT_JWKS_BYTES (1u << 20)           /* keys or certificates of those who are believed */
#define LIMIT_JWKS_KEYS 1024
#define LIMIT_CHAIN_BYTES (64u << 10)         /* a certificate and those above it */
#define LIMIT_CHAIN_CERTS 8

/* Evidence */
#define LIMIT_ENTRY_BYTES 65535               /* one entry: tlog-tiles counts in 16 bits */
#define LIMIT_REASONS_BYTES 8192              /* sentences of one decision, in its entry */
#define LIMIT_ERRORS_BYTES 8192               /* names of rules it could not decide, likewise */
#define LIMIT_ORIGIN_BYTES 128
#define LIMIT_NOTE_BYTES (64u << 10)
#define LIMIT_NOTE_SIGNATURES 64
#define LIMIT_HEADS 1024                      /* logs that a verifier or witness keeps up with */
#define LIMIT_HEADS_BYTES (16u << 20)
#define LIMIT_WITNESSES 64
#define LIMIT_LOG_KEYS 1024                   /* of one log, one behind the other */
#define LIMIT_PROOF_HASHES 64
#define LIMIT_PROOF_BYTES (256u << 10)        /* one tlog-proof file: an entry, hashes and a note */
#define LIMIT_RECORD_BYTES (1u << 20)         /* one TRACE record, with what is around it */
#define LIMIT_LINEAGE 32                      /* records above each other */
#define LIMIT_STATEMENTS 4096                 /* of one bundle of revocations */
#define LIMIT_PACK_BYTES (32u << 20)          /* likewise a pack of bodies */
#define LIMIT_PACK_RECORDS 65536u
#define LIMIT_DICTIONARY_BYTES (32u << 10)    /* of sealed segments */
#define LIMIT_QUERY_BYTES 1024                /* a pattern or a text that the log is asked for */
#define LIMIT_CENSUS_NAMES 65536u             /* names of a kind that a report tells apart */
#define LIMIT_QUERY_OUTCOMES (1u << 23)       /* that a question about outcomes looks at */
#define LIMIT_BATCH_BYTES (8u << 20)          /* entries held for one group commit */

/* State */
#define LIMIT_TABLES 32
#define LIMIT_TABLE_NAME_BYTES 32
#define LIMIT_ROW_BYTES 1024
#define LIMIT_ROWS (1u << 28)                 /* in one table */
#define LIMIT_STATE_BYTES (UINT64_C(4) << 30) /* all rows of a state with their trees */
#define LIMIT_STEP_ROWS (1u << 16)            /* rows changed or inserted in one step */
#define LIMIT_DELTA_BYTES (1u << 20)

/* Places */
#define LIMIT_PATH_BYTES 4096
#define LIMIT_FOLDER_BYTES (64u << 20)        /* names of one folder, listed */

_Static_assert(LIMIT_ACTION_BYTES <= LIMIT_LINE_BYTES, "an action fits a line");
_Static_assert(LIMIT_NAME_BYTES * 4 + LIMIT_RESOURCE_BYTES + LIMIT_ORIGIN_BYTES <
		       LIMIT_ENTRY_BYTES / 8,
	       "names leave room for the rest of an entry even when every byte is escaped");
_Static_assert(LIMIT_PROOF_BYTES >= LIMIT_ENTRY_BYTES / 3 * 4 + LIMIT_PROOF_HASHES * 64 +
	       LIMIT_NOTE_BYTES, "a proof of any entry fits a proof file");
_Static_assert(LIMIT_ACTION_MEMORY >= 16 * LIMIT_ACTION_BYTES, "an action's tree fits its arena");
#endif
