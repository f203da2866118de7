#!/usr/bin/env python3
"""Work out appraisals again without trusting the portal: reappraise.py inputs.jsonl [results.csv [SHA256]]

inputs.jsonl has a first line about the scheme and then a line for each who was appraised: the figures of the polls and
the counts of cases. In one's own part the lines of all others are hashes only. The rules, each rounded half to even:

    a poll      its points of 100, if the number of answers and the other floors that the line names are reached, over
                at most four polls where the line names several
    cases       100 × good / cases, or for the first reply 100 within a day and 0 after 21 days in a straight line
                between, by the mean number of seconds; on at least as many cases as the line's floor says
    points      score × weight / 10000, two places; the total is their sum, and there is none where a part is missing
    the public  weighs at least 5100 of 10000; what it really decides is Cov(public points, total) / Var(total)

Without results.csv the results are printed; with it both must be the same bytes. SHA256 is the hash of the run as it
stands on the page and in the audit ledger. Standard library only. Exit status 0 when everything agrees, 1 when not.
"""

from __future__ import annotations

import hashlib
import json
import sys
from fractions import Fraction
from pathlib import Path

PUBLIC = {f"{kind}{name}" for kind in ("", "contact_")
          for name in ("visibility", "attitude", "familiarity", "satisfaction", "safety")}  # fmt: skip


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def written(cents: int, places: int = 2) -> str:
    """A whole number of hundredths (or smaller) as a decimal."""
    sign, digits = "-" if cents < 0 else "", str(abs(cents)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def reached(facts: dict) -> bool:
    return len(facts.get("waves", [])) <= 4 and all(
        Fraction(facts[name] or 0) >= Fraction(str(least)) for name, least in facts["floor"].items()
    )


def score(facts: dict) -> int | None:
    """The score in hundredths; None below the floors."""
    if not reached(facts):
        return None
    if facts["from"] == "poll":
        return round(Fraction(facts["points"]) * 100)
    if facts["measure"] == "first_reply":
        days = Fraction(facts["seconds"], facts["cases"] * 86_400)
        return round(min(max(100 * (21 - days) / 20, Fraction(0)), Fraction(100)) * 100)
    return round(Fraction(facts["good"] * 100, facts["cases"]) * 100)


def appraise(parts: list[dict], line: dict) -> tuple[list[str], int | None, int]:
    """The lines of the result, the total and the public's points, in hundredths."""
    rows, points = [], {}
    for part in parts:
        facts = line["inputs"].get(part["key"])
        worth = score(facts) if facts else None
        if worth is not None:
            points[part["key"]] = round(Fraction(worth * part["weight"], 10_000))
            rows.append(f"{part['key']},{written(worth)},{written(points[part['key']])}")
    total = sum(points.values()) if len(points) == len(parts) else None
    return rows, total, sum(points.get(part["key"], 0) for part in parts if part["public"])


def effective(pairs: list[tuple[int, int]]) -> str:
    """Cov(public, total) / Var(total) with four places; empty when nobody differs."""
    n, public, whole = len(pairs), sum(p for p, _t in pairs), sum(t for _p, t in pairs)
    variance = n * sum(t * t for _p, t in pairs) - whole * whole
    if variance == 0:
        return ""
    together = n * sum(p * t for p, t in pairs) - public * whole
    return written(max(-999_999, min(999_999, round(Fraction(together, variance) * 10_000))), 4)


def results(text: str) -> tuple[bytes, str]:
    """The results as the portal writes them, and the hash of the run. Raises: ValueError, KeyError."""
    header, *lines = text.rstrip("\n").split("\n")
    parts = json.loads(header)["components"]
    if sum(p["weight"] for p in parts) != 10_000 or sum(p["weight"] for p in parts if p["public"]) < 5_100:
        raise ValueError("the public weighs less than 5100 of 10000")
    if any(part["public"] and part["key"] not in PUBLIC for part in parts):
        raise ValueError("what is called the public's comes from no poll")
    hashes, told = [], []
    for line in lines:
        content = json.loads(line)
        hidden = set(content) == {"sha256"}
        hashes.append(content["sha256"] if hidden else sha256(line))
        told += [] if hidden else [(content["subject"], content["unit"], *appraise(parts, content))]
    digest = sha256("\n".join([sha256(header), *sorted(hashes)]))
    out = ["subject,unit,component,score,points"]
    for subject, unit, rows, total, _public in sorted(told, key=lambda row: row[:2]):
        out += [f"{subject},{unit},{row}" for row in rows]
        out.append(f"{subject},{unit},total,,{'' if total is None else written(total)}")
    if len(told) == len(lines):
        pairs = [(public, total) for *_who, total, public in told if total is not None]
        out.append(f",,effective_public,,{effective(pairs)}")
    out.append(f",,inputs_sha256,,{digest}")
    return ("\r\n".join(out) + "\r\n").encode(), digest


def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 3:
        sys.exit(__doc__)
    try:
        mine, digest = results(Path(arguments[0]).read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError) as error:
        print(f"DIFFERS: the inputs cannot be worked out: {error}")
        return 1
    if len(arguments) == 1:
        sys.stdout.buffer.write(mine)
        return 0
    same = Path(arguments[1]).read_bytes() == mine and arguments[2:] in ([], [digest])
    print(f"{'AGREES' if same else 'DIFFERS'}: inputs {digest}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
