The log's own key signs its checkpoints. It can be rotated, and whoever knows any of its keys goes on
verifying.

  $ trammel init space --origin example.org/bots >/dev/null; cp space/keys/log.vkey first.vkey
  $ printf 'apiVersion: governance.toolkit/v1\nname: all\nunknown_agents: evaluate\ndefault_action: allow\n' >space/policies/policy.yaml
  $ act() { echo '{"agent":"ann","action":"look"}' | trammel check -C space >/dev/null; }
  $ act; act; trammel log prove 1 -C space >old.tlog-proof; trammel log head -C space >old.head
  $ trammel log verify -C space --vkey first.vkey --heads heads | grep continues
  continues   nothing: no head was known; this one is kept in heads
  $ cp space/keys/log.pem old.pem; trammel log witness w1 --origin witness.example/w1 >w1.vkey
  $ trammel log witness w1 --vkey first.vkey >/dev/null; trammel log head 0 -C space | trammel log witness w1 | cut -d' ' -f2
  witness.example/w1
  $ trammel log rotate-key -C space --reason yearly >new.vkey; cmp new.vkey space/keys/log.vkey

The checkpoint that hands the log over has both signatures; the private key of before is gone.

  $ tail -n 2 space/log/checkpoint | cut -d' ' -f2
  example.org/bots
  example.org/bots
  $ ls space/keys; grep -rlF "$(sed -n 2p old.pem)" space
  agents
  log.pem
  log.vkey
  mask.key
  [1]
  $ ls -l space/keys/log.pem | cut -c 1-10
  -rw-------
  $ act; tail -n 1 space/log/checkpoint | cut -d' ' -f2
  example.org/bots
  $ trammel log rotate-key -C space --json | sed 's/+[^"]*/.../'
  {"vkey":"example.org/bots...","entry":5}
  $ act; trammel log verify -C space --vkey first.vkey --heads heads | sed '/^signed by/d; /^checkpoint/d; /^recomputed/d'
  log         example.org/bots
  rotated     2 times, each key signed for by the one before it
  continues   the known head of size 3
  verified: 7 entries, 4 tool calls, 4 allowed, 0 denied, 0 entries beyond the checkpoint
  $ trammel log verify -C space --vkey first.vkey --against old.head | grep continues
  continues   the known head of size 3
  $ trammel log verify -C space --vkey new.vkey --json | grep -o '"key_rotations":[0-9]*'
  "key_rotations":2
  $ trammel log query --kind control -C space | sed 's/[-0-9]*T[0-9:]*Z/TIME/'
  2 entries
    entry  time                  agent           what                  effect rule, or stage
        3  TIME                  control log.rotate_key
        5  TIME                  control log.rotate_key
  $ trammel replay -C space
  replayed: 7 entries, 0 sessions, 4 tool calls, 4 allowed, 0 denied, 0 divergences; bit-exact

A proof of then was signed by the key of then: one key and the rotations lead there.

  $ trammel log check-proof old.tlog-proof --vkey first.vkey | tail -n 1
  proved: entry 1 of 3 in log example.org/bots
  $ trammel log check-proof old.tlog-proof --vkey space/keys/log.vkey
  trammel: old.tlog-proof: none of the given keys signed the checkpoint; give the log's key, and its rotations if it has another one now
  [4]
  $ trammel log check-proof old.tlog-proof --vkey space/keys/log.vkey --rotations space/log/rotations | tail -n 1
  proved: entry 1 of 3 in log example.org/bots
  $ trammel log prove 1 -C space | trammel log check-proof - --vkey first.vkey --rotations space/log/rotations | tail -n 1
  proved: entry 1 of 7 in log example.org/bots

A published copy has what it takes, and so have an export and the file of rotations.

  $ trammel log publish site -C space; trammel log verify --published site --vkey first.vkey | grep rotated
  published: 7 entries, 7 of them new
  rotated     2 times, each key signed for by the one before it
  $ trammel log export --format jsonl --out log.jsonl -C space 2>/dev/null; trammel init other --origin example.org/other >/dev/null
  $ trammel import log.jsonl --format jsonl --vkey first.vkey -C other | sed 's/^ *//' | head -n 1
  trammel: log.jsonl:8:15: the checkpoint is not signed with the key of --vkey
  trammel: nothing was imported; --allow-broken lets it in and marks it
  $ trammel import log.jsonl --format jsonl --vkey first.vkey --rotations space/log/rotations -C other >/dev/null && echo imported
  imported

A witness hears the key that it knows, until it is shown the rotations.

  $ trammel log head 3 -C space >request; trammel log witness w1 request
  trammel: this is not a checkpoint signed by the key of example.org/bots
  [4]
  $ trammel log witness w1 --rotations space/log/rotations | cmp - space/keys/log.vkey
  $ trammel log witness w1 request >answer; trammel log cosign answer -C space --witness w1.vkey
  1 cosignature added to the checkpoint
  $ trammel log verify -C space --vkey first.vkey --witness w1.vkey | grep cosigned
  cosigned    by 1 of 1 witnesses, 1 demanded
  $ trammel log witness w1 --rotations space/log/rotations
  trammel: space/log/rotations: the last key of example.org/bots is known already
  [5]

What does not fit is refused: a rotation that is missing in the list, one that was changed, one of another log.

  $ cp -R space bad; head -n 1 space/log/rotations >bad/log/rotations; trammel log verify -C bad --vkey first.vkey
  trammel: bad/log/checkpoint: none of the given keys signed this checkpoint: it is another log's, or the key is another's
  [4]
  $ tail -n 1 space/log/rotations >bad/log/rotations; trammel log verify -C bad --vkey first.vkey
  trammel: bad/log/rotations:1: rotation 2 stands where rotation 1 is due: one is missing
  [4]
  $ sed 's/yearly/hourly/' space/log/rotations >bad/log/rotations; trammel log verify -C bad --vkey first.vkey
  trammel: bad/log/rotations: entry 3 is a rotation of the log's key, and is not listed here as it stands there
  [4]
  $ sed 's/"sequence":2/"sequence":3/' space/log/rotations >bad/log/rotations; trammel log verify -C bad --vkey first.vkey
  trammel: bad/log/rotations:2: 'old_signature' is not by that key over this rotation
  [4]
  $ trammel init stranger --origin example.org/bots >/dev/null; trammel log rotate-key -C stranger >/dev/null
  $ cp stranger/log/rotations bad/log/rotations; trammel log verify -C bad --vkey first.vkey
  trammel: bad/log/rotations: none of the given keys is one of this log's: its rotations lead to others
  [4]
  $ cp space/log/rotations bad/log/rotations; sed -i 's/yearly/hourly/' bad/log/segment/00000000.jsonl; trammel log verify -C bad --vkey first.vkey
  trammel: bad/log/segment/00000000.jsonl:4: entry 3: it was changed after it was signed: its hash is not the one in the signed tree
  [4]
  $ cp space/log/segment/00000000.jsonl bad/log/segment/; rm bad/log/rotations; trammel log verify -C bad
  trammel: bad/log/rotations: entry 3 is a rotation of the log's key, and is not listed here as it stands there
  [4]
  $ echo nonsense >none; trammel log check-proof old.tlog-proof --vkey first.vkey --rotations none
  trammel: none:1: this is no rotation of the key of example.org/bots
  [4]
