"""The two files of a run of appraisals, as bytes: what they were worked out from, and what came out (P8).

``inputs.jsonl`` has a first line about the scheme and one line for each who was appraised, in canonical JSON. Every
line has a hash; the hash of the run is taken over these, so a file in which the lines of others are only hashes still
proves that one's own line is part of the run. Each line carries a random salt: nobody guesses a line from its hash.

Standard library only. ``tools/reappraise.py`` does the same without reading this.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

HEAD = "subject,unit,component,score,points"


def canonical(value: Mapping[str, Any]) -> str:
    """JSON with sorted keys, without spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def line_hash(line: str) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(line.encode()).hexdigest()


def run_hash(header: str, hashes: Iterable[str]) -> str:
    """The hash of a run: over the hash of its first line and those of all others, sorted."""
    return line_hash("\n".join([line_hash(header), *sorted(hashes)]))


def inputs_file(header: str, lines: Iterable[str], hidden: Iterable[str] = ()) -> bytes:
    """The lines in the order of their hashes; of the ``hidden`` the hash alone."""
    told = {line_hash(line): line for line in lines} | {digest: canonical({"sha256": digest}) for digest in hidden}
    return ("\n".join([header, *(told[digest] for digest in sorted(told))]) + "\n").encode()


@dataclass(frozen=True)
class Outcome:
    """What came out for one: (component, score, points) in the order of the scheme, and the total, if there is one."""

    subject: str
    unit: str
    lines: Sequence[tuple[str, Decimal, Decimal]]
    total: Decimal | None


def results_file(outcomes: Iterable[Outcome], inputs_sha256: str, effective: Decimal | None, *, whole: bool) -> bytes:
    """One line a component, then the total (empty: none); at the end of a whole run what the public really decides."""
    rows = [HEAD]
    for one in sorted(outcomes, key=lambda one: (one.subject, one.unit)):
        rows += [f"{one.subject},{one.unit},{key},{score},{points}" for key, score, points in one.lines]
        rows.append(f"{one.subject},{one.unit},total,,{'' if one.total is None else one.total}")
    if whole:
        rows.append(f",,effective_public,,{'' if effective is None else effective}")
    rows.append(f",,inputs_sha256,,{inputs_sha256}")
    return ("\r\n".join(rows) + "\r\n").encode()
