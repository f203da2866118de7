"""What the police side writes: replies, public steps, reasons, questions, notes, and what citizens say when rating.

Every function takes the random source, so that the caller decides what repeats. Texts are plain Chinese.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from demo_city.suggestions.compose import CORE, NUISANCES, fact_pools
from demo_city.suggestions.grammar import Telling
from demo_city.suggestions.library import Lines, matter_by_code, pools, read, words
from demo_city.suggestions.model import PlaceSpec, Voice

ENGLISH = "exit_entry.english"
_MARK = re.compile(r"(?:\[(?P<cores>[\d,]+)\] )?(?P<text>.*)")


@dataclass(frozen=True, slots=True)
class Desk:
    """Who answers: `by` is a date in words such as 12月3日; `other` another unit the matter touches."""

    unit: str
    officer: str
    phone: str
    by: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class SavedTemplate:
    """A reply the desk starts from; an empty category fits all."""

    title: str
    category: str
    body: str


def reply_text(rng: Random, voice: Voice, desk: Desk) -> str:
    """The signed reply: what was done, by when, whom to call."""
    done = rng.choice(_fitting(voice) or _steps()["idle_reply"])
    if voice.category == "praise" or voice.matter == ENGLISH:
        return _greeting(voice) + _say(rng, done, voice, desk)
    endings = _steps()["reply_ending"]
    if voice.category in NUISANCES:
        endings += _steps()["reply_ending_nuisance"]
    ending = "" if "{phone}" in done else rng.choice(endings)
    return _greeting(voice) + _say(rng, rng.choice(_steps()["reply_opening"]) + done + ending, voice, desk)


def _fitting(voice: Voice) -> Lines:
    """The matter's replies to what was said: `[1,3] …` answers only its first and third core line."""
    own = matter_by_code(voice.matter).parts.get("reply", ())
    marked = [_MARK.fullmatch(line) for line in own]
    said = voice.facts.get(CORE, "")
    return tuple(mark["text"] for mark in marked if mark and (not mark["cores"] or said in mark["cores"].split(",")))


def step_text(rng: Random, step: str, voice: Voice, desk: Desk) -> str:
    """A public line of the timeline. Raises KeyError for a step that `STEPS` does not name."""
    return _say(rng, rng.choice(_table("steps.toml", "steps")[step]), voice, desk)


def staff_text(rng: Random, kind: str, voice: Voice, desk: Desk) -> str:
    """An internal `note`, or the reason of a `transfer`, `extension`, `reopen`, `withdraw` or `decline_review`."""
    return _say(rng, rng.choice(_steps()[kind]), voice, desk)


def decline_reason(rng: Random, voice: Voice, desk: Desk) -> str:
    """Why it is declined, whom to ask instead, and that this can be reviewed."""
    table = _table("declines.toml", "reasons")
    own = table.get(voice.category, ())
    line = rng.choice(own if own and rng.random() < 0.7 else table["any"])
    return _greeting(voice) + _say(rng, line + rng.choice(_steps()["review_hint"]), voice, desk)


def ask_back(rng: Random, voice: Voice, desk: Desk) -> tuple[str, str]:
    """A question to the citizen and the citizen's answer."""
    table = _table("asks.toml", "pairs")
    pairs = table.get(voice.category, ()) + table["any"]
    question, answer = rng.choice(pairs).split(" → ")
    return _say(rng, question, voice, desk), _say(rng, answer, voice, desk)


def rating_comment(rng: Random, stars: int, voice: Voice, desk: Desk) -> str:
    """What a citizen adds to 5 (very satisfied) … 1 stars; often nothing."""
    if rng.random() < 0.35:
        return ""
    return _say(rng, rng.choice(_table("ratings.toml", "levels")[str(stars)]), voice, desk)


@cache
def saved_templates() -> tuple[SavedTemplate, ...]:
    """The twenty replies the desk starts with."""
    return tuple(SavedTemplate(**row) for row in read("desk/templates.toml")["template"])


@cache
def _table(name: str, key: str) -> Mapping[str, Lines]:
    return pools(read(f"desk/{name}")[key])


def _steps() -> Mapping[str, Lines]:
    return _table("steps.toml", "staff")


STEPS = tuple(read("desk/steps.toml")["steps"])


@cache
def _says() -> Mapping[str, Lines]:
    """The slots the desk's texts may use beside the shared words."""
    files = (("asks.toml", "says"), ("ratings.toml", "says"), ("declines.toml", "things"))
    merged: dict[str, Lines] = {**words()[0], **_steps()}
    for name, key in files:
        merged |= _table(name, key)
    return merged


def _say(rng: Random, text: str, voice: Voice, desk: Desk) -> str:
    matter = matter_by_code(voice.matter)
    place = PlaceSpec(voice.area_code, voice.facts["community"], voice.facts["town"], voice.facts["county"])
    facts = {**voice.facts, "unit": desk.unit, "officer": desk.officer, "phone": desk.phone, "by": desk.by}
    if desk.other:
        facts["other"] = desk.other
    told = Telling(rng, {**_says(), "reason": _steps()["reasons"]}, fact_pools(matter, place), facts)
    return told.say(text)


def _greeting(voice: Voice) -> str:
    """Title after the surname; nobody is addressed by a name they did not give."""
    if voice.matter == ENGLISH:
        return "Hello, "
    if not voice.name or not "一" <= voice.name[0] <= "鿿":
        return "您好！"
    surname = voice.name[:2] if voice.name[:2] in ("欧阳", "上官") else voice.name[0]
    return f"{surname}{'女士' if voice.female else '先生'}，您好！"
