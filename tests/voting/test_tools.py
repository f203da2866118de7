"""The strangers' tools: they count to the same bytes, and notice every kind of tampering."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.voting.publication import CLOSES, OPENS, Publication
from tools import recount as recounting
from tools import watch
from voting.proofs import merkle, published

TOOLS = Path(__file__).resolve().parents[2] / "tools"
DURING, AFTER = OPENS + timedelta(hours=4), CLOSES + timedelta(days=2)


def recount(folder: Path) -> subprocess.CompletedProcess:
    """As a stranger runs it: another process, no packages, no project."""
    command = [sys.executable, "-I", "-S", str(TOOLS / "recount.py"), str(folder)]
    return subprocess.run(command, capture_output=True, cwd=folder)


def test_a_stranger_counts_to_the_same_bytes(tmp_path):
    election = Publication()
    done = recount(election.write(tmp_path / "proofs"))
    assert done.stderr == b""
    assert done.stdout.decode() == election.result
    assert json.loads(done.stdout)["ballots"] == 108


@pytest.mark.parametrize("chance", range(5))
def test_also_when_the_draw_decides(tmp_path, chance):
    election = Publication(batches=(2, 2, 1), paper=0, chance=chance)
    counted = json.loads(recount(election.write(tmp_path / "proofs")).stdout)
    assert counted == json.loads(election.result)
    assert any(line["drawn"] for line in counted["candidates"])


def tampered_ballot(folder: Path, change) -> str:
    lines = (folder / "ballots.csv").read_text().splitlines(keepends=True)
    (folder / "ballots.csv").write_text("".join(change(lines)))
    done = recount(folder)
    assert done.returncode == 1
    return done.stderr.decode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda lines: lines[:-1], "107 ballots, but 108 commitments"),
        (lambda lines: [*lines, lines[-1]], "stands there twice"),
        (lambda lines: [*lines[:-1], lines[-1].split(",")[0] + ",1 2\n"], "2 choices"),
        (lambda lines: [*lines[:-1], lines[-1].split(",")[0] + ",1 2 99\n"], "not different candidates"),
        (lambda lines: [*lines[:-1], lines[-1].split(",")[0] + ",1 1 2\n"], "not different candidates"),
    ],
)
def test_the_recount_says_what_is_wrong_with_the_ballots(tmp_path, change, says):
    assert says in tampered_ballot(Publication().write(tmp_path / "proofs"), change)


def test_the_recount_notices_another_secret_and_another_tree(tmp_path):
    election = Publication()
    election.rules["tie_secret"] = "0" * 64
    election.commitments[3] = "f" * 64
    done = recount(election.write(tmp_path / "proofs"))
    assert b"the secret is not the one" in done.stderr
    assert b"head 1: its root is not" in done.stderr


# --- the watch ----------------------------------------------------------------------------------------------------


@pytest.fixture
def seen(tmp_path):
    """A watcher who has looked twice while voting went on; ``look`` shows what is published now."""
    election, keep = Publication(), tmp_path / "memory.json"
    assert watch.once(str(election.write(tmp_path / "first", heads=1)), keep, DURING) == []
    assert watch.once(str(election.write(tmp_path / "second", heads=2)), keep, DURING) == []

    def look(now=DURING, heads=3):
        return watch.once(str(election.write(tmp_path / "now", heads=heads)), keep, now)

    return election, look


def test_an_honest_election_raises_no_alarm_to_the_end(seen):
    _election, look = seen
    assert look() == []
    assert look(AFTER, heads=None) == []


def edit(leaves):
    leaves[7] = "e" * 64


def delete(leaves):
    del leaves[7]


def insert(leaves):
    leaves.insert(7, "e" * 64)


def reorder(leaves):
    leaves[7], leaves[8] = leaves[8], leaves[7]


def truncate(leaves):
    del leaves[20:]


def rewrite_all(leaves):
    leaves[:] = [leaf[::-1] for leaf in leaves]


TAMPERINGS = [edit, delete, insert, reorder, truncate, rewrite_all]


@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_the_watch_notices(seen, tamper):
    election, look = seen
    tamper(election.commitments)
    assert look() != []


@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_the_watch_notices_it_even_when_all_heads_are_made_and_signed_anew(seen, tamper):
    election, look = seen
    tamper(election.commitments)
    election.rewrite()
    found = look()
    assert any("is not what it was" in fault or "are not what they were" in fault for fault in found)


@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_without_a_memory_a_perfect_forgery_would_pass(tmp_path, tamper):
    """The negative control: who begins to watch after the rewriting cannot know."""
    election = Publication()
    tamper(election.commitments)
    election.rewrite()
    folder = election.write(tmp_path / "late", heads=3)
    assert [fault for fault in watch.once(str(folder), None, DURING) if "numbers" not in fault] == []


def test_what_was_faulty_is_not_remembered(seen):
    election, look = seen
    honest = list(election.commitments)
    edit(election.commitments)
    assert look() != []
    election.commitments[:] = honest
    assert look() == []


def test_heads_cannot_be_taken_back(seen):
    _election, look = seen
    assert "2 heads were published once, now there are 1" in look(heads=1)


def test_a_wrong_signature_is_noticed(seen):
    election, look = seen
    head, _signature, proof = election.heads[2]
    election.heads[2] = (head, election.sign(replace(head, size=1)), proof)
    assert look() == ["head 3: the signature is wrong"]


def test_a_wrong_consistency_proof_is_noticed(seen):
    election, look = seen
    head, signature, proof = election.heads[2]
    election.heads[2] = (head, signature, [*proof[:-1], "0" * 64])
    assert look() == ["head 3 does not contain the tree before it"]


def test_rules_and_secret_cannot_change_while_voting_goes_on(seen):
    election, look = seen
    election.rules["winners"] = 5
    election.rules["tie_commitment"] = "0" * 64
    assert look() == ["rules: winners is not what it was", "rules: tie_commitment is not what it was"]


def test_online_ballots_after_the_close_are_noticed(seen):
    election, look = seen
    election.heads.pop()
    election.commitments += ["d" * 64] * 12
    election.publish(1, at=CLOSES + timedelta(hours=1), stubs=12, state="counting")
    assert "head 5: votes came in after the close" in look(AFTER, heads=None)


def test_paper_beyond_the_people_who_were_given_one_is_noticed(seen):
    election, look = seen
    election.heads.pop()
    election.commitments += [f"{number:064x}" for number in range(40)]
    election.publish(0, paper=13, at=CLOSES + timedelta(hours=1), stubs=12, state="counting")
    assert "head 5: its numbers cannot be right" in look(AFTER, heads=5)


@pytest.mark.parametrize(
    ("at", "state", "says"),
    [
        (CLOSES + timedelta(minutes=1), "open", "head 4: voting goes on after the close"),
        (CLOSES + timedelta(hours=1), "counting", "head 4 closes at the wrong time"),
        (CLOSES - timedelta(hours=1), "counting", "head 4 closes at the wrong time"),
        (AFTER + timedelta(hours=1), "counting", "head 4 comes from the future"),
    ],
)
def test_the_close_time_holds(seen, at, state, says):
    election, look = seen
    del election.heads[3:]
    election.publish(21, at=at, stubs=12, state=state)
    assert says in look(AFTER, heads=4)


NONSENSE = {
    "a proof of no hexadecimal digits": lambda lines: lines[-1].update(consistency=["zz"]),
    "no proof": lambda lines: lines[-1].pop("consistency"),
    "a head without its number": lambda lines: lines[-1]["head"].pop("seq"),
    "a size in words": lambda lines: lines[-1]["head"].update(size="many"),
    "a time that is none": lambda lines: lines[-1]["head"].update(at="soon"),
}


@pytest.mark.parametrize("spoil", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_a_fault_and_does_not_stop_the_watch(tmp_path, spoil):
    folder = Publication().write(tmp_path / "proofs", heads=2)
    lines = [json.loads(line) for line in (folder / "heads.jsonl").read_text().splitlines()]
    spoil(lines)
    (folder / "heads.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    keep = tmp_path / "memory.json"
    assert watch.once(str(folder), keep, DURING) != []
    assert not keep.exists()


def test_a_close_that_does_not_come_is_noticed(seen):
    _election, look = seen
    assert "the closing head is missing" in look(CLOSES + timedelta(minutes=16), heads=3)


def test_nothing_follows_the_final_head(seen):
    election, look = seen
    election.publish(0, at=AFTER, stubs=12, state="counting")
    assert "head 5 was final, and others follow" in look(AFTER, heads=None)


def test_the_watch_runs_by_itself_and_says_what_it_could_not_check(tmp_path):
    folder = Publication().write(tmp_path / "proofs", heads=None)
    command = [sys.executable, "-I", "-S", str(TOOLS / "watch.py"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "signatures not checked" in done.stdout
    assert "108 ballots" in done.stdout


def test_the_watch_says_when_it_can_read_nothing(tmp_path):
    command = [sys.executable, "-I", str(TOOLS / "watch.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, "cannot read rules.json" in done.stdout) == (2, True)


def test_the_trees_of_the_tools_are_ours():
    election = Publication()
    entries = [bytes.fromhex(leaf) for leaf in election.commitments]
    roots = {size: election.tree(size).root.hex() for size in range(len(entries) + 1)}
    assert watch.prefix_roots(entries, roots) == recounting.prefix_roots(entries, roots) == roots
    ours = merkle.prefix_roots([merkle.leaf_hash(entry) for entry in entries], roots)
    assert {size: root.hex() for size, root in ours.items()} == roots
    assert published.GENESIS == "0" * 64


# --- one's own receipt --------------------------------------------------------------------------------------------


@pytest.fixture
def receipt(tmp_path):
    """A voter's own file, and the published ones beside it."""
    election = Publication()
    ballot_id, choices, nonce = election.ballots[5]
    mine = {"id": ballot_id, "choices": list(choices), "nonce": nonce, "code": election.commitments[5], "edition": 2027}
    folder = election.write(tmp_path / "proofs")

    def check(**changed) -> tuple[int, str]:
        (tmp_path / "mine.json").write_text(json.dumps(mine | changed))
        command = [
            sys.executable,
            "-I",
            "-S",
            str(TOOLS / "check_receipt.py"),
            str(tmp_path / "mine.json"),
            str(folder),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        return done.returncode, done.stdout

    return election, folder, check


def test_a_voter_checks_their_own_vote(receipt):
    _election, _folder, check = receipt
    assert check() == (0, "Your vote is recorded as you gave it and counted.\n")


def test_a_receipt_for_other_choices_is_noticed(receipt):
    _election, _folder, check = receipt
    assert "does not stand for these choices" in check(choices=[1, 2, 12])[1]


def test_a_ballot_that_was_counted_otherwise_is_noticed(receipt):
    election, folder, check = receipt
    ballot_id, choices, _nonce = election.ballots[5]
    text = (folder / "ballots.csv").read_text()
    right = f"{ballot_id},{' '.join(map(str, choices))}"
    (folder / "ballots.csv").write_text(text.replace(right, f"{ballot_id},1 2 12"))
    assert check() == (1, "the ballot was not counted with these choices\n")


def test_a_receipt_that_is_not_in_the_record_is_noticed(receipt):
    election, folder, check = receipt
    (folder / "leaves.txt").write_text((folder / "leaves.txt").read_text().replace(election.commitments[5], "f" * 64))
    status, words = check()
    assert status == 1
    assert "not in the record" in words
    assert "do not give the root" in words
