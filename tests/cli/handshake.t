
Two workspaces that know each other's agents shake hands through files.

  $ mask() { sed 's/did:key:z[0-9A-Za-z]*/DIDKEY/g; s/2[0-9][0-9][0-9]-[0-9T:.-]*Z/TIME/g; s/"nonce":"[0-9a-f]*"/"nonce":"NONCE"/g; s/"signature":"[^"]*"/"signature":"SIG"/g'; }
  $ trammel init shop --origin example.org/shop >/dev/null; trammel init bots --origin example.com/bots >/dev/null
  $ trammel agent create clerk --sponsor ann@example.org -C shop >/dev/null; trammel agent create bot --sponsor ann@example.org -C bots >/dev/null
  $ trammel agent jwk clerk -C shop >clerk.jwk; trammel agent jwk bot -C bots >bot.jwk
  $ trammel agent create bot --sponsor ann@example.org --import bot.jwk -C shop >/dev/null; trammel agent create clerk --sponsor ann@example.org --import clerk.jwk -C bots >/dev/null

The clerk asks, the bot answers, they meet; what was said is in the clerk's log.

  $ trammel handshake ask clerk bot --capabilities 'order:create' --reason 'new customer' -C shop >ask.json; mask <ask.json
  {"at":"TIME","epoch":1,"from":"clerk","from_did":"DIDKEY","log":"example.org/shop","needs":"order:create","nonce":"NONCE","number":1,"signature":"SIG","threshold":0,"to":"bot","to_did":"DIDKEY","until":"TIME"}
  $ trammel handshake answer ask.json --capabilities 'order:*' -C bots >answer.json; mask <answer.json
  {"at":"TIME","challenge":{"at":"TIME","epoch":1,"from":"clerk","from_did":"DIDKEY","log":"example.org/shop","needs":"order:create","nonce":"NONCE","number":1,"signature":"SIG","threshold":0,"to":"bot","to_did":"DIDKEY","until":"TIME"},"claims":"order:*","log":"example.com/bots","nonce":"NONCE","signature":"SIG"}
  $ trammel handshake meet answer.json -C shop
  handshake.meet: clerk has met bot of example.com/bots
  $ trammel handshake check clerk bot --capabilities 'order:create' -C shop | mask
  clerk has met bot: entry 4, until TIME
  $ trammel handshake check clerk bot --capabilities 'order:create' -C shop --json | mask
  {"met":true,"entry":4,"since":"TIME","until":"TIME"}
  $ trammel log show 4 -C shop --json | grep -o '"action":"[^"]*"\|"reason":"[^"]*"'
  "action":"handshake.meet"
  "reason":"not given"

It counts for as much as was asked, for a while, and in one direction.

  $ trammel handshake check clerk bot -C shop
  clerk has not met bot for as much, or it counts no more
  [1]
  $ trammel handshake check clerk bot --capabilities 'order:*' -C shop --json
  {"met":false}
  [1]
  $ trammel handshake check clerk bot --capabilities 'order:create' --time 2200-01-01T00:00:00Z -C shop
  clerk has not met bot for as much, or it counts no more
  [1]
  $ trammel handshake check bot clerk --capabilities 'order:create' -C shop
  bot has not met clerk for as much, or it counts no more
  [1]

An answer is used once, here, as it was given, by the one who was asked.

  $ trammel handshake meet answer.json -C shop
  trammel: nonce-used: the nonce was used already
  [1]
  $ trammel handshake meet answer.json -C bots
  trammel: other-log: log 'example.org/shop' has asked; this is 'example.com/bots'
  [1]
  $ trammel handshake ask clerk bot -C shop >ask.json; trammel handshake answer ask.json -C bots >answer.json
  $ sed 's/"claims":""/"claims":"pay"/' answer.json | trammel handshake meet - -C shop
  trammel: bad-signature: the answer is not signed by the key it names
  [1]
  $ sed 's/"threshold":0/"threshold":1/' ask.json | trammel handshake answer - -C bots
  trammel: bad-signature: the challenge is not signed by the key it names
  [1]
  $ sed 's/"threshold"/"thresholds"/' ask.json | trammel handshake answer - -C bots
  trammel: -:1:1: 'threshold' is missing
  [5]
  $ trammel handshake answer ask.json -C shop 2>&1 | sed 's/key-[0-9a-f]*/key-ID/'
  trammel: shop/keys/agents/key-ID.pem: the private key is not here; whoever made it has it
  $ trammel handshake ask clerk bot --threshold 700 -C shop >ask.json; trammel handshake answer ask.json -C bots >answer.json; trammel handshake meet answer.json -C shop --json
  trammel: score-too-low: agent 'bot' has a score of 0, as no policy keeps trust; needed are 700
  {"error":"ERR_DENIED","exit":1,"file":"","line":0,"column":0,"text":"score-too-low: agent 'bot' has a score of 0, as no policy keeps trust; needed are 700"}
  [1]
  $ trammel handshake ask clerk bot --capabilities pay -C shop >ask.json; trammel handshake answer ask.json -C bots >answer.json; trammel handshake meet answer.json -C shop
  trammel: capability-missing: needed is 'pay'; claimed is ''
  [1]
  $ trammel handshake ask clerk clerk -C shop
  trammel: wrong-party: nobody shakes hands with himself
  [1]
  $ trammel handshake ask clerk nobody -C shop
  trammel: not-registered: agent 'nobody' is not registered here
  [1]
  $ trammel handshake ask bot clerk -C shop 2>&1 | sed 's/key-[0-9a-f]*/key-ID/'
  trammel: shop/keys/agents/key-ID.pem: the private key is not here; whoever made it has it
  $ trammel handshake ask clerk bot --threshold 1001 -C shop
  trammel: --threshold is '1001'; expected 0 to 1000
  [2]
  $ trammel handshake ask clerk bot --capabilities ',' -C shop
  trammel: --capabilities: '' is no capability; expected a tool, maybe ':' and what it is used on, like get_order, db:* or -db:secrets: no blanks, no empty part, '*' only at the end of a part, at most 16 parts
  [2]

Any change of an agent turns the page: what was asked or found before counts no more.

  $ trammel handshake ask clerk bot -C shop >ask.json; trammel handshake answer ask.json -C bots >answer.json
  $ trammel handshake check clerk bot --capabilities 'order:create' -C shop >/dev/null; echo $?
  0
  $ trammel agent create other --sponsor ann@example.org -C shop >/dev/null
  $ trammel handshake check clerk bot --capabilities 'order:create' -C shop
  clerk has not met bot for as much, or it counts no more
  [1]
  $ trammel handshake meet answer.json -C shop
  trammel: epoch-turned: the registry has changed since it was asked; ask anew
  [1]
  $ trammel agent revoke bot --until 2200-01-01T00:00:00Z -C shop
  agent.revoke: bot
  $ trammel handshake ask clerk bot -C shop
  trammel: revoked: agent 'bot' is revoked
  [1]
  $ trammel replay -C shop
  replayed: 11 entries, 0 sessions, 0 tool calls, 0 allowed, 0 denied, 0 divergences; bit-exact
