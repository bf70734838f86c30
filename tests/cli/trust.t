How much an agent is worth: kept when a policy says so, and explained from the log.

  $ trammel init space --origin example.org/trust | head -n 1
  workspace space for log example.org/trust
  $ trammel agent create ann --sponsor ann@example.org -C space | head -n 1
  agent ann
  $ trammel trust show -C space
  trammel: the policies in force keep no trust; a policy with the key 'trust' does
  [5]
  $ cat >space/policies/policy.yaml <<END
  > apiVersion: governance.toolkit/v1
  > name: p
  > trust:
  >   decay: {per_hour: 0}
  >   ceilings: [{agents: [bob], at_most: 400}]
  >   minimum: [{tools: [refund], tier: trusted}]
  > rules:
  >   - {name: no-drops, tools: [drop_table], action: deny}
  >   - {name: reads, tools: ["get_*", refund], condition: agent.trust >= 300, action: allow}
  > END
  $ check() { trammel check -C space | grep -o '"reason":"[^"]*"'; }
  $ echo '{"agent":"ann","action":"refund","session":"s"}' | check
  "reason":"action 'refund' needs a score of 700 (trusted); agent 'ann' has 500 (standard)"
  $ echo '{"agent":"ann","action":"get_order","session":"s"}' | check
  "reason":"rule 'reads' of 'p' (policy.yaml) matched"
  $ echo '{"outcome_of":4,"status":"ok","latency_ms":2000}' | trammel check -C space | cut -c 1-34
  {"allowed":true,"effect":"allow","
  $ echo '{"agent":"ann","action":"drop_table","session":"s"}' | check
  "reason":"rule 'no-drops' of 'p' (policy.yaml) matched"
  $ trammel trust show --at 6 -C space | sed 's/20[0-9-]*T.*Z/TIME/'
  ann                       507 standard
    compliance 495 resource 500 quality 550 security 495 collaboration 500, last signal TIME
  $ trammel trust show ann --at 4 -C space --json | sed 's/"signal":"[^"]*"/"signal":TIME/'
  {"agent":"ann","score":525,"tier":"standard","ceiling":1000,"compliance":550,"resource":500,"quality":500,"security":550,"collaboration":500,"signal":TIME,"regime_changed":false}
  $ trammel trust why ann -C space | sed 's/20[0-9-]*T[^ ]*Z/TIME/'
  entry 4  TIME  allowed  500 -> 525
    compliance     500.000 -> 550.000
    security       500.000 -> 550.000
  entry 5  TIME  completed, latency  525 -> 535
    quality        500.000 -> 550.000
  entry 6  TIME  violation  535 -> 507
    compliance     550.000 -> 495.000
    security       550.000 -> 495.000

An operator may set a score, up to the ceiling, and record an incident.

  $ trammel trust set ann 800 --reason 'vouched for' -C space
  trust.set: ann
  $ echo '{"agent":"ann","action":"refund"}' | check
  "reason":"rule 'reads' of 'p' (policy.yaml) matched"
  $ trammel trust incident ann 500 --reason 'key on a mailing list' -C space
  trust.incident: ann
  $ trammel trust why ann -C space --json | tail -n 1 | sed 's/"time":"[^"]*"/"time":TIME/'
  {"entry":9,"time":TIME,"signals":["incident"],"before":810000000,"decayed":810000000,"after":760000000,"compliance":770000000,"resource":750000000,"quality":750000000,"security":770000000,"collaboration":750000000}
  $ trammel agent create bob --sponsor ann@example.org -C space | head -n 1
  agent bob
  $ trammel trust set bob 500 -C space
  trammel: agent 'bob' has a ceiling of 400; it cannot be given 500
  [5]
  $ trammel trust set ann 1001 -C space
  trammel: the score is '1001'; expected 0 to 1000
  [2]
  $ trammel trust set eve 500 -C space
  trammel: agent 'eve' is not registered; see: trammel agent list
  [5]
  $ trammel trust show eve -C space
  trammel: agent 'eve' is not registered; see: trammel agent list
  [5]
  $ trammel trust why eve -C space
  trammel: agent 'eve' is not registered; see: trammel agent list
  [5]
  $ trammel trust show ann --at 99 -C space
  trammel: the log has no entry 99; they count from 0
  [5]
  $ trammel trust shw
  trammel: 'shw' is not a command of 'trust'; expected show, why, set, incident
  trammel: did you mean 'show'?
  trammel: see 'trammel help'
  [2]

What was decided by is in the record, and replays.

  $ trammel log bom 3 -C space | grep -A 3 '^trust'
  trust
    score        500  [entry: decision.trust.score]
    tier         "standard"  [entry: decision.trust.tier]
    regime       -  [absent: no change was found]
  $ trammel replay -C space | grep -o '0 divergences; bit-exact'
  0 divergences; bit-exact
