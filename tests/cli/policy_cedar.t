The tools over Cedar policies: what they say of each other, and why a request is decided so.

  $ mkdir shop
  $ cat >shop/shop.cedar <<'END'
  > @id("look")
  > permit(principal, action in [Action::"read", Action::"list"], resource);
  > @id("small")
  > permit(principal in Team::"till", action == Action::"pay", resource)
  > when { context.args has amount && context.args.amount < 100 };
  > @id("big")
  > forbid(principal, action == Action::"pay", resource)
  > when { context.args.amount > 50 };
  > @id("large")
  > permit(principal, action == Action::"pay", resource)
  > when { context.args.amount > 60 };
  > @id("odd")
  > permit(principal, action, resource)
  > when { context.args.n > 5 && context.args.n < 7 && context.args.n != 6 };
  > END
  $ cat >shop/till.entities.json <<'END'
  > [{"uid":{"type":"Agent","id":"bot"},"attrs":{},"parents":[{"type":"Team","id":"till"}]}]
  > END
  $ trammel policy analyze shop
  undecidable shop.cedar/small (shop.cedar:3): it cannot always be decided
    {"action":"pay","agent":"bot","args":"other"}
  undecidable shop.cedar/big (shop.cedar:6): it cannot always be decided
    {"action":"pay","agent":"some-agent","args":{"amount":"other"}}
  undecidable shop.cedar/large (shop.cedar:9): it cannot always be decided
    {"action":"pay","agent":"some-agent","args":{"amount":"other"}}
  shadowed    shop.cedar/large (shop.cedar:9): it never decides, it comes behind shop.cedar/big
  never       shop.cedar/odd (shop.cedar:12): its condition is true of no request
  undecidable shop.cedar/odd (shop.cedar:12): it cannot always be decided
    {"action":"some_tool","agent":"some-agent","args":{"n":5.5}}
  overlap     shop.cedar/small (shop.cedar:3): where both hold it gives way to shop.cedar/big
    {"action":"pay","agent":"bot","args":{"amount":51}}
  0 rules, 5 Cedar policies, 1 never, 0 always, 1 shadowed, 0 conflict, 4 undecidable, 1 overlap; 0 unknown
  [1]
  $ trammel policy analyze shop --json | tail -2
  {"finding":"overlap","unknown":false,"rule":"shop.cedar/small","other":"shop.cedar/big","file":"shop.cedar","line":3,"witness":{"action":"pay","agent":"bot","args":{"amount":51}}}
  {"rules":0,"policies":5,"never":1,"always":0,"shadowed":1,"conflict":0,"undecidable":4,"overlap":1,"unknown":0,"pairs_left_out":0}
  $ trammel policy lint shop
  shop.cedar:9:1: warning: shop.cedar/large: it never decides, it comes behind shop.cedar/big (unreachable)
  shop.cedar:12:1: warning: shop.cedar/odd: the condition is true of no request (never)
  2 warnings, 0 remarks
  [1]

  $ echo '{"agent":"bot","action":"pay","args":{"amount":70}}' >pay.json
  $ trammel policy explain pay.json --policy shop
  deny by shop.cedar/big, line 6
    Cedar policy 'big' ('shop.cedar') forbids
    undecided: policy 'shop.cedar/odd': the record has no attribute `n` (14:20)
  overruled   shop.cedar/small, a permit at shop.cedar:3
    true        action == Action::"pay"
    true        principal in Team::"till"
    true        context.args has amount
    true        context.args.amount < 100
  decided     shop.cedar/big, a forbid at shop.cedar:6
    true        action == Action::"pay"
    true        context.args.amount > 50
  overruled   shop.cedar/large, a permit at shop.cedar:9
    true        action == Action::"pay"
    true        context.args.amount > 60
  undecidable shop.cedar/odd, a permit at shop.cedar:12
    undecidable context.args.n > 5
  1 Cedar policy is about others
  $ trammel policy explain pay.json --policy shop --json
  {"allowed":false,"effect":"deny","rule":"shop.cedar/big","line":6,"obligations":[],"reason":"Cedar policy 'big' ('shop.cedar') forbids","errors":["policy 'shop.cedar/odd': the record has no attribute `n` (14:20)"],"rules":[],"policies":[{"policy":"shop.cedar/look","file":"shop.cedar","line":1,"effect":"permit","determines":false,"truth":"false","clauses":[{"clause":"action in [Action::\"read\", Action::\"list\"]","line":2,"column":19,"truth":"false"}]},{"policy":"shop.cedar/small","file":"shop.cedar","line":3,"effect":"permit","determines":false,"truth":"true","clauses":[{"clause":"action == Action::\"pay\"","line":4,"column":35,"truth":"true"},{"clause":"principal in Team::\"till\"","line":4,"column":8,"truth":"true"},{"clause":"context.args has amount","line":5,"column":21,"truth":"true"},{"clause":"context.args.amount < 100","line":5,"column":55,"truth":"true"}]},{"policy":"shop.cedar/big","file":"shop.cedar","line":6,"effect":"forbid","determines":true,"truth":"true","clauses":[{"clause":"action == Action::\"pay\"","line":7,"column":19,"truth":"true"},{"clause":"context.args.amount > 50","line":8,"column":28,"truth":"true"}]},{"policy":"shop.cedar/large","file":"shop.cedar","line":9,"effect":"permit","determines":false,"truth":"true","clauses":[{"clause":"action == Action::\"pay\"","line":10,"column":19,"truth":"true"},{"clause":"context.args.amount > 60","line":11,"column":28,"truth":"true"}]},{"policy":"shop.cedar/odd","file":"shop.cedar","line":12,"effect":"permit","determines":false,"truth":"undecidable","clauses":[{"clause":"context.args.n > 5","line":14,"column":23,"truth":"undecidable"}]}]}
  $ trammel policy why-not pay.json --policy shop
  deny by shop.cedar/big, line 6
  it would be allow by shop.cedar/small, line 3 with
    args.amount = 50  instead of 70

A rule that allows is overruled by a forbid; one that denies is asked first.

  $ cat >shop/rules.yaml <<'END'
  > apiVersion: governance.toolkit/v1
  > name: rules
  > rules:
  >   - {name: pay, tools: [pay], condition: args.amount > 60, action: allow}
  >   - {name: mail, tools: [mail], action: deny}
  > END
  $ trammel policy analyze shop | grep rules/
  undecidable rules/pay: it cannot always be decided
  shadowed    rules/pay: it never decides, it comes behind shop.cedar/big

What an edit flips, by the policies that decide.

  $ cp -r shop new; sed -i 's/amount > 50/amount > 90/' new/shop.cedar
  $ trammel policy diff shop new
  looser   deny by shop.cedar/big, line 6 -> allow by rules/pay
    {"action":"pay","agent":"some-agent","args":{"amount":61}}
  looser   deny by shop.cedar/big, line 6 -> allow by shop.cedar/small, line 3
    {"action":"pay","agent":"bot","args":{"amount":51}}
  looser   deny by shop.cedar/big, line 6 -> allow by shop.cedar/large, line 9
    {"action":"pay","agent":"some-agent","args":{"amount":61},"stage":"pre_input"}
  pairs of rules: 3 looser, 0 changed, 0 tighter, 0 unknown
  terms besides rules: 0 looser, 0 changed, 0 tighter
  [1]
  $ trammel policy diff new shop --json
  {"flip":"tighter","source":"reasoned","was":"rules/pay","now":"shop.cedar/big","was_outcome":"allow","now_outcome":"deny","witness":{"action":"pay","agent":"some-agent","args":{"amount":61}}}
  {"flip":"tighter","source":"reasoned","was":"shop.cedar/small","now":"shop.cedar/big","was_outcome":"allow","now_outcome":"deny","witness":{"action":"pay","agent":"bot","args":{"amount":51}}}
  {"flip":"tighter","source":"reasoned","was":"shop.cedar/large","now":"shop.cedar/big","was_outcome":"allow","now_outcome":"deny","witness":{"action":"pay","agent":"some-agent","args":{"amount":61},"stage":"pre_input"}}
  {"looser":0,"changed":0,"tighter":3,"unknown":0,"terms_looser":0,"terms_changed":0,"terms_tighter":0,"proved":true,"pairs_left_out":0,"extends_not_analysed":false}
  $ trammel policy diff shop shop
  pairs of rules: 0 looser, 0 changed, 0 tighter, 0 unknown
  terms besides rules: 0 looser, 0 changed, 0 tighter
