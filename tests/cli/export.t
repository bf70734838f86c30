A log can be carried elsewhere, and keeps the way back to the evidence.

  $ cp -R "$TOP/datasets" . && cd datasets
  $ trammel init space --origin example.org/support >/dev/null; cp policies/support.yaml space/policies/policy.yaml
  $ trammel import incidents/support-refunds.jsonl --format openai-chat -C space 2>&1 | tail -n 1
  imported: 52 entries, 6 new sessions, 22 tool calls, 19 allowed, 3 denied
  $ trammel log export --format csv -C space --out log.csv 2>&1 | sed 's/root .*/root ROOT/'; ls log.csv*; head -n 2 log.csv.checkpoint; stat -c %a log.csv
  exported: 52 of 52 entries of log example.org/support, root ROOT
  log.csv
  log.csv.checkpoint
  example.org/support
  52
  600
  $ head -n 1 log.csv | tr -d '\r'
  seq,time,clock,kind,agent,action,resource,session,trace,effect,stage,rule,reason,outcome_of,status,latency_ms,args,result,policy,state,leaf,log
  $ trammel log export 25..25 --format csv -C space 2>/dev/null | tail -n 1 | cut -d, -f1-12
  25,1970-01-01T00:00:00.024000000Z,synthetic,action,support-bot,issue_refund,,run-000003,,allow,policy,support/refund

A part is evidence too: what is left out is there by its hashes.

  $ trammel log export --session run-000003 --format jsonl --bodies -C space 2>&1 >part.jsonl | sed 's/root .*/root ROOT/'
  exported: 21 of 52 entries of log example.org/support, root ROOT
  $ cut -c1-10 part.jsonl | sort | uniq -c
       10 {"action":
       20 {"bodies":
        1 {"checkpoi
       11 {"clock":"
        2 {"gap":{"f

Actions with their outcomes are spans; each entry is a log record, or a CloudEvent.

  $ trammel log export 25..26 --format otlp-traces -C space 2>/dev/null | grep -o '"name":"exec[^"]*"\|"startTimeUnixNano":"[0-9]*"\|"endTimeUnixNano":"[0-9]*"'
  "name":"execute_tool issue_refund"
  "startTimeUnixNano":"24000000"
  "endTimeUnixNano":"25000000"
  $ trammel log export 25..25 --format otlp -C space 2>/dev/null | grep -o '"eventName":"[^"]*"\|"severityText":"[^"]*"'
  "severityText":"INFO"
  "eventName":"trammel.action"
  $ trammel log export 25..25 --format cloudevents -C space 2>/dev/null | head -n 1 | cut -d, -f1-6
  {"specversion":"1.0","id":"25","source":"example.org/support","type":"trammel.action.allow","subject":"support-bot","time":"1970-01-01T00:00:00.024000000Z"

The reference toolkit reads its own forms, and so does trammel.

  $ printf key >key; trammel init again --origin example.org/again >/dev/null; cp policies/support.yaml again/policies/policy.yaml
  $ trammel log export --format agt-audit --bodies -C space 2>/dev/null | trammel import - --format agt-audit -C again 2>&1 | tail -n 1
  imported: 46 entries, 6 new sessions, 22 tool calls, 19 allowed, 3 denied
  $ trammel log export --format agt-filesink --key-file key -C space 2>/dev/null | trammel import - --format agt-filesink --key-file key -C again 2>&1 | grep verified
  foreign chain: 22 entries verified before anything was imported

What these forms cannot say is left out and counted: policies, agents and labels are no tool calls.

  $ trammel log export --format agt-audit -C space 2>&1 >agt.json | sed 's/root .*/root ROOT/'; grep -c '"event_type"' agt.json
  exported: 41 of 52 entries of log example.org/support, root ROOT
  11 entries have no place in this format
  22 times are synthetic, which this format cannot say
  22

A time that nobody measured is still no time of the source when it comes back as a span.

  $ trammel init spans --origin example.org/spans >/dev/null; cp policies/support.yaml spans/policies/policy.yaml
  $ trammel log export --format otlp-traces --bodies -C space 2>/dev/null | trammel import - --format otlp -C spans 2>&1 | tail -n 2
  44 entries have no time in the source; theirs are synthetic and marked so
  imported: 46 entries, 6 new sessions, 22 tool calls, 19 allowed, 3 denied

What is said about an export is talk; with --json it is one object.

  $ trammel log export --until 1970-01-01T00:00:00.003Z --format jsonl --json --out few -C space | cut -d, -f1-5
  {"format":"jsonl","entries":5,"written":5,"bodies_gone":0,"bodies_redacted":0

Both ends of a time belong to it, and one may be counted back from the last entry.

  $ trammel log export --since 1970-01-01T00:00:00.002Z --until 1970-01-01T00:00:00.003Z --format csv -C space 2>/dev/null | cut -d, -f1 | sed 1d
  3
  4
  $ trammel log export --since -0s --format csv -C space 2>/dev/null | cut -d, -f1 | sed 1d
  51
  $ trammel help log export | grep until
        --until TIME         up to this time, it included

What was changed is no export, and no file is left.

  $ sed -i 's/run-000001/run-000009/' space/log/segment/00000000.jsonl
  $ trammel log export 40..50 --format csv -C space --out bad.csv; ls bad*
  trammel: the entries do not lead to the signed root, so this is no export; 'trammel log verify' names what was changed
  ls: cannot access 'bad*': No such file or directory
  [2]

A checkpoint that is in the way is seen before anything is read.

  $ : >bad.csv.checkpoint; trammel log export --format csv -C space --out bad.csv; ls bad*
  trammel: bad.csv.checkpoint: it is there already and is not replaced; name a new file
  bad.csv.checkpoint

Slips are named.

  $ trammel log export -C space
  trammel: --format is missing: jsonl, cloudevents, otlp, otlp-traces, csv, agt-audit or agt-filesink
  [2]
  $ trammel log export --format xml -C space
  trammel: --format is 'xml'; expected jsonl, cloudevents, otlp, otlp-traces, csv, agt-audit or agt-filesink
  [2]
  $ trammel log export 9..3 --format csv -C space
  trammel: '9..3' is no range of entries; expected A..B, A.. or ..B, with A not above B; they count from 0
  [2]
  $ trammel log export 3 --format csv -C space
  trammel: '3' is no range of entries; expected A..B, A.. or ..B, with A not above B; they count from 0
  [2]
  $ trammel log export --format csv --since yesterday -C space
  trammel: 'yesterday' is no time; expected one like 2026-01-02T03:04:05Z, or -90m, -2h, -7d before the last entry
  [2]
  $ trammel log export --format agt-filesink -C space
  trammel: FileAuditSink signs each line; name the file that holds the HMAC key with --key-file
  [2]
  $ trammel log export --format csv --out log.csv -C space
  trammel: log.csv: it is there already and is not replaced; name a new file
  [5]
  $ trammel log export --format csv --out none/log.csv -C space
  trammel: none/log.csv: the folder that it is to be made in is not there
  [5]
