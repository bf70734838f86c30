The runner behind `make test`, run on programs that only pretend to be rooms.

  $ mkdir -p tests/folder b/tests; cp $TOP/tests/run tests/run
  $ room() { printf '#!/bin/sh\nexec >"${1#--tap=}"\n%s\n' "$2" >b/tests/run_$1; chmod +x b/tests/run_$1; }
  $ room good 'printf "1..3\nok - a::x\nok - a::y\nok - a::z # SKIP no vectors\n"'
  $ room bad 'printf "1..2\nok - a::x\nnot ok - a::y\n"; echo "a::y is wrong" >&2; exit 1'
  $ room torn 'printf "1..2\nok - a::x\n"'
  $ room liar 'printf "1..1\nok - a::x\n"; exit 3'
  $ room empty 'printf "1..0\n"'

Skipped tests are counted apart.

  $ tests/run b good
  good             2 passed, 0 failed (1 skipped)
  2 passed, 0 failed

A failure shows what the program said.

  $ tests/run b good bad
  good             2 passed, 0 failed (1 skipped)
  bad              1 passed, 1 failed
      a::y is wrong
  3 passed, 1 failed
  [1]

A program that ends before its plan, one whose exit status contradicts its report, one that holds no
test and one that is not there are failures.

  $ tests/run b torn liar empty
  torn             1 passed, 1 failed
      torn: the program ended before its plan did
  liar             1 passed, 1 failed
      liar: all passed, yet the exit status is 3
  empty            0 passed, 1 failed
      empty: no test was run
  2 passed, 3 failed
  [1]
  $ tests/run b gone | tail -n 1
  0 passed, 1 failed

A leak that Criterion does not see is one more failure.

  $ room leaky 'printf "1..1\nok - a::x\n"
  >     echo "ERROR: LeakSanitizer: detected memory leaks" >"${ASAN_OPTIONS##*log_path=}.77"'
  $ tests/run b leaky
  leaky            1 passed, 1 failed
      ERROR: LeakSanitizer: detected memory leaks
  1 passed, 1 failed
  [1]

A folder with a runner of its own is believed by its closing line.

  $ printf '#!/bin/sh\necho 5 passed, 0 failed\n' >tests/folder/run; chmod +x tests/folder/run
  $ tests/run b folder
  folder           5 passed, 0 failed
  5 passed, 0 failed
  $ echo 'echo and more' >>tests/folder/run
  $ tests/run b folder
  folder           0 passed, 1 failed
      5 passed, 0 failed
      and more
      folder: the runner ended without its closing line
  0 passed, 1 failed
  [1]
