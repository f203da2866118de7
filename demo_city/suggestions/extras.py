"""What makes a desk look lived in: who has an account, who says «me too», pictures, openings, notifications."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Notification, User
from accounts.notifications import in_lines, kept_key
from core import audit, files, outbox
from demo_city.context import Context
from demo_city.directory import SHOWN_STATION
from demo_city.suggestions import verbs
from demo_city.suggestions.city import City
from demo_city.suggestions.model import Voice
from demo_city.suggestions.pictures import street
from demo_city.suggestions.replies import saved_templates
from demo_city.suggestions.story import Later, Story, Told
from directory.models import Unit
from suggestions import services
from suggestions.kept import OPENING
from suggestions.models import ReplyTemplate, Suggestion, Supporter
from suggestions.services import Voice as Spoken
from suggestions.services import listen, telling
from suggestions.states import Channel, State

TOLD_DAYS = 10  # older notifications are not made up
UNREAD_DAYS = 3
PICTURES = 24
OPENED = 5
WHY_OPENED = "需要上门核实现场情况，电话联系当事人约定时间。"
TRACKED_KEY = "demo:tracked"
TRACKED_PHONE = "19900000099"
DOUBTED_BODY = "昨天下午去月河派出所办事，窗口的民警态度很差，还骂人，让我明天再来。"
DOUBTED_KEY = "demo-seems-to-complain-1"
TRACKED_BODY = "月河社区健身点的路灯坏了三盏，晚上老人锻炼看不清台阶，前天有人绊了一跤。请帮忙看看。"


class Owners:
    """Which voices belong to the made-up citizens who can sign in: more of the late ones, and two have most."""

    def __init__(self, people: Sequence[User]) -> None:
        verified = next(one for one in people if one.is_verified)
        plain = next(one for one in people if not one.is_verified)
        self.shown = (plain, verified)
        self.others = [one for one in people if one not in self.shown]
        self.heard = 0

    def of(self, voice: Voice, remaining: int) -> User | None:
        """The account behind a voice; ``remaining`` counts down to the newest."""
        if voice.channel != Channel.WEB or voice.anonymous:
            return None
        self.heard += 1
        if self.heard % 5 and remaining > 150:
            return None
        turn = self.heard % 10
        if turn < 2 and remaining < 400:
            return self.shown[turn]
        return self.others[self.heard % len(self.others)] if turn < 6 else None


def open_identities(city: City, stories: Sequence[Story], shown: User) -> None:
    """A few identities were opened with a reason; where somebody is complained of, a second person agreed first.

    One of them is that of the citizen whose account is shown.
    """
    first, second = city.desk[0], city.admins[0]
    over = [story for story in stories if not story.case.anonymous and story.case.state == State.CLOSED]
    plain = [story for story in over if not story.named]
    named = [story for story in over if story.named]
    own = [story for story in plain if story.owner == shown]
    others = [story for story in plain[-1 : -OPENED * 8 : -8] if story.owner != shown]
    for story in [*own[-2:-1], *others, *named[-1:]]:
        _open(story, city.hours.later(Random(story.case.pk), story.at, 1), first, second)


def _open(story: Story, moment: datetime, first: User, second: User) -> None:
    with suppress(Later):
        verbs.request_opening(story, moment, by=first, reason=WHY_OPENED)
        if story.named:
            verbs.approve_opening(story, story.at + timedelta(hours=1), by=second)
        verbs.open_identity(story, story.at + timedelta(minutes=10))


def add(context: Context, city: City, stories: Sequence[Story]) -> None:
    """Everything beside the stories themselves."""
    rng = Random(f"{context.seed}/extras")
    _record_openings(stories)
    _support(rng, city.citizens, stories, context.now)
    _attach_pictures(rng, stories)
    Notification.objects.bulk_create(_notifications(stories, context.now), ignore_conflicts=True, batch_size=1_000)
    ReplyTemplate.objects.bulk_create(
        ReplyTemplate(title=one.title, text=one.body, category_id=one.category or None) for one in saved_templates()
    )
    _say_through_the_service(city)


def _record_openings(stories: Sequence[Story]) -> None:
    for opening in (one for story in stories for one in story.openings):
        about: dict[str, Any] = {"suggestion": opening.suggestion_id, "kept": OPENING.digest(opening.pk)}
        audit.record("identity.requested", opening, by=opening.requested_by, reason=opening.reason, **about)
        if opening.approved_by:
            audit.record("identity.approved", opening, by=opening.approved_by, **about)
        if opening.opened_at:
            audit.record("identity.opened", opening, by=opening.requested_by, reason=opening.reason, **about)


def _support(rng: Random, people: Sequence[User], stories: Sequence[Story], now: datetime) -> None:
    """The more voices were merged into a public case, the more people say «me too»."""
    followers: dict[int, int] = {}
    for story in stories:
        if story.case.merged_into_id:
            followers[story.case.merged_into_id] = followers.get(story.case.merged_into_id, 0) + 1
    shown = [(story.case.pk, story.public_from) for story in stories if story.public_from]
    most = {pk: 3 * followers.get(pk, 0) + (rng.random() < 0.2) * rng.randint(1, 9) for pk, _since in shown}
    Supporter.objects.bulk_create(
        (
            Supporter(suggestion_id=pk, user=person, at=_between(rng, since, now))
            for pk, since in shown
            for person in rng.sample(people, min(most[pk], len(people)))
        ),
        batch_size=1_000,
    )


def _between(rng: Random, start: datetime, end: datetime) -> datetime:
    return start + min(end - start, timedelta(days=40)) * rng.random()


def _attach_pictures(rng: Random, stories: Sequence[Story]) -> None:
    """Small painted scenes; they go through the same door as what citizens send."""
    outdoors = ("lighting", "parking", "traffic_lights", "ebike", "dogs")
    fitting = [story for story in stories if story.case.category_id in outdoors and story.case.channel == Channel.WEB]
    for story in fitting[-PICTURES * 2 :: 2]:
        picture = SimpleUploadedFile("scene.png", street(rng, story.case.category_id), "image/png")
        listen.attach(story.case, files.clean_uploads([picture]))
        story.case.attachments.update(at=story.case.created_at)


def _notifications(stories: Sequence[Story], now: datetime) -> Iterator[Notification]:
    """What people with an account were told in the portal of late; the newest are unread."""
    since = now - timedelta(days=TOLD_DAYS)
    for story in stories:
        for told in story.told:
            if told.at >= since:
                yield from _rows(story, told, now)


def _rows(story: Story, told: Told, now: datetime) -> Iterator[Notification]:
    case = story.case
    link = case.get_absolute_url() if told.users else f"/track/{case.number}/"
    unread = told.at >= now - timedelta(days=UNREAD_DAYS)
    words = {"number": case.number, "office": story.openings[-1].office.local_name if story.openings else ""}
    inside = "" if told.users else telling.in_the_portal(case.title, told.question)
    for user in told.users or [story.owner] * (story.owner is not None):
        yield Notification(
            user=user,
            channel=Notification.Channel.SITE,
            subject=str(told.subject) % words,
            body=in_lines(inside, str(told.body) % words),
            link=link,
            dedupe_key=kept_key(f"case:{case.pk}:{told.key()}"),
            state=Notification.State.SENT if unread else Notification.State.READ,
            created_at=told.at,
            not_before=told.at,
            sent_at=told.at,
            read_at=None if unread else min(told.at + timedelta(hours=3), now),
        )


def _say_through_the_service(city: City) -> None:
    """Through the service itself, a voice whose tracking code a visitor may try, and one that seems to complain.

    Nobody is written to.
    """
    spoken = Spoken(
        body=TRACKED_BODY,
        category=city.categories["lighting"],
        area=Unit.objects.get(code=SHOWN_STATION).area,
        publish=True,
        contact_name="演示市民",
        contact_phone=TRACKED_PHONE,
    )
    doubted = Spoken(body=DOUBTED_BODY, category=city.categories["lighting"], area=spoken.area)
    for said, key in ((spoken, TRACKED_KEY), (doubted, DOUBTED_KEY)):
        case = services.submit(said, idempotency_key=key).suggestion
        Suggestion.objects.filter(pk=case.pk).update(is_demo=True)
        Notification.objects.filter(link__contains=f"/{case.number}/").delete()
    outbox.deliver()
