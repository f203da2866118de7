"""What becomes of a voice: the ways a case can go, each at the pace of an office."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from core.workdays import SHANGHAI
from demo_city.suggestions import replies, verbs
from demo_city.suggestions.city import City
from demo_city.suggestions.model import Voice
from demo_city.suggestions.replies import Desk
from demo_city.suggestions.story import TICK, Later, Story
from directory.models import Officer, Unit
from suggestions import deadlines
from suggestions.states import Who

RETURNED = 0.05  # of drafts
WAKE = 7  # o'clock
NOTED = 0.35
HELPED = 0.03
CONFIRMS = {5: 0.7, 4: 0.45, 3: 0.15}
CLOSED_BY_STAFF = 0.08
ANSWERS_IN_TIME = 0.88
REVIEWED = 0.12  # of those declined ask for a review
CALLED_BACK = "已电话联系当事人，当面说明处理情况，对方表示理解。"
NOT_OURS = ("经查现场在{other}辖区，请{other}办理。", "当事人住在{other}辖区，材料也在那里，请{other}办理。")
LOOK_AGAIN = "请把办理结果写具体：谁去的、什么时候、还剩什么没办。"


@dataclass
class Life:
    """One voice on its way, with everything that decides what happens next."""

    story: Story
    voice: Voice
    rng: Random
    city: City
    late: bool = False
    hurried: bool = False  # everything must have happened by now
    others: Sequence[Story] = ()  # told before

    @property
    def unit(self) -> Unit:
        return self.story.case.unit

    @property
    def triage(self) -> Any:
        return self.rng.choice(self.city.desk)

    @property
    def chief(self) -> Any:
        return self.city.crew(self.unit).chief.user

    @property
    def words(self) -> Desk:
        handler = self.story.case.handler or self.city.crew(self.unit).officers[0]
        return self.city.says(self.unit, handler, self.story.due)

    def soon(self, low: int, high: int) -> datetime:
        """Some minutes from where the story stands, in office hours."""
        return self._by_now(self.city.hours.at_work(self.rng, self._minutes_on(low, high)))

    def anytime(self, low: int, high: int) -> datetime:
        """Some minutes from where the story stands; citizens keep no office hours, but they sleep."""
        moment = self._minutes_on(low, high)
        asleep = moment.astimezone(SHANGHAI).hour < WAKE
        return self._by_now(moment + timedelta(hours=WAKE) if asleep else moment)

    def within(self, low: float, high: float) -> datetime:
        """Some time before the deadline: the share of the working days left, in office hours."""
        left = self.story.workdays_left()
        days = min(max(round(left * self.rng.uniform(low, high)), 0), left)
        moment = self.city.hours.at_work(self.rng, self.city.hours.later(self.rng, self.story.at, days))
        return self._by_now(self._before_due(moment))

    def before_due(self, low: int, high: int) -> datetime:
        """Some minutes on, but on the last evening rather than a day late."""
        return self._before_due(self.soon(low, high))

    def lately(self) -> datetime:
        """Some time in the last office hours."""
        return self.city.hours.before(self.rng, self.story.now)

    def recently(self, hours: int) -> datetime:
        """In the last hours before now, at any time."""
        return self.story.now - timedelta(minutes=self.rng.randint(10, hours * 60))

    def _minutes_on(self, low: int, high: int) -> datetime:
        return self.story.at + timedelta(minutes=self.rng.randint(low, high), seconds=self.rng.randint(0, 59))

    def _before_due(self, moment: datetime) -> datetime:
        story = self.story
        return moment if self.late or moment <= story.due else story.at + (story.due - story.at) / 2

    def _by_now(self, moment: datetime) -> datetime:
        """Where time is short, earlier than it would have been."""
        story = self.story
        if not self.hurried or moment <= story.at + (story.now - story.at) * 0.85:
            return moment
        return story.at + (story.now - story.at) * 0.3

    def officer(self) -> Officer:
        """Who handles it: the officer of the beat at a station, anybody in a department."""
        officers = self.city.crew(self.unit).officers
        area = self.story.case.area_id
        on_the_beat = [one for one in officers if any(beat.pk == area for beat in one.beats.all())]
        return self.rng.choice(on_the_beat or officers)


Way = Callable[[Life], None]


def live(life: Life, way: Way) -> None:
    """Let a case go its way as far as it has come by now."""
    with suppress(Later):
        way(life)
    life.story.wait_until_now()


def take_on(life: Life) -> None:
    """Accepted within a working day, then given to the unit that answers."""
    story = life.story
    verbs.accept(story, life.soon(8, 200), by=life.triage, public=life.rng.random() < 0.97)
    hand_over(life)


def hand_over(life: Life) -> None:
    story = life.story
    subject = story.subject.unit if story.subject else None
    unit = life.city.route(story.case.category, story.area, subject)
    verbs.assign(story, life.soon(1, 90), by=life.triage, unit=unit)


def look_into(life: Life) -> None:
    """An officer takes it in hand and, often, writes down what was found."""
    officer = life.officer()
    verbs.take(life.story, life.soon(20, 500), officer)
    if life.rng.random() < NOTED:
        text = replies.staff_text(life.rng, "note", life.voice, life.words)
        verbs.note(life.story, life.soon(60, 900), by=officer.user, text=text)
    if not life.story.named and not life.story.helpers and life.rng.random() < HELPED:
        get_help(life)


def get_help(life: Life) -> None:
    helper = life.city.helper(life.unit, life.story.area.pk)
    if helper != life.unit:
        verbs.ask_help(life.story, life.soon(30, 300), by=life.chief, unit=helper)


def reply(life: Life) -> None:
    """Drafted, sometimes sent back once, signed: in time, or days late where that is its fate."""
    story = life.story
    if story.case.handler is None:
        look_into(life)
    late = life.city.hours.later(life.rng, story.due, life.rng.randint(1, 4))
    write_draft(life, late if life.late else life.within(0.2, 0.8))
    if life.rng.random() < RETURNED:
        verbs.return_draft(story, life.before_due(30, 200), by=life.chief, reason=LOOK_AGAIN)
        write_draft(life, life.before_due(30, 200))
    verbs.sign(story, life.before_due(20, 400), by=life.chief)
    life.late = False


def write_draft(life: Life, moment: datetime) -> None:
    handler = life.story.case.handler or life.officer()
    text = replies.reply_text(life.rng, life.voice, life.words)
    verbs.draft(life.story, moment, by=handler.user, text=text)


def settle(life: Life, stars: int | None) -> None:
    """The citizen rates or not, confirms or not; silence closes the case in the end."""
    if stars is not None:
        rate(life, stars)
    if stars is not None and life.rng.random() < CONFIRMS.get(stars, 0):
        verbs.close(life.story, life.anytime(1, 30), who=Who.CITIZEN)
        return
    if life.rng.random() < CLOSED_BY_STAFF:
        verbs.close(life.story, life.soon(3_000, 9_000), who=Who.LEADER, by=life.chief)
        return
    silence(life)


def silence(life: Life) -> None:
    ends = life.story.add_workdays(life.story.case.replied_at or life.story.at, deadlines.CONFIRM_DAYS)
    verbs.close(life.story, ends + TICK * 3, who=Who.SYSTEM, text=life.city.silence)


def rate(life: Life, stars: int) -> None:
    """Days later, with a word or without; a bad rating is followed up by the leader within its days."""
    comment = replies.rating_comment(life.rng, stars, life.voice, life.words)
    verbs.rate(life.story, life.anytime(40, 6_000), stars, comment)
    follow_up(life)


def follow_up(life: Life) -> None:
    story = life.story
    if story.follow_ups and story.follow_ups[-1].done_at is None:
        verbs.finish_follow_up(story, life.soon(300, 1_500), by=life.chief, note=CALLED_BACK)


def answered(life: Life) -> None:
    take_on(life)
    reply(life)
    settle(life, life.voice.rating)


def asked(life: Life) -> None:
    """Something is missing: the clock stops until the citizen says it, or for fifteen working days."""
    take_on(life)
    look_into(life)
    question, answer = replies.ask_back(life.rng, life.voice, life.words)
    handler = life.story.case.handler
    verbs.ask(
        life.story,
        life.within(0.1, 0.4),
        by=handler.user if handler else life.triage,
        who=Who.OFFICER,
        question=question,
    )
    if life.rng.random() < ANSWERS_IN_TIME:
        verbs.answer(life.story, life.anytime(60, 7_000), answer)
    else:
        verbs.resume_unanswered(life.story)
    reply(life)
    settle(life, life.voice.rating)


def extended(life: Life) -> None:
    """More time is asked for and granted; a long one by two people."""
    take_on(life)
    look_into(life)
    ask_for_time(life, life.within(0.4, 0.7))
    verbs.approve_extension(life.story, life.soon(30, 400), by=life.chief)
    if life.story.extensions[-1].confirmed_by_id is None and life.story.extensions[-1].days > deadlines.LONG_EXTENSION:
        verbs.confirm_extension(life.story, life.soon(30, 300), by=life.rng.choice(life.city.admins))
    reply(life)
    settle(life, life.voice.rating)


def ask_for_time(life: Life, moment: datetime, days: int = 0) -> None:
    reason = replies.staff_text(life.rng, "extension", life.voice, life.words)
    handler = life.story.case.handler or life.officer()
    days = days or life.rng.choice((3, 5, 5, 8, 10))
    verbs.request_extension(life.story, moment, by=handler.user, days=days, reason=reason)


def transferred(life: Life) -> None:
    """The wrong unit had it first."""
    take_on(life)
    other = life.city.elsewhere(life.rng, life.unit)
    reason = life.rng.choice(NOT_OURS).format(other=other.name)
    if not life.story.named:
        verbs.transfer(life.story, life.soon(60, 600), by=life.triage, unit=other, reason=reason)
    reply(life)
    settle(life, life.voice.rating)


def declined(life: Life) -> None:
    reason = replies.decline_reason(life.rng, life.voice, life.words)
    verbs.decline(life.story, life.soon(10, 220), by=life.triage, reason=reason)
    if life.rng.random() < REVIEWED:
        review = replies.staff_text(life.rng, "decline_review", life.voice, life.words)
        verbs.reopen(life.story, life.anytime(300, 4_000), review)
        reply(life)
        settle(life, None)
    elif life.voice.rating is not None:
        rate(life, life.voice.rating)


def reopened(life: Life) -> None:
    """Rated badly, taken up again, answered better."""
    take_on(life)
    reply(life)
    rate_and_reopen(life)
    reply(life)
    settle(life, life.rng.choice((3, 4, 4, 5)))


def rate_and_reopen(life: Life) -> None:
    stars = life.voice.rating or 2
    comment = replies.rating_comment(life.rng, stars, life.voice, life.words)
    verbs.rate(life.story, life.anytime(60, 3_000), stars, comment)
    verbs.reopen(life.story, life.anytime(1, 20), replies.staff_text(life.rng, "reopen", life.voice, life.words))
    follow_up(life)


def withdrawn(life: Life) -> None:
    if life.rng.random() < 0.6:
        take_on(life)
    verbs.withdraw(
        life.story, life.anytime(200, 2_500), replies.staff_text(life.rng, "withdraw", life.voice, life.words)
    )


WAYS: dict[str, Way] = {
    "answer": answered,
    "ask_back": asked,
    "extend": extended,
    "transfer": transferred,
    "decline": declined,
    "reopen": reopened,
    "withdraw": withdrawn,
}


def followed(life: Life, leader: Story) -> bool:
    """Merged into the case that leads its crowd, if that one was open then; returns whether it was."""
    story, moment = life.story, life.soon(15, 240)
    if story.named or moment > story.now or not leader.was_open(moment):
        return False
    verbs.merge(story, moment, into=leader, by=life.triage)
    live(life, lambda life: rate_with_the_crowd(life, leader))
    return True


def rate_with_the_crowd(life: Life, leader: Story) -> None:
    """Everybody whose voice was merged rates the one reply for themselves."""
    stars, replied = life.voice.rating, leader.first_reply
    if stars is None or replied is None or leader.case.reopened_at is not None:
        return
    life.story.go_to(replied)
    comment = replies.rating_comment(life.rng, stars, life.voice, life.words)
    verbs.rate(life.story, life.anytime(60, 6_000), stars, comment, answering=leader)
    if life.story.follow_ups:
        chief = leader.crew.chief.user
        verbs.finish_follow_up(life.story, life.soon(300, 1_500), by=chief, note=CALLED_BACK, answering=leader)
