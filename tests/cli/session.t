Sessions that somebody opens: who takes part, for how long, and that a replay does it all again.

  $ trammel init space --origin example.org/session >/dev/null
  $ printf 'apiVersion: governance.toolkit/v1\nname: all\ndefault_action: allow\n' >space/policies/policy.yaml
  $ trammel agent create ann --sponsor ann@example.org -C space >/dev/null; trammel agent create bob --sponsor ann@example.org -C space >/dev/null
  $ ask() { echo "$1" | trammel check -C space | sed 's/.*"allowed":\([a-z]*\).*"reason":"\([^"]*\)".*/\1 \2/'; }
  $ trammel session list -C space
  no session was opened
  $ trammel session open run -C space
  trammel: nobody answers for the session; expected --agent NAME, who opens it, or --sponsor MAIL
  [5]
  $ trammel session open run --agent ann --participants 1 --ring 2 -C space
  session.open: run
  $ trammel session open run --agent ann -C space
  trammel: session 'run' was opened already
  [5]
  $ trammel session open other --agent ann --seconds soon -C space
  trammel: 'seconds' is 'soon'; expected a whole number
  [2]
  $ trammel session open other --agent ann --isolation strong -C space
  trammel: unknown isolation 'strong'; expected none, read_committed, snapshot or serializable
  [5]
  $ ask '{"agent":"ann","action":"pay","session":"run"}'
  false agent 'ann' has not joined the session
  $ trammel session join run ann -C space
  session.join: run ann
  $ trammel session join run bob -C space
  trammel: session 'run' has no room for another participant
  [5]
  $ ask '{"agent":"ann","action":"pay","session":"run"}'
  true no rule matched; default of 'all' is allow
  $ ask '{"agent":"bob","action":"pay","session":"run"}'
  false agent 'bob' has not joined the session
  $ trammel session open below --parent run --sponsor ann@example.org -C space --json
  {"control":"session.open","session":"below"}
  $ later() { sed -e 's/until .*/until LATER/' -e 's/joined 2.*/joined NOW/' -e 's/left 2.*/left NOW/'; }
  $ trammel session list -C space | later
  run                      active   1 of 1, ring 2, isolation none, until LATER
  below                    open     0 of 10, ring 2, isolation none, until LATER
  $ trammel session show run -C space | later
  run                      active   1 of 1, ring 2, isolation none, until LATER
    ann                    ring 2, joined NOW
  $ trammel session show nobody -C space
  trammel: nobody opened session 'nobody'; 'trammel session list' shows those that were
  [5]

Closing takes no more actions; who is in it leaves, and then it is closed for good.

  $ trammel session close run --reason done -C space
  session.close: run
  $ ask '{"agent":"ann","action":"pay","session":"run"}'
  false session 'run' is closing
  $ trammel session leave run ann -C space --json
  {"control":"session.leave","session":"run","agent":"ann"}
  $ trammel session join run bob -C space
  trammel: session 'run' is closed; nothing can join it
  [5]
  $ trammel session show run -C space | later
  run                      closed   0 of 1, ring 2, isolation none, until LATER
    ann                    ring 2, left NOW
  $ trammel session show below --json -C space | sed 's/"20[^"]*"/TIME/g'
  {"session":"below","state":"open","isolation":"none","present":0,"joined":0,"participants":10,"min_score":0,"ring":2,"opened":TIME,"until":TIME,"parent":"run","agents":[],"writes":[]}

A policy can want sessions that were opened.

  $ printf 'apiVersion: governance.toolkit/v1\nname: all\ndefault_action: allow\nrequire_session: true\n' >space/policies/policy.yaml
  $ ask '{"agent":"ann","action":"pay"}'
  false the policy wants a session, and the action names none
  $ ask '{"agent":"ann","action":"pay","session":"any"}'
  false session 'any' was not opened by anybody
  $ trammel replay -C space
  replayed: 15 entries, 3 sessions, 6 tool calls, 1 allowed, 5 denied, 0 divergences; bit-exact
  $ trammel log verify -C space >/dev/null

Isolation: what several agents write is kept apart, refused at once, and left to an heir.

  $ trammel init apart --origin example.org/apart >/dev/null
  $ printf 'apiVersion: governance.toolkit/v1\nname: all\ndefault_action: allow\nintents:\n  - {tools: [put], intent: write, of: args.id}\n' >apart/policies/policy.yaml
  $ for name in ann bob carl; do trammel agent create $name --sponsor ann@example.org -C apart >/dev/null; done
  $ trammel session open run --agent ann --isolation serializable -C apart
  session.open: run
  $ for name in ann bob carl; do trammel session join run $name -C apart; done
  session.join: run ann
  session.join: run bob
  session.join: run carl
  $ ask() { echo "$1" | trammel check -C apart | sed 's/.*"allowed":\([a-z]*\).*"reason":"\([^"]*\)".*/\1 \2/'; }
  $ ask '{"agent":"ann","action":"put","session":"run","args":{"id":1}}'
  true no rule matched; default of 'all' is allow
  $ ask '{"agent":"ann","action":"put","session":"run","args":{"id":2}}'
  true no rule matched; default of 'all' is allow
  $ ask '{"agent":"bob","action":"put","session":"run","args":{"id":1}}'
  false what the action touches is being written by ann
  $ trammel session show run -C apart | later
  run                      active   3 of 10, ring 1, isolation serializable, until LATER
    ann                    ring 1, joined NOW
    bob                    ring 1, joined NOW
    carl                   ring 1, joined NOW
    entry 8                in flight, ann
    entry 9                in flight, ann
  $ trammel kill agent ann --heir eve -C apart
  trammel: agent 'eve' is not registered; see: trammel agent list
  [5]
  $ trammel kill agent ann --heir bob -C apart
  kill.agent: ann
  $ ask '{"agent":"carl","action":"put","session":"run","args":{"id":1}}'
  false what the action touches is being written by bob
  $ ask '{"agent":"bob","action":"put","session":"run","args":{"id":1}}'
  true no rule matched; default of 'all' is allow
  $ trammel kill agent bob -C apart
  kill.agent: bob
  $ trammel session show run -C apart | later
  run                      active   3 of 10, ring 1, isolation serializable, until LATER
    ann                    ring 1, joined NOW
    bob                    ring 1, joined NOW
    carl                   ring 1, joined NOW
    entry 9                to be compensated, bob
    entry 13               to be compensated, bob
  $ trammel session show run -C apart --json | sed 's/.*"writes"/"writes"/'
  "writes":[{"entry":9,"is":"to be compensated","agent":"bob"},{"entry":13,"is":"to be compensated","agent":"bob"}]}
  $ trammel replay -C apart
  replayed: 15 entries, 1 session, 5 tool calls, 3 allowed, 2 denied, 0 divergences; bit-exact
