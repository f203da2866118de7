"""The weights of a wave: raked, then put on a grid so coarse that no weight gives a small cell away."""

from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from core.small_cells import K
from evaluations.models import Response, Wave
from evaluations.scoring.errors import ScoringError
from evaluations.scoring.raking import Margin, Raked, rake

STEP = 0.05
Floats = NDArray[np.float64]


@dataclass
class _Group:
    """Respondents with one weight: its step on the grid, how many they are, and the steps that became this one."""

    step: int
    people: int
    was: list[int]


def margin_key(area: str, keys: frozenset[str]) -> str:
    """The category an area belongs to: the longest code in the margin that its own begins with, or itself."""
    return next((area[:length] for length in range(len(area), 3, -1) if area[:length] in keys), area)


def on_a_grid(weights: Floats, k: int = K) -> Floats:
    """Weights in steps of 0.05, each value shared by at least ``k`` respondents, small groups put to the nearest.

    Equal weights come from one cell of area, age and sex; a weight that only a few share would give them away.
    """
    steps = np.maximum(1, np.rint(weights / STEP)).astype(int)
    values, counts = np.unique(steps, return_counts=True)
    groups = [_Group(v, c, [v]) for v, c in zip(values.tolist(), counts.tolist(), strict=True)]
    while len(groups) > 1 and min(group.people for group in groups) < k:
        place = min(range(len(groups)), key=lambda i: (groups[i].people, groups[i].step))
        small = groups.pop(place)
        near = min(groups[max(place - 1, 0) : place + 1], key=lambda group: abs(group.step - small.step))
        near.people += small.people
        near.was += small.was
    becomes = {was: group.step for group in groups for was in group.was}
    return np.array([becomes[step] for step in steps.tolist()]) * STEP


def rake_wave(wave: Wave) -> Raked:
    """Weigh every response by area and age and sex. Raises: ScoringError by name of margin and category."""
    rows = list(wave.responses.order_by("pk").values_list("pk", "area_id", "age_sex", "base_weight"))
    if not rows:
        raise ScoringError("nobody answered")
    keys = frozenset(wave.margins.get("area", {}))
    margins = [
        Margin("area", [margin_key(area, keys) for _pk, area, _group, _base in rows], wave.margins.get("area", {})),
        Margin("age_sex", [group for _pk, _area, group, _base in rows], wave.margins.get("age_sex", {})),
    ]
    done = rake(margins, base=[base for *_rest, base in rows])
    _store([pk for pk, *_rest in rows], on_a_grid(done.weights))
    return done


def _store(keys: list[int], weights: Floats) -> None:
    new = [round(weight, 2) for weight in weights.tolist()]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Response._meta.db_table} r SET weight = n.weight "  # noqa: S608  the name of a table
            "FROM unnest(%s::bigint[], %s::float8[]) n(id, weight) WHERE n.id = r.id",
            [keys, new],
        )
