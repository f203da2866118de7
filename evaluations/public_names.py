"""The name under which a subject stands in what anybody may read.

A unit stands there by its code. An officer stands by a name that says nothing of who it is to others, and by another
one for every figure, so that no two figures of a person can be put together; the officer's own pages tell them theirs.
"""

from core import seals
from evaluations.states import SubjectKind

DIGITS = 10


def public_name(kind: str, code: str, *, wave: str, indicator: str, pooled: bool = False) -> str:
    """The public name of the subject of this kind with this code, a badge number or the code of a unit.

    ``pooled``: of the figure over several waves, of which ``wave`` is the newest.
    """
    if kind != SubjectKind.OFFICER:
        return code
    figure = f"{wave}/{indicator}/{'pooled' if pooled else 'alone'}/{code}"
    return f"officer-{seals.fingerprint(figure, purpose='open polls')[:DIGITS]}"
