Private keys stay in keys/: a whole session is searched for them, in every form in which they could get out.

  $ say() { echo "\$ trammel $*"; trammel "$@"; }
  $ session() {
  >     say init space --origin example.org/bots
  >     printf '%s\n' 'apiVersion: governance.toolkit/v1' 'name: bots' 'default_action: allow' >space/policies/policy.yaml
  >     say agent create bot --sponsor ann@example.org -C space
  >     say agent create helper --sponsor ann@example.org --expires 2200-01-01T00:00:00Z -C space --json
  >     say agent create bot --sponsor ann@example.org -C space
  >     say agent jwk bot -C space
  >     mkdir brought
  >     trammel agent jwk bot --private -C space >brought/bot.jwk
  >     say agent create twin --sponsor ann@example.org --import brought/bot.jwk -C space
  >     sed 's/"x":"...../"x":"AAAAA/' brought/bot.jwk >brought/mixed.jwk
  >     say agent create mixed --import brought/mixed.jwk -C space
  >     sed 's/"use":"sig"/"use":"enc"/' brought/bot.jwk >brought/enc.jwk
  >     say agent create enc --import brought/enc.jwk -C space
  >     sed 's/"d":/"e":/' brought/bot.jwk >brought/moved.jwk
  >     say agent create moved --import brought/moved.jwk -C space
  >     head -c 40 brought/bot.jwk >brought/torn.jwk
  >     say agent create torn --import brought/torn.jwk -C space
  >     sed 2s/=// space/keys/log.pem >brought/bad.pem; echo x >>brought/bad.pem
  >     say agent create bad --import brought/bad.pem -C space
  >     say agent rotate bot --reason yearly -C space
  >     say agent rotate helper -C space --json
  >     say agent rotate nobody -C space
  >     say token issue bot --audience store -C space
  >     trammel token issue bot --audience store -C space >bot.jwt
  >     say token verify bot.jwt --audience store -C space --json
  >     say agent jwk --all -C space
  >     trammel handshake ask helper bot -C space >ask.json
  >     say handshake answer ask.json -C space
  >     trammel handshake answer ask.json -C space >answer.json
  >     say handshake meet answer.json -C space
  >     cat ask.json
  >     say agent suspend helper --reason test -C space
  >     for name in bot helper twin nobody; do
  >         echo "{\"agent\":\"$name\",\"action\":\"pay\",\"args\":{\"n\":1}}" | say check -C space
  >         for form in key mesh document; do say agent did $name --form $form -C space; done
  >         say agent show $name -C space
  >         say agent show $name -C space --json
  >     done
  >     say log verify -C space
  >     say log verify --bodies -C space --json
  >     say log prove 3 -C space
  >     say log bom 10 -C space
  >     for entry in 0 1 2 3 4 5 6 7 8 9 10 11; do say log show $entry -C space --json; done
  >     say replay -C space --all
  >     say state -C space --json
  >     say agent list -C space
  >     printf 'nonsense\n' >space/trammel.yaml
  >     say state -C space
  > }
  $ session >out 2>err; echo
  
  $ mkdir keys; cp space/keys/*.pem space/keys/agents/*.pem keys; ls keys | wc -l
  5
  $ wc -l <out >lines; test "$(cat lines)" -gt 100; echo $?
  0
  $ $TESTDIR/find_keys keys out err $(find space -type f ! -path 'space/keys/*')

The search finds a key where there is one: in the one output that is meant to hold it, in its file, and in every other form.

  $ $TESTDIR/find_keys keys brought/bot.jwk | sed 's/key-[0-9a-f]*/key-ID/'
  brought/bot.jwk: seed of key-ID.pem
  $ $TESTDIR/find_keys keys keys/log.pem
  keys/log.pem: seed of log.pem
  [1]
  $ sed -n 2p keys/log.pem | base64 -d | tail -c 32 >seed
  $ sha512sum seed | cut -c 1-128 | tr a-f A-F | tr -d '\n' | basenc --base16 -d >expanded
  $ { echo before; cat seed; echo after; } >raw
  $ basenc --base16 seed >hex; { printf xy; cat seed; } | base64 -w0 >base64
  $ { printf x; cat expanded; } | basenc --base64url -w0 >url
  $ $TESTDIR/find_keys keys raw hex base64 url expanded
  raw: seed of log.pem
  hex: seed of log.pem
  base64: seed of log.pem
  url: scalar of log.pem
  expanded: scalar of log.pem
  url: prefix of log.pem
  expanded: prefix of log.pem
  [1]

The warning goes where the key does not.

  $ grep -c 'this is the private key of agent' err
  1
