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
  $ trammel agent create bot -C space >/dev/null
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]
  $ ask() { printf '{"agent":"bot","action":"%s","session":"%s"%s}\n' "$1" "$2" "$3" | trammel check -C space >answer
  >   s=$?; sed 's/.*"reason":"\([^"]*\)".*/\1/' answer; return $s; }

Sending is nothing bad before the database was read, and nothing that happens in one session is held against another.

  $ ask send_message run-1
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]
  $ ask read_database run-1
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]
  $ ask send_message run-1
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]
  $ ask send_message run-2
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]
  $ trammel session approve run-1 --reason "no names in it" -C space
  trammel: there is no command 'session'
  trammel: did you mean 'version'?
  trammel: see 'trammel help'
  [2]
  $ ask send_message run-1
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]

An approval does not hold for what is read after it, where the rule says since.

  $ ask pay run-1
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]
  $ ask read_web_page run-1 ',"args":{"url":"https://intranet.example.org/prices"}'
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]
  $ ask pay run-1
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]
  $ ask read_web_page run-1 ',"args":{"url":"https://prices.example.net/"}'
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]
  $ ask pay run-1
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]
  $ trammel session approve run-1 --reason "read the page" -C space --json
  trammel: there is no command 'session'
  trammel: did you mean 'version'?
  trammel: see 'trammel help'
  [2]
  $ ask pay run-1
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]

Whoever names no session has no past to be judged by, which counts against them.

  $ printf '{"agent":"bot","action":"pay"}\n' | trammel check -C space >answer
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]
  $ sed 's/.*"reasons":\(\[[^]]*\]\).*/\1/' answer

What is known of each session is a row of the state, and a replay comes to the same rows.

  $ trammel state --table histories -C space | tail -n +2
  trammel: --table is 'histories'; expected totals, agents, sessions or limits
  $ trammel state --table histories -C space --json | sed 's/"state_root":"[^"]*",//'
  trammel: --table is 'histories'; expected totals, agents, sessions or limits
  {"error":"ERR_USAGE","exit":2,"file":"","line":0,"column":0,"text":"--table is 'histories'; expected totals, agents, sessions or limits"}
  $ trammel replay -C space
  replayed: 0 entries, 0 sessions, 0 tool calls, 0 allowed, 0 denied, 0 divergences; bit-exact

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
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  $ trammel policy analyze -C space
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]

What cannot be: an approval of nothing, a question about what nobody declared.

  $ trammel session approve run-9 -C space
  trammel: there is no command 'session'
  trammel: did you mean 'version'?
  trammel: see 'trammel help'
  [2]
  $ sed -i 's/since(read-page/since(raed-page/' space/policies/policy.yaml
  $ trammel policy analyze -C space
  trammel: space/policies/policy.yaml:4:1: unknown key 'labels' of a policy; expected apiVersion, name, version, description, agents, agent, scope, extends, conflict_resolution, cedar, default_action, unknown_agents, require_signature or rules
  [5]
