"""A small election as it would be published, made from the pure parts alone: honest, or by an operator who is not."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from voting import marks, tally
from voting.proofs import published
from voting.proofs.merkle import Tree, leaf_hash
from voting.proofs.published import HeadText

OPENS = datetime(2027, 3, 1, tzinfo=UTC)
CLOSES = datetime(2027, 3, 8, tzinfo=UTC)
SECRET = "5eed" * 16


class Publication:
    """The files of an election with ``batches`` of online ballots and, at the end, some on paper."""

    def __init__(self, batches=(20, 25, 30, 21), paper=12, chance=1) -> None:
        self.chance = random.Random(chance)
        self.key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        self.rules = self._rules()
        self.ballots = [self._ballot() for _ in range(sum(batches) + paper)]
        self.commitments = [published.commit(*ballot) for ballot in self.ballots]
        self.heads: list[tuple[HeadText, str, list[str]]] = []
        for number, batch in enumerate(batches[:-1]):
            self.publish(batch, at=OPENS + timedelta(hours=number + 1), stubs=number * 5)
        self.publish(batches[-1], at=CLOSES + timedelta(seconds=30), stubs=paper, state="counting")
        self.publish(0, paper=paper, at=CLOSES + timedelta(days=1), stubs=paper, state="final")

    def _rules(self) -> dict:
        return {
            "edition": 2027,
            "rule": tally.RULE,
            "candidates": [{"number": n, "slug": f"c{n}", "title": f"候选{n}"} for n in range(1, 13)],
            "choose_min": 3,
            "choose_max": 3,
            "winners": 4,
            "opens": published.moment(OPENS),
            "closes": published.moment(CLOSES),
            "tie_commitment": tally.commitment(SECRET),
            "tie_secret": SECRET,
            "public_key": self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex(),
        }

    def _ballot(self) -> tuple[str, tuple[int, ...], str]:
        chosen = tuple(sorted(self.chance.sample(range(1, 13), 3)))
        ballot_id = str(UUID(int=self.chance.getrandbits(128), version=4))
        return ballot_id, chosen, f"{self.chance.getrandbits(256):064x}"

    def tree(self, size=None) -> Tree:
        return Tree([leaf_hash(bytes.fromhex(leaf)) for leaf in self.commitments[:size]])

    def publish(self, online, *, at, stubs, paper=0, state="open") -> None:
        last = self.heads[-1][0] if self.heads else None
        size = (last.size if last else 0) + online + paper
        head = HeadText(
            edition=2027,
            seq=len(self.heads) + 1,
            at=published.moment(at),
            size=size,
            online=(last.online if last else 0) + online,
            paper=(last.paper if last else 0) + paper,
            stubs=stubs,
            root=self.tree(size).root.hex(),
            previous=last.digest if last else published.GENESIS,
            state=state,
        )
        proof = self.tree(size).consistency_path(last.size) if last else []
        self.heads.append((head, self.sign(head), [step.hex() for step in proof]))

    def sign(self, head) -> str:
        return self.key.sign(head.text.encode()).hex()

    def rewrite(self) -> None:
        """What a dishonest operator does after touching the tree: make all heads anew, signed and consistent."""
        old, self.heads = self.heads, []
        for head, _signature, _proof in old:
            last = self.heads[-1][0] if self.heads else None
            new = replace(
                head,
                size=min(head.size, len(self.commitments)),
                root=self.tree(head.size).root.hex(),
                previous=last.digest if last else published.GENESIS,
            )
            new = replace(new, online=new.size - new.paper)
            proof = self.tree(new.size).consistency_path(last.size) if last else []
            self.heads.append((new, self.sign(new), [step.hex() for step in proof]))

    @property
    def votes(self) -> dict[int, int]:
        return tally.count([chosen for _id, chosen, _nonce in self.ballots], range(1, 13))

    @property
    def result(self) -> str:
        root = self.heads[-1][0].root
        return published.result_text(self.rules, votes=self.votes, ballots=len(self.ballots), secret=SECRET, root=root)

    def write(self, folder: Path, heads=None) -> Path:
        """Write what is published after ``heads`` heads (all of them without)."""
        shown = self.heads[:heads]
        size = shown[-1][0].size if shown else 0
        leaves = self.commitments if heads is None else self.commitments[:size]
        lines = published.ballot_lines(sorted((one, marks.pack(chosen)) for one, chosen, _ in self.ballots))
        folder.mkdir(exist_ok=True)
        (folder / "rules.json").write_text(json.dumps(self.rules))
        (folder / "leaves.txt").write_text("".join(f"{leaf}\n" for leaf in leaves))
        (folder / "heads.jsonl").write_text("".join(f"{published.head_line(*head)}\n" for head in shown))
        (folder / "ballots.csv").write_text("".join(f"{line}\n" for line in lines))
        return folder
