"""The one figure that may be told of a person: of the wave alone, else over several, else none («样本不足»)."""

from evaluations.models import PooledScore, Score, Subject


def figure_of(subject: Subject, indicator: str, *, without_flagged: bool = False) -> Score | PooledScore | None:
    """What the current run of the subject's wave tells; two statements at most."""
    current = {"run__is_current": True, "run__without_flagged": without_flagged, "indicator": indicator}
    alone = Score.objects.filter(subject=subject, is_shown=True, **current).select_related("run").first()
    if alone is not None:
        return alone
    return PooledScore.objects.filter(subject=subject, **current).select_related("run").first()
