What agents hand on to each other, and the secrets they show: who may do what, and who no more.

  $ mask() { sed 's/link-[0-9a-f]\{16\}/link-ID/g; s/cred-[0-9a-f]\{16\}/cred-ID/g; s/tcr_[0-9A-Za-z_-]*/SECRET/g; s/20[0-9T:.-]*Z/TIME/g'; }
  $ ask() { echo "$1" | trammel check -C space | sed 's/.*"allowed":\([a-z]*\).*"reason":"\([^"]*\)".*/\1 \2/' | mask; }
  $ trammel init space --origin example.org/desk >/dev/null
  $ printf '%s\n' 'apiVersion: governance.toolkit/v1' 'name: desk' 'default_action: allow' 'capabilities:' '  - {agents: [planner], may: ["get_*", "refund:*", -refund:large]}' >space/policies/policy.yaml
  $ for name in planner clerk helper; do trammel agent create $name --sponsor ann@example.org -C space >/dev/null; done
  $ soon=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ); sooner=$(date -u -d '+30 minutes' +%Y-%m-%dT%H:%M:%SZ)

The policy bounds the planner, and what it hands on.

  $ ask '{"agent":"planner","action":"pay"}'
  false capability-scope: 'pay' is not among what the policy lets agent 'planner' do: get_*,refund:*,-refund:large
  $ trammel agent delegate planner clerk --capabilities 'pay' --expires $soon -C space
  trammel: link-wider: the policy leaves agent 'planner' less: get_*,refund:*,-refund:large
  [5]
  $ trammel agent delegate helper clerk --capabilities '*' --expires $soon -C space
  trammel: link-wildcard: '*' is not handed on; say which tools
  [5]
  $ trammel agent delegate planner clerk --capabilities 'get_order,refund:small' --expires $soon --ceiling 700 --depth 1 --reason 'support desk' -C space | mask
  agent.delegate: planner to clerk
    link  link-ID
    may   get_order,refund:small
  $ ask '{"agent":"clerk","action":"refund","resource":"small:7"}'
  true no rule matched; default of 'desk' is allow
  $ ask '{"agent":"clerk","action":"refund","resource":"big"}'
  false delegation-scope: link-ID from agent 'planner' does not cover 'refund:big'

The clerk hands on less than it has, and no more.

  $ trammel agent delegate clerk helper --capabilities 'refund' --expires $sooner -C space
  trammel: link-wider: agent 'clerk' has less to hand on: get_order,refund:small
  [5]
  $ trammel agent delegate clerk helper --capabilities 'get_order' --expires $sooner --ceiling 800 -C space
  trammel: link-ceiling: agent 'clerk' has a ceiling of 700 itself
  [5]
  $ trammel agent delegate clerk helper --capabilities 'get_order' --expires 2100-01-01T00:00:00Z -C space
  trammel: link-too-long: a delegation lasts at most 366 days
  [5]
  $ trammel agent delegate clerk planner --capabilities 'get_order' --expires $sooner -C space
  trammel: link-cycle: agent 'planner' is among those who hand on to it
  [5]
  $ trammel agent delegate clerk helper --capabilities 'get_order' --expires $sooner -C space --json | mask
  {"control":"agent.delegate","from":"clerk","to":"helper","link":"link-ID","capabilities":"get_order","expires":"TIME"}
  $ trammel agent delegate helper planner --capabilities 'get_order' --expires $sooner -C space
  trammel: link-depth: agent 'helper' has a depth of 0; what it hands on has less, and with 0 it hands on nothing
  [5]
  $ ask '{"agent":"helper","action":"get_order"}'
  true no rule matched; default of 'desk' is allow

What stops the clerk stops the helper.

  $ trammel agent suspend clerk --reason 'odd refunds' -C space
  agent.suspend: clerk
  $ ask '{"agent":"helper","action":"get_order"}'
  false delegation-ancestor: link-ID from agent 'clerk': agent 'clerk' is suspended
  $ trammel agent reactivate clerk -C space
  agent.reactivate: clerk
  $ ask '{"agent":"helper","action":"get_order"}'
  true no rule matched; default of 'desk' is allow
  $ trammel agent show helper -C space | sed -n '/delegations/,$p' | mask
  delegations
    link-ID  holds  from clerk, entry 8, until TIME
      trust at most 700, 0 more in a row
      effective: get_order
  $ link=$(trammel agent show clerk -C space | grep -o 'link-[0-9a-f]*')
  $ trammel agent undelegate clerk link-0000000000000000 -C space
  trammel: agent 'clerk' has no delegation 'link-0000000000000000'
  [5]
  $ trammel agent undelegate clerk $link --reason 'desk closed' -C space | mask
  delegation.revoke: link-ID of clerk
  $ trammel agent undelegate clerk $link -C space 2>&1 | mask
  trammel: link-ID is revoked already
  $ ask '{"agent":"helper","action":"get_order"}'
  false delegation-revoked: link-ID from agent 'planner' was revoked
  $ ask '{"agent":"clerk","action":"get_order"}'
  false delegation-revoked: link-ID from agent 'planner' was revoked
  $ trammel agent show clerk -C space | sed -n '/delegations/,$p' | mask
  delegations
    link-ID  delegation-revoked  from planner, entry 5, until TIME
      trust at most 700, 1 more in a row
      effective: nothing
  $ trammel state --table delegations -C space | tail -n +2 | mask
  delegations (2)
    link-ID planner to clerk revoked until TIME get_order,refund:small
    link-ID clerk to helper until TIME get_order

A credential is a secret for a while and for some things. It is printed once.

  $ trammel agent credential issue planner --capabilities 'get_*' --expires $soon -C space >made; mask <made
  credential.issue: planner
    id      cred-ID
    secret  SECRET (shown this once)
  $ secret=$(sed -n 's/.*secret  \([^ ]*\).*/\1/p' made); id=$(sed -n 's/.*id      //p' made)
  $ echo 'require_credential: true' >>space/policies/policy.yaml
  $ ask '{"agent":"planner","action":"get_order"}'
  false credential-missing: the policy wants one
  $ ask "{\"agent\":\"planner\",\"action\":\"get_order\",\"credential\":\"$secret\"}"
  true no rule matched; default of 'desk' is allow
  $ ask "{\"agent\":\"planner\",\"action\":\"refund\",\"resource\":\"small\",\"credential\":\"$secret\"}"
  false credential-scope: what is asked is beyond cred-ID
  $ ask "{\"agent\":\"clerk\",\"action\":\"get_order\",\"credential\":\"$secret\"}"
  false credential-other-agent: not this agent's: cred-ID
  $ ask '{"agent":"planner","action":"get_order","credential":"tcr_guessed"}'
  false credential-unknown: nobody has this one
  $ ask '{"agent":"planner","action":"get_order","credential":7}'
  trammel: -:1:54: 'credential' is of type integer; expected a string
  false 'credential' is of type integer; expected a string
  $ trammel agent credential rotate $id --expires $soon --until $sooner -C space >next; mask <next
  credential.rotate: cred-ID
    id      cred-ID
    secret  SECRET (shown this once)
  $ next=$(sed -n 's/.*secret  \([^ ]*\).*/\1/p' next)
  $ ask "{\"agent\":\"planner\",\"action\":\"get_order\",\"credential\":\"$secret\"}"
  true no rule matched; default of 'desk' is allow
  $ ask "{\"agent\":\"planner\",\"action\":\"get_order\",\"credential\":\"$next\"}"
  true no rule matched; default of 'desk' is allow
  $ trammel agent credential revoke $id --reason leaked -C space --json | mask
  {"control":"credential.revoke","of":"cred-ID"}
  $ ask "{\"agent\":\"planner\",\"action\":\"get_order\",\"credential\":\"$secret\"}"
  false credential-revoked: cred-ID
  $ trammel agent credential rotate $id --expires $soon --until $soon -C space 2>&1 | mask
  trammel: cred-ID is revoked already
  $ trammel agent show planner -C space | sed -n '/credentials/,$p' | mask
  credentials
    cred-ID  revoked  entry 17, until TIME
      good for: get_*
    cred-ID  active  entry 25, until TIME
      good for: get_*
  $ trammel state --table credentials -C space --json | grep -o '"credentials.*' | mask
  "credentials":[{"id":"cred-ID","agent":"planner","status":"revoked","capabilities":"get_*","issued":"TIME","ends":"TIME"},{"id":"cred-ID","agent":"planner","status":"active","capabilities":"get_*","issued":"TIME","ends":"TIME"}]}

The secrets are in no file of the workspace, but the hash is.

  $ grep -rlF -e "$secret" -e "$next" space
  [1]
  $ for n in $(seq 0 25); do trammel log show $n -C space --json; done 2>/dev/null | grep -c -F -e "$secret" -e "$next"
  0
  [1]
  $ printf 'trammel/credential/v1\n%s' "$secret" | sha256sum | cut -c 1-16 | sed 's/^/cred-/' | grep -cxF "$id"
  1

What is not understood says so.

  $ trammel agent delegate planner clerk --capabilities 'get order' --expires $soon -C space
  trammel: --capabilities: 'get order' is no capability; expected a tool, maybe ':' and what it is used on, like get_order, db:* or -db:secrets: no blanks, no empty part, '*' only at the end of a part, at most 16 parts
  [2]
  $ trammel agent delegate planner clerk --capabilities x -C space
  trammel: expected --capabilities LIST and --expires TIME
  [2]
  $ trammel agent delegate planner clerk --capabilities x --expires $soon --ceiling 1001 -C space
  trammel: --ceiling is '1001'; expected 0 to 1000
  [2]
  $ trammel agent delegate planner nobody --capabilities get_x --expires $soon -C space
  trammel: agent 'nobody' is not registered; see: trammel agent list
  [5]
  $ trammel agent credential isue planner -C space
  trammel: 'isue' is nothing to do with a credential; expected issue, rotate or revoke; did you mean 'issue'?
  [2]
  $ trammel agent credential issue planner --expires $soon -C space
  trammel: expected --capabilities LIST: what it is good for
  [2]
  $ trammel agent credential issue planner --capabilities x --expires 2100-01-01T00:00:00Z -C space
  trammel: a credential ends later than now, and within a day
  [5]
  $ trammel agent credential rotate cred-0 --expires $soon --until $soon -C space
  trammel: there is no credential 'cred-0'; expected an id like cred-0123456789abcdef, as 'trammel agent show' lists them
  [5]
  $ trammel agent credential rotate $id --expires $soon -C space
  trammel: expected --until TIME: as long as the old one is good as well
  [2]

All of it replays.

  $ trammel replay -C space
  replayed: 30 entries, 0 sessions, 16 tool calls, 6 allowed, 10 denied, 1 refusal, 0 divergences; bit-exact
  $ trammel log verify -C space >/dev/null
