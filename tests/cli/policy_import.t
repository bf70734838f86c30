Policies of the Agent Governance Toolkit, translated: what becomes of them, and which answers change.

  $ cat >payments.yaml <<'END'
  > apiVersion: governance.toolkit/v1
  > name: payments
  > agents: ['*']
  > default_action: deny
  > rules:
  >   - {name: small, condition: "action.type == 'pay' and amount < 500", action: allow}
  >   - {name: mail, condition: "action.type == 'mail'", action: warn}
  >   - {name: odd, condition: "(user.name == 'this or that')", priority: 5, effect: allow}
  > END
  $ trammel policy import payments.yaml --from agt-mesh
  looser  payments.yaml:7:5: rule 'mail': warn (not allowed) -> warn
           AGT does not let pass what it answers with 'warn'; here it passes, with that obligation
           request {"action":"mail","agent":"agent-1","args":{}}
  changed payments.yaml:6:5: rule 'small': allow -> deny
           the rule matches there; here it cannot be decided: args.amount is missing
           request {"action":"pay","agent":"agent-1","args":{}}
  changed payments.yaml:6:5: rule 'small': allow -> deny
           the rule matches there; here it cannot be decided: '<' has no order for args.amount (boolean) and the literal (integer)
           request {"action":"pay","agent":"agent-1","args":{"amount":true}}
  changed payments.yaml:6:5: rule 'small': allow -> deny
           the rule matches there; here it cannot be decided: '<' has no order for args.amount (null) and the literal (integer)
           request {"action":"pay","agent":"agent-1","args":{"amount":null}}
  remark  payments.yaml:8:74: rule 'odd': AGT's Python engine ignores the key 'effect', and so it is left out
  remark  payments.yaml:8:28: rule 'odd': AGT tears it at every ' or ' and ' and ', quoted or not; here it means what it says: (has(args.user.name) and args.user.name == 'this or that')
  remark  payments.yaml:8:5: rule 'odd': the rule alone answers otherwise, but no request was found for which the policy does
  translated: 3 rules; 4 answers change, 1 looser; both engines were asked 64 requests
  apiVersion: governance.toolkit/v1
  name: payments
  agents: ['*']
  default_action: deny
  rules:
    - name: small
      condition: 'action.type == "pay" and args.amount < 500'
      action: allow
    - name: mail
      condition: 'action.type == "mail"'
      action: warn
    - name: odd
      condition: "(has(args.user.name) and args.user.name == 'this or that')"
      action: deny
      priority: 5

A witness is a request that can be asked again.

  $ mkdir policies; trammel policy import payments.yaml --from agt-mesh --out policies/p.yaml 2>/dev/null
  $ echo '{"action":"pay","agent":"agent-1","args":{}}' | trammel policy check --policy policies
  deny by the default
    no rule matched; default of 'payments' is deny
    undecided: rule 'payments/small': args.amount is missing (condition column 26)
  [1]

A file that is there is not written over.

  $ trammel policy import payments.yaml --from agt-mesh --out policies/p.yaml 2>&1 | tail -n 1
  trammel: policies/p.yaml: the policy cannot be written: it exists already

For programs: one object. From standard input: -.

  $ printf '{version: "1", agent: a, policies: [{name: ops, type: approval, actions: ["deploy.*"]}]}' | trammel policy import - --from agt-rust --json
  {"translated":true,"rules":1,"requests":3,"looser":0,"changes":[],"remarks":[{"refused":false,"rule":null,"line":1,"column":23,"text":"AGT applies the profile to every agent, not only to 'a'; so does the policy"},{"refused":false,"rule":null,"line":0,"column":0,"text":"AGT allows what no rule speaks of; that is kept as 'default_action: allow'"}],"policy":"apiVersion: governance.toolkit/v1\nname: agt-rust\nversion: '1'\ndefault_action: allow\nrules:\n  - name: ops\n    tools: ['deploy.*']\n    action: require_approval\n"}

What cannot be translated is refused with all its places, and nothing is written.

  $ cat >bad.yaml <<'END'
  > name: bad
  > agents: [bot]
  > rules:
  >   - {name: a, condition: "env == 'prod' && tool_name == 'rm'"}
  >   - {name: b, condition: "env = 'prod'"}
  > END
  $ trammel policy import bad.yaml --from agt-mesh --out bad-out.yaml
  refused bad.yaml:4:26: rule 'a': the condition says nothing certain: AGT looks at its beginning only, and here '&&' is not an operator here; write 'and'; write what is meant
  refused bad.yaml:5:26: rule 'b': the condition says nothing certain: to AGT it is never true, and here '=' is not an operator here; write '=='; write what is meant
  not translated: 2 refusals; nothing was written
  [5]
  $ ls bad-out.yaml 2>/dev/null
  [2]

What the toolkit would not load, it does not load here.

  $ printf 'name: x\nrules:\n  - {name: r, condition: x, action: block}\n' >block.yaml
  $ trammel policy import block.yaml --from agt-mesh
  trammel: block.yaml:3:37: the reference toolkit raises ValidationError: 'action' should be one of the words that are known
  [5]
  $ printf 'name: x\nextends: base.yaml\n' >child.yaml; trammel policy import child.yaml --from agt-mesh
  trammel: base.yaml: the reference toolkit raises FileNotFoundError: 'base.yaml' is not there
  [5]
  $ printf 'name: x\nname: y\n' >twice.yaml; trammel policy import twice.yaml --from agt-mesh
  trammel: twice.yaml:2:1: the key `name` is given twice in this object; remove one of the two
  [5]
  $ trammel policy import missing.yaml --from agt-go
  trammel: missing.yaml: there is no such file
  [5]

Parents are looked for beside the file.

  $ mkdir -p set/base; printf 'name: base\nrules:\n  - {name: no-rm, condition: "tool_name == '"'rm'"'", action: deny}\n' >set/base/b.yaml
  $ printf 'name: top\nagents: ["*"]\ndefault_action: allow\nextends: base/b.yaml\n' >set/top.yaml
  $ trammel policy import set/top.yaml --from agt-mesh --strategy deny_overrides
  remark  set/top.yaml:4:10: the rules of what it extends are written out, as AGT merges them; lines below may be of those files
  translated: 1 rule; 0 answers change, 0 looser; both engines were asked 3 requests
  apiVersion: governance.toolkit/v1
  name: top
  agents: ['*']
  conflict_resolution: deny_overrides
  default_action: allow
  rules:
    - name: no-rm
      condition: 'action.type == "rm"'
      action: deny

The command line.

  $ trammel policy import payments.yaml
  trammel: --from is missing: agt-mesh, agt-trust, agt-go or agt-rust
  [2]
  $ trammel policy import payments.yaml --from agt-mehs
  trammel: --from is 'agt-mehs'; expected agt-mesh, agt-trust, agt-go or agt-rust; did you mean 'agt-mesh'?
  [2]
  $ trammel policy import payments.yaml --from agt-go --strategy deny_overrides
  trammel: --strategy is only for --from agt-mesh
  [2]
  $ trammel policy import payments.yaml --from agt-mesh --strategy deny
  trammel: --strategy is 'deny'; expected priority_first_match, deny_overrides, allow_overrides or most_specific_wins
  [2]

The toolkit's own answers, bug for bug: a missing amount is less than 500.

  $ echo '{"agent": "a", "action": {"type": "pay"}}' >context.json
  $ trammel policy check context.json --profile agt --policy payments.yaml
  allowed (allow) by small
    Rule small matched
  $ trammel policy check context.json --profile agt --policy payments.yaml --json
  {"allowed":true,"action":"allow","rule":"small","reason":"Rule small matched"}
  $ trammel policy check context.json --profile agx --policy payments.yaml
  trammel: --profile is 'agx'; expected agt; did you mean 'agt'?
  [2]
  $ trammel policy check context.json --profile agt
  trammel: --policy is missing: the policy of the toolkit to decide by
  [2]
