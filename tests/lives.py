"""Lives at random: services called by anybody in any order, and every promise asked after each step.

A refusal with words (``DomainError``) is an answer like another. Anything else is a fault: an exception that no page
shows, a constraint that refuses at the end of the transaction what no service refused before, a promise that broke.
``LIVES=200`` lives that many lives, with other dice each time; without it there are few, always the same.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, run_state_machine_as_test

from core import invariants, promises
from core.errors import DomainError
from tests.core.broken_promises import raw

LIVES = int(os.environ.get("LIVES", "0"))
PEOPLE = """triage triage2 officer officer2 leader chaoyang_officer chaoyang_leader sub_leader inspector
inspector_officer admin admin2 auditor pollster citizen""".split()  # noqa: SIM905
AT_THE_END = (invariants.guards_stand, invariants.audit_chain_holds)  # they read everything


def by(*right: str) -> st.SearchStrategy[str]:
    """Who does it: mostly somebody who may, now and then anybody."""
    return st.sampled_from([*right * (4 * len(PEOPLE) // len(right)), *PEOPLE])


def broken(rooms: tuple[str, ...] = ()) -> list[str]:
    """What breaks a promise now, of these rooms; of all without a name, with the slow checks."""
    checks = [
        check
        for _number, check in promises._checks
        if not rooms or (check.__module__.split(".")[0] in rooms and check not in AT_THE_END)
    ]
    return [f"{check.__name__}: {row}" for check in checks for row in check()]


def require(nothing: list[str]) -> None:
    """Raises: AssertionError that names every promise that broke, and by which row."""
    if nothing:
        raise AssertionError("\n".join(nothing))


class Life(RuleBasedStateMachine):
    """One life in one world, undone at its end. ``rooms`` are asked after every step, everything at the end."""

    rooms: ClassVar[tuple[str, ...]] = ()
    at_the_end: ClassVar[tuple[str, ...]] = ()

    def __init__(self, city: SimpleNamespace, done: Counter[str]) -> None:
        super().__init__()
        self.city, self.done = city, done
        self._undone = transaction.atomic()
        self._undone._from_testcase = True  # what must be a transaction of its own may begin in here
        self._undone.__enter__()
        self.begin()

    def begin(self) -> None:
        """Make what this life is about."""

    def who(self, name: str) -> Any:
        return getattr(self.city, name)

    def do(self, service: Callable[..., Any], *args: Any, **kind: Any) -> Any:
        """Call a service as a request does; None when it refused."""
        try:
            with self.request():
                made = service(*args, **kind)
        except DomainError:
            self.done[f"{service.__name__} refused"] += 1
            return None
        self.done[service.__name__] += 1
        return made

    @contextmanager
    def request(self) -> Iterator[None]:
        """One transaction, with what the database asks at its end."""
        atomic = transaction.atomic()
        atomic._from_testcase = True
        with atomic:
            yield
            raw("SET CONSTRAINTS ALL IMMEDIATE")
            raw("SET CONSTRAINTS ALL DEFERRED")

    def tick(self) -> None:
        """What the scheduler would do before anybody asks."""

    @invariant()
    def every_promise_holds(self) -> None:
        self.tick()
        require(broken(self.rooms))

    def teardown(self) -> None:
        try:
            require(broken(self.at_the_end))
        finally:
            transaction.set_rollback(True)
            self._undone.__exit__(None, None, None)


def live(life: type[Life], city: SimpleNamespace, *, lives: int, steps: int) -> Counter[str]:
    """Live so many lives; how often each service did something, and refused."""
    done: Counter[str] = Counter()
    run_state_machine_as_test(
        lambda: life(city, done),
        settings=settings(
            max_examples=LIVES or lives,
            stateful_step_count=steps,
            deadline=None,
            derandomize=not LIVES,
            database=None,
            phases=tuple(Phase) if LIVES else (Phase.generate,),  # which steps it takes at least is for a long night
            suppress_health_check=list(HealthCheck),
        ),
    )
    return done


def require_lived(done: Counter[str], verbs: list[str]) -> None:
    """That the dice did not meet refusals alone: most verbs did something in a few lives, all of them in many.

    Raises: AssertionError with those that never did.
    """
    never = sorted(set(verbs) - set(done))
    if len(never) > (0 if LIVES >= 100 else len(verbs) // 3):
        raise AssertionError(f"never done: {', '.join(never)}")
