The gate on the command line: one JSON line for each action, and status 1 when it is a no.

  $ trammel init space --origin example.org/bots
  workspace space for log example.org/bots
    policies/policy.yaml  denies everything; add rules for what your agents may do
    keys/log.vkey         give this to whoever verifies the log; keep keys/log.pem secret
  $ cat >space/policies/policy.yaml <<'END'
  > apiVersion: governance.toolkit/v1
  > name: bots
  > default_action: deny
  > rules:
  >   - {name: look-up, tools: [get_*], action: allow}
  > END
  $ mask() { sed 's/sha256:[0-9a-f]*/SHA256/g; s/did:key:z[0-9A-Za-z]*/DID/g; s/key-[0-9a-f]*/key-ID/g; s/"registered":"[^"]*"/"registered":TIME/g'; }
  $ trammel agent create bot --sponsor ann@example.org -C space | mask
  agent bot
    did  DID
    key  space/keys/agents/key-ID.pem (private; hand it to the agent)
  $ trammel agent create helper --sponsor ann@example.org -C space --json | mask
  {"agent":"helper","did":"DID","private_key_file":"space/keys/agents/key-ID.pem"}
  $ trammel agent create bot -C space
  trammel: agent 'bot' is registered already
  [5]
  $ trammel agent create '' -C space
  trammel: an agent's name has 1 to 128 bytes without control characters
  [5]
  $ trammel agent list -C space | mask
  state after entry 2, root SHA256
  agents (2)
    bot                      created  active      actions 0       denials 0       key-ID
    helper                   created  active      actions 0       denials 0       key-ID
  $ trammel agent list -C space --json | mask
  {"after_entry":2,"state_root":"SHA256","agents":[{"name":"bot","origin":"created","status":"active","standing":"active","did":"DID","actions":0,"denials":0,"registered":TIME},{"name":"helper","origin":"created","status":"active","standing":"active","did":"DID","actions":0,"denials":0,"registered":TIME}]}

Allowed, denied, not understood: all of it is recorded.

  $ echo '{"agent":"bot","action":"get_order","args":{"id":7}}' >allowed.json
  $ trammel check allowed.json -C space | mask
  {"allowed":true,"cost":2,"effect":"allow","entry":3,"obligations":[],"policy":"SHA256","reason":"rule 'look-up' of 'bots' (policy.yaml) matched","reasons":["rule 'look-up' of 'bots' (policy.yaml) matched"],"rule":"bots/look-up","stage":"policy","state_root":"SHA256"}
  $ echo '{"agent":"bot","action":"pay"}' | trammel check -C space >answer; echo $?; mask <answer
  1
  {"allowed":false,"cost":2,"effect":"deny","entry":4,"obligations":[],"policy":"SHA256","reason":"no rule matched; default of 'bots' is deny","reasons":["no rule matched; default of 'bots' is deny"],"rule":null,"stage":"policy","state_root":"SHA256"}
  $ echo '{"agent":"nobody","action":"get_order"}' | trammel check - -C space | grep -o '"reason":"[^"]*"'
  "reason":"agent 'nobody' is not registered"
  $ echo '{"agent":"bot","action":"get_order","args":{"id":NaN}}' | trammel check -C space | grep -o '"stage":"[a-z]*"'
  trammel: -:1:50: found 'N', expected a value
  "stage":"read"
  $ echo '{"agent":"bot","action":"get_order","arg":1}' | trammel check -C space 2>&1 >/dev/null
  trammel: -:1:37: member 'arg' is not known here; did you mean 'args'?
  [1]
  $ trammel check -C space >/dev/null </dev/null
  trammel: -:1:1: the text ends where a value was expected
  [1]
  $ printf '\377' | trammel check -C space 2>&1 >/dev/null
  trammel: -:1:1: found byte 0xFF, expected a value
  [1]
  $ head -c 100000000 /dev/zero | tr '\0' x | trammel check -C space 2>&1 >/dev/null
  trammel: -:1:1048576: an action document has at most 1048576 bytes; this one is longer
  [1]
  $ { head -c 10000 /dev/zero | tr '\0' '['; head -c 10000 /dev/zero | tr '\0' ']'; } | trammel check -C space 2>&1 >/dev/null
  trammel: -:1:65: nested deeper than 64 levels
  [1]
  $ trammel replay -C space
  replayed: 12 entries, 0 sessions, 3 tool calls, 1 allowed, 2 denied, 6 refusals, 0 divergences; bit-exact

A batch answers line by line; a line that is no action is denied and stops nobody. Its status is 0:
every line had its answer.

  $ cat >batch.jsonl <<'END'
  > {"agent":"bot","action":"get_order"}
  > 
  > {"agent":"bot","action":"pay"}
  > this is not JSON
  > {"outcome_of":3,"result":{"total":39.90},"status":"ok"}
  > {"outcome_of":99999,"result":1}
  > {"agent":"bot","action":"get_order"}
  > END
  $ trammel check --batch batch.jsonl -C space >answers; echo $?; grep -o '"effect":"[a-z]*","entry":[0-9]*' answers
  trammel: batch.jsonl:2:1: the text ends where a value was expected
  trammel: batch.jsonl:4:2: found 'h', expected the rest of true, false or null
  trammel: batch.jsonl:6:1: 'outcome_of' names no earlier entry
  0
  "effect":"allow","entry":12
  "effect":"deny","entry":13
  "effect":"deny","entry":14
  "effect":"deny","entry":15
  "effect":"allow","entry":16
  "effect":"deny","entry":17
  "effect":"allow","entry":18
  $ head -c 3000000 /dev/zero | tr '\0' x >long; { cat long; echo; cat allowed.json; } | trammel check --batch -C space | grep -o '"effect":"[a-z]*"'
  trammel: -:1:1048576: an action document has at most 1048576 bytes; this one is longer
  "effect":"deny"
  "effect":"allow"

The outcome is linked to its action.

  $ trammel log show 16 -C space | grep -o '"links":.*\]'
  "links":[{"rel":"outcome_of","seq":3}]
  $ trammel log show 16 -C space --json | grep -o '"result":{.*'
  "result":{"total":39.9}}
  $ trammel replay -C space
  replayed: 21 entries, 0 sessions, 7 tool calls, 4 allowed, 3 denied, 10 refusals, 0 divergences; bit-exact

What cannot be read, and what cannot be answered.

  $ trammel check missing.json -C space
  trammel: missing.json: there is no such file
  [5]
  $ trammel check space -C space
  trammel: space: this is not a file
  [5]
  $ trammel check allowed.json -C space >/dev/full
  trammel: standard output: the answer could not be written: the system refused to read or write
  [3]
  $ trammel state -C space >/dev/full
  trammel: standard output: the answer could not be written: the system refused to read or write
  [3]
  $ trammel agent list -C space --json >/dev/full
  trammel: standard output: the answer could not be written: the system refused to read or write
  [3]
  $ trammel replay -C space >/dev/full
  trammel: standard output: the answer could not be written: the system refused to read or write
  [3]
  $ trammel log verify -C space >/dev/full
  trammel: standard output: the answer could not be written: the system refused to read or write
  [3]
  $ trammel log show 1 -C space >/dev/full
  trammel: standard output: the answer could not be written: the system refused to read or write
  [3]

What was asked long ago is not asked now: an old action may come from somebody who held it back, or lie before the end of what is over.

  $ echo '{"agent":"bot","action":"get_order","at":"2020-01-01T00:00:00Z"}' | trammel check -C space 2>&1 >/dev/null
  trammel: -:1:42: 'at' is 2020-01-01T00:00:00Z, more than 5 minutes behind the clock here
  [1]
