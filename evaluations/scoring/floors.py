"""Below these nothing is shown, to nobody, for nothing (P14)."""

from dataclasses import dataclass

FEWEST_ANSWERS = 30
FEWEST_EFFECTIVE = 25.0
LEAST_RELIABILITY = 0.7
MOST_WAVES = 4
FEWEST_EFFECTIVE_UNIT = 100.0


@dataclass(frozen=True)
class Evidence:
    """What a figure stands on."""

    n: int
    n_eff: float
    reliability: float = 1.0
    waves: int = 1


def person_may_be_shown(evidence: Evidence) -> bool:
    """n ≥ 30, n_eff ≥ 25 and reliability ≥ 0.7 over at most four waves."""
    return (
        evidence.n >= FEWEST_ANSWERS
        and evidence.n_eff >= FEWEST_EFFECTIVE
        and evidence.reliability >= LEAST_RELIABILITY
        and 1 <= evidence.waves <= MOST_WAVES
    )


def unit_may_be_shown(evidence: Evidence) -> bool:
    """n_eff ≥ 100."""
    return evidence.n_eff >= FEWEST_EFFECTIVE_UNIT
