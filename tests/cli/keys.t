The key of an agent leaves as a JWK or in PEM, and is the same key wherever it comes back.

  $ printf '%s\n' 'apiVersion: governance.toolkit/v1' 'name: keys' 'default_action: allow' >policy.yaml
  $ for s in here there; do trammel init $s --origin example.org/$s >/dev/null; cp policy.yaml $s/policies/; done
  $ trammel agent create bot --sponsor ann@example.org -C here >/dev/null 2>&1
  $ trammel agent jwk bot -C here >bot.jwk; trammel agent jwk bot --pem -C here >bot.pem; cat bot.pem | sed 's/^[^-].*/BASE64/'
  -----BEGIN PUBLIC KEY-----
  BASE64
  -----END PUBLIC KEY-----
  $ trammel agent jwk bot --private -C here >own.jwk
  trammel: this is the private key of agent 'bot'; whoever reads it can sign as it
  $ trammel agent jwk bot --private --pem -C here >own.pem; sed 's/^[^-].*/BASE64/' own.pem
  trammel: this is the private key of agent 'bot'; whoever reads it can sign as it
  -----BEGIN PRIVATE KEY-----
  BASE64
  -----END PRIVATE KEY-----
  $ cmp own.pem here/keys/agents/*.pem
  $ for f in bot.jwk bot.pem own.jwk own.pem; do trammel agent create $f --import $f --sponsor ann@example.org -C there 2>/dev/null | sed -n 's/key-[0-9a-f]*/key-ID/; /^  key/p'; done
    key  only the public half is here
    key  only the public half is here
    key  there/keys/agents/key-ID.pem (private; hand it to the agent)
    key  there/keys/agents/key-ID.pem (private; hand it to the agent)
  $ for f in bot.jwk bot.pem own.jwk own.pem; do trammel agent did $f -C there; done | sort -u >dids; trammel agent did bot -C here | cmp - dids

With --json the PEM is a member of an object. All keys at once are a set, which PEM has no form for.

  $ trammel agent jwk bot --pem -C here --json | sed 's/\\n[^-]*\\n/ BASE64 /'
  {"agent":"bot","pem":"-----BEGIN PUBLIC KEY----- BASE64 -----END PUBLIC KEY-----\n"}
  $ trammel agent jwk --all --pem -C here
  trammel: --pem writes one key: expected a NAME, not --all
  [2]
