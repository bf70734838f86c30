#!/usr/bin/env python3
"""verify_trace: a TRACE record of trammel checked a second time, by a program that shares nothing
with it.

    verify_trace.py RECORD WORKSPACE

Written from docs/formats/trace.md and what it names: RFC 8785 (canonical JSON), RFC 8032 (Ed25519),
RFC 6962 (tree). The signature must hold by the key inside the record; hash and count of the
transcript and the hash of the policies must be those of the session's entries, among the first so
many that the record speaks of, which must lead to the root that it names.

Exit status: 0 all holds, 1 something does not, 2 the command line is not understood.
"""
import base64
import json
import os
import struct
import sys
import urllib.parse

from verify import (Wrong, canonical, leaf_hash, members_once, need, read, read_lines,
                    refuse_constant, sha256, signature_holds, tree_root)


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def digest(data):
    return "sha256:" + sha256(data).hex()


def check_signature(record):
    jwk = record["cnf"]["jwk"]
    need((jwk["kty"], jwk["crv"]) == ("OKP", "Ed25519"), "the key is none of Ed25519")
    signed = canonical({name: record[name] for name in record if name != "signature"})
    need(signature_holds(unbase64url(jwk["x"]), signed.encode(),
                         unbase64url(record["signature"])), "the signature does not hold")


def read_place(uri):
    """trammel:ORIGIN?session=SESSION&size=N&root=HEX"""
    scheme, _, rest = uri.partition(":")
    origin, _, query = rest.partition("?")
    need(scheme == "trammel", uri, "is no place in a log of trammel")
    pairs = dict(pair.split("=", 1) for pair in query.split("&"))
    return (urllib.parse.unquote(origin), urllib.parse.unquote(pairs["session"]),
            int(pairs["size"]), bytes.fromhex(pairs["root"]))


def policies_hash(entries):
    decided = [e["policy"] for e in entries if e["kind"] == "action"] or [entries[-1]["policy"]]
    several = list(dict.fromkeys(decided))
    if len(several) == 1:
        return several[0]
    return digest(b"trammel/policies/v1\n" + "".join(d + "\n" for d in several).encode())


def check_transcript(record, workspace):
    said = record["tool_transcript"]
    origin, session, size, root = read_place(said["transcript_uri"])
    lines, _ = read_lines(os.path.join(workspace, "log"))
    need(size <= len(lines), "the log has", len(lines), "entries, the record speaks of", size)
    lines = lines[:size]
    need(tree_root([leaf_hash(line) for line in lines]) == root, "the root is another")
    pairs = [(line, json.loads(line)) for line in lines]
    pairs = [(line, entry) for line, entry in pairs if entry.get("session") == session]
    need(pairs, "there is no session", session)
    need(all(entry["log"] == origin for _, entry in pairs), "the log has another origin")
    transcript = b"trammel/transcript/v1\n" + b"".join(line + b"\n" for line, _ in pairs)
    need(said["hash"] == digest(transcript), "the transcript has another hash")
    entries = [entry for _, entry in pairs]
    calls = [e for e in entries if e["kind"] == "action" and "stage" not in e.get("data", {})]
    need(said["call_count"] == len(calls), "there are", len(calls), "calls")
    need(record["policy"]["bundle_hash"] == policies_hash(entries), "the policies are others")
    return len(pairs)


def main(words):
    if len(words) != 2 or words[0].startswith("-"):
        print("usage: verify_trace.py RECORD WORKSPACE", file=sys.stderr)
        return 2
    try:
        record = json.loads(read(words[0]), object_pairs_hook=members_once,
                            parse_constant=refuse_constant)
        check_signature(record)
        print(f"record: signed, of {check_transcript(record, words[1])} entries")
    except (Wrong, OSError, ValueError, IndexError, KeyError, struct.error) as error:
        print(f"verify_trace.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
