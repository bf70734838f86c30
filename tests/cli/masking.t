Secrets are masked before anything is decided or recorded: what is stored, shown and said holds none of them.

  $ trammel init space --origin example.org/masking >/dev/null; ls -l space/keys/mask.key | cut -c 1-10
  -rw-------
  $ printf '%s\n' 'apiVersion: governance.toolkit/v1' 'name: all' 'default_action: allow' 'unknown_agents: evaluate' 'rules:' '  - {name: no-aws, condition: "has(args.note) and args.note contains \"[masked:aws-\"", action: deny}' 'commands:' '  - {tools: [sh], of: args.cmd, allow: [curl, psql]}' >space/policies/policy.yaml
  $ ask() { trammel check -C space 2>&1 | sed -e 's/[0-9a-f]\{24\}\]/HEX]/g' | grep -o '"allowed":[a-z]*\|"masked":\[[^]]*]\|"reason":"[^"]*"'; }
  $ shown() { trammel log show $1 -C space | sed -n -e 's/[0-9a-f]\{24\}\]/HEX]/g' -e 's/^args //p'; }
  $ echo '{"agent":"ann","action":"pay","args":{"card":"4111 1111 1111 1111","n":4111111111111111,"password":"hunter2","max_tokens":100,"next_page_token":"p2"}}' | ask
  "allowed":true
  "masked":[{"at":"args.card","kind":"card"},{"at":"args.n","kind":"card"},{"at":"args.password","kind":"password"}]
  "reason":"no rule matched; default of 'all' is allow"
  $ shown 1
  {"card":"[masked:card:HEX]","max_tokens":100,"n":"[masked:card:HEX]","next_page_token":"p2","password":"[masked:password:HEX]"}

Of a longer text only the secret goes, and a rule can still say what kind it was.

  $ echo '{"agent":"ann","action":"note","args":{"note":"curl -H \"Authorization: Bearer abcdefgh01234567\" https://ann:s3cr3t@example.org/?api_key=0123abcd"}}' | ask
  "allowed":true
  "masked":[{"at":"args.note","kind":"authorization"},{"at":"args.note","kind":"password"},{"at":"args.note","kind":"api-key"}]
  "reason":"no rule matched; default of 'all' is allow"
  $ shown 2
  {"note":"curl -H \"Authorization: Bearer [masked:authorization:HEX]\" https://ann:[masked:password:HEX]@example.org/?api_key=[masked:api-key:HEX]"}
  $ echo '{"agent":"ann","action":"note","args":{"note":"it is AKIA'ABCDEFGHIJ234567'"}}' | ask
  "allowed":false
  "masked":[{"at":"args.note","kind":"aws-key-id"}]
  "reason":"rule 'no-aws' of 'all' (policy.yaml) matched"

Equal secrets stay equal, wherever and however they stand; a token that was not made here is masked itself.

  $ trammel log show 1 -C space | grep -o 'masked:card:[0-9a-f]*' | cut -d: -f3 | cut -c 1-16 | sort -u | wc -l
  1
  $ echo '{"agent":"ann","action":"note","args":{"note":"[masked:card:0123456789abcdef01234567]"}}' | ask
  "allowed":true
  "masked":[{"at":"args.note","kind":"foreign"}]
  "reason":"no rule matched; default of 'all' is allow"
  $ shown 4
  {"note":"[masked:foreign!:HEX]"}

What the mask hides does not run: a shell would obey it. A secret that no shell obeys may stand in a command.

  $ echo '{"agent":"ann","action":"sh","args":{"cmd":"curl -H \"Cookie: a=$(id); b\" https://x"}}' | ask
  "allowed":false
  "masked":[{"at":"args.cmd","kind":"cookie"}]
  "reason":"what would run cannot be told: a masked secret in it may hold commands itself"
  $ echo '{"agent":"ann","action":"sh","args":{"cmd":"psql postgres://ann:s3cr3t@db/x"}}' | ask
  "allowed":true
  "masked":[{"at":"args.cmd","kind":"password"}]
  "reason":"no rule matched; default of 'all' is allow"

What cannot be read is refused without quoting it, and without a digest that would let the secret be guessed.

  $ echo '{"agent":"ann","action":"pay","args":{"pin":1234},"sk_live_'0123456789'":1}' | ask
  "allowed":false
  "masked":[{"at":"args.pin","kind":"pin"},{"at":"(name)","kind":"stripe-key"}]
  "reason":"member '[masked:stripe-key:HEX]' is not known here"
  $ echo '{"agent":"ann" "sk_live_'0123456789'"' | ask
  "allowed":false
  "masked":[{"at":"document","kind":"stripe-key"}]
  "reason":"the text does not follow its grammar; it holds a secret, so nothing of it is quoted"
  $ trammel log show 8 -C space | grep -o '"data":{.*},"decision"'
  "data":{"bytes":36,"error":"ERR_SYNTAX","masked":[{"at":"document","kind":"stripe-key"}],"text":"the text does not follow its grammar; it holds a secret, so nothing of it is quoted"},"decision"

Names, results and what operators say go through the same door.

  $ echo '{"agent":"ann","action":"pay","session":"4111111111111111"}' | ask
  "allowed":true
  "masked":[{"at":"session","kind":"card"}]
  "reason":"no rule matched; default of 'all' is allow"
  $ echo '{"outcome_of":9,"result":"{\"access_token\":\"abcdef012345\"}"}' | ask
  "allowed":true
  "masked":[{"at":"result","kind":"token"}]
  "reason":""
  $ trammel kill session 4111111111111111 -C space --reason 'its password=hunter2 got out' | sed 's/[0-9a-f]\{24\}\]/HEX]/g'
  warning: no session '4111111111111111' has acted or was opened here; what was said holds for one that comes by that name
  kill.session: 4111111111111111
  $ echo '{"agent":"ann","action":"pay","session":"4111111111111111"}' | ask
  "allowed":false
  "masked":[{"at":"session","kind":"card"}]
  "reason":"session '[masked:card:HEX]' was killed"

None of it is anywhere: not in the workspace, and not in what any command says.

  $ trammel replay -C space
  replayed: 13 entries, 1 session, 8 tool calls, 5 allowed, 3 denied, 2 refusals, 0 divergences; bit-exact
  $ for n in 0 1 2 3 4 5 6 7 8 9 10 11 12; do trammel log show $n -C space; trammel log show $n -C space --json; trammel log bom $n -C space; done >said 2>&1
  $ trammel log export -C space --format jsonl >>said 2>&1; trammel state -C space --json >>said 2>&1
  $ grep -rlE 'hunter2|4111.?1111|s3cr3t|abcdefgh01234567|0123abcd|ABCDEFGHIJ234567|sk_live_|abcdef012345' said space
  [1]

More is masked, or left alone, where trammel.yaml says so; what was recorded before is found by scanning.

  $ echo '{"agent":"ann","action":"pay","args":{"to":"bob@example.org","iban":"DE02120300000000202051","token":"public"}}' | ask
  "allowed":true
  "masked":[{"at":"args.token","kind":"token"}]
  "reason":"no rule matched; default of 'all' is allow"
  $ shown 13
  {"iban":"DE02120300000000202051","to":"bob@example.org","token":"[masked:token:HEX]"}
  $ trammel log scan -C space
  0 secrets in 14 entries
  $ sed -i 's/^# mask:.*/mask: {email: true, names: [iban], exempt: [args.token]}/' space/trammel.yaml
  $ echo '{"agent":"ann","action":"pay","args":{"to":"bob@example.org","iban":"DE02120300000000202051","token":"public"}}' | ask
  "allowed":true
  "masked":[{"at":"args.to","kind":"email"},{"at":"args.iban","kind":"named"}]
  "reason":"no rule matched; default of 'all' is allow"
  $ shown 14
  {"iban":"[masked:named:HEX]","to":"[masked:email:HEX]","token":"public"}
  $ trammel log scan -C space
  entry 13       named                    args.iban
  entry 13       email                    args.to
  2 secrets in 15 entries
  [1]
  $ trammel log scan -C space --json
  {"entry":13,"at":"args.iban","kind":"named"}
  {"entry":13,"at":"args.to","kind":"email"}
  {"entries":15,"found":2,"bodies_gone":0}
  [1]

What orders are checked against is read in spite of what was masked in them.

  $ trammel agent create clerk --sponsor ann@example.org -C space >/dev/null; trammel session open other --agent clerk --reason 'token=abcdef012345' -C space
  session.open: other
  $ trammel log show 16 -C space | sed -n -e 's/[0-9a-f]\{24\}\]/HEX]/g' -e 's/.*"data":\(.*\),"kind".*/\1/p'
  {"masked":[{"at":"reason","kind":"token"}],"reason":"token=[masked:token:HEX]"}
  $ trammel replay -C space | tail -n 1
  replayed: 17 entries, 2 sessions, 10 tool calls, 7 allowed, 3 denied, 2 refusals, 0 divergences; bit-exact

A name may stand beside its value: in arguments of programs, in variables and in headers.

  $ echo '{"agent":"ann","action":"note","args":{"argv":["curl","--token","besides3cret","-u","ann:besides3cret"],"env":[{"name":"DB_PASSWORD","value":"besides3cret"}],"headers":[["Authorization","Bearer besides3cret"]]}}' | ask
  "allowed":true
  "masked":[{"at":"args.argv.2","kind":"token"},{"at":"args.argv.4","kind":"password"},{"at":"args.env.0.value","kind":"password"},{"at":"args.headers.0.1","kind":"authorization"}]
  "reason":"no rule matched; default of 'all' is allow"
  $ trammel run --agent ann -C space -- echo --password besides3cret >/dev/null; trammel log scan -C space | tail -n 1; grep -rl besides3cret space
  2 secrets in 20 entries
  [1]
  $ sed -i 's/^mask:.*/mask: {emial: true}/' space/trammel.yaml; trammel state -C space
  trammel: space/trammel.yaml:11:8: 'mask.emial' is not known here; did you mean 'email'?
  [5]
