Texts of strangers are shown, and not obeyed by the terminal. Names in Cedar may hold any character.

  $ mkdir policies
  $ printf '%s\n' '@id("\u{1b}[2J\u{9b}1m\u{202e}ü") permit (principal, action, resource);' >policies/a.cedar
  $ echo '{"agent":"bot","action":"pay"}' >request.json
  $ trammel policy check request.json --policy policies
  allow by a.cedar/<U+001B>[2J<U+009B>1m<U+202E>ü, line 1
    Cedar policy '<U+001B>[2J<U+009B>1m<U+202E>ü' ('a.cedar') permits

With --json they are data, and come out as they are.

  $ trammel policy check request.json --policy policies --json | grep -c "\[2J$(printf '\302\233')1m"
  1

In what is said of a file as well, and of a file that is none.

  $ trammel policy check "$(printf 'no\033[2J\233such')" --policy policies
  trammel: no?[2J?such: there is no such file
  [5]
