Logs of other tools are verified before anything of them is believed, and what they can never prove is said.

  $ printf 'apiVersion: governance.toolkit/v1\nname: all\nunknown_agents: evaluate\ndefault_action: allow\n' >all.yaml
  $ make() { trammel init $1 --origin example.org/$1 >/dev/null; cp all.yaml $1/policies/policy.yaml; }
  $ make space; make again
  $ printf '[{"seq":0,"timestamp":"2026-01-02T03:04:05Z","agent_id":"agent-1","action":"data.read","decision":"allow","previous_hash":"","hash":"298c986f227ec914db90cadcd8f2b4540134e6b5db368d1f2823a59807e651bf"}]' >rust.json
  $ trammel import rust.json --format agt-rust -C space
  foreign chain: 1 entry verified before anything was imported
    this format cannot prove: that nothing was cut off its end (no size is signed)
    this format cannot prove: that it was not rewritten as a whole (its hashes need no key)
    this format cannot prove: what came of an action (only the decision is recorded)
    this format cannot prove: where its fields begin and end (they are hashed with '|' between them, which may be in them)
  imported: 4 entries, 0 new sessions, 1 tool call, 1 allowed, 0 denied
  $ sed 's/"allow"/"deny"/' rust.json >forged.json; trammel import forged.json --format agt-rust -C space
  trammel: forged.json:1:1: entry 0 is not what it hashed to: it was changed after it was written
  trammel: nothing was imported; --allow-broken lets it in and marks it
  [4]
  $ trammel import forged.json --format agt-rust --allow-broken -C space | head -n 2
  foreign chain: 1 entry read
  NOT VERIFIED: evidence does not hold in 1 place, and was let in; line 1: entry 0 is not what it hashed to: it was changed after it was written
  $ trammel log show 5 -C space | grep -o '"trammel_chain":"[a-z]*"'
  "trammel_chain":"broken"

A log of trammel's is verified by the checkpoint that comes with it, and by its key.

  $ trammel log export --format jsonl --bodies -C space >log.jsonl 2>/dev/null
  $ trammel import log.jsonl --format jsonl --vkey space/keys/log.vkey -C again
  foreign chain: 6 entries verified before anything was imported
    this format cannot prove: that its owner signed no other history, and no longer one ('trammel log verify' with --heads or --witness can tell)
  2 records are no action; not repeated
  imported: 6 entries, 0 new sessions, 2 tool calls, 2 allowed, 0 denied
  $ trammel import log.jsonl --format jsonl --vkey again/keys/log.vkey -C again
  trammel: log.jsonl:9:15: the checkpoint is not signed with the key of --vkey
  trammel: nothing was imported; --allow-broken lets it in and marks it
  [4]
  $ trammel import log.jsonl --format jsonl -C again | grep cannot
    this format cannot prove: who signed its checkpoint (without --vkey its signature is not checked)
  $ sed 's/data.read/data.rite/' log.jsonl >bad.jsonl; trammel import bad.jsonl --format jsonl --vkey space/keys/log.vkey -C again
  trammel: bad.jsonl:5:21: entry 3 has other results than it commits to
  trammel: nothing was imported; --allow-broken lets it in and marks it
  [4]
  $ trammel log export --format cloudevents --bodies -C space >log.events 2>/dev/null; trammel import log.events --format cloudevents --vkey space/keys/log.vkey --json -C again | grep -o '"cannot_prove":.*'
  "cannot_prove":["that its owner signed no other history, and no longer one ('trammel log verify' with --heads or --witness can tell)"]}
  $ head -n 5 log.jsonl >cut.jsonl; trammel import cut.jsonl --format jsonl --vkey space/keys/log.vkey -C again
  trammel: cut.jsonl: there are entries and no checkpoint behind them: the export was cut off
  [5]

The flight recorder's database is read as it lies there.

  $ trammel import all.yaml --format agt-flight-recorder -C space
  trammel: all.yaml: this is not an SQLite 3 database
  [5]
  $ trammel import - --format agt-flight-recorder -C space
  trammel: -: a database cannot be read from standard input; name its file
  [2]
  $ trammel import rust.json --format agt-rusty -C space
  trammel: --format is 'agt-rusty'; expected openai-chat, agt-audit, agt-filesink, agt-go, agt-rust, agt-dotnet, agt-typescript, agt-flight-recorder, jsonl, cloudevents, otlp or csv; did you mean 'agt-rust'?
  [2]
