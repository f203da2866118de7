"""The ballot: choose, look at it once more, give it. No vote leaves a trace of who gave it in a session or a log."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from annual_projects.models import Edition
from annual_projects.pages import shuffle_seed
from annual_projects.shuffle import shuffled
from core.errors import DomainError, Invalid
from core.pages import SeeOther, add_domain_error, private_response
from voting import receipts, services
from voting.errors import AlreadyVoted, NotEligible, NotOpen
from voting.forms.citizen import UNKNOWN, ChoiceForm, VoteForm, read_vote
from voting.models import Poll
from voting.queries import polls
from voting.queries.polls import Stage
from voting.views.pages import edition_and_poll, hand_over

CHANGE, CAST = "change", "cast"


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def vote(request: HttpRequest, year: int) -> HttpResponse:
    """Choose (GET), see what was chosen (POST), change it (``step=change``) or give it (``step=cast``)."""
    if request.method == "POST" and request.POST.get("step") == CAST:
        return _cast(request, year)
    edition, poll = edition_and_poll(request, year)
    if request.method == "POST" and poll is not None and polls.stage(edition, poll) is Stage.OPEN:
        return _look_again(request, poll)
    return _ballot(request, edition, poll)


def _ballot(request: HttpRequest, edition: Edition, poll: Poll | None) -> HttpResponse:
    stage = polls.stage(edition, poll)
    place = polls.place(edition, request.user)
    if poll is not None and stage is Stage.OPEN and place.may_vote:
        return _choose(request, poll, ChoiceForm())
    context = {"edition": edition, "stage": stage.value, "place": place, "standing": place.standing.value}
    closed = stage is not Stage.OPEN and request.method == "POST"
    return render(request, "voting/vote_closed.html", context, status=409 if closed else 200)


def _choose(request: HttpRequest, poll: Poll, form: ChoiceForm, status: int = 200) -> HttpResponse:
    """The form with the candidates in this voter's own order and a fresh ticket."""
    order = shuffled(polls.candidates(poll), seed=shuffle_seed(request), year=poll.edition.year)
    context = {
        "edition": poll.edition,
        "form": form,
        "candidates": order,
        "chosen": form.chosen if form.is_bound else set(),
        "ticket": receipts.new_ticket(poll.edition, request.user),
    }
    return render(request, "voting/vote.html", context, status=status)


def _look_again(request: HttpRequest, poll: Poll) -> HttpResponse:
    """What was chosen, to be looked at before it is given; nothing is written yet."""
    form = ChoiceForm(request.POST)
    if request.POST.get("step") == CHANGE:
        return _choose(request, poll, form)
    place = polls.place(poll.edition, request.user)
    if not place.may_vote:
        return _told(request, poll, _why(place))
    try:
        choices = services.check_choices(poll, _valid_choices(form))
    except Invalid as error:
        add_domain_error(form, error)
        return _choose(request, poll, form, status=422)
    return _review(request, poll, choices, VoteForm(initial={"ticket": request.POST.get("ticket")}))


def _why(place: polls.Place) -> DomainError:
    return AlreadyVoted(place.entry.day, place.entry.channel) if place.entry else NotEligible()


def _valid_choices(form: ChoiceForm) -> list[int]:
    if form.is_valid():
        return form.cleaned_data["choices"]
    raise Invalid("choices", UNKNOWN)


def _review(
    request: HttpRequest, poll: Poll, choices: tuple[int, ...], form: VoteForm, status: int = 200
) -> HttpResponse:
    context = {
        "edition": poll.edition,
        "form": form,
        "ticket": form["ticket"].value(),
        "candidates": [one for one in polls.candidates(poll) if one.number in choices],
    }
    return render(request, "voting/vote_review.html", context, status=status)


def _cast(request: HttpRequest, year: int) -> HttpResponse:
    """Give the vote: the short way when all is well, and a page from the rows when it is not."""
    poll = polls.fixed(year)
    if poll is None:
        return _not_taken(request, year, None)
    try:
        given = read_vote(request.POST)
        receipt = services.cast(
            poll,
            voter=request.user,
            choices=given.choices,
            ticket=given.ticket,
            county=given.county,
            age_band=given.age_band,
        )
    except DomainError as error:
        return _not_taken(request, year, error)
    where = reverse("voting:receipt", args=[year])
    return hand_over(SeeOther(where), request, year, receipt)


def _not_taken(request: HttpRequest, year: int, error: DomainError | None) -> HttpResponse:
    """The page that says why, with what was chosen where it can be chosen again."""
    polls.forget(year)
    form = VoteForm(request.POST)
    edition, poll = edition_and_poll(request, year)
    if poll is None or polls.stage(edition, poll) is not Stage.OPEN:
        return _ballot(request, edition, poll)
    if isinstance(error, (AlreadyVoted, NotEligible, NotOpen)):
        return _told(request, poll, error)
    if error is not None:
        add_domain_error(form, error)
    return _choose(request, poll, form, status=422)


def _told(request: HttpRequest, poll: Poll, error: DomainError) -> HttpResponse:
    """Why this vote is not taken, with what to do next."""
    place = polls.place(poll.edition, request.user)
    context = {
        "edition": poll.edition,
        "stage": polls.stage(poll.edition, poll).value,
        "place": place,
        "standing": place.standing.value,
        "refused": error,
    }
    return render(request, "voting/vote_closed.html", context, status=error.status)
