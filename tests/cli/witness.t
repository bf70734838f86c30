A log that only agrees with itself may be another than it was yesterday. Who verifies brings the newest
head it has seen, or asks for the word of witnesses.

  $ trammel init space --origin example.org/bots >/dev/null
  $ printf 'apiVersion: governance.toolkit/v1\nname: all\nunknown_agents: evaluate\ndefault_action: allow\n' >space/policies/policy.yaml
  $ act() { echo '{"agent":"ann","action":"look"}' | trammel check -C space >/dev/null; }
  $ act; trammel log verify -C space --heads heads | grep continues
  continues   nothing: no head was known; this one is kept in heads
  $ act; trammel log verify -C space --heads heads | grep continues
  continues   the known head of size 2
  $ cp -R space old; act; act; trammel log verify -C space --heads heads >/dev/null

An old copy is a good log, and not the log any more. A checkpoint kept elsewhere says the same.

  $ trammel log verify -C old | grep -c verified
  1
  $ trammel log verify -C old --heads heads
  trammel: old/log/checkpoint: it signs 3 entries, and the known head signs 5: the log was cut or set back, or this is an older copy
  [4]
  $ trammel log head -C space >kept; trammel log verify -C old --against kept
  trammel: old/log/checkpoint: it signs 3 entries, and the known head signs 5: the log was cut or set back, or this is an older copy
  [4]

The owner of the key can write another history of the same length and sign it. It does not continue the
head.

  $ echo '{"agent":"eve","action":"steal"}' | trammel check -C old >/dev/null; act() { echo '{"agent":"ann","action":"look"}' | trammel check -C old >/dev/null; }; act; act
  $ trammel log verify -C old | grep -c verified; trammel log verify -C old --heads heads
  1
  trammel: old/log/checkpoint: the first 5 entries are not those that the known head signs: the log was rewritten, and signed anew
  [4]
  $ echo nonsense >bad; trammel log verify -C space --against bad
  trammel: bad: checkpoint 1 of the known heads is not a signed note
  [5]
  $ : >none; trammel log verify -C space --against none
  trammel: none: there is no head of example.org/bots in this file
  [5]
  $ trammel log verify -C space --against kept --heads heads
  trammel: --heads and --against exclude each other: --heads compares too
  [2]

A witness belongs to somebody else. It keeps the newest head of each log it knows and cosigns what
continues it.

  $ trammel log witness w1 --origin witness.example/w1 >w1.vkey; sed 's/+.*//' w1.vkey
  witness.example/w1
  $ trammel log head 0 -C space >request; head -n 1 request
  old 0
  $ trammel log witness w1 request
  trammel: the log example.org/bots is not known to this witness; make it known with: trammel log witness DIR --vkey VKEY
  [5]
  $ trammel log witness w1 --vkey space/keys/log.vkey >/dev/null; trammel log witness w1 request >answer; cut -d' ' -f2 answer
  witness.example/w1
  $ trammel log verify -C space --witness w1.vkey
  trammel: space/log/checkpoint: cosigned by 0 of 1 witnesses, and 1 are demanded; ask them with the request that log head writes
  [1]
  $ trammel log cosign answer -C space --witness w1.vkey; trammel log cosign answer -C space --witness w1.vkey
  1 cosignature added to the checkpoint
  0 cosignatures added to the checkpoint
  $ trammel log verify -C space --witness w1.vkey | grep cosigned
  cosigned    by 1 of 1 witnesses, 1 demanded
  $ trammel log verify -C space --witness w1.vkey --quorum 2
  trammel: --quorum is '2'; expected 1 to 1, the number of witnesses
  [2]

Two faces of a log are not both cosigned.

  $ trammel log head 0 -C old | trammel log witness w1
  trammel: the checkpoint cosigned last has size 5, not 0; ask again from there
  [5]
  $ trammel log head 5 -C old | trammel log witness w1
  trammel: the proof does not lead from the 5 entries cosigned last to this checkpoint
  [4]
  $ trammel log verify -C space --vkey w1.vkey
  trammel: --vkey 'witness.example/w1' is the key of a witness; expected that of a log
  [5]

Who holds an earlier head needs no log to see that a later one continues it: any two heads of one log have a proof.

  $ trammel log head -C space >early; act() { echo '{"agent":"ann","action":"look"}' | trammel check -C space >/dev/null; }; act
  $ trammel log head -C space >middle; act; n=$(sed -n 2p early)
  $ trammel log head $n -C space >growth; trammel log check-proof growth --against early --vkey space/keys/log.vkey
  proved: the 5 entries of the earlier head are the first of 7 in log example.org/bots
  $ trammel log head $n middle -C space | trammel log check-proof - --against early --vkey space/keys/log.vkey
  proved: the 5 entries of the earlier head are the first of 6 in log example.org/bots
  $ trammel log head $n middle -C space --json | cut -c1-46
  {"origin":"example.org/bots","request":"old 5\
  $ trammel log check-proof growth --against middle --vkey space/keys/log.vkey
  trammel: growth: the proof starts behind 5 entries, and the earlier head signs 6; expected the proof of: trammel log head 6
  [5]
  $ trammel log check-proof growth --vkey space/keys/log.vkey
  trammel: growth: --against is missing: the earlier head, whose size this file starts from
  [2]
  $ trammel log head 1 kept -C old >/dev/null
  trammel: the 5 entries that the head signs are not the first of this log: it was rewritten, or the head is of another history
  [4]
  $ trammel log head 1 middle -C old
  trammel: the 6 entries that the head signs are not the first of this log: it was rewritten, or the head is of another history
  [4]

A proof that is checked far from the log can demand witnesses, too: their lines stand on the checkpoint in the file,
if it was made when they had answered.

  $ trammel log prove 2 -C space >lonely; trammel log check-proof lonely --vkey space/keys/log.vkey --witness w1.vkey
  trammel: lonely: cosigned by 0 of 1 witnesses, and 1 are demanded; ask them with the request that log head writes
  [1]
  $ trammel log check-proof growth --against early --vkey space/keys/log.vkey --witness w1.vkey
  trammel: growth: cosigned by 0 of 1 witnesses, and 1 are demanded; ask them with the request that log head writes
  [1]
  $ trammel log head 5 -C space | trammel log witness w1 >answer; trammel log cosign answer -C space --witness w1.vkey
  1 cosignature added to the checkpoint
  $ trammel log prove 2 -C space >seen; trammel log check-proof seen --vkey space/keys/log.vkey --witness w1.vkey | tail -n 1
  proved: entry 2 of 7 in log example.org/bots, cosigned by 1 of 1 witnesses, 1 demanded
  $ trammel log head 5 -C space >growth; trammel log check-proof growth --against early --vkey space/keys/log.vkey --witness w1.vkey
  proved: the 5 entries of the earlier head are the first of 7 in log example.org/bots, cosigned by 1 of 1 witnesses, 1 demanded
  $ trammel log check-proof growth --against early --vkey space/keys/log.vkey --witness w1.vkey --json
  {"proved":true,"origin":"example.org/bots","continues":5,"size":7,"cosigned":1}
  $ trammel log witness w2 --origin witness.example/w2 | cat w1.vkey - >both; trammel log check-proof seen --vkey space/keys/log.vkey --witness both --quorum 1 --json | grep -o '"cosigned":.*'
  "cosigned":1}
  $ trammel log check-proof seen --vkey space/keys/log.vkey --witness both --quorum 2
  trammel: seen: cosigned by 1 of 2 witnesses, and 2 are demanded; ask them with the request that log head writes
  [1]
  $ trammel log check-proof seen --vkey space/keys/log.vkey --quorum 1
  trammel: --quorum needs --witness
  [2]
  $ sed '$s/.....$/AAAA=/' seen >bent; trammel log check-proof bent --vkey space/keys/log.vkey --witness w1.vkey
  trammel: bent: the cosignature of witness.example/w1 does not verify
  [4]
