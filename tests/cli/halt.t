What an operator stops. The policy allows everything to everybody.

  $ trammel init space --origin example.org/halt >/dev/null
  $ printf 'apiVersion: governance.toolkit/v1\nname: all\nunknown_agents: evaluate\ndefault_action: allow\n' >space/policies/policy.yaml
  $ ask() { echo "$1" | trammel check -C space | sed 's/.*"allowed":\([a-z]*\).*"reason":"\([^"]*\)".*/\1 \2/'; }
  $ ask '{"agent":"ann","action":"pay","session":"run"}'
  true no rule matched; default of 'all' is allow

An agent that was killed commits nothing any more: neither what it asks nor what it was allowed before.

  $ trammel kill agent ann --reason 'odd calls' -C space
  warning: no agent 'ann' is registered here; what was said holds for whoever comes by that name
  kill.agent: ann
  $ ask '{"agent":"ann","action":"pay"}'
  false agent 'ann' was killed
  $ ask '{"outcome_of":1}'
  trammel: -:1:1: 'outcome_of' names entry 1, which was fenced off when entry 2 killed agent ann
  false 'outcome_of' names entry 1, which was fenced off when entry 2 killed agent ann
  $ trammel kill agent ann -C space
  trammel: agent 'ann' is killed already
  [5]
  $ trammel release ann -C space
  trammel: agent 'ann' is killed, and that is final
  [5]

A quarantine has an end; here it is far away.

  $ trammel quarantine bob -C space
  trammel: a quarantine ends by itself: expected --until TIME
  [2]
  $ trammel quarantine bob --until soon -C space
  trammel: --until is 'soon'; expected an RFC 3339 time like 2026-01-02T03:04:05Z
  [2]
  $ trammel quarantine bob --until 2000-01-01T00:00:00Z -C space
  trammel: the quarantine would be over already; expected a later time
  [5]
  $ trammel quarantine bob --until 2200-01-01T00:00:00Z -C space
  warning: no agent 'bob' is registered here; what was said holds for whoever comes by that name
  quarantine: bob
  $ ask '{"agent":"bob","action":"pay"}'
  false agent 'bob' is in quarantine until 2200-01-01T00:00:00.000000000Z
  $ trammel release bob -C space --json
  {"control":"release","agent":"bob"}
  $ ask '{"agent":"bob","action":"pay"}'
  true no rule matched; default of 'all' is allow

Everything, and a session.

  $ trammel kill all -C space
  kill.all
  $ ask '{"agent":"bob","action":"pay"}'
  false everything was stopped by an operator
  $ trammel kill lift session run -C space
  trammel: found 'run': 'kill lift' takes no name, for only kill all can be lifted; agents and sessions are killed for good
  [2]
  $ trammel kill lift -C space
  kill.lift
  $ trammel kill lift -C space
  trammel: there is no global kill to lift
  [5]
  $ trammel kill session run -C space --json
  {"control":"kill.session","session":"run"}
  $ ask '{"agent":"bob","action":"pay","session":"run"}'
  false session 'run' was killed

What stands where, and that a replay does it all again.

  $ trammel state --table halts -C space | sed -e 's/, root.*//' -e 's/since [^ ]*/since NOW/'
  state after entry 13
  halts (4)
    agent      ann                      killed      fence 2        since NOW
    agent      bob                      free        fence 0        since NOW
    everything                          free        fence 9        since NOW
    session    run                      killed      fence 12       since NOW
  $ trammel replay -C space
  replayed: 14 entries, 1 session, 6 tool calls, 2 allowed, 4 denied, 1 refusal, 0 divergences; bit-exact
  $ trammel log verify -C space >/dev/null

A policy can kill by itself: the denial that is one too many says so.

  $ printf 'apiVersion: governance.toolkit/v1\nname: all\ndefault_action: deny\nkill_on: [{name: breach, denials: 2/day, kill: agent}]\n' >space/policies/policy.yaml
  $ trammel agent create dora --sponsor ann@example.org -C space >/dev/null
  $ ask '{"agent":"dora","action":"pay"}'
  false no rule matched; default of 'all' is deny
  $ echo '{"agent":"dora","action":"pay"}' | trammel check -C space | sed 's/.*"reasons":\(\[[^]]*\]\).*/\1/'
  ["no rule matched; default of 'all' is deny","agent 'dora' is killed for it, by all/kill_on/breach"]
  $ ask '{"agent":"dora","action":"pay"}'
  false agent 'dora' was killed
  $ trammel replay -C space | sed 's/.*\(0 divergences.*\)/\1/'
  0 divergences; bit-exact

Who is stopped does not look active, and neither does a session.

  $ trammel init shown --origin example.org/shown >/dev/null; trammel agent create carl --sponsor ann@example.org -C shown >/dev/null
  $ trammel quarantine carl --until 2199-01-01T00:00:00Z -C shown; trammel agent show carl -C shown | grep status
  quarantine: carl
    status       quarantined until 2199-01-01T00:00:00.000000000Z, else active
  $ trammel kill agent carl -C shown; trammel agent show carl -C shown | grep status
  kill.agent: carl
    status       killed by entry 3, else active
  $ trammel agent show carl --json -C shown | grep -o '"stopped":{[^}]*}'
  "stopped":{"kind":"killed","scope":"agent"}
  $ trammel session open run --sponsor ann@example.org -C shown; trammel kill session run -C shown; trammel session list -C shown | cut -c1-33
  session.open: run
  kill.session: run
  run                      killed  

A kill does not fail because somebody writes at the moment: it waits for ten seconds, and goes in when the other has finished.

  $ mkfifo in out; trammel check --batch -C shown <in >out & exec 8>in 9<out
  $ echo '{"agent":"carl","action":"pay"}' >&8; read answer <&9; trammel kill session walk -C shown 8>&- >late 2>/dev/null &
  $ exec 8>&-; wait; exec 9<&-; cat late
  kill.session: walk
