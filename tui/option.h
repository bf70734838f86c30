/* option: the options of all commands, from which parsing, help and completion come. */
#ifndef TRAMMEL_TUI_OPTION_H
#define TRAMMEL_TUI_OPTION_H

#include <stdint.h>

/* id, long name, short letter or 0, name of its value or NULL, the values if few, what it does */
#define OPTION_LIST(X)                                                                           \
	X(OPT_DIR, "dir", 'C', "DIR", "", "the workspace (default: the current folder)")         \
	X(OPT_JSON, "json", 0, NULL, "", "answer in JSON lines")                                 \
	X(OPT_HELP, "help", 'h', NULL, "", "say how a command is used")                          \
	X(OPT_ORIGIN, "origin", 0, "NAME", "", "name of the log, like example.org/agents")       \
	X(OPT_FORMAT, "format", 0, "FORMAT",                                                     \
	  "jsonl cloudevents otlp otlp-traces csv openai-chat agt-audit agt-filesink "           \
	  "agt-go agt-rust agt-dotnet agt-typescript agt-flight-recorder",                       \
	  "jsonl, cloudevents, otlp, csv, agt-audit ...")                                        \
	X(OPT_AGENT, "agent", 0, "NAME", "", "who acted")                                        \
	X(OPT_GRACE, "grace", 0, "N", "", "seconds from SIGTERM to SIGKILL (default: 5)")        \
	X(OPT_KEY_FILE, "key-file", 0, "FILE", "", "HMAC key of an agt-filesink file")           \
	X(OPT_BATCH, "batch", 0, NULL, "", "read JSONL and answer line by line")                 \
	X(OPT_POLICY, "policy", 0, "PATH", "",                                                   \
	  "decide by this folder or file of policies instead")                                   \
	X(OPT_ALL, "all", 0, NULL, "", "all of them")                                            \
	X(OPT_AT, "at", 0, "N", "", "the state after entry N (default: the last)")               \
	X(OPT_TABLE, "table", 0, "NAME",                                                         \
	  "totals agents sessions limits histories halts quotas elevations delegations "         \
	  "credentials trust sagas lives participants things flights revocations demotions "     \
	  "challenges meetings token_uses",                                                      \
	  "totals, agents, sessions, limits, histories, ...")                                    \
	X(OPT_BODIES, "bodies", 0, NULL, "", "read all arguments and results too")               \
	X(OPT_MUTATE, "mutate", 0, NULL, "",                                                     \
	  "change the rules and see whether a case notices")                                     \
	X(OPT_REASON, "reason", 0, "TEXT", "", "why, for the log")                               \
	X(OPT_TEMPLATE, "template", 0, "NAME",                                                   \
	  "browser-agent coding-agent data-analyst finance-approval multi-agent read-only "       \
	  "support-agent team-documents training-sandbox",                                         \
	  "copy this one")                                                                         \
	X(OPT_UNTIL, "until", 0, "TIME", "", "when it ends, like 2026-01-02T03:04:05Z")          \
	X(OPT_RING, "ring", 0, "N", "1 2 3", "a ring")                                        \
	X(OPT_SPONSOR_KEY, "sponsor-key", 0, "FILE", "",                                         \
	  "the private key (PEM) of the sponsor that the policy names")                          \
	X(OPT_CHECK, "check", 0, NULL, "", "change nothing, say what would change")              \
	X(OPT_LOG, "log", 0, "DIR", "", "a workspace whose recorded actions are compared too")   \
	X(OPT_ALLOW_LOOSER, "allow-looser", 0, NULL, "",                                         \
	  "status 0 even if something denied is allowed now")                                    \
	X(OPT_VKEY, "vkey", 0, "VKEY", "",                                                       \
	  "verifier key NAME+ID+BASE64, or a file that holds it")                                \
	X(OPT_ROTATIONS, "rotations", 0, "FILE", "",                                             \
	  "the rotations of the log's key: its file log/rotations")                              \
	X(OPT_AGAINST, "against", 0, "FILE", "", "a signed checkpoint that the log must continue") \
	X(OPT_HEADS, "heads", 0, "FILE", "", "likewise, kept up to date: the newest of each log") \
	X(OPT_WITNESS, "witness", 0, "VKEY", "",                                                 \
	  "verifier key of a witness, or a file with one a line")                                \
	X(OPT_QUORUM, "quorum", 0, "K", "", "so many witnesses must have cosigned (default: 1)") \
	X(OPT_FROM, "from", 0, "KIND", "agt-mesh agt-trust agt-go agt-rust",                     \
	  "agt-mesh, agt-trust, agt-go or agt-rust")                                             \
	X(OPT_PROFILE, "profile", 0, "NAME", "agt",                                              \
	  "decide as another toolkit would, bug for bug: agt")                                   \
	X(OPT_STRATEGY, "strategy", 0, "NAME",                                                   \
	  "priority_first_match deny_overrides allow_overrides most_specific_wins",              \
	  "of the agt-mesh engine: deny_overrides ...")                                          \
	X(OPT_OUT, "out", 0, "PATH", "", "write to this path, which must be new")                \
	X(OPT_IMPORT, "import", 0, "FILE", "", "a key of its own, in PEM or JWK")                \
	X(OPT_KID, "kid", 0, "KID", "", "which key of a set of JWKs")                            \
	X(OPT_SPONSOR, "sponsor", 0, "MAIL", "", "the person who answers for the agent")         \
	X(OPT_EXPIRES, "expires", 0, "TIME", "", "when it is over, like 2027-01-31T00:00:00Z")   \
	X(OPT_FORM, "form", 0, "FORM", "key mesh document", "key (default), mesh or document")   \
	X(OPT_PRIVATE, "private", 0, NULL, "", "the private half too")                           \
	X(OPT_PEM, "pem", 0, NULL, "", "in PEM, for tools that know no JWK")                     \
	X(OPT_KEY, "key", 0, "KEY", "", "a key by its id, key-0123456789abcdef, or to sign with") \
	X(OPT_AUDIENCE, "audience", 0, "NAME", "", "for whom it is, and nobody else")            \
	X(OPT_ISSUER, "issuer", 0, "NAME", "", "who must have issued it")                        \
	X(OPT_SVID, "svid", 0, NULL, "", "a JWT-SVID: its subject is a SPIFFE ID")               \
	X(OPT_ONCE, "once", 0, NULL, "", "take it: another time it is refused as replayed")       \
	X(OPT_JWKS, "jwks", 0, "FILE", "", "the keys to verify with (default: the agents')")     \
	X(OPT_BUNDLE, "bundle", 0, "FILE", "", "the certificates that are believed, in PEM")     \
	X(OPT_TIME, "time", 0, "TIME", "", "judge as of this time (default: now)")               \
	X(OPT_THRESHOLD, "threshold", 0, "N", "", "the score that the other must have here")     \
	X(OPT_CAPABILITIES, "capabilities", 0, "LIST", "",                                       \
	  "what may be done, like get_*,db:orders,-db:orders:old")                               \
	X(OPT_CEILING, "ceiling", 0, "N", "", "the highest trust it may have, 0 to 1000")        \
	X(OPT_DEPTH, "depth", 0, "N", "", "how often in a row it may be handed on (default: 0)") \
	X(OPT_ISOLATION, "isolation", 0, "LEVEL", "none read_committed snapshot serializable",   \
	  "none, read_committed, snapshot or serializable")                                      \
	X(OPT_SECONDS, "seconds", 0, "N", "", "how long the session lasts (default: 3600)")      \
	X(OPT_PARTICIPANTS, "participants", 0, "N", "", "how many at most (default: 10)")        \
	X(OPT_MIN_SCORE, "min-score", 0, "N", "", "the score that it takes to join")             \
	X(OPT_PARENT, "parent", 0, "SESSION", "", "the session, or record, that this is below")  \
	X(OPT_HEIR, "heir", 0, "NAME", "", "the agent that goes on with what is cut off")         \
	X(OPT_BY, "by", 0, "NAME", "", "the participant who brings the agent in")                \
	X(OPT_ALLOW_BROKEN, "allow-broken", 0, NULL, "",                                         \
	  "import although the evidence does not hold, and say so in it")                        \
	X(OPT_PUBLISHED, "published", 0, "DIR", "", "this copy that log publish made")           \
	X(OPT_LEVEL, "level", 0, "N", "0 1 2", "the conformance level (default: 0)")             \
	X(OPT_MAX_AGE, "max-age", 0, "SECONDS", "", "how old a record may be, or none (86400)")  \
	X(OPT_REVOCATIONS, "revocations", 0, "FILE", "", "a signed bundle of revoked keys")      \
	X(OPT_PROVENANCE, "provenance", 0, "FILE", "", "what is at hand of how it was built")    \
	X(OPT_ANCHOR, "anchor", 0, "FILE", "", "proof and entry of a registry")                  \
	X(OPT_NONCE, "nonce", 0, "TEXT", "", "what the record has to echo")                      \
	X(OPT_TRUST_DOMAIN, "trust-domain", 0, "NAME", "", "of the SPIFFE ID")                   \
	X(OPT_KIND, "kind", 0, "KIND",                                                           \
	  "action outcome agent policy label refusal control notice", "what kind of entry")      \
	X(OPT_SINCE, "since", 0, "TIME", "", "from this time on, like 2026-01-02T03:04:05Z")      \
	X(OPT_EFFECT, "effect", 0, "EFFECT", "allow deny", "how it was decided: allow or deny")  \
	X(OPT_TOOL, "tool", 0, "PATTERN", "", "what was asked for, like '*refund*'")             \
	X(OPT_RESOURCE, "resource", 0, "PATTERN", "", "what it was to be done to")               \
	X(OPT_SESSION, "session", 0, "PATTERN", "", "the session it belongs to")                 \
	X(OPT_TRACE, "trace", 0, "PATTERN", "", "the trace it belongs to")                       \
	X(OPT_RULE, "rule", 0, "PATTERN", "", "the rule that decided")                           \
	X(OPT_STAGE, "stage", 0, "PATTERN", "", "the stage of the gate that decided")            \
	X(OPT_OUTCOME, "outcome", 0, "PATTERN", "", "actions whose outcome has this status")     \
	X(OPT_TEXT, "text", 0, "TEXT", "", "in names, reasons, data; not in arguments, results") \
	X(OPT_REVERSE, "reverse", 0, NULL, "", "the newest first")                               \
	X(OPT_LIMIT, "limit", 0, "N", "", "at most so many entries, and how to go on")           \
	X(OPT_CURSOR, "cursor", 0, "CURSOR", "", "go on where an answer with --limit ended")     \
	X(OPT_CSV, "csv", 0, NULL, "", "as comma-separated values, for a spreadsheet")           \
	X(OPT_COUNT, "count", 0, NULL, "", "only how many there are")                            \
	X(OPT_DAYS, "days", 0, "N", "", "so many days (default: 30)")                             \
	X(OPT_FOLLOW, "follow", 0, NULL, "", "go on with entries as they come, until interrupted") \
	X(OPT_FIELD, "field", 0, "PATH", "", "what shall be gone: args.customer.email")            \
	X(OPT_WHERE, "where", 0, "CONDITION", "",                                                \
	  "the actions that are meant, like 'agent.id == \"bot\"' (default: all)")               \
	X(OPT_FORCE, "force", 0, NULL, "", "also what decisions stand on")                       \
	X(OPT_DRY_RUN, "dry-run", 0, NULL, "", "change nothing, say what would be done")         \
	X(OPT_OLDER_THAN, "older-than", 0, "AGE", "", "before the last entry, like 90d; or a time")

enum option {
#define OPTION_ENUM(id, name, letter, value, choices, help) id,
	OPTION_LIST(OPTION_ENUM)
#undef OPTION_ENUM
	OPTIONS
};

/* A set of options is one number, wider than C11 has one; gcc and clang do. */
__extension__ typedef unsigned __int128 option_set;

#define OPT(id) ((option_set)1 << (id))

_Static_assert(OPTIONS <= 128, "a set of options is one number");

#endif
