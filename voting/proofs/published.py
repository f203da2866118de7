"""The published texts, byte by byte: commitments, signed heads, rules and result. Pure.

``docs/voting.md`` describes the files for a reader; ``tools/recount.py`` and ``tools/watch.py`` read them alone.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from voting import marks, tally

GENESIS = "0" * 64


def commit(ballot_id: str, choices: Iterable[int], nonce: str) -> str:
    """The commitment to a ballot: SHA-256 of ``<id>:<choices>:<nonce>``; receipt code and entry of the tree."""
    return sha256(f"{ballot_id}:{marks.line(choices)}:{nonce}".encode()).hexdigest()


def canonical(fields: Mapping[str, Any]) -> str:
    """The one way to write an object that is hashed or signed: JSON, sorted keys, no spaces."""
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def moment(at: datetime) -> str:
    """A time in UTC to the second: 2027-03-01T08:00:00Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class HeadText:
    """What a head says: how many ballots the tree holds, and its root. ``state``: open, counting, final."""

    edition: int
    seq: int
    at: str
    size: int
    online: int
    paper: int
    stubs: int  # people who have been given a paper ballot
    root: str
    previous: str  # the digest of the head before
    state: str

    @property
    def text(self) -> str:
        """What is signed."""
        return canonical(asdict(self))

    @property
    def digest(self) -> str:
        """What the next head names as ``previous``."""
        return sha256(self.text.encode()).hexdigest()


def head_line(head: HeadText, signature: str, consistency: Sequence[str]) -> str:
    """One line of ``heads.jsonl``: the head, its signature, and the proof that its tree begins with the one before."""
    return canonical({"head": asdict(head), "signature": signature, "consistency": list(consistency)})


def ballot_lines(ballots: Iterable[tuple[str, int]]) -> Iterable[str]:
    """The lines of ``ballots.csv`` from (id, marks), which come in the order of the random ids."""
    yield "id,choices"
    for ballot_id, chosen in ballots:
        yield f"{ballot_id},{marks.line(marks.unpack(chosen))}"


def result_text(rules: Mapping[str, Any], *, votes: Mapping[int, int], ballots: int, secret: str, root: str) -> str:
    """``result.json``: the same bytes for the same ballots, rules, secret and root, whoever counts."""
    lines = tally.rank(votes, ballots=ballots, winners=rules["winners"], secret=secret, root=root)
    titles = {candidate["number"]: candidate["title"] for candidate in rules["candidates"]}
    result = {
        "edition": rules["edition"],
        "rule": rules["rule"],
        "ballots": ballots,
        "root": root,
        "tie_secret": secret,
        "winners": [line.number for line in lines if line.won],
        "candidates": [{"title": titles[line.number], **asdict(line)} for line in lines],
    }
    return json.dumps(result, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
