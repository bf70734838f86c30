#!/usr/bin/env python3
"""verify: a workspace of trammel checked a second time, by a program that shares nothing with it.

    verify.py WORKSPACE [--vkey KEY] [--proof FILE]...
    verify.py --published FOLDER --vkey KEY [--proof FILE]...

Written from docs/formats alone (entry.md, log.md, rotation.md, blob.md) and the documents these name: RFC 6962
(tree), RFC 8032 (Ed25519), RFC 8785 (canonical JSON), c2sp.org signed-note, tlog-checkpoint,
tlog-tiles and tlog-proof. Python's standard library is all it needs. That library has no zstd, so
of compressed bodies only the sum is checked, and sealed segments are unpacked by the program
zstd; without it they are refused.

Simplicity comes first: everything is held in memory. Exit status: 0 all holds, 1 something does
not, 2 the command line is not understood.
"""
import base64
import datetime
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

SEGMENT_ENTRIES = 65536
TILE_WIDTH = 256
ENTRY_BYTES = 65535
BODY_BYTES = 16 << 20


class Wrong(Exception):
    """What does not hold, and where."""


def need(condition, *story):
    if not condition:
        raise Wrong(" ".join(str(part) for part in story))


def sha256(data):
    return hashlib.sha256(data).digest()


def read(path):
    need(os.path.isfile(path) and not os.path.islink(path), path, "is no plain file")
    with open(path, "rb") as file:
        return file.read()


def unbase64(text, where):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong(f"{where}: not base64: {error}") from None
    need(base64.b64encode(data).decode() == text, where, "is not padded base64")
    return data


# --- Ed25519, RFC 8032 section 5.1: slow, and short enough to be compared with the text ---

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def point_add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    left, inner, outer, right = f - e, h - g, h + g, f + e
    return left * inner % P, outer * right % P, inner * outer % P, left * right % P


def point_multiply(scalar, point):
    sum_ = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            sum_ = point_add(sum_, point)
        point = point_add(point, point)
        scalar >>= 1
    return sum_


def point_read(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_read((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_holds(key, message, signature):
    a, r = point_read(key), point_read(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = point_multiply(s, BASE), point_add(r, point_multiply(k, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P
                or (left[1] * right[2] - right[1] * left[2]) % P)


# --- the tree, RFC 6962 section 2.1 ---

def leaf_hash(line):
    return sha256(b"\0" + line)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def tree_root(hashes):
    """The root over hashes of equally high perfect subtrees: of leaves, or of a row of a tile."""
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(tree_root(hashes[:split]), tree_root(hashes[split:]))


def root_from_proof(leaf, index, size, path):
    """RFC 9162 section 2.1.3.2."""
    need(index < size, "the proof is of entry", index, "of", size)
    at, last, node = index, size - 1, leaf
    for sibling in path:
        need(last, "the proof is too long")
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    need(last == 0, "the proof is too short")
    return node


# --- canonical JSON, RFC 8785, with the integers that entry.md allows ---

def refuse_constant(word):
    raise ValueError(f"{word} is no JSON")


def members_once(pairs):
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def number_text(value):
    """As ECMAScript's Number::toString; Python's repr finds the same shortest digits."""
    sign = "-" if value < 0 else ""
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, part = mantissa.partition(".")
    part = "" if part == "0" else part
    digits = (whole + part).lstrip("0")
    point = len(whole) + int(power or 0) - (len(whole + part) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if not digits:
        return "0"
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    text = digits[0] + ("." + digits[1:] if count > 1 else "")
    return f"{sign}{text}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def canonical(value):
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(n) + ":" + canonical(value[n]) for n in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, float):
        return number_text(value)
    return json.dumps(value, ensure_ascii=False)


# --- entries, entry.md ---

DIGEST = re.compile("sha256:[0-9a-f]{64}")
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{9}Z", re.ASCII)
KINDS = ("action", "outcome", "agent", "policy", "label", "refusal", "control",
         "notice")


def text(most=ENTRY_BYTES):
    return lambda v: isinstance(v, str) and len(v.encode()) <= most


def is_digest(value):
    return isinstance(value, str) and DIGEST.fullmatch(value) is not None


def is_seq(value):
    return type(value) is int and 0 <= value < 2**53


def is_time(value):
    match = TIME.fullmatch(value) if isinstance(value, str) else None
    try:
        return match is not None and bool(datetime.datetime.fromisoformat(match[1]))
    except ValueError:
        return False


def is_signature(value):
    return isinstance(value, str) and len(unbase64(value, "an entry's signature")) == 64


def is_object(table, value):
    return (isinstance(value, dict) and value.keys() <= table.keys()
            and all(check(value[name]) if name in value else not always
                    for name, (check, always) in table.items()))


def filled_list(check):
    return lambda v: isinstance(v, list) and len(v) > 0 and all(check(item) for item in v)


def is_runs(value):
    """A letter for each rule, and how often it stands there: f40t."""
    if not isinstance(value, str) or not re.fullmatch(r"([tfe]([1-9][0-9]*)?)+", value):
        return False
    runs = re.findall(r"([tfe])([0-9]*)", value)
    return (all(count != "1" for _, count in runs)
            and all(one[0] != next_[0] for one, next_ in zip(runs, runs[1:])))


FLOOR = {"considered": (is_runs, True), "policy": (text(), True)}
OBLIGATION = {
    "approvers": (filled_list(text()), False),
    "edits": (lambda v: isinstance(v, list) and len(v) > 0, False),
    "limit": (text(), False),
    "rule": (text(), True),
    "type": (text(), True),
}
TRUST = {
    "regime": (lambda v: v == "changed", False),
    "score": (lambda v: type(v) is int and 0 <= v <= 1000, True),
    "tier": (text(128), True),
}
DECISION = {
    "allowed": (lambda v: isinstance(v, bool), True),
    "cedar": (is_runs, False),
    "considered": (is_runs, False),
    "cost": (lambda v: type(v) is int and 0 < v < 2**53, False),
    "effect": (lambda v: v in ("allow", "deny"), True),
    "errors": (filled_list(text()), False),
    "floors": (filled_list(lambda v: is_object(FLOOR, v)), False),
    "input": (is_digest, False),
    "obligations": (filled_list(lambda v: is_object(OBLIGATION, v)), False),
    "reasons": (filled_list(text()), False),
    "rule": (text(), False),
    "stage": (text(), True),
    "trust": (lambda v: is_object(TRUST, v), False),
}
LINK = {"rel": (text(), True), "seq": (is_seq, True)}
ENTRY = {
    "action": (text(128), False),
    "agent": (text(128), False),
    "args": (is_digest, False),
    "clock": (lambda v: v == "synthetic", False),
    "data": (lambda v: isinstance(v, dict), False),
    "decision": (lambda v: is_object(DECISION, v), False),
    "kind": (lambda v: v in KINDS, True),
    "links": (filled_list(lambda v: is_object(LINK, v)), False),
    "log": (text(128), True),
    "policy": (is_digest, True),
    "resource": (text(1024), False),
    "result": (is_digest, False),
    "seq": (is_seq, True),
    "session": (text(128), False),
    "signature": (is_signature, False),
    "state": (is_digest, True),
    "time": (is_time, True),
    "trace": (text(128), False),
    "v": (lambda v: type(v) is int and v == 3, True),
}


def check_decision(decision, where):
    need(decision["allowed"] == (decision["effect"] == "allow"), where, "contradicts itself")
    order = [(o["type"].encode(), o["rule"].encode()) for o in decision.get("obligations", ())]
    need(order == sorted(set(order)), where, "has obligations out of order")
    for obligation in decision.get("obligations", ()):
        need("approvers" not in obligation or obligation["type"] == "require_approval",
             where, "names approvers where none are asked")
        need(("edits" in obligation) == (obligation["type"] == "transform"),
             where, "has edits without a transform, or one without them")
        need(("limit" in obligation) == (obligation["type"] == "rate_limit"),
             where, "has a limit without a rate_limit, or one without it")


def read_entry(line, seq, origin):
    where = f"entry {seq}"
    try:
        entry = json.loads(line.decode(), object_pairs_hook=members_once,
                           parse_constant=refuse_constant)
        again = canonical(entry).encode()
    except (ValueError, RecursionError) as error:
        raise Wrong(f"{where}: {error}") from None
    need(again == line, where, "is not canonical")
    need(is_object(ENTRY, entry), where, "has other members than version 3")
    need(entry["log"] == origin, where, "is of another log")
    need(entry["seq"] == seq, where, "has the number", entry["seq"])
    need(all(link["seq"] < seq for link in entry.get("links", ())), where, "links to a later one")
    if "decision" in entry:
        check_decision(entry["decision"], where)
    return entry


def sum64(data):
    """blob.md, and log.md on sealed segments: of stored bytes, against damage."""
    h = len(data)
    for word, in struct.iter_unpack("<Q", data + bytes(-len(data) % 8)):
        h = (h ^ word) * 0xFF51AFD7ED558CCD % 2**64
        h ^= h >> 32
    return h


def unpack_segment(path):
    """The lines of a sealed segment: log.md, and zstd's seekable format."""
    data = read(path)
    magic, length, name, entries, dictionary_bytes, digest = struct.unpack_from("<II8sII32s", data)
    frames = -(-SEGMENT_ENTRIES // TILE_WIDTH)
    begin = 56 + dictionary_bytes + 8 * frames
    dictionary, table = data[56:56 + dictionary_bytes], data[-(8 * frames + 17):]
    sums = struct.unpack_from(f"<{frames}Q", data, 56 + dictionary_bytes)
    need(magic == 0x184D2A50 and length == begin - 8 and name == b"TRMSEAL2",
         path, "does not begin as a sealed segment")
    need(entries == SEGMENT_ENTRIES, path, "holds", entries, "entries")
    need(sha256(data[:24] + data[56:begin] + table) == digest, path, "has another digest")
    need(struct.unpack_from("<II", table) == (0x184D2A5E, 8 * frames + 9)
         and struct.unpack_from("<IBI", table, len(table) - 9) == (frames, 0, 0x8F92EAB1),
         path, "has no table")
    rows = [struct.unpack_from("<II", table, 8 + 8 * i) for i in range(frames)]
    need(begin + sum(row[0] for row in rows) + len(table) == len(data),
         path, "has another length than its table says")
    at = begin
    for frame, (packed, _) in enumerate(rows):
        need(sum64(data[at:at + packed]) == sums[frame], path, "frame", frame, "has another sum")
        at += packed
    need(shutil.which("zstd"), path, "is sealed, and the program zstd is not there to unpack it")
    with tempfile.NamedTemporaryFile() as file:
        file.write(dictionary)
        file.flush()
        unpacked = subprocess.run(["zstd", "-dcq", "-D", file.name, path], capture_output=True)
    need(unpacked.returncode == 0, path, "cannot be unpacked:", unpacked.stderr.decode().strip())
    at = 0
    for _, raw in rows:
        frame = unpacked.stdout[at:at + raw]
        need(frame.endswith(b"\n") and frame.count(b"\n") == TILE_WIDTH,
             path, "has a frame of other than", TILE_WIDTH, "lines")
        at += raw
    need(at == len(unpacked.stdout), path, "goes on behind its last frame")
    return unpacked.stdout


def read_segment(folder, number, names):
    """A plain segment goes before a sealed one, which sealing may have left beside it."""
    plain, sealed = f"{number:08}.jsonl", f"{number:08}.zst"
    is_sealed = plain not in names
    names -= {plain, sealed}
    path = os.path.join(folder, sealed if is_sealed else plain)
    return unpack_segment(path) if is_sealed else read(path)


def read_lines(log):
    """All whole lines, and whether something that is none follows them."""
    lines, number = [], 0
    folder = os.path.join(log, "segment")
    names = set(os.listdir(folder))
    while {f"{number:08}.jsonl", f"{number:08}.zst"} & names:
        name = f"segment {number}"
        found = read_segment(folder, number, names).split(b"\n")
        rest = found.pop()
        is_last = not names & {f"{number + 1:08}.jsonl", f"{number + 1:08}.zst"}
        if is_last and not rest.strip(b"\0"):
            rest = b""  # room that the writer made
        need(len(found) <= SEGMENT_ENTRIES, name, "holds too many entries")
        need(len(found) < SEGMENT_ENTRIES or not rest, name, "goes on behind its last entry")
        need(all(0 < len(line) <= ENTRY_BYTES for line in found), name, "has a line of no entry")
        lines += found
        number += 1
        if len(found) < SEGMENT_ENTRIES:
            return lines, bool(rest or names)
    return lines, bool(names)


def read_bundle(path, width):
    """The entries of a bundle, c2sp.org/tlog-tiles."""
    data, lines, at = read(path), [], 0
    for _ in range(width):
        need(at + 2 <= len(data), path, "ends early")
        length, = struct.unpack_from(">H", data, at)
        lines.append(data[at + 2:at + 2 + length])
        need(len(lines[-1]) == length, path, "ends early")
        at += 2 + length
    need(at == len(data), path, "goes on behind its last entry")
    return lines


def read_bundles(folder, size):
    lines = []
    for first in range(0, size, TILE_WIDTH):
        width = min(TILE_WIDTH, size - first)
        name = tile_name("entries", first // TILE_WIDTH, width)
        lines += read_bundle(os.path.join(folder, name), width)
    return lines


# --- keys, notes and checkpoints, log.md ---

def split_vkey(line):
    """The name of a log and its Ed25519 key."""
    name, _, rest = line.strip().partition("+")
    id_, _, key = rest.partition("+")
    data = unbase64(key, "the verifier key")
    need(name and len(data) == 33 and data[0] == 1, "the verifier key is of another type")
    need(sha256(name.encode() + b"\n" + data)[:4].hex() == id_, "the verifier key's id is wrong")
    return name, data[1:]


def read_vkey(line):
    """A log as far as one of its keys tells: its name, and keys with the size they sign from."""
    name, key = split_vkey(line)
    return name, [(0, key)]


def signed_by(name, key, body, signatures):
    """Did the key sign the note? One that did and does not hold spoils it."""
    id_ = sha256(name.encode() + b"\n\1" + key)[:4]
    for line in signatures[:-1].split("\n"):
        dash, signer, data = line.split(" ")
        data = unbase64(data, "a signature of the checkpoint")
        if dash == "\u2014" and signer == name and data[:4] == id_:
            need(signature_holds(key, body.encode(), data[4:]), "the checkpoint's signature fails")
            return True
    return False


def split_checkpoint(note):
    body, _, signatures = note.decode().rpartition("\n\n")
    body += "\n"
    need(signatures.endswith("\n"), "the checkpoint is no signed note")
    origin, size, root = body.split("\n")[:3]
    need(size == str(int(size)), "the checkpoint's size is", size)
    root = unbase64(root, "the checkpoint's root")
    need(len(root) == 32, "the checkpoint's root has", len(root), "bytes")
    return body, signatures, origin, int(size), root


def read_checkpoint(note, vkey):
    """Origin, size and root of a note that the key in force at its size signed."""
    name, keys = vkey
    body, signatures, origin, size, root = split_checkpoint(note)
    in_force = max(at for at, (since, _) in enumerate(keys) if since <= size)
    need(signed_by(name, keys[in_force][1], body, signatures),
         "the key that is in force there did not sign the checkpoint")
    if in_force > 0 and keys[in_force][0] == size:
        need(signed_by(name, keys[in_force - 1][1], body, signatures),
             "the key before did not sign the checkpoint that hands the log over")
    return origin, size, root


# --- rotations of the log's key, rotation.md ---

def statement(*fields):
    return b"".join(struct.pack(">I", len(field)) + field for field in fields)


def nanoseconds(time):
    seconds = datetime.datetime.fromisoformat(time[:19] + "+00:00").timestamp()
    return int(seconds) * 10**9 + int(time[20:29])


def is_rotation(entry):
    return entry["kind"] == "control" and entry.get("action") == "log.rotate_key"


def follow(vkey, entries):
    """All keys of the log that one key is of, by the rotations in its entries."""
    name, [(_, known)] = vkey
    keys = []
    for entry in filter(is_rotation, entries):
        where, data = f"entry {entry['seq']}", entry["data"]
        (old_name, old), (new_name, new) = split_vkey(data["old_key"]), split_vkey(data["new_key"])
        need(old_name == new_name == name, where, "rotates the key of another log")
        keys = keys or [(0, old)]
        need(data["sequence"] == len(keys), where, "is not the next rotation")
        need(old == keys[-1][1], where, "does not rotate the key in force")
        need(new not in [key for _, key in keys], where, "comes back to a key of before")
        signed = statement(b"trammel/log-rotation/v1", name.encode(), old, new,
                           struct.pack(">Q", data["sequence"]),
                           struct.pack(">q", nanoseconds(entry["time"])))
        for key, member in ((old, "old_signature"), (new, "new_signature")):
            need(signature_holds(key, signed, unbase64(data[member], where)),
                 where, "has a bad", member)
        keys.append((entry["seq"] + 1, new))
    need(not keys or known in [key for _, key in keys], "the log never had the given key")
    return name, keys or vkey[1]


def check_list(folder, lines, entries, size):
    """The file of rotations is what the entries say, as far as the checkpoint goes."""
    path = os.path.join(folder, "rotations")
    listed = read(path) if os.path.exists(path) else b""
    found = [line for line, entry in zip(lines[:size], entries) if is_rotation(entry)]
    need(listed.split(b"\n")[:len(found)] == found, path, "is not what the entries say")
    rest = listed.split(b"\n")[len(found):]
    need(all(json.loads(line)["seq"] >= size for line in rest if line), path, "lists too much")
    return len(found)


# --- tiles, log.md ---

def tile_name(level, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < TILE_WIDTH else "")


def check_tiles(log, leaves):
    row, level, count = leaves, 0, 0
    while row:
        for index in range(0, len(row), TILE_WIDTH):
            hashes = row[index:index + TILE_WIDTH]
            name = tile_name(level, index // TILE_WIDTH, len(hashes))
            need(read(os.path.join(log, name)) == b"".join(hashes), name, "is not of these entries")
            count += 1
        full = len(row) // TILE_WIDTH * TILE_WIDTH
        row = [tree_root(row[i:i + TILE_WIDTH]) for i in range(0, full, TILE_WIDTH)]
        level += 1
    return count


# --- bodies, blob.md ---

LEAF = re.compile(r'"(?:[^"\\]|\\.)*"|\{\}|\[\]|[^][{},:"]+')


def commit_to(text_, leaf_of):
    """The skeleton's hash; leaf_of(number, leaf) hashes a leaf. A string before ':' is a name."""
    skeleton, at, number = b"trammel/body/v1\n", 0, 0
    for leaf in LEAF.finditer(text_):
        if text_[leaf.end():leaf.end() + 1] == ":" and leaf[0][0] == '"':
            continue
        skeleton += text_[at:leaf.start()].encode() + b"#" + leaf_of(number, leaf[0].encode())
        at, number = leaf.end(), number + 1
    return sha256(skeleton + text_[at:].encode()), number


def salted_digest(content):
    def salt(number):
        made = sha256(b"\1" + content[:16] + struct.pack("<I", number // 2))
        return made[16:] if number % 2 else made[:16]
    return commit_to(content[16:].decode(), lambda i, leaf: sha256(b"\0" + salt(i) + leaf))[0]


def redacted_digest(content, where):
    """Of a body that lost values: hashes where they were, salts where they still are."""
    flags, at = content[0], 1
    need(flags <= 3, where, "has unknown flags")
    if flags & 1:
        at += 32
    if flags & 2:
        at += 4 + struct.unpack_from("<I", content, at)[0]
    count, = struct.unpack_from("<I", content, at)
    at, leaves = at + 4, []
    for _ in range(count):
        need(content[at] <= 1, where, "has a leaf that is neither there nor gone")
        width = 33 if content[at] else 17
        leaves.append(content[at:at + width])
        at += width

    def leaf_of(number, leaf):
        need(number < count, where, "has more values than salts and hashes")
        kept = leaves[number]
        need(not kept[0] or leaf == b"null", where, "shows a value that is gone")
        return kept[1:] if kept[0] else sha256(b"\0" + kept[1:] + leaf)
    digest, found = commit_to(content[at:].decode(), leaf_of)
    need(found == count, where, "has fewer values than salts and hashes")
    return digest


def body_digest(form, content, where):
    if form == 0:
        return sha256(content)
    return salted_digest(content) if form == 1 else redacted_digest(content, where)


def read_pack(path, is_open):
    """Offset of each record by digest, and how many bodies were hashed and how many are zstd."""
    data, offsets, hashed, squashed = read(path), {}, 0, 0
    if is_open and len(data) < 8:
        return offsets, 0, 0
    need(data[:8] == b"TRMPACK3", path, "is no pack")
    at = 8
    while at + 52 <= len(data):
        digest, kind, length, stored, summed = struct.unpack_from("<32s4I", data, at)
        where = f"{path} at {at}:"
        need(sha256(data[at:at + 48])[:4] == data[at + 48:at + 52], where, "the header fails")
        need(kind <= 5 and stored <= length <= BODY_BYTES, where, "a size or form is not allowed")
        body = data[at + 52:at + 52 + stored]
        if len(body) < stored:
            break
        h = sum64(body)
        need((h ^ h >> 32) % 2**32 == summed, where, "what is stored has another sum")
        if kind % 2 == 0:
            need(stored == length and body_digest(kind // 2, body, where) == digest,
                 where, "this is another body")
            hashed += 1
        else:
            squashed += 1
        offsets.setdefault(digest, at)
        at += 52 + stored
    need(is_open or at == len(data), path, "ends within a record")
    return offsets, hashed, squashed


def check_index(path, offsets):
    data = read(path)
    need(data[:8] == b"TRMPIDX1" and sha256(data[:-32]) == data[-32:], path, "is damaged")
    count, = struct.unpack_from("<I", data, 8)
    need(len(data) == 12 + 36 * count + 32, path, "has another length than its rows")
    rows = [struct.unpack_from("<32sI", data, 12 + 36 * i) for i in range(count)]
    need(rows == sorted(offsets.items()), path, "is not the index of its pack")


def check_bodies(folder):
    known, hashed, squashed = set(), 0, 0
    names = os.listdir(folder) if os.path.isdir(folder) else []
    packs = sorted((int(name[:-5]), name) for name in names if re.fullmatch(r"\d{8,}\.pack", name))
    for number, name in packs:
        is_open = number == packs[-1][0]
        index = name[:-5] + ".index"
        offsets, *counts = read_pack(os.path.join(folder, name), is_open)
        if not is_open and index in names:
            check_index(os.path.join(folder, index), offsets)
        known |= offsets.keys()
        hashed, squashed = hashed + counts[0], squashed + counts[1]
    return known, hashed, squashed


# --- all of it ---

def check_proof(path, vkey):
    """A tlog-proof file: the entry it carries is number `index` of the signed tree."""
    head, _, note = read(path).partition(b"\n\n")
    lines = head.decode().split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1", path, "is no proof")
    need(lines[1].startswith("extra ") and lines[2].startswith("index "), path, "lacks the entry")
    line = unbase64(lines[1][6:], path)
    index = int(lines[2][6:])
    hashes = [unbase64(text_, path) for text_ in lines[3:]]
    origin, size, root = read_checkpoint(note, vkey)
    read_entry(line, index, origin)
    need(root_from_proof(leaf_hash(line), index, size, hashes) == root, path, "proves nothing")
    return f"proof: entry {index} is one of the signed {size}"


def check_workspace(folder, vkey):
    log = os.path.join(folder, "log")
    lines, torn = read_lines(log)
    entries = [read_entry(line, seq, vkey[0]) for seq, line in enumerate(lines)]
    vkey[1][:] = follow(vkey, entries)[1]
    origin, size, root = read_checkpoint(read(os.path.join(log, "checkpoint")), vkey)
    need(origin == vkey[0], "the checkpoint is of", origin)
    need(len(lines) >= size, "the checkpoint signs", size, "entries,", len(lines), "are there")
    leaves = [leaf_hash(line) for line in lines[:size]]
    need(tree_root(leaves) == root, "the entries lead to another root than the signed one")
    yield f"entries: {size} signed, {len(lines) - size} behind the checkpoint"
    yield f"keys: rotated {check_list(log, lines, entries, size)} times"
    yield f"tiles: {check_tiles(log, leaves)} as they must be"
    known, hashed, squashed = check_bodies(os.path.join(folder, "blob"))
    named = {bytes.fromhex(entry[member][7:])
             for entry in entries for member in ("args", "result") if member in entry}
    yield f"bodies: {hashed} hashed, {squashed} zstd and not looked into"
    yield f"digests: {len(named & known)} have their body, {len(named - known)} do not"
    need(not torn, "the log ends in bytes that are no entry")


def check_published(folder, vkey):
    note = read(os.path.join(folder, "checkpoint"))
    lines = read_bundles(folder, split_checkpoint(note)[3])
    entries = [read_entry(line, seq, vkey[0]) for seq, line in enumerate(lines)]
    vkey[1][:] = follow(vkey, entries)[1]
    origin, size, root = read_checkpoint(note, vkey)
    need(origin == vkey[0], "the checkpoint is of", origin)
    check_list(folder, lines, entries, size)
    leaves = [leaf_hash(line) for line in lines]
    need(tree_root(leaves) == root, "the entries lead to another root than the signed one")
    yield f"published: {size} entries"
    yield f"tiles: {check_tiles(folder, leaves)} as they must be"


def main(words):
    key_at, proofs, folder, check = None, [], None, check_workspace
    while words:
        word = words.pop(0)
        if word == "--vkey" and words:
            key_at = words.pop(0)
        elif word == "--proof" and words:
            proofs.append(words.pop(0))
        elif word == "--published":
            check = check_published
        elif folder is None and not word.startswith("-"):
            folder = word
        else:
            folder = None
            break
    if folder is None or (check is check_published and key_at is None):
        print("usage: verify.py WORKSPACE [--vkey KEY] [--proof FILE]...\n"
              "       verify.py --published FOLDER --vkey KEY [--proof FILE]...", file=sys.stderr)
        return 2
    try:
        vkey = read_vkey(read(key_at or os.path.join(folder, "keys", "log.vkey")).decode())
        for line in check(folder, vkey):
            print(line)
        for proof in proofs:
            print(check_proof(proof, vkey))
    except (Wrong, OSError, ValueError, IndexError, struct.error) as error:
        print(f"verify.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
