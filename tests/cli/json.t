Every command answers in JSON lines when it is asked to, and an error is a line of JSON too. `ask` runs a command with --json and says
its exit status and how many lines it wrote, and of each line that is no JSON object that it is none.

  $ ask() {
  >   trammel "$@" --json </dev/null >out 2>/dev/null; s=$?; echo "$* " >>asked
  >   echo "$s $(grep -c . out) $*" | sed 's/ -C space//; s/20[0-9-]*T[0-9:]*Z/TIME/g'
  >   grep -v '^{".*}$' out | sed 's/^/no JSON: /'; }
  $ later=$(date -u -d '+30 minutes' +%FT%TZ)
  $ cat >policy.yaml <<'END'
  > apiVersion: governance.toolkit/v1
  > name: all
  > default_action: allow
  > trust: {}
  > rings: {tools: [{tools: ["*"], read_only: true}]}
  > rules: [{name: small, tools: [pay], condition: args.amount < 10, action: allow}]
  > END
  $ echo '{"agent":"bot","action":"get_x","args":{"a":1},"session":"s1"}' >act.json
  $ printf '%s\n' 'saga: trip' 'agent: ann' 'steps:' '  - {name: one, action: get_a, undo: get_b}' >trip.yaml
  $ ask init space --origin example.org/json
  0 1 init space --origin example.org/json
  $ cp policy.yaml space/policies/; cp $TOP/datasets/incidents/support-refunds.jsonl runs.jsonl; printf 'old 0\n' >request
  $ ask agent create bot --sponsor ann@example.org -C space
  0 1 agent create bot --sponsor ann@example.org
  $ ask agent create ann --sponsor ann@example.org -C space
  0 1 agent create ann --sponsor ann@example.org
  $ ask agent show bot -C space
  0 1 agent show bot
  $ ask agent did bot -C space
  0 1 agent did bot
  $ ask agent jwk bot -C space
  0 1 agent jwk bot
  $ ask agent jwk --all -C space
  0 1 agent jwk --all
  $ ask agent list -C space
  0 1 agent list
  $ ask agent rotate bot -C space
  0 1 agent rotate bot
  $ ask agent suspend bot -C space
  0 1 agent suspend bot
  $ ask agent reactivate bot -C space
  0 1 agent reactivate bot
  $ ask agent revocations -C space
  0 0 agent revocations
  $ ask check act.json -C space
  0 1 check act.json
  $ ask check --batch act.json -C space
  0 1 check --batch act.json
  $ ask run --json --agent bot -C space -- true
  0 1 run --json --agent bot -- true
  $ ask import runs.jsonl --format openai-chat -C space
  0 1 import runs.jsonl --format openai-chat
  $ ask log verify -C space
  0 1 log verify
  $ ask log head -C space
  0 1 log head
  $ ask log prove 2 -C space
  0 1 log prove 2
  $ ask log seal -C space
  0 1 log seal
  $ ask log publish site -C space
  0 1 log publish site
  $ ask log rotate-key -C space
  0 1 log rotate-key
  $ ask log redact --field args.a --dry-run -C space
  0 1 log redact --field args.a --dry-run
  $ ask log prune --older-than 0d --dry-run -C space
  0 1 log prune --older-than 0d --dry-run
  $ ask log scan -C space
  0 1 log scan
  $ ask log show 1 -C space
  0 1 log show 1
  $ ask log show 1..3 -C space
  0 3 log show 1..3
  $ ask log query --agent bot -C space
  0 7 log query --agent bot
  $ ask log report -C space
  0 1 log report
  $ ask log bom 8 -C space
  0 1 log bom 8
  $ ask log export 1..3 --format jsonl -C space
  0 6 log export 1..3 --format jsonl
  $ ask log witness witness request
  5 1 log witness witness request
  $ ask log cosign none -C space
  2 1 log cosign none
  $ ask log check-proof none --vkey space/keys/log.vkey
  5 1 log check-proof none --vkey space/keys/log.vkey
  $ ask index rebuild -C space
  0 1 index rebuild
  $ ask replay -C space
  0 1 replay
  $ ask replay --policy policy.yaml --all -C space
  0 26 replay --policy policy.yaml --all
  $ ask state -C space
  0 1 state
  $ ask policy check act.json -C space
  0 1 policy check act.json
  $ ask policy explain act.json -C space
  0 1 policy explain act.json
  $ ask policy why-not act.json -C space
  1 1 policy why-not act.json
  $ ask policy analyze -C space
  0 2 policy analyze
  $ ask policy diff policy.yaml policy.yaml
  0 1 policy diff policy.yaml policy.yaml
  $ ask policy lint -C space
  1 2 policy lint
  $ ask policy fmt --check policy.yaml
  1 1 policy fmt --check policy.yaml
  $ ask policy bench -C space
  0 1 policy bench
  $ ask policy new --template read-only
  0 1 policy new --template read-only
  $ ask policy test read-only/fixtures --policy read-only/policies
  0 78 policy test read-only/fixtures --policy read-only/policies
  $ ask policy import policy.yaml --from agt-mesh
  0 1 policy import policy.yaml --from agt-mesh
  $ ask token issue bot --audience store -C space
  0 1 token issue bot --audience store
  $ ask token verify none --audience store -C space
  5 1 token verify none --audience store
  $ ask svid verify --bundle none --trust-domain x
  2 1 svid verify --bundle none --trust-domain x
  $ ask handshake ask ann bot -C space
  0 1 handshake ask ann bot
  $ ask handshake answer none -C space
  5 1 handshake answer none
  $ ask handshake meet none -C space
  5 1 handshake meet none
  $ ask handshake check ann bot -C space
  1 1 handshake check ann bot
  $ ask session open s9 --agent bot -C space
  0 1 session open s9 --agent bot
  $ ask session join s9 bot -C space
  0 1 session join s9 bot
  $ ask session show s9 -C space
  0 1 session show s9
  $ ask session list -C space
  0 1 session list
  $ ask session approve s1 -C space
  0 1 session approve s1
  $ ask session leave s9 bot -C space
  0 1 session leave s9 bot
  $ ask session close s9 -C space
  0 1 session close s9
  $ ask trust show -C space
  0 3 trust show
  $ ask trust why bot -C space
  0 4 trust why bot
  $ ask trust set bot 500 -C space
  0 1 trust set bot 500
  $ ask trust incident bot 100 -C space
  0 1 trust incident bot 100
  $ ask ring bot -C space
  0 1 ring bot
  $ ask elevate bot --ring 1 --until $later --sponsor-key none -C space
  5 1 elevate bot --ring 1 --until TIME --sponsor-key none
  $ ask lower bot -C space
  5 1 lower bot
  $ ask agent delegate ann bot --capabilities 'get_*' --expires $later -C space
  0 1 agent delegate ann bot --capabilities get_* --expires TIME
  $ ask agent undelegate bot none -C space
  5 1 agent undelegate bot none
  $ ask agent credential issue bot --capabilities 'get_*' --expires $later -C space
  0 1 agent credential issue bot --capabilities get_* --expires TIME
  $ ask quarantine bot --until $later -C space
  0 1 quarantine bot --until TIME
  $ ask release bot -C space
  0 1 release bot
  $ ask saga begin trip.yaml -C space
  0 1 saga begin trip.yaml
  $ ask saga next trip -C space
  0 1 saga next trip
  $ ask saga show trip -C space
  0 1 saga show trip
  $ ask saga list -C space
  0 1 saga list
  $ ask saga hand-over trip ann -C space
  0 1 saga hand-over trip ann
  $ ask saga compensate trip -C space
  0 1 saga compensate trip
  $ ask trace emit --session s1 -C space
  5 1 trace emit --session s1
  $ ask trace verify act.json
  1 1 trace verify act.json
  $ ask trace receipt act.json
  5 1 trace receipt act.json
  $ ask kill session s1 -C space
  0 1 kill session s1
  $ ask kill all -C space
  0 1 kill all
  $ ask kill lift -C space
  0 1 kill lift
  $ ask kill agent bot -C space
  0 1 kill agent bot
  $ ask agent revoke ann -C space
  0 1 agent revoke ann
  $ ask completion bash
  0 1 completion bash
  $ ask help version
  0 1 help version
  $ ask version
  0 1 version

None was left out.

  $ trammel help --json | sed 's/^{"command":"\([^"]*\)".*/\1/' >commands
  $ while read -r c; do grep -q "^$c " asked || echo "$c"; done <commands
