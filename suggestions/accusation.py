"""Whether a text complains of the police, and of whom: said in any words. Pure: no database.

A word of misconduct counts when the one who did it is of the police. Who did it is, as a rule, whoever was spoken of
last before it: 民警骂我 accuses, 邻居骂我 does not, nor does 抓住打人的. The words and what they stand for are in
``data/accusation.csv``; a doubt counts as a complaint: a needless question costs a moment,
a betrayal costs trust.
"""

import csv
import re
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, takewhile
from pathlib import Path

from directory.names import units_in
from suggestions.plain_words import plain

WORDS = Path(__file__).parent / "data" / "accusation.csv"
SENTENCE, CLAUSE = re.compile(r"[。！？!?；;\n]"), re.compile(r"[。！？!?；;\n，,、：:]")
DENIED = re.compile(
    r"(?:没有?|从不|从来不|从来没有?|从没有?|并未|未曾|未|毫不|毫无|绝不|不会|不再|不曾|不是|并不|不|没那么|不那么|非)"
    r"(?:再|什么|任何|人|对.{1,4}|跟.{1,3}|乱|随便|一点|觉得|感到|出现|遇到|受到|被)?$"
)
OBJECT = re.compile(
    r"(?:对着?|在|到|往|替|帮|把|将|给|跟|和|同|与|向|让|叫|冲着?|朝着?|拿|为了?|当着|帮着?|护着?|包庇|偏袒|勾结|串通|抓了?|放了?|管|问|查|拦住?|推了?|打了?|骂了?"
    r"|踢了?|吓唬|威胁|欺负|陪|带着?|连|针对|收了?|拿了?|是|逼着?|按住?|殴打|不抓|不管|不查|为难|刁难|辱骂|袒护|偏心|偏向|侮辱|训斥|按倒|铐住?)"
    r"(?:我们?|他们?|她们?|人家|这个|那个|一个|两个|几个|这位|那位|一位|小|前|年迈|生病|受伤|\d*多?岁|\w?十多?岁|怀孕|的|家里?|家的?|名){0,4}$"
)
LISTENER = re.compile("(?:向|对着?|跟|和|同|与|找|让|请|给|被)$")
HE = re.compile(
    r"(?:他们?|她们?|对方|那人|那家伙)"
    r"(?:又|还|就|也|竟然|居然|继续|还是|还在|又来|再次|当场|一直|老是|总是|现在|天天|一边|仍)*$"
)
FILLER = re.compile(r"(?:了|过|住|下|掉|一下|到|那个?|这个?|那些|这些|些|群|个|几个|这种|那种|一些|正在|乱|随意)*$")
OF = re.compile(r".{0,2}(?:的|者|犯)(.{0,8})")
QUESTION = re.compile("吗|呢[？?]|请问|想问|问一下|咨询|怎么办理|如何|是否|能不能|可不可以|要不要|需不需要|几点|多少")
ASKS = re.compile(
    f"{QUESTION.pattern}|怎么|哪里|哪个|几天|多久|是不是|什么(?!都|也|态度|东西|玩意)"
    "|几个工作日|how|when|where|is the|can i"
)
REQUEST = re.compile(
    r"(?:^|[。！？!?；;\n，,、：:])(?:我们?|大家|居民|村民|大伙)?(?:真心|强烈|诚恳|也|还|都|很|就)*"
    r"(?:请|希望|恳请|恳求|建议|求|盼|望|麻烦|拜托|期待|呼吁|想请|要求|应该|能否|最好|需要|想要|想|可以|please|could)"
)
MINE = re.compile("(?<![对冲朝向把跟给拿将骂打推逼说让叫着被])我们?(?:也|又|就|还|先|气得)?$")
OWN = re.compile(r"(?:我们?|俺|咱)(?:家|的|家的)?(?:\d*多?岁的?|老)?$|我们?(?:也|就)?是?一?个?$")
# 月河派出所有人, 出警的两个人, 民警的儿子: they are of the police, or of their side
SOME = "有人|有个人|那帮人|那伙人|那些人|帮人|伙人|群人|[几两一三]个人|个人"
OF_THEIRS = "小伙|青年|年轻人|女的|男的|男人|女人|大姐|大叔|阿姨|领导|主任|书记|男子|女子|儿子|女儿|亲戚|老婆|兄弟"
PERSON = {"": re.compile(SOME), "的": re.compile(f"{SOME}|{OF_THEIRS}")}
RESPONSIBLE = re.compile(r"(?:的人?|者).{0,6}(?:是|就是|叫)")
MOST_WORDS = 12  # enough to know
MOST_SHOWN = 6
NEAR = 14


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody who is spoken of: of the police (``unit`` where it is known which), or anybody else."""

    start: int
    end: int
    police: bool
    unit: int | None = None
    agent: bool = True  # a place or whom one greets does nothing
    weak: bool = False  # 窗口: of the police only if nothing speaks against it


@dataclass(frozen=True)
class Accusation:
    """What a text says of the police: whether it complains, with which words, and the keys of the units it names."""

    complains: bool = False
    words: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    kinds: frozenset[str] = frozenset()  # kinds of departments that are meant without a name: 交警

    def __bool__(self) -> bool:
        return self.complains


@dataclass(frozen=True)
class Lexicon:
    """The words of the file, as patterns by part."""

    parts: Mapping[str, re.Pattern[str]]
    before: Mapping[str, re.Pattern[str]]  # those parts that stand right before a mention

    def spans(self, part: str, text: str) -> list[tuple[int, int]]:
        return [found.span() for found in self.parts[part].finditer(text)]


@lru_cache
def lexicon(path: Path = WORDS) -> Lexicon:
    """The words of misconduct and of who commits it, the longest first; read once."""
    with path.open(encoding="utf-8") as lines:
        rows = {row["part"]: row["words"] for row in csv.DictReader(lines)}
    sorted_words = {part: sorted(_alternatives(words), key=len, reverse=True) for part, words in rows.items()}
    compiled = {part: re.compile(_pattern(part, words), re.IGNORECASE) for part, words in sorted_words.items()}
    before = {
        part: re.compile(f"(?:{'|'.join(sorted_words[part])})的?(?:一个|那个|这个|你们?|您|这位|我们?|咱们?)?$")
        for part in ("imposter", "request", "acting")
    }
    return Lexicon(compiled, before)


def _pattern(part: str, words: Sequence[str]) -> str:
    latin = [word for word in words if re.match("[a-z]", word)]
    rest = [word for word in words if word not in latin]
    return "|".join([*rest, *([rf"\b(?:{'|'.join(latin)})\b"] if latin else [])])


def _alternatives(words: str) -> Iterable[str]:
    """The words between bars that stand outside brackets."""
    depth = start = 0
    for place, character in enumerate(words):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if character == "|" and not depth:
            yield words[start:place]
            start = place + 1
    yield words[start:]


def accusation_in(text: str, names: Mapping[str, int]) -> Accusation:
    """Whether the text complains of the police, and which units it names; ``names`` leads to their keys."""
    return Reading(plain(text), names).accusation()


def named_in(text: str, names: Mapping[str, int]) -> tuple[int, ...]:
    """The units that a text names otherwise than as a place, complaint or not, the first first."""
    return Reading(plain(text), names).named()


class Reading:
    """One text, read once."""

    def __init__(self, text: str, names: Mapping[str, int]) -> None:
        self.text, self.words = text, lexicon()
        self.clauses = [0, *(found.end() for found in CLAUSE.finditer(text))]
        self.sentences = [0, *(found.end() for found in SENTENCE.finditer(text))]
        self.mentions = self._mentions(names)
        self.ends = [one.end for one in self.mentions]
        self.police = [one for one in self.mentions if one.police and one.agent]

    def accusation(self) -> Accusation:
        found = sorted(set(islice(self._conduct(), MOST_WORDS)))
        if not found and not self._grieves():
            return Accusation()
        words = tuple(dict.fromkeys(self.text[start:end] for start, end in found))
        kinds = {"traffic"} if re.search("交警|车管所|交管", self.text) else set()
        return Accusation(True, words[:MOST_SHOWN], self.named(), frozenset(kinds))

    def named(self) -> tuple[int, ...]:
        units = [one.unit for one in self.mentions if one.police and one.unit and not self._is_place(one)]
        return tuple(dict.fromkeys(unit for unit in units if unit))

    # who is spoken of

    def _mentions(self, names: Mapping[str, int]) -> list[Mention]:
        units = [(spot.start, self._with_chief(spot.end), True, spot.unit) for spot in units_in(self.text, names)]
        police = [(*span, True, None) for part in ("police", "staff") for span in self.words.spans(part, self.text)]
        civil = [(*span, False, None) for span in self.words.spans("civil", self.text)]
        civil += [(*found.span(), False, None) for found in SOMEBODY.finditer(self.text)]
        kept: list[tuple[int, int, bool, int | None]] = []
        for one in sorted([*units, *police, *civil], key=lambda one: (one[0], -(one[1] - one[0]), one[3] is None)):
            if kept and one[0] < kept[-1][1]:
                continue  # inside the one before
            kept.append(one)
        return self._joined(kept)

    def _with_chief(self, end: int) -> int:
        """月河所长 is one word."""
        return end + 1 if self.text[end - 1 : end + 1] == "所长" else end

    def _joined(self, spans: list[tuple[int, int, bool, int | None]]) -> list[Mention]:
        """吴兴区分局月河派出所民警 is one: the last unit of the chain, and what stands behind it. 物业工作人员 too."""
        chains: list[tuple[int, int, bool, int | None]] = []
        for start, end, police, unit in spans:
            last = chains[-1] if chains else None
            gap = self.text[last[1] : start] if last else ""
            if last and last[2] and police and (not gap or gap == "的"):
                chains[-1] = (last[0], end, True, unit or last[3])
            elif last and last[2] and unit is None and gap in ("", "的") and PERSON[gap].match(self.text, start):
                chains[-1] = (last[0], end, True, last[3])
            elif last and not last[2] and self._is_same_person(gap, start, end, police):
                chains[-1] = (last[0], end, False, None)
            else:
                chains.append((start, end, police, unit))
        return [self._mention(*chain) for chain in chains]

    def _is_same_person(self, gap: str, start: int, end: int, police: bool) -> bool:
        """饭店的老板, 物业工作人员: both words are of one who is not of the police."""
        if police:
            return not gap and self.words.parts["staff"].fullmatch(self.text, start, end) is not None
        return gap in ("", "的")

    def _mention(self, start: int, end: int, police: bool, unit: int | None) -> Mention:
        if not police:
            return Mention(start, end, False)
        if self.words.before["imposter"].search(self.text, max(0, start - 8), start):
            return Mention(start, end, False)
        silent = self.words.parts["place"].match(self.text, end) or self.words.parts["greeting"].match(self.text, end)
        weak = unit is None and self.words.parts["staff"].fullmatch(self.text, start, end) is not None
        return Mention(start, end, True, unit, agent=not silent, weak=weak)

    def _is_place(self, one: Mention) -> bool:
        return self.words.parts["place"].match(self.text, one.end) is not None

    # what was done

    def _conduct(self) -> Iterable[tuple[int, int]]:
        neutral = set(chain.from_iterable(range(*span) for span in self.words.spans("neutral", self.text)))
        by_others: set[str] = set()
        for part in ("force", "service", "office", "feeling", "report", "english", "doubt"):
            for start, end in self.words.spans(part, self.text):
                if start in neutral or self._is_denied(start) or (part == "force" and self._is_mine(start)):
                    continue
                if getattr(self, f"_by_police_{part}")(start, end, by_others):
                    yield start, end
                else:
                    by_others.add(part)

    def _is_denied(self, start: int) -> bool:
        clause = self._clause_start(start)
        return DENIED.search(self.text[max(clause, start - 7) : start]) is not None

    def _is_mine(self, start: int) -> bool:
        """我骂了他们."""
        return MINE.search(self.text, max(0, start - 5), start) is not None

    def _by_police_force(self, start: int, end: int, by_others: set[str]) -> bool:
        """Somebody of the police was spoken of last before it."""
        behind = self._behind(start, end)
        if behind is not None:
            return behind
        if "force" in by_others and HE.search(self.text, max(0, start - 10), start):
            return False  # the same as before
        doer = self._doer(start)
        return doer is not None and doer.police and not self._acts_on_it(doer, start)

    def _by_police_service(self, start: int, end: int, by_others: set[str]) -> bool:
        doer = self._doer(start)
        if doer is not None:
            return doer.police
        return any(not self._is_asked(one) for one in self.police if one.start >= end and not self._civil_before(one))

    def _by_police_office(self, start: int, end: int, by_others: set[str]) -> bool:
        doer = self._doer(start, within=self._clause_start(start))
        return doer is None or doer.police

    def _by_police_feeling(self, start: int, end: int, by_others: set[str]) -> bool:
        doer = self._doer(end, objects=True)
        return doer is not None and doer.police

    def _by_police_report(self, start: int, end: int, by_others: set[str]) -> bool:
        """投诉月河派出所, but not 向月河派出所举报赌博 nor 举报月河派出所对面的赌场."""
        ahead = [one for one in self.mentions if end <= one.start <= end + NEAR]
        first = next(iter(ahead), None)
        if first is None or not first.police or not first.agent:
            return False
        gap = self.text[end : first.start]
        return not CLAUSE.search(gap.strip("：:，,")) and not self.words.before["request"].search(gap)

    def _by_police_doubt(self, start: int, end: int, by_others: set[str]) -> bool:
        """No word of misconduct, but neither thanks, question nor request: the police did it, and it grieves."""
        sentence = self._sentence_start(start)
        doer = self._doer(start, within=sentence)
        if doer is None or not doer.police or doer.weak or self._is_asked(doer) or self._acts_on_it(doer, start):
            return False
        stop = SENTENCE.search(self.text, end)
        until = stop.end() if stop else len(self.text)
        friendly = self.words.parts["praise"].search(self.text, sentence, until)
        return not friendly and not QUESTION.search(self.text, sentence, until)

    def _by_police_english(self, start: int, end: int, by_others: set[str]) -> bool:
        if not self.police:
            return False
        doer = self._doer(start, within=self._sentence_start(start))
        return doer is None or doer.police

    def _grieves(self) -> bool:
        """The police did something, and the text neither thanks, asks nor requests, nor speaks of other people or
        of another trouble: what else should it be about?"""
        did = any(not one.weak and not self._is_asked(one) for one in self.police)
        benign = (ASKS, REQUEST, self.words.parts["praise"], self.words.parts["trouble"])
        return did and not any(words.search(self.text) for words in benign) and not self._others()

    def _others(self) -> bool:
        """Whether anybody else does something in the text, who is not of the citizen's own side."""
        others = (n for n, one in enumerate(self.mentions) if not one.police)
        return any(not self._is_meant_otherwise(n) and not self._is_own(self.mentions[n]) for n in others)

    def _is_own(self, one: Mention) -> bool:
        """我妈 is of the citizen's own side, and so is who speaks: 我是女的."""
        return OWN.search(self.text, max(0, one.start - 6), one.start) is not None

    # who did it

    def _doer(self, place: int, *, within: int = 0, objects: bool = False) -> Mention | None:
        """Whoever was spoken of last before ``place``, unless something was done to them."""
        for number in range(bisect(self.ends, place) - 1, -1, -1):
            one = self.mentions[number]
            if one.start < within:
                return None
            if one.agent and (objects or not self._is_meant_otherwise(number)) and not self._is_far(one, place):
                return one
        return None

    def _is_far(self, one: Mention, place: int) -> bool:
        """Asked for help in an earlier sentence: 请派出所来查. 说他两句，还骂人."""
        return one.police and one.start < self._sentence_start(place) and self._is_asked(one)

    def _is_meant_otherwise(self, number: int) -> bool:
        """民警对老人态度差: the old man is whom it was done to. 邻居跟民警吵: the neighbour does it."""
        one = self.mentions[number]
        clause = self._clause_start(one.start)
        if (LISTENER if one.police else OBJECT).search(self.text, clause, one.start) is None:
            return False
        earlier = (self.mentions[n] for n in range(number - 1, -1, -1))
        here = takewhile(lambda other: other.start >= clause, earlier)
        return any(other.agent and other.police != one.police for other in here)

    def _behind(self, start: int, end: int) -> bool | None:
        """打我的是民警, 打人的邻居: who did it stands behind; None where nobody does."""
        found = OF.match(self.text, end)
        if found is None or CLAUSE.search(self.text, end, found.start(1)):
            return None
        stop = CLAUSE.search(self.text, end)
        clause_end = stop.start() if stop else len(self.text)
        ahead = [one for one in self.mentions if found.start(1) <= one.start < min(end + NEAR, clause_end)]
        if ahead and (ahead[0].start <= found.start(1) + 2 or RESPONSIBLE.match(self.text, end)):
            return ahead[0].police
        doer = self._doer(start, within=self._clause_start(start))
        return False if doer is not None and doer.police and self._acts_on_it(doer, start) else None

    def _acts_on_it(self, doer: Mention, start: int) -> bool:
        """民警抓住了打人的: they act on what another did."""
        gap = self.text[doer.end : start]
        plain = FILLER.sub("", gap)
        return not CLAUSE.search(gap) and self.words.before["acting"].search(plain) is not None

    def _is_asked(self, one: Mention) -> bool:
        """请月河派出所来看看: they are asked for help."""
        return self.words.before["request"].search(self.text, max(0, one.start - 6), one.start) is not None

    def _civil_before(self, one: Mention) -> bool:
        return self._doer(one.start, within=self._sentence_start(one.start), objects=True) not in (None, *self.police)

    def _clause_start(self, place: int) -> int:
        return self.clauses[bisect(self.clauses, place) - 1]

    def _sentence_start(self, place: int) -> int:
        return self.sentences[bisect(self.sentences, place) - 1]


SOMEBODY = re.compile(
    r"(?:老|小)[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯沈陆姚钱](?![一-鿿]?(?:警|所))"
    r"|[一-鿿]某|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯沈陆姚钱](?:阿姨|大妈|大爷|老板|师傅|先生|女士|大哥|大姐|叔|婶|奶奶|爷爷|总)"
)
