/* command: the table. A command is a row here, a function in a cmd_ file, and a transcript. */
#include "tui/command.h"

#include "tui/given_filter.h"

#define KILL_TEXT                                                                                \
	"The name need not be registered. Outcomes of actions that were allowed before\n"          \
	"the kill are recorded as refused, and sagas are undone, unless an heir goes on\n"         \
	"with them. docs/formats/control.md says the rest."

const struct command commands[] = {
	{ NULL, "init", "DIR", 1, 1, OPT(OPT_ORIGIN), cmd_init,
	  "make a workspace: keys, a policy that denies, a log", NULL },
	{ NULL, "check", "[FILE]", 0, 1, OPT(OPT_DIR) | OPT(OPT_BATCH), cmd_check,
	  "decide one action, or JSONL of them, and record it",
	  "Reads an action document from FILE or standard input and answers with one line\n"
	  "of JSON. Exit status 0: allowed, 1: denied. {\"outcome_of\": N, \"result\": ...}\n"
	  "records what came of action N." },
	{ NULL, "run", "PROGRAM [ARGS]", 1, ARGS_MAX,
	  OPT(OPT_DIR) | OPT(OPT_AGENT) | OPT(OPT_SESSION) | OPT(OPT_TRACE) | OPT(OPT_TOOL) |
		  OPT(OPT_RESOURCE) | OPT(OPT_GRACE),
	  cmd_run, "run a program as an action, and end it when the log says so",
	  "What follows \"--\" is the program's. Its start is decided and recorded like any\n"
	  "action, with the arguments argv, cwd and program; its end is the outcome. A kill,\n"
	  "a suspension, a quarantine or the like ends it, and all that it started, also a\n"
	  "daemon. docs/formats/run.md. Exit status 0: it ended with 0; 1: denied, or it ended\n"
	  "otherwise." },
	{ NULL, "import", "FILE", 1, 1,
	  OPT(OPT_DIR) | OPT(OPT_FORMAT) | OPT(OPT_AGENT) | OPT(OPT_KEY_FILE) | OPT(OPT_VKEY) |
		  OPT(OPT_ROTATIONS) | OPT(OPT_ALLOW_BROKEN),
	  cmd_import, "take recorded agent runs through the gate",
	  "FILE \"-\" is standard input. A file that breaks off or is malformed leaves the\n"
	  "workspace as it was, and so does a foreign chain that does not hold, but with\n"
	  "--allow-broken. docs/formats/import.md says what becomes of what." },
	{ "log", "verify", "", 0, 0,
	  OPT(OPT_DIR) | OPT(OPT_BODIES) | OPT(OPT_VKEY) | OPT(OPT_AGAINST) | OPT(OPT_HEADS) |
		  OPT(OPT_WITNESS) | OPT(OPT_QUORUM) | OPT(OPT_PUBLISHED),
	  cmd_log_verify, "recompute size, root, tiles and signature of the log",
	  "Alone it says that the log agrees with its signature. That it is still the log of\n"
	  "yesterday says --heads FILE, which keeps what was verified and compares the next time,\n"
	  "or --against FILE, a checkpoint kept elsewhere. --witness and --quorum demand\n"
	  "cosignatures. --published DIR verifies what log publish made, with the key of --vkey\n"
	  "and no workspace." },
	{ "log", "head", "[N [HEAD]]", 0, 2, OPT(OPT_DIR), cmd_log_head,
	  "write the signed checkpoint, or proof that it continues one",
	  "With N, the size of an earlier checkpoint (0: none), it is the body of add-checkpoint\n"
	  "of c2sp.org/tlog-witness: what a witness is asked, and log check-proof checks. HEAD is\n"
	  "a checkpoint to lead to in place of the newest." },
	{ "log", "witness", "DIR [REQUEST]", 1, 2,
	  OPT(OPT_ORIGIN) | OPT(OPT_VKEY) | OPT(OPT_ROTATIONS), cmd_log_witness,
	  "be a witness: cosign what continues the head last seen",
	  "With --origin NAME make DIR, the witness of that name, and write its verifier\n"
	  "key. With --vkey VKEY make a log known to it, and with --rotations\n"
	  "FILE the keys that a known log has got since. Otherwise answer REQUEST, or standard\n"
	  "input, with a cosignature." },
	{ "log", "cosign", "FILE", 1, 1, OPT(OPT_DIR) | OPT(OPT_WITNESS), cmd_log_cosign,
	  "put the answers of witnesses below the checkpoint",
	  "--witness names whose: a verifier key, or a file with one a line. The next\n"
	  "checkpoint has to be cosigned anew." },
	{ "log", "prove", "N", 1, 1, OPT(OPT_DIR), cmd_log_prove,
	  "write an offline proof that entry N is in the log",
	  "The proof is a C2SP tlog-proof and goes to standard output; log check-proof\n"
	  "checks it." },
	{ "log", "check-proof", "FILE", 1, 1,
	  OPT(OPT_VKEY) | OPT(OPT_ROTATIONS) | OPT(OPT_AGAINST) | OPT(OPT_WITNESS) |
		  OPT(OPT_QUORUM),
	  cmd_log_check_proof, "check a proof with nothing but the log's verifier key",
	  "FILE \"-\" is standard input. It proves an entry, or is of log head N: then --against\n"
	  "is the head of N entries that its checkpoint has to continue. --witness and --quorum\n"
	  "demand cosignatures on the checkpoint in FILE." },
	{ "log", "seal", "", 0, 0, OPT(OPT_DIR), cmd_log_seal,
	  "compress the full segments of the log",
	  "A segment is full with 65,536 entries. Goes on beside a writer. A plain segment is\n"
	  "removed only after all of its entries were read back out of the sealed one and found\n"
	  "in the signed tree. Commands read both forms." },
	{ "log", "publish", "DIR", 1, 1, OPT(OPT_DIR), cmd_log_publish,
	  "bring a copy of the log in static files up to date",
	  "DIR gets checkpoint, tiles and entry bundles, c2sp.org/tlog-tiles: what a web server\n"
	  "offers as it is, and log verify --published DIR checks. Run it again to go on." },
	{ "log", "rotate-key", "", 0, 0, OPT(OPT_DIR) | OPT(OPT_REASON), cmd_log_rotate_key,
	  "give the log its next key, signed for by the old one and the new one",
	  "Writes the verifier key that counts from now on. Who knows any key of the log goes on\n"
	  "verifying: the rotation is an entry, and log/rotations leads from key to key. The old\n"
	  "private key is overwritten and removed." },
	{ "log", "redact", "", 0, 0,
	  OPT(OPT_DIR) | OPT(OPT_FIELD) | OPT(OPT_WHERE) | OPT(OPT_SINCE) | OPT(OPT_UNTIL) |
		  OPT(OPT_FORCE) | OPT(OPT_DRY_RUN) | OPT(OPT_REASON),
	  cmd_log_redact, "take values out of recorded arguments and results for good",
	  "Every hash, proof and signature holds as before, and a replay decides as before.\n"
	  "Entries whose decision stands on the values are listed, and nothing is done unless\n"
	  "--force: then a replay takes their recorded decision and calls it unknown. An outcome\n"
	  "is meant with its action. The redaction itself is recorded." },
	{ "log", "prune", "", 0, 0,
	  OPT(OPT_DIR) | OPT(OPT_OLDER_THAN) | OPT(OPT_DRY_RUN) | OPT(OPT_REASON), cmd_log_prune,
	  "drop the arguments and results of old entries, keep the entries",
	  "The log verifies and proves as before. Replays begin behind what was pruned. The prune\n"
	  "itself is recorded." },
	{ "log", "scan", "", 0, 0, OPT(OPT_DIR), cmd_log_scan,
	  "look for secrets in what was recorded; status 1 when there are any",
	  "Looks at entries and bodies with the options that trammel.yaml has now, as would be\n"
	  "done before something is recorded. Tells entry, kind and place, and never the secret;\n"
	  "docs/formats/masking.md lists the kinds." },
	{ "log", "show", "N[..M]", 1, 1, OPT(OPT_DIR) | OPT(OPT_CSV), cmd_log_show,
	  "show entry N and its bodies, or a table of entries",
	  "N..M is a table, or with --csv values for a spreadsheet; with --json the lines of\n"
	  "the log." },
	{ "log", "query", "", 0, 0,
	  OPT(OPT_DIR) | FILTER_OPTIONS | OPT(OPT_REVERSE) | OPT(OPT_LIMIT) | OPT(OPT_CURSOR) |
		  OPT(OPT_CSV) | OPT(OPT_COUNT) | OPT(OPT_FOLLOW),
	  cmd_log_query, "find entries by who, what, when and what came of it",
	  "All filters must hold. In a PATTERN * stands for any characters, ? for one, \\ quotes\n"
	  "the next. With --json come the lines as they stand in the log, and with --limit one\n"
	  "more, with the cursor. A TIME may be like -2h, before the last entry. Arguments and\n"
	  "results are not searched. The log answers; the index only says where to look." },
	{ "log", "report", "", 0, 0, OPT(OPT_DIR) | OPT(OPT_DAYS) | OPT(OPT_UNTIL), cmd_log_report,
	  "verify the log, and count what happened in some days",
	  "The days end with the last entry, or at --until. Exit status 4 when the log does not\n"
	  "verify; the report says what is wrong." },
	{ "log", "bom", "N", 1, 1, OPT(OPT_DIR), cmd_log_bom,
	  "show all that went into the decision of entry N",
	  "N is the entry of an action, as its verdict names it." },
	{ "log", "export", "[A..B]", 0, 1,
	  OPT(OPT_DIR) | OPT(OPT_FORMAT) | OPT(OPT_OUT) | OPT(OPT_SINCE) | OPT(OPT_UNTIL) |
		  OPT(OPT_SESSION) | OPT(OPT_BODIES) | OPT(OPT_KEY_FILE),
	  cmd_log_export, "write the log in a format that others read",
	  "All signed entries, or those from A to B, of a time, of a session, to standard\n"
	  "output or --out. The log is checked against its checkpoint on the way. --format is\n"
	  "jsonl, cloudevents, otlp, otlp-traces, csv, agt-audit or agt-filesink;\n"
	  "docs/formats/export.md says what becomes of what." },
	{ "index", "rebuild", "", 0, 0, OPT(OPT_DIR), cmd_index_rebuild,
	  "make the index that log query uses anew",
	  "It is made as needed; this is for one that is not believed. It holds nothing that the\n"
	  "log does not." },
	{ NULL, "replay", "", 0, 0, OPT(OPT_DIR) | OPT(OPT_POLICY) | OPT(OPT_ALL), cmd_replay,
	  "replay the log bit for bit, or by other policies",
	  "Without --policy: exit status 0 when every entry comes out byte for byte as\n"
	  "recorded, 1 at the first that does not. With --policy: every action whose\n"
	  "verdict flips, DENY->ALLOW first; exit status 0 whatever flips. Labels: exact,\n"
	  "decided alike; re-decided, decided otherwise from the recorded inputs; unknown,\n"
	  "after a flip in its session, or a body is gone: the agent might have gone on\n"
	  "otherwise. Flips are between allow and deny only: what is looser by its terms, an\n"
	  "approval instead of a deny, a warning less, says policy diff." },
	{ "policy", "check", "[FILE]", 0, 1,
	  OPT(OPT_DIR) | OPT(OPT_POLICY) | OPT(OPT_PROFILE) | OPT(OPT_FROM) | OPT(OPT_STRATEGY),
	  cmd_policy_check, "decide one request by policies, recording nothing",
	  "FILE (\"-\" or none: standard input) is a request in YAML or JSON: agent, action\n"
	  "and what docs/formats/fixture.md lists. Policies are those of --policy, else of\n"
	  "the workspace. With --profile agt FILE is a context, and an engine of the Agent\n"
	  "Governance Toolkit is rebuilt answer by answer (--from, agt-mesh by default;\n"
	  "--policy is its file). Exit status 0: allowed, 1: denied." },
	{ "policy", "test", "PATH", 1, 1, OPT(OPT_DIR) | OPT(OPT_POLICY) | OPT(OPT_MUTATE),
	  cmd_policy_test, "run cases against policies, and say what they cover",
	  "PATH is a fixture or a folder of fixtures (docs/formats/fixture.md). With\n"
	  "--mutate rules are deleted, flipped, negated and shifted one at a time, and the\n"
	  "changes that no case notices are listed. Exit status 1: a case fails, or a\n"
	  "change survives." },
	{ "policy", "analyze", "[PATH]", 0, 1, OPT(OPT_DIR) | OPT(OPT_POLICY), cmd_policy_analyze,
	  "find rules that are dead, shadowed or in conflict",
	  "By reasoning: conditions that are true of no request or of every one, rules\n"
	  "that never decide, rules that allow and deny the same at equal priority, rules\n"
	  "that can be undecidable; each with a request that shows it. What cannot be\n"
	  "found out is called unknown. Exit status 1 for any but the last kind." },
	{ "policy", "import", "FILE", 1, 1, OPT(OPT_FROM) | OPT(OPT_STRATEGY) | OPT(OPT_OUT),
	  cmd_policy_import, "translate a policy of the Agent Governance Toolkit",
	  "The policy goes to standard output or --out, the report to standard error:\n"
	  "remarks, and each answer that changes with a request for which it does. What\n"
	  "cannot be translated is refused, and then nothing is written.\n"
	  "docs/formats/migration.md says what becomes of what. Exit status 5: not\n"
	  "translated." },
	{ "policy", "explain", "[FILE]", 0, 1, OPT(OPT_DIR) | OPT(OPT_POLICY), cmd_policy_explain,
	  "say which rules were tried and what settled them",
	  "The clauses named are enough, and none can be left out. FILE is a request as\n"
	  "for policy check. Exit status 0, also when it is denied." },
	{ "policy", "why-not", "[FILE]", 0, 1, OPT(OPT_DIR) | OPT(OPT_POLICY), cmd_policy_why_not,
	  "find the smallest change that turns an effect around",
	  "The smallest change of the request, counted in paths; agent and tool stay as\n"
	  "they are if that can be. What is shown has been decided by the evaluator. Exit\n"
	  "status 1: there is no such change, or none was found. FILE is a request as for\n"
	  "policy check." },
	{ "policy", "diff", "OLD NEW", 2, 2, OPT(OPT_LOG) | OPT(OPT_ALLOW_LOOSER), cmd_policy_diff,
	  "find the requests that two policies decide otherwise",
	  "By reasoning over all requests, one for each two rules; with --log also among\n"
	  "the actions that a workspace recorded. What comes with an answer is compared\n"
	  "too, approvals, limits, edits, warnings, and what policies say besides rules.\n"
	  "So more is looser here than in a replay, which asks what was allowed or denied.\n"
	  "Exit status 1 when anything is looser, 3 when that cannot be excluded; 0 with\n"
	  "--allow-looser." },
	{ "policy", "lint", "[PATH]", 0, 1, OPT(OPT_DIR) | OPT(OPT_POLICY), cmd_policy_lint,
	  "warn of what may be written and better is not",
	  "Rules that decide nothing, paths that look misspelt, ties between files,\n"
	  "defaults that allow; and remarks for readers. Exit status 1 when there are\n"
	  "warnings." },
	{ "policy", "fmt", "FILE...", 1, ARGS_MAX, OPT(OPT_CHECK), cmd_policy_fmt,
	  "lay policy files out in the one way, comments kept",
	  "Fixed order of keys, one to a line; quotes only where they are needed;\n"
	  "conditions spaced in one way. FILE \"-\" is standard input and goes to standard\n"
	  "output. With --check nothing is written: exit status 1 when a file would\n"
	  "change." },
	{ "policy", "bench", "[PATH]", 0, 1, OPT(OPT_DIR) | OPT(OPT_POLICY) | OPT(OPT_LOG),
	  cmd_policy_bench, "measure how long a decision takes, by number of rules",
	  "The requests are made for the rules, one for each. With --log those of recorded\n"
	  "actions are measured beside them, by agents and sessions as if they were new." },
	{ "policy", "new", "", 0, ARGS_MAX, OPT(OPT_TEMPLATE) | OPT(OPT_OUT), cmd_policy_new,
	  "list the templates, or copy one to start from",
	  "A template is a folder of policies, cases that test them, and a page. It is\n"
	  "copied to a new folder: --out, or one of the template's name." },
	{ NULL, "state", "", 0, 0, OPT(OPT_DIR) | OPT(OPT_AT) | OPT(OPT_TABLE), cmd_state,
	  "show the governance state after an entry", NULL },
	{ "agent", "create", "NAME", 1, 1,
	  OPT(OPT_DIR) | OPT(OPT_IMPORT) | OPT(OPT_KID) | OPT(OPT_SPONSOR) | OPT(OPT_EXPIRES),
	  cmd_agent_create, "register an agent with a fresh key, or one of its own",
	  "A private key that is made or imported is kept in keys/agents/. With only the\n"
	  "public half, signatures are checked but the key cannot be rotated here.\n"
	  "The policy wants a sponsor unless it says 'require_sponsor: false'. The address\n"
	  "is checked in form and recorded; nobody is asked." },
	{ "agent", "show", "NAME", 1, 1, OPT(OPT_DIR) | OPT(OPT_TRUST_DOMAIN), cmd_agent_show,
	  "show the names, deeds and keys of an agent", NULL },
	{ "agent", "did", "NAME", 1, 1, OPT(OPT_DIR) | OPT(OPT_FORM), cmd_agent_did,
	  "print the DID of an agent, or its DID document", NULL },
	{ "agent", "jwk", "[NAME]", 0, 1,
	  OPT(OPT_DIR) | OPT(OPT_PRIVATE) | OPT(OPT_ALL) | OPT(OPT_PEM), cmd_agent_jwk,
	  "print the key of an agent as a JSON Web Key",
	  "With --all instead of a NAME: the public keys of all agents, as a set." },
	{ "agent", "rotate", "NAME", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON), cmd_agent_rotate,
	  "give an agent its next key, signed for by both", NULL },
	{ "agent", "delegate", "FROM TO", 2, 2,
	  OPT(OPT_DIR) | OPT(OPT_CAPABILITIES) | OPT(OPT_EXPIRES) | OPT(OPT_CEILING) |
		  OPT(OPT_DEPTH) | OPT(OPT_REASON),
	  cmd_agent_delegate, "hand on a part of what an agent may do to another",
	  "Signed with the key of FROM, which must be in keys/agents/. From then on TO may\n"
	  "do what it was handed and nothing else, as long as every agent above it may\n"
	  "act. docs/formats/delegation.md." },
	{ "agent", "undelegate", "TO LINK", 2, 2, OPT(OPT_DIR) | OPT(OPT_REASON),
	  cmd_agent_undelegate, "revoke a delegation, and all that stand on it", NULL },
	{ "agent", "credential", "VERB NAME", 2, 2,
	  OPT(OPT_DIR) | OPT(OPT_CAPABILITIES) | OPT(OPT_EXPIRES) | OPT(OPT_UNTIL) |
		  OPT(OPT_REASON),
	  cmd_agent_credential, "make, replace or end a secret of an agent",
	  "VERB is issue (of an agent: --capabilities, --expires), rotate (of a credential:\n"
	  "--expires of the new secret, --until for the old one) or revoke. A secret lasts a\n"
	  "day at most. It is printed once, only its hash is kept. It goes into the member\n"
	  "credential of action documents." },
	{ "agent", "list", "", 0, 0, OPT(OPT_DIR), cmd_agent_list,
	  "list the registered agents", NULL },
	{ "agent", "suspend", "NAME", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON), cmd_agent_suspend,
	  "deny all that an agent asks for until reactivated", NULL },
	{ "agent", "reactivate", "NAME", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON), cmd_agent_reactivate,
	  "let a suspended agent act again", NULL },
	{ "agent", "revoke", "NAME", 1, 1,
	  OPT(OPT_DIR) | OPT(OPT_REASON) | OPT(OPT_UNTIL) | OPT(OPT_KEY), cmd_agent_revoke,
	  "deny all that an agent asks for, for good",
	  "With --until it ends by itself then, and nothing ends it sooner. With --key one\n"
	  "key is revoked, and the agent may get no other by it." },
	{ "agent", "revocations", "", 0, 0, OPT(OPT_DIR), cmd_agent_revocations,
	  "list the agents and keys that are revoked now", NULL },
	{ "token", "issue", "NAME", 1, 1,
	  OPT(OPT_DIR) | OPT(OPT_AUDIENCE) | OPT(OPT_EXPIRES) | OPT(OPT_SVID) |
		  OPT(OPT_TRUST_DOMAIN),
	  cmd_token_issue, "sign a JSON Web Token with the key of an agent",
	  "It says that its bearer is the agent, so hand it to nobody but the audience. It\n"
	  "lasts 15 minutes, or until --expires, a day at most." },
	{ "token", "verify", "FILE", 1, 1,
	  OPT(OPT_DIR) | OPT(OPT_AUDIENCE) | OPT(OPT_ISSUER) | OPT(OPT_SVID) | OPT(OPT_JWKS) |
		  OPT(OPT_TRUST_DOMAIN) | OPT(OPT_TIME) | OPT(OPT_ONCE) | OPT(OPT_REASON),
	  cmd_token_verify, "say whether a JSON Web Token is to be believed",
	  "FILE \"-\" is standard input. Without --jwks it must be by the key of the agent that\n"
	  "it speaks of, which is neither revoked nor suspended. With --once the workspace\n"
	  "records that it was taken, and takes it no second time. Exit status 1: refused, and\n"
	  "docs/formats/token.md lists the codes." },
	{ "svid", "verify", "FILE", 1, 1,
	  OPT(OPT_BUNDLE) | OPT(OPT_TRUST_DOMAIN) | OPT(OPT_TIME), cmd_svid_verify,
	  "say whether an X.509-SVID is to be believed",
	  "FILE holds the certificate and those above it, in PEM. Exit status 1: refused." },
	{ "handshake", "ask", "FROM TO", 2, 2,
	  OPT(OPT_DIR) | OPT(OPT_CAPABILITIES) | OPT(OPT_THRESHOLD) | OPT(OPT_REASON),
	  cmd_handshake_ask, "challenge another agent to prove that it has its key",
	  "The challenge goes to standard output and is open for five minutes. Both agents\n"
	  "are registered here and there by the same names, each with the key of its own." },
	{ "handshake", "answer", "FILE", 1, 1, OPT(OPT_DIR) | OPT(OPT_CAPABILITIES),
	  cmd_handshake_answer, "answer a challenge with the key of the one who is asked",
	  "FILE \"-\" is standard input. What is claimed by --capabilities is signed too." },
	{ "handshake", "meet", "FILE", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON), cmd_handshake_meet,
	  "judge an answer, and record that it was a good one",
	  "Exit status 1: refused, and nothing is recorded; docs/formats/handshake.md lists\n"
	  "the codes." },
	{ "handshake", "check", "FROM TO", 2, 2,
	  OPT(OPT_DIR) | OPT(OPT_CAPABILITIES) | OPT(OPT_THRESHOLD) | OPT(OPT_TIME),
	  cmd_handshake_check, "say whether two agents have met, for exactly this",
	  "That is, with the same capabilities and threshold. What was found holds for a\n"
	  "quarter of an hour, and until any agent changes." },
	{ "session", "open", "SESSION", 1, 1,
	  OPT(OPT_DIR) | OPT(OPT_REASON) | OPT(OPT_AGENT) | OPT(OPT_SPONSOR) | OPT(OPT_SECONDS) |
		  OPT(OPT_PARTICIPANTS) | OPT(OPT_MIN_SCORE) | OPT(OPT_RING) | OPT(OPT_PARENT) |
		  OPT(OPT_ISOLATION),
	  cmd_session_open, "open a session that takes its participants' actions only",
	  "An agent or a sponsor answers for it. docs/formats/session.md says the rest." },
	{ "session", "join", "SESSION NAME", 2, 2,
	  OPT(OPT_DIR) | OPT(OPT_REASON) | OPT(OPT_RING) | OPT(OPT_BY), cmd_session_join,
	  "let an agent take part in an open session", NULL },
	{ "session", "leave", "SESSION NAME", 2, 2, OPT(OPT_DIR) | OPT(OPT_REASON),
	  cmd_session_leave, "take an agent out of a session, for good", NULL },
	{ "session", "close", "SESSION", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON), cmd_session_close,
	  "take no more actions; closed when all have left",
	  "A second time: closed at once, whoever is left behind." },
	{ "session", "show", "SESSION", 1, 1, OPT(OPT_DIR), cmd_session_show,
	  "show an opened session and who is in it", NULL },
	{ "session", "list", "", 0, 0, OPT(OPT_DIR), cmd_session_list,
	  "list the sessions that were opened", NULL },
	{ "session", "approve", "SESSION", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON),
	  cmd_session_approve, "record that a human approves of a session so far",
	  "Policies see it as the event 'approved'; see docs/formats/policy.md." },
	{ "trace", "emit", "[FACTS]", 0, 1,
	  OPT(OPT_DIR) | OPT(OPT_SESSION) | OPT(OPT_AGENT) | OPT(OPT_KEY) | OPT(OPT_TIME) |
		  OPT(OPT_PARENT) | OPT(OPT_TRUST_DOMAIN),
	  cmd_trace_emit, "sign a TRACE record of what an agent did in a session",
	  "FACTS (default: trace.yaml in the workspace) says what no log knows: model,\n"
	  "data_class, build_provenance, of an imported session origin, and by eat_profile\n"
	  "whether it is to be of v0.1; docs/formats/trace.md has the rest, and an example.\n"
	  "The key is that in the file --key, in the variable TRACE_PRIVATE_KEY_PEM, or in the\n"
	  "file that AGENTRUST_TRACE_KEY_PATH names. Issued at --time, or when the\n"
	  "session's newest entry was made." },
	{ "trace", "verify", "FILE [ABOVE...]", 1, LIMIT_LINEAGE + 1,
	  OPT(OPT_DIR) | OPT(OPT_LEVEL) | OPT(OPT_MAX_AGE) | OPT(OPT_TIME) | OPT(OPT_JWKS) |
		  OPT(OPT_REVOCATIONS) | OPT(OPT_ANCHOR) | OPT(OPT_NONCE) | OPT(OPT_PROVENANCE),
	  cmd_trace_verify, "say what is to be said of a TRACE record, by codes",
	  "The findings are those of the published suite (TR-...) at the level, and of\n"
	  "trammel (TM-...). --jwks names the keys that are trusted, in JWK or PEM; without\n"
	  "them it is only shown that the record holds together. ABOVE are the records whose\n"
	  "authority it acts on, nearest first. With -C its transcript is looked up in the\n"
	  "workspace. Exit status 1: refused." },
	{ "trace", "receipt", "FILE", 1, 1, 0, cmd_trace_receipt,
	  "say whether a controller's receipt for an action holds",
	  "FILE has context, action and trusted_issuer_keys, which are yours, and evidence and\n"
	  "receipt, which are the controller's. A refusal that was signed holds, too. Exit\n"
	  "status 1: it does not hold, or is missing." },
	{ "trust", "show", "[AGENT]", 0, 1, OPT(OPT_DIR) | OPT(OPT_AT), cmd_trust_show,
	  "show how much agents are worth, now or after entry N", NULL },
	{ "trust", "why", "AGENT", 1, 1, OPT(OPT_DIR), cmd_trust_why,
	  "list what moved an agent's score, entry by entry", NULL },
	{ "trust", "set", "AGENT SCORE", 2, 2, OPT(OPT_DIR) | OPT(OPT_REASON), cmd_trust_set,
	  "give an agent a score of 0 to 1000", NULL },
	{ "trust", "incident", "AGENT N", 2, 2, OPT(OPT_DIR) | OPT(OPT_REASON),
	  cmd_trust_incident, "lower scores: an agent's and those around it",
	  "N is a severity of 0 to 1000. What it costs whom: docs/formats/trust.md." },
	{ "kill", "agent", "NAME", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON) | OPT(OPT_HEIR),
	  cmd_kill_agent, "stop an agent for good, and what it has begun", KILL_TEXT },
	{ "kill", "session", "ID", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON) | OPT(OPT_HEIR),
	  cmd_kill_session, "end a session for good, likewise", KILL_TEXT },
	{ "kill", "all", "", 0, 0, OPT(OPT_DIR) | OPT(OPT_REASON), cmd_kill_all,
	  "stop everything, likewise, until it is lifted", NULL },
	{ "kill", "lift", "", 0, ARGS_MAX, OPT(OPT_DIR) | OPT(OPT_REASON), cmd_kill_lift,
	  "let agents act again after kill all",
	  "Nothing else can be lifted: an agent or a session is killed for good." },
	{ NULL, "quarantine", "NAME", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON) | OPT(OPT_UNTIL),
	  cmd_quarantine, "deny all that an agent asks for, until a time", NULL },
	{ NULL, "release", "NAME", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON), cmd_release,
	  "end the quarantine of an agent", NULL },
	{ NULL, "ring", "NAME", 1, 1, OPT(OPT_DIR), cmd_ring,
	  "show which ring an agent is in, and until when", NULL },
	{ NULL, "elevate", "NAME", 1, 1,
	  OPT(OPT_DIR) | OPT(OPT_REASON) | OPT(OPT_UNTIL) | OPT(OPT_RING) | OPT(OPT_SPONSOR_KEY),
	  cmd_elevate, "lift an agent to a ring for an hour at most, as its sponsor",
	  "The sponsor's signature goes into the log. It counts as long as the policy names that\n"
	  "sponsor under rings; docs/formats/policy.md says the rest." },
	{ NULL, "lower", "NAME", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON), cmd_lower,
	  "end the elevation of an agent", NULL },
	{ "saga", "begin", "FILE", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON), cmd_saga_begin,
	  "begin a saga: steps that are all done, or undone",
	  "FILE (YAML or JSON, \"-\" is standard input) holds saga, agent and steps, and maybe\n"
	  "session; docs/formats/saga.md. The steps are run by an executor, who asks saga next." },
	{ "saga", "next", "SAGA", 1, 1, OPT(OPT_DIR) | OPT(OPT_AT), cmd_saga_next,
	  "say what is due in a saga, and what is waited for",
	  "What is to be done is shown as the action document to send to trammel check, but\n"
	  "for its arguments." },
	{ "saga", "show", "SAGA", 1, 1, OPT(OPT_DIR) | OPT(OPT_AT), cmd_saga_show,
	  "show the steps of a saga, and what is left open", NULL },
	{ "saga", "list", "", 0, 0, OPT(OPT_DIR) | OPT(OPT_AT), cmd_saga_list,
	  "list the sagas", NULL },
	{ "saga", "compensate", "SAGA", 1, 1, OPT(OPT_DIR) | OPT(OPT_REASON),
	  cmd_saga_compensate, "do no more of a saga, and undo what was done", NULL },
	{ "saga", "hand-over", "SAGA AGENT [SESSION]", 2, 3, OPT(OPT_DIR) | OPT(OPT_REASON),
	  cmd_saga_hand_over, "let another agent act for a saga",
	  "What the first one had in flight is in doubt: it is tried again by the same key, or\n"
	  "undone." },
	{ NULL, "completion", "bash", 1, 1, 0, cmd_completion,
	  "print the completion script of a shell", NULL },
	{ NULL, "help", "[COMMAND]", 0, 2, 0, cmd_help,
	  "say what there is, or how one command is used", NULL },
	{ NULL, "version", "", 0, 0, 0, cmd_version, "print the version", NULL },
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);

bool given(const struct invocation *in, enum option o)
{
	return in->values[o] != NULL;
}

const char *dir_of(const struct invocation *in)
{
	return given(in, OPT_DIR) ? in->values[OPT_DIR] : ".";
}

bool json_wanted(const struct invocation *in)
{
	return given(in, OPT_JSON);
}
