A log that has filled a segment of 65,536 entries can be made smaller: nothing of what it says changes.

  $ trammel init space --origin example.org/bots >/dev/null
  $ printf 'apiVersion: governance.toolkit/v1\nname: all\nunknown_agents: evaluate\ndefault_action: allow\n' >space/policies/policy.yaml
  $ yes '{"agent":"ann","action":"look"}' | head -n 65600 | trammel check --batch -C space | grep -c '"effect":"allow"'
  65600
  $ trammel log seal -C space | sed 's/in .*;/in few;/'
  sealed: 1 segment, 32,560,132 bytes in few; 0 sealed before
  $ ls space/log/segment
  00000000.zst
  00000001.jsonl
  $ trammel log seal -C space
  sealed: 0 segments; 1 sealed before
  $ trammel log seal -C space --json
  {"sealed":0,"sealed_before":1,"bytes":0,"sealed_bytes":0}
  $ trammel log verify -C space | tail -n 1
  verified: 65,601 entries, 65,600 tool calls, 65,600 allowed, 0 denied, 0 entries beyond the checkpoint
  $ trammel log show 40000 -C space | grep -o '"seq":[0-9]*'
  "seq":40000
  $ trammel log prove 40000 -C space >proof; trammel log check-proof proof --vkey space/keys/log.vkey | tail -n 1
  proved: entry 40000 of 65601 in log example.org/bots
  $ trammel replay -C space
  replayed: 65,601 entries, 0 sessions, 65,600 tool calls, 65,600 allowed, 0 denied, 0 divergences; bit-exact
  $ echo '{"agent":"ann","action":"look"}' | trammel check -C space >/dev/null; trammel log verify -C space | tail -n 1
  verified: 65,602 entries, 65,601 tool calls, 65,601 allowed, 0 denied, 0 entries beyond the checkpoint

A copy in static files is what any web server offers. Who has the log's verifier key needs nothing else.

  $ trammel log publish site -C space
  published: 65,602 entries, 65,602 of them new
  $ ls site site/tile site/tile/entries | head -n 8
  site:
  checkpoint
  tile
  
  site/tile:
  0
  1
  2
  $ trammel log verify --published site --vkey space/keys/log.vkey | tail -n 2
  recomputed  257 bundles, 259 tiles, 32,592,934 bytes
  verified: 65,602 entries, 65,601 tool calls, 65,601 allowed, 0 denied, 0 entries beyond the checkpoint
  $ echo '{"agent":"ann","action":"look"}' | trammel check -C space >/dev/null; trammel log publish site -C space
  published: 65,603 entries, 1 of them new
  $ trammel log publish site -C space --json
  {"published":65603,"published_before":65603}
  $ rm site/tile/entries/100; trammel log publish site -C space
  published: 65,603 entries, 0 of them new
  $ mv site/tile/entries elsewhere; ln -s ../../elsewhere site/tile/entries; trammel log publish site -C space
  trammel: site/tile/entries: this is a link or another thing in place of a folder: nothing is read or written through it
  [4]
  $ rm site/tile/entries; mv elsewhere site/tile/entries
  $ trammel log verify --published site --vkey space/keys/log.vkey --heads heads --json | cut -c 1-60
  {"verified":true,"origin":"example.org/bots","entries":65603
  $ trammel log verify --published site
  trammel: --published needs --vkey: the log's verifier key, as in its keys/log.vkey
  [2]
  $ trammel log verify --published site --vkey space/keys/log.vkey -C space
  trammel: --published is verified without a workspace, so there are no --dir and no --bodies
  [2]

What was changed is named, whether sealed or published.

  $ printf X | dd of=site/tile/entries/007 bs=1 seek=3000 conv=notrunc 2>/dev/null
  $ trammel log verify --published site --vkey space/keys/log.vkey | sed 's/hash.*//'
  trammel: site/tile/entries/007:7: entry 1798: not a canonical entry: the line is not canonical JSON: expected ',' or '}', column 17
  $ printf X | dd of=space/log/segment/00000000.zst bs=1 seek=60000 conv=notrunc 2>/dev/null
  $ trammel log verify -C space
  trammel: space/log/segment/00000000.zst:513: frame 2, of lines 513 and following, is damaged or was packed with another dictionary
  [4]
  $ trammel log show 3 -C space >/dev/null
  $ printf X | dd of=space/log/segment/00000000.zst bs=1 seek=20 conv=notrunc 2>/dev/null
  $ trammel log verify -C space
  trammel: space/log/segment/00000000.zst: this is not a sealed segment as trammel writes it: its dictionary has a length that cannot be
  [4]

A folder belongs to one log, and goes forward only.

  $ trammel init other --origin example.org/bots >/dev/null; trammel log publish site -C other
  trammel: site/checkpoint: none of the given keys signed this checkpoint: it is another log's, or the key is another's
  [4]
  $ mkdir home; touch home/letter; trammel log publish home -C other
  trammel: home/letter: the folder holds other things and no log; give a new or empty one
  [5]
  $ trammel log seal -C other
  sealed: 0 segments; 0 sealed before; a segment is full, and can be sealed, with 65,536 entries
  $ trammel log seal -C nowhere
  trammel: nowhere/trammel.yaml: not a workspace; make one with: trammel init nowhere --origin NAME
  [5]
