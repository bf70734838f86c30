Whoever has to know what happened asks the log.

  $ trammel init space --origin example.org/support >/dev/null
  $ cp $TOP/datasets/policies/support.yaml space/policies/policy.yaml
  $ trammel import $TOP/datasets/incidents/support-refunds.jsonl --format openai-chat -C space 2>/dev/null
  50 entries have no time in the source; theirs are synthetic and marked so
  imported: 52 entries, 6 new sessions, 22 tool calls, 19 allowed, 3 denied
  $ trammel log query --effect deny -C space
    entry  time                  agent           what                  effect rule, or stage
       18  1970-01-01T00:00:00Z  support-bot     delete_account        deny   support/accounts-are-o..
       33  1970-01-01T00:00:00Z  support-bot     issue_refund          deny   policy
       46  1970-01-01T00:00:00Z  support-bot     issue_refund          deny   policy
  3 entries
  $ trammel log query --tool 'issue_*' --effect allow --count -C space
  7
  $ trammel log query --tool 'issue_*' --since -5s --reverse -C space
    entry  time                  agent           what                  effect rule, or stage
       46  1970-01-01T00:00:00Z  support-bot     issue_refund          deny   policy
       39  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
       35  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
       33  1970-01-01T00:00:00Z  support-bot     issue_refund          deny   policy
       31  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
       29  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
       27  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
       25  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
       11  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
  9 entries; times are counted back from the last entry, at 1970-01-01T00:00:00.050000000Z
  $ trammel log query --agent nobody -C space
    entry  time                  agent           what                  effect rule, or stage
  0 entries

All filters must hold. A text is looked for in names, reasons and data, in either case.

  $ trammel log query --kind label --text 'TASK' -C space
    entry  time                  agent           what                  effect rule, or stage
  0 entries
  $ trammel log query --session 'run-*1' --stage policy --rule 'support/*' --tool 'get*' --count -C space
  1
  $ trammel log query --until 1970-01-01T00:00:00.005Z --kind action --json -C space | cut -c1-36
  {"action":"get_order","agent":"suppo
  {"action":"search_parcels","agent":"
  {"action":"send_email","agent":"supp

A range, and lines as they stand in the log: each is the leaf of the tree.

  $ trammel log show 18..20 -C space
    entry  time                  agent           what                  effect rule, or stage
       18  1970-01-01T00:00:00Z  support-bot     delete_account        deny   support/accounts-are-o..
       19  1970-01-01T00:00:00Z                  outcome of 18
       20  1970-01-01T00:00:00Z  support-bot     send_email            allow  support/mail-colleagues
  $ trammel log show 20..18 -C space
  trammel: '20..18' is no range of entries; expected two numbers, like 10..20
  [2]
  $ trammel log show 50..60 --json -C space | wc -l
  2
  $ trammel log query --kind label --json -C space >got; grep '"kind":"label"' space/log/segment/00000000.jsonl | cmp - got

What is more than is wanted at once comes in pages. A cursor belongs to its question.

  $ trammel log query --tool 'issue*' --limit 3 -C space
    entry  time                  agent           what                  effect rule, or stage
       11  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
       25  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
       27  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
  3 entries
  more: --cursor q1.28.50000000.df656611d152fad9
  $ trammel log query --tool 'issue*' --limit 3 --json -C space | tail -n 1
  {"cursor":"q1.28.50000000.df656611d152fad9","more":true}
  $ cursor=$(trammel log query --tool 'issue*' --limit 3 --json -C space | sed -n 's/.*"cursor":"\([^"]*\)".*/\1/p')
  $ trammel log query --tool 'issue*' --limit 99 --cursor $cursor -C space
    entry  time                  agent           what                  effect rule, or stage
       29  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
       31  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
       33  1970-01-01T00:00:00Z  support-bot     issue_refund          deny   policy
       35  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
       39  1970-01-01T00:00:00Z  support-bot     issue_refund          allow  support/refund
       46  1970-01-01T00:00:00Z  support-bot     issue_refund          deny   policy
  6 entries
  $ trammel log query --tool 'issue*' --limit 99 --cursor $cursor --json -C space | tail -n 1
  {"cursor":null,"more":false}
  $ trammel log query --tool 'get*' --cursor $cursor -C space
  trammel: this cursor is of another question: it goes on only with the filters, the order and the log that it was printed for
  [5]
  $ trammel log query --cursor q1.5 -C space
  trammel: 'q1.5' is not a cursor; take the one that a query printed
  [5]

Names are words of strangers. In a spreadsheet they are no formulas.

  $ printf 'apiVersion: governance.toolkit/v1\nname: all\nunknown_agents: evaluate\ndefault_action: allow\n' >space/policies/policy.yaml
  $ echo '{"agent":"=cmd|calc!A1","action":"@sum(1)","session":"+1","resource":"@x, \"y\""}' | trammel check -C space >/dev/null
  $ trammel log query --session +1 -C space | sed 's/  20..-..-..T..:..:..Z/  TIME/'
  1 entry
    entry  time                  agent           what                  effect rule, or stage
       53  TIME  =cmd|calc!A1    @sum(1)               allow  policy
  $ trammel log query --session +1 --csv -C space | sed 's/,20[^,]*,/,TIME,/' | tr '\r' M
  entry,time,kind,agent,action,resource,session,trace,effect,stage,rule,reasons,dataM
  53,TIME,action,'=cmd|calc!A1,'@sum(1),"'@x, ""y""",'+1,,allow,policy,,no rule matched; default of 'all' is allow,M

An action is found by what came of it, too.

  $ echo '{"agent":"ann","action":"pay"}' | trammel check -C space | grep -o '"entry":[0-9]*'
  "entry":54
  $ echo '{"outcome_of":54,"status":"failed"}' | trammel check -C space >/dev/null
  $ trammel log query --outcome 'fail*' -C space | sed 's/  20..-..-..T..:..:..Z/  TIME/'
  1 entry
    entry  time                  agent           what                  effect rule, or stage
       54  TIME  ann             pay                   allow  policy
  $ trammel log query --kind outcome --text failed -C space | sed 's/  20..-..-..T..:..:..Z/  TIME/'
  1 entry
    entry  time                  agent           what                  effect rule, or stage
       55  TIME                  outcome of 54 failed

What comes later can be waited for.

  $ mkfifo pipe; trammel log query --follow --tool late --json -C space >pipe & exec 3<pipe
  $ echo '{"agent":"ann","action":"late"}' | trammel check -C space >/dev/null; read -r line <&3; echo "$line" | cut -c1-31
  {"action":"late","agent":"ann",
  $ kill -INT $!; wait $!

The index is made as needed, holds nothing that the log does not, and is not believed when it is damaged.

  $ for i in 0 1 2 3 4 5 6 7 8 9; do for j in 0 1 2 3 4 5 6 7 8 9; do for k in 0 1 2 3 4 5 6 7 8 9; do for l in 1 2 3 4; do echo '{"agent":"bot","action":"look","session":"s'$i$j'"}'; done; done; done; done | trammel check --batch -C space >/dev/null
  $ for i in 1 2 3 4 5 6 7 8 9; do for j in 1 2 3 4 5 6; do echo '{"agent":"bot","action":"look","session":"t'$i'"}'; done; done | trammel check --batch -C space >/dev/null
  $ trammel log query --session s42 --count -C space
  40
  $ ls space/index; stat -c %a space/index space/index/*
  00000000-00.sqlite
  lock
  700
  600
  600
  $ trammel log query --session s42 --count -C space
  40
  $ printf XXXXXXXXXXXXXXXX | dd of=space/index/00000000-00.sqlite bs=1 seek=9000 conv=notrunc 2>/dev/null; trammel log query --agent bot --session 's4*' --count -C space
  trammel: space/index/00000000-00.sqlite: this piece of the index does not fit the log, or was damaged; it is left out
  400
  $ trammel index rebuild -C space
  index: 4,096 entries in 1 piece; the log's last 15 are read as they stand
  $ rm -r space/index; ln -s /etc space/index; trammel log query --session s42 --count -C space; trammel index rebuild -C space
  trammel: space/index: the index is not up to date (this is not a folder; take it away); the log itself is read
  40
  trammel: space/index: this is not a folder; take it away
  [5]
  $ rm space/index; trammel index rebuild --json -C space
  {"entries":4111,"indexed":4096,"pieces":1}

What is not understood is said.

  $ trammel log query --kind acton -C space
  trammel: there is no kind 'acton'; expected action, outcome, agent, policy, label, refusal, control or notice; did you mean 'action'?
  [2]
  $ trammel log query --since yesterday -C space
  trammel: 'yesterday' is no time; expected one like 2026-01-02T03:04:05Z, or -90m, -2h, -7d before the last entry
  [2]
  $ trammel log query --effect maybe -C space
  trammel: --effect is 'maybe'; expected allow or deny
  [2]
  $ trammel log query --limit 0 -C space
  trammel: --limit is '0'; expected a number from 1 on
  [2]
  $ trammel log query --csv --json -C space
  trammel: --csv and --json exclude each other
  {"error":"ERR_USAGE","exit":2,"file":"","line":0,"column":0,"text":"--csv and --json exclude each other"}
  [2]
  $ trammel log query --follow --limit 3 -C space
  trammel: --follow has no end, so it goes without --reverse, --limit and --count
  [2]
  $ trammel log show 3 --csv -C space
  trammel: --csv is for a range of entries, like 10..20
  [2]
  $ trammel log show 3.. -C space
  trammel: '3..' is no range of entries; expected two numbers, like 10..20
  [2]
