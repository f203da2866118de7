"""A ballot day: five thousand people online and on paper, at once, some of them twice; and it all adds up."""

import json
import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from accounts import identity
from accounts.models import User
from core import promises, seals
from tests import factories
from tests.voting.conftest import end, id_number, make_poll
from tools import watch
from voting import receipts, services
from voting.errors import AlreadyVoted
from voting.models import Ballot, Leaf, RollEntry
from voting.paper import Sheet
from voting.queries import proofs, results

ONLINE, ON_PAPER, TWICE, BOTH, LINES = 4_600, 400, 150, 40, 4
TOOLS = Path(__file__).resolve().parents[2] / "tools"

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def people(count: int) -> list[User]:
    """So many verified residents; the first of them carry the ID numbers that also come to the station."""
    made = [
        User(
            username=f"day{number}",
            password="!",
            id_fingerprint=identity.read(id_number(number)).fingerprint
            if number < BOTH
            else seals.fingerprint(f"day:{number}", purpose="id-number"),
            id_verified_at=timezone.now(),
        )
        for number in range(count)
    ]
    return User.objects.bulk_create(made)


def at_once(jobs: list) -> None:
    """Run every job in a thread of its own, with a connection of its own."""

    def run(job):
        job()
        connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    [thread.start() for thread in threads]
    [thread.join(300) for thread in threads]
    assert not any(thread.is_alive() for thread in threads)


def test_a_ballot_day_adds_up(tmp_path):
    city = factories.city()
    poll = make_poll(city)
    voters = people(ONLINE)
    chance = random.Random(7)
    wish = {voter.pk: tuple(sorted(chance.sample(range(1, 13), 3))) for voter in voters}
    counted, refused, given = Counter(), [], []

    def online(part):
        for voter in part:
            try:
                receipt = services.cast(
                    poll, voter=voter, choices=wish[voter.pk], ticket=receipts.new_ticket(poll.edition, voter)
                )
                counted.update(receipt.choices)
            except AlreadyVoted as told:
                refused.append(told.channel)

    sheets = services.issue(poll, unit=city.yuehe, count=ON_PAPER + BOTH + 5, by=city.triage)

    def at_the_window():
        """Forty who vote online at this very moment too, and others."""
        for number in [*range(BOTH), *range(ONLINE, ONLINE + ON_PAPER)]:
            try:
                services.hand_out(poll, voter=id_number(number), unit=city.yuehe, by=city.officer)
                given.append(number)
            except AlreadyVoted as told:
                refused.append(told.channel)

    def the_clock():
        for _turn in range(20):
            services.seal_batch(poll)

    again = voters[:TWICE]  # a second device of the same people
    lines = [lambda start=start: online(voters[start::LINES]) for start in range(LINES)]
    at_once([at_the_window, lambda: online(again), *lines, the_clock])

    on_paper = len(given)
    assert len(refused) == TWICE + BOTH
    assert RollEntry.objects.count() == ONLINE + ON_PAPER
    assert Ballot.objects.count() == ONLINE + ON_PAPER - on_paper

    marked = [tuple(sorted(chance.sample(range(1, 13), 3))) for _sheet in range(on_paper)]
    batch = services.open_batch(poll, unit=city.yuehe, declared=on_paper, by=city.officer)
    for clerk in (city.officer, city.officer2):
        services.begin_reading(batch, by=clerk)

    def read(clerk):
        for number, choices in enumerate(marked):
            is_slip = clerk is city.officer2 and number % 100 == 7
            seen = Sheet((1, 2, 3)) if is_slip and choices != (1, 2, 3) else Sheet(choices)
            services.key_sheet(batch, serial=sheets[number].serial, read=seen, by=clerk)
        services.finish_reading(batch, by=clerk)

    at_once([lambda: read(city.officer), lambda: read(city.officer2)])
    for number in range(7, on_paper, 100):
        services.settle(batch, serial=sheets[number].serial, read=Sheet(marked[number]), by=city.triage)
    services.close_batch(batch, by=city.admin)
    counted.update(number for choices in marked for number in choices)
    services.report_unreturned(poll, unit=city.yuehe, by=city.triage)

    poll = end(poll)
    poll = services.publish(services.close(poll, by=city.admin), by=city.admin)

    assert Ballot.objects.count() == Leaf.objects.count() == ONLINE + ON_PAPER
    assert results.tally_of(poll) == (ONLINE + ON_PAPER, dict(counted))
    assert list(promises.violations()) == []
    assert as_a_stranger_counts(poll, tmp_path) == poll.result
    assert len(refused) == TWICE + BOTH


def as_a_stranger_counts(poll, folder: Path) -> str:
    files = {
        "rules.json": [json.dumps(results.rules(poll))],
        "heads.jsonl": proofs.head_lines(poll),
        "leaves.txt": proofs.leaf_lines(poll),
        "ballots.csv": proofs.ballot_lines(poll),
    }
    for name, lines in files.items():
        (folder / name).write_text("".join(lines))
    assert [fault for fault in watch.once(str(folder), None) if "close" not in fault] == []
    done = subprocess.run([sys.executable, "-I", "-S", str(TOOLS / "recount.py"), str(folder)], capture_output=True)
    assert done.stderr == b""
    return done.stdout.decode()
