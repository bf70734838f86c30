#!/usr/bin/env python3
"""verify_export: what `trammel log export` writes, read by a program that shares nothing with it.

    verify_export.py FORMAT FILE [--vkey KEY] [--key-file FILE]

Written from docs/formats/export.md and import.md, RFC 4180, CloudEvents 1.0, the OTLP specification
and what is known of AGT 5.0.0. KEY is the log's verifier key; the formats that carry a checkpoint
need it. Exit status: 0 all holds, 1 something does not, 2 the command line is not understood.
"""
import base64
import csv
import datetime
import hashlib
import hmac
import io
import json
import re
import struct
import sys

sys.dont_write_bytecode = True
import verify  # noqa: E402: beside this file; no bytecode is left there
from verify import Wrong, need  # noqa: E402

HEX64 = re.compile("[0-9a-f]{64}")
AGT_ENTRY = ("action", "agent_did", "data", "entry_id", "event_type", "outcome", "previous_hash",
             "resource", "timestamp")
AGT_LINE = AGT_ENTRY + ("matched_rule", "policy_decision", "session_id", "target_did", "trace_id")
AGT_LINE_ALL = AGT_LINE + ("compute_driver", "content_hash", "environment", "sandbox_id",
                           "signature")


def strict(line):
    return json.loads(line, object_pairs_hook=verify.members_once,
                      parse_constant=verify.refuse_constant)


# --- jsonl: leaves and hashes of gaps lead to the signed root ---

def put(stack, level, digest):
    """Subtrees from the left; two of a size become one where that one may begin."""
    start = sum(1 << one for one, _ in stack)
    need(start % (1 << level) == 0, "a subtree of", 1 << level, "leaves begins at", start)
    stack.append((level, digest))
    while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
        (level, right), (_, left) = stack.pop(), stack.pop()
        stack.append((level + 1, verify.node_hash(left, right)))


def put_gap(stack, gap):
    at, end = gap["first"], gap["next"]
    need(at == sum(1 << one for one, _ in stack) and at < end, "a gap does not begin at", at)
    for text in gap["hashes"]:
        need(HEX64.fullmatch(text), "a gap holds what is no hash")
        level = 0
        while at % (2 << level) == 0 and at + (2 << level) <= end:
            level += 1
        put(stack, level, bytes.fromhex(text))
        at += 1 << level
    need(at == end, "the gap before", end, "is of another length")


def top(stack):
    digest = stack[-1][1] if stack else verify.sha256(b"")
    for _, left in reversed(stack[:-1]):
        digest = verify.node_hash(left, digest)
    return digest


def check_bodies(entry, record):
    """An opening is a seed of 16 bytes, or what is left of a body that lost values."""
    for name, body in record["bodies"].items():
        opening = base64.b64decode(record["openings"][name], validate=True)
        digest = verify.body_digest(1 if len(opening) == 16 else 2,
                                    opening + verify.canonical(body).encode(), name)
        need(entry.get(name) == "sha256:" + digest.hex(), "entry", entry["seq"], "has other", name)
    for name in record.get("gone", ()):
        need(name in entry, "entry", entry["seq"], "never had", name)


def check_jsonl(data, options):
    vkey = options["vkey"]
    lines, stack, entry, held = data.split(b"\n"), [], None, 0
    need(lines.pop() == b"", "the last line is cut off")
    last = strict(lines.pop())
    need(last.get("format") == "trammel/jsonl/v1", "the last line is no checkpoint")
    origin, size, root = verify.read_checkpoint(last["checkpoint"].encode(), vkey)
    for line in lines:
        record = strict(line)
        if "v" in record:
            seq = sum(1 << level for level, _ in stack)
            entry, held = verify.read_entry(line, seq, origin), held + 1
            put(stack, 0, verify.leaf_hash(line))
        elif "gap" in record:
            put_gap(stack, record["gap"])
        else:
            need(entry and record["seq"] == entry["seq"], "bodies of another entry")
            check_bodies(entry, record)
    need(sum(1 << level for level, _ in stack) == size, "the checkpoint signs", size, "entries")
    need(top(stack) == root, "the lines lead to another root than the signed one")
    return f"{held} entries of {size} lead to the signed root"


# --- CloudEvents ---

def check_cloudevents(data, options):
    events = [strict(line) for line in data.splitlines()]
    for event in events:
        where = f"event {event.get('id')}:"
        for name in ("specversion", "id", "source", "type"):
            need(isinstance(event.get(name), str) and event[name], where, "lacks", name)
        need(event["specversion"] == "1.0", where, "is of another version")
        need(re.fullmatch(r"[A-Za-z0-9\-._~!$&'()*+,;=@/%]+", event["source"]), where, "source")
        need("time" not in event or verify.is_time(event["time"]), where, "has no time")
        for name in event:
            need(re.fullmatch("[a-z0-9]+", name), where, "has the attribute", name)
        if event["type"] == "trammel.checkpoint":
            continue
        line = verify.canonical(event["data"]["entry"]).encode()
        need(verify.leaf_hash(line).hex() == event["leafhash"], where, "is of another leaf")
        check_bodies(event["data"]["entry"],
                     {"openings": event["data"].get("openings", {}),
                      "bodies": {key: value for key, value in event["data"].items()
                                 if key in ("args", "result")}})
    need(events and events[-1]["type"] == "trammel.checkpoint", "the last event is cut off")
    told = events[-1]["data"]
    origin, size, root = verify.read_checkpoint(told["checkpoint"].encode(), options["vkey"])
    need(told["entries"] == len(events) - 1, "events were cut out")
    if len(events) - 1 == size:
        leaves = [bytes.fromhex(event["leafhash"]) for event in events[:-1]]
        need(verify.tree_root(leaves) == root, "the events lead to another root")
    return f"{len(events) - 1} events of {size} entries of {origin}"


# --- OTLP ---

def attributes(owner):
    """The attributes, each value one of the kinds of AnyValue, as text."""
    found = {}
    for one in owner["attributes"]:
        (kind, value), = one["value"].items()
        need(kind in ("stringValue", "intValue", "boolValue", "arrayValue"), "a value of", kind)
        need(kind != "intValue" or isinstance(value, str), "64 bits that are no string")
        need(one["key"] not in found, one["key"], "is there twice")
        found[one["key"]] = value
    return found


def check_ids(record):
    need(re.fullmatch("[0-9a-f]{32}", record["traceId"]), "a trace id")
    need(re.fullmatch("[0-9a-f]{16}", record["spanId"]), "a span id")


def check_otlp(data, options, kinds=("resourceLogs", "scopeLogs", "logRecords")):
    count = 0
    for line in data.splitlines():
        resource, = strict(line)[kinds[0]]
        told = attributes(resource["resource"])
        need(told["service.name"] == "trammel", "another service")
        verify.read_checkpoint(told["trammel.log.checkpoint"].encode(), options["vkey"])
        scope, = resource[kinds[1]]
        for record in scope[kinds[2]]:
            count, own = count + 1, attributes(record)
            check_ids(record)
            if kinds[2] == "spans":
                need(record["kind"] == 1 and record["name"].startswith("execute_tool"), "a span")
                need(int(record["startTimeUnixNano"]) <= int(record["endTimeUnixNano"]), "times")
                continue
            body = record["body"]["stringValue"].encode()
            need(verify.leaf_hash(body).hex() == own["trammel.leaf"], "a record of another leaf")
    return f"{count} {kinds[2]}"


def check_otlp_traces(data, options):
    return check_otlp(data, options, ("resourceSpans", "scopeSpans", "spans"))


# --- CSV ---

def check_csv(data, options):
    need(data.endswith(b"\r\n"), "the last line is cut off")
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    for row in rows:
        need(len(row) == len(rows[0]), "a row has", len(row), "cells")
        need(not any(cell[:1] in tuple("=+-@\t\r") for cell in row if cell), "a formula:", row)
    need(rows[0][:4] == ["seq", "time", "clock", "kind"], "another header")
    return f"{len(rows) - 1} rows"


# --- the toolkit's own: json.dumps(sort_keys=True), as Python writes it ---

def digest_of(record, names):
    text = json.dumps({name: record[name] for name in names}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def check_chain(records, names, hash_name):
    previous = ""
    for number, record in enumerate(records):
        need(record["previous_hash"] == previous, "entry", number, "breaks the chain")
        need(record[hash_name] == digest_of(record, names), "entry", number, "has another hash")
        need(record["timestamp"] == datetime.datetime.fromisoformat(record["timestamp"])
             .isoformat(), "entry", number, "has no time of isoformat()")
        previous = record[hash_name]


def agt_root(leaves):
    """The tree that grows: empty places are zeros on every level."""
    if not leaves:
        return None
    row, zero = list(leaves), "0" * 64
    while len(row) & (len(row) - 1):
        row.append(zero)
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2])
        row = [zero if left == right == zero else
               hashlib.sha256((left + right).encode()).hexdigest() for left, right in pairs]
    return row[0]


def check_agt_audit(data, options):
    document = strict(data)
    entries = document["entries"]
    check_chain(entries, AGT_ENTRY, "entry_hash")
    root = agt_root([entry["entry_hash"] for entry in entries])
    need(document["merkle_root"] == document["chain_root"] == root, "another root")
    need(document["entry_count"] == len(entries), "another number of entries")
    return f"{len(entries)} entries in a chain, and their root"


def check_agt_filesink(data, options):
    lines = [strict(line) for line in data.splitlines()]
    check_chain(lines, AGT_LINE, "content_hash")
    for number, line in enumerate(lines):
        need(set(line) == set(AGT_LINE_ALL), "line", number, "has other members")
        mac = hmac.new(options["key"], line["content_hash"].encode(), "sha256").hexdigest()
        need(mac == line["signature"], "line", number, "is signed with another key")
        text = json.dumps(line, sort_keys=True).encode()
        need(text in data, "line", number, "is spelt otherwise")
    return f"{len(lines)} lines in a chain, signed"


CHECKS = {"jsonl": check_jsonl, "cloudevents": check_cloudevents, "otlp": check_otlp,
          "otlp-traces": check_otlp_traces, "csv": check_csv, "agt-audit": check_agt_audit,
          "agt-filesink": check_agt_filesink}


def main(words):
    names, options = [], {}
    while words:
        word = words.pop(0)
        if word == "--vkey" and words:
            options["vkey"] = verify.read_vkey(verify.read(words.pop(0)).decode())
        elif word == "--key-file" and words:
            options["key"] = verify.read(words.pop(0))
        else:
            names.append(word)
    if len(names) != 2 or names[0] not in CHECKS:
        print("usage: verify_export.py FORMAT FILE [--vkey KEY] [--key-file FILE]",
              file=sys.stderr)
        return 2
    try:
        print(CHECKS[names[0]](verify.read(names[1]), options))
    except (Wrong, OSError, ValueError, KeyError, TypeError, struct.error) as error:
        print(f"verify_export.py: {names[1]}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
