#!/usr/bin/env python3
"""Check the audit ledger without trusting the portal.

    python3 tools/verify_audit.py audit.jsonl heads.csv [older-heads.csv ...]
    python3 tools/verify_audit.py --heads older-heads.csv heads.csv

The ledger is one line of JSON an entry. Each line is chained to the one before: sha256(previous hash, newline, line),
beginning from 64 zeros. Every head that was published on its day must appear in the chain at its place.
Without the ledger, two lists of heads fetched on different days show too whether it was cut or written anew: the head
of a day that was over is the same in both, and a day that went on has grown.
Standard library only. Exit status 0 when everything holds, 1 when not.
"""

import csv
import hashlib
import sys

Head = tuple[str, int, str]  # the day, the number of its last entry, and the hash up to there


def read(path: str) -> list[Head]:
    """The heads of one list, in order."""
    with open(path, encoding="utf-8-sig") as file:
        return [(row["date"], int(row["seq"]), row["hash"]) for row in csv.DictReader(file)]


def chain(ledger: str) -> dict[int, str]:
    """The hash after every entry, by its number."""
    digest, digests = "0" * 64, {}
    with open(ledger, encoding="utf-8") as file:
        for seq, line in enumerate(file, start=1):
            digest = hashlib.sha256(f"{digest}\n{line.rstrip(chr(10))}".encode()).hexdigest()
            digests[seq] = digest
    return digests


def against_ledger(ledger: str, *heads: str) -> int:
    """Whether every head of every list is in the ledger."""
    digests = chain(ledger)
    missing = [(day, seq) for path in heads for day, seq, digest in read(path) if digests.get(seq) != digest]
    for day, seq in missing:
        print(f"{day}: the published head {seq} is not in this ledger")
    print(f"{len(digests)} entries, {len(missing)} faults")
    return 1 if missing else 0


def against_heads(older: str, newer: str) -> int:
    """Whether the newer list goes on where the older one, fetched before, had stopped."""
    before, now = read(older), {day: (seq, digest) for day, seq, digest in read(newer)}
    faults = 0
    for number, (day, seq, digest) in enumerate(before, start=1):
        found, its_hash = now.get(day, (0, ""))
        may_have_grown = number == len(before)  # the day on which the older list was fetched
        if (found, its_hash) != (seq, digest) and not (may_have_grown and found > seq):
            faults += 1
            print(f"{day}: the head was {seq} {digest[:12]}, and is now {found or 'gone'} {its_hash[:12]}".rstrip())
    print(f"{len(before)} heads, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--heads":
        sys.exit(against_heads(*sys.argv[2:]))
    if len(sys.argv) < 3 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    sys.exit(against_ledger(*sys.argv[1:]))
