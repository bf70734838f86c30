Arguments that must lead below a folder: where they lead counts, not how they are spelt.

  $ trammel init space --origin example.org/paths >/dev/null
  $ mkdir -p data/in data2; echo secret >secret; echo x >data/file; echo x >data2/file
  $ ln -s ../secret data/out; ln -s in data/link; ln -s .. data/up; top=$(pwd -P)
  $ printf "apiVersion: governance.toolkit/v1\nname: all\nunknown_agents: evaluate\ndefault_action: allow\npaths:\n  - {tools: [read], of: args.path, below: [$top/data]}\n" >space/policies/policy.yaml
  $ ask() { printf '{"agent":"ann","action":"read","args":{"path":"%s"}}' "$1" | trammel check -C space | sed -e 's/.*"allowed":\([a-z]*\).*"reason":"\([^"]*\)".*/\1 \2/' -e "s|$top|TOP|g"; }
  $ for path in file ./in/../file in/new link/new $top/data/file $top/data//in; do ask $path; done
  true no rule matched; default of 'all' is allow
  true no rule matched; default of 'all' is allow
  true no rule matched; default of 'all' is allow
  true no rule matched; default of 'all' is allow
  true no rule matched; default of 'all' is allow
  true no rule matched; default of 'all' is allow
  $ for path in ../secret in/../../secret out up up/data/file $top/data2/file $top/data/../secret /etc/passwd nowhere/x; do ask $path; done
  false args.path does not lead below TOP/data
  false args.path does not lead below TOP/data
  false args.path does not lead below TOP/data
  false args.path does not lead below TOP/data
  false args.path does not lead below TOP/data
  false args.path does not lead below TOP/data
  false args.path does not lead below TOP/data
  false args.path does not lead below TOP/data
  false args.path does not lead below TOP/data

The answer of the disk is in the entry, so a replay asks nobody.

  $ trammel log show 4 -C space | sed -n -e "s|$top|TOP|g" -e 's/.*\("paths":[^]]*]\).*/\1/p'
  "paths":[{"below":"TOP/data","leads":"in/new","of":"args.path"}]
  $ rm -r data data2 secret
  $ trammel replay -C space
  replayed: 16 entries, 0 sessions, 15 tool calls, 6 allowed, 9 denied, 0 divergences; bit-exact
  $ trammel log verify -C space >/dev/null

Commands are what they lead to, where the policy says in which folders programs lie.

  $ mkdir bin lib; touch bin/ls lib/curl; ln -s ../lib/curl bin/fetch; ln -s loop bin/loop; ln -s nowhere bin/gone
  $ printf "apiVersion: governance.toolkit/v1\nname: all\nunknown_agents: evaluate\ndefault_action: allow\ncommands:\n  - {tools: [sh], of: args.run, deny: [curl], from: [$top/bin]}\n" >space/policies/policy.yaml
  $ run() { printf '{"agent":"ann","action":"sh","args":{"run":"%s"}}' "$1" | trammel check -C space | sed -e 's/.*"allowed":\([a-z]*\).*"reason":"\([^"]*\)".*/\1 \2/' -e "s|$top|TOP|g"; }
  $ for text in ls 'ls; fetch x' 'env fetch x' $top/bin/fetch $top/bin/ls ./ls /tmp/ls loop gone; do run "$text"; done
  true no rule matched; default of 'all' is allow
  false the command 'TOP/bin/fetch' leads to what is denied, TOP/lib/curl
  false the command 'TOP/bin/fetch' leads to what is denied, TOP/lib/curl
  false the command 'TOP/bin/fetch' leads to what is denied, TOP/lib/curl
  true no rule matched; default of 'all' is allow
  false the command './ls' does not lie where programs lie
  false the command '/tmp/ls' does not lie where programs lie
  false the command 'TOP/bin/loop' cannot be followed
  false the command 'TOP/bin/gone' cannot be followed
  $ trammel log show 18 -C space | sed -n -e "s|$top|TOP|g" -e 's/.*\("programs":[^]]*]\).*/\1/p'
  "programs":[{"at":"TOP/bin/ls","leads":"TOP/bin/ls"},{"at":"TOP/bin/fetch","leads":"TOP/lib/curl"}]
  $ rm -r bin lib
  $ trammel replay -C space
  replayed: 26 entries, 0 sessions, 24 tool calls, 8 allowed, 16 denied, 0 divergences; bit-exact
