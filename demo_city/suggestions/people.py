"""Generated people: a name that fits an age, a demo telephone, and a way of writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from demo_city.suggestions.model import Person

#: 199 0000 xxxx is a valid Chinese mobile number; the first hundred are left to the demo's own accounts.
PHONE_PREFIX = "1990000"
_RESERVED, _PHONES = 100, 10_000
_RETURNING = 0.16


@dataclass(frozen=True, slots=True)
class Persona:
    """How a kind of person writes; figures are chances between 0 and 1."""

    era: str
    dialect: float = 0.1
    typos: float = 0.12
    dictates: float = 0.0
    loose: float = 0.3
    emoji: float = 0.03
    formal: float = 0.03
    walks_in: float = 1.0


PERSONAS = {
    "elder": Persona("old", dialect=0.45, typos=0.2, dictates=0.28, emoji=0.02, walks_in=2.6),
    "teacher": Persona("old", dialect=0.0, typos=0.02, loose=0.02, formal=0.8, walks_in=1.2),
    "farmer": Persona("old", dialect=0.45, typos=0.25, dictates=0.22, walks_in=2.6),
    "parent": Persona("middle", emoji=0.09),
    "shop_owner": Persona("middle", dialect=0.2, typos=0.18, dictates=0.06),
    "newcomer": Persona("migrant", dialect=0.0, typos=0.2, dictates=0.05, walks_in=1.6),
    "driver": Persona("middle", dialect=0.15, loose=0.4, dictates=0.05),
    "courier": Persona("migrant", dialect=0.0, loose=0.6, emoji=0.08, walks_in=0.3),
    "student": Persona("young", dialect=0.0, typos=0.06, loose=0.5, emoji=0.2, walks_in=0.2),
    "worker": Persona("middle", dialect=0.1, emoji=0.05),
    "hr": Persona("middle", dialect=0.0, typos=0.03, loose=0.1, formal=0.2),
    "foreigner": Persona("foreign", dialect=0.0, typos=0.0, loose=0.0, emoji=0.0, walks_in=0.4),
}
DEFAULT_MIX = {
    "worker": 6,
    "elder": 4,
    "newcomer": 3,
    "parent": 3,
    "shop_owner": 2,
    "farmer": 2,
    "student": 1,
}

_LOCAL = "沈陈王张李吴徐钱朱姚费施潘陆俞杨周金姜严闵邱慎章顾蒋许莫褚邵凌温钮嵇臧戴"
_NATIONAL = "王李张刘陈杨赵黄周吴孙马胡郭何高罗郑梁谢宋唐韩冯曹彭曾萧田董袁潘蔡余叶"
_RARE = ("闫", "芈", "仉", "昝", "逄", "欧阳", "上官", "鄢", "缪", "厍")
_GIVEN: dict[tuple[str, bool], str] = {
    (
        "old",
        False,
    ): "水根 金荣 阿毛 阿大 福林 荣泉 小毛 根法 庆生 志明 炳坤 松林 阿六 国祥 德兴 寿根 伯泉 云龙",
    (
        "old",
        True,
    ): "桂英 阿娥 菊珍 美珍 杏宝 凤仙 阿巧 金娣 雪珍 素娥 玉梅 招娣 秀宝 月琴 林宝 阿菊 琴芳 云仙",
    (
        "middle",
        False,
    ): "建国 国强 伟民 志强 海峰 建平 永明 剑锋 卫东 晓东 立新 学军 斌 勇 俊 建峰 国平 明华 新良",
    (
        "middle",
        True,
    ): "丽华 美芳 红梅 晓燕 建英 雅琴 敏 丽娟 春燕 小红 慧 雪芳 静 海燕 丹 玉芬 利萍 爱珍 云霞",
    ("young", False): "子轩 浩然 宇航 俊杰 一鸣 嘉豪 晨阳 泽宇 昊 天翔 梓涵 思远 逸凡 睿 佳乐 翊 喆 辰",
    ("young", True): "雨欣 梓涵 佳怡 思琪 欣怡 诗雨 语晨 雅婷 若曦 梦洁 可馨 怡然 晨曦 妍 萱 玥 雨桐 婧",
    (
        "migrant",
        False,
    ): "建设 志刚 大勇 金贵 长江 家旺 兴华 春生 小军 国庆 光辉 德财 万里 新民 鹏飞 虎 强 中华",
    ("migrant", True): "小芳 秀兰 春花 大妹 彩云 金花 翠翠 霞 美丽 玉兰 艳 会英 巧玲 翠兰 兰香 春梅 小莲 芬",
    ("foreign", False): "Daniel Mark Ivan Ahmed Peter Luca Tomasz Carlos",
    ("foreign", True): "Anna Maria Amina Julia Sofia Grace Elena Linh",
}


class Cast:
    """The people of one corpus: most speak once, some come back, every named one has a telephone of their own."""

    def __init__(self, rng: Random) -> None:
        self._phones = rng.sample(range(_RESERVED, _PHONES), _PHONES - _RESERVED)
        self._known: dict[str, list[Person]] = {}

    def call(self, rng: Random, persona: str, *, new: bool = False) -> Person:
        """Someone who writes like this; `new` insists on a person not heard before while telephones last."""
        known = self._known.setdefault(persona, [])
        if known and not self._phones:
            return rng.choice(known)
        if known and not new and rng.random() < _RETURNING:
            return rng.choice(known)
        known.append(self._newcomer(rng, persona))
        return known[-1]

    def _newcomer(self, rng: Random, persona: str) -> Person:
        phones = self._phones or list(range(_RESERVED, _PHONES))
        phone = f"{PHONE_PREFIX}{phones.pop():04d}"
        female = rng.random() < 0.5
        return Person(name_of(rng, PERSONAS[persona].era, female), phone, female, persona)


def name_of(rng: Random, era: str, female: bool) -> str:
    """A plausible generated name; a few surnames and given names are rare on purpose."""
    given = rng.choice(_GIVEN[era, female].split())
    if era == "foreign":
        return f"{given} {rng.choice('ABDFGHKLMNPRSTVW')}."
    surname = _surname(rng, era)
    if era == "young" and rng.random() < 0.03:
        return surname + rng.choice(("䶮", "㛃", "𬱖", "垚", "𫖯"))
    return surname + given


def _surname(rng: Random, era: str) -> str:
    if rng.random() < 0.02:
        return rng.choice(_RARE)
    if era == "migrant" or rng.random() < 0.15:
        return rng.choice(_NATIONAL)
    return rng.choice(_weighted(_LOCAL))


def _weighted(names: Sequence[str]) -> str:
    """The commoner half twice, the commonest ten three times, as surnames are spread."""
    return "".join(names) + "".join(names[: len(names) // 2]) + "".join(names[:10])
