Everything a policy can say besides yes and no: stages, limits, edits, policies that extend others.

  $ trammel init space --origin example.org/desk >/dev/null
  $ mkdir space/policies/team
  $ cat >space/policies/policy.yaml <<'END'
  > apiVersion: governance.toolkit/v1
  > name: house
  > agents: [nobody-by-itself]
  > rules:
  >   - {name: never, tools: [rm_*], action: deny}
  > END
  $ cat >space/policies/team/desk.yaml <<'END'
  > apiVersion: governance.toolkit/v1
  > name: desk
  > extends: ../policy.yaml
  > rules:
  >   - {name: refund, tools: [refund], action: log, limit: 2/hour}
  >   - name: mail
  >     tools: [mail]
  >     action: transform
  >     transform: [{path: args.bcc, set: [audit@example.org]}, {path: args.note, remove: true}]
  >   - {name: leak, stage: post_tool, condition: result contains "secret", action: deny, priority: 1}
  >   - {name: fine, stage: post_tool, action: allow}
  >   - {name: everything, action: allow, priority: -1}
  > END
  $ trammel agent create bot --sponsor ann@example.org -C space >/dev/null
  $ mask() { sed 's/sha256:[0-9a-f]*/SHA256/g'; }
  $ ask() { printf '%s\n' "$1" | trammel check -C space | mask; }

A limit is used up, the log says by which rule and until when, and a replay agrees.

  $ undated() { sed 's/20[0-9-]*T[0-9:.]*Z/TIME/'; }
  $ refund() { ask '{"agent":"bot","action":"refund"}' | grep -o '"obligations":[^]]*.\|"reason":"[^"]*"\|"stage":"[a-z]*"' | undated; }
  $ refund
  "obligations":[{"rule":"desk/refund","type":"log"},{"limit":"2/hour","rule":"desk/refund","type":"rate_limit"}]
  "reason":"rule 'refund' of 'desk' (team/desk.yaml) matched"
  "stage":"policy"
  $ refund
  "obligations":[{"rule":"desk/refund","type":"log"},{"limit":"2/hour","rule":"desk/refund","type":"rate_limit"}]
  "reason":"rule 'refund' of 'desk' (team/desk.yaml) matched"
  "stage":"policy"
  $ refund
  "obligations":[]
  "reason":"rule 'desk/refund' allows agent 'bot' 2/hour, which are used up until TIME"
  "stage":"limit"
  $ trammel state -C space --table limits | tail -n 2 | undated
  limits (1)
    bot                      desk/refund used 2 in 3600 seconds from TIME
  $ trammel state -C space --table limits --json | mask | undated
  {"after_entry":4,"state_root":"SHA256","limits":[{"agent":"bot","rule":"desk/refund","used":2,"period_ns":3600000000000,"began":"TIME"}]}
  $ trammel replay -C space
  replayed: 5 entries, 0 sessions, 3 tool calls, 2 allowed, 1 denied, 0 divergences; bit-exact

Edits are for whoever passes the call on.

  $ ask '{"agent":"bot","action":"mail","args":{"to":"x","note":"hi"}}'
  {"allowed":true,"cost":6,"effect":"allow","entry":5,"obligations":[{"edits":[{"path":"args.bcc","set":["audit@example.org"]},{"path":"args.note"}],"rule":"desk/mail","type":"transform"}],"policy":"SHA256","reason":"rule 'mail' of 'desk' (team/desk.yaml) matched","reasons":["rule 'mail' of 'desk' (team/desk.yaml) matched"],"rule":"desk/mail","stage":"policy","state_root":"SHA256"}

After the tool, the result is judged too.

  $ ask '{"agent":"bot","action":"read","stage":"post_tool","result":"a secret"}' | grep -o '"rule".*"state'
  "rule":"desk/leak","stage":"policy","state
  $ ask '{"agent":"bot","action":"read","stage":"post_tool","result":"nothing"}' | grep -o '"rule".*"state'
  "rule":"desk/fine","stage":"policy","state
  $ ask '{"agent":"bot","action":"read","result":"nothing"}' | grep -o '"reason":"[^"]*"'
  trammel: -:1:41: 'result' belongs only to an action of stage post_tool
  "reason":"'result' belongs only to an action of stage post_tool"
  $ ask '{"agent":"bot","action":"read","stage":"post-tool"}' | grep -o '"reason":"[^"]*"'
  trammel: -:1:40: unknown stage 'post-tool'; expected pre_input, pre_tool, post_tool or pre_output; did you mean 'post_tool'?
  "reason":"unknown stage 'post-tool'; expected pre_input, pre_tool, post_tool or pre_output; did you mean 'post_tool'?"

What the extended policy denies, no child can allow.

  $ ask '{"agent":"bot","action":"rm_all"}' | grep -o '"rule".*"state'
  "rule":"house/never","stage":"policy","state
  $ trammel replay -C space
  replayed: 11 entries, 0 sessions, 7 tool calls, 4 allowed, 3 denied, 2 refusals, 0 divergences; bit-exact
  $ trammel log verify -C space --bodies | tail -n 1
  verified: 11 entries, 7 tool calls, 4 allowed, 3 denied, 2 refusals, 0 entries beyond the checkpoint

What does not load says where.

  $ try() { trammel check -C space </dev/null; }
  $ cp -r space/policies before
  $ back() { cp before/team/desk.yaml space/policies/team; }
  $ sed -i 's/policy.yaml/polcy.yaml/' space/policies/team/desk.yaml; try
  trammel: space/policies/team/desk.yaml:3:10: there is no file 'polcy.yaml' in the bundle; did you mean 'policy.yaml'?
  [5]
  $ back; echo 'extends: team/desk.yaml' >>space/policies/policy.yaml; try
  trammel: space/policies/team/desk.yaml:3:10: 'extends' leads in a circle: policy.yaml -> team/desk.yaml -> policy.yaml
  [5]
  $ cp before/policy.yaml space/policies; sed -i 's/2.hour/2 per hour/' space/policies/team/desk.yaml; try
  trammel: space/policies/team/desk.yaml:5:57: '2 per hour' is no limit; expected N/second, N/minute, N/hour or N/day, like 10/hour
  [5]
  $ back; sed -i 's/post_tool, condition/pre_output, condition/' space/policies/team/desk.yaml; try
  trammel: space/policies/team/desk.yaml:10:48: there is no result yet in stage pre_output; only rules of stage post_tool see one
  [5]
  $ back; sed -i 's/args.bcc/agent.id/' space/policies/team/desk.yaml; try
  trammel: space/policies/team/desk.yaml:9:24: 'agent' cannot be transformed; expected a path that begins with args or, after the tool, result
  [5]
  $ back; sed -i 's/^extends/conflict_resolution: deny_overrides\nextends/' space/policies/team/desk.yaml
  $ echo 'conflict_resolution: first_match' >>space/policies/policy.yaml; try
  trammel: space/policies/team/desk.yaml:3:22: conflict_resolution is deny_overrides here and first_match in policy.yaml; a bundle has one
  [5]
