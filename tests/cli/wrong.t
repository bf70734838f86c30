Everything that can be wrong with what trammel is given: a place, the finding, what was expected, what
to do next, and a status that a script can act on.

No workspace, or none that can be made.

  $ trammel state
  trammel: ./trammel.yaml: not a workspace; make one with: trammel init . --origin NAME
  [5]
  $ trammel state -C missing
  trammel: missing/trammel.yaml: not a workspace; make one with: trammel init missing --origin NAME
  [5]
  $ mkdir full; touch full/file; trammel init full --origin example.org/x
  trammel: full: the folder is not empty; choose a new one
  [5]
  $ trammel init full/file --origin example.org/x
  trammel: full/file: it exists and is not a folder
  [5]
  $ trammel init missing/deeper --origin example.org/x
  trammel: missing/deeper: the folder cannot be made: the one that shall hold it is not there
  [5]
  $ trammel init space --origin 'two words'
  trammel: space: origin 'two words': expected 1 to 128 bytes without blanks, '+', quotes or backslashes, like example.org/agents
  [5]
  $ trammel init space --origin example.org/bots >/dev/null

Policies: the file, the line, the column.

  $ write() { cat >space/policies/policy.yaml; }
  $ try() { echo '{"agent":"bot","action":"get"}' | trammel check -C space; }
  $ write <<'END'
  > apiVersion: governance.toolkit/v1
  > name: bots
  > default_action: deny
  > rules:
  >   - {name: look-up, tools: [get_*], acton: allow}
  > END
  $ try
  trammel: space/policies/policy.yaml:5:37: unknown key 'acton' of a rule; did you mean 'action'?
  [5]
  $ sed -i 's/acton: allow/action: allwo/' space/policies/policy.yaml; try
  trammel: space/policies/policy.yaml:5:45: unknown action 'allwo'; expected allow, deny, warn, log, require_approval or transform; did you mean 'allow'?
  [5]
  $ sed -i 's/action: allwo/condition: args.n < , action: allow/' space/policies/policy.yaml; try
  trammel: space/policies/policy.yaml:5:56: the condition ends here; expected a path like args.amount or a literal
  [5]
  $ write <<'END'
  > a: &a [x, x]
  > b: &b [*a, *a]
  > c: [*b, *b]
  > END
  $ try
  trammel: space/policies/policy.yaml:1:4: anchors are not supported; remove the `&name` and repeat the text
  [5]
  $ printf 'name: "\377"\n' | write; try
  trammel: space/policies/policy.yaml: the file is not valid UTF-8
  [5]
  $ printf 'name: a\nname: b\n' | write; try
  trammel: space/policies/policy.yaml:2:1: the key `name` is given twice in this object; remove one of the two
  [5]
  $ rm space/policies/policy.yaml; try
  trammel: space/policies: no *.yaml, *.yml or *.cedar file here; without a policy nothing can be decided
  [5]
  $ trammel replay -C space --policy missing.yaml
  trammel: missing.yaml: there is no such file or folder of policies
  [5]
  $ trammel log verify -C space >/dev/null
  $ printf 'apiVersion: governance.toolkit/v1\nname: bots\ndefault_action: deny\nrules: []\n' | write

The workspace's own file.

  $ cp space/trammel.yaml kept
  $ sed -i 's/snapshot_interval/snapshot_intervall/' space/trammel.yaml; trammel state -C space
  trammel: space/trammel.yaml:8:1: 'snapshot_intervall' is not known here; did you mean 'snapshot_interval'?
  [5]
  $ sed 's/: 4096/: 0/' kept >space/trammel.yaml; trammel state -C space
  trammel: space/trammel.yaml:8:20: 'snapshot_interval' is a number from 1 to 1000000
  [5]
  $ sed 's,workspace/v4,workspace/v9,' kept >space/trammel.yaml; trammel state -C space
  trammel: space/trammel.yaml:2:9: 'format' is 'trammel/workspace/v9'; this version reads trammel/workspace/v4
  [5]
  $ cp kept space/trammel.yaml

Imports: nothing of a broken file is recorded.

  $ take() { trammel import "$@" --format openai-chat -C space; }
  $ take missing.json
  trammel: missing.json: there is no such file
  [5]
  $ printf '{"messages":[{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"get","arguments":"{}"}}]}]}\n' >run
  $ { cat run; echo '{"messages":[{"role":"assistant","tool_calls":[{"id":NaN}]}]}'; } >broken; take broken
  trammel: broken:2:54: found 'N', expected a value
  [5]
  $ { cat run; echo '{"messages":[{"role":"assistant","tool_calls":[{"id":"1"}]}]}'; } | take -
  trammel: -:2:48: found object; expected a tool call {"id", "function": {"name", "arguments"}}
  [5]
  $ { cat run; echo '{"messages":[{"role"'; } | take -
  trammel: -:3:1: the text ends inside a value
  [5]
  $ { cat run; echo '{"messages":[],"messages":[]}'; } | take -
  trammel: -:2:16: the name "messages" is given twice, first on line 2, column 2; keep one
  [5]
  $ take - </dev/null
  trammel: -:1:1: no run here; expected a JSON list of runs, JSONL, or one run
  [5]
  $ head -c 100000000 /dev/zero | tr '\0' x | take -
  trammel: -:1: a value of more than 16777216 bytes
  [7]
  $ { head -c 10000 /dev/zero | tr '\0' '['; head -c 10000 /dev/zero | tr '\0' ']'; } | take -
  trammel: -:1:65: nested deeper than 64 levels
  [7]
  $ trammel state -C space --table totals | head -n 1
  state of an empty log, root sha256:7298ff7075d902d0ae4db339c24ba7f0663d4d9df60b0c527b7c0392d65e8455
  $ cp run -- -run; trammel import --format openai-chat -C space -- -run
  1 entry has no time in the source; its time is synthetic and marked so
  imported: 3 entries, 1 new session, 1 tool call, 0 allowed, 1 denied

Evidence that was changed: status 4, and where.

  $ segment=space/log/segment/00000000.jsonl
  $ verify() { trammel log verify -C space >out; status=$?; cat out; return $status; }
  $ cp -r space sound
  $ back() { rm -rf space; cp -r sound space; }
  $ sed -i '3s/"get"/"got"/' $segment; verify
  trammel: space/log/segment/00000000.jsonl:3: entry 2: it was changed after it was signed: its hash is not the one in the signed tree
  [4]
  $ back; sed -i 2d $segment; verify
  trammel: space/log/segment/00000000.jsonl:2: entry 1: its number is 2: entries before it were removed or moved
  [4]
  $ back; sed -i '$d' $segment; verify; trammel replay -C space
  trammel: space/log/segment/00000000.jsonl:3: the segment was cut: the checkpoint signs 3 entries, whole lines end after 2
  trammel: space/log: the log has 2 entries but its checkpoint signs 3
  [4]
  $ back; truncate -s -1 $segment; verify
  trammel: space/log/segment/00000000.jsonl:3: the segment was cut: the checkpoint signs 3 entries, whole lines end after 2
  [4]
  $ back; echo '{}' >>$segment; verify
  trammel: space/log/segment/00000000.jsonl:4: entry 3: not a canonical entry: "log" is not the origin of a log
  [4]
  $ back; printf 'torn' >>$segment; trammel log verify -C space >out; grep -c 'not signed to the end' out
  trammel: the signed 3 entries are as they were; 0 more and bytes that are no entry follow the checkpoint; the next writer judges and signs them
  1
  $ trammel log verify -C space --json 2>/dev/null | grep -o '"torn":[a-z]*'
  "torn":true
  $ back; touch space/log/segment/0.jsonl; verify
  trammel: space/log/segment/0.jsonl: this file does not belong here: it is no segment
  [4]
  $ back; printf x >>space/log/tile/0/000.p/3; verify
  trammel: space/log/tile/0/000.p/3: the tile has 97 bytes, but 3 hashes are 96 bytes
  [4]
  $ back; rm space/log/checkpoint; verify
  trammel: space/log/checkpoint: the checkpoint is missing, but there are entries: it was removed
  [4]
  $ back; sed -i '2s/.*/9/' space/log/checkpoint; verify; trammel replay -C space
  trammel: space/log/checkpoint: the signature does not verify: the checkpoint was changed after it was signed
  trammel: space/log/checkpoint: the signature does not verify: the checkpoint was changed after it was signed
  [4]
  $ back; sed -i '3s/"effect":"deny"/"effect":"allow"/' $segment; trammel replay -C space
  trammel: space/log/segment/00000000.jsonl:3:171: member "effect": found string, expected "allow" when allowed is true, else "deny"
  [4]
  $ back; sed -i '3s/no rule/No rule/' $segment; trammel replay -C space >out 2>err; code=$?
  > sed 's/"input":"[^"]*"/"input":DIGEST/' out; cat err; (exit $code)
    decision
      recorded  {"allowed":false,"effect":"deny","input":DIGEST,"reasons":["No rule matched; default of 'bots' is deny"],"stage":"policy"}
      replayed  {"allowed":false,"effect":"deny","input":DIGEST,"reasons":["no rule matched; default of 'bots' is deny"],"stage":"policy"}
  replayed: 3 entries, 0 sessions, 0 tool calls, 0 allowed, 0 denied, 1 divergence
  trammel: space/log/segment/00000000.jsonl:3: entry 2 comes out differently
  [1]
  $ back; sed -i '2s/"kind":"agent"/"kind":"agents"/' $segment; trammel replay -C space
  trammel: space/log/segment/00000000.jsonl:2:74: member "kind": found string, expected a kind of this version
  [4]

A body that is gone: proofs hold, a replay lacks an answer.

  $ back; rm space/blob/*; trammel replay -C space
  replayed: 1 entry, 0 sessions, 0 tool calls, 0 allowed, 0 denied, stopped: a body is missing
  trammel: space/log/segment/00000000.jsonl:1: entry 0: the body it names is not in the blob store: it was removed, or the entry was changed, which 'trammel log verify' tells
  [6]
  $ verify >/dev/null
  $ trammel log show 2 -C space | tail -n 1
  args (not in the blob store)
  $ trammel log show 2 -C space --json | grep -o '"args":null'
  "args":null
  $ back; printf x | dd of=space/blob/00000000.pack bs=1 seek=90 conv=notrunc 2>/dev/null
  $ trammel replay -C space >/dev/null
  trammel: space/log/segment/00000000.jsonl:1: entry 0: the body it names was changed in the blob store
  [4]

A state cache that was damaged or lost is made again.

  $ back; rm -r space/state; trammel state -C space --table totals | head -n 2
  state after entry 2, root sha256:f3b705f80d0845da81a99f6e89f8917ac49d5775d4b4322ebf0097b03acab68a
  totals
  $ back; find space/state -type f -exec truncate -s 20 {} +
  $ trammel replay -C space
  replayed: 3 entries, 1 session, 1 tool call, 0 allowed, 1 denied, 0 divergences; bit-exact
