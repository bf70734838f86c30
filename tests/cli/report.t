What happened in some days, and whether the log that says so may be believed.

  $ trammel init space --origin example.org/support >/dev/null
  $ cp $TOP/datasets/policies/support.yaml space/policies/policy.yaml
  $ trammel import $TOP/datasets/incidents/support-refunds.jsonl --format openai-chat -C space >/dev/null 2>&1
  $ trammel log report -C space | sed 's/root .*/root R/; s/sha256:.*/sha256:D/'
  log       example.org/support
  period    1969-12-02T00:00:00.050000000Z to 1970-01-01T00:00:00.050000000Z
            30 days up to the last entry
  chain     verified in this run: 52 entries, 0 of them not signed yet
  head      size 52, root R
            0 cosignatures below it, which log verify --witness checks
  counted   52 entries: 22 action, 22 outcome, 1 agent, 1 policy, 6 label
  actions   19 allowed, 3 denied, 0 of them because the machine failed
  coverage  19 of 19 allowed actions have their outcome (100 %)
            0 of 22 actions are signed (0 %)
            0 of 52 entries have a time of their source (0 %)
            5 of 5 rules in force decided something (100 %)
  
  agents        count     denied
                   22          3  support-bot
  
  tools         count     denied
                    9          2  issue_refund
                    4          0  get_order
                    4          0  send_email
                    1          1  delete_account
                    1          0  get_customer
                    1          0  search_articles
                    1          0  search_orders
                    1          0  search_parcels
  
  rules         count     denied
                    8          0  support/look-up
                    7          0  support/refund
                    2          0  support/mail-colleagues
                    2          0  support/mail-customers
                    1          1  support/accounts-are-off-limits
  
  stages        count     denied
                   22          3  policy
  
  outcomes      count     denied
                   19          0  (none)
  
  policies      count     denied
                   22          3  sha256:D
  $ trammel log report --days 1 --until 1970-01-01T00:00:00.010Z -C space | sed -n '2,3p;7,9p'
  period    1969-12-31T00:00:00.010000000Z to 1970-01-01T00:00:00.010000000Z
            1 day up to the time given
  counted   12 entries: 5 action, 4 outcome, 1 agent, 1 policy, 1 label
  actions   5 allowed, 0 denied, 0 of them because the machine failed
  coverage  5 of 5 allowed actions have their outcome (100 %)
  $ trammel log report --days 7 --json -C space | sed 's/sha256:[0-9a-f]*/D/g' | cut -c1-260
  {"format":"trammel/report/v1","origin":"example.org/support","since":"1969-12-25T00:00:00.050000000Z","until":"1970-01-01T00:00:00.050000000Z","chain":{"verified":true,"finding":null,"file":null,"size":52,"root":"D","unsigned_entries":0,"cosignatures":0},"comp
  $ trammel log report --days 0 -C space
  trammel: --days is '0'; expected a number from 1 to 106751
  [2]

An entry that was changed is a finding, and the exit status says so. What cannot be read is not counted.

  $ sed -i '30s/"allow"/"Allow"/' space/log/segment/00000000.jsonl
  $ trammel log report -C space | sed -n '4,7p'
  chain     NOT VALID: space/log/segment/00000000.jsonl: entry 29: it was changed after it was signed: its hash is not the one in the signed tree
  counted   29 entries: 12 action, 12 outcome, 1 agent, 1 policy, 3 label
            ONLY UP TO ENTRY 29: entry 29 cannot be read: member "effect": found string, expected "allow" when allowed is true, else "deny"; trammel log verify says more
  actions   11 allowed, 1 denied, 0 of them because the machine failed
  $ trammel log report -C space >/dev/null
  [4]
  $ trammel log report --json -C space | cut -c127-360
  0:00.050000000Z","chain":{"verified":false,"finding":"entry 29: it was changed after it was signed: its hash is not the one in the signed tree","file":"space/log/segment/00000000.jsonl"},"complete":false,"read":29,"entries":29,"kinds"

What was no action, or could not be recorded as one, is denied and counted by itself.

  $ trammel init plain --origin example.org/plain >made 2>&1
  $ printf 'junk\n\n{"agent":"bot","action":"look"}\n' | trammel check --batch -C plain >answers 2>&1
  $ trammel log report -C plain | grep -A1 '^actions'
  actions   0 allowed, 1 denied, 0 of them because the machine failed
  refused   2 documents, which are in no count of actions
  $ trammel log verify -C plain | tail -n 1
  verified: 4 entries, 1 tool call, 0 allowed, 1 denied, 2 refusals, 0 entries beyond the checkpoint
  $ trammel replay -C plain
  replayed: 4 entries, 0 sessions, 1 tool call, 0 allowed, 1 denied, 2 refusals, 0 divergences; bit-exact
