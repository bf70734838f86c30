The main job, start to end, on the incident that ships with trammel.

  $ trammel init space --origin example.org/support
  workspace space for log example.org/support
    policies/policy.yaml  denies everything; add rules for what your agents may do
    keys/log.vkey         give this to whoever verifies the log; keep keys/log.pem secret
  $ ls space
  blob
  keys
  log
  policies
  state
  trammel.yaml
  $ cp $TOP/datasets/policies/support.yaml space/policies/policy.yaml
  $ incident=$TOP/datasets/incidents/support-refunds.jsonl
  $ trammel import $incident --format openai-chat -C space
  50 entries have no time in the source; theirs are synthetic and marked so
  imported: 52 entries, 6 new sessions, 22 tool calls, 19 allowed, 3 denied

The key is new each time, and so are the salts under which bodies are committed to. All else depends
on what was imported, the policy and the name of the log only.

  $ unsalted() {
  > sed -E 's/("(args|input|result)":"sha256:)[0-9a-f]+/\1SALTED/g
  > s/((args|input|result|leaf|root) +"sha256:)[0-9a-f]+/\1SALTED/; s/("root":"sha256:)[0-9a-f]+/\1SALTED/
  > s/root .*=$/root SALTED/'; }
  $ trammel log verify -C space | sed 's/support+.*/support+KEY/' | unsalted
  log         example.org/support
  signed by   example.org/support+KEY
  checkpoint  size 52, root SALTED
  recomputed  1 segment, 1 tile, 27,794 bytes
  verified: 52 entries, 22 tool calls, 19 allowed, 3 denied, 0 entries beyond the checkpoint
  $ trammel log verify -C space --json | unsalted
  {"verified":true,"origin":"example.org/support","entries":52,"tool_calls":22,"allowed":19,"denied":3,"refused":0,"unsigned_entries":0,"torn":false,"key_rotations":0,"segments":1,"tiles":1,"bytes":27794,"root":"sha256:SALTED"}
  $ trammel init again --origin example.org/support --json
  {"origin":"example.org/support","workspace":"again"}
  $ cp $TOP/datasets/policies/support.yaml again/policies/policy.yaml
  $ trammel import - --format openai-chat -C again --json <$incident
  {"format":"openai-chat","entries":52,"sessions":6,"tool_calls":22,"allowed":19,"denied":3,"outcomes":22,"labels":6,"agents":1,"unparsed_arguments":0,"unlinked_results":0,"synthetic_times":50,"foreign_entries_verified":0,"broken":0,"first_broken":"","passed_over":0,"log_entries":52,"cannot_prove":[]}
  $ unsalted <space/log/segment/00000000.jsonl >a; unsalted <again/log/segment/00000000.jsonl >b; cmp a b

One decision, proved offline.

  $ trammel log prove 25 -C space >25.tlog-proof
  $ head -n 1 25.tlog-proof
  c2sp.org/tlog-proof@v1
  $ trammel log check-proof 25.tlog-proof --vkey space/keys/log.vkey | tail -n 1
  proved: entry 25 of 52 in log example.org/support
  $ trammel log check-proof 25.tlog-proof --vkey "$(cat space/keys/log.vkey)" | tail -n 1
  proved: entry 25 of 52 in log example.org/support
  $ trammel log check-proof - --vkey space/keys/log.vkey <25.tlog-proof | tail -n 1
  proved: entry 25 of 52 in log example.org/support
  $ trammel log check-proof 25.tlog-proof --vkey space/keys/log.vkey --json | cut -c 1-70
  {"proved":true,"origin":"example.org/support","entry":25,"size":52,"li
  $ trammel log prove 25 -C space --json | cut -c 1-50
  {"entry":25,"proof":"c2sp.org/tlog-proof@v1\nextra
  $ trammel log prove 52 -C space
  trammel: there is no signed entry 52: the checkpoint signs 52, counted from 0
  [5]
  $ trammel log check-proof 25.tlog-proof --vkey again/keys/log.vkey
  trammel: 25.tlog-proof: none of the given keys signed the checkpoint; give the log's key, and its rotations if it has another one now
  [4]
  $ sed 's/^extra eyJ/extra eyK/' 25.tlog-proof >forged
  $ trammel log check-proof forged --vkey space/keys/log.vkey
  trammel: forged: the entry is not number 25 of the 52 entries that were signed
  [4]
  $ tr a b <25.tlog-proof >forged; trammel log check-proof forged --vkey space/keys/log.vkey
  trammel: forged:2:1: found something else, expected "index" and a decimal number without leading zeros
  [5]
  $ trammel log check-proof missing --vkey space/keys/log.vkey
  trammel: missing: there is no such file
  [5]
  $ trammel log check-proof 25.tlog-proof --vkey missing
  trammel: --vkey 'missing' is neither a verifier key (NAME+ID+BASE64) nor a file that holds one
  [5]

Entries and their bodies.

  $ trammel log show 25 -C space | unsalted
  {"action":"issue_refund","agent":"support-bot","args":"sha256:SALTED","clock":"synthetic","decision":{"allowed":true,"considered":"f2t","cost":8,"effect":"allow","input":"sha256:SALTED","reasons":["rule 'refund' of 'support' (policy.yaml) matched"],"rule":"support/refund","stage":"policy"},"kind":"action","log":"example.org/support","policy":"sha256:8021f161667dfefc3227377965ad1e1e97e8d417f6bd0fd2c670d69e7f51b1eb","seq":25,"session":"run-000003","state":"sha256:bcde9e582c411d52934a06980030c2bb3f39d1ca0cf6ba257dcfb8aa13bc671e","time":"1970-01-01T00:00:00.024000000Z","v":3}
  args {"amount":1250,"currency":"EUR","order":"B-1"}
  $ trammel log show 26 -C space --json | unsalted
  {"entry":{"clock":"synthetic","kind":"outcome","links":[{"rel":"outcome_of","seq":25}],"log":"example.org/support","policy":"sha256:8021f161667dfefc3227377965ad1e1e97e8d417f6bd0fd2c670d69e7f51b1eb","result":"sha256:SALTED","seq":26,"session":"run-000003","state":"sha256:dcf927aee42b24f01f92e4e07cabc146972f4f0557f8f995f0d9188d3442ee6b","time":"1970-01-01T00:00:00.025000000Z","v":3},"result":"{\"refunded\": true}"}
  $ trammel log show 52 -C space
  trammel: the log has no entry 52; they count from 0
  [5]

Played again, and asked again.

  $ trammel replay -C space
  replayed: 52 entries, 6 sessions, 22 tool calls, 19 allowed, 3 denied, 0 divergences; bit-exact
  $ trammel replay -C space --json
  {"mode":"strict","entries":52,"sessions":6,"tool_calls":22,"allowed":19,"denied":3,"refused":0,"divergences":0,"misses":0,"unsigned_entries":0,"state_root":"sha256:3573729ba6f07b65320e51d21c669f2d36040b57dd4c957b97ad30c89561c5a0"}
  $ stricter=$TOP/datasets/policies/support-after-incident.yaml
  $ trammel replay -C space --policy $stricter
  tighter   entry 25       issue_refund               run-000003   allow -> deny  re-decided
            was support/refund, now support/large-refund
  tighter   entry 27       issue_refund               run-000003   allow -> deny  unknown
            was support/refund, now support/large-refund
  tighter   entry 35       issue_refund               run-000003   allow -> deny  unknown
            was support/refund, now support/large-refund
  tighter   entry 39       issue_refund               run-000003   allow -> deny  unknown
            was support/refund, now support/many-actions
  labels: exact 10, re-decided 4, unknown 8
  what if: 52 entries, 6 sessions, 22 tool calls, 15 allowed, 7 denied; 18 same, 0 looser, 4 tighter
  $ trammel replay -C space --policy $stricter --json | tail -n 2
  {"entry":39,"flip":"tighter","label":"unknown","agent":"support-bot","action":"issue_refund","session":"run-000003","recorded_effect":"allow","recorded_rule":"support/refund","effect":"deny","rule":"support/many-actions","reason":"rule 'many-actions' of 'support' (support-after-incident.yaml) matched"}
  {"mode":"what-if","entries":52,"sessions":6,"tool_calls":22,"allowed":15,"denied":7,"refused":0,"divergences":0,"misses":0,"unsigned_entries":0,"exact":10,"re-decided":4,"unknown":8,"same":18,"looser":0,"tighter":4,"undecided":0,"state_root":"sha256:955b63aeeb1a3d5dea0d52acfa03f0889c32455b53e9a800bbd468257b804ae2"}
  $ trammel replay -C space --policy $stricter --all | grep -c '^same'
  18

Everything that went into one decision, and where it is recorded.

  $ trammel log bom 25 -C space | unsalted
  identity
    agent        "support-bot"  [entry: agent]
    signature    -  [absent: the action was not signed]
    withheld     -  [absent: no signature is withheld for a secret]
  trust
    score        -  [absent: the policy in force keeps no trust]
    tier         -  [absent: the policy in force keeps no trust]
    regime       -  [absent: no change was found]
  policy
    digest       "sha256:8021f161667dfefc3227377965ad1e1e97e8d417f6bd0fd2c670d69e7f51b1eb"  [entry: policy]
    stage        "policy"  [entry: decision.stage]
    rule         "support/refund"  [entry: decision.rule]
    cost         8  [entry: decision.cost]
    errors       -  [absent: every condition could be decided]
    considered   [{"rule":"support/accounts-are-off-limits","was":"false"},{"rule":"support/look-up","was":"false"},{"rule":"support/refund","was":"true"}]  [entry: decision.considered]
    floors       -  [absent: nothing was tried behind the first match]
    cedar        -  [absent: no Cedar policy was asked]
  action
    tool         "issue_refund"  [entry: action]
    resource     -  [absent: the action names none]
    args         "sha256:SALTED"  [entry: args]
    result       -  [absent: the action was judged without one]
    attributes   -  [absent: none were sent]
    stage        -  [absent: pre_tool, which goes without saying]
    masked       -  [absent: no secret was in it]
  context
    time         "1970-01-01T00:00:00.024000000Z"  [entry: time]
    clock        "synthetic"  [entry: clock]
    session      "run-000003"  [entry: session]
    trace        -  [absent: the action belongs to none]
    input        "sha256:SALTED"  [entry: decision.input]
    state        "sha256:09e94250f175a72cc76b87543580884d2951648e82c5e335b30fa305b6873706"  [entry before: state]
  outcome
    effect       "allow"  [entry: decision.effect]
    reasons      ["rule 'refund' of 'support' (policy.yaml) matched"]  [entry: decision.reasons]
    obligations  -  [absent: there are none]
    fault        -  [absent: the machine did not fail]
    state        "sha256:bcde9e582c411d52934a06980030c2bb3f39d1ca0cf6ba257dcfb8aa13bc671e"  [entry: state]
    entry        26  [outcome: seq]
    status       -  [absent: the outcome says none]
    result       "sha256:SALTED"  [outcome: result]
  lineage
    log          "example.org/support"  [entry: log]
    seq          25  [entry: seq]
    links        -  [absent: the action is about no other entry]
    leaf         "sha256:SALTED"  [SHA-256 of a zero byte and the entry's line]
    signed       true  [checkpoint: size]
    size         52  [checkpoint: size]
    root         "sha256:SALTED"  [checkpoint: root]
  $ trammel log bom 35 -C space --json | grep -o '"considered":{[^}]*}'
  "considered":{"value":[{"rule":"support/accounts-are-off-limits","was":"false"}
  $ trammel log bom 26 -C space
  trammel: the entry is of kind outcome; only an action has a bill of materials
  [5]
  $ trammel log bom 52 -C space
  trammel: the log has no entry 52; they count from 0
  [5]

The state, then and now.

  $ trammel state -C space
  state after entry 51, root sha256:3573729ba6f07b65320e51d21c669f2d36040b57dd4c957b97ad30c89561c5a0
  totals
    entries 52, actions 22, denials 3, last 1970-01-01T00:00:00.050000000Z
    policy sha256:8021f161667dfefc3227377965ad1e1e97e8d417f6bd0fd2c670d69e7f51b1eb
  agents (1)
    support-bot              imported active      actions 22      denials 3       no key
  sessions (6)
    run-000000               actions 3        denials 0        began 1970-01-01T00:00:00.001000000Z
    run-000001               actions 3        denials 0        began 1970-01-01T00:00:00.008000000Z
    run-000002               actions 3        denials 1        began 1970-01-01T00:00:00.015000000Z
    run-000003               actions 10       denials 1        began 1970-01-01T00:00:00.022000000Z
    run-000004               actions 2        denials 1        began 1970-01-01T00:00:00.043000000Z
    run-000005               actions 1        denials 0        began 1970-01-01T00:00:00.048000000Z
  limits (0)
  histories (0)
  halts (0)
  quotas (0)
  elevations (0)
  delegations (0)
  credentials (0)
  $ trammel state -C space --at 25 --table agents
  state after entry 25, root sha256:bcde9e582c411d52934a06980030c2bb3f39d1ca0cf6ba257dcfb8aa13bc671e
  agents (1)
    support-bot              imported active      actions 11      denials 1       no key
  $ trammel state -C space --at 0 --json
  {"after_entry":0,"state_root":"sha256:00783470e0dab014e7ed2d6618c1a3bcd167f6281a4b56fe7b13615d20f1d241","totals":{"entries":1,"actions":0,"denials":0,"last":"1970-01-01T00:00:00.001000000Z","policy":"sha256:8021f161667dfefc3227377965ad1e1e97e8d417f6bd0fd2c670d69e7f51b1eb"},"agents":[],"sessions":[],"limits":[],"histories":[],"halts":[],"quotas":[],"elevations":[],"delegations":[],"credentials":[]}
  $ trammel state -C space --at 52
  trammel: the log has no entry 52; they count from 0
  [5]

A second import goes behind the first.

  $ trammel import $incident --format openai-chat -C space --json | grep -o '"log_entries":[0-9]*'
  "log_entries":102
