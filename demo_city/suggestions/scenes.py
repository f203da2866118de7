"""What stands on the desk at the moment of loading: for every folder some cases, chosen among the newest voices.

Natural lives leave a desk half empty on some days; a scene takes a voice of the right age and stops its life where the
desk is to find it. Voices that no scene takes live on as they would.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from demo_city.directory import SHOWN_STATION
from demo_city.suggestions import lives, replies, verbs
from demo_city.suggestions.city import City
from demo_city.suggestions.lives import LOOK_AGAIN, Life, Way
from demo_city.suggestions.model import Voice
from directory.models import Unit
from suggestions.states import Who

HOUR, DAY = 60, 24 * 60
#: What is often somebody else's to do.
OTHERS_DO = ("lighting", "parking", "noise", "other")
WHY_OPENED = "投诉涉及民警，需联系当事人补充时间和在场人，以便督察核查。"


@dataclass(frozen=True)
class Prospect:
    """A new voice, where it would go, and, taken on at once, by when it would have to be answered."""

    voice: Voice
    unit: Unit
    at: datetime
    accepted: datetime
    due: datetime
    now: datetime

    @property
    def here(self) -> bool:
        return self.unit.code == SHOWN_STATION

    @property
    def age(self) -> timedelta:
        return self.now - self.at


@dataclass(frozen=True)
class Scene:
    """How many voices, of which kind, are brought how far.

    `owner` is the demo account (0 or 1) that said the first of them; `names` says that they complain of somebody.
    """

    count: int
    fits: Callable[[Prospect], bool]
    way: Way
    owner: int | None = None
    names: bool = False


@dataclass(frozen=True)
class Part:
    """A scene that a voice plays in, and whose voice it is."""

    scene: Scene
    owner: int | None


def cast(prospects: Iterable[tuple[int, Prospect]]) -> dict[int, Part]:
    """A scene for as many voices as scenes want, in turn; the newest and those of the shown station first."""
    free = dict(sorted(prospects, key=lambda pair: (not pair[1].here, not pair[1].voice.about_officer, -pair[0])))
    parts: dict[int, Part] = {}
    for turn in range(max(scene.count for scene in SCENES)):
        for scene in SCENES:
            owner = None if turn else scene.owner
            number = _first(free, scene, online=owner is not None)
            if turn < scene.count and number is not None:
                parts[number] = Part(scene, owner)
                del free[number]
    return parts


def _first(free: dict[int, Prospect], scene: Scene, *, online: bool) -> int | None:
    """The first voice that fits; where an account said it, one that was said on the website if possible."""
    fitting = [number for number, one in free.items() if scene.fits(one)]
    said_there = [number for number in fitting if free[number].voice.channel == "web"]
    return next(iter((online and said_there) or fitting), None)


def prospect(city: City, voice: Voice, at: datetime, now: datetime) -> Prospect:
    category, area = city.categories[voice.category], city.areas[voice.area_code]
    accepted = city.hours.at_work(Random(0), at)
    due = city.add_workdays(accepted, category.reply_days)
    return Prospect(voice, city.route(category, area), at, accepted, due, now)


# what fits


def new(one: Prospect) -> bool:
    return one.age < timedelta(days=2) and not one.voice.about_officer


def not_ours(one: Prospect) -> bool:
    return new(one) and (one.voice.expected == "decline" or one.voice.category in OTHERS_DO)


def slow(one: Prospect) -> bool:
    """Taken on at once, it was looked into for a day and has more than a day left."""
    running = one.accepted < one.now - timedelta(days=1) and one.due > one.now + timedelta(days=1)
    return running and not one.voice.about_officer and one.voice.category != "praise"


def long(one: Prospect) -> bool:
    return slow(one) and one.due - one.at > timedelta(days=12)


def due_soon(one: Prospect) -> bool:
    return not one.voice.about_officer and timedelta(0) < one.due - one.now < timedelta(days=2)


def overdue(one: Prospect) -> bool:
    return not one.voice.about_officer and timedelta(0) < one.now - one.due < timedelta(days=6)


def complaint(one: Prospect) -> bool:
    return one.voice.category == "conduct" and one.accepted < one.now - timedelta(hours=20) and one.due > one.now


# how far they come


def untouched(life: Life) -> None:
    """Nobody has looked at it yet."""


def accepted(life: Life) -> None:
    verbs.accept(life.story, life.soon(10, 90), by=life.triage, public=True)


def in_hand(life: Life) -> None:
    lives.take_on(life)
    lives.look_into(life)


def to_sign(life: Life) -> None:
    in_hand(life)
    lives.write_draft(life, life.lately())


def sent_back(life: Life) -> None:
    to_sign(life)
    verbs.return_draft(life.story, life.lately(), by=life.chief, reason=LOOK_AGAIN)


def more_time(life: Life) -> None:
    in_hand(life)
    lives.ask_for_time(life, life.lately(), days=5)


def much_more_time(life: Life) -> None:
    """The leader agreed; the administrator has to agree as well."""
    in_hand(life)
    lives.ask_for_time(life, life.lately(), days=10)
    verbs.approve_extension(life.story, life.lately(), by=life.chief)


def waiting(life: Life) -> None:
    in_hand(life)
    _ask(life, life.lately(), Who.OFFICER)


def waiting_at_the_desk(life: Life) -> None:
    _ask(life, life.soon(10, 90), Who.TRIAGE)


def _ask(life: Life, moment: datetime, who: Who) -> None:
    handler = life.story.case.handler
    question, _answer = replies.ask_back(life.rng, life.voice, life.words)
    verbs.ask(life.story, moment, by=handler.user if handler else life.triage, who=who, question=question)


def answered(life: Life) -> None:
    in_hand(life)
    lives.write_draft(life, life.before_due(HOUR, DAY))
    verbs.sign(life.story, life.before_due(HOUR, 6 * HOUR), by=life.chief)


def badly_rated(life: Life) -> None:
    """The leader has yet to call back."""
    answered(life)
    comment = replies.rating_comment(life.rng, 2, life.voice, life.words)
    verbs.rate(life.story, life.recently(20), 2, comment)


def taken_up_again(life: Life) -> None:
    badly_rated(life)
    verbs.reopen(life.story, life.lately(), replies.staff_text(life.rng, "reopen", life.voice, life.words))


def helped(life: Life) -> None:
    lives.take_on(life)
    verbs.take(life.story, life.soon(HOUR, 5 * HOUR), life.officer())
    lives.get_help(life)


def complained_of(life: Life) -> None:
    """The desk has asked to see who said it; the administrator has not agreed yet."""
    lives.take_on(life)
    verbs.request_opening(life.story, life.lately(), by=life.city.desk[0], reason=WHY_OPENED)


def supervised(life: Life) -> None:
    in_hand(life)
    verbs.escalate(life.story, life.lately(), by=life.triage, reason="多位居民反映，请所领导过问。")


def declined(life: Life) -> None:
    reason = replies.decline_reason(life.rng, life.voice, life.words)
    verbs.decline(life.story, life.soon(10, 120), by=life.triage, reason=reason)


def withdrawn(life: Life) -> None:
    verbs.withdraw(life.story, life.anytime(30, 300), replies.staff_text(life.rng, "withdraw", life.voice, life.words))


def merged(life: Life) -> None:
    """The newest open case about the same leads it; where there is none it goes on alone."""
    moment, kind = life.soon(10, 120), life.story.case.category_id
    alike = [one for one in life.others if one.case.category_id == kind and can_lead(one, moment)]
    if alike:
        verbs.merge(life.story, moment, into=alike[-1], by=life.triage)
    else:
        lives.take_on(life)


def can_lead(story: verbs.Story, moment: datetime) -> bool:
    return not story.named and story.case.state in ("accepted", "assigned") and story.was_open(moment)


SCENES = (
    Scene(4, new, untouched, owner=1),
    Scene(3, new, accepted),
    Scene(1, new, waiting_at_the_desk, owner=0),
    Scene(1, not_ours, declined),
    Scene(1, new, withdrawn),
    Scene(1, complaint, complained_of, owner=0, names=True),
    Scene(2, overdue, in_hand),
    Scene(1, overdue, lives.take_on),
    Scene(3, due_soon, in_hand),
    Scene(4, slow, to_sign),
    Scene(2, slow, waiting, owner=0),
    Scene(1, slow, more_time),
    Scene(2, slow, badly_rated, owner=0),
    Scene(3, slow, answered, owner=1),
    Scene(1, slow, sent_back),
    Scene(2, slow, taken_up_again, owner=1),
    Scene(4, slow, in_hand),
    Scene(3, slow, lives.take_on),
    Scene(1, slow, helped),
    Scene(1, slow, supervised),
    Scene(1, long, more_time),
    Scene(1, long, much_more_time),
    Scene(2, slow, merged),
)
