"""Writes one voice: chooses the words for a slot, as long as planned, in the persona's hand."""

import re
from collections.abc import Mapping
from random import Random

from demo_city.suggestions.grammar import Telling, chinese_count
from demo_city.suggestions.library import Lines, Matter, matters, pools, read, words
from demo_city.suggestions.model import PlaceSpec
from demo_city.suggestions.people import DEFAULT_MIX, PERSONAS
from demo_city.suggestions.style import restyle

#: What the form accepts; somebody always hits it in mid-sentence.
BODY_LIMIT = 3000
#: The fact that remembers which core line was said.
CORE = "core"
TITLE_LIMIT = 40

_PERSONAL = {"province", "firm", "shop", "city_out"}
_SEASON_OF = ("winter",) * 2 + ("spring",) * 3 + ("summer",) * 3 + ("autumn",) * 3 + ("winter",)
_OPENS = read("personas.toml")
_OPENINGS, _SEASONS = pools(_OPENS["persona"]), pools(_OPENS["season"])
#: Categories about something that goes on every day at a place one can go and look at.
NUISANCES = ("traffic_lights", "parking", "ebike", "lighting", "dogs", "noise", "patrol", "school")
_NOTED = {
    "phone": ("来电人反映：", "【来电】", "群众来电：", "电话记录："),
    "window": ("（窗口代填）", "来访群众说：", "（工作人员代录）"),
    "plaza": ("【广场日现场】", "（现场口述，志愿者代写）", "广场日群众反映："),
}


def persona_for(rng: Random, matter: Matter) -> str:
    """Who would say this; a matter or its family may name them."""
    if matter.key == "english":
        return "foreigner"
    mix = matter.personas or DEFAULT_MIX
    return rng.choices(list(mix), list(mix.values()))[0]


def known_facts(rng: Random, place: PlaceSpec, month: int) -> dict[str, str]:
    """What is true wherever and whenever this is said."""
    return {
        "community": place.spoken,
        "town": place.town,
        "county": place.county,
        "season": rng.choice(_SEASONS[_SEASON_OF[month - 1]]),
        "own_age": str(rng.randint(66, 84)),
        "person_age": str(rng.randint(72, 93)),
    }


def shared_facts(rng: Random, matter: Matter, place: PlaceSpec) -> dict[str, str]:
    """The facts all members of a cluster agree on: roads, estates, the spot; nothing about the speakers."""
    base = {"community": place.spoken, "town": place.town, "county": place.county}
    told = Telling(rng, words()[0], fact_pools(matter, place), base)
    names = sorted({*told.fact_pools} - _PERSONAL)
    return {name: told.say(f"{{{name}}}") for name in names if name not in base}


def fact_pools(matter: Matter, place: PlaceSpec) -> dict[str, Lines]:
    """The pools of facts for a matter at a place; `spot` is a village or a street."""
    common = words()[1]
    spot = common["spot_rural" if place.rural else "spot_urban"]
    return {**common, "spot": spot, **matter.facts}


def telling(rng: Random, matter: Matter, place: PlaceSpec, facts: Mapping[str, str]) -> Telling:
    """A telling of the matter, ready to speak; a standing nuisance has more to complain of."""
    common = words()[0]
    if matter.category in NUISANCES:
        more = {name: common[name] + common[f"{name}_nuisance"] for name in ("feel", "polite_ask", "story")}
        common = {**common, **more}
    return Telling(rng, {**common, **matter.parts}, fact_pools(matter, place), facts)


def body(told: Telling, matter: Matter, place: PlaceSpec, persona: str, length: str) -> str:
    """The text as the persona sends it, of the planned length (see `plan.LENGTHS`; "whole" says the core alone)."""
    if length == "whole":
        return _core(told)
    if length == "letter":
        return _letter(told, matter, place)
    hand = PERSONAS[persona]
    text = _written(told, persona, length)
    if length in ("long", "essay") and told.rng.random() < hand.formal:
        return _formal(told, text)
    return restyle(told.rng, text, hand)[:BODY_LIMIT]


def title(told: Telling, text: str) -> str:
    """A title of at most 40 characters: usually a line of the matter, sometimes the beginning of the text."""
    line = _beginning(text) if told.rng.random() < 0.08 else ""
    return (line or told.part("title"))[:TITLE_LIMIT]


def noted(rng: Random, text: str, channel: str) -> str:
    """What a clerk wrote down starts, more often than not, with how it reached the clerk."""
    if channel in _NOTED and rng.random() < 0.4:
        return (rng.choice(_NOTED[channel]) + text)[:BODY_LIMIT]
    return text


def _written(told: Telling, persona: str, length: str) -> str:
    core = _core(told)
    if length == "terse":
        return core if told.rng.random() < 0.8 else told.part("title") + "，" + told.part("ask")
    if length == "short":
        return core + told.part(told.rng.choice(("ask", "detail", "feel", "polite_ask")))
    pieces = [_opening(told, persona, core), core]
    pieces += _middle(told, length)
    pieces += [told.part("ask"), told.part("bye") if told.rng.random() < 0.5 else ""]
    return "".join(pieces)


def _core(told: Telling) -> str:
    """The core of the story; which line it was is remembered (counted from 1), so that a reply can fit it."""
    number = told.rng.randrange(len(told.parts["core"]))
    told.facts[CORE] = str(number + 1)
    return told.exactly("core", number)


def _middle(told: Telling, length: str) -> list[str]:
    rng = told.rng
    if length == "medium":
        return [told.part("detail") for _ in range(rng.randint(1, 2))] + _sometimes(told, "feel", 0.35)
    details = [told.part("detail") for _ in range(rng.randint(3, 5))]
    if length == "long":
        return [*details, told.part("feel"), *_sometimes(told, "story", 0.7), told.part("polite_ask")]
    stories = [told.part("story") for _ in range(rng.randint(5, 9))]
    second = [told.part("also") + told.part("core")] if rng.random() < 0.6 else []
    return [
        *details,
        "\n",
        *stories[:3],
        *second,
        "\n",
        *stories[3:],
        told.part("feel"),
        told.part("polite_ask"),
    ]


def _sometimes(told: Telling, pool: str, chance: float) -> list[str]:
    return [told.part(pool)] if told.rng.random() < chance else []


def _opening(told: Telling, persona: str, core: str) -> str:
    hello = told.part("hello") if told.rng.random() < 0.55 else ""
    lines = _OPENINGS.get(persona, ())
    out_of_place = "person_age" in told.facts_said or (persona == "hr" and not _COMPANY.search(core))
    if not lines or out_of_place or told.rng.random() < 0.45:
        return hello
    return hello + told.say(told.rng.choice(lines))


def _formal(told: Telling, text: str) -> str:
    head = told.rng.choice(("尊敬的公安局领导：", "市公安局、{town}派出所：", "各位领导："))
    tail = told.rng.choice(("此致\n敬礼\n{community}一居民", "特此反映，盼复。\n{community}居民", "此致\n敬礼"))
    return f"{told.say(head)}\n    {text}\n{told.say(tail)}"


def _letter(told: Telling, matter: Matter, place: PlaceSpec) -> str:
    """Everything on somebody's mind, one matter after another, until the form stops them at 3,000 characters."""
    text = told.say("尊敬的领导：\n    {hello}我想把这些年看到的、想到的都写一写，话有点长，请耐心看完。\n一、")
    text += _core(told) + _section(told)
    others = [other for other in matters() if _mentionable(other) and other is not matter]
    told.rng.shuffle(others)
    for number, other in enumerate(others, start=2):
        if len(text) >= BODY_LIMIT:
            break
        part = telling(told.rng, other, place, told.facts)
        part.facts.update({name: told.say(told.rng.choice(pool)) for name, pool in other.facts.items()})
        text += f"\n{_numeral(number)}、{_core(part)}{_section(part)}{told.part('story')}"
    return text[:BODY_LIMIT]


def _mentionable(matter: Matter) -> bool:
    return matter.category in NUISANCES and matter.where == "any" and not matter.personas.get("student", 0) > 5


def _section(told: Telling) -> str:
    pools_in_turn = ("detail", "detail", "feel", "ask", "detail", "polite_ask")
    return "".join(told.part(pool) for pool in pools_in_turn)


def _numeral(number: int) -> str:
    return "二" if number == 2 else chinese_count(number)


def _beginning(text: str) -> str:
    """The first phrase, when it says something and is short enough for a title."""
    phrases = _PHRASE_END.split(text.strip())
    first = phrases[0]
    return first if 6 < len(first) <= 24 and not _GREETS.search(first) else ""


_COMPANY = re.compile(r"我们公司|我公司|员工|外国|我们厂|工友")
_PHRASE_END = re.compile(r"[，。？！,.!?：:\n ]")
_GREETS = re.compile(r"你好|您好|同志|领导|打扰|请问|我是|我今年|各位|作为|我家|孩子今年|我们一家|学生一枚")
