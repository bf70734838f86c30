What `make install` puts below PREFIX is all that another program needs: one header, one library, and pkg-config to find both.

  $ install() { make -s -C $TOP B="$(dirname "$(command -v trammel)")" PREFIX=/opt/trammel DESTDIR="$PWD/root" "$1" >made 2>&1 || cat made; }
  $ install install; cd root/opt/trammel; find . -type f | grep -v 'share/doc\|share/trammel' | sort
  ./bin/trammel
  ./include/trammel.h
  ./lib/libtrammel.a
  ./lib/pkgconfig/trammel.pc
  ./share/bash-completion/completions/trammel
  $ bin/trammel version; ls share/doc/trammel; ls share/trammel/policies | head -n 2
  trammel 0.1.0
  README.md
  docs
  README.md
  look-first.yaml
  $ cmp share/bash-completion/completions/trammel - <<END
  > $(bin/trammel completion bash)
  > END
  $ sed '/^$/d; /^Requires/d' lib/pkgconfig/trammel.pc
  prefix=/opt/trammel
  libdir=${prefix}/lib
  includedir=${prefix}/include
  Name: trammel
  Description: flight recorder for governed AI agents
  Version: 0.1.0
  Libs: -L${libdir} -ltrammel -lm
  Cflags: -I${includedir}

A program of its own, which the policy that a new workspace has denies.

  $ cd ../../..; cat >own.c <<'END'
  > #include <stdio.h>
  > #include <string.h>
  > #include <trammel.h>
  > int main(void)
  > {
  > 	static char answer[TRAMMEL_VERDICT_BYTES];
  > 	const char *action = "{\"agent\":\"bot\",\"action\":\"pay\"}";
  > 	trammel *t;
  > 	int status = trammel_open("space", &t, answer, sizeof(answer));
  > 	if (status == TRAMMEL_YES)
  > 		status = trammel_check(t, action, strlen(action), answer, sizeof(answer));
  > 	trammel_close(t, NULL, 0);
  > 	return puts(answer) == EOF ? TRAMMEL_UNDECIDED : status;
  > }
  > END
  $ sed -i "s#^prefix=#&$PWD/root#" root/opt/trammel/lib/pkgconfig/trammel.pc
  $ export PKG_CONFIG_PATH=$PWD/root/opt/trammel/lib/pkgconfig
  $ trammel init space --origin example.org/own >/dev/null
  $ cc own.c $(pkg-config --cflags --libs trammel) -o own && ./own | grep -o '"reason":"[^"]*"'
  "reason":"agent 'bot' is not registered"
  $ cc -static own.c $(pkg-config --cflags --libs --static trammel) -o own-static 2>/dev/null && ./own-static | grep -o '"reason":"[^"]*"'
  "reason":"agent 'bot' is not registered"
  $ trammel log verify -C space | tail -n 1
  verified: 3 entries, 2 tool calls, 0 allowed, 2 denied, 0 entries beyond the checkpoint
  $ install uninstall; find root -type f

What is missing to build is said, and where nothing can install it that is all that happens.

  $ sh=$(command -v sh); mkdir none; PATH=$PWD/none "$sh" $TOP/.ci/deps build
  deps: missing: gcc make pkg-config gnuplot sqlite3 libzstd libsodium jansson yaml-0.1 ncursesw criterion libcrypto
  deps: there is no apt-get here; install what these Debian packages hold:
    gcc make pkg-config gnuplot-nox libsqlite3-dev libzstd-dev libsodium-dev libjansson-dev libyaml-dev libncurses-dev libcriterion-dev libssl-dev
  [1]
