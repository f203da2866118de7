#!/usr/bin/env python3
"""Check one's own receipt without the portal: python3 tools/check_receipt.py my-vote-2027.json FOLDER

``my-vote-2027.json`` is the file one saved after voting (it opens the receipt: keep it to yourself). FOLDER holds the
published leaves.txt and heads.jsonl and, once the result is out, ballots.csv. Checked is that

  * the receipt code is SHA-256 of "<id>:<choices>:<nonce>", so it stands for these choices and no others;
  * the code is among the published commitments, and their root is that of the newest head;
  * the ballot with this id was counted with these choices, once ballots.csv is there.

Nothing is sent anywhere. Standard library only. Exit status 0 when everything holds, 1 when not.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path


def merkle_root(entries: Iterable[bytes]) -> str:
    """RFC 6962: leaves SHA-256(00 ‖ entry), nodes SHA-256(01 ‖ left ‖ right)."""
    level = [hashlib.sha256(b"\x00" + entry).digest() for entry in entries]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2])]  # noqa: B905
        level = pairs + level[-1:] if len(level) % 2 else pairs
    return level[0].hex() if level else hashlib.sha256(b"").hexdigest()


def faults(mine: dict, folder: Path) -> Iterator[str]:
    """What does not hold, in words."""
    choices = " ".join(str(number) for number in sorted(mine["choices"]))
    if hashlib.sha256(f"{mine['id']}:{choices}:{mine['nonce']}".encode()).hexdigest() != mine["code"]:
        yield "the code does not stand for these choices"
    leaves = (folder / "leaves.txt").read_text(encoding="ascii").split()
    heads = [json.loads(line)["head"] for line in (folder / "heads.jsonl").read_text(encoding="utf-8").splitlines()]
    size = heads[-1]["size"] if heads else 0
    if mine["code"] not in leaves[:size]:
        yield "the code is not in the record (after voting it takes some ten minutes, and twenty people)"
    if heads and merkle_root(bytes.fromhex(leaf) for leaf in leaves[:size]) != heads[-1]["root"]:
        yield "the commitments do not give the root of the newest head"
    if (folder / "ballots.csv").exists():
        with (folder / "ballots.csv").open(encoding="utf-8", newline="") as file:
            counted = {row["id"]: row["choices"] for row in csv.DictReader(file)}
        if counted.get(mine["id"]) != choices:
            yield "the ballot was not counted with these choices"


def main(receipt: Path, folder: Path) -> int:
    found = list(faults(json.loads(receipt.read_text(encoding="utf-8")), folder))
    for fault in found:
        print(fault)
    counted = " and counted" if (folder / "ballots.csv").exists() else ""
    if not found:
        print(f"Your vote is recorded as you gave it{counted}.")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
