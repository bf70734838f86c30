Rules over what happened before in a session: data that must not leave, pages that must not make anybody spend, and a human
who may say that it is all right.

  $ trammel init space --origin example.org/office >/dev/null
  $ cat >space/policies/policy.yaml <<'END'
  > apiVersion: governance.toolkit/v1
  > name: office
  > default_action: allow
  > labels:
  >   - {name: confidential, tools: [read_database]}
  > events:
  >   - {name: read-page, tools: [read_web_page], condition: 'not (args.url startsWith "https://intranet.example.org/")'}
  > rules:
  >   - {name: leak, tools: [send_message], condition: 'labelled("confidential") and not once(approved)', action: deny}
  >   - {name: spend, tools: [pay], condition: 'since(read-page, approved)', action: deny}
  > END
  $ trammel agent create bot --sponsor ann@example.org -C space >/dev/null
  $ ask() { printf '{"agent":"bot","action":"%s","session":"%s"%s}\n' "$1" "$2" "$3" | trammel check -C space >answer
  >   s=$?; sed 's/.*"reason":"\([^"]*\)".*/\1/' answer; return $s; }

Sending is nothing bad before the database was read, and nothing that happens in one session is held against another.

  $ ask send_message run-1
  no rule matched; default of 'office' is allow
  $ ask read_database run-1
  no rule matched; default of 'office' is allow
  $ ask send_message run-1
  rule 'leak' of 'office' (policy.yaml) matched
  [1]
  $ ask send_message run-2
  no rule matched; default of 'office' is allow
  $ trammel session approve run-1 --reason "no names in it" -C space
  session.approve: run-1
  $ ask send_message run-1
  no rule matched; default of 'office' is allow

An approval does not hold for what is read after it, where the rule says since.

  $ ask pay run-1
  no rule matched; default of 'office' is allow
  $ ask read_web_page run-1 ',"args":{"url":"https://intranet.example.org/prices"}'
  no rule matched; default of 'office' is allow
  $ ask pay run-1
  no rule matched; default of 'office' is allow
  $ ask read_web_page run-1 ',"args":{"url":"https://prices.example.net/"}'
  no rule matched; default of 'office' is allow
  $ ask pay run-1
  rule 'spend' of 'office' (policy.yaml) matched
  [1]
  $ trammel session approve run-1 --reason "read the page" -C space --json
  {"control":"session.approve","session":"run-1"}
  $ ask pay run-1
  no rule matched; default of 'office' is allow

Whoever names no session has no past to be judged by, which counts against them.

  $ printf '{"agent":"bot","action":"pay"}\n' | trammel check -C space >answer
  [1]
  $ sed 's/.*"reasons":\(\[[^]]*\]\).*/\1/' answer
  ["rule 'spend' of 'office' (policy.yaml) denies because its condition could not be decided","rule 'office/spend': since(read-page, approved): the action has no session (condition column 1)"]

What is known of each session is a row of the state, and a replay comes to the same rows.

  $ trammel state --table histories -C space | tail -n +2
  histories (2)
    run-1                    steps 10   values 0   labels confidential
      approved               count 2, first at 3, last at 9
      read-page              count 1, first at 8, last at 8
    run-2                    steps 1    values 0   labels none
  $ trammel state --table histories -C space --json | sed 's/"state_root":"[^"]*",//'
  {"after_entry":15,"histories":[{"session":"run-1","steps":10,"values":0,"labels":[{"label":"confidential","certain":true}],"events":[{"event":"approved","count":2,"first":3,"last":9,"doubt":0},{"event":"read-page","count":1,"first":8,"last":8,"doubt":0}]},{"session":"run-2","steps":1,"values":0,"labels":[],"events":[]}]}
  $ trammel replay -C space
  replayed: 16 entries, 2 sessions, 12 tool calls, 9 allowed, 3 denied, 0 divergences; bit-exact

Tests of a policy give the answers by hand, and the analysis finds them.

  $ cat >cases.yaml <<'END'
  > - name: nothing leaves
  >   agent: bot
  >   action: send_message
  >   session: run-7
  >   past: {'labelled("confidential")': true, once(approved): false}
  >   expect: {effect: deny, rule: office/leak}
  > - name: unless somebody agrees
  >   agent: bot
  >   action: send_message
  >   session: run-7
  >   past: {'labelled("confidential")': true, once(approved): true}
  >   expect: {effect: allow, rule: null}
  > END
  $ trammel policy test cases.yaml -C space | tail -1
  2 cases: 2 passed, 0 failed
  $ trammel policy analyze -C space
  undecidable office/leak: it cannot always be decided
    {"action":"send_message","agent":"some-agent","past":{"labelled(\"confidential\")":true},"session":"some-session"}
  undecidable office/spend: it cannot always be decided
    {"action":"pay","agent":"some-agent"}
  2 rules, 0 never, 0 always, 0 shadowed, 0 conflict, 2 undecidable; 0 unknown

What cannot be: an approval of nothing, a question about what nobody declared.

  $ trammel session approve run-9 -C space
  trammel: no action of session 'run-9' is recorded
  [5]
  $ sed -i 's/since(read-page/since(raed-page/' space/policies/policy.yaml
  $ trammel policy analyze -C space
  trammel: space/policies/policy.yaml:10:51: no policy of the bundle declares an event 'raed-page'; did you mean 'read-page'?
  [5]
