"""What was written to slip past a reader of words, as it is meant: 民jing, jc, 警*察, 派-出-所. Pure: no database."""

import csv
import re
from functools import lru_cache
from pathlib import Path

from core import text as texts

SPELLINGS = Path(__file__).parent / "data" / "spellings.csv"
HAN = "㐀-鿿"
# a blank between characters, and what nobody writes there but to hide a word: 警*察
BETWEEN = re.compile(rf"(?<=[{HAN}])[ \t　*~_|^#`＊～＿｜＾＃﹡•·・\\/-]+(?=[{HAN}])")
# 民.警.打.我, 派，出，所: one sign after each of at least three characters
APART = re.compile(rf"[{HAN}](?:([.,，、。…'\"+=])[{HAN}])(?:\1[{HAN}])+(?![{HAN}])")
# alone, for whoever they stand for: jc骂我
LETTERS = {"jc": "警察", "mj": "民警", "fj": "辅警", "xj": "协警", "pcs": "派出所", "jcss": "警察", "gaj": "公安局"}
ALONE = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(LETTERS)})(?![a-z0-9])")
# how people speak at home
DIALECT = str.maketrans({"俺": "我", "咱": "我", "侬": "你", "勿": "不", "恁": "你", "囗": "口"})
THEY = re.compile("伊拉|伊(?=讲|话|个|骂|打|拿|凶|顶|是|勿|不|就)")


@lru_cache
def _spellings(path: Path = SPELLINGS) -> tuple[tuple[re.Pattern[str], str], ...]:
    """What is meant by what is written; read once."""
    with path.open(encoding="utf-8") as lines:
        return tuple((re.compile(row["written"]), row["meant"]) for row in csv.DictReader(lines))


def plain(text: str) -> str:
    """The text as it is meant: simplified characters, plain letters and digits, nothing between the characters of a
    word, and the police by their name."""
    said = texts.simplified(texts.ascii_digits(texts.clean(text))).lower()
    said = APART.sub(lambda found: re.sub(rf"[^{HAN}]", "", found[0]), BETWEEN.sub("", said))
    said = ALONE.sub(lambda found: LETTERS[found[0]], said.translate(DIALECT))
    for written, meant in _spellings():
        said = written.sub(meant, said)
    return THEY.sub("他", said)
