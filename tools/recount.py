#!/usr/bin/env python3
"""Count an election again without trusting the portal: python3 tools/recount.py FOLDER, or the four files.

Reads what /annual/<year>/proofs/ publishes after the close:

    rules.json    candidates, how many may be chosen, how many win, the secret of the draw and its commitment
    ballots.csv   every ballot: a random number and the candidates chosen
    leaves.txt    every commitment, in the order in which they entered the tree
    heads.jsonl   the heads that were published while voting went on

It checks that the four agree, counts, applies the rule for ties, and prints result.json: the same bytes that the portal
published. What does not agree is written to the error output, and the exit status is then 1.

    python3 tools/recount.py proofs/ > mine.json && cmp mine.json proofs/result.json

Standard library only. Signatures of the heads are checked by tools/watch.py.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

NAMES = ("rules.json", "ballots.csv", "leaves.txt", "heads.jsonl")


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def prefix_roots(entries: Iterable[bytes], sizes: Iterable[int]) -> dict[int, str]:
    """The root over the first n entries, for each n of ``sizes``, in one pass over the list.

    RFC 6962: leaves SHA-256(00 ‖ entry), nodes SHA-256(01 ‖ left ‖ right).
    """
    wanted, roots, stack = set(sizes), {0: sha256(b"").hex()}, []
    for size, entry in enumerate(entries, start=1):
        stack.append((1, sha256(b"\x00" + entry)))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            (width, right), (_same, left) = stack.pop(), stack.pop()
            stack.append((2 * width, node(left, right)))
        if size in wanted:
            root = stack[-1][1]
            for _width, left in reversed(stack[:-1]):
                root = node(left, root)
            roots[size] = root.hex()
    return roots


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def read(paths: list[Path]) -> tuple[dict, list[tuple[str, list[int]]], list[str], list[dict]]:
    """The four files by name, from a folder or one by one."""
    if len(paths) == 1 and paths[0].is_dir():
        paths = [paths[0] / name for name in NAMES]
    found = {path.name: path for path in paths}
    missing = [name for name in NAMES if name not in found]
    if missing:
        sys.exit(f"missing: {', '.join(missing)}\n\n{__doc__}")
    rules = json.loads(found["rules.json"].read_text(encoding="utf-8"))
    with found["ballots.csv"].open(encoding="utf-8", newline="") as file:
        ballots = [(row["id"], [int(number) for number in row["choices"].split()]) for row in csv.DictReader(file)]
    leaves = found["leaves.txt"].read_text(encoding="ascii").split()
    heads = [json.loads(line)["head"] for line in found["heads.jsonl"].read_text(encoding="utf-8").splitlines()]
    return rules, ballots, leaves, heads


def faults(rules: dict, ballots: list[tuple[str, list[int]]], leaves: list[str], heads: list[dict]) -> Iterator[str]:
    """Every disagreement, in words."""
    known = {candidate["number"] for candidate in rules["candidates"]}
    ids = [ballot_id for ballot_id, _choices in ballots]
    if len(set(ids)) != len(ids):
        yield "the same ballot stands there twice"
    for ballot_id, choices in ballots:
        if choices != sorted(set(choices)) or not set(choices) <= known:
            yield f"ballot {ballot_id}: its choices are not different candidates in order"
        if not rules["choose_min"] <= len(choices) <= rules["choose_max"]:
            yield f"ballot {ballot_id}: {len(choices)} choices"
    if hashlib.sha256(rules["tie_secret"].encode()).hexdigest() != rules["tie_commitment"]:
        yield "the secret is not the one that was committed to before voting"
    if len(set(leaves)) != len(leaves):
        yield "the same commitment stands in the tree twice"
    if len(leaves) != len(ballots):
        yield f"{len(ballots)} ballots, but {len(leaves)} commitments"
    yield from head_faults(rules, leaves, heads)


def head_faults(rules: dict, leaves: list[str], heads: list[dict]) -> Iterator[str]:
    """Every head must be the root over the first leaves, and the last one over all of them."""
    entries = [bytes.fromhex(leaf) for leaf in leaves]
    roots = prefix_roots(entries, [head["size"] for head in heads])
    size, previous = 0, "0" * 64
    for place, head in enumerate(heads, start=1):
        if head["seq"] != place or head["edition"] != rules["edition"] or head["previous"] != previous:
            yield f"head {head['seq']}: it does not follow the one before"
        if not size <= head["size"] <= len(entries) or head["online"] + head["paper"] != head["size"]:
            yield f"head {head['seq']}: its sizes cannot be right"
        elif roots[head["size"]] != head["root"]:
            yield f"head {head['seq']}: its root is not that of the first {head['size']} commitments"
        text = json.dumps(head, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        size, previous = head["size"], hashlib.sha256(text.encode()).hexdigest()
    if not heads or heads[-1]["state"] != "final" or size != len(entries):
        yield "the last head is not the final one over all commitments"


def share(part: int, whole: int) -> int:
    """In hundredths of a percent, half rounded up."""
    return (part * 20000 + whole) // (2 * whole) if whole else 0


def result(rules: dict, ballots: list[tuple[str, list[int]]], root: str) -> dict:
    """Votes, most first; equal votes by SHA-256("<secret>:<root>:<number>"), smallest first."""
    votes = {candidate["number"]: 0 for candidate in rules["candidates"]}
    for _ballot_id, choices in ballots:
        for number in choices:
            votes[number] += 1

    def lot(number: int) -> str:
        return hashlib.sha256(f"{rules['tie_secret']}:{root}:{number}".encode()).hexdigest()

    order = sorted(votes, key=lambda number: (-votes[number], lot(number)))
    winners = order[: rules["winners"]]
    losers = order[rules["winners"] :]
    tied = {votes[winners[-1]]} & {votes[number] for number in losers} if winners else set()
    titles = {candidate["number"]: candidate["title"] for candidate in rules["candidates"]}
    lines = [
        {
            "number": number,
            "title": titles[number],
            "votes": votes[number],
            "share": share(votes[number], len(ballots)),
            "rank": 1 + sum(1 for other in votes.values() if other > votes[number]),
            "won": number in winners,
            "drawn": votes[number] in tied,
        }
        for number in order
    ]
    return {
        "edition": rules["edition"],
        "rule": rules["rule"],
        "ballots": len(ballots),
        "root": root,
        "tie_secret": rules["tie_secret"],
        "winners": winners,
        "candidates": lines,
    }


def main(paths: list[Path]) -> int:
    rules, ballots, leaves, heads = read(paths)
    if "tie_secret" not in rules:
        sys.exit("the secret is not published yet: counting begins after the close")
    found = list(faults(rules, ballots, leaves, heads))
    for fault in found:
        print(fault, file=sys.stderr)
    if not set().union(*(choices for _id, choices in ballots)) <= {c["number"] for c in rules["candidates"]}:
        return 1
    counted = result(rules, ballots, heads[-1]["root"] if heads else "")
    sys.stdout.buffer.write((json.dumps(counted, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode())
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
