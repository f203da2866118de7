#!/usr/bin/env python3
"""Check the audit ledger without trusting the portal: python3 tools/verify_audit.py audit.jsonl heads.csv

The ledger is one line of JSON an entry. Each line is chained to the one before: sha256(previous hash, newline, line),
beginning from 64 zeros. Every head that was published on its day must appear in the chain at its place.
Standard library only. Exit status 0 when everything holds, 1 when not.
"""

import csv
import hashlib
import sys


def main(ledger: str, heads: str) -> int:
    digest, digests = "0" * 64, {}
    with open(ledger, encoding="utf-8") as file:
        for seq, line in enumerate(file, start=1):
            digest = hashlib.sha256(f"{digest}\n{line.rstrip(chr(10))}".encode()).hexdigest()
            digests[seq] = digest
    faults = 0
    with open(heads, encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if digests.get(int(row["seq"])) != row["hash"]:
                faults += 1
                print(f"{row['date']}: the published head {row['seq']} is not in this ledger")
    print(f"{len(digests)} entries, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
