"""A small election: twelve candidates, three to choose, four win; voting is open."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from types import SimpleNamespace

import pgtrigger
import pytest
from django.db import connection
from django.utils import timezone, translation

from accounts.models import User
from annual_projects.models import Candidate, Edition
from annual_projects.services import freezing
from annual_projects.states import CandidateState, Phase
from core import seals
from tests import factories
from voting import receipts, services
from voting.models import Poll
from voting.queries import polls, proofs

YEAR = 2027
_serial = count(1)
TITLES = """路口红绿灯 夜间巡逻 电动车充电 校园护学 户口网上办 反诈进社区 停车泊位 噪声治理
养犬管理 老人防走失 企业警务 调解进村""".split()  # noqa: SIM905


def make_edition(c: SimpleNamespace, *, year: int = YEAR, phase: str = Phase.VOTING, **fields) -> Edition:
    """An edition in a phase, with its frozen list, as if the years had passed as they should."""
    opens = fields.pop("opens", timezone.now().replace(microsecond=0) - timedelta(days=2))
    closes = fields.pop("closes", opens + timedelta(days=9))
    day = timedelta(days=1)
    values = {
        "year": year,
        "phase": phase,
        "collecting_from": opens - 90 * day,
        "reviewing_from": opens - 60 * day,
        "notice_from": opens - 15 * day,
        "voting_opens": opens,
        "voting_closes": closes,
        "delivering_from": closes + 20 * day,
        "judged_from": closes + 250 * day,
        "archived_from": closes + 280 * day,
        "choose_min": 3,
        "choose_max": 3,
        "winners": 4,
        "freeze_proposed_by": c.admin,
        "freeze_proposed_at": opens - 20 * day,
        "freeze_digest": "d" * 64,
        "frozen_by": c.admin2,
        "frozen_at": opens - 19 * day,
    }
    with pgtrigger.ignore():
        edition = Edition.objects.create(**values | fields)
        for number, title in enumerate(TITLES, start=1):
            add_candidate(c, edition, number, title)
        edition.freeze_digest = freezing.digest(edition) if edition.freeze_digest else ""
        edition.save(update_fields=["freeze_digest"])
    return edition


def add_candidate(c: SimpleNamespace, edition: Edition, number: int | None, title: str, **fields) -> Candidate:
    decided = {"reasons": "可行", "decided_by": c.admin, "decided_at": timezone.now()}
    whole = {"summary": f"{title}做得更好", "outcome": "年底前看得见", "lead_unit": c.bureau, "target": 100}
    values = {"state": CandidateState.ACCEPTED, "target_unit": "处", "source": "staff"} | decided | whole
    return Candidate.objects.create(
        edition=edition, number=number, slug=f"c{next(_serial)}", title=title, **values | fields
    )


def make_poll(c: SimpleNamespace, **fields) -> Poll:
    edition = make_edition(c, **fields)
    with pgtrigger.ignore("annual_projects.Edition:tie_rule_is_set_beforehand"):
        poll = services.prepare(edition)
    return Poll.objects.select_related("edition").get(pk=poll.pk)


def move(poll: Poll, **times) -> Poll:
    """Move the hours of an edition, or its phase, past the guards that hold them."""
    check_deferred()
    with pgtrigger.ignore():
        Edition.objects.filter(pk=poll.pk).update(**times)
        edition = Edition.objects.get(pk=poll.pk)
        Edition.objects.filter(pk=poll.pk).update(freeze_digest=freezing.digest(edition))
    return Poll.objects.select_related("edition").get(pk=poll.pk)


def end(poll: Poll) -> Poll:
    """Voting ended a minute ago, and the edition has moved on."""
    closes = timezone.now().replace(microsecond=0) - timedelta(seconds=1)
    return move(poll, voting_closes=closes, phase=Phase.RESULT)


def voter(number: int | None = None) -> User:
    """A verified resident."""
    number = number or next(_serial)
    made = factories.citizen(f"1990000{number % 10_000:04d}")
    made.id_fingerprint = seals.fingerprint(f"resident:{number}", purpose="id-number")
    made.id_verified_at = timezone.now()
    made.save()
    return made


def vote(poll: Poll, user: User | None = None, choices=(1, 2, 3), **more) -> receipts.Receipt:
    user = user or voter()
    more.setdefault("ticket", receipts.new_ticket(poll.edition, user))
    return services.cast(poll, voter=user, choices=choices, **more)


def id_number(serial: int) -> str:
    """A well-formed ID number of nobody: born in 1950 or later, with its check digit."""
    body = f"330502{1950 + serial // 1000 % 50}01{1 + serial % 28:02d}{serial % 1000:03d}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def raw(sql: str, *params: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def check_deferred() -> None:
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    raw("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> Iterator[None]:
    """Another test has another database under the same year, and reads in its own language."""
    polls.forget(YEAR)
    proofs._tree.cache_clear()
    yield
    translation.deactivate()


@pytest.fixture
def in_english() -> Iterator[None]:
    """Messages as they stand in the code, so that tests of services read in one language."""
    with translation.override("en"):
        yield


@pytest.fixture
def poll(city) -> Poll:
    return make_poll(city)
