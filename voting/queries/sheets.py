"""Sheets to be printed, and what stands on them."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from annual_projects.models import Edition
from core import pdf
from core.day_words import daytime
from directory.models import Unit
from voting import paper
from voting.models import PaperSheet, Poll
from voting.queries import polls
from voting.states import AgeBand, SheetState

IN_ONE_FILE = 100


def to_print(edition: Edition, unit: Unit, part: int) -> list[str]:
    """The serials of the n-th hundred sheets (from 1) that are with a unit, in the order they were issued."""
    if part < 1:
        return []
    issued = PaperSheet.objects.filter(edition=edition, unit=unit, state=SheetState.ISSUED)
    ordered = issued.order_by("issued_at", "serial").values_list("serial", flat=True)
    return list(ordered[(part - 1) * IN_ONE_FILE : part * IN_ONE_FILE])


def parts(sheets: int) -> range:
    """The numbers of the files in which so many sheets are printed."""
    return range(1, -(-sheets // IN_ONE_FILE) + 1)


def as_paper(poll: Poll, serials: list[str]) -> dict[str, Any]:
    """What the template prints: always in Chinese, as the ballot is an official paper."""
    edition = poll.edition
    with override("zh-hans"):
        return {
            "title": _("Ballot for the ten projects of %(year)s") % {"year": edition.year},
            "how": _how(edition),
            "until": _("Hand it in by %(day)s at the latest.") % {"day": daytime(edition.voting_closes)},
            "secret": _("Do not write your name on it, nor any sign: it would not count then."),
            "candidates": [
                {"number": one.number, "key": paper.key_of(one.number or 0), "title": one.title, "summary": one.summary}
                for one in polls.candidates(poll)
            ],
            "age": {"ask": _("Your age (you need not tell):"), "bands": [str(band.label) for band in AgeBand]},
            "serial": _("Serial"),
            "sheets": [{"serial": paper.spaced(serial), "qr": pdf.qr(serial)} for serial in serials],
            "stub": {
                "title": _("Stub: stays with the clerk"),
                "words": _("Identity checked and entered. No name and no number is written here or on the ballot."),
                "clerk": _("Clerk"),
                "day": _("Date"),
            },
            "cut": _("Tear off here before the ballot is given out"),
            "lang": "zh",
        }


def _how(edition: Edition) -> str:
    low, high = edition.choose_min, edition.choose_max
    if low == high:
        return _("Mark exactly %(n)s with a tick or a cross in the box.") % {"n": high}
    return _("Mark %(low)s to %(high)s with a tick or a cross in the box.") % {"low": low, "high": high}
