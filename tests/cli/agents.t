Who an agent is: its names, the person who answers for it, its end, and its next key.

  $ mask() { sed 's/sha256:[0-9a-f]*/SHA256/g; s/did:key:z[0-9A-Za-z]*/DIDKEY/g; s/did:agentmesh:[0-9A-Za-z]*/DIDMESH/g; s/key-[0-9a-f]\{16\}/key-ID/g; s/#z[0-9A-Za-z]*/#MULTIBASE/g; s/"z6Mk[0-9A-Za-z]*"/"MULTIBASE"/; s/20[0-9T:.-]*Z/TIME/g; s/"x":"[^"]*"/"x":"X"/; s/"d":"[^"]*"/"d":"D"/; s/thumbprint   .*/thumbprint   PRINT/; s/"thumbprint":"[^"]*"/"thumbprint":"PRINT"/'; }
  $ trammel init space --origin example.org/bots >/dev/null
  $ printf '%s\n' 'apiVersion: governance.toolkit/v1' 'name: bots' 'default_action: allow' >space/policies/policy.yaml
  $ trammel agent create bot --sponsor ann@example.org --expires 2100-01-31T00:00:00Z -C space | mask
  agent bot
    did  DIDKEY
    key  space/keys/agents/key-ID.pem (private; hand it to the agent)
  $ trammel agent show bot -C space --trust-domain example.org | mask
  agent bot
    status       active
    origin       created
    sponsor      ann@example.org
                 (as given; nobody was asked)
    key          key-ID
    DID          DIDKEY
    mesh DID     DIDMESH
    thumbprint   PRINT
    SPIFFE ID    spiffe://example.org/agentmesh/bot
    registered   TIME
    expires      2100-01-31T00:00:00.000000000Z
    last action  none yet
    last signed  none yet
    actions      0, denied 0
  keys (1)
    key-ID  entry 1        since TIME

The trust domain may stand in trammel.yaml; an agent without a fitting name has no SPIFFE ID.

  $ echo 'trust_domain: example.org' >>space/trammel.yaml
  $ trammel agent create 'Zoe the 2nd' --sponsor zoe@example.org -C space >/dev/null
  $ trammel agent show bot -C space | grep SPIFFE
    SPIFFE ID    spiffe://example.org/agentmesh/bot
  $ trammel agent show 'Zoe the 2nd' -C space | grep SPIFFE
    SPIFFE ID    none: it takes a trust domain, and a name of letters, digits, '.', '-', '_'
  $ trammel agent show bot --trust-domain Example.org -C space
  trammel: --trust-domain is 'Example.org'; expected lower-case letters, digits, dots, dashes and underscores, like example.org
  [2]

DIDs, a DID document, and the key as a JWK.

  $ trammel agent did bot -C space | mask
  DIDKEY
  $ trammel agent did bot --form mesh -C space --json | mask
  {"agent":"bot","did":"DIDMESH"}
  $ trammel agent did bot --form document -C space | mask
  {"@context":["https://www.w3.org/ns/did/v1","https://w3id.org/security/suites/ed25519-2020/v1"],"alsoKnownAs":["DIDMESH"],"assertionMethod":["DIDKEY#MULTIBASE"],"authentication":["DIDKEY#MULTIBASE"],"capabilityDelegation":["DIDKEY#MULTIBASE"],"capabilityInvocation":["DIDKEY#MULTIBASE"],"id":"DIDKEY","verificationMethod":[{"controller":"DIDKEY","id":"DIDKEY#MULTIBASE","publicKeyMultibase":"MULTIBASE","type":"Ed25519VerificationKey2020"}]}
  $ trammel agent did bot --form doc -C space
  trammel: --form is 'doc'; expected key, mesh or document
  [2]
  $ trammel agent jwk bot -C space | mask
  {"crv":"Ed25519","kid":"key-ID","kty":"OKP","use":"sig","x":"X"}
  $ trammel agent jwk bot --private -C space 2>said | mask; cat said
  {"crv":"Ed25519","d":"D","kid":"key-ID","kty":"OKP","use":"sig","x":"X"}
  trammel: this is the private key of agent 'bot'; whoever reads it can sign as it

Somebody answers for every agent that is created here, unless a policy says that nobody needs to.

  $ trammel agent create helper -C space; ls space/keys/agents | wc -l
  trammel: agent 'helper' has no sponsor; expected --sponsor MAIL, a person who answers for it, or 'require_sponsor: false' in the policy
  2
  $ echo 'require_sponsor: false' >>space/policies/policy.yaml; trammel agent create helper -C space --json | mask
  {"agent":"helper","did":"DIDKEY","private_key_file":"space/keys/agents/key-ID.pem"}
  $ for name in bot helper; do echo "{\"agent\":\"$name\",\"action\":\"pay\"}" | trammel check -C space | grep -o '"reason":"[^"]*"'; done
  "reason":"no rule matched; default of 'bots' is allow"
  "reason":"no rule matched; default of 'bots' is allow"
  $ trammel agent show helper -C space | grep sponsor
    sponsor      none

What if it had been needed then? And from now on it is, of everybody: imported agents too.

  $ sed '$d' space/policies/policy.yaml >before.yaml; trammel replay -C space --policy before.yaml
  tighter   entry 6        pay                                     allow -> deny  re-decided
            was the default, now standing
  labels: exact 1, re-decided 1, unknown 0
  what if: 7 entries, 0 sessions, 2 tool calls, 1 allowed, 1 denied; 1 same, 0 looser, 1 tighter
  $ sed -i '$s/false/true/' space/policies/policy.yaml; trammel policy diff before.yaml space/policies/policy.yaml
  tighter  require_sponsor: of created agents -> true
    {"action":"some_tool","agent":"some-agent"}
  pairs of rules: 0 looser, 0 changed, 0 tighter, 0 unknown
  terms besides rules: 0 looser, 0 changed, 1 tighter
  $ trammel agent create other -C space
  trammel: agent 'other' has no sponsor; expected --sponsor MAIL, a person who answers for it: the policy says 'require_sponsor: true'
  [5]
  $ for name in bot helper; do echo "{\"agent\":\"$name\",\"action\":\"pay\"}" | trammel check -C space | grep -o '"reason":"[^"]*"'; done
  "reason":"no rule matched; default of 'bots' is allow"
  "reason":"agent 'helper' has no sponsor, and the policy wants one"
  $ trammel agent create odd --sponsor 'Ann <ann@example.org>' -C space
  trammel: the sponsor 'Ann <ann@example.org>' is not a mail address; expected one like ann@example.org, at most 254 bytes
  [5]
  $ trammel agent create odd --expires tomorrow -C space
  trammel: --expires is 'tomorrow'; expected a time like 2027-01-31T00:00:00Z, or +90m, +2h, +7d from now
  [2]
  $ trammel agent create odd --expires 2001-01-01T00:00:00Z -C space
  trammel: agent 'odd' would expire before it is registered
  [5]

The next key is signed for by both, and the old ones stay to be seen.

  $ trammel agent rotate bot --reason yearly -C space | mask
  agent.rotate: bot
    did  DIDKEY
    key  space/keys/agents/key-ID.pem (private; hand it to the agent)
  $ trammel agent rotate bot -C space --json | mask
  {"control":"agent.rotate","agent":"bot","did":"DIDKEY","private_key_file":"space/keys/agents/key-ID.pem"}
  $ trammel agent show bot -C space | sed -n '/keys/,$p' | mask
  keys (3)
    key-ID  entry 1        since TIME
    key-ID  entry 10       since TIME
    key-ID  entry 11       since TIME
  $ trammel agent show bot -C space --json | mask
  {"name":"bot","status":"active","revoked":null,"stopped":null,"origin":"created","sponsor":"ann@example.org","key_id":"key-ID","did":"DIDKEY","did_mesh":"DIDMESH","thumbprint":"PRINT","spiffe_id":"spiffe://example.org/agentmesh/bot","entry":1,"registered":"TIME","expires":"2100-01-31T00:00:00.000000000Z","last":"TIME","last_signed":null,"actions":2,"denials":0,"rotations":2,"keys":[{"entry":1,"key_id":"key-ID","did":"DIDKEY","since":"TIME","revoked":null},{"entry":10,"key_id":"key-ID","did":"DIDKEY","since":"TIME","revoked":null},{"entry":11,"key_id":"key-ID","did":"DIDKEY","since":"TIME","revoked":null}],"delegations":[],"credentials":[]}
  $ trammel log show 11 -C space --json | grep -o '"old_key":"[^"]*"\|"reason":"[^"]*"\|"sequence":[0-9]*' | mask
  "old_key":"key-ID"
  "reason":"not given"
  "sequence":2
  $ ls space/keys/agents | wc -l
  5
  $ trammel replay -C space
  replayed: 12 entries, 0 sessions, 4 tool calls, 3 allowed, 1 denied, 0 divergences; bit-exact

A revoked agent gets no new key, and a key that is elsewhere cannot be rotated here.

  $ trammel agent revoke helper -C space >/dev/null
  $ trammel agent rotate helper -C space
  trammel: agent 'helper' is revoked, and that is final; register another one
  [5]
  $ trammel agent jwk bot -C space >bot.jwk; trammel agent create guest --import bot.jwk --sponsor g@example.org -C space | mask
  agent guest
    did  DIDKEY
    key  only the public half is here
  $ cp "$(ls space/keys/agents/*.pem | head -n 1)" own.pem; rm space/keys/agents/*
  $ trammel agent rotate guest -C space 2>&1 | mask
  trammel: space/keys/agents/key-ID.pem: the private key is not here; whoever made it has it
  $ trammel agent rotate nobody -C space
  trammel: agent 'nobody' is not registered; see: trammel agent list
  [5]
  $ trammel agent show nobody -C space
  trammel: agent 'nobody' is not registered; see: trammel agent list
  [5]

Keys of one's own: PEM or JWK, one of a set, and strictly.

  $ trammel agent create two --sponsor ann@example.org --import own.pem -C space | mask
  agent two
    did  DIDKEY
    key  space/keys/agents/key-ID.pem (private; hand it to the agent)
  $ printf '{"keys":[%s,%s]}' "$(cat bot.jwk)" "$(sed 's/"kid":"[^"]*"/"kid":"other"/' bot.jwk)" >set.jwks
  $ trammel agent create three --import set.jwks -C space
  trammel: set.jwks:1:9: the set has 2 keys; say which with its kid
  [5]
  $ trammel agent create three --sponsor ann@example.org --import set.jwks --kid other -C space | mask
  agent three
    did  DIDKEY
    key  only the public half is here
  $ trammel agent create four --import set.jwks --kid none -C space
  trammel: set.jwks:1:9: 0 keys of the set have the kid 'none'; expected one
  [5]
  $ trammel agent create four --kid none -C space
  trammel: --kid chooses from the file of --import
  [2]
  $ sed 's/"sig"/"enc"/' bot.jwk >enc.jwk; trammel agent create four --import enc.jwk -C space
  trammel: enc.jwk:1:65: 'use': expected "sig"
  [5]
  $ trammel agent create four --import nowhere.jwk -C space
  trammel: nowhere.jwk: there is no such file
  [5]
  $ sed 's/"kid":"[^"]*"/"kid":"did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"/' bot.jwk >else.jwk
  $ trammel agent create four --import else.jwk -C space
  trammel: else.jwk:1:1: the kid names another key than 'x'
  [5]

The list says who may act; a misspelt name is told apart from an unknown one.

  $ trammel kill agent guest -C space >/dev/null; trammel quarantine two --until 2100-01-01T00:00:00Z -C space >/dev/null
  $ trammel agent list -C space | tail -n +2 | mask
  agents (6)
    bot                      created  active      actions 2       denials 0       key-ID
    Zoe the 2nd              created  active      actions 0       denials 0       key-ID
    helper                   created  revoked     actions 2       denials 1       key-ID
    guest                    created  killed      actions 0       denials 0       key-ID
    two                      created  quarantined actions 0       denials 0       key-ID
    three                    created  active      actions 0       denials 0       key-ID
  $ trammel agent suspend gest -C space
  trammel: agent 'gest' is not registered; did you mean 'guest'?
  [5]
  $ trammel agent suspend nobody -C space
  trammel: agent 'nobody' is not registered; see: trammel agent list
  [5]
