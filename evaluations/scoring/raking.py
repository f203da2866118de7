"""Weights that make the respondents look like the population: iterative proportional fitting with trimming.

Source: Deming and Stephan (1940), "On a least squares adjustment of a sampled frequency table when the expected
marginal totals are known", Annals of Mathematical Statistics 11(4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluations.scoring.errors import DidNotConverge, EmptyCategory, MarginsDisagree, ScoringError

Floats = NDArray[np.float64]
TOLERANCE = 1e-6  # largest relative difference of a weighted margin from its target
MOST_ROUNDS = 500
TRIM_AT = 5.0  # times the mean weight


@dataclass(frozen=True)
class Margin:
    """One known distribution: the category of each respondent, and how many people each category has."""

    name: str
    of: Sequence[str]
    population: Mapping[str, float]


@dataclass(frozen=True)
class Raked:
    """Weights that add up to the number of respondents, and how they came about."""

    weights: Floats
    rounds: int
    trimmed: int
    furthest_off: float


def rake(
    margins: Sequence[Margin],
    *,
    base: Sequence[float] | None = None,
    trim_at: float | None = TRIM_AT,
    tolerance: float = TOLERANCE,
    most_rounds: int = MOST_ROUNDS,
) -> Raked:
    """Weights, with mean one, whose margins are those of the population.

    ``base`` are design weights (all one when None). With ``trim_at`` no weight exceeds that many times the mean; what
    is cut off is spread by raking again, and the margins then hold as far as the cap allows (``furthest_off`` says).
    Raises: ScoringError for weights that are not positive and finite, MarginsDisagree, EmptyCategory, DidNotConverge.
    """
    if not margins:
        raise ScoringError("at least one margin is needed")
    size = len(margins[0].of)
    weights = _base(base, size)
    groups = [_groups(margin, size) for margin in margins]
    _check_totals(margins)
    weights, rounds, off = _fit(weights, groups, tolerance, most_rounds)
    if off > tolerance:
        raise DidNotConverge(
            f"margin {_worst(weights, groups, margins)} is still off by {off:.2e} after {rounds} rounds"
        )
    trimmed = 0
    if trim_at is not None:
        weights, trimmed, off = _trim(weights, groups, trim_at, tolerance, most_rounds)
    return Raked(weights, rounds, trimmed, off)


def _base(base: Sequence[float] | None, size: int) -> Floats:
    weights = np.ones(size) if base is None else np.asarray(base, dtype=float)
    if weights.shape != (size,) or size == 0:
        raise ScoringError("one weight for each respondent, and at least one respondent")
    if not np.all(np.isfinite(weights)) or np.any(weights <= 0):
        raise ScoringError("weights must be positive numbers")
    return weights * size / weights.sum()


Group = tuple[NDArray[np.intp], Floats]


def _groups(margin: Margin, size: int) -> Group:
    """The category index of each respondent, and the target share of each category times the number of respondents."""
    names = sorted(margin.population)
    index = {name: place for place, name in enumerate(names)}
    unknown = sorted(set(margin.of) - set(names))
    if unknown:
        raise ScoringError(f"margin {margin.name}: category {unknown[0]!r} is not in the population")
    if len(margin.of) != size:
        raise ScoringError(f"margin {margin.name}: one category for each respondent")
    codes = np.fromiter((index[name] for name in margin.of), dtype=np.intp, count=size)
    targets = np.array([margin.population[name] for name in names], dtype=float)
    if not np.all(np.isfinite(targets)) or np.any(targets < 0) or targets.sum() <= 0:
        raise ScoringError(f"margin {margin.name}: populations must be numbers of people")
    counts = np.bincount(codes, minlength=len(names))
    empty = [name for name, people, count in zip(names, targets, counts, strict=True) if people > 0 and count == 0]
    if empty:
        raise EmptyCategory(f"margin {margin.name}: nobody answered in category {empty[0]!r}")
    nobody = [name for name, people, count in zip(names, targets, counts, strict=True) if people == 0 and count > 0]
    if nobody:
        raise ScoringError(f"margin {margin.name}: category {nobody[0]!r} has respondents and no population")
    return codes, targets * size / targets.sum()


def _check_totals(margins: Sequence[Margin]) -> None:
    totals = [sum(margin.population.values()) for margin in margins]
    for margin, total in zip(margins[1:], totals[1:], strict=True):
        if abs(total - totals[0]) > 1e-6 * totals[0]:
            raise MarginsDisagree(f"{margins[0].name} has {totals[0]:g} people and {margin.name} has {total:g}")


def _fit(weights: Floats, groups: Sequence[Group], tolerance: float, most_rounds: int) -> tuple[Floats, int, float]:
    off = _furthest_off(weights, groups)
    rounds = 0
    while off > tolerance and rounds < most_rounds:
        for codes, targets in groups:
            sums = np.bincount(codes, weights, minlength=len(targets))
            factors = np.divide(targets, sums, out=np.zeros_like(targets), where=sums > 0)
            weights = weights * factors[codes]
        rounds += 1
        off = _furthest_off(weights, groups)
    return weights, rounds, off


def _furthest_off(weights: Floats, groups: Sequence[Group]) -> float:
    return max(_off(weights, group) for group in groups)


def _off(weights: Floats, group: Group) -> float:
    codes, targets = group
    sums = np.bincount(codes, weights, minlength=len(targets))
    known = targets > 0
    return float(np.max(np.abs(sums[known] / targets[known] - 1)))


def _worst(weights: Floats, groups: Sequence[Group], margins: Sequence[Margin]) -> str:
    return max(zip(groups, margins, strict=True), key=lambda pair: _off(weights, pair[0]))[1].name


def _trim(
    weights: Floats, groups: Sequence[Group], trim_at: float, tolerance: float, most_rounds: int
) -> tuple[Floats, int, float]:
    """Cap and rake in turn until nothing sticks out, at most ``most_rounds`` times; the cap has the last word."""
    trimmed = np.zeros(len(weights), dtype=bool)
    for _round in range(most_rounds):
        over = weights > trim_at * (1 + 1e-9)
        if not over.any():
            break
        trimmed |= over
        weights, _rounds, _off_by = _fit(np.minimum(weights, trim_at), groups, tolerance, 1)
    weights = np.minimum(weights, trim_at)
    return weights, int(trimmed.sum()), _furthest_off(weights, groups)
