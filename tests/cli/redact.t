Values that must be forgotten, and bodies that are old. The log is evidence and stays as it is; what it says of arguments
and results are commitments to each of their values, so a value can be taken away.

  $ trammel init space --origin example.org/shop >out
  $ cat >space/policies/policy.yaml <<'END'
  > apiVersion: governance.toolkit/v1
  > name: shop
  > default_action: deny
  > rules:
  >   - {name: refund, tools: [refund], condition: args.amount <= 100, action: allow}
  >   - {name: large, tools: [refund], condition: 'args.amount > 100', action: deny}
  >   - {name: look-up, tools: ['get_*'], action: allow}
  > END
  $ trammel agent create bot --sponsor ann@example.org -C space >out
  $ cat >actions <<'END'
  > {"agent":"bot","action":"get_order","args":{"order":7,"customer":{"id":"c-17","email":"zoe@example.org"}}}
  > {"outcome_of":2,"result":{"email":"zoe@example.org","total":80}}
  > {"agent":"bot","action":"refund","args":{"amount":80,"customer":{"id":"c-17","email":"zoe@example.org"}}}
  > {"agent":"bot","action":"refund","args":{"amount":800,"customer":{"id":"c-99","email":"max@example.org"}}}
  > END
  $ trammel check --batch -C space <actions | grep -o '"effect":"[a-z]*","entry":[0-9]*'
  "effect":"allow","entry":2
  "effect":"allow","entry":3
  "effect":"allow","entry":4
  "effect":"deny","entry":5

What would be done, and whom it is about: a condition as in policies.

  $ trammel log redact --field args.customer.email --where 'args.customer.id == "c-17"' --dry-run -C space
  would be redacted: args.customer.email of 2 entries, 2 to 4; 0 decisions stand on it
  $ trammel log redact --field args.customer.email --where 'args.customer.id == "c-17"' --reason "request of 3 May" -C space
  redacted: args.customer.email of 2 entries, 2 to 4; 0 decisions stand on it
  $ trammel log redact --field result.email --where 'args.customer.id == "c-17"' --json -C space
  {"redacted":true,"field":"result.email","entries":1,"first":3,"last":3,"dependent":0,"quoted":0}
  $ trammel log show 4 -C space | tail -n 1
  args {"amount":80,"customer":{"email":null,"id":"c-17"}}  (redacted, and null here: 1 value)
  $ trammel log show 3 -C space --json | grep -o '"result":{.*'
  "result":{"email":null,"total":80},"result_redacted":1}
  $ grep -rl 'zoe@example' space
  [1]
  $ grep -rl 'max@example' space
  space/blob/00000000.pack

Everything holds: leaves, proofs, decisions.

  $ trammel log verify --bodies -C space | tail -n 2 | sed 's/recomputed.*bytes/recomputed/'
  recomputed, 2 bodies, 3 redacted
  verified: 8 entries, 3 tool calls, 2 allowed, 1 denied, 0 entries beyond the checkpoint
  $ trammel log prove 4 -C space >4.tlog-proof; trammel log check-proof 4.tlog-proof --vkey space/keys/log.vkey | tail -n 1
  proved: entry 4 of 8 in log example.org/shop
  $ trammel replay -C space
  replayed: 8 entries, 0 sessions, 3 tool calls, 2 allowed, 1 denied, 0 divergences; bit-exact

Times are counted back from the latest entry, and what is older stays.

  $ trammel log redact --field args.customer.id --since -0h --dry-run -C space
  trammel: no entry that is meant has a value at args.customer.id
  [5]
  $ trammel log redact --field args.customer.id --since -7d --dry-run -C space
  would be redacted: args.customer.id of 3 entries, 2 to 5; 0 decisions stand on it

What a decision stands on is not taken away by mistake.

  $ trammel log redact --field args.amount -C space
  entry 4        decided by rule 'shop/refund'
  entry 5        decided by rule 'shop/refund'
  would be redacted: args.amount of 2 entries, 4 to 5; 2 decisions stand on it
  trammel: 2 of the decisions stand on args.amount; with --force a replay calls them unknown
  [1]
  $ trammel log redact --field args.amount --where 'args.amount > 100' -C space
  entry 5        decided by rule 'shop/refund'
  would be redacted: args.amount of 1 entry, 5 to 5; 1 decision stands on it
  trammel: 1 of the decisions stands on args.amount; with --force a replay calls it unknown
  [1]
  $ trammel log redact --field args.amount --where 'action.type == "refund"' --force -C space
  entry 4        decided by rule 'shop/refund'
  entry 5        decided by rule 'shop/refund'
  redacted: args.amount of 2 entries, 4 to 5; 2 decisions stand on it
  $ trammel replay -C space
  replayed: 9 entries, 0 sessions, 3 tool calls, 2 allowed, 1 denied, 0 divergences; bit-exact but for 2 steps that stand on redacted values
  $ trammel replay -C space --json | grep -o '"unknown_steps":[0-9]*'
  "unknown_steps":2
  $ trammel replay -C space --policy space/policies --all | sed 's/ *$//'
  undecided entry 4        refund                                  allow -> unknown  unknown
            was shop/refund, now what it stands on is gone
  undecided entry 5        refund                                  deny -> unknown  unknown
            was shop/large, now what it stands on is gone
  same      entry 2        get_order                               allow -> allow  exact
            was shop/look-up, now shop/look-up
  labels: exact 1, re-decided 0, unknown 2
  what if: 9 entries, 0 sessions, 3 tool calls, 1 allowed, 0 denied; 1 same, 0 looser, 0 tighter, 2 undecided

It happened all the same: entry 39 is one action too many, and nothing is lost from the sums.

  $ after=$TOP/datasets/policies/support-after-incident.yaml
  $ trammel init support --origin example.org/support >out
  $ cp "$TOP/datasets/policies/support.yaml" support/policies/policy.yaml
  $ trammel import "$TOP/datasets/incidents/support-refunds.jsonl" --format openai-chat -C support >out 2>&1
  $ trammel log redact --field args.amount --where 'args.order == "B-1"' --force -C support >out
  $ trammel replay --policy $after -C support
  tighter   entry 27       issue_refund               run-000003   allow -> deny  unknown
            was support/refund, now support/large-refund
  tighter   entry 35       issue_refund               run-000003   allow -> deny  unknown
            was support/refund, now support/large-refund
  tighter   entry 39       issue_refund               run-000003   allow -> deny  unknown
            was support/refund, now support/many-actions
  undecided entry 25       issue_refund               run-000003   allow -> unknown  unknown
            was support/refund, now what it stands on is gone
  labels: exact 10, re-decided 3, unknown 9
  what if: 53 entries, 6 sessions, 22 tool calls, 15 allowed, 6 denied; 18 same, 0 looser, 3 tighter, 1 undecided
  $ trammel replay --policy $after -C support --json | tail -n 1 | grep -o '"same":.*"undecided":[0-9]*'
  "same":18,"looser":0,"tighter":3,"undecided":1
  $ trammel replay --policy support/policies -C support | tail -n 1
  what if: 53 entries, 6 sessions, 22 tool calls, 18 allowed, 3 denied; 21 same, 0 looser, 0 tighter, 1 undecided
  $ trammel policy diff support/policies $after --log support | tail -n 1
  22 recorded actions: 4 looser, 0 changed, 3 tighter, 1 undecided
  $ trammel policy diff support/policies support/policies --log support | tail -n 1
  22 recorded actions: 0 looser, 0 changed, 0 tighter, 1 undecided

One that was interrupted: it is announced, and the packs are as they were before.

  $ trammel init cut --origin example.org/cut >out; cp space/policies/policy.yaml cut/policies/
  $ trammel agent create bot --sponsor ann@example.org -C cut >out; trammel check --batch -C cut <actions >out
  $ cp -R cut/blob whole; trammel log redact --field args.customer.email --where 'args.customer.id == "c-17"' -C cut >out
  $ rm -r cut/blob; mv whole cut/blob
  $ trammel log verify --bodies -C cut | tail -n 2
  unfinished  entry 6 announced a redaction that is not finished: 2 of 2 entries, 2 to 4, still have values at args.customer.email; 'trammel log redact --field args.customer.email' with the conditions that it had finishes it
  verified: 7 entries, 3 tool calls, 2 allowed, 1 denied, 0 entries beyond the checkpoint
  $ trammel log verify --bodies --json -C cut | grep -o '"unfinished[^]]*]'
  "unfinished_redactions":[6]
  $ trammel log redact --field result -C cut
  entry 6 announced a redaction that is not finished: 2 of 2 entries, 2 to 4, still have values at args.customer.email; 'trammel log redact --field args.customer.email' with the conditions that it had finishes it
  redacted: result of 1 entry, 3 to 3; 0 decisions stand on it
  $ trammel log redact --field args.customer.email --where 'args.customer.id == "c-17"' -C cut
  redacted: args.customer.email of 2 entries, 2 to 4; 0 decisions stand on it
  $ trammel log verify --bodies --json -C cut | grep -o '"unfinished[^]]*]'
  "unfinished_redactions":[]

What does not make sense.

  $ trammel log redact -C space
  trammel: --field PATH is missing: what shall be gone, like args.customer.email
  [2]
  $ trammel log redact --field customer -C space
  trammel: 'customer' is no field; expected a path like args.customer.email, or result
  [5]
  $ trammel log redact --field args.iban -C space
  trammel: no entry that is meant has a value at args.iban
  [5]
  $ trammel log redact --field args --where 'agent.nam == "bot"' -C space
  trammel: 'agent' has no such member; docs/formats/policy.md lists what conditions see
  [5]

A list without end is told to the end; of what is gone nothing was only thought of.

  $ trammel init long --origin example.org/long >out; cp space/policies/policy.yaml long/policies/
  $ trammel agent create bot --sponsor ann@example.org -C long >out
  $ awk 'BEGIN { for (i = 0; i < 25000; i++) print "{\"agent\":\"bot\",\"action\":\"refund\",\"args\":{\"amount\":1}}" }' >many
  $ trammel check --batch -C long <many >out
  $ trammel log redact --field args.amount --force --json -C long | sed -n '$p;$='
  {"redacted":true,"field":"args.amount","entries":25000,"first":2,"last":25001,"dependent":25000,"quoted":0}
  25001

Old bodies. Here all are old, but for that of the policy: it is needed to know what was in force.

  $ trammel log prune --older-than 0d --dry-run -C space
  would be pruned: 4 bodies of entries before 8
  $ trammel log prune --older-than 90d -C space
  trammel: there are no bodies of entries so old
  [5]
  $ trammel log prune --older-than 2200-01-01T00:00:00Z --reason "rule of the house" -C space
  pruned: 4 bodies of entries before 9
  $ trammel log show 4 -C space | tail -n 1
  args (not in the blob store)
  $ trammel log verify --bodies -C space | tail -n 2 | sed 's/recomputed.*bytes/recomputed/'
  recomputed, 1 body, 4 pruned
  verified: 10 entries, 3 tool calls, 2 allowed, 1 denied, 0 entries beyond the checkpoint
  $ trammel log check-proof 4.tlog-proof --vkey space/keys/log.vkey | tail -n 1
  proved: entry 4 of 8 in log example.org/shop
  $ trammel replay -C space
  replayed: 10 entries, 0 sessions, 0 tool calls, 0 allowed, 0 denied, 0 divergences; bit-exact from entry 9 on, before which bodies were pruned
  $ echo '{"agent":"bot","action":"get_order","args":{"order":9}}' | trammel check -C space | grep -o '"entry":[0-9]*'
  "entry":10
  $ rm -r space/state; trammel replay -C space; trammel state -C space 2>&1 | head -n 1 | sed 's/root.*/root/'
  replayed: 11 entries, 0 sessions, 1 tool call, 1 allowed, 0 denied, 0 divergences; bit-exact from entry 9 on, before which bodies were pruned
  state after entry 10, root
  $ trammel log prune -C space
  trammel: --older-than AGE is missing: how old is old, like 90d
  [2]
  $ trammel log prune --older-than soon -C space
  trammel: space/state lacks entries from 9 on; they are re-run
  trammel: 'soon' is no age; expected one like 90d, or a time like 2026-01-02T03:04:05Z
  [2]

Times that an import made up tell no age: what was imported just now is not old.

  $ trammel init fresh --origin example.org/fresh >/dev/null; cp "$TOP/datasets/policies/support.yaml" fresh/policies/policy.yaml
  $ trammel import "$TOP/datasets/incidents/support-refunds.jsonl" --format openai-chat -C fresh >/dev/null 2>&1
  $ echo '{"agent":"support-bot","action":"get_order","args":{"id":7}}' | trammel check -C fresh >/dev/null
  $ trammel log prune --older-than 90d -C fresh
  trammel: there are no bodies of entries so old
  [5]
