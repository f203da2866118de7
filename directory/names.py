"""How people call units and officers: full, short and spoken names, and badge numbers. Pure: no database."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

OFFICES = ("县公安局", "新区分局", "区分局", "市公安局", "公安局", "分局")
SEATS = ("街道", "镇", "乡", "")
SHORTEST, LONGEST = 3, 16  # characters of a name
# 月河所 is a station, but 月河所有人 ("everybody in Yuehe") names none
NO_STATION = re.compile("[有以需谓得属说用致见能获涉指述幸住花]|在地|在的|处的|做的|作的")
DEPARTMENTS = {
    "traffic": ("交警大队", "交警支队", "交警队", "交警", "车管所"),
    "household": ("户政科", "户籍科", "户政"),
    "crime": ("刑侦大队", "刑警大队", "刑侦支队", "刑警队", "刑警"),
    "inspectorate": ("督察大队", "督察支队", "督察队"),
    "public_work": ("群众工作站", "群众工作中心"),
    "exit_entry": ("出入境管理支队", "出入境管理局", "出入境大厅", "出入境"),
    "public_security": ("治安支队", "治安大队"),
    "anti_fraud": ("反诈中心",),
    "legal": ("法制支队", "法制大队"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What must be known of a unit to know its names."""

    pk: int
    name: str
    name_en: str
    kind: str
    function: str
    parent: int | None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a text a unit is named."""

    start: int
    end: int
    unit: int


@dataclass(frozen=True, slots=True)
class People:
    """What in a text may be officers: names beside a title, and badge numbers."""

    names: frozenset[str] = frozenset()
    badges: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.names or self.badges)


@lru_cache(maxsize=4)
def names_of(units: tuple[Known, ...]) -> Mapping[str, int]:
    """Every name that people use of a unit, to its key; a name that fits two units belongs to neither, unless it is
    the full name of one."""
    known = {unit.pk: unit for unit in units}
    full = {unit.name: unit.pk for unit in units}
    spoken: dict[str, set[int]] = {}
    for unit in units:
        for name in _spoken(unit, known):
            if len(name) >= SHORTEST:
                spoken.setdefault(name.lower(), set()).add(unit.pk)
    only = {name: next(iter(owners)) for name, owners in spoken.items() if len(owners) == 1}
    return only | full


def _spoken(unit: Known, known: Mapping[int, Known]) -> Iterable[str]:
    yield unit.name
    yield from filter(None, [unit.name_en])
    if unit.kind == "station":
        yield from _of_a_station(unit)
    elif unit.kind == "department":
        yield from _of_a_department(unit, known)
    else:
        yield from _of_an_office(unit)


def _of_a_station(unit: Known) -> Iterable[str]:
    stem = unit.name.removesuffix("派出所")
    for seat in SEATS:
        for end in ("派出所", "公安派出所", "边防派出所", "所", "的派出所"):
            yield f"{stem}{seat}{end}"
    yield f"{stem}警务站"
    yield unit.name_en.lower().removesuffix(" police station") + " station" if unit.name_en else ""


def _stem(name: str) -> str:
    """吴兴区分局 → 吴兴, 德清县公安局 → 德清."""
    end = next((end for end in OFFICES if name.endswith(end)), "")
    return name.removesuffix(end)


def _of_an_office(unit: Known) -> Iterable[str]:
    stem = _stem(unit.name)
    for seat in ("", "区", "县", "新区", "市"):
        for end in ("分局", "公安局", "公安分局", "公安"):
            yield f"{stem}{seat}{end}"
    if unit.kind == "bureau":
        yield from ("市公安局", "市公安")


def _of_a_department(unit: Known, known: Mapping[int, Known]) -> Iterable[str]:
    above = known.get(unit.parent or 0)
    ends = DEPARTMENTS.get(unit.function, ())
    if above is None or not ends:
        return
    stem = _stem(above.name)
    seats = (
        ("", "市", "市局", "市公安局", "公安局")
        if above.kind == "bureau"
        else ("", "区", "县", "分局", "区分局", "公安局")
    )
    for seat in seats:
        for end in ends:
            yield f"{stem}{seat}{end}"
    if above.kind == "bureau":
        yield from (f"市{end}" for end in ends)
        yield from (end for end in ends if end.endswith(("支队", "中心", "管理局", "大厅")))


def units_in(text: str, names: Mapping[str, int]) -> list[Spot]:
    """Where units are named, from left to right, the longest name at each place."""
    found: list[Spot] = []
    lowered = text.lower()
    place = 0
    while place < len(lowered):
        spot = _at(lowered, place, names)
        if spot is not None:
            found.append(spot)
        place = spot.end if spot else place + 1
    return found


def _at(text: str, place: int, names: Mapping[str, int]) -> Spot | None:
    longest = LONGEST if ord(text[place]) > 0x2E80 else 40  # an English name is longer
    for length in range(min(longest, len(text) - place), SHORTEST - 1, -1):
        name = text[place : place + length]
        if name not in names:
            continue
        if name.endswith("所") and not name.endswith("派出所") and NO_STATION.match(text, place + length):
            continue
        return Spot(place, place + length, names[name])
    return None


SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜"
    "戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶"
    "洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童"
    "欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边"
)
TITLE = "民警|警官|警察|辅警|协警|交警|片警|督察|所长|副所长|教导员|指导员|大队长|中队长|队长|局长|副局长|探长|警长"
NAME = f"[{SURNAMES}][一-鿿]{{1,2}}"
AFTER_A_TITLE = re.compile(f"(?:{TITLE}|名叫|叫做|姓名|叫)(?:是|为|叫|名叫|：|:| )*(?=({NAME}))")
BEFORE_A_TITLE = re.compile(f"(?=({NAME})(?:副)?(?:{TITLE}))")
BADGE = re.compile(r"(?<!\d)\d{6,8}(?!\d)")
MOST_PEOPLE = 40


def people_in(text: str) -> People:
    """What in a text may be officers: 民警王建国, 王建国警官, 033058. The directory says which of them are."""
    names: set[str] = set()
    for found in (*AFTER_A_TITLE.finditer(text), *BEFORE_A_TITLE.finditer(text)):
        name = found[1]
        names |= {name, name[:2]}
    badges = set(BADGE.findall(text))
    return People(frozenset(sorted(names)[:MOST_PEOPLE]), frozenset(sorted(badges)[:MOST_PEOPLE]))
