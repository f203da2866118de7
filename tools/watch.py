#!/usr/bin/env python3
"""Watch an election while it goes on, without trusting the portal:

    python3 tools/watch.py https://HOST/annual/2027/proofs/ --keep watch-2027.json            look once (for cron)
    python3 tools/watch.py https://HOST/annual/2027/proofs/ --keep watch-2027.json --every 300  look every five minutes

Begin before voting opens and keep the file: what it has seen once may never be different later. Each time it checks
that

  * every head seen before is still there, word for word, and the new ones follow: number, time, size, chain of SHA-256;
  * each tree begins with the one before it (the consistency proofs of RFC 6962), so nothing was changed, taken out,
    put in between or moved;
  * the published commitments give exactly the root of each head;
  * no online ballot enters after the closing head, which comes within 15 minutes of the close; no paper ballot beyond
    the number of people who had been given one by then;
  * the rules and what was published of the secret stay as they were;
  * heads are signed. Python's standard library has no Ed25519: the signatures are checked where the package
    "cryptography" is installed, and otherwise the tool says that it did not.

A folder with copies of the files does as well as an address. Exit status: 0 all holds, 1 something does not, 2 nothing
could be read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

GRACE = timedelta(minutes=15)
SKEW = timedelta(minutes=5)
FIXED_RULES = (
    "edition", "rule", "candidates", "choose_min", "choose_max", "winners", "opens", "closes", "tie_commitment",
    "public_key",
)  # fmt: skip
COUNTED = ("seq", "at", "size", "online", "paper", "stubs")


class Unreadable(Exception):
    """The files could not be fetched or are not what they should be."""


# --- reading ------------------------------------------------------------------------------------------------------


def fetch(base: str, name: str) -> str:
    """The text of one published file, from an address or a folder."""
    try:
        if base.startswith(("http://", "https://")):
            with urllib.request.urlopen(base.rstrip("/") + "/" + name, timeout=60) as answer:  # noqa: S310
                return answer.read().decode()
        return (Path(base) / name).read_text(encoding="utf-8")
    except (OSError, urllib.error.URLError, UnicodeDecodeError) as error:
        raise Unreadable(f"{name}: {error}") from error


def look(base: str) -> tuple[dict, list[dict], list[bytes]]:
    """Rules, head lines and commitments as they are published now. Heads first: the tree may grow meanwhile."""
    try:
        rules = json.loads(fetch(base, "rules.json"))
        lines = [json.loads(line) for line in fetch(base, "heads.jsonl").splitlines()]
        leaves = [bytes.fromhex(line) for line in fetch(base, "leaves.txt").split()]
        [line["head"]["root"] for line in lines]
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"not what it should be: {error!r}") from error
    return rules, lines, leaves


def canonical(fields: dict) -> str:
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(head: dict) -> str:
    return hashlib.sha256(canonical(head).encode()).hexdigest()


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)  # noqa: UP017


# --- the tree of RFC 6962 -----------------------------------------------------------------------------------------


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def prefix_roots(leaves: Iterable[bytes], sizes: Iterable[int]) -> dict[int, str]:
    """The root over the first n commitments, for each n of ``sizes``, in one pass over the list."""
    wanted, roots, stack = set(sizes), {0: hashlib.sha256(b"").hexdigest()}, []
    for size, leaf in enumerate(leaves, start=1):
        stack.append((1, hashlib.sha256(b"\x00" + leaf).digest()))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            (width, right), (_same, left) = stack.pop(), stack.pop()
            stack.append((2 * width, node(left, right)))
        if size in wanted:
            root = stack[-1][1]
            for _width, left in reversed(stack[:-1]):
                root = node(left, root)
            roots[size] = root.hex()
    return roots


def is_consistent(first: int, first_root: str, second: int, second_root: str, proof: list[str]) -> bool:
    """RFC 9162, section 2.1.4.2: whether the second tree begins with the first."""
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof
    if first > second or not proof:
        return False
    path = [bytes.fromhex(step) for step in proof]
    if first & (first - 1) == 0:
        path.insert(0, bytes.fromhex(first_root))
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(step, fr), node(step, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr.hex() == first_root and sr.hex() == second_root


# --- what must hold -----------------------------------------------------------------------------------------------


def faults(rules: dict, lines: list[dict], leaves: list[bytes], kept: dict | None, now: datetime) -> Iterator[str]:
    """Every fault of what is published, against itself and against what was kept; in words."""
    heads = [line["head"] for line in lines]
    yield from memory_faults(rules, heads, leaves, kept)
    yield from growth_faults(rules, lines)
    yield from tree_faults(heads, leaves)
    yield from clock_faults(rules, heads, now)


def memory_faults(rules: dict, heads: list[dict], leaves: list[bytes], kept: dict | None) -> Iterator[str]:
    """What was seen once must still be there."""
    if not kept:
        return
    for name in FIXED_RULES:
        if rules.get(name) != kept["rules"].get(name):
            yield f"rules: {name} is not what it was"
    now = [digest(head) for head in heads]
    if len(now) < len(kept["heads"]):
        yield f"{len(kept['heads'])} heads were published once, now there are {len(now)}"
    for place, (before, after) in enumerate(zip(kept["heads"], now), start=1):  # noqa: B905
        if before != after:
            yield f"head {place} is not what it was"
    size = kept["size"]
    if len(leaves) < size:
        yield f"{size} commitments were published once, now there are {len(leaves)}"
    elif prefix_roots(leaves[:size], [size])[size] != kept["root"]:
        yield f"the first {size} commitments are not what they were"


def growth_faults(rules: dict, lines: list[dict]) -> Iterator[str]:
    """Heads follow one another and only grow; each proves that it holds all that was there before."""
    before: dict = {"seq": 0, "at": "", "size": 0, "online": 0, "paper": 0, "stubs": 0}
    previous, root = "0" * 64, hashlib.sha256(b"").hexdigest()
    for line in lines:
        head, name = line["head"], f"head {line['head']['seq']}"
        if head["seq"] != before["seq"] + 1 or head["previous"] != previous or head["edition"] != rules["edition"]:
            yield f"{name} does not follow the one before"
        if any(head[field] < before[field] for field in COUNTED):
            yield f"{name} holds less than the one before"
        if head["online"] + head["paper"] != head["size"] or head["paper"] > head["stubs"]:
            yield f"{name}: its numbers cannot be right"
        if not is_consistent(before["size"], root, head["size"], head["root"], line["consistency"]):
            yield f"{name} does not contain the tree before it"
        before, previous, root = head, digest(head), head["root"]


def tree_faults(heads: list[dict], leaves: list[bytes]) -> Iterator[str]:
    """The commitments that are published are those the heads speak of."""
    roots = prefix_roots(leaves, [head["size"] for head in heads])
    for head in heads:
        if roots.get(head["size"]) != head["root"]:
            yield f"head {head['seq']}: the published commitments do not give its root"
    if heads and heads[-1]["state"] == "final" and len(leaves) > heads[-1]["size"]:
        yield "more commitments are published than the final head holds"
    if len(set(leaves)) != len(leaves):
        yield "a commitment is published twice"


def clock_faults(rules: dict, heads: list[dict], now: datetime) -> Iterator[str]:
    """Nothing online after the closing head, nothing at all after the final one."""
    closes, closing = moment(rules["closes"]), None
    for place, head in enumerate(heads):
        at, name = moment(head["at"]), f"head {head['seq']}"
        if at > now + SKEW:
            yield f"{name} comes from the future"
        if head["state"] == "open" and at >= closes:
            yield f"{name}: voting goes on after the close"
        if head["state"] != "open" and closing is None:
            closing = head
            if not closes <= at <= closes + GRACE:
                yield f"{name} closes at the wrong time"
        elif closing and (head["online"], head["stubs"]) != (closing["online"], closing["stubs"]):
            yield f"{name}: votes came in after the close"
        if closing and head["state"] == "open":
            yield f"{name}: voting was opened again"
        if head["state"] == "final" and place + 1 < len(heads):
            yield f"{name} was final, and others follow"
    if closing is None and now > closes + GRACE:
        yield "the closing head is missing"


def signature_faults(rules: dict, lines: list[dict]) -> list[str] | None:
    """Signatures, or None where they cannot be checked here."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None
    key, found = Ed25519PublicKey.from_public_bytes(bytes.fromhex(rules["public_key"])), []
    for line in lines:
        try:
            key.verify(bytes.fromhex(line["signature"]), canonical(line["head"]).encode())
        except (InvalidSignature, ValueError):
            found.append(f"head {line['head']['seq']}: the signature is wrong")
    return found


# --- looking ------------------------------------------------------------------------------------------------------


def recall(path: Path | None) -> dict | None:
    return json.loads(path.read_text(encoding="utf-8")) if path and path.exists() else None


def remember(path: Path, rules: dict, lines: list[dict]) -> None:
    last = lines[-1]["head"] if lines else {"size": 0, "root": hashlib.sha256(b"").hexdigest()}
    heads = [digest(line["head"]) for line in lines]
    content = {"rules": rules, "heads": heads, "size": last["size"], "root": last["root"]}
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    draft.replace(path)


def once(base: str, keep: Path | None, now: datetime | None = None) -> list[str]:
    """Look once; return the faults. What is faulty is not kept: the good memory stays."""
    now = now or datetime.now(timezone.utc)  # noqa: UP017
    rules, lines, leaves = look(base)
    try:
        signed = signature_faults(rules, lines)
        found = [*faults(rules, lines, leaves, recall(keep), now), *(signed or [])]
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # who cheats may also publish nonsense
        signed, found = [], [f"the files are not what they should be: {error!r}"]
    if keep and not found:
        remember(keep, rules, lines)
    last = {"size": 0, "root": "nothing yet", **(lines[-1]["head"] if lines else {})}
    for fault in found:
        print(f"FAULT  {fault}")
    unsigned = "" if signed is not None else "; signatures not checked: install the package cryptography"
    print(f"{now:%Y-%m-%d %H:%M:%S} UTC  {len(lines)} heads, {last['size']} ballots, root {last['root']}{unsigned}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="the address of /annual/<year>/proofs/, or a folder")
    parser.add_argument("--keep", type=Path, help="the file in which to remember what was seen")
    parser.add_argument("--every", type=int, metavar="SECONDS", help="go on looking")
    options = parser.parse_args()
    worst = 0
    while True:
        try:
            worst = max(worst, 1 if once(options.base, options.keep) else 0)
        except Unreadable as error:
            print(f"cannot read {error}")
            worst = worst or 2
        if not options.every:
            return worst
        sys.stdout.flush()
        time.sleep(options.every)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
