"""Loads the demo city's voices with everything that became of them."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.utils import translation

from accounts.models import User
from core import seals
from core.workdays import SHANGHAI
from demo_city.context import Context, Loaded
from demo_city.directory import SHOWN_STATION
from demo_city.suggestions import extras, generate, scenes, shown
from demo_city.suggestions.city import City
from demo_city.suggestions.lives import WAYS, Life, followed, live
from demo_city.suggestions.model import Voice
from demo_city.suggestions.scenes import Part, Prospect
from demo_city.suggestions.story import Story
from demo_city.suggestions.write import record, reserve, write
from directory.models import Officer, Unit
from suggestions import deadlines
from suggestions.models import Identity, Subject, Suggestion
from suggestions.redaction import Known
from suggestions.services import listen
from suggestions.states import Channel

YEARS = 3
LATELY = 16  # days in which the shown station hears more than its share, so that its desk has something of everything
FRESH = 110
YESTERDAY = 14  # of those
LATE_ONE_IN = 30
LEADS = ("answer", "ask_back", "extend", "transfer")


def load(context: Context) -> Loaded:
    """Voices and all that became of them, once; the second time it finds them."""
    if not Suggestion.objects.filter(is_demo=True).exists():
        with translation.override(settings.LANGUAGE_CODE):
            Teller(context, City()).tell_all()
    return shown.everything()


class Teller:
    """Turns voices into stories, in the order they were heard, and writes them."""

    def __init__(self, context: Context, city: City) -> None:
        self.context, self.city = context, city
        self.leaders: dict[str, Story] = {}
        self.stories: list[Story] = []
        self.identities: list[Identity] = []
        self.owners = extras.Owners(city.citizens)
        self.answered = 0

    def tell_all(self) -> None:
        say = self.context.say
        say(f"{self.context.voices} voices over {YEARS} years")
        voices = self.voices()
        keys = reserve(len(voices))
        parts = scenes.cast(self.prospects(voices))
        for number, (pk, voice) in enumerate(zip(keys, voices, strict=True)):
            rng = Random(f"{self.context.seed}/{number}")
            self.tell(pk, voice, rng, parts.get(number), remaining=len(voices) - number)
            if number % 500 == 499:
                say(f"{number + 1} of {len(voices)} told")
        self.context.told["matters"] = {pk: voice.matter for pk, voice in zip(keys, voices, strict=True)}
        extras.open_identities(self.city, self.stories, self.owners.shown[0])
        say("writing what became of them")
        write(self.stories, self.identities)
        say("supporters, pictures, notifications")
        extras.add(self.context, self.city, self.stories)
        record(self.stories)

    def voices(self) -> list[Voice]:
        """The whole city over the years, and more of the shown station's town lately, in order."""
        context, yesterday = self.context, self.context.today - timedelta(days=1)
        fresh = min(context.voices // 2, FRESH)
        newest = min(fresh // 3, YESTERDAY)
        town = Unit.objects.get(code=SHOWN_STATION).area_id or ""
        parts = (
            (context.voices - fresh, "", _years_before(context.today, YEARS)),
            (fresh - newest, town, yesterday - timedelta(days=LATELY)),
            (newest, town, yesterday),
        )
        heard = [
            replace(voice, cluster=f"{number}/{voice.cluster}") if voice.cluster else voice
            for number, (count, where, first) in enumerate(parts)
            for voice in self.heard(number, count, where, first, yesterday)
        ]
        return sorted(heard, key=lambda voice: voice.at)

    def heard(self, number: int, count: int, town: str, first: date, last: date) -> Iterator[Voice]:
        days = sorted(day for day in self.city.days if first <= day <= last)
        return generate(self.context.seed + number, count, self.city.places(town), first, last, days)

    def prospects(self, voices: Sequence[Voice]) -> Iterator[tuple[int, Prospect]]:
        """The newest voices, those that a scene may take."""
        since = self.context.today - timedelta(days=LATELY)
        for number, voice in enumerate(voices):
            if voice.at.date() >= since:
                at = voice.at.replace(tzinfo=SHANGHAI)
                yield number, scenes.prospect(self.city, voice, at, self.context.now)

    def tell(self, pk: int, voice: Voice, rng: Random, part: Part | None, *, remaining: int) -> None:
        user = self.owners.shown[part.owner] if part and part.owner is not None else self.owners.of(voice, remaining)
        if user is not None:
            voice = replace(voice, anonymous=False, name=user.display_name, channel=Channel.WEB)
        if part and part.scene.names:
            voice = replace(voice, about_officer=True)
        story = self.begin(pk, voice, rng, user)
        life = Life(story, voice, rng, self.city, others=self.stories[-40:])
        if part is not None:
            life.hurried = True
            live(life, part.scene.way)
        else:
            self.live_on(life)
        self.stories.append(story)
        self.remember(story, voice)

    def live_on(self, life: Life) -> None:
        """As the voice was meant to go; a crowd follows whoever spoke first, while that case is open."""
        voice = life.voice
        leader = self.leaders.get(voice.cluster or "")
        if voice.expected == "merge" and leader is not None and followed(life, leader):
            return
        way = voice.expected if voice.expected in WAYS else "answer"
        if voice.cluster and not life.story.named:
            way = way if way in LEADS else "answer"
            self.leaders[voice.cluster] = life.story
        self.answered += 1
        life.late = self.answered % LATE_ONE_IN == 0 and way in LEADS
        live(life, WAYS[way])

    def begin(self, pk: int, voice: Voice, rng: Random, owner: User | None) -> Story:
        """The case as it was received."""
        at = voice.at.replace(tzinfo=SHANGHAI)
        key = seals.fingerprint(f"demo:{self.context.seed}:{pk}", purpose="idempotency")
        digest = seals.fingerprint(hashlib.sha256(voice.body.encode()).hexdigest(), purpose="suggestion-body")
        category, area = self.city.categories[voice.category], self.city.areas[voice.area_code]
        case = Suggestion(
            pk=pk,
            number=f"{at:%Y}-{pk:06d}",
            tracking_mac=listen.tracking_mac(listen.tracking_code(key, digest)),
            idempotency_key=key,
            body_digest=digest,
            title=voice.title,
            body=voice.body,
            category=category,
            area=area,
            place=voice.place,
            channel=voice.channel,
            plaza_day=self.city.days.get(at.date()) if voice.channel == Channel.PLAZA else None,
            entered_by=self.clerk(voice, rng),
            anonymous=voice.anonymous,
            publish=voice.publish,
            unit=self.city.centre,
            complexity=category.complexity,
            created_at=at,
            clock_from=at,
            due_at=self.city.add_workdays(at, deadlines.ACCEPT_DAYS),
            is_demo=True,
        )
        story = Story(case, self.city, now=self.context.now, owner=owner)
        story.known = known_of(voice, owner)
        if voice.about_officer:
            story.subject = self.complained_of(case, rng)
        return story

    def clerk(self, voice: Voice, rng: Random) -> Any:
        """Who wrote it down: the station's window, or the desk on the telephone and on the square."""
        if voice.channel == Channel.WINDOW:
            station = self.city.station(voice.area_code)
            return next((one.user for one in self.city.crew(station).officers if one.position == "window"), None)
        return rng.choice(self.city.desk) if voice.channel in (Channel.PHONE, Channel.PLAZA) else None

    def complained_of(self, case: Suggestion, rng: Random) -> Subject:
        """The station of the place, and half of the time one of its officers."""
        station = self.city.station(case.area_id or "")
        officer: Officer | None = rng.choice(self.city.crew(station).officers) if rng.random() < 0.5 else None
        return Subject(suggestion_id=case.pk, unit=station, officer=officer)

    def remember(self, story: Story, voice: Voice) -> None:
        """The sealed identity; an anonymous voice leaves nothing."""
        if voice.anonymous:
            return
        pk, phone = story.case.pk, "" if story.owner else f"+86{voice.phone}"
        self.identities.append(
            Identity(
                suggestion_id=pk,
                user=story.owner,
                name_sealed=seals.seal(voice.name, context=f"name:{pk}"),
                phone_sealed=seals.seal(phone, context=f"phone:{pk}") if phone else None,
                phone_tail_mac=listen.phone_tail_mac(story.case.number, phone[-4:]) if phone else "",
            )
        )


def known_of(voice: Voice, owner: User | None) -> Known:
    """What the sealed record of this voice will know."""
    if voice.anonymous:
        return Known()
    return Known((voice.name, owner.display_name), (owner.phone,)) if owner else Known((voice.name,), (voice.phone,))


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28))
