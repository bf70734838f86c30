# Sagas: steps that are all done, or undone

  $ trammel init w --origin example.org/saga >/dev/null
  $ printf 'apiVersion: governance.toolkit/v1\nname: p\ndefault_action: allow\nrules: []\n' >w/policies/policy.yaml
  $ trammel agent create planner --sponsor ann@example.org -C w >/dev/null; trammel agent create deputy --sponsor ann@example.org -C w >/dev/null
  $ trammel saga list -C w
  no saga was begun
  $ cat >trip.yaml <<'END'
  > saga: trip
  > agent: planner
  > session: run-7
  > steps:
  >   - {name: flight, action: book_flight, undo: cancel_flight, undo_within: 24h, retries: 2}
  >   - any:
  >       - {name: inn, action: book_hotel, resource: hotel/a, undo: cancel_hotel}
  >       - {name: tent, action: rent_tent}
  >   - {name: mail, action: send_mail}
  > END
  $ times='s/20[0-9-]*T[0-9:.]*Z/TIME/g; s/sha256:[0-9a-f]*/DIGEST/g'

It is begun once, however often somebody tries.

  $ trammel saga begin trip.yaml -C w
  saga trip: begun
  $ trammel saga begin trip.yaml -C w
  trammel: saga 'trip' is begun already; 'trammel saga next' says what is due
  [5]
  $ trammel saga list -C w
  trip: running, agent planner, session run-7

An executor asks what is due, and sends it with its arguments.

  $ trammel saga next trip -C w
  trip: running, agent planner, session run-7
    step flight: {"agent":"planner","action":{"type":"book_flight","saga":"trip","step":"flight"},"session":"run-7"}
      key trip/flight
  $ trammel saga next trip -C w --json
  {"saga":"trip","state":"running","agent":"planner","session":"run-7","stopped":false,"due":[{"due":"step","step":"flight","key":"trip/flight","now":true,"document":{"agent":"planner","action":{"type":"book_flight","saga":"trip","step":"flight"},"session":"run-7"}}]}
  $ flight='{"agent":"planner","action":{"type":"book_flight","saga":"trip","step":"flight"},"session":"run-7"}'
  $ echo "$flight" | trammel check -C w | sed "$times"
  {"allowed":true,"effect":"allow","entry":4,"obligations":[],"policy":"DIGEST","reason":"no rule matched; default of 'p' is allow","reasons":["no rule matched; default of 'p' is allow"],"rule":null,"stage":"policy","state_root":"DIGEST"}

Whoever lost his memory asks again. Nothing is done twice, nor before its turn.

  $ trammel saga next trip -C w | sed "$times"
  trip: running, agent planner, session run-7
    outcome of entry 4, which does step flight, until TIME
      key trip/flight
  $ trammel saga next trip -C w --json | sed "$times"
  {"saga":"trip","state":"running","agent":"planner","session":"run-7","stopped":false,"due":[{"due":"outcome","step":"flight","key":"trip/flight","outcome_of":4,"until":"TIME"}]}
  $ echo "$flight" | trammel check -C w | sed "$times; s/.*\(\"reason\":\"[^\"]*\"\).*/\1/"
  "reason":"step 'flight' of saga 'trip' is running; it is not begun now"
  $ echo '{"agent":"planner","action":{"type":"send_mail","saga":"trip","step":"mail"},"session":"run-7"}' |
  > trammel check -C w | sed 's/.*\("reason":"[^"]*"\).*/\1/'
  "reason":"step 'mail' of saga 'trip' comes after 'flight', which is running"
  $ echo '{"outcome_of":4,"status":"ok"}' | trammel check -C w | cut -c -32
  {"allowed":true,"effect":"allow"
  $ echo '{"agent":"planner","action":{"type":"rent_tent","saga":"trip","step":"tent"},"session":"run-7"}' |
  > trammel check -C w | cut -c -41
  {"allowed":true,"effect":"allow","entry":

Its agent is killed: what it did is undone, by another.

  $ trammel kill agent planner -C w --reason runaway
  kill.agent: planner
  $ echo '{"outcome_of":8,"status":"ok"}' | trammel check -C w 2>&1 >/dev/null
  trammel: -:1:1: 'outcome_of' names entry 8, which was fenced off when entry 9 killed agent planner
  [1]
  $ trammel saga next trip -C w | sed "$times"
  trip: compensating, agent planner, session run-7
    undo flight: {"agent":"planner","action":{"type":"cancel_flight","saga":"trip","step":"flight","undo":true},"session":"run-7"}, until TIME
      key trip/flight/undo
    agent is killed; see: trammel saga hand-over
  $ trammel saga hand-over trip planner -C w
  trammel: agent 'planner' is killed
  [5]
  $ trammel saga hand-over trip deputy -C w --json
  {"control":"saga.hand_over","saga":"trip"}
  $ trammel saga next trip -C w | sed "$times"
  trip: compensating, agent deputy
    undo flight: {"agent":"deputy","action":{"type":"cancel_flight","saga":"trip","step":"flight","undo":true}}, until TIME
      key trip/flight/undo
  $ echo '{"agent":"deputy","action":{"type":"cancel_flight","saga":"trip","step":"flight","undo":true}}' |
  > trammel check -C w | cut -c -42
  {"allowed":true,"effect":"allow","entry":1
  $ echo '{"outcome_of":12,"status":"ok"}' | trammel check -C w | cut -c -32
  {"allowed":true,"effect":"allow"

The tent cannot be given back, and nobody knows whether it was rented. That is said.

  $ trammel saga show trip -C w | sed "$times"
  trip: escalated, agent deputy
    begun by entry 3 at TIME, last changed at TIME
    turned because who acted for it was killed
    flight           undone     book_flight, undone by cancel_flight, entry 12
    inn              skipped    book_hotel, any of group 2, undone by cancel_hotel
    tent             open       rent_tent, any of group 2, entry 8: left open, it has no compensation
    mail             skipped    send_mail
  $ trammel saga show trip -C w --json | sed "$times"
  {"saga":"trip","state":"escalated","agent":"deputy","session":null,"entry":3,"began":"TIME","latest":"TIME","turned_by":"killed","steps":[{"name":"flight","state":"undone","group":1,"join":"all","action":"book_flight","undo":"cancel_flight","key":"trip/flight","attempts":1,"undos":1,"entry":12,"done":"TIME"},{"name":"inn","state":"skipped","group":2,"join":"any","action":"book_hotel","undo":"cancel_hotel","key":"trip/inn","attempts":0,"undos":0},{"name":"tent","state":"open","group":2,"join":"any","action":"rent_tent","undo":null,"key":"trip/tent","attempts":1,"undos":0,"entry":8,"done":"TIME","open":"it has no compensation"},{"name":"mail","state":"skipped","group":3,"join":"all","action":"send_mail","undo":null,"key":"trip/mail","attempts":0,"undos":0}]}
  $ trammel saga next trip -C w
  trip: escalated, agent deputy
    nothing is due any more
  $ trammel saga compensate trip -C w
  trammel: saga 'trip' is escalated, and that is its end
  [5]
  $ trammel saga show trip -C w --at 8 | sed -n 1p
  trip: running, agent planner, session run-7
  $ trammel replay -C w
  replayed: 14 entries, 1 session, 5 tool calls, 3 allowed, 2 denied, 1 refusal, 0 divergences; bit-exact

One that is stopped before it began ends as rolled back.

  $ printf '{"saga":"tour","agent":"deputy","steps":[{"name":"a","action":"walk"}]}' |
  > trammel saga begin - -C w --json
  {"control":"saga.begin","saga":"tour"}
  $ trammel saga compensate tour -C w --reason rain
  saga tour: is to be undone
  $ trammel saga list -C w
  trip: escalated, agent deputy
  tour: rolled_back, agent deputy
  $ trammel saga list -C w --json
  {"saga":"trip","state":"escalated","agent":"deputy","session":null}
  {"saga":"tour","state":"rolled_back","agent":"deputy","session":null}

An heir goes on with what a kill cuts off, of an agent or of a session.

  $ trammel agent create heir --sponsor ann@example.org -C w >/dev/null
  $ printf '{"saga":"walk","agent":"deputy","session":"day","steps":[{"name":"a","action":"walk"},{"name":"b","action":"sit"}]}' |
  > trammel saga begin - -C w
  saga walk: begun
  $ echo '{"agent":"deputy","action":{"type":"walk","saga":"walk","step":"a"},"session":"day"}' | trammel check -C w | cut -c -30
  {"allowed":true,"effect":"allo
  $ trammel kill session day --heir nobody -C w
  trammel: agent 'nobody' is not registered; see: trammel agent list
  [5]
  $ trammel kill session day --heir heir -C w
  kill.session: day
  $ trammel saga next walk -C w
  walk: running, agent heir
    step a: {"agent":"heir","action":{"type":"walk","saga":"walk","step":"a"}}
      key walk/a
  $ trammel kill agent heir --heir heir -C w
  trammel: agent 'heir' cannot be its own heir
  [5]
  $ trammel kill agent heir --heir deputy -C w
  kill.agent: heir
  $ trammel saga list -C w | tail -n 1
  walk: running, agent deputy
  $ trammel replay -C w | grep -o '0 divergences.*'
  0 divergences; bit-exact
  $ trammel kill session dya -C w
  warning: no session 'dya' has acted or was opened here; what was said holds for one that comes by that name
  kill.session: dya

A saga is begun for, and handed to, nobody but who may act.

  $ printf '{"saga":"b","agent":"deputty","steps":[{"name":"a","action":"walk"}]}' | trammel saga begin - -C w
  trammel: agent 'deputty' is not registered; did you mean 'deputy'?
  [5]
  $ trammel saga hand-over walk deputty -C w
  trammel: agent 'deputty' is not registered; did you mean 'deputy'?
  [5]
  $ trammel session open closed --sponsor ann@example.org -C w
  session.open: closed
  $ trammel saga hand-over walk deputy closed -C w
  trammel: agent 'deputy' has not joined the session
  [5]

What is wrong is said with its place.

  $ trammel saga show trap -C w
  trammel: there is no saga 'trap'; see: trammel saga list
  [5]
  $ printf 'saga: b\nagent: deputy\nsteps:\n  - {name: a, actoin: walk}\n' >bad.yaml
  $ trammel saga begin bad.yaml -C w
  trammel: bad.yaml:4:15: a step has no member 'actoin'; did you mean 'action'?
  [5]
  $ printf 'saga: b\nsteps: []\n' >bad.yaml; trammel saga begin bad.yaml -C w
  trammel: bad.yaml:1:1: 'agent' is missing; expected {saga, agent, session?, steps}
  [5]
  $ printf 'saga: b\nagent: deputy\nstep: []\n' >bad.yaml; trammel saga begin bad.yaml -C w
  trammel: bad.yaml:3:1: a saga has no member 'step'; did you mean 'steps'?
  [5]
  $ printf 'saga: [b]\nagent: deputy\n' >bad.yaml; trammel saga begin bad.yaml -C w
  trammel: bad.yaml:1:7: 'saga' is not a string
  [5]
  $ printf '[1]' | trammel saga begin - -C w
  trammel: -:1:1: 'saga' is missing; expected {saga, agent, session?, steps}
  [5]
  $ trammel saga
  trammel: 'saga' is followed by begin, next, show, list, compensate, hand-over
  trammel: see 'trammel help'
  [2]
