"""A chart as plain figures: what is drawn, what the table beside it says, and the file that can be taken away.

Any room fills a :class:`Chart` and writes ``{% chart chart %}`` (with ``{% chart_assets %}`` in the head of the page).
Nothing here knows what draws it; ``docs/decisions/charts.md`` says what does.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from urllib.parse import quote

from django.utils.translation import gettext as _

Kind = Literal["bar", "line", "share", "funnel", "tiles"]
Tone = Literal["", "lake", "own", "ink"]
Value = float | int | None
NOTHING = "–"
MOST_BESIDE = 3  # columns of figures that fit beside the picture
BAR_PIXELS, HEAD_PIXELS, LINE_PIXELS = 40, 56, 300
FIXED_PIXELS = {"line": LINE_PIXELS, "funnel": 380, "tiles": 340}
MOST_OPEN = 24  # lines of a table that a reader is not made to pass
BYTE_ORDER_MARK = "\ufeff"  # without it the spreadsheet programs read Chinese as noise


@dataclass(frozen=True, slots=True)
class Series:
    """Values under the categories of a chart, in their order; None where nothing may be shown.

    ``low`` and ``high`` are the ends of an interval (95 %), drawn as whiskers. ``n`` is what each value is a share of.
    ``words`` is what the table says where a value is None, for example «<10». A row that is not ``drawn`` stands in the
    table and the file alone, and may have a ``unit`` and ``places`` of its own. ``tone`` keeps a measure in one colour
    on all charts: lake for what the police do, own for what citizens think of it, ink for what goes beside.
    """

    label: str
    values: Sequence[Value]
    low: Sequence[Value] = ()
    high: Sequence[Value] = ()
    n: Sequence[int | str | None] = ()
    words: Sequence[str] = ()
    drawn: bool = True
    tone: Tone = ""
    unit: str | None = None
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """Where a funnel lies for values that stand on ``at`` answers: within it chance alone is enough of a reason."""

    at: float
    low: float
    high: float
    low_far: float
    high_far: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures of one kind: ``bar`` compares names, ``line`` follows time, ``share`` divides one whole (of 100 %).

    ``funnel`` sets each value against what it stands on (``sizes``), with the ``target`` and the ``limits`` of chance
    around it; ``marked`` values have their names beside them. ``tiles`` lays places out as they lie (``spots``: column
    and row), the darker the higher, at fixed ``steps``. ``links`` lead on from the names in the table.
    ``unit`` "%" expects percents (97.4), not shares of one. ``of`` says what the figures are a share of, ``n`` how many
    that are. ``summary`` is what the picture shows, in a sentence; without one it is written from the values.
    Raises: ValueError when a row of values is not as long as the categories.
    """

    title: str
    kind: Kind
    categories: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    places: int = 0
    heading: str = ""
    of: str = ""
    n: int | str | None = None
    as_of: date | None = None
    summary: str = ""
    note: str = ""
    links: Sequence[str] = ()
    sizes: Sequence[float] = ()
    target: Value = None
    limits: Sequence[Limit] = ()
    marked: Sequence[bool] = ()
    spots: Sequence[tuple[int, int]] = ()
    steps: Sequence[float] = ()

    def __post_init__(self) -> None:
        rows: list[tuple[str, Sequence[Any]]] = [
            (one.label, row) for one in self.series for row in (one.values, one.low, one.high, one.n, one.words)
        ]
        rows += [(self.title, row) for row in (self.links, self.sizes, self.marked, self.spots)]
        for label, row in rows:
            if row and len(row) != len(self.categories):
                raise ValueError(f"{label}: {len(row)} values for {len(self.categories)} categories")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all to draw."""
        return all(value is None for one in self._drawn for value in one.values)

    @property
    def _drawn(self) -> list[Series]:
        return [one for one in self.series if one.drawn]

    @property
    def height(self) -> int:
        """How much room the picture needs, in CSS pixels."""
        if self.kind in FIXED_PIXELS:
            return FIXED_PIXELS[self.kind]
        bars = len(self.categories) * (len(self._drawn) if self.kind == "bar" else 1)
        return HEAD_PIXELS + BAR_PIXELS * max(bars, 2)

    @property
    def is_long(self) -> bool:
        """Whether the table is so long that it stays closed until it is asked for."""
        return len(self.categories) > MOST_OPEN

    @property
    def is_wide(self) -> bool:
        """Whether the table needs the whole width and stands below the picture."""
        return len(self.columns) > MOST_BESIDE

    @property
    def columns(self) -> list[str]:
        """The heads of the table after the first."""
        heads = []
        for one in self.series:
            unit = self._unit(one)
            heads.append(f"{one.label} ({unit})" if unit and unit != "%" else one.label)
            heads += [_("Interval (95%)")] if one.low else []
            heads += ["n"] if one.n else []
        return heads

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The table: each category with its cells, as many as there are columns."""
        return [(name, self._cells(place)) for place, name in enumerate(self.categories)]

    @property
    def linked_rows(self) -> list[tuple[str, str, list[str]]]:
        """The table with where each name leads, or nowhere."""
        return [(name, _at(self.links, place) or "", cells) for place, (name, cells) in enumerate(self.rows)]

    def _cells(self, place: int) -> list[str]:
        cells: list[str] = []
        for one in self.series:
            value = one.values[place]
            cells.append(self.shown(value, one) if value is not None else _at(one.words, place) or NOTHING)
            if one.low:
                cells.append(self._interval(one, place))
            if one.n:
                cells.append(_count(one.n[place]))
        return cells

    def _interval(self, one: Series, place: int) -> str:
        low, high = _at(one.low, place), _at(one.high, place)
        return NOTHING if low is None or high is None else f"{self.shown(low, one)} – {self.shown(high, one)}"

    def _unit(self, one: Series) -> str:
        return self.unit if one.unit is None else one.unit

    def shown(self, value: float, one: Series) -> str:
        """A value of a row as a person reads it: 97.4%, 1,204."""
        places = self.places if one.places is None else one.places
        return f"{value:,.{places}f}{'%' if self._unit(one) == '%' else ''}"

    @property
    def sentence(self) -> str:
        """What the picture shows, for who does not see it."""
        if self.summary:
            return self.summary
        told = [self._told(one) for one in self._drawn]
        return " ".join(sentence for sentence in told if sentence) or _("There is nothing to show yet.")

    def _told(self, one: Series) -> str:
        known = [(value, name) for value, name in zip(one.values, self.categories, strict=True) if value is not None]
        if not known:
            return ""
        words = {"what": one.label, "unit": "" if self.unit in ("", "%") else f" {self.unit}"}
        if self.kind == "line":
            (first, start), (last, end) = known[0], known[-1]
            words |= {"first": self.shown(first, one), "start": start, "last": self.shown(last, one), "end": end}
            return _("%(what)s: %(first)s%(unit)s in %(start)s, %(last)s%(unit)s in %(end)s.") % words
        (high, top), (low, bottom) = max(known), min(known)
        words |= {"high": self.shown(high, one), "top": top, "low": self.shown(low, one), "bottom": bottom}
        return _("%(what)s: highest %(top)s with %(high)s%(unit)s, lowest %(bottom)s with %(low)s%(unit)s.") % words

    def payload(self) -> dict[str, Any]:
        """What ``static/js/charts.js`` draws from."""
        return {
            "kind": self.kind,
            "title": self.title,
            "unit": self.unit,
            "places": self.places,
            "categories": list(self.categories),
            "series": [
                {
                    "label": one.label,
                    "tone": one.tone,
                    "values": list(one.values),
                    "low": list(one.low),
                    "high": list(one.high),
                    "words": [word or "" for word in one.words],
                }
                for one in self._drawn
            ],
            **self._drawing(),
        }

    def _drawing(self) -> dict[str, Any]:
        """What a funnel and tiles are drawn from besides."""
        if self.kind == "funnel":
            limits = [[one.at, one.low, one.high, one.low_far, one.high_far] for one in self.limits]
            words = {"size": _("Effective answers"), "target": _("All together"), "limits": _("Limits of chance")}
            drawn = {"sizes": list(self.sizes), "target": self.target, "limits": limits, "marked": list(self.marked)}
            return {**drawn, "labels": words}
        if self.kind == "tiles":
            return {"spots": [list(spot) for spot in self.spots], "shades": [self.shade(n) for n in self._first]}
        return {}

    @property
    def _first(self) -> Sequence[Value]:
        return self._drawn[0].values if self._drawn else ()

    def shade(self, value: Value) -> int | None:
        """How dark a tile is: how many of the steps its value reaches; None where there is no value."""
        return None if value is None else sum(value >= step for step in self.steps)

    @property
    def file(self) -> str:
        """The table as a CSV file with raw numbers, one column a figure."""
        text = io.StringIO()
        out = csv.writer(text, lineterminator="\r\n")
        out.writerow([self.heading or _("Category"), *self._file_heads()])
        for place, name in enumerate(self.categories):
            out.writerow([name, *(cell for one in self.series for cell in _raw(one, place))])
        return text.getvalue()

    def _file_heads(self) -> list[str]:
        heads = []
        for one in self.series:
            unit = self._unit(one)
            heads.append(f"{one.label} ({unit})" if unit else one.label)
            heads += [f"{one.label} low", f"{one.label} high"] if one.low else []
            heads += [f"{one.label} n"] if one.n else []
        return heads

    @property
    def file_address(self) -> str:
        """The CSV file inside a link: to be saved with or without scripts, at no address of its own."""
        return f"data:text/csv;charset=utf-8,{quote(BYTE_ORDER_MARK + self.file)}"


def percents(shares: Sequence[float | None]) -> list[float | None]:
    """Shares of one as percents."""
    return [None if share is None else share * 100 for share in shares]


def _at(row: Sequence[Any], place: int) -> Any:
    return row[place] if row else None


def _count(n: int | str | None) -> str:
    return f"{n:,}" if isinstance(n, int) else n or NOTHING


def _raw(one: Series, place: int) -> list[Any]:
    value = one.values[place]
    cells: list[Any] = [value if value is not None else _at(one.words, place) or ""]
    if one.low:
        cells += ["" if end is None else end for end in (_at(one.low, place), _at(one.high, place))]
    if one.n:
        cells.append("" if one.n[place] is None else one.n[place])
    return cells
