Programs as actions. Pipes say how far a program is, so that nothing here waits for a time; from "never" nothing comes.

  $ mkfifo up go never; trammel init space --origin example.org/run >/dev/null
  $ cat >space/policies/policy.yaml <<'END'
  > apiVersion: governance.toolkit/v1
  > name: p
  > unknown_agents: evaluate
  > default_action: deny
  > commands: [{tools: [run], of: args.argv, deny: [curl]}]
  > kill_on: [{name: breach, denials: 1/day, kill: agent}]
  > rules:
  >   - {name: programs, tools: [run, script], action: allow}
  >   - {name: rewritten, tools: [tidy], action: transform, transform: [{path: args.cwd, set: /}]}
  > END
  $ run() { trammel run --agent ann -C space "$@"; }
  $ verdict() { sed 's/.*"allowed":\([a-z]*\).*"reason":"\([^"]*\)".*/\1 \2/'; }
  $ held='s/"cgroup":[a-z]*,//'
  $ entry() { trammel log show $1 -C space | sed -e 's/"log".*//' -e 's/"bytes".*"text"/"text"/' -e 's/"decision".*"kind"/"kind"/' -e $held; }
  $ said() { wait $!; echo "[$?]"; grep -v 'recorded when' said; }

A start is decided and recorded with what would be executed, and the end is its outcome. What the program writes is its own.

  $ run -- echo hello
  hello
  $ trammel log show 1 -C space | sed -n "s|$PWD|HERE|; s|/[a-z/]*/echo|PATH/echo|; 2p"
  args {"argv":["echo","hello"],"cwd":"HERE","program":"PATH/echo"}
  $ trammel log show 2 -C space | sed -n -e $held -e 2p
  result {"exit":0,"forced":false,"left":false,"started":true}

Everything but an end with status 0 is a "no", and says why on standard error.

  $ run -- sh -c 'exit 3'
  trammel: sh ended with status 3
  [1]
  $ run --json -- sh -c 'kill -9 $$' | sed $held
  trammel: sh was ended by SIGKILL
  {"entry":5,"outcome":6,"result":{"forced":false,"left":false,"signal":"SIGKILL","started":true}}
  $ run -- ./absent
  trammel: ./absent was not started: there is no program './absent'; expected a path, or a name in one of the folders of PATH
  [5]

A denial starts nothing. Commands are judged however they are wrapped.

  $ run -- env curl http://example.org | verdict
  false the command 'curl' is denied
  $ run --tool other -- true | verdict
  false no rule matched; default of 'p' is deny
  $ run --tool tidy -- echo no
  trammel: echo was not started: the policy rewrites the arguments of the action, which 'run' does not do
  [1]

Who is killed while it runs is ended, and that it is gone is recorded behind the kill.

  $ run -- sh -c 'echo >up; exec cat never' 2>said & read line <up; trammel kill agent ann -C space >/dev/null; said
  warning: no agent 'ann' is registered here; what was said holds for whoever comes by that name
  [1]
  trammel: sh was ended by SIGTERM: agent 'ann' was killed
  $ entry 15; entry 16
  {"data":{"text":"'outcome_of' names entry 13, which was fenced off when entry 14 killed agent ann"},"kind":"refusal",
  {"agent":"ann","data":{"run":{"forced":false,"left":false,"signal":"SIGTERM","started":true,"stopped":"agent 'ann' was killed"}},"kind":"notice","links":[{"rel":"end_of","seq":13},{"rel":"refused","seq":15},{"rel":"killed_by","seq":14}],
  $ run -- echo too late | verdict
  false agent 'ann' was killed
  $ trammel replay -C space | sed 's/.*\(0 divergences.*\)/\1/'
  0 divergences; bit-exact

The same by its session, by a global kill, by a suspension, a quarantine and a revocation. After what is no
kill the outcome is taken.

  $ ben() { trammel run --agent ben --session "$1" --json -C space -- sh -c 'echo >up; exec cat never' | sed $held; }
  $ ben one 2>said & read line <up; trammel kill session one -C space >/dev/null; said
  {"entry":18,"notice":21,"result":{"forced":false,"left":false,"signal":"SIGTERM","started":true,"stopped":"session 'one' was killed"}}
  [0]
  trammel: sh was ended by SIGTERM: session 'one' was killed
  $ ben two 2>said & read line <up; trammel kill all -C space >/dev/null; said; trammel kill lift -C space
  {"entry":22,"notice":25,"result":{"forced":false,"left":false,"signal":"SIGTERM","started":true,"stopped":"everything was stopped by an operator"}}
  [0]
  trammel: sh was ended by SIGTERM: everything was stopped by an operator
  kill.lift
  $ trammel agent create ben --sponsor ann@example.org -C space >/dev/null
  $ ben six 2>said & read line <up; trammel agent suspend ben -C space >/dev/null; said; trammel agent reactivate ben -C space
  {"entry":28,"outcome":30,"result":{"forced":false,"left":false,"signal":"SIGTERM","started":true,"stopped":"agent 'ben' is suspended"}}
  [0]
  trammel: sh was ended by SIGTERM: agent 'ben' is suspended
  agent.reactivate: ben
  $ ben six 2>said & read line <up; trammel quarantine ben --until 2199-01-01T00:00:00Z -C space >/dev/null; said; trammel release ben -C space
  {"entry":32,"outcome":34,"result":{"forced":false,"left":false,"signal":"SIGTERM","started":true,"stopped":"agent 'ben' is in quarantine until 2199-01-01T00:00:00.000000000Z"}}
  [0]
  trammel: sh was ended by SIGTERM: agent 'ben' is in quarantine until 2199-01-01T00:00:00.000000000Z
  release: ben
  $ ben six 2>said & read line <up; trammel agent revoke ben -C space >/dev/null; said
  {"entry":36,"outcome":38,"result":{"forced":false,"left":false,"signal":"SIGTERM","started":true,"stopped":"agent 'ben' is revoked"}}
  [0]
  trammel: sh was ended by SIGTERM: agent 'ben' is revoked

A program that does not listen, and a daemon that left its parent, its group and its session.

  $ forced='s/"forced":[a-z]*,//'
  $ deaf() { trammel run --agent carl --tool script --grace 0 --json -C space -- sh -c "$1" | sed $held; }
  $ deaf "trap '' TERM; echo >up; cat never; cat never" 2>said & read line <up; trammel kill agent carl -C space >/dev/null; said
  warning: no agent 'carl' is registered here; what was said holds for whoever comes by that name
  {"entry":39,"notice":42,"result":{"forced":true,"left":false,"signal":"SIGKILL","started":true,"stopped":"agent 'carl' was killed"}}
  [0]
  trammel: sh was ended by SIGKILL: agent 'carl' was killed
  $ dora() { trammel run --agent dora --tool script --json -C space -- sh -c "$1" | sed "$held; $forced"; }
  $ dora '(setsid sh -c "echo \$\$ >up; exec cat never" &); exec cat never' 2>said & read daemon <up; trammel kill agent dora -C space >/dev/null; said; kill -0 $daemon 2>/dev/null || echo gone
  warning: no agent 'dora' is registered here; what was said holds for whoever comes by that name
  {"entry":43,"notice":46,"result":{"left":false,"signal":"SIGTERM","started":true,"stopped":"agent 'dora' was killed"}}
  [0]
  trammel: sh was ended by SIGTERM: agent 'dora' was killed
  gone
  $ emma() { trammel run --agent emma --tool script --json -C space -- sh -c "$1" | sed "$held; $forced"; }
  $ emma '(setsid sh -c "echo \$\$ >up; exec cat never" &); read line <go' 2>said & read daemon <up; echo >go; said; kill -0 $daemon 2>/dev/null || echo gone
  {"entry":47,"outcome":48,"result":{"exit":0,"left":true,"started":true}}
  [0]
  trammel: what it left running was ended
  gone

A policy kills by itself: what the agent asks for elsewhere ends its program.

  $ trammel agent create gil --sponsor ann@example.org -C space >/dev/null
  $ trammel run --agent gil -C space -- sh -c 'echo >up; exec cat never' 2>said & read line <up; echo '{"agent":"gil","action":"other"}' | trammel check -C space >/dev/null; said
  [1]
  trammel: sh was ended by SIGTERM: agent 'gil' was killed

Trammel that is told to end ends the program and records it.

  $ trammel run --agent emma --tool script --json -C space -- sh -c 'echo $PPID >up; exec cat never' >out 2>said & read pid <up; kill $pid; said; sed $held out
  [1]
  trammel: sh was ended by SIGTERM: trammel was told to end
  {"entry":54,"outcome":55,"result":{"forced":false,"left":false,"signal":"SIGTERM","started":true,"stopped":"trammel was told to end"}}

When trammel itself is killed the program goes with it. Its end is in no entry.

  $ mkfifo hold; trammel run --agent emma --tool script -C space -- sh -c 'echo $PPID >up; exec cat never >hold' 2>/dev/null & read pid <up; exec 9<hold; kill -9 $pid; wait $! 2>/dev/null; cat <&9; exec 9<&-

Where the log cannot be read any more nobody can tell whether it may go on, so it is ended.

  $ trammel run --agent emma -C space -- sh -c 'echo >up; exec cat never' 2>said & read line <up; mv space/log away; said
  [5]
  trammel: sh was ended by SIGTERM: whether it may go on cannot be told: entry 57 is not in the log any more
  trammel: how it ended could not be recorded
  trammel: space: there is no log in space/log
  $ mv away space/log; trammel log verify -C space >/dev/null; trammel replay -C space | sed 's/.*\(0 divergences.*\)/\1/'
  0 divergences; bit-exact

An agent that must sign does so with its key, where that is in the workspace.

  $ trammel init signed --origin example.org/signed >/dev/null
  $ printf 'apiVersion: governance.toolkit/v1\nname: p\ndefault_action: allow\nrequire_signature: true\n' >signed/policies/policy.yaml
  $ trammel agent create fay --sponsor ann@example.org -C signed >/dev/null; trammel run --agent fay --session s --trace t --resource r -C signed -- echo signed
  signed
  $ mv signed/keys/agents keys; trammel run --agent fay -C signed -- echo unsigned | verdict
  false agent 'fay' has a key and must sign its actions
  $ trammel replay -C signed | sed 's/.*\(0 divergences.*\)/\1/'
  0 divergences; bit-exact

What is asked for in vain.

  $ trammel run -C space -- true
  trammel: expected --agent NAME: who runs it
  [2]
  $ run --grace 1h -- true
  trammel: --grace is '1h'; expected 0 to 3600 seconds
  [2]
  $ run
  trammel: expected 'PROGRAM [ARGS]' behind the command
  trammel: see 'trammel help run'
  [2]
  $ run -- "$(printf '\377')"
  trammel: the argument '?' is not UTF-8 and cannot be recorded
  [5]

The cgroup that the killed one left is taken away.

  $ find /sys/fs/cgroup -depth -name "trammel-*-$pid" -exec rmdir {} + 2>/dev/null || true
