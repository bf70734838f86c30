Rings: what a tool needs, who is where, and an agent that is lifted for a while.

  $ trammel init space --origin example.org/ring >/dev/null
  $ trammel agent create boss --sponsor ann@example.org -C space >boss; trammel agent create ann --sponsor ann@example.org -C space >ann
  $ did=$(sed -n 's/.*did  //p' boss); key() { sed -n 's/.*key  \([^ ]*\).*/\1/p' $1; }
  $ trammel ring ann -C space
  trammel: no policy of this workspace has 'rings'
  [5]
  $ policy() { printf 'apiVersion: governance.toolkit/v1\nname: all\ndefault_action: allow\nrings:\n  sponsor: %s\n  tools: [{tools: [look], read_only: true}]\n' "$1" >space/policies/policy.yaml; }
  $ policy "$did"
  $ trammel ring ann -C space
  agent ann is in ring 3
  $ trammel ring eve -C space
  agent eve, which is not registered, is in ring 3
  $ ask() { echo "$1" | trammel check -C space | sed 's/.*"allowed":\([a-z]*\).*"reason":"\([^"]*\)".*/\1 \2/'; }
  $ ask '{"agent":"ann","action":"look"}'
  true no rule matched; default of 'all' is allow
  $ ask '{"agent":"ann","action":"pay"}'
  false 'pay' needs ring 1; agent 'ann' is in ring 3

The sponsor's key lifts, nobody else's does, and never to ring 0.

  $ soon=$(date -u -d '+30 minutes' +%Y-%m-%dT%H:%M:%SZ)
  $ trammel elevate ann --ring 1 -C space
  trammel: expected --ring N, --until TIME and --sponsor-key FILE
  [2]
  $ trammel elevate ann --ring 1 --until $soon --sponsor-key $(key ann) -C space 2>said; echo "[$?]"; sed 's/key-[0-9a-f]*/KEY/; s/did:key:.*/DID/' said
  [5]
  trammel: space/keys/agents/KEY.pem: this is not the key of the sponsor that the policy names under 'rings', which is DID
  $ trammel elevate ann --ring 0 --until $soon --sponsor-key $(key boss) -C space
  trammel: nobody is lifted to ring 0; expected 1 or 2: what needs ring 0 does not pass the gate
  [5]
  $ trammel elevate ann --ring 1 --until 2200-01-01T00:00:00Z --sponsor-key $(key boss) -C space
  trammel: an elevation ends within an hour, and not before it begins
  [5]
  $ trammel elevate ann --ring 1 --until $soon --sponsor-key $(key boss) -C space
  elevate: ann to ring 1
  $ trammel ring ann -C space | sed 's/until .*/until SOON/'
  agent ann is in ring 1, lifted from ring 3 until SOON
  $ ask '{"agent":"ann","action":"pay"}'
  true no rule matched; default of 'all' is allow
  $ trammel lower ann --reason done -C space
  lower: ann
  $ ask '{"agent":"ann","action":"pay"}'
  false 'pay' needs ring 1; agent 'ann' is in ring 3
  $ trammel state --table elevations -C space | sed -e 's/, root.*//' -e 's/since [^ ]*/since NOW/'
  state after entry 9
  elevations (1)
    ann                      ring 1 since NOW until 1970-01-01T00:00:00.000000000Z
  $ trammel replay -C space
  replayed: 10 entries, 0 sessions, 4 tool calls, 2 allowed, 2 denied, 0 divergences; bit-exact

A score that fell lowers, until it has risen by more than that.

  $ printf 'apiVersion: governance.toolkit/v1\nname: all\ndefault_action: allow\ntrust: {initial: 800}\nrings:\n  default: 1\n  demotion: [{below: 500, until: 600, ring: 3}]\n' >space/policies/policy.yaml
  $ trammel trust set ann 400 -C space >/dev/null; ask '{"agent":"ann","action":"pay"}'
  false 'pay' needs ring 1; agent 'ann' is in ring 3
  $ trammel trust set ann 550 -C space >/dev/null; trammel ring ann -C space
  agent ann is in ring 3, lowered from ring 1 by its score
  $ trammel ring ann -C space --json
  {"agent":"ann","registered":true,"ring":3,"own":1,"demoted":true}
  $ trammel trust set ann 700 -C space >/dev/null; trammel ring ann -C space
  agent ann is in ring 1

What a ring may reach, and that its bounds are asked of the agent's ring now.

  $ printf 'apiVersion: governance.toolkit/v1\nname: all\ndefault_action: allow\nrings:\n  tools: [{tools: [look], read_only: true}]\n  reach: [{ring: 3, resources: [public/*]}]\n' >space/policies/policy.yaml
  $ ask '{"agent":"ann","action":"look","resource":"public/x"}'
  true no rule matched; default of 'all' is allow
  $ ask '{"agent":"ann","action":"look","resource":"prod/x"}'
  false agent 'ann' is in ring 3, which may not reach 'prod/x'
  $ ask '{"agent":"ann","action":"look"}'
  false agent 'ann' is in ring 3, which may reach what the policy names, and resource names nothing
  $ mkdir new; sed 's#public/\*#public/*, tmp/*#' space/policies/policy.yaml >new/policy.yaml
  $ trammel policy diff space/policies new
  looser   reach of ring 3 by any, globs: public/* -> public/*, tmp/*
  pairs of rules: 0 looser, 0 changed, 0 tighter, 0 unknown
  terms besides rules: 1 looser, 0 changed, 0 tighter
  [1]
