The runner of these transcripts, run on small transcripts of its own.

Sessions that are as written pass: several lines, both streams, continued commands, an exit status,
a missing newline, an empty line, state that one command leaves to the next.

  $ mkdir bin
  $ sed 's/^|//' >good.t <<END
  > |Prose is free to say \$ anything.
  > |
  > |  \$ echo out; echo err >&2
  > |  out
  > |  err
  > |  \$ printf 'no newline'
  > |  no newline (no-eol)
  > |  \$ for i in 1 2; do
  > |  >     echo \$i; echo
  > |  > done
  > |  1
  > |  
  > |  2
  > |  
  > |  \$ (exit 3)
  > |  [3]
  > |  \$ x=kept
  > |  \$ echo \$x; cat
  > |  kept
  > END
  $ $TESTDIR/run bin good.t
  1 passed, 0 failed

A session that differs is shown as a diff, and the exit status tells.

  $ sed 's/^|//' >bad.t <<END
  > |  \$ echo one
  > |  two
  > |
  > |  \$ false
  > |  \$ true
  > |  [1]
  > END
  $ $TESTDIR/run bin good.t bad.t
  cli: bad.t: the session is not as written (- written, + now):
  @@ -1,6 +1,6 @@
     $ echo one
  -  two
  +  one
   
     $ false
  -  $ true
     [1]
  +  $ true
  1 passed, 1 failed
  [1]

A command that ends the shell leaves the rest of its page unanswered, and that is a difference too.

  $ printf '  $ echo before\n  before\n  $ echo last; exit 0\n  $ echo after\n  after\n' >torn.t
  $ $TESTDIR/run bin torn.t
  cli: torn.t: the session is not as written (- written, + now):
  @@ -1,5 +1,5 @@
     $ echo before
     before
     $ echo last; exit 0
  +  last
     $ echo after
  -  after
  0 passed, 1 failed
  [1]

With --accept the page is rewritten, and then it passes.

  $ $TESTDIR/run --accept bin bad.t
  cli: bad.t: rewritten
  1 passed, 0 failed
  $ $TESTDIR/run bin bad.t
  1 passed, 0 failed
  $ sed -n 2p bad.t
    one

A page without a command, and a page that is not there, are failures: a test must be able to fail.

  $ echo 'only prose' >empty.t
  $ $TESTDIR/run bin empty.t missing.t
  cli: empty.t: holds no command
  cli: no transcript: missing.t
  0 passed, 2 failed
  [1]

Programs of the build come first on PATH, and the environment is a fixed one.

  $ printf '#!/bin/sh\necho it is me\n' >bin/trammel; chmod +x bin/trammel
  $ printf '  $ trammel\n  it is me\n  $ echo $TZ $NO_COLOR $SECRET\n  UTC 1\n' >path.t
  $ SECRET=told $TESTDIR/run bin path.t
  1 passed, 0 failed
