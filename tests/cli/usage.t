What a user meets first: how to ask, and what a wrong question is answered with. Status 2 is usage.

  $ trammel
  trammel: expected a 'command'
  trammel: see 'trammel help'
  [2]
  $ trammel verison
  trammel: there is no command 'verison'
  trammel: did you mean 'version'?
  trammel: see 'trammel help'
  [2]
  $ trammel frobnicate
  trammel: there is no command 'frobnicate'
  trammel: see 'trammel help'
  [2]
  $ trammel ''
  trammel: there is no command ''
  trammel: see 'trammel help'
  [2]
  $ trammel log
  trammel: 'log' is followed by verify, head, witness, cosign, prove, check-proof, seal, publish, rotate-key, redact, prune, scan, show, query, report, bom, export
  trammel: see 'trammel help'
  [2]
  $ trammel log verfy
  trammel: 'verfy' is not a command of 'log'; expected verify, head, witness, cosign, prove, check-proof, seal, publish, rotate-key, redact, prune, scan, show, query, report, bom, export
  trammel: did you mean 'verify'?
  trammel: see 'trammel help'
  [2]
  $ trammel log frobnicate
  trammel: 'frobnicate' is not a command of 'log'; expected verify, head, witness, cosign, prove, check-proof, seal, publish, rotate-key, redact, prune, scan, show, query, report, bom, export
  trammel: see 'trammel help'
  [2]
  $ trammel log verify --jsn
  trammel: there is no option '--jsn' here
  trammel: did you mean '--json'?
  trammel: see 'trammel help log verify'
  [2]
  $ trammel log verify --policy x
  trammel: there is no option '--policy' here
  trammel: see 'trammel help log verify'
  [2]
  $ trammel -C space state
  trammel: '-C' stands before the command; options come behind it
  trammel: see 'trammel help'
  [2]
  $ trammel init
  trammel: expected 'DIR' behind the command
  trammel: see 'trammel help init'
  [2]
  $ trammel init one two
  trammel: 'two' is one argument too many
  trammel: see 'trammel help init'
  [2]
  $ trammel init space
  trammel: --origin NAME is missing: the log's name in every proof, like example.org/agents
  [2]
  $ trammel init --origin
  trammel: option '--origin' needs a value
  trammel: see 'trammel help init'
  [2]
  $ trammel init space --origin=
  trammel: option '--origin=' needs a value
  trammel: see 'trammel help init'
  [2]
  $ trammel init space --origin a --origin b
  trammel: option '--origin' is given twice
  trammel: see 'trammel help init'
  [2]
  $ trammel version --json=1
  trammel: option '--json=1' takes no value
  trammel: see 'trammel help version'
  [2]
  $ trammel import runs.json
  trammel: --format is missing: openai-chat, agt-audit, agt-filesink, agt-go, agt-rust, agt-dotnet, agt-typescript, agt-flight-recorder, jsonl, cloudevents, otlp or csv
  [2]
  $ trammel import runs.json --format yaml
  trammel: --format is 'yaml'; expected openai-chat, agt-audit, agt-filesink, agt-go, agt-rust, agt-dotnet, agt-typescript, agt-flight-recorder, jsonl, cloudevents, otlp or csv
  [2]
  $ trammel log check-proof proof
  trammel: --vkey is missing: the log's verifier key, as in its keys/log.vkey
  [2]
  $ trammel state --at one
  trammel: --at is 'one'; expected the number of an entry, counted from 0
  [2]
  $ trammel state --table agent
  trammel: --table is 'agent'; did you mean 'agents'?
  [2]
  $ trammel log show one
  trammel: 'one' is not the number of an entry; they count from 0
  [2]
  $ trammel log show -- -1
  trammel: '-1' is not the number of an entry; they count from 0
  [2]
  $ trammel completion zsh
  trammel: there is no completion for 'zsh'; expected bash
  trammel: see 'trammel help completion'
  [2]

With --json the story is on stdout as well, for programs.

  $ trammel state --at one --json 2>/dev/null
  {"error":"ERR_USAGE","exit":2,"file":"","line":0,"column":0,"text":"--at is 'one'; expected the number of an entry, counted from 0"}
  [2]

Help is data, so it goes to stdout.

  $ trammel help 2>/dev/null
  trammel: a flight recorder for governed AI agents
  
  commands:
    init DIR                 make a workspace: keys, a policy that denies, a log
    check [FILE]             decide one action, or JSONL of them, and record it
    run PROGRAM [ARGS]       run a program as an action, and end it when the log says so
    import FILE              take recorded agent runs through the gate
    log verify               recompute size, root, tiles and signature of the log
    log head [N [HEAD]]      write the signed checkpoint, or proof that it continues one
    log witness DIR [REQUEST] be a witness: cosign what continues the head last seen
    log cosign FILE          put the answers of witnesses below the checkpoint
    log prove N              write an offline proof that entry N is in the log
    log check-proof FILE     check a proof with nothing but the log's verifier key
    log seal                 compress the full segments of the log
    log publish DIR          bring a copy of the log in static files up to date
    log rotate-key           give the log its next key, signed for by the old one and the new one
    log redact               take values out of recorded arguments and results for good
    log prune                drop the arguments and results of old entries, keep the entries
    log scan                 look for secrets in what was recorded; status 1 when there are any
    log show N[..M]          show entry N and its bodies, or a table of entries
    log query                find entries by who, what, when and what came of it
    log report               verify the log, and count what happened in some days
    log bom N                show all that went into the decision of entry N
    log export [A..B]        write the log in a format that others read
    index rebuild            make the index that log query uses anew
    replay                   replay the log bit for bit, or by other policies
    policy check [FILE]      decide one request by policies, recording nothing
    policy test PATH         run cases against policies, and say what they cover
    policy analyze [PATH]    find rules that are dead, shadowed or in conflict
    policy import FILE       translate a policy of the Agent Governance Toolkit
    policy explain [FILE]    say which rules were tried and what settled them
    policy why-not [FILE]    find the smallest change that turns an effect around
    policy diff OLD NEW      find the requests that two policies decide otherwise
    policy lint [PATH]       warn of what may be written and better is not
    policy fmt FILE...       lay policy files out in the one way, comments kept
    policy bench [PATH]      measure how long a decision takes, by number of rules
    policy new               list the templates, or copy one to start from
    state                    show the governance state after an entry
    agent create NAME        register an agent with a fresh key, or one of its own
    agent show NAME          show the names, deeds and keys of an agent
    agent did NAME           print the DID of an agent, or its DID document
    agent jwk [NAME]         print the key of an agent as a JSON Web Key
    agent rotate NAME        give an agent its next key, signed for by both
    agent delegate FROM TO   hand on a part of what an agent may do to another
    agent undelegate TO LINK revoke a delegation, and all that stand on it
    agent credential VERB NAME make, replace or end a secret of an agent
    agent list               list the registered agents
    agent suspend NAME       deny all that an agent asks for until reactivated
    agent reactivate NAME    let a suspended agent act again
    agent revoke NAME        deny all that an agent asks for, for good
    agent revocations        list the agents and keys that are revoked now
    token issue NAME         sign a JSON Web Token with the key of an agent
    token verify FILE        say whether a JSON Web Token is to be believed
    svid verify FILE         say whether an X.509-SVID is to be believed
    handshake ask FROM TO    challenge another agent to prove that it has its key
    handshake answer FILE    answer a challenge with the key of the one who is asked
    handshake meet FILE      judge an answer, and record that it was a good one
    handshake check FROM TO  say whether two agents have met, for exactly this
    session open SESSION     open a session that takes its participants' actions only
    session join SESSION NAME let an agent take part in an open session
    session leave SESSION NAME take an agent out of a session, for good
    session close SESSION    take no more actions; closed when all have left
    session show SESSION     show an opened session and who is in it
    session list             list the sessions that were opened
    session approve SESSION  record that a human approves of a session so far
    trace emit [FACTS]       sign a TRACE record of what an agent did in a session
    trace verify FILE [ABOVE...] say what is to be said of a TRACE record, by codes
    trace receipt FILE       say whether a controller's receipt for an action holds
    trust show [AGENT]       show how much agents are worth, now or after entry N
    trust why AGENT          list what moved an agent's score, entry by entry
    trust set AGENT SCORE    give an agent a score of 0 to 1000
    trust incident AGENT N   lower scores: an agent's and those around it
    kill agent NAME          stop an agent for good, and what it has begun
    kill session ID          end a session for good, likewise
    kill all                 stop everything, likewise, until it is lifted
    kill lift                let agents act again after kill all
    quarantine NAME          deny all that an agent asks for, until a time
    release NAME             end the quarantine of an agent
    ring NAME                show which ring an agent is in, and until when
    elevate NAME             lift an agent to a ring for an hour at most, as its sponsor
    lower NAME               end the elevation of an agent
    saga begin FILE          begin a saga: steps that are all done, or undone
    saga next SAGA           say what is due in a saga, and what is waited for
    saga show SAGA           show the steps of a saga, and what is left open
    saga list                list the sagas
    saga compensate SAGA     do no more of a saga, and undo what was done
    saga hand-over SAGA AGENT [SESSION] let another agent act for a saga
    completion bash          print the completion script of a shell
    help [COMMAND]           say what there is, or how one command is used
    version                  print the version
  
  Every command takes --json and --help. Exit status: 0 yes, 1 no (denied,
  diverged), 2 usage, 3 could not be decided, 4 evidence tampered, 5 input
  missing or malformed, 6 the recording lacks an answer, 7 a limit was hit.
  $ trammel --help >a; trammel help >b; cmp a b
  $ trammel help log
  commands:
    log verify               recompute size, root, tiles and signature of the log
    log head [N [HEAD]]      write the signed checkpoint, or proof that it continues one
    log witness DIR [REQUEST] be a witness: cosign what continues the head last seen
    log cosign FILE          put the answers of witnesses below the checkpoint
    log prove N              write an offline proof that entry N is in the log
    log check-proof FILE     check a proof with nothing but the log's verifier key
    log seal                 compress the full segments of the log
    log publish DIR          bring a copy of the log in static files up to date
    log rotate-key           give the log its next key, signed for by the old one and the new one
    log redact               take values out of recorded arguments and results for good
    log prune                drop the arguments and results of old entries, keep the entries
    log scan                 look for secrets in what was recorded; status 1 when there are any
    log show N[..M]          show entry N and its bodies, or a table of entries
    log query                find entries by who, what, when and what came of it
    log report               verify the log, and count what happened in some days
    log bom N                show all that went into the decision of entry N
    log export [A..B]        write the log in a format that others read
  $ trammel log --help
  commands:
    log verify               recompute size, root, tiles and signature of the log
    log head [N [HEAD]]      write the signed checkpoint, or proof that it continues one
    log witness DIR [REQUEST] be a witness: cosign what continues the head last seen
    log cosign FILE          put the answers of witnesses below the checkpoint
    log prove N              write an offline proof that entry N is in the log
    log check-proof FILE     check a proof with nothing but the log's verifier key
    log seal                 compress the full segments of the log
    log publish DIR          bring a copy of the log in static files up to date
    log rotate-key           give the log its next key, signed for by the old one and the new one
    log redact               take values out of recorded arguments and results for good
    log prune                drop the arguments and results of old entries, keep the entries
    log scan                 look for secrets in what was recorded; status 1 when there are any
    log show N[..M]          show entry N and its bodies, or a table of entries
    log query                find entries by who, what, when and what came of it
    log report               verify the log, and count what happened in some days
    log bom N                show all that went into the decision of entry N
    log export [A..B]        write the log in a format that others read
  $ trammel help replay
  usage: trammel replay [options]
  
  replay the log bit for bit, or by other policies
  
  Without --policy: exit status 0 when every entry comes out byte for byte as
  recorded, 1 at the first that does not. With --policy: every action whose
  verdict flips, DENY->ALLOW first; exit status 0 whatever flips. Labels: exact,
  decided alike; re-decided, decided otherwise from the recorded inputs; unknown,
  after a flip in its session, or a body is gone: the agent might have gone on
  otherwise. Flips are between allow and deny only: what is looser by its terms, an
  approval instead of a deny, a warning less, says policy diff.
  
  options:
    -C, --dir DIR            the workspace (default: the current folder)
        --json               answer in JSON lines
    -h, --help               say how a command is used
        --policy PATH        decide by this folder or file of policies instead
        --all                every action, not only those that flip
  $ trammel replay --help >a; trammel help replay >b; cmp a b
  $ trammel help log verify --json
  {"command":"log verify","arguments":"","summary":"recompute size, root, tiles and signature of the log","options":[{"name":"dir","value":"DIR","help":"the workspace (default: the current folder)"},{"name":"json","value":null,"help":"answer in JSON lines"},{"name":"help","value":null,"help":"say how a command is used"},{"name":"bodies","value":null,"help":"read all arguments and results too"},{"name":"vkey","value":"VKEY","help":"verifier key NAME+ID+BASE64, or a file that holds it"},{"name":"against","value":"FILE","help":"a signed checkpoint that the log must continue"},{"name":"heads","value":"FILE","help":"likewise, kept up to date: the newest of each log"},{"name":"witness","value":"VKEY","help":"verifier key of a witness, or a file with one a line"},{"name":"quorum","value":"K","help":"so many witnesses must have cosigned (default: 1)"},{"name":"published","value":"DIR","help":"this copy that log publish made"}]}
  $ trammel help --json | wc -l
  87
  $ trammel help frobnicate
  trammel: there is no command 'frobnicate'
  trammel: see 'trammel help'
  [2]
  $ trammel help version extra
  trammel: 'extra' is one argument too many
  trammel: see 'trammel help help'
  [2]

The version, twice.

  $ trammel version
  trammel 0.1.0
  $ trammel --version
  trammel 0.1.0
  $ trammel version --json
  {"version":"0.1.0"}

Completion comes from the same table as parsing.

  $ trammel completion bash | bash -n
  $ trammel completion bash --json | cut -c 1-40
  {"shell":"bash","script":"_trammel() {\n
  $ cat >try <<'END'
  > . ./completion
  > try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _trammel; echo "${COMPREPLY[@]}"; }
  > try trammel ""
  > try trammel log ""
  > try trammel log pr
  > try trammel log verify --
  > try trammel log verify ""
  > END
  $ trammel completion bash >completion; bash try
  init check run import log index replay policy state agent token svid handshake session trace trust kill quarantine release ring elevate lower saga completion help version
  verify head witness cosign prove check-proof seal publish rotate-key redact prune scan show query report bom export
  prove prune
  --dir --json --help --bodies --vkey --against --heads --witness --quorum --published
  --dir --json --help --bodies --vkey --against --heads --witness --quorum --published

Before a letter is typed there are the files that an argument or an option may name, or the values that there are; a name
with a blank in it is one word.

  $ mkdir here; touch "here/a b"; cd here
  $ cat >../more <<'END'
  > . ../completion
  > try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _trammel; printf '[%s]' "${COMPREPLY[@]}"; echo; }
  > try trammel import ""
  > try trammel check a
  > try trammel check --b
  > try trammel replay ""
  > try trammel replay --policy ""
  > try trammel state -C ""
  > try trammel import x --format ""
  > try trammel import x --format agt-a
  > try trammel state --table ""
  > try trammel policy new --template ""
  > try trammel policy diff ""
  > try trammel state --at ""
  > try trammel help ""
  > try trammel completion ""
  > END
  $ bash ../more; cd ..
  [a b]
  [a b]
  [--batch]
  [--dir][--json][--help][--policy][--all]
  [a b]
  [a b]
  [jsonl][cloudevents][otlp][otlp-traces][csv][openai-chat][agt-audit][agt-filesink][agt-go][agt-rust][agt-dotnet][agt-typescript][agt-flight-recorder]
  [agt-audit]
  [totals][agents][sessions][limits][histories][halts][quotas][elevations][delegations][credentials][trust][sagas][lives][participants][things][flights][revocations][demotions][challenges][meetings][token_uses]
  [browser-agent][coding-agent][data-analyst][finance-approval][multi-agent][read-only][support-agent][team-documents][training-sandbox]
  [a b]
  []
  [init][check][run][import][log][index][replay][policy][state][agent][token][svid][handshake][session][trace][trust][kill][quarantine][release][ring][elevate][lower][saga][completion][help][version]
  [bash]

An answer that nobody can take is an error, and said.

  $ for command in version help 'completion bash' 'help log --json'; do
  >     trammel $command >/dev/full; echo "[$?]"
  > done
  trammel: standard output: the answer could not be written: the system refused to read or write
  [3]
  trammel: standard output: the answer could not be written: the system refused to read or write
  [3]
  trammel: standard output: the answer could not be written: the system refused to read or write
  [3]
  trammel: standard output: the answer could not be written: the system refused to read or write
  [3]

The templates that are completed are those that there are.

  $ (cd "$TOP/datasets/policies/templates" && echo *)
  browser-agent coding-agent data-analyst finance-approval multi-agent read-only support-agent team-documents training-sandbox
