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
