"""Before anybody is asked: the pollster's keys, the questions, the wave, whom it asks about, and the frame."""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import admission
from core import audit, policy
from core.copying import copy_in
from core.errors import Invalid
from core.locks import locked
from core.said import LONGEST_REASON, required
from directory.models import Area, Officer, Unit
from evaluations.errors import WaveMovedOn
from evaluations.models import Frame, FrameEntry, Item, Pollster, Questionnaire, SigningKey, Subject, Wave
from evaluations.scoring.indicators import LEVELS
from evaluations.states import Indicator, SubjectKind, WaveState

LARGEST_FRAME = 200_000
OFFICERS_AN_INTERVIEW = 2
FRAME_HEAD = ("reference", "area", "age_sex", "subjects")
_WAVE_CODE = re.compile(r"^(?=.*\d)[\w-]{1,32}\Z", re.ASCII)  # no word alone: those are addresses of other pages
_HEX_KEY = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True)
class Question:
    """One item of a questionnaire; ``about`` empty: the city, or somebody who does not exist."""

    code: str
    text: str
    indicator: str
    about: str = ""
    is_reversed: bool = False
    is_foil: bool = False
    text_en: str = ""


@dataclass(frozen=True)
class WavePlan:
    """What a wave is: of which kind, asked when and by whom, and what the population looks like."""

    code: str
    title: str
    kind: str
    year: int
    pollster: Pollster
    questionnaire: Questionnaire
    starts: date
    ends: date
    margins: dict[str, dict[str, float]] = field(default_factory=dict)
    positive_levels: tuple[int, ...] = (4, 5)


@transaction.atomic
def add_key(pollster: Pollster, public_key: str, *, by: Any) -> SigningKey:
    """Enter the public half of a pollster's new key; it is good once a second person has confirmed it.

    Raises: NotAllowed, Invalid.
    """
    policy.require(by, "prepare", "wave")
    public_key = public_key.strip().lower()
    if not _HEX_KEY.match(public_key):
        raise Invalid("public_key", _("A public key (Ed25519) has 64 hexadecimal digits."))
    if SigningKey.objects.filter(public_key=public_key).exists():
        raise Invalid("public_key", _("This key is known already."))
    key = SigningKey.objects.create(pollster=pollster, public_key=public_key, proposed_by=by)
    audit.record("signing_key.added", key, by=by, pollster=pollster.code)
    return key


@transaction.atomic
def confirm_key(key: SigningKey, *, by: Any) -> SigningKey:
    """The second person has compared it with the pollster and agrees: from now on it is good.

    Raises: NotAllowed for who entered it, WrongState when it was decided already.
    """
    return _decide_key(key, by=by, agreed=True)


@transaction.atomic
def refuse_key(key: SigningKey, *, by: Any) -> SigningKey:
    """The second person does not agree. Raises: NotAllowed, WrongState."""
    return _decide_key(key, by=by, agreed=False)


def _decide_key(key: SigningKey, *, by: Any, agreed: bool) -> SigningKey:
    key = admission.to_decide(key, by=by)
    admission.write_decision(key, by=by, agreed=agreed)
    audit.record(f"signing_key.{'confirmed' if agreed else 'refused'}", key, by=by, pollster=key.pollster_id)
    return key


def keys_waiting() -> QuerySet[SigningKey]:
    """What the second person has said nothing to, oldest first; one statement."""
    rows = SigningKey.objects.waiting().filter(revoked_at=None)
    return rows.select_related("pollster", "proposed_by").order_by("pk")


@transaction.atomic
def revoke_key(key: SigningKey, *, by: Any, reason: str) -> SigningKey:
    """From now on nothing signed with this key is taken. Raises: NotAllowed, Invalid."""
    policy.require(by, "prepare", "wave")
    key = SigningKey.objects.select_for_update().get(pk=key.pk)
    reason = required(reason, "reason", LONGEST_REASON, _("Please say why."))
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        audit.record("signing_key.revoked", key, by=by, reason=reason)
    return key


@transaction.atomic
def create_questionnaire(code: str, title: str, questions: Sequence[Question], *, by: Any) -> Questionnaire:
    """A new version of the questions under this code. Raises: NotAllowed, Invalid."""
    policy.require(by, "prepare", "wave")
    if not questions:
        raise Invalid("questions", _("A questionnaire has at least one question."))
    if len({question.code for question in questions}) != len(questions):
        raise Invalid("questions", _("Every question has a code of its own."))
    if any(question.is_foil and question.about for question in questions):
        raise Invalid("questions", _("Somebody who does not exist is no officer and no unit."))
    if any(question.is_foil and question.indicator != Indicator.FAMILIARITY for question in questions):
        raise Invalid("questions", _("Whether people know somebody who does not exist measures familiarity."))
    newest = Questionnaire.objects.select_for_update().filter(code=code).order_by("-version").first()
    made = Questionnaire.objects.create(code=code, version=newest.version + 1 if newest else 1, title=title)
    Item.objects.bulk_create(Item(questionnaire=made, order=n, **asdict(q)) for n, q in enumerate(questions, 1))
    audit.record("questionnaire.created", made, by=by, code=code, version=made.version)
    return made


@transaction.atomic
def create_wave(plan: WavePlan, *, by: Any, is_demo: bool = False) -> Wave:
    """Set up a wave; its questionnaire stands from then on. Raises: NotAllowed, Invalid by field."""
    policy.require(by, "prepare", "wave")
    _check(plan)
    fields = asdict(plan) | {"pollster": plan.pollster, "questionnaire": plan.questionnaire}
    fields["positive_levels"] = sorted(set(plan.positive_levels))
    wave = Wave.objects.create(created_by=by, is_demo=is_demo, **fields)
    Questionnaire.objects.filter(pk=plan.questionnaire.pk, frozen_at=None).update(frozen_at=timezone.now())
    audit.record("wave.created", wave, by=by, code=wave.code)
    return wave


def _check(plan: WavePlan) -> None:
    if plan.ends < plan.starts:
        raise Invalid("ends", _("The end must not lie before the beginning."))
    if not _WAVE_CODE.match(plan.code):
        raise Invalid("code", _("Letters, digits and hyphens, at least one of them a digit, at most 32."))
    if Wave.objects.filter(code=plan.code).exists():
        raise Invalid("code", _("There is a wave with this code already."))
    if not plan.positive_levels or not set(plan.positive_levels) < set(LEVELS):
        raise Invalid("positive_levels", _("At least one answer counts as positive, and not all of them."))
    if not plan.pollster.is_active:
        raise Invalid("pollster", _("This pollster does not work for the bureau any more."))
    check_margins(plan.margins)


def check_margins(margins: dict[str, dict[str, float]]) -> None:
    """Raises: Invalid unless both margins are there, of people, and of as many."""
    if not {"area", "age_sex"} <= set(margins):
        raise Invalid("margins", _("The population by area and by age and sex is needed."))
    totals = {name: sum(people.values()) for name, people in margins.items()}
    if min(totals.values()) <= 0 or any(people < 0 for margin in margins.values() for people in margin.values()):
        raise Invalid("margins", _("Populations are numbers of people."))
    if max(totals.values()) - min(totals.values()) > 1e-6 * max(totals.values()):
        words = ", ".join(f"{name} {total:,.0f}" for name, total in totals.items())
        raise Invalid("margins", _("The populations do not agree: %(totals)s.") % {"totals": words})


@transaction.atomic
def take_subjects(wave: Wave, *, by: Any, groups: Collection[str] | None = None) -> int:
    """Write down the active officers and stations of these peer groups (None: of all) as they are today; how many.

    Raises: NotAllowed, WaveMovedOn, Invalid where nobody is among them.
    """
    policy.require(by, "prepare", "wave")
    wave = lock_wave(wave, WaveState.DRAFT)
    if wave.subjects.exists():
        raise WaveMovedOn(_("Whom this wave asks about is written down already."))
    made = [one for one in _everybody(wave) if groups is None or one.peer_group in groups]
    if not made:
        raise Invalid("groups", _("Please choose at least one group."))
    Subject.objects.bulk_create(made, batch_size=1_000)
    audit.record("wave.subjects_taken", wave, by=by, count=len(made))
    return len(made)


def _everybody(wave: Wave) -> list[Subject]:
    """Every active officer and station, with role and peer group; two statements."""
    officers = Officer.objects.filter(is_active=True, unit__is_active=True).select_related("unit")
    units = Unit.objects.active().filter(kind=Unit.Kind.STATION)
    return [
        Subject(
            wave=wave, code=one.badge_number, kind=SubjectKind.OFFICER, officer=one, unit=one.unit,
            role=one.position, peer_group=f"{one.position}-{one.unit.kind}",
        )
        for one in officers
    ] + [
        Subject(wave=wave, code=one.code, kind=SubjectKind.UNIT, unit=one, peer_group=f"unit-{one.kind}")
        for one in units
    ]  # fmt: skip


def peer_groups(wave: Wave) -> list[tuple[str, str, int]]:
    """Who could be asked about today, as code, words and how many; the largest group first."""
    counts = Counter(one.peer_group for one in _everybody(wave))
    return [(code, group_words(code), count) for code, count in counts.most_common()]


def group_words(code: str) -> str:
    """A peer group as a person would call it."""
    position, _hyphen, kind = code.partition("-")
    where = str(dict(Unit.Kind.choices).get(kind, kind))
    who = str(dict(Officer.Position.choices).get(position, _("unit") if position == "unit" else position))
    return _("%(who)s, %(where)s") % {"who": who, "where": where}


@transaction.atomic
def build_frame(wave: Wave, *, size: int, seed: str, by: Any) -> Frame:
    """Draw whom to ask, by area and age and sex as the population is, with a seed: the same seed draws the same.

    Raises: NotAllowed, WaveMovedOn, Invalid.
    """
    policy.require(by, "prepare", "wave")
    wave = lock_wave(wave, WaveState.DRAFT)
    if not 1 <= size <= LARGEST_FRAME:
        raise Invalid("size", _("Between 1 and %(n)s interviews.") % {"n": f"{LARGEST_FRAME:,}"})
    if not seed.strip():
        raise Invalid("seed", _("A seed is needed so that the draw can be done again."))
    if not wave.subjects.exists():
        raise Invalid("size", _("First write down whom the wave asks about."))
    return keep_frame(wave, _draw(wave, size, seed.strip()), seed=seed.strip(), by=by)


def keep_frame(wave: Wave, rows: Sequence[tuple[str, str, str, list[str]]], *, seed: str, by: Any) -> Frame:
    """Write a frame's rows down, once a wave. Raises: WaveMovedOn."""
    if Frame.objects.filter(wave=wave).exists():
        raise WaveMovedOn(_("This wave has its frame already."))
    digest = hashlib.sha256(_as_csv(rows)).hexdigest()
    frame = Frame.objects.create(wave=wave, seed=seed, sha256=digest, size=len(rows), built_by=by)
    columns = ("frame_id", "reference", "area_id", "age_sex", "subjects")
    copy_in(FrameEntry._meta.db_table, columns, ((frame.pk, *row[:3], _as_array(row[3])) for row in rows))
    audit.record("wave.frame_built", wave, by=by, sha256=digest, size=len(rows))
    return frame


def _as_array(codes: Sequence[str]) -> str:
    return "{" + ",".join(f'"{code}"' for code in codes) + "}"


def _draw(wave: Wave, size: int, seed: str) -> list[tuple[str, str, str, list[str]]]:
    rng = Random(f"{wave.code}/{seed}")  # noqa: S311  a draw that anybody can repeat, not a secret
    areas = _spread(wave.margins["area"], size, rng)
    groups = _spread(wave.margins["age_sex"], size, rng)
    known = set(Area.objects.filter(code__in=set(areas)).values_list("code", flat=True))
    if set(areas) - known:
        raise Invalid("margins", _("Unknown area: %(code)s.") % {"code": min(set(areas) - known)})
    local = _subjects_by_area(wave, sorted(known))
    rows = []
    for number, (area, group) in enumerate(zip(areas, groups, strict=True), 1):
        officers, units = local[area]
        asked = sorted(rng.sample(officers, min(OFFICERS_AN_INTERVIEW, len(officers))))
        rows.append((f"{number:06d}", area, group, asked + ([rng.choice(units)] if units else [])))
    return rows


def _spread(people: dict[str, float], size: int, rng: Random) -> list[str]:
    """Categories in proportion to their people, in random order; the largest remainders get what is left over."""
    total = sum(people.values())
    exact = {name: size * count / total for name, count in sorted(people.items())}
    counts = {name: int(share) for name, share in exact.items()}
    for name in sorted(exact, key=lambda name: (counts[name] - exact[name], name))[: size - sum(counts.values())]:
        counts[name] += 1
    drawn = [name for name, count in counts.items() for _n in range(count)]
    rng.shuffle(drawn)
    return drawn


def _subjects_by_area(wave: Wave, codes: Sequence[str]) -> dict[str, tuple[list[str], list[str]]]:
    """The officers and units that work in each area; where none does, those of the whole city."""
    found = list(wave.subjects.order_by("code").values_list("code", "kind", "unit__area_id"))
    everybody = _by_kind(found)
    result = {}
    for area in codes:
        officers, units = _by_kind([row for row in found if (row[2] or "").startswith(area)])
        result[area] = (officers or everybody[0], units or everybody[1])
    return result


def _by_kind(rows: Sequence[tuple[str, str, Any]]) -> tuple[list[str], list[str]]:
    return (
        [code for code, kind, _area in rows if kind == SubjectKind.OFFICER],
        [code for code, kind, _area in rows if kind == SubjectKind.UNIT],
    )


def frame_csv(frame: Frame) -> bytes:
    """The file for the pollster; its SHA-256 is the frame's."""
    rows = frame.entries.order_by("reference").values_list("reference", "area_id", "age_sex", "subjects")
    return _as_csv(list(rows))


def _as_csv(rows: Sequence[tuple[str, str, str, list[str]]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(FRAME_HEAD)
    writer.writerows((*row[:3], " ".join(row[3])) for row in sorted(rows, key=lambda row: row[0]))
    return buffer.getvalue().encode()


def lock_wave(wave: Wave, *states: str) -> Wave:
    """The wave as it is now, locked. Raises: WaveMovedOn unless it is in one of these states."""
    row = locked(Wave.objects.select_related("pollster", "questionnaire"), wave.pk)
    if states and row.state not in states:
        raise WaveMovedOn
    return row
