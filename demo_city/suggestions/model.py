"""What the generator takes and gives: places in, voices out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

CATEGORY_CODES = (
    "household",
    "traffic_lights",
    "parking",
    "ebike",
    "theft",
    "fraud",
    "noise",
    "lighting",
    "dogs",
    "window_service",
    "exit_entry",
    "patrol",
    "dispute",
    "drugs_gambling",
    "school",
    "conduct",
    "praise",
    "other",
)
CHANNELS = ("web", "phone", "window", "plaza", "api")

#: What should become of a voice. The last four also end in an answer, by a longer way.
EXPECTED = ("answer", "decline", "withdraw", "merge", "ask_back", "extend", "transfer", "reopen")

_OFFICES = ("居民委员会", "村民委员会", "居委会", "村委会")


@dataclass(frozen=True, slots=True)
class PlaceSpec:
    """A community of the administrative tree, as the directory names it."""

    code: str
    community: str
    town: str
    county: str

    @property
    def spoken(self) -> str:
        """The community's name as people say it, without the committee that runs it."""
        for office in _OFFICES:
            if self.community.endswith(office) and len(self.community) > len(office) + 1:
                return self.community.removesuffix(office)
        return self.community

    @property
    def rural(self) -> bool:
        """Whether it is a village rather than an urban neighbourhood."""
        return self.spoken.endswith("村")


@dataclass(frozen=True, slots=True)
class Person:
    """A generated person; `persona` is how they write (see `people.PERSONAS`)."""

    name: str
    phone: str
    female: bool
    persona: str


@dataclass(frozen=True, slots=True)
class Voice:
    """One thing one person said. `at` is naive Asia/Shanghai; `name` and `phone` are empty when anonymous.

    `cluster` ties together voices about the same matter at the same place; the earliest leads, the others are
    expected to be merged into it. `rating` is 5 (very satisfied) … 1, or None when nobody rated. `matter` is
    `category.key` of the grammar it came from; `facts` are the words it fixed, so that a reply can repeat them.
    """

    at: datetime
    category: str
    title: str
    body: str
    area_code: str
    place: str
    channel: str
    anonymous: bool
    publish: bool
    name: str
    phone: str
    complexity: str
    about_officer: bool
    cluster: str | None
    expected: str
    rating: int | None
    matter: str
    female: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
