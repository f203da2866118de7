"""What a text says of people, found and marked: a proposal of what to take out, for whoever reads it first.

Pure: words in, marks out. Nothing here decides what is published; a person does (``services.publishing``).
"""

from suggestions.redaction.known import Known
from suggestions.redaction.marking import (
    Kind,
    Mark,
    Piece,
    cut,
    marks,
    neutral,
    pieces,
    replaced,
    sealed_marks,
    without_known,
)

__all__ = [
    "Kind",
    "Known",
    "Mark",
    "Piece",
    "cut",
    "marks",
    "neutral",
    "pieces",
    "replaced",
    "sealed_marks",
    "without_known",
]
