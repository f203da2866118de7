"""What the citizen does with a case: find it, add to it, answer, rate, confirm, reopen, withdraw, support."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import calendar, clock, outbox, policy, refusals, text
from core.errors import Invalid, WrongState
from core.said import limit, limit_of_each, required, said
from suggestions import limits, states
from suggestions.models import Identity, Question, Rating, Suggestion, Supporter
from suggestions.services import accusing, listen, merging, moves, publishing, reopening, telling
from suggestions.services.handle import open_follow_up, resume
from suggestions.services.subjects import may_accuse
from suggestions.states import RATING_LEVELS, ReplyState, State, StepKind, Who

if TYPE_CHECKING:
    from core.files import CleanFile

MOST_REASONS = 8


def find_by_code(code: str, phone_tail: str = "") -> Suggestion:
    """The case that a tracking code belongs to; the last four digits are needed where a telephone was left.

    Raises: Invalid, in the same words whatever was wrong: of "code", or of "phone_tail" when a whole code came alone.
    """
    tail = text.ascii_digits(phone_tail).strip()
    wrong = _not_found(alone=not tail and len(listen.normal_code(code)) == listen.CODE_LENGTH)
    case = Suggestion.objects.filter(tracking_mac=listen.tracking_mac(code)).first()
    if case is None:
        raise wrong
    identity = Identity.objects.filter(pk=case.pk).first()
    if identity and identity.phone_tail_mac and listen.phone_tail_mac(case.number, tail) != identity.phone_tail_mac:
        raise wrong
    return case


def _not_found(*, alone: bool) -> Invalid:
    if alone:
        hint = _("We find no case for this code alone. If you left a mobile number, enter its last four digits here.")
        return Invalid("phone_tail", hint)
    return Invalid("code", _("We find no case for this code. Please check the code and the last four digits."))


@transaction.atomic
def add_information(case: Suggestion, *, text: str, files: Sequence["CleanFile"] = ()) -> Suggestion:
    """Something the citizen forgot, while the case, or the one it follows, is open."""
    case = moves.lock(case)
    if not case.leader.is_open:
        raise WrongState(_("This case is not open any more. You can reopen it."))
    words = (said if files else required)(text, "text", limits.ADDED)
    listen.attach(case, files)
    moves.step(case, StepKind.ADDED, who=Who.CITIZEN, text=words)
    accusing.looked_into(moves.lock(case.leader) if case.merged_into else case, words)
    key = f"added:{case.pk}:{case.steps.count()}"
    telling.staff(telling.handlers(case.leader), case.leader, key=key, subject=telling.NEW_FOR_YOU)
    return case


@transaction.atomic
def answer(case: Suggestion, *, text: str, files: Sequence["CleanFile"] = ()) -> Suggestion:
    """The citizen's answer to the open question; the clock runs on.

    Raises: WrongState when nothing is asked, Invalid for an empty answer.
    """
    case = moves.lock(case)
    question = case.questions.filter(answered_at=None).first()
    if case.state != State.WAITING or question is None:
        raise WrongState(_("Nothing is asked of you at the moment."))
    question.answer, question.answered_at = required(text, "text", limit(Question, "answer")), clock.now()
    question.save(update_fields=["answer", "answered_at"])
    listen.attach(case, files)
    resume(case, who=Who.CITIZEN)
    moves.step(
        case,
        StepKind.ANSWERED,
        who=Who.CITIZEN,
        text=question.answer,
        from_state=State.WAITING,
        due_at=case.due_at,
    )
    accusing.looked_into(case, question.answer)
    telling.staff(telling.handlers(case), case, key=f"answered:{question.pk}", subject=telling.NEW_FOR_YOU)
    return case


@transaction.atomic
def rate(case: Suggestion, *, level: int, reasons: Sequence[str] = (), comment: str = "") -> Rating:
    """Rate the newest reply on the five levels; a bad rating opens a task for the unit's leader, once its words were
    read where they could accuse the police.

    A merged case rates the reply of the case it follows. Raises: WrongState without a reply or when it is rated
    already, Invalid for a level that does not exist.
    """
    case = moves.lock(case)
    if level not in dict(RATING_LEVELS):
        raise Invalid("level", _("Choose one of the five levels."))
    answering = case.leader
    reply = answering.replies.filter(state=ReplyState.SIGNED).order_by("-signed_at").first()
    if reply is None or answering.state not in states.ANSWERED:
        raise WrongState(_("There is no reply to rate yet."))
    words = said(comment, "comment", limit(Rating, "comment"))
    with refusals.told(), transaction.atomic():
        rating = Rating.objects.create(
            suggestion=case,
            reply=reply,
            level=level,
            reasons=_reasons(reasons),
            comment=words,
            may_accuse=may_accuse(case, words),
        )
    moves.step(case, StepKind.RATED, who=Who.CITIZEN, text=rating.get_level_display())
    if rating.may_accuse:
        telling.staff(telling.triage_desk(case), case, key=f"words:{rating.pk}", subject=telling.WORDS_TO_READ)
    elif level <= states.BAD_RATING:
        open_follow_up(rating)
    outbox.emit("suggestions.rated", suggestion=case.pk, rating=rating.pk)
    return rating


def _reasons(reasons: Sequence[str]) -> list[str]:
    """What was ticked with a rating. Raises: Invalid for more, or longer ones, than there are to tick."""
    if len(reasons) > MOST_REASONS:
        raise Invalid("reasons", _("At most %(n)s of these.") % {"n": MOST_REASONS})
    longest = limit_of_each(Rating, "reasons")
    return [said(reason, "reasons", longest) for reason in reasons]


@transaction.atomic
def confirm(case: Suggestion) -> Suggestion:
    """The citizen agrees that the matter is settled."""
    case = moves.lock(case)
    moves.move(case, State.CLOSED, who=Who.CITIZEN, closed_at=clock.now())
    moves.step(case, StepKind.CLOSED, who=Who.CITIZEN, from_state=State.REPLIED)
    return case


@transaction.atomic
def reopen(case: Suggestion, *, reason: str) -> Suggestion:
    """The citizen is not content: the case goes back to the unit with a new deadline, or past it if it is named now.

    One that follows another goes its own way from here: what the others were content with stays settled.
    Raises: WrongState unless it was answered, closed or declined; Invalid without a reason.
    """
    case = moves.lock(case)
    reason = required(reason, "reason", limits.REASON)
    if not case.can_reopen:
        raise WrongState
    due = calendar.add_workdays(clock.now(), case.category.reply_days)
    reopening.take_up_again(case, due=due, reason=reason, who=Who.CITIZEN)
    if not accusing.looked_into(case, reason):
        accusing.kept_from_who_answered(case, reason)
    reopening.tell(case, who=Who.CITIZEN)
    return case


@transaction.atomic
def withdraw(case: Suggestion, *, reason: str = "") -> Suggestion:
    """The citizen takes it back; it stays in the records and off the public board.

    What others said is not theirs to take back: whoever followed this case goes on without it.
    Raises: WrongState when it is answered.
    """
    case, followers = moves.lock_with_followers(case)
    if not case.can_withdraw:
        raise WrongState
    now = clock.now()
    start = case.state
    case.questions.filter(answered_at=None).update(answered_at=now)
    moves.stop_reminders(case, at=now)
    moves.move(
        case,
        State.WITHDRAWN,
        who=Who.CITIZEN,
        merged_into=None,
        closed_at=now,
        paused_from="",
        paused_at=None,
        days_left=None,
    )
    if case.published_at:
        publishing.hide(case)
    moves.step(case, StepKind.WITHDRAWN, who=Who.CITIZEN, text=said(reason, "reason", limits.REASON), from_state=start)
    merging.set_free(followers)
    return case


@transaction.atomic
def support(case: Suggestion, *, user: Any) -> int:
    """Say «me too» to a published case, once; returns how many have said so.

    Raises: NotAllowed; WrongState when the case is not public.
    """
    policy.require(user, "support", "suggestion")
    if not Suggestion.objects.published().filter(pk=case.pk).exists():
        raise WrongState(_("This case is not public."))
    Supporter.objects.get_or_create(suggestion=case, user=user)
    return case.supporters.count()
