"""Whom a text complains of, by the directory: units and officers it names, or else those of the place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from directory.models import Area, Officer, Unit
from directory.queries import officers_in, spoken_names, station_of
from suggestions import unread
from suggestions.accusation import Accusation, accusation_in, named_in

MOST_ACCUSED = 5
Pair = tuple[Unit, Officer | None]


@dataclass(frozen=True)
class Accused:
    """Whether a text complains of the police, with which words, and whom it may mean."""

    words: tuple[str, ...] = ()
    subjects: tuple[Pair, ...] = ()
    complains: bool = False
    named: bool = True  # by the words; else the subjects are who answers for the place

    def __bool__(self) -> bool:
        return self.complains


def accuses(said: str) -> Accusation:
    """Whether a text complains of the police; one statement at most, none while the names are in the cache."""
    return accusation_in(said, spoken_names())


def accused(
    said: str,
    *,
    area: Area | None = None,
    handled_by: Unit | None = None,
    is_complaint: bool = False,
    known: Sequence[Pair] = (),
) -> Accused:
    """Whom a text complains of besides those ``known``; at most five statements.

    Where nobody is known or named, whoever answers for the place may be meant, or who handles the case.
    ``is_complaint``: it is known to be one, so whoever is named in it is meant. The bureau is never only suspected: its
    own desk has to decide.
    """
    found = accuses(said) if said.strip() else Accusation()
    if not found and not is_complaint:
        return Accused()
    keys = found.units or named_in(said, spoken_names())
    units = list(Unit.objects.active().filter(pk__in=keys)) if keys else []
    pairs = _named(units, officers_in(said))
    if known:
        pairs = [pair for pair in pairs if not _is_known(pair, known)]
        return Accused(found.words, tuple(pairs[:MOST_ACCUSED]), complains=bool(pairs))
    if not pairs:
        meant = [(unit, None) for unit in _meant(found, area, handled_by)]
        return Accused(found.words, tuple(meant[:MOST_ACCUSED]), complains=True, named=False)
    return Accused(found.words, tuple(pairs[:MOST_ACCUSED]), complains=True)


def must_be_read(said: str, *, of: str = "") -> bool:
    """Whether a person has to read a text before it goes to whom it could be about; ``of`` is what was said first.

    Statements as for ``accuses``.
    """
    return unread.must_be_read(said, spoken_names(), of=of)


def units_named(said: str) -> list[Unit]:
    """The units that a text names otherwise than as a place, but for the bureau; two statements at most."""
    keys = named_in(said, spoken_names())
    return list(Unit.objects.active().filter(pk__in=keys).exclude(kind=Unit.Kind.BUREAU)) if keys else []


def named(words: str) -> list[Pair]:
    """The units and officers that a few words name, as typed under “about whom?”; three statements at most."""
    keys = named_in(words, spoken_names())
    units = list(Unit.objects.active().filter(pk__in=keys)) if keys else []
    return [*((unit, None) for unit in units), *((one.unit, one) for one in officers_in(words))][:MOST_ACCUSED]


def _named(units: Sequence[Unit], officers: Iterable[Officer]) -> list[Pair]:
    """Officers stand for their units; where a unit is named too, an officer of the same name elsewhere is not meant."""
    known = list(officers)
    paths = [unit.path for unit in units]
    here = [one for one in known if any(one.unit.path.startswith(path) for path in paths)] or known
    spoken_for = {one.unit_id for one in here}
    rest = [unit for unit in units if unit.pk not in spoken_for and unit.kind != Unit.Kind.BUREAU]
    return [*((one.unit, one) for one in here), *((unit, None) for unit in rest)]


def _is_known(pair: Pair, known: Iterable[Pair]) -> bool:
    """Whether the unit is complained of already, or stands under one that is, and the officer, too."""
    unit, officer = pair
    return any(unit.path.startswith(other.path) and one in (None, officer) for other, one in known) or (
        officer is None and any(unit.pk == other.pk for other, _one in known)
    )


def _meant(found: Accusation, area: Area | None, handled_by: Unit | None) -> list[Unit]:
    """Who may be meant by “the police” or “the traffic police” of a place."""
    station = station_of(area) if area else None
    meant = [unit for unit in (handled_by, station) if unit is not None]
    if found.kinds and area is not None:
        offices = Unit.objects.active().filter(kind=Unit.Kind.DEPARTMENT, function__in=found.kinds)
        meant += offices.filter(parent__kind=Unit.Kind.SUB_BUREAU, parent__area__code=area.county_code)
        meant += offices.filter(parent=station.parent_id) if station else []
    return list(dict.fromkeys(meant))
