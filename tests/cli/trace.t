
What an agent did in a session, as a TRACE record for strangers.

  $ mask() { sed 's/did:key:z[0-9A-Za-z]*/DIDKEY/g; s/[0-9a-f]\{64\}/HASH/g; s/"signature":"[^"]*"/"signature":"SIG"/; s/size=[0-9]*/size=N/; s/"iat":[0-9]*/"iat":T/'; }
  $ trammel init space --origin example.org/support >/dev/null; cp $TOP/datasets/policies/support.yaml space/policies/policy.yaml
  $ trammel import $TOP/datasets/incidents/support-refunds.jsonl --format openai-chat -C space 2>/dev/null
  50 entries have no time in the source; theirs are synthetic and marked so
  imported: 52 entries, 6 new sessions, 22 tool calls, 19 allowed, 3 denied
  $ echo '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}' >signer.key
  $ sed 's/,"d":"[^"]*"//' signer.key >signer.jwk

A log does not know which model acted, which build, how sensitive it was. That is stated, and never invented.

  $ at='--time 2026-06-01T00:00:00Z'
  $ trammel trace emit --session run-000003 -C space --key signer.key
  trammel: no log knows which model and build acted and how sensitive it was: expected FACTS with model, data_class, build_provenance and, of an imported session, origin; or space/trace.yaml
  [5]
  $ cat >space/trace.yaml <<END
  > model: {provider: openai, model_id: gpt-5}
  > data_class: internal
  > build_provenance: {slsa_level: 0, digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
  > END
  $ trammel trace emit --session run-000003 -C space --key signer.key --trust-domain example.org $at
  trammel: session 'run-000003' was imported: expected 'origin' among the facts, with 'producer', the system whose log it was
  [5]
  $ echo 'origin: {producer: support-desk/2.1}' >>space/trace.yaml
  $ trammel trace emit --session run-000003 -C space --trust-domain example.org $at
  trammel: a record is signed: expected --key FILE, or TRACE_PRIVATE_KEY_PEM (the key) or AGENTRUST_TRACE_KEY_PATH (its file) in the environment
  [2]
  $ trammel trace emit --session run-000003 -C space --trust-domain example.org --key signer.jwk $at
  trammel: signer.jwk is the public half of a key; expected the private one
  [5]
  $ trammel trace emit --session run-3 -C space --trust-domain example.org --key signer.key
  trammel: no entry under the checkpoint has session 'run-3'
  [5]
  $ trammel trace emit --session run-000003 -C space --key signer.key
  trammel: agent 'support-bot' has no key, so no DID; expected --trust-domain NAME for a SPIFFE ID
  [5]
  $ trammel trace emit --session run-000003 -C space --key signer.key --trust-domain example.org
  trammel: the times of session 'run-000003' are from before there were such records, or synthetic: expected --time TIME, when this one is issued
  [2]
  $ trammel trace emit --session run-000003 -C space --key signer.key --trust-domain example.org $at >rec.json; mask <rec.json
  {"appraisal":{"status":"none","verifier":"DIDKEY"},"build_provenance":{"digest":"sha256:HASH","slsa_level":0},"cnf":{"jwk":{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},"data_class":"internal","eat_profile":"tag:agentrust-io.com,2026:trace-v0.2","iat":T,"model":{"model_id":"gpt-5","provider":"openai"},"origin":{"kind":"log-import","producer":"support-desk/2.1"},"policy":{"bundle_hash":"sha256:HASH","enforcement_mode":"declared"},"runtime":{"measurement":"sha256:HASH","platform":"software-only"},"signature":"SIG","subject":"spiffe://example.org/agentmesh/support-bot","tool_transcript":{"call_count":10,"hash":"sha256:HASH","transcript_uri":"trammel:example.org/support?session=run-000003&size=N&root=HASH"}}

Of an import the gate decided nothing while it happened, and the record says so. The same again gives the same bytes; the key
may come from the environment.

  $ AGENTRUST_TRACE_KEY_PATH=signer.key trammel trace emit --session run-000003 -C space --trust-domain example.org $at | cmp - rec.json
  $ TRACE_PRIVATE_KEY_PEM="$(cat signer.key)" trammel trace emit --session run-000003 -C space --trust-domain example.org $at | cmp - rec.json
  $ TRACE_PRIVATE_KEY_PEM=nonsense trammel trace emit --session run-000003 -C space --trust-domain example.org $at
  trammel: TRACE_PRIVATE_KEY_PEM:1:2: found 'o', expected the rest of true, false or null
  [5]

Anybody can find the transcript's hash with nothing but the log.

  $ { echo trammel/transcript/v1; grep -hF '"session":"run-000003"' space/log/segment/*.jsonl; } | sha256sum | cut -d ' ' -f 1 >hash
  $ grep -c "\"hash\":\"sha256:$(cat hash)\"" rec.json
  1

Verifying: by the record's own key, by keys that are trusted, by the log.

  $ trammel trace verify rec.json $at
  pass        TR-ENV-001  eat_profile: the profile is that of TRACE v0.2
  pass        TR-ENV-002  iat: 0 seconds old
  pass        TR-ENV-003  subject: the subject is a SPIFFE ID or a DID
  pass        TR-ENV-004  cnf.jwk: there is a confirmation key
  pass        TR-SIG-004  cnf.jwk.kty: the type of the key is supported
  pass        TR-SIG-005  signature: signed by the key in it
  pass        TR-POL-001  policy.bundle_hash: it is a digest
  pass        TR-POL-002  policy.enforcement_mode: it is one of the modes
  pass        TM-SCH-001  it fits the published schema
  unverified  TM-KEY-001  cnf.jwk: no trusted key was given: that the record holds together does not say whose it is
  skip        TM-REV-001  cnf.jwk: nobody looked whether the key is revoked: no bundle was given
  level 0: passed; whose key it is nobody asked (--jwks)
  $ trammel trace verify rec.json $at --jwks signer.jwk -C space --level 2
  pass        TR-ENV-001  eat_profile: the profile is that of TRACE v0.2
  pass        TR-ENV-002  iat: 0 seconds old
  pass        TR-ENV-003  subject: the subject is a SPIFFE ID or a DID
  pass        TR-ENV-004  cnf.jwk: there is a confirmation key
  pass        TR-SIG-004  cnf.jwk.kty: the type of the key is supported
  pass        TR-SIG-005  signature: signed by the key in it
  pass        TR-POL-001  policy.bundle_hash: it is a digest
  pass        TR-POL-002  policy.enforcement_mode: it is one of the modes
  fail        TR-RTE-001  runtime.platform: 'software-only' has no hardware behind it; level 2 expects a platform that has
  pass        TR-RTE-002  runtime.measurement: it is a digest
  skip        TR-RTE-003  runtime.rim_uri: it is not there, and need not be
  pass        TR-SCA-001  build_provenance.slsa_level: it is a level of SLSA
  pass        TR-SCA-002  build_provenance.digest: it is a digest
  pass        TR-TXN-001  tool_transcript.hash: it is a digest
  pass        TR-TXN-002  tool_transcript.call_count: it is a count
  fail        TR-ANC-001  transparency: it is ''; level 2 expects an https URI
  pass        TM-SCH-001  it fits the published schema
  pass        TM-KEY-001  cnf.jwk: signed by a key that is trusted
  skip        TM-REV-001  cnf.jwk: nobody looked whether the key is revoked: no bundle was given
  pass        TM-TXN-001  tool_transcript.hash: the log has this transcript
  pass        TM-TXN-002  tool_transcript.call_count: the log has so many calls
  pass        TM-POL-001  policy.bundle_hash: the log has these policies in force
  level 2: refused; not to be believed
  [1]
  $ trammel trace verify rec.json $at --jwks signer.jwk -C space | tail -4
  pass        TM-TXN-001  tool_transcript.hash: the log has this transcript
  pass        TM-TXN-002  tool_transcript.call_count: the log has so many calls
  pass        TM-POL-001  policy.bundle_hash: the log has these policies in force
  level 0: passed; signed by a key that is trusted
  $ trammel trace verify rec.json --time 2100-01-01T00:00:00Z | grep fail
  fail        TR-ENV-002  iat: 2322172800 seconds old; expected 86400 at most
  $ sed 's/internal/public/' rec.json | trammel trace verify - $at --jwks signer.jwk | grep -v pass
  fail        TR-SIG-005  signature: it is none by this key over the canonical form of all the rest
  fail        TM-KEY-001  cnf.jwk: it is none by this key over the canonical form of all the rest
  skip        TM-REV-001  cnf.jwk: nobody looked whether the key is revoked: no bundle was given
  level 0: refused; not to be believed
  $ sed 's/}$/,"more":1}/' rec.json | trammel trace verify - $at | grep -v pass
  fail        TR-SIG-005  signature: it is none by this key over the canonical form of all the rest
  warn        TM-SCH-001  'more' is no member of a record; did you mean 'model'?
  unverified  TM-KEY-001  cnf.jwk: no trusted key was given: that the record holds together does not say whose it is
  skip        TM-REV-001  cnf.jwk: nobody looked whether the key is revoked: no bundle was given
  level 0: refused; not to be believed
  $ trammel trace verify rec.json $at --json | cut -c 1-160
  {"pass":true,"believed":false,"level":0,"format":"trace","findings":[{"code":"TR-ENV-001","status":"pass","member":"eat_profile","text":"the profile is that of 
  $ trammel trace verify rec.json --level 3
  trammel: --level is '3'; expected 0, 1 or 2
  [2]
  $ trammel trace verify rec.json --max-age yesterday
  trammel: --max-age is 'yesterday'; expected seconds, or 'none'
  [2]
  $ trammel trace verify rec.json --revocations rec.json
  trammel: revocations are signed: expected --jwks FILE with the keys that may revoke
  [2]
  $ echo '{"trace":{}}' >half.json; trammel trace verify half.json
  trammel: half.json:1:1: it has 'trace' but no 'cmcp_version': a part of an envelope is no record
  [5]
  $ trammel trace verify nowhere.json
  trammel: nowhere.json: there is no such file
  [5]
  $ grep -l nWGxne * */* 2>/dev/null
  signer.key
  [2]

The log goes on, and the record stays what it was; another log does not have it.

  $ trammel agent create ann --sponsor ann@example.org -C space >/dev/null; trammel agent create bob --sponsor ann@example.org -C space >/dev/null
  $ for who in ann bob ann; do echo "{\"agent\":\"$who\",\"action\":\"get_order\",\"args\":{\"id\":7},\"session\":\"live\"}" | trammel check -C space >/dev/null; done
  $ trammel trace verify rec.json $at --jwks signer.jwk -C space | tail -4
  pass        TM-TXN-001  tool_transcript.hash: the log has this transcript
  pass        TM-TXN-002  tool_transcript.call_count: the log has so many calls
  pass        TM-POL-001  policy.bundle_hash: the log has these policies in force
  level 0: passed; signed by a key that is trusted
  $ trammel init other --origin example.org/support >/dev/null; trammel trace verify rec.json $at -C other | grep TM-TXN
  fail        TM-TXN-001  tool_transcript.hash: it is of 52 entries, the log has 0 that are signed
  $ trammel init third --origin example.org/third >/dev/null; trammel trace verify rec.json $at -C third | grep TM-TXN
  fail        TM-TXN-001  tool_transcript.hash: it is of log 'example.org/support', the workspace has log 'example.org/third'

A session of two agents has two records. The gate decided each action before it was answered.

  $ sed '/origin/d' space/trace.yaml >facts.yaml
  $ trammel trace emit facts.yaml --session live -C space --key signer.key
  trammel: 2 agents acted in session 'live', and a record is about one: expected --agent NAME, like 'ann'
  [2]
  $ trammel trace emit facts.yaml --session live -C space --key signer.key --agent carl
  trammel: agent 'carl' did nothing in session 'live'
  [5]
  $ trammel trace emit facts.yaml --session live -C space --key signer.key --agent ann >ann.json; mask <ann.json
  {"appraisal":{"status":"none","verifier":"DIDKEY"},"build_provenance":{"digest":"sha256:HASH","slsa_level":0},"cnf":{"jwk":{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},"data_class":"internal","eat_profile":"tag:agentrust-io.com,2026:trace-v0.2","iat":T,"model":{"model_id":"gpt-5","provider":"openai"},"policy":{"bundle_hash":"sha256:HASH","enforcement_mode":"enforce"},"runtime":{"measurement":"sha256:HASH","platform":"software-only"},"signature":"SIG","subject":"DIDKEY","tool_transcript":{"call_count":3,"hash":"sha256:HASH","transcript_uri":"trammel:example.org/support?session=live&size=N&root=HASH"}}
  $ trammel trace verify ann.json --jwks signer.jwk -C space | tail -4
  pass        TM-TXN-001  tool_transcript.hash: the log has this transcript
  pass        TM-TXN-002  tool_transcript.call_count: the log has so many calls
  pass        TM-POL-001  policy.bundle_hash: the log has these policies in force
  level 0: passed; signed by a key that is trusted

What the log says cannot be stated otherwise.

  $ echo 'policy: {enforcement_mode: silent}' | cat facts.yaml - >own.yaml; trammel trace emit own.yaml --session live --agent ann -C space --key signer.key
  trammel: own.yaml:4:10: 'policy.enforcement_mode' cannot be stated: the log says it, or nothing of that name is in a record
  [5]
  $ echo 'runtime: {platform: intel-tdx, measurement: "sha256:00"}' | cat facts.yaml - >own.yaml; trammel trace emit own.yaml --session live --agent ann -C space --key signer.key
  trammel: own.yaml:4:21: 'runtime.platform': expected 'software-only', as trammel has no quote of any hardware to show
  [5]
  $ echo 'dataclass: secret' | cat facts.yaml - >own.yaml; trammel trace emit own.yaml --session live --agent ann -C space --key signer.key
  trammel: own.yaml:4:1: 'dataclass' cannot be stated: the log says it, or nothing of that name is in a record; did you mean 'data_class'?
  [5]

Version 0.1 is written on request. It has SPIFFE IDs only, and demands a receipt; verifiers of v0.2 refuse it.

  $ echo 'eat_profile: tag:agentrust.io,2026:trace-v0.1' | cat facts.yaml - >old.yaml
  $ trammel trace emit old.yaml --session live --agent ann -C space --key signer.key --trust-domain example.org
  trammel: no log knows this: expected it among the facts, like transparency: "https://...", which TRACE v0.1 demands
  [5]
  $ echo 'transparency: https://log.example.org/1' >>old.yaml
  $ trammel trace emit old.yaml --session live --agent ann -C space --key signer.key
  trammel: 'subject': expected a SPIFFE ID, spiffe://...
  [5]
  $ trammel trace emit old.yaml --session live --agent ann -C space --key signer.key --trust-domain example.org >old.json; mask <old.json | cut -c 1-330
  {"appraisal":{"status":"none","verifier":"DIDKEY"},"build_provenance":{"digest":"sha256:HASH","slsa_level":0},"cnf":{"jwk":{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},"data_class":"internal","eat_profile":"tag:agentrust.io,2026:trace-v0.1","iat":T,"model":{"model_id":"gpt-5","provider":"opena
  $ trammel trace verify old.json | grep -E 'fail|warn'
  fail        TR-ENV-001  eat_profile: it is 'tag:agentrust.io,2026:trace-v0.1'; expected tag:agentrust-io.com,2026:trace-v0.2
  warn        TM-SCH-001  'eat_profile': expected tag:agentrust-io.com,2026:trace-v0.2

Who acts on another's authority names the record of the other.

  $ soon=$(date -u -d '+10 days' +%Y-%m-%dT00:00:00Z)
  $ trammel agent delegate ann bob --capabilities 'get_*' --expires "$soon" -C space 2>&1 | sed 's/link-[0-9a-f]*/LINK/g; s/20[0-9TZ:.-]*/TIME/g'
  agent.delegate: ann to bob
    link  LINK
    may   get_*
  $ echo '{"agent":"bob","action":"get_order","args":{"id":8},"session":"hop"}' | trammel check -C space | cut -c 1-17
  {"allowed":true,"
  $ trammel trace emit facts.yaml --session hop -C space --key signer.key >alone.json
  trammel: agent 'bob' acts on another's authority; without --parent the record does not say so
  $ trammel trace emit facts.yaml --session hop -C space --key signer.key --parent ann.json >bob.json; mask <bob.json | grep -o '"delegation":{[^}]*}' | sed 's/link-[0-9a-f]*/LINK/'
  "delegation":{"credential_id":"LINK","parent_record_hash":"sha256:HASH"}
  $ trammel trace verify bob.json ann.json --jwks signer.jwk | grep TM-DEL | sed 's/link-[0-9a-f]*/LINK/'
  pass        TM-DEL-001  delegation.parent_record_hash: step 1: it names the record above, by credential 'LINK'
  pass        TM-DEL-002  signature: step 1: signed by a key that is trusted
  pass        TM-DEL-003  iat: step 1: the record above was there before
  $ trammel trace verify bob.json --jwks signer.jwk | grep TM-DEL
  unverified  TM-DEL-001  delegation.parent_record_hash: it acts on the authority of another one, which was not given
  $ trammel trace verify bob.json rec.json --jwks signer.jwk | grep TM-DEL | sed 's/sha256:[0-9a-f]*/HASH/'
  fail        TM-DEL-001  delegation.parent_record_hash: step 1: it is 'HASH', the hash of another record
  pass        TM-DEL-002  signature: step 1: signed by a key that is trusted
  pass        TM-DEL-003  iat: step 1: the record above was there before
  $ trammel trace verify ann.json bob.json --jwks signer.jwk | grep TM-DEL
  fail        TM-DEL-001  delegation.parent_record_hash: step 1: nothing was delegated to it, so no record is above

A registry has the record when its leaf leads to the root of a batch. Of ASCII both canonical forms are the same.

  $ leaf=$({ printf '\000'; tr -d '\n' <rec.json; } | sha256sum | cut -d ' ' -f 1)
  $ echo "{\"proof\":{\"leaf_index\":0,\"audit_path\":[]},\"entry\":{\"merkle_root\":\"sha256:$leaf\",\"leaf_count\":1,\"batch_id\":\"b-1\"}}" >anchor.json
  $ trammel trace verify rec.json $at --anchor anchor.json | grep TM-ANC
  pass        TM-ANC-001  it is leaf 0 of 1 in batch 'b-1'
  $ trammel trace verify ann.json --anchor anchor.json | grep TM-ANC
  fail        TM-ANC-001  the proof does not lead from these bytes to the root of batch 'b-1'
  $ echo '{"proof":{}}' >none.json; trammel trace verify rec.json $at --anchor none.json
  trammel: none.json:1:1: 'entry': expected an object
  [5]

Of a build, what is at hand says how deep its provenance holds; a controller's receipt is judged by itself.

  $ sed 's/"slsa_level":0/"builder":"https:\/\/b.example","slsa_level":0/' rec.json >built.json
  $ echo '{"artifact_digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","trusted_builders":["https://b.example"]}' >hand.json
  $ trammel trace verify built.json $at --provenance hand.json | grep TM-BLD
  pass        TM-BLD-001  build_provenance: verified as deep as 'surface', for lack of more: provenance_uri_missing
  $ trammel trace verify rec.json $at --provenance hand.json | grep TM-BLD
  fail        TM-BLD-001  build_provenance: builder_untrusted
  $ cat >receipt.json <<END
  > {"context": {"verification_time": "2026-01-01T00:10:00Z", "call_id": "c1", "require_receipt": true},
  >  "action": {"agent_id": "ann"}, "trusted_issuer_keys": {}}
  > END
  $ trammel trace receipt receipt.json
  fail  receipt_missing
  receipt_missing_required; the controller's outcome: unknown
  [1]
  $ trammel trace receipt receipt.json --json
  {"status":"receipt_missing_required","controller_outcome":"unknown","failures":["receipt_missing"],"warnings":[]}
  [1]
  $ sed 's/true/false/' receipt.json | trammel trace receipt -
  receipt_not_required; the controller's outcome: unknown
  $ trammel trace receipt rec.json
  trammel: rec.json:1:1: 'context': expected an object, which is the verifier's own
  [5]
