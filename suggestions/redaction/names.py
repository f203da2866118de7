"""Names of people in Chinese and English sentences: with a title, in a greeting, after «我叫», under a letter."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import rjieba

FULL_TITLES = (
    "女士|先生|小姐|同志|同学|师傅|老师|大爷|大妈|大伯|大叔|大婶|大娘|大姐|大哥|阿姨|奶奶|爷爷|老伯|婆婆|公公"
    "|太太|夫人|医生|大夫|经理|老板|老总|律师|教授|主任|老人家|老人|居民|村民|业主"
)
SHORT_TITLES = "姐|哥|叔|婶|伯|姨|嫂|爷|奶|妈|总|工|老"
GREETS = "您好|你好|您们好|你们好|大家好|早上好|上午好|中午好|下午好|晚上好|新年好|节日好|您|你"
# words that begin like a surname with a title behind it
NO_NAMES = frozenset(["感谢", "多谢", "致谢", "答谢", "谢谢", "祝贺", "任何", "其他", "小区", "平安", "全体", "广大"])
_HAN = "\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0003ffff"


@cache
def surnames() -> tuple[frozenset[str], frozenset[str]]:
    """Surnames of one character and of several, from ``data/surnames.txt``."""
    lines = (Path(__file__).parent.parent / "data" / "surnames.txt").read_text().split()
    single = "".join(line for line in lines if len(line) > 4)
    return frozenset(single), frozenset(line for line in lines if len(line) <= 4)


@cache
def _surname() -> str:
    single, compound = surnames()
    return f"(?:{'|'.join(sorted(compound))}|[{''.join(sorted(single))}])"


@cache
def _one() -> str:
    """Somebody as greeted: a name of any kind, mostly with a title."""
    dotted = rf"[{_HAN}]{{2,8}}(?:·[{_HAN}]{{1,8}}){{1,3}}(?:{FULL_TITLES})?"
    titled = rf"{_surname()}[{_HAN}]{{0,2}}(?:{FULL_TITLES})|[{_HAN}]{{1,4}}(?:女士|先生|小姐|大爷|大妈|阿姨|师傅)"
    familiar = rf"{_surname()}(?:{SHORT_TITLES})|[老小阿]{_surname()}(?![{_HAN}])"
    english = r"(?:Mr|Mrs|Ms|Miss|Dr|Sir|Madam)\.?(?:\s+[A-Z][\w'-]*){0,3}"
    return rf"(?:{dotted}|{english}|{titled}|{familiar}|{_surname()}[{_HAN}]{{1,2}})"


@cache
def _greetings() -> re.Pattern[str]:
    """In the group ``who``, what goes when a greeting greets nobody."""
    honour = r"(?:(?:尊敬|敬爱|亲爱)的|Dear\s+)?"
    all_of_them = rf"{_one()}(?:\s*[、,，和与及/]\s*{_one()}){{0,4}}"
    begins = r"(?:^|(?<=[\n。！!]))\s*"
    before = rf"{begins}(?P<before>{honour}{all_of_them}\s*[,，、:：!！]?\s*)(?={GREETS})"
    behind = (
        rf"(?:您好|你好|[早上中下晚]午?[上]?好)(?P<behind>[,，\s]*{honour}{all_of_them})(?=\s*(?:[,，:：。.!！~]|$))"
    )
    alone = rf"{begins}(?P<alone>{honour}{all_of_them}\s*[:：]\s*)"
    dear = rf"{begins}(?P<dear>Dear\s+{_one()}\s*[,，:：!]?\s*)"
    return re.compile(f"{before}|{behind}|{alone}|{dear}", re.MULTILINE)


def greeted(words: str) -> Iterator[tuple[int, int]]:
    """Whom a text greets, with the comma or colon that goes with it."""
    for match in _greetings().finditer(words):
        kind = match.lastgroup or ""
        if match[kind].strip() not in NO_NAMES:
            yield match.span(kind)


@cache
def _said() -> re.Pattern[str]:
    """People who say or sign who they are, or are said to be somebody."""
    name = (
        rf"(?:[{_HAN}]{{2,8}}(?:·[{_HAN}]{{1,8}})+|{_surname()}[{_HAN}]{{1,2}}|[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+){{0,2}})"
    )
    told = r"(?:我叫|我名叫|名字叫|名字是|名叫|姓名|联系人|署名|投诉人|反映人|报案人|举报人|本人)(?:是|为)?\s*[:：]?\s*"
    end = rf"(?=[^{_HAN}]|$|[住是家今在电手现于来从有想要年因的反])"
    whoever = rf"(?:我叫|我名叫)(?P<whoever>[{_HAN}]{{2,4}})(?=[^{_HAN}]|$)"
    surname = rf"(?:我姓|免贵姓)(?P<surname>{_surname()})"
    signed = rf"\n[ \t]*(?P<signed>(?!{'|'.join(NO_NAMES)}){_surname()}[{_HAN}]{{1,2}})[ \t]*\Z"
    return re.compile(rf"{told}(?P<told>{name}?){end}|{whoever}|{surname}|{signed}|{told}(?P<begun>{name})")


@cache
def _with_title() -> re.Pattern[str]:
    return re.compile(
        rf"(?=(?P<name>{_surname()}[{_HAN}]{{0,2}}?)(?P<title>{FULL_TITLES}))"
        rf"|(?=(?P<dotted>[{_HAN}]{{2,8}}(?:·[{_HAN}]{{1,8}}){{1,3}}(?:{FULL_TITLES})?))"
        r"|(?=(?P<english>(?<![A-Za-z])(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+[A-Z][\w'-]*(?:\s+[A-Z][\w'-]*){0,2}))"
    )


def named(words: str) -> Iterator[tuple[int, int]]:
    """Names as such: with a title, with a dot inside, said by their bearer, or signed under the text."""
    for match in _said().finditer(words):
        if match.lastgroup and match.group(match.lastgroup):
            yield match.span(match.lastgroup)
    starts = _word_starts(words)
    for match in _with_title().finditer(words):
        if match["dotted"] or match["english"]:
            yield match.span("dotted" if match["dotted"] else "english")
        elif match.start("name") in starts and words[match.start() : match.start() + 2] not in NO_NAMES:
            yield match.start("name"), match.end("title")


def _word_starts(words: str) -> set[int]:
    """Where a word begins: the 谢 of 感谢 is nobody's surname."""
    starts, at = set(), 0
    for word in rjieba.cut(words):
        starts.add(at)
        at += len(word)
    return starts
