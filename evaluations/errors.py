"""What may go wrong with a wave and with what is handed in, in words a person can act on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, Text, WrongState


class WaveMovedOn(WrongState):
    """The wave is not in a state in which this can be done."""

    default = _("This cannot be done now: the wave has moved on. Please look at the page again.")


class AppraisalMovedOn(WrongState):
    """The scheme, run or appeal is not in a state in which this can be done."""

    default = _("This cannot be done now: somebody has gone on meanwhile. Please look at the page again.")


class WaveClosed(WrongState):
    """Files are taken only while the wave is in the field."""

    code = "wave-closed"
    default = _("This wave takes no files now: it is not in the field.")


class CannotWeigh(DomainError):
    """The weights do not come out; the message names the margin and the category."""

    code = "cannot-weigh"
    default = _("The weights do not come out.")


class BadSignature(DomainError):
    """The file was not signed with this key, or the key is unknown, revoked or another pollster's."""

    status = 422
    code = "bad-signature"
    default = _("The signature does not fit this file and key.")


class RunNotMadeKnown(WrongState):
    """Gates are recorded from the published appraisals that hold now."""

    default = _("Gates come from a published appraisal that still holds.")


class NotRecognised(DomainError):
    """Nobody is promoted without the public's recognition; the message says what is missing (P10)."""

    code = "not-recognised"
    default = _("The public's recognition is missing.")


class NoGround(DomainError):
    """What was proven does not carry a case; the message says what would."""

    code = "no-ground"
    default = _("A low rank alone opens no case: a signal twice in a year or a proven fact is needed.")


class CaseMovedOn(WrongState):
    """The accountability case is not in a state in which this can be done."""

    default = _("This cannot be done now: the case has moved on. Please look at the page again.")


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file; ``line`` counts from 1 with the heading, ``value`` is masked."""

    sheet: str
    line: int
    column: str
    code: str
    message: str
    value: str = ""

    def as_dict(self) -> dict[str, str | int]:
        return asdict(self)


class ImportRefused(DomainError):
    """The file has faults; all of them are listed, and nothing of it was kept."""

    status = 422
    code = "import-refused"

    def __init__(self, problems: Sequence[Problem], message: Text | None = None) -> None:
        super().__init__(message or _("The file was not taken. Please correct every line that is listed."))
        self.problems = list(problems)

    @property
    def extra(self) -> dict[str, object]:
        """What a problem body says beside the sentence: every fault by sheet, line, column and code."""
        return {"faults": [problem.as_dict() for problem in self.problems]}
