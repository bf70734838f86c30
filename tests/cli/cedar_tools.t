Tools for Cedar policies: layout, coverage, mutants.

  $ cat >messy.cedar <<'END'
  > // who reads
  > @id("read") permit(principal in Team::"a",action in [Action::"doc.read", Action::"doc.list"], // both
  >   resource) when{ context.args.n<5&&principal has level };
  > END
  $ trammel policy fmt --check messy.cedar
  messy.cedar: not laid out
  [1]
  $ trammel policy fmt messy.cedar; cat messy.cedar
  messy.cedar: laid out
  // who reads
  @id("read")
  permit (
    principal in Team::"a",
    action in [Action::"doc.read", Action::"doc.list"],  // both
    resource
  )
  when { context.args.n < 5 && principal has level };
  $ trammel policy fmt --check messy.cedar --json
  {"file":"messy.cedar","changed":false,"left_alone":false}
  $ echo 'entity A = { a : Long, };' >one.cedarschema; trammel policy fmt one.cedarschema; cat one.cedarschema
  one.cedarschema: laid out
  entity A = {
    a: Long,
  };

Files of JSON are left alone, and what cannot be read is told by its place.

  $ echo '{"staticPolicies": {}}' >set.cedar.json; trammel policy fmt set.cedar.json; cat set.cedar.json
  set.cedar.json: left alone; fmt lays out YAML, *.cedar and *.cedarschema
  {"staticPolicies": {}}
  $ trammel policy fmt --check set.cedar.json --json
  {"file":"set.cedar.json","changed":false,"left_alone":true}
  $ printf 'permit(principal,\n  acton, resource);\n' >wrong.cedar; trammel policy fmt wrong.cedar
  trammel: wrong.cedar:2:3: found 'acton'; expected 'action', the second part of the scope; did you mean 'action'?
  [5]

Cases cover Cedar policies as they cover rules, and mutants change them.

  $ mkdir policies; cat >policies/pay.cedar <<'END'
  > @id("pay")
  > permit (principal, action == Action::"pay", resource)
  > when { context.args has amount && context.args.amount <= 100 }
  > unless { context.args has draft };
  > 
  > @id("frozen")
  > forbid (principal, action, resource == Resource::"frozen");
  > END
  $ cat >few.yaml <<'END'
  > - {name: some, agent: a, action: pay, args: {amount: 7}, expect: {effect: allow, rule: pay.cedar/pay}}
  > - {name: other, agent: a, action: sell, args: {}, expect: {effect: deny, rule: null}}
  > END
  $ trammel policy test few.yaml --policy policies --mutate
  never false pay.cedar/pay (pay.cedar:3): context.args has amount
  never false pay.cedar/pay (pay.cedar:3): context.args.amount <= 100
  never true pay.cedar/pay (pay.cedar:4): context.args has draft
  never matched pay.cedar/frozen (pay.cedar:6)
  rules: 2; 1 decided, 0 matched only, 1 never; clauses: 5; 1 seen both ways
  survived: pay.cedar/pay (pay.cedar:3) without: context.args has amount
  survived: pay.cedar/pay (pay.cedar:3) without: context.args.amount <= 100
  survived: pay.cedar/pay (pay.cedar:4) without: context.args has draft
  survived: pay.cedar/frozen (pay.cedar:6) deleted
  survived: pay.cedar/frozen (pay.cedar:6) flipped
  mutants: 10; 5 killed, 5 survived
  2 cases: 2 passed, 0 failed
  [1]
  $ trammel policy test few.yaml --policy policies --mutate --json | grep -v '"case"' | head -3
  {"rule":"pay.cedar/pay","file":"pay.cedar","line":1,"decided":1,"matched":1,"clauses":[{"clause":"action == Action::\"pay\"","line":2,"column":20,"true":true,"false":true,"undecided":false},{"clause":"context.args has amount","line":3,"column":21,"true":true,"false":false,"undecided":false},{"clause":"context.args.amount <= 100","line":3,"column":55,"true":true,"false":false,"undecided":false},{"clause":"context.args has draft","line":4,"column":23,"true":false,"false":true,"undecided":false}]}
  {"rule":"pay.cedar/frozen","file":"pay.cedar","line":6,"decided":0,"matched":0,"clauses":[{"clause":"resource == Resource::\"frozen\"","line":7,"column":28,"true":false,"false":true,"undecided":false}]}
  {"mutant":"survived","rule":"pay.cedar/pay","file":"pay.cedar","line":3,"how":"without","clause":"context.args has amount","column":21}
  $ cat >all.yaml <<'END'
  > - {name: most, agent: a, action: pay, args: {amount: 100}, expect: {effect: allow, rule: pay.cedar/pay}}
  > - {name: more, agent: a, action: pay, args: {amount: 101}, expect: {effect: deny, rule: null}}
  > - {name: none, agent: a, action: pay, args: {}, expect: {effect: deny, rule: null}}
  > - {name: draft, agent: a, action: pay, args: {amount: 7, draft: true}, expect: {effect: deny, rule: null}}
  > - {name: frozen, agent: a, action: pay, resource: frozen, args: {amount: 7}, expect: {effect: deny, rule: pay.cedar/frozen}}
  > - {name: other, agent: a, action: sell, args: {amount: 7}, expect: {effect: deny, rule: null}}
  > END
  $ trammel policy test all.yaml --policy policies --mutate
  rules: 2; 2 decided, 0 matched only, 0 never; clauses: 5; 5 seen both ways
  mutants: 10; 10 killed, 0 survived
  6 cases: 6 passed, 0 failed

What one decision looks at is bounded, whatever the policies: beyond that it is denied and recorded, and a replay says so again.

  $ trammel init space --origin example.org/bounded >/dev/null; rm space/policies/policy.yaml
  $ awk 'BEGIN { print "permit (principal, action, resource);"; for (i = 0; i < 2200; i++) printf "forbid (principal, action, resource) when { context.args.text like \"*y%d*\" };\n", i }' >space/policies/search.cedar
  $ trammel agent create a --sponsor ann@example.org -C space >/dev/null
  $ ask() { { printf '{"agent":"a","action":"t","args":{"text":"'; head -c $1 /dev/zero | tr '\0' x; echo '"}}'; } |
  >   trammel check -C space | grep -o '^{"allowed":[a-z]*\|"reason":"[^"]*"\|"stage":"[a-z]*"'; }
  $ ask 10000
  {"allowed":true
  "reason":"Cedar policy 'policy0' ('search.cedar') permits"
  "stage":"policy"
  $ ask 1000000
  {"allowed":false
  "reason":"the stage reached a limit"
  "stage":"policy"
  $ trammel replay -C space
  replayed: 4 entries, 0 sessions, 2 tool calls, 1 allowed, 1 denied, 0 divergences; bit-exact
