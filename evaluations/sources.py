"""Where the score of a component may come from: the public's answers in a poll, or what became of its voices.

The key of a component names its source, so nobody can call a figure of the house the public's: the database lets a
component be public only under one of ``PUBLIC_KEYS``.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from core.errors import Text
from evaluations.states import Indicator, SubjectKind, WaveKind


class Measure(StrEnum):
    """What is counted of the voices that were handled."""

    ON_TIME = "on_time"
    POST_REPLY = "post_reply"
    FIRST_REPLY = "first_reply"


class Whose(StrEnum):
    """Whose voices are counted: those somebody handled, those of their unit, those of the unit above and all below."""

    OWN = "own"
    UNIT = "unit"
    ABOVE = "above"


@dataclass(frozen=True)
class Source:
    """One source; either an indicator of a kind of poll, or a measure of somebody's voices."""

    key: str
    label: Text
    kind: WaveKind | None = None
    indicator: Indicator | None = None
    measure: Measure | None = None
    whose: Whose = Whose.OWN

    @property
    def is_public(self) -> bool:
        return self.indicator is not None


POLL_LABELS: dict[Indicator, Text] = {
    Indicator.VISIBILITY: _("visibility"),
    Indicator.ATTITUDE: _("service attitude"),
    Indicator.FAMILIARITY: _("familiarity"),
    Indicator.SATISFACTION: _("satisfaction"),
    Indicator.SAFETY: _("safety"),
}
CONTACT_LABELS: dict[Indicator, Text] = {
    Indicator.VISIBILITY: _("visibility (people the police had to do with)"),
    Indicator.ATTITUDE: _("service attitude (people the police had to do with)"),
    Indicator.FAMILIARITY: _("familiarity (people the police had to do with)"),
    Indicator.SATISFACTION: _("satisfaction (people the police had to do with)"),
    Indicator.SAFETY: _("safety (people the police had to do with)"),
}
HOUSE_LABELS: dict[tuple[Whose, Measure], Text] = {
    (Whose.OWN, Measure.ON_TIME): _("answered on time"),
    (Whose.OWN, Measure.POST_REPLY): _("content with the reply"),
    (Whose.OWN, Measure.FIRST_REPLY): _("days to the first reply"),
    (Whose.UNIT, Measure.ON_TIME): _("answered on time, the whole unit"),
    (Whose.UNIT, Measure.POST_REPLY): _("content with the reply, the whole unit"),
    (Whose.UNIT, Measure.FIRST_REPLY): _("days to the first reply, the whole unit"),
    (Whose.ABOVE, Measure.ON_TIME): _("answered on time, the unit above"),
    (Whose.ABOVE, Measure.POST_REPLY): _("content with the reply, the unit above"),
    (Whose.ABOVE, Measure.FIRST_REPLY): _("days to the first reply, the unit above"),
}

_POLLS = [Source(str(i), label, WaveKind.POPULATION, i) for i, label in POLL_LABELS.items()] + [
    Source(f"contact_{i}", label, WaveKind.CONTACT, i) for i, label in CONTACT_LABELS.items()
]
_HOUSE = [
    Source(str(measure) if whose == Whose.OWN else f"{whose}_{measure}", label, measure=measure, whose=whose)
    for (whose, measure), label in HOUSE_LABELS.items()
]
SOURCES: dict[str, Source] = {source.key: source for source in (*_POLLS, *_HOUSE)}
PUBLIC_KEYS = tuple(sorted(source.key for source in _POLLS))


def sources_for(about: str) -> list[Source]:
    """What a scheme about officers or about units may be made of; a unit's own voices are those of the unit."""
    whole = [source for source in SOURCES.values() if source.whose != Whose.UNIT]
    return list(SOURCES.values()) if about == SubjectKind.OFFICER else whole
