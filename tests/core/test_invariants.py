"""Every promise is checked on live data, and every check finds what breaks its promise.

A room says in ``tests/<room>/broken_promises.py`` how each of its promises can be broken once its guards are away.
"""

import json
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from core import promises
from core.promises import Check
from tests import factories

ROOMS = sorted(path.parent.name for path in Path(__file__).parent.parent.glob("*/broken_promises.py"))
SEEDS = {check: seed for room in ROOMS for check, seed in import_module(f"tests.{room}.broken_promises").SEEDS.items()}


def says(check: Check) -> str:
    return (check.__doc__ or "").strip()


def report() -> tuple[int, dict]:
    """Exit status and JSON of the command."""
    out, code = StringIO(), 0
    try:
        call_command("check_invariants", "--json", stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, json.loads(out.getvalue())


def test_a_sound_world_breaks_nothing(city):
    states = ("received", "accepted", "assigned", "waiting", "replied", "closed", "declined")
    for state in states:
        factories.case(city, state, contact_name="李秀英", contact_phone="19900007788")
    code, found = report()
    assert (code, found["violations"]) == (0, [])
    assert len(found["checked"]) == len(promises._checks)


@pytest.mark.parametrize("check", SEEDS, ids=lambda check: check.__name__)
def test_what_breaks_a_promise_is_found_and_named(city, check):
    assert report()[0] == 0
    row = SEEDS[check](city)
    code, found = report()
    assert code == 1
    broken = [violation for violation in found["violations"] if violation["check"] == says(check)]
    assert [row in violation["row"] for violation in broken] == [True]


@pytest.mark.parametrize(
    "check", [check for _number, check in promises._checks if check.__module__.split(".")[0] in ROOMS], ids=says
)
def test_every_check_of_these_rooms_has_something_that_breaks_it(check):
    assert check in SEEDS, f"say in tests/{check.__module__.split('.')[0]}/broken_promises.py how it is broken"


def test_every_check_says_what_must_hold_and_which_promise_it_is():
    for number, check in promises._checks:
        assert says(check).endswith(".")
        assert number in {f"P{n}" for n in (*range(1, 15), 23, 24)}


def test_a_person_reads_the_same(city, capsys):
    assert call_command("check_invariants") is None
    assert f"{len(promises._checks)} checks, 0 violations" in capsys.readouterr().out
    case = factories.case(city)
    case.reminders.update(cancelled_at=case.created_at)
    with pytest.raises(SystemExit):
        call_command("check_invariants")
    assert f"BROKEN BY {case.number}" in capsys.readouterr().out
