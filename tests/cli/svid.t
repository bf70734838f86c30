Needs libcrypto.

JWT-SVIDs of a trust domain are verified by its bundle, and so are certificates. The files were made by tests/kit/cert_kit.c.

  $ cp $TESTDIR/certs/* .
  $ at() { "$@" --time 2026-05-28T20:30:00Z; }
  $ at trammel token verify bot.jwt --audience store --svid --jwks bundle.jwks --trust-domain example.org
  valid: 'spiffe://example.org/agentmesh/bot' for 'store' until 2026-05-28T20:36:40.000000000Z
    issuer none
  $ at trammel svid verify bot.pem --bundle bundle.pem
  valid: 'spiffe://example.org/agentmesh/bot' until 2027-01-01T00:00:00.000000000Z
  $ at trammel svid verify bot.pem --bundle bundle.pem --json
  {"valid":true,"spiffe_id":"spiffe://example.org/agentmesh/bot","trust_domain":"example.org","from":"2026-01-01T00:00:00.000000000Z","until":"2027-01-01T00:00:00.000000000Z"}
  $ trammel svid verify bot.pem --bundle bundle.pem --time 2027-01-01T00:00:00Z
  refused: expired: a certificate of the chain has expired
  [1]
  $ at trammel svid verify two-names.pem --bundle bundle.pem
  refused: bad-name: the leaf has 2 URIs among its names; expected one, a SPIFFE ID
  [1]
  $ at trammel svid verify bundle.pem --bundle bundle.pem
  refused: leaf-is-ca: the first certificate is a CA, and proves no workload
  [1]
  $ at trammel svid verify bot.pem --bundle bundle.pem --trust-domain example.com --json
  {"valid":false,"code":"wrong-trust-domain","reason":"the leaf is of trust domain 'example.org'; expected 'example.com'"}
  [1]
  $ at trammel svid verify bot.pem --bundle bot.jwt
  trammel: bot.jwt: the bundle: expected certificates in PEM and nothing else, at most 1024
  [5]
  $ at trammel svid verify bot.pem
  trammel: nobody is believed by default: expected --bundle FILE
  [2]
