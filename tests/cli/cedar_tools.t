Tools for Cedar policies: one layout.

  $ cat >messy.cedar <<'END'
  > // who reads
  > @id("read") permit(principal in Team::"a",action in [Action::"doc.read", Action::"doc.list"], // both
  >   resource) when{ context.args.n<5&&principal has level };
  > END
  $ trammel policy fmt --check messy.cedar
  messy.cedar: not laid out
  [1]
  $ trammel policy fmt messy.cedar; cat messy.cedar
  messy.cedar: laid out
  // who reads
  @id("read")
  permit (
    principal in Team::"a",
    action in [Action::"doc.read", Action::"doc.list"],  // both
    resource
  )
  when { context.args.n < 5 && principal has level };
  $ trammel policy fmt --check messy.cedar --json
  {"file":"messy.cedar","changed":false,"left_alone":false}
  $ echo 'entity A = { a : Long, };' >one.cedarschema; trammel policy fmt one.cedarschema; cat one.cedarschema
  one.cedarschema: laid out
  entity A = {
    a: Long,
  };

Files of JSON are left alone, and what cannot be read is told by its place.

  $ echo '{"staticPolicies": {}}' >set.cedar.json; trammel policy fmt set.cedar.json; cat set.cedar.json
  set.cedar.json: left alone; fmt lays out YAML, *.cedar and *.cedarschema
  {"staticPolicies": {}}
  $ trammel policy fmt --check set.cedar.json --json
  {"file":"set.cedar.json","changed":false,"left_alone":true}
  $ printf 'permit(principal,\n  acton, resource);\n' >wrong.cedar; trammel policy fmt wrong.cedar
  trammel: wrong.cedar:2:3: found 'acton'; expected 'action', the second part of the scope; did you mean 'action'?
  [5]
