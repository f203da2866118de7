"""Marks on a text: where it says who somebody is, of what kind, and what is proposed to stand there instead."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import phonenumbers
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from suggestions.redaction import names
from suggestions.redaction.folding import folded
from suggestions.redaction.known import Known

STAR = "*"
NOTHING_KNOWN = Known()


class Kind(TextChoices):
    SEALED = "sealed", _("known to the sealed record of this case")
    GREETING = "greeting", _("whom it greets")
    ID = "id", _("number of a paper")
    CARD = "card", _("bank card")
    PHONE = "phone", _("telephone number")
    ACCOUNT = "account", _("name in a chat programme")
    PLATE = "plate", _("number plate")
    EMAIL = "email", _("e-mail address")
    HOUSE = "house", _("house or room")
    NAME = "name", _("name")
    NUMBER = "number", _("long number")


@dataclass(frozen=True, order=True)
class Mark:
    """From ``start`` up to ``end``, in characters of the text; ``instead`` is what is proposed there."""

    start: int
    end: int
    kind: Kind
    instead: str


@dataclass(frozen=True)
class Piece:
    """Some words of a text, marked or not."""

    words: str
    kind: Kind | None = None


_N = r"(?:[A-Z]?\d{1,4}[A-Z]?|[一二三四五六七八九十百零〇两]{1,5}|[甲乙丙丁东南西北中])"
_BUILDING = rf"{_N}(?:号楼|幢|栋|座|号)[ ,，-]?"
_STAIRS = rf"{_N}(?:单元|门洞|梯)[ ,，-]?"
_CUE = r"电话|手机|座机|固话|短号|小号|热线|号码|拨打|致电|联系|tel|phone|call|mobile"
_CHAT = (
    r"微 ?信|薇信|威信|v信|vx|wechat|weixin|wx|qq|扣扣|企鹅|抖音|快手|支付宝|微博|小红书|钉钉|telegram|whatsapp|line"
)
_PAPER = r"护照|通行证|居留证|驾驶证|社保卡|医保卡|证件|警官证"
_NUMERAL = "[零〇○一二三四五六七八九两幺壹贰叁肆伍陆柒捌玖]"
_PROVINCE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
_PLATE = r"[A-Z][ ·.-]{0,2}(?=[A-Z0-9 ]{0,6}\d)[A-Z0-9](?: ?[A-Z0-9]){3,4}[A-Z0-9挂学警港澳]?"
PATTERNS: tuple[tuple[Kind, str], ...] = (
    (Kind.EMAIL, r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]{1,64} ?@ ?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"),
    (Kind.ID, r"(?<![\dA-Za-z])\d(?:[ -]?\d){16}[ -]?[\dXx*](?![\dA-Za-z])"),
    (Kind.ID, r"(?<![A-Za-z])(?:[EGKDPSHMCW][A-Z]?)\d{7,10}(?!\d)"),
    (Kind.ID, rf"(?:{_PAPER})号?码?[是为:： ]{{0,3}}([A-Za-z0-9][A-Za-z0-9 -]{{4,19}})"),
    (Kind.CARD, r"(?<!\d)\d(?:[ -]?\d){15,18}(?!\d)"),
    (Kind.NUMBER, r"(?<!\d)\d(?:[ -]?\d){11,14}(?!\d)"),
    (Kind.NUMBER, r"(?<!\d)(?!(?:19|20)\d\d[01]\d[0-3]\d(?!\d))\d{6,19}[Xx]?(?!\d)"),
    (Kind.PHONE, r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ .·/_-]{0,2}\d){8}(?!\d)"),
    (Kind.PHONE, r"(?<!\d)\(?0\d{2,3}\)?[ -]{0,3}[2-9]\d{2,3}[ -]?\d{4}(?!\d)"),
    (Kind.PHONE, rf"(?i:{_CUE})[^\d\n。，,]{{0,6}}(\d(?:[ -]?\d){{5,12}})(?!\d)"),
    (Kind.PHONE, rf"{_NUMERAL}(?:[ -]?{_NUMERAL}){{6,}}"),
    (Kind.PLATE, rf"(?i:{_PROVINCE} ?{_PLATE})(?![A-Za-z0-9])"),
    (
        Kind.ACCOUNT,
        rf"(?i:{_CHAT})(?i:号码?|账号|群|id)? ?(?:是|为|:|：|加|同号)? ?([A-Za-z0-9_][A-Za-z0-9_@.-]{{3,29}})",
    ),
    (Kind.HOUSE, rf"(?:{_BUILDING})?(?:{_STAIRS})?{_N}(?:室|房间|房(?![东产子屋价地主管]))"),
    (Kind.HOUSE, rf"{_BUILDING}(?:{_STAIRS})?\d{{3,4}}(?![\d号路年元人个次天米度])"),
    (Kind.HOUSE, rf"{_N}(?:单元|门洞)[ ,，-]?{_N}?[号户]?"),
    (Kind.HOUSE, r"(?<![\d-])\d{1,3}-\d{1,2}-\d{3,4}(?![\d-])"),
    (Kind.HOUSE, r"(?<=[路街弄巷道村组里庄浜港埭]) ?(?:\d{1,4}弄)?\d{1,4}号(?:之\d)?(?![线楼台])"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in PATTERNS)
_CASE_NUMBER = re.compile(r"(?<!\d)20\d\d-\d{6}(?!\d)")
_DAY = re.compile(r"(?<!\d)(?:19|20)\d\d[-./ ][01]?\d[-./ ][0-3]?\d(?!\d)")


def cut(words: str, longest: int) -> str:
    """``words`` in at most ``longest`` characters, with … where some are left out; never in the middle of what tells
    who somebody is: half a telephone number is found by nobody who looks for telephone numbers."""
    if len(words) <= longest:
        return words
    end = min((one.start for one in marks(words) if one.start < longest - 1 < one.end), default=longest - 1)
    return words[:end] + "…"


def marks(words: str, known: Known = NOTHING_KNOWN) -> list[Mark]:
    """What ``words`` says of people, in order and apart from each other; ``known`` adds what this case knows."""
    plain = folded(words)
    found = [Mark(start, end, Kind.GREETING, "") for start, end in names.greeted(plain)]
    found += [_starred(start, end, Kind.NAME) for start, end in names.named(plain)]
    found += [_starred(start, end, kind) for start, end, kind in _patterns(plain)]
    return _apart([*sealed_marks(words, known), *found])


def sealed_marks(words: str, known: Known) -> list[Mark]:
    """Only what this case knows: the marks that may not stay."""
    return [_starred(start, end, Kind.SEALED) for start, end in known.found(words)]


def neutral(words: str, known: Known = NOTHING_KNOWN) -> str:
    """The text as proposed for others: it greets nobody, and what is marked is made unreadable."""
    return replaced(words, marks(words, known))


def without_known(words: str, known: Known) -> str:
    """The text with nothing more taken out than what this case knows."""
    return replaced(words, _apart(sealed_marks(words, known)))


def pieces(words: str, found: Iterable[Mark]) -> list[Piece]:
    """The text cut at its marks, for a page that shows them."""
    cut, at = [], 0
    for mark in found:
        cut += [Piece(words[at : mark.start]), Piece(words[mark.start : mark.end], mark.kind)]
        at = mark.end
    return [piece for piece in [*cut, Piece(words[at:])] if piece.words]


def _patterns(plain: str) -> Iterator[tuple[int, int, Kind]]:
    spared = [match.span() for pattern in (_CASE_NUMBER, _DAY) for match in pattern.finditer(plain)]
    found = [
        (*match.span(1 if pattern.groups else 0), kind)
        for kind, pattern in _COMPILED
        for match in pattern.finditer(plain)
    ]
    found += [(number.start, number.end, Kind.PHONE) for number in phonenumbers.PhoneNumberMatcher(plain, "CN")]
    for start, end, kind in found:
        if not any(first <= start and end <= last for first, last in spared):
            yield start, end, kind


def _starred(start: int, end: int, kind: Kind) -> Mark:
    return Mark(start, end, kind, STAR * (end - start))


def _apart(found: Iterable[Mark]) -> list[Mark]:
    """Marks that touch each other made one: the whole is covered, and the first kind of the list is named."""
    order = list(Kind)
    joined: list[Mark] = []
    for mark in sorted(found):
        if joined and mark.start < joined[-1].end:
            before = joined.pop()
            end = max(before.end, mark.end)
            kind = min(before.kind, mark.kind, key=order.index)
            greets = Kind.GREETING in (before.kind, mark.kind) and not (before.instead and mark.instead)
            inside = greets and end == (before.end if before.kind == Kind.GREETING else mark.end)
            joined.append(Mark(before.start, end, kind, "" if inside else STAR * (end - before.start)))
        else:
            joined.append(mark)
    return joined


def replaced(words: str, found: Iterable[Mark]) -> str:
    """The text with what is proposed for each mark in its place."""
    kept, at = [], 0
    for mark in found:
        kept += [words[at : mark.start], mark.instead]
        at = mark.end
    return "".join([*kept, words[at:]])
