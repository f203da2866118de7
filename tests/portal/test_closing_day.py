"""Two thousand people behind one telephone mast on the closing day of the vote: the limits refuse none of them.

No pages, only the counters, by a clock that is turned: in the memory of this process, for Redis has a clock of its own.
Ballots, receipts and the people's own pages are counted by nothing but the account.
"""

import heapq
import random
from collections import Counter
from types import SimpleNamespace

import pytest
import time_machine
from allauth.core import context
from django.core.cache import cache

from accounts import phone_codes
from core import ratelimit
from core.api.throttle import ScopedThrottle
from core.errors import TooMany
from suggestions import tracking
from suggestions.views import speak

PEOPLE = 2000
OPENS = 1_900_000_000.0
HOUR = 3600
# share of the people, hours after the opening: half come in the last two of sixteen, a tenth in the last ten minutes
ARRIVALS = [(0.5, 0, 14), (0.4, 14, 15 + 5 / 6), (0.1, 15 + 5 / 6, 16)]
MAST = "198.51.100.60"
WRONG = "wrong code"


@pytest.fixture(autouse=True)
def _counters_by_the_turned_clock(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "core.cache.ForgivingRedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",  # nobody there: the process's own memory, which has the turned clock
        }
    }
    settings.ACCOUNT_RATE_LIMITS = settings.RATES_IN_EARNEST
    yield
    cache.clear()


def arrivals(chance):
    """When each comes, in seconds after the opening."""
    for share, first, last in ARRIVALS:
        for _ in range(round(share * PEOPLE)):
            yield chance.uniform(first, last) * HOUR


def deeds(person, came, chance):
    """(second, what) of one person: a code by text message, now and then two; the vote; some track, speak, look up."""
    yield came, "code"
    if chance.random() < 0.15:  # it did not come, or was typed wrong
        yield came + chance.uniform(61, 200), "code"
    if chance.random() < 0.4:
        for n in range(chance.choices([0, 1, 2, 4], [60, 25, 10, 5])[0]):
            yield came + 200 + 20 * n, WRONG
        yield came + 300, "right code"
    if chance.random() < 0.2:
        yield came + chance.uniform(200, 900), "speak"
    if chance.random() < 0.2:
        yield came + chance.uniform(0, 900), "api"


def do(what, person, request, view):
    """Ask the counter that the page asks. Raises: TooMany."""
    if what == "code":
        phone_codes._count_code(f"number-{person}")
    elif what == WRONG:
        tracking.count_try(f"{person:013d}")
        tracking.count_wrong(request)
    elif what == "right code":
        tracking.count_try(f"{person + PEOPLE:013d}")
    elif what == "speak":
        speak._slow_down(request)
    elif not ScopedThrottle().allow_request(SimpleNamespace(auth=None, _request=request, method="POST"), view):
        raise TooMany


def refused(rf, seed=2026):
    """How often each deed was refused, and how often each was done."""
    chance = random.Random(seed)
    day = []
    for person, came in enumerate(arrivals(chance)):
        for second, what in deeds(person, came, chance):
            heapq.heappush(day, (second, person, what))
    done, no = Counter(), Counter()
    view = SimpleNamespace(throttle_scope={"GET": "read", "POST": "submit"})
    with time_machine.travel(OPENS, tick=False) as clock:
        while day:
            second, person, what = heapq.heappop(day)
            clock.move_to(OPENS + second)
            request = rf.post("/", REMOTE_ADDR=MAST)
            request.user = SimpleNamespace(is_authenticated=False)
            request.session = SimpleNamespace(session_key=f"browser-{person}")
            with context.request_context(request):
                done[what] += 1
                try:
                    do(what, person, request, view)
                except TooMany:
                    no[what] += 1
    return no, done


def test_nobody_is_refused(rf):
    no, done = refused(rf)
    assert no == {}
    assert done["code"] >= PEOPLE
    assert min(done[what] for what in (WRONG, "right code", "speak", "api")) > 300


def test_limits_for_one_household_would_refuse_many(rf, settings, monkeypatch):
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,3/m/key"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"submit": "60/hour"}}
    monkeypatch.setattr(tracking, "WRONG_LIMIT", 15)
    monkeypatch.setattr(tracking, "WRONG_SECONDS", 600)
    monkeypatch.setattr(speak, "FROM_ONE_ADDRESS", 60)
    no, _ = refused(rf)
    assert min(no[what] for what in ("code", WRONG, "speak", "api")) > 0
    assert no["right code"] == 0


@time_machine.travel(OPENS, tick=False)
def test_one_who_floods_is_stopped_all_the_same(rf):
    request = rf.post("/", REMOTE_ADDR=MAST)
    request.session = SimpleNamespace(session_key=None)
    passed = Counter()
    for n in range(3000):
        for what, counter in (
            ("code", lambda n: phone_codes._count_code(f"{n}")),
            (WRONG, lambda _: tracking.count_wrong(request)),
            ("speak", lambda _: speak._slow_down(request)),
        ):
            with context.request_context(request):
                try:
                    counter(n)
                except TooMany:
                    continue
            passed[what] += 1
    assert passed["code"] == 120
    assert passed[WRONG] == tracking.WRONG_LIMIT
    assert passed["speak"] == speak.FROM_ONE_ADDRESS
    assert ratelimit.counted(request, group="track-wrong") == 3000
