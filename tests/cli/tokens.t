
What an agent can show of itself: tokens, and who believes them.

  $ mask() { sed 's/did:key:z[0-9A-Za-z]*/DIDKEY/g; s/key-[0-9a-f]\{16\}/key-ID/g; s/2[0-9][0-9][0-9]-[0-9T:.-]*Z/TIME/g; s/"x":"[^"]*"/"x":"X"/g; s/"id":"[0-9a-f]*"/"id":"ID"/; s/ey[0-9A-Za-z_.-]\{40,\}/TOKEN/'; }
  $ trammel init space --origin example.org/bots >/dev/null; echo 'trust_domain: example.org' >>space/trammel.yaml
  $ for name in bot helper; do trammel agent create $name --sponsor ann@example.org -C space >/dev/null; done
  $ trammel token issue bot --audience store -C space >bot.jwt; mask <bot.jwt
  TOKEN
  $ trammel token verify bot.jwt --audience store -C space | mask
  valid: 'bot' for 'store' until TIME
    issuer DIDKEY
  $ trammel token verify - --audience store -C space --json <bot.jwt | mask
  {"valid":true,"subject":"bot","issuer":"DIDKEY","audience":"store","id":"ID","kid":"key-ID","expires":"TIME"}
  $ cut -d . -f 1 bot.jwt | tr -d '\n' | basenc --base64url -d 2>/dev/null | mask; echo
  {"alg":"EdDSA","kid":"key-ID","typ":"JWT"}

It is for one audience, from one issuer, for a while, and as it was signed.

  $ trammel token verify "$(cat bot.jwt)" --audience store -C space
  trammel: this is a token; expected the FILE that holds it, or '-' for standard input
  [2]
  $ trammel token verify bot.jwt --audience shop -C space
  refused: wrong-audience: the token is for somebody else than 'shop'
  [1]
  $ trammel token verify bot.jwt --audience store --issuer joe -C space | mask
  refused: wrong-issuer: the issuer is 'DIDKEY'; expected 'joe'
  $ trammel token verify bot.jwt --audience store --time 2100-01-01T00:00:00Z -C space
  refused: expired: the token has expired
  [1]
  $ trammel token verify bot.jwt --audience store --time 2020-01-01T00:00:00Z -C space --json
  {"valid":false,"code":"not-yet-valid","reason":"the token is not valid yet"}
  [1]
  $ sed 's/\.\(.\)/.\1\1/' bot.jwt | trammel token verify - --audience store -C space | cut -d : -f 1-2
  refused: bad-claims
  $ sed 's/[^.]*$/AAAA/' bot.jwt | trammel token verify - --audience store -C space
  refused: truncated: the signature breaks off
  [1]
  $ printf '%s.%s.' "$(printf '{"alg":"none"}' | basenc --base64url | tr -d =)" "$(cut -d . -f 2 bot.jwt)" >none.jwt
  $ trammel token verify none.jwt --audience store -C space
  refused: alg-none: the token is not signed, so it proves nothing
  [1]
  $ trammel token verify bot.jwt -C space
  trammel: a token is for somebody: expected --audience NAME
  [2]
  $ trammel token verify nowhere.jwt --audience store -C space
  trammel: nowhere.jwt: there is no such file
  [5]

What was overheard can be brought again, unless somebody remembers it.

  $ trammel token verify bot.jwt --audience store --once -C space | mask
  valid: 'bot' for 'store' until TIME
    issuer DIDKEY
  $ trammel token verify bot.jwt --audience store --once -C space
  refused: replayed: the token was taken before, and is good once
  [1]
  $ trammel token verify bot.jwt --audience shop --once -C space
  refused: wrong-audience: the token is for somebody else than 'shop'
  [1]
  $ trammel token verify bot.jwt --audience store --once --time 2027-01-01T00:00:00Z -C space
  trammel: --once goes by the clock: leave --time out
  [2]

Elsewhere the keys of all agents verify it; who has which key is then said by nobody but the kid.

  $ trammel agent jwk --all -C space | mask | sed 's/},{/},\n{/'
  {"keys":[{"crv":"Ed25519","kid":"key-ID","kty":"OKP","use":"sig","x":"X"},
  {"crv":"Ed25519","kid":"key-ID","kty":"OKP","use":"sig","x":"X"}]}
  $ trammel agent jwk --all -C space >agents.jwks
  $ trammel token verify bot.jwt --audience store --jwks agents.jwks | mask
  valid: 'bot' for 'store' until TIME
    issuer DIDKEY
  $ trammel agent jwk helper -C space >helper.jwk; trammel token verify bot.jwt --audience store --jwks helper.jwk | mask
  refused: key-unknown: no key of 'helper.jwk' has the kid 'key-ID'
  $ trammel agent jwk -C space
  trammel: expected the NAME of an agent, or --all
  [2]
  $ trammel agent jwk --all --private -C space
  trammel: --private writes one key: expected a NAME, not --all
  [2]

A JWT-SVID has a SPIFFE ID for a subject. Keys of agents are no bundle of a trust domain, so elsewhere they do not verify one.

  $ trammel token issue bot --audience store --svid -C space >svid.jwt
  trammel: signed with Ed25519, which the JWT-SVID standard does not list; verifiers other than trammel may refuse it
  $ trammel token verify svid.jwt --audience store --svid -C space | mask
  valid: 'spiffe://example.org/agentmesh/bot' for 'store' until TIME
    issuer DIDKEY
  $ trammel token verify bot.jwt --audience store --svid -C space
  refused: not-registered: the subject 'bot' is no agent with a key here
  [1]
  $ trammel token verify svid.jwt --audience store --svid --trust-domain example.com -C space
  refused: wrong-trust-domain: the subject is of trust domain 'example.org'; expected 'example.com'
  [1]
  $ trammel token verify svid.jwt --audience store --svid --jwks agents.jwks --trust-domain example.org
  trammel: agents.jwks:1:1: no key of the set is for JWT-SVIDs: "use":"jwt-svid", of P-256
  [5]
  $ trammel token verify svid.jwt --audience store --svid --jwks agents.jwks
  trammel: expected --trust-domain NAME, or trust_domain in trammel.yaml
  [2]

What is revoked vouches for nothing: an agent for a while, then its key for good.

  $ trammel token issue helper --audience store -C space >helper.jwt
  $ trammel agent revoke helper --until 2200-01-01T00:00:00Z --reason 'on holiday' -C space
  agent.revoke: helper
  $ trammel token verify helper.jwt --audience store -C space
  refused: revoked: agent 'helper' is revoked
  [1]
  $ trammel token issue helper --audience store -C space
  trammel: agent 'helper' is revoked
  [1]
  $ trammel agent revoke helper --until 2190-01-01T00:00:00Z -C space
  trammel: agent 'helper' is revoked for as long already; a revocation is never made shorter
  [5]
  $ trammel agent show helper -C space | sed -n 2p
    status       active, revoked until 2200-01-01T00:00:00.000000000Z
  $ kid=$(trammel agent show bot -C space | grep -o 'key-[0-9a-f]*' | head -n 1)
  $ trammel agent revoke bot --key $kid --reason leaked -C space
  agent.revoke: bot
  $ trammel token issue bot --audience store -C space
  trammel: the key of agent 'bot' is revoked
  [1]
  $ trammel agent rotate bot -C space 2>&1 | mask
  trammel: key 'key-ID' is revoked and vouches for nothing; register another agent
  $ trammel agent show bot -C space | tail -n 1 | mask
    key-ID  entry 1        since TIME, revoked for good
  $ trammel agent show bot -C space --json | grep -o '"revoked":[^,}]*,' 
  "revoked":null,
  "revoked":{"until":null,
  $ trammel agent jwk --all -C space
  {"keys":[]}
  $ trammel agent create gone --sponsor ann@example.org -C space >/dev/null; trammel agent revoke gone -C space
  agent.revoke: gone
  $ trammel agent revocations -C space | mask
  agent  gone                     for good
  agent  helper                   until TIME, entry 4
  key    key-ID     for good, entry 5
  $ trammel agent revocations -C space --json | mask
  {"of":"agent","name":"gone","until":null}
  {"of":"agent","name":"helper","until":"TIME","since":"TIME","entry":4}
  {"of":"key","name":"key-ID","until":null,"since":"TIME","entry":5}
  $ trammel agent revoke bot --key key-1 -C space
  trammel: 'key': expected the id of a key, "key-" and 16 hexadecimal digits
  [5]
  $ trammel agent revoke bot --until soon -C space
  trammel: --until is 'soon'; expected a time like 2027-01-31T00:00:00Z, or +90m, +2h, +7d from now
  [2]
  $ trammel replay -C space
  replayed: 8 entries, 0 sessions, 0 tool calls, 0 allowed, 0 denied, 0 divergences; bit-exact

An id that is misspelt would revoke a key that nobody has.

  $ trammel agent revoke gone --key key-0123456789abcdef -C space 2>&1 | mask
  warning: 'key-ID' is not the key that agent 'gone' has now, key-ID; it is revoked all the same, whoever has it
  agent.revoke: gone
