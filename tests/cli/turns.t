Who writes for long lets others in between: a batch is a gate that operators can still reach.

  $ trammel init space --origin example.org/turns >made 2>&1
  $ cat >space/policies/policy.yaml <<END
  > apiVersion: governance.toolkit/v1
  > name: turns
  > default_action: deny
  > unknown_agents: evaluate
  > rules:
  >   - {name: look-up, tools: [get_*, run], action: allow}
  > END
  $ pay='{"agent":"bot","action":"get_order","session":"walk","args":{"id":7}}'
  $ effect() { sed 's/.*"effect":"\([a-z]*\)","entry":\([0-9]*\).*/\1 \2/'; }

A kill between two lines: the second is denied, by the same batch.

  $ mkfifo asked answered
  $ trammel check --batch -C space <asked >answered &
  $ exec 8>asked 9<answered
  $ echo "$pay" >&8; read -r answer <&9; echo "$answer" | effect
  allow 1
  $ trammel kill session walk -C space --reason "runaway" 8>&- 9<&-
  kill.session: walk
  $ echo "$pay" >&8; read -r answer <&9; echo "$answer" | effect
  deny 3
  $ echo "$answer" | grep -o '"reason":"[^"]*"'
  "reason":"session 'walk' was killed"

Two batches at once take turns, line by line.

  $ mkfifo asked-too answered-too
  $ trammel check --batch -C space <asked-too >answered-too 8>&- 9<&- &
  $ exec 6>asked-too 7<answered-too
  $ tour='{"agent":"bot","action":"get_order","session":"tour"}'
  $ for i in 1 2 3; do
  >   echo "$tour" >&8; read -r answer <&9; echo "$answer" | effect
  >   echo "$tour" >&6; read -r answer <&7; echo "$answer" | effect
  > done
  allow 4
  allow 5
  allow 6
  allow 7
  allow 8
  allow 9

Another policy, once somebody has written under it, is the policy of the batch as well.

  $ sed -i 's/get_\*, //' space/policies/policy.yaml
  $ echo "$tour" | trammel check -C space 6>&- 7<&- 8>&- 9<&- | effect
  deny 11
  $ echo "$tour" >&8; read -r answer <&9; echo "$answer" | effect
  deny 12
  $ exec 8>&- 9<&- 6>&- 7<&-; wait
  $ sed -i 's/\[run\]/[get_*, run]/' space/policies/policy.yaml

A batch that never runs out of lines lets an order in all the same.

  $ (until test -e killed; do echo "$tour"; echo "$tour"; echo "$tour"; done; echo "$tour") | trammel check --batch -C space >answers &
  $ trammel kill all -C space --reason "stop"; touch killed; wait
  kill.all
  $ tail -n 1 answers | effect | sed 's/ .*//'
  deny
  $ trammel kill lift -C space --reason "go on"
  kill.lift
  $ trammel log verify -C space >verified && trammel replay -C space >replayed && tail -n 1 replayed | grep -o '0 divergences; bit-exact'
  0 divergences; bit-exact

Who comes while somebody else writes waits as the first in the queue.

  $ held() { flock -o space/log/lock sh -c "$1"; }
  $ queued='while flock -n space/log/waiting true; do :; done'
  $ echo "$pay" >pay.json
  $ held "trammel check pay.json -C space >answer & $queued"; wait; while ! test -s answer; do :; done; effect <answer | sed 's/ .*//'
  deny
  $ flock space/log/lock trammel log verify -C space >verified

'run' that waits ends when it is told to, and has started nothing.

  $ held "trammel run --agent bot -C space -- touch started & $queued; kill -TERM \$!; wait \$!"
  trammel: space: told to end while another process wrote to this log
  [3]
  $ test -e started
  [1]
