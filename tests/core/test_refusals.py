"""A guard of the database that refuses is told to a person: by its name, or at least that somebody was faster."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.test import RequestFactory

from core import refusals
from core.api.problems import problem_of
from core.errors import WrongState
from core.middleware import PolicyMiddleware
from core.models import CalendarDay
from suggestions.models import Suggestion
from tests import factories

WORDS = "写了很久的一段话,不能丢。"


def refused(write) -> IntegrityError:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        write()
    return caught.value


def jump(city):
    """Past the table of states: the trigger has no name of a constraint, only its own."""
    case = factories.case(city)
    return refused(lambda: Suggestion.objects.filter(pk=case.pk).update(state="closed", due_at=None))


def twice(_city):
    CalendarDay.objects.create(date="2026-10-10", is_workday=True)
    return refused(lambda: CalendarDay.objects.create(date="2026-10-10", is_workday=False))


def without_a_unit(city):
    """A column that must not be empty is a fault of ours, not a race."""
    case = factories.case(city)
    return refused(lambda: Suggestion.objects.filter(pk=case.pk).update(unit=None))


def page_of(error: Exception):
    request: HttpRequest = RequestFactory().post("/desk/x/", {"text": WORDS, "password": WORDS})
    return PolicyMiddleware(lambda _request: None).process_exception(request, error)


def test_a_trigger_is_known_by_its_name(city):
    assert refusals.rule_of(jump(city)) in ("moves_by_the_table", "answered_means_signed")


@pytest.mark.parametrize("lost", [jump, twice])
def test_a_lost_race_is_a_409_for_pages_and_programs_with_the_words_kept(city, lost):
    error = lost(city)
    assert problem_of(error).status == 409
    page = page_of(error)
    assert page.status_code == 409
    assert page.content.decode().count(WORDS) == 1, "the words, and not what is secret"


def test_a_guard_with_words_says_them(city):
    error = jump(city)
    named = refusals.rule_of(error)
    assert isinstance(refusals.domain_error(error), WrongState), named
    with pytest.raises(WrongState), refusals.told():
        raise error


def test_a_fault_of_ours_stays_one(city):
    error = without_a_unit(city)
    assert refusals.domain_error(error) is None
    assert (problem_of(error), page_of(error)) == (None, None)
    with pytest.raises(IntegrityError), refusals.told():
        raise error


def test_no_lock_is_taken_with_a_join():
    """What a locked row points to may change while one waits for it; a join then finds nothing."""
    rooms = [Path(room.path) for room in apps.get_app_configs() if Path(room.path).parent == settings.BASE_DIR]
    files = [file for room in rooms for file in room.rglob("*.py")]
    assert len(files) > 200
    assert [str(file) for file in files if joined_locks(file.read_text())] == []


@pytest.mark.parametrize(
    "code",
    [
        'Case.objects.select_for_update(of=("self",)).select_related("unit").get(pk=1)',
        'Case.objects.select_related("unit").filter(pk=1).select_for_update()',
        'rows = Case.objects.select_for_update()\nrows.select_related("unit").first()',
    ],
)
def test_a_lock_with_a_join_is_found(code):
    assert joined_locks(f"def lock():\n    {code.replace(chr(10), chr(10) + '    ')}\n")


def joined_locks(code: str) -> list[str]:
    """The functions that take a lock and join in one chain of calls, or in a chain that goes on from a name."""
    return [one.name for one in ast.walk(ast.parse(code)) if isinstance(one, ast.FunctionDef) and _joins(one)]


def _joins(function: ast.FunctionDef) -> bool:
    locking: set[str] = set()
    for statement in ast.walk(function):
        if isinstance(statement, ast.Assign) and "select_for_update" in _calls(statement.value):
            locking |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
    chains = [_calls(node) | _root(node, locking) for node in ast.walk(function) if isinstance(node, ast.Call)]
    return any({"select_for_update", "select_related"} <= chain for chain in chains)


def _calls(node: ast.AST) -> set[str]:
    """The names of the calls of one chain, from its end."""
    named = set()
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Call):
            node = node.func
        else:
            named.add(node.attr)
            node = node.value
    return named


def _root(node: ast.AST, locking: set[str]) -> set[str]:
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {"select_for_update"} if isinstance(node, ast.Name) and node.id in locking else set()
