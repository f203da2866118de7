"""The name under which a subject stands in what anybody may read.

A unit stands there by its code. An officer stands by a name that says nothing of who it is to others and is the same
in every file, so that anybody can work all figures out again and the officer finds their own.
"""

from core import seals
from evaluations.states import SubjectKind

DIGITS = 10


def public_name(kind: str, code: str) -> str:
    """The public name of the subject of this kind with this code, a badge number or the code of a unit."""
    if kind != SubjectKind.OFFICER:
        return code
    return f"officer-{seals.fingerprint(code, purpose='open polls')[:DIGITS]}"
