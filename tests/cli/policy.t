The tools over policies: nothing here is recorded, and nothing needs a workspace.

  $ cp "$TOP/datasets/policies/support.yaml" old.yaml
  $ cat >refund.yaml <<'END'
  > agent: support-bot
  > action: issue_refund
  > args: {amount: 6000, currency: EUR}
  > END
  $ trammel policy check refund.yaml --policy old.yaml
  deny by the default
    no rule matched; default of 'support' is deny
  [1]
  $ sed 's/6000/60/' refund.yaml | trammel policy check --policy old.yaml --json
  {"allowed":true,"effect":"allow","rule":"support/refund","obligations":[],"reason":"rule 'refund' of 'support' (old.yaml) matched","errors":[],"signature_required":false}
  $ echo '{"agent":"a","action":"t","arg":1}' | trammel policy check --policy old.yaml
  trammel: -:1:27: unknown member 'arg' of a request; did you mean 'args'?
  [5]
  $ trammel policy check refund.yaml
  trammel: ./policies: there is no such file or folder of policies
  [5]

Why, and what would have to be different.

  $ trammel policy explain refund.yaml --policy old.yaml
  deny by the default
    no rule matched; default of 'support' is deny
  passed over support/refund
    false       args.amount <= 5000
  4 rules are about other tools or agents
  $ trammel policy why-not refund.yaml --policy old.yaml
  deny by the default
  it would be allow by support/refund with
    args.amount = 5000  instead of 6000
  $ trammel policy why-not refund.yaml --policy old.yaml --json
  {"effect":"deny","rule":null,"change":"found","changes":[{"path":"args.amount","was":6000,"now":5000}],"request":{"action":"issue_refund","agent":"support-bot","args":{"amount":5000,"currency":"EUR"}},"new_effect":"allow","new_rule":"support/refund"}
  $ sed 's/6000/60/' refund.yaml | trammel policy explain --policy old.yaml --json
  {"allowed":true,"effect":"allow","rule":"support/refund","obligations":[],"reason":"rule 'refund' of 'support' (old.yaml) matched","errors":[],"rules":[{"rule":"support/accounts-are-off-limits","applies":true,"decided":false,"truth":"false","clauses":[{"clause":"action.type is one of delete_account, change_password","column":0,"truth":"false"}]},{"rule":"support/look-up","applies":true,"decided":false,"truth":"false","clauses":[{"clause":"action.type is one of get_*, search_*","column":0,"truth":"false"}]},{"rule":"support/refund","applies":true,"decided":true,"truth":"true","clauses":[{"clause":"action.type is one of issue_refund","column":0,"truth":"true"},{"clause":"args.amount <= 5000","column":1,"truth":"true"},{"clause":"args.currency == \"EUR\"","column":25,"truth":"true"}]}],"policies":[]}
  $ cat >shut.yaml <<'END'
  > apiVersion: governance.toolkit/v1
  > name: shut
  > END
  $ trammel policy why-not refund.yaml --policy shut.yaml
  deny by the default
  no request of this stage is allowed
  [1]

Cases, what they cover, and what could be wrong without them noticing.

  $ cat >cases.yaml <<'END'
  > - name: up to the limit
  >   agent: support-bot
  >   action: issue_refund
  >   args: {amount: 5000, currency: EUR}
  >   expect: {effect: allow, rule: support/refund}
  > - name: other money
  >   agent: support-bot
  >   action: issue_refund
  >   args: {amount: 1, currency: USD}
  >   expect: {effect: deny, rule: null}
  > END
  $ trammel policy test cases.yaml --policy old.yaml
  never matched support/look-up (old.yaml:8)
  never false support/refund (old.yaml:12): action.type is one of issue_refund
  never false support/refund (old.yaml:12): args.amount <= 5000
  never matched support/mail-customers (old.yaml:17)
  never matched support/mail-colleagues (old.yaml:22)
  never matched support/accounts-are-off-limits (old.yaml:27)
  rules: 5; 1 decided, 0 matched only, 4 never; clauses: 9; 1 seen both ways
  2 cases: 2 passed, 0 failed
  $ trammel policy test cases.yaml --policy old.yaml --mutate --json | tail -3
  {"mutant":"survived","rule":"support/accounts-are-off-limits","file":"old.yaml","line":27,"how":"without","clause":"delete_account","column":0}
  {"mutant":"survived","rule":"support/accounts-are-off-limits","file":"old.yaml","line":27,"how":"without","clause":"change_password","column":0}
  {"cases":2,"passed":2,"failed":0,"mutants":25,"killed":9}
  $ trammel policy test cases.yaml --policy old.yaml --mutate | grep refund
  never false support/refund (old.yaml:12): action.type is one of issue_refund
  never false support/refund (old.yaml:12): args.amount <= 5000
  $ sed 's/null/support\/refund/' cases.yaml >wrong.yaml; trammel policy test wrong.yaml --policy old.yaml | head -3
  FAILED wrong.yaml:6 other money
    expected deny by support/refund
    found    deny by the default: no rule matched; default of 'support' is deny
  $ trammel policy test refund.yaml --policy old.yaml
  trammel: refund.yaml:1:1: found object; expected a list of cases
  [5]
  $ mkdir empty; trammel policy test empty --policy old.yaml
  trammel: empty: no fixture (*.yaml, *.yml, *.json) here
  [5]

What the rules say of each other.

  $ cat >odd.yaml <<'END'
  > apiVersion: governance.toolkit/v1
  > name: odd
  > rules:
  >   - {name: wide, tools: [pay*], action: deny, description: no}
  >   - {name: narrow, tools: [pay_one], action: allow}
  >   - {name: never, tools: [x], condition: args.n > 5 and args.n < 3, action: allow}
  >   - {name: small, tools: [y], condition: args.n < 10, action: allow}
  >   - {name: large, tools: [y], condition: args.n > 8, action: deny, description: no}
  > END
  $ trammel policy analyze odd.yaml
  shadowed    odd/narrow: it never decides, it comes behind odd/wide
  never       odd/never: its condition is true of no request
  undecidable odd/small: it cannot always be decided
    {"action":"y","agent":"some-agent","args":{"n":"other"}}
  undecidable odd/large: it cannot always be decided
    {"action":"y","agent":"some-agent","args":{"n":"other"}}
  conflict    odd/small: where both match, only their place decides against odd/large
    {"action":"y","agent":"some-agent","args":{"n":9}}
  5 rules, 1 never, 0 always, 1 shadowed, 1 conflict, 2 undecidable; 0 unknown
  [1]
  $ trammel policy analyze odd.yaml --json | tail -1
  {"rules":5,"policies":0,"never":1,"always":0,"shadowed":1,"conflict":1,"undecidable":2,"overlap":0,"unknown":0,"pairs_left_out":0}
  $ trammel policy analyze old.yaml | tail -1
  5 rules, 0 never, 0 always, 0 shadowed, 0 conflict, 3 undecidable; 0 unknown
  $ trammel policy lint odd.yaml
  odd.yaml:5:5: warning: odd/narrow: it never decides, it comes behind odd/wide (unreachable)
  odd.yaml:6:5: warning: odd/never: the condition is true of no request (never)
  2 warnings, 0 remarks
  [1]
  $ trammel policy lint old.yaml --json
  {"lint":"description","level":"remark","file":"old.yaml","line":27,"column":5,"rule":"support/accounts-are-off-limits","text":"a rule that denies has no description; who is denied will ask why"}
  {"warnings":0,"remarks":1,"pairs_left_out":0}

What a change of policy changes.

  $ sed 's/5000/100/' old.yaml >new.yaml
  $ trammel policy diff old.yaml new.yaml
  tighter  allow by support/refund -> deny by the default
    {"action":"issue_refund","agent":"some-agent","args":{"amount":5000,"currency":"EUR"}}
  pairs of rules: 0 looser, 0 changed, 1 tighter, 0 unknown
  terms besides rules: 0 looser, 0 changed, 0 tighter
  $ trammel policy diff new.yaml old.yaml --json
  {"flip":"looser","source":"reasoned","was":null,"now":"support/refund","was_outcome":"deny","now_outcome":"allow","witness":{"action":"issue_refund","agent":"some-agent","args":{"amount":5000,"currency":"EUR"}}}
  {"looser":1,"changed":0,"tighter":0,"unknown":0,"terms_looser":0,"terms_changed":0,"terms_tighter":0,"proved":true,"pairs_left_out":0,"extends_not_analysed":false}
  [1]
  $ trammel policy diff new.yaml old.yaml --allow-looser | tail -1
  terms besides rules: 0 looser, 0 changed, 0 tighter
  $ trammel policy diff old.yaml old.yaml
  pairs of rules: 0 looser, 0 changed, 0 tighter, 0 unknown
  terms besides rules: 0 looser, 0 changed, 0 tighter
  $ trammel init space --origin example.org/support >/dev/null
  $ cp old.yaml space/policies/policy.yaml
  $ trammel import "$TOP/datasets/incidents/support-refunds.jsonl" --format openai-chat -C space 2>/dev/null
  50 entries have no time in the source; theirs are synthetic and marked so
  imported: 52 entries, 6 new sessions, 22 tool calls, 19 allowed, 3 denied
  $ trammel policy diff old.yaml "$TOP/datasets/policies/support-after-incident.yaml" --log space
  tighter  allow by support/refund -> require_approval of support-lead by support/many-actions
    {"action":"issue_refund","agent":"some-agent","args":{"amount":5000,"currency":"EUR"},"session":{"actions":8,"denials":0,"id":"some-session"}}
  tighter  allow by support/refund -> require_approval of support-lead by support/large-refund
    {"action":"issue_refund","agent":"some-agent","args":{"amount":101,"currency":"EUR"},"session":{"actions":7,"denials":0,"id":"some-session"}}
  looser   allow, warn by support/mail-customers -> allow by support/mail
    {"action":"send_email","agent":"some-agent","args":{"to":"x"}}
  looser   deny by the default -> require_approval of support-lead by support/many-actions
    {"action":"issue_refund","agent":"some-agent","session":{"actions":8,"denials":0,"id":"some-session"}}
  looser   deny by the default -> require_approval of support-lead by support/large-refund
    {"action":"issue_refund","agent":"some-agent","args":{"amount":100,"currency":"other"},"session":{"actions":7,"denials":0,"id":"some-session"}}
  looser   deny by the default -> allow by support/mail
    {"action":"send_email","agent":"some-agent"}
  looser   allow, warn by support/mail-customers -> allow by support/mail
    2 recorded actions, entry 6 first
  looser   deny by the default -> require_approval of support-lead by support/large-refund
    2 recorded actions, entry 33 first
  tighter  allow by support/refund -> require_approval of support-lead by support/large-refund
    3 recorded actions, entry 25 first
  tighter  allow by support/refund -> require_approval of support-lead by support/many-actions
    1 recorded action, entry 39 first
  pairs of rules: 4 looser, 0 changed, 2 tighter, 0 unknown
  terms besides rules: 0 looser, 0 changed, 0 tighter
  22 recorded actions: 4 looser, 0 changed, 4 tighter, 0 undecided
  [1]
  $ trammel policy check refund.yaml -C space
  deny by the default
    no rule matched; default of 'support' is deny
  [1]

One layout, comments kept.

  $ printf '# why\nrules: [{action: allow, name: a, condition: "args.n<=5"}]  # one\nname: p\napiVersion: governance.toolkit/v1\n' >messy.yaml
  $ trammel policy fmt --check messy.yaml old.yaml
  messy.yaml: not laid out
  [1]
  $ trammel policy fmt messy.yaml old.yaml; cat messy.yaml
  messy.yaml: laid out
  # why
  apiVersion: governance.toolkit/v1
  name: p
  
  rules:  # one
    - name: a
      condition: args.n <= 5
      action: allow
  $ trammel policy fmt --check messy.yaml --json
  {"file":"messy.yaml","changed":false,"left_alone":false}
  $ for i in 0 1 2 3 4 5 6 7 8 9; do cp messy.yaml file$i.yaml; done; trammel policy fmt --check file*.yaml
  $ echo '- 1' | trammel policy fmt -
  trammel: -:1:1: a policy is a mapping of keys; found list
  [5]

Policies to start from, each with its cases; every case holds and no mutant survives them.

  $ trammel policy new | grep -o '^support-agent'
  support-agent
  $ trammel policy new support-agent
  trammel: found 'support-agent'; expected --template support-agent
  [2]
  $ trammel policy new --template suport-agent
  trammel: there is no template 'suport-agent'; did you mean 'support-agent'?
  [5]
  $ trammel policy new --template support-agent --out mine
  mine: read README.md, then
    trammel policy test mine/fixtures --policy mine/policies
  $ trammel policy test mine/fixtures --policy mine/policies | tail -1
  52 cases: 52 passed, 0 failed
  $ trammel policy new --template support-agent --out mine
  trammel: mine: it exists already, and is left alone
  [5]
  $ for name in $(trammel policy new | cut -d' ' -f1); do trammel policy new --template "$name" >/dev/null
  > trammel policy test "$name/fixtures" --policy "$name/policies" --mutate >/dev/null || echo "$name: $?"
  > trammel policy lint "$name/policies" >/dev/null || echo "$name: $?"; done

How fast: numbers differ from machine to machine.

  $ trammel policy bench old.yaml --log space --json | sed 's/"p\([0-9]*\)_ns":[0-9]*/"p\1_ns":N/g'
  {"rules":1,"requests":"generated","decisions":20000,"p50_ns":N,"p99_ns":N}
  {"rules":1,"requests":"recorded","decisions":20000,"p50_ns":N,"p99_ns":N}
  {"rules":5,"requests":"generated","decisions":20000,"p50_ns":N,"p99_ns":N}
  {"rules":5,"requests":"recorded","decisions":20000,"p50_ns":N,"p99_ns":N}
  $ trammel policy bench old.yaml --json | sed 's/"p\([0-9]*\)_ns":[0-9]*/"p\1_ns":N/g'
  {"rules":1,"requests":"generated","decisions":20000,"p50_ns":N,"p99_ns":N}
  {"rules":5,"requests":"generated","decisions":20000,"p50_ns":N,"p99_ns":N}

What does not go together is refused, and what is not decided here is said.

  $ trammel policy check refund.yaml --policy old.yaml --from agt-go
  trammel: --from is about engines of another toolkit and belongs to --profile agt
  [2]
  $ (cat old.yaml; echo 'require_signature: true') >signed.yaml
  $ sed 's/6000/60/' refund.yaml | trammel policy check --policy signed.yaml
  allow by support/refund
    rule 'refund' of 'support' (signed.yaml) matched
    the policy requires a signature: an agent that has a key is denied without one
  $ printf -- '- {name: a, agent: a, action: issue_refund, args: {amount: 1, currency: EUR}, expect: {effect: allow, rule: support/refnd}}\n' >misspelt.yaml
  $ trammel policy test misspelt.yaml --policy old.yaml | head -4
  FAILED misspelt.yaml:1 a
    expected allow by support/refnd
    found    allow by support/refund: rule 'refund' of 'support' (old.yaml) matched
    there is no rule 'support/refnd'; did you mean 'support/refund'?
