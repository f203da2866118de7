"""The figures of single officers: one's own, those of whom one leads, all for admins and auditors; never public."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import keyset
from core.pages import private_response
from directory.models import Officer
from evaluations import charts, tiles
from evaluations.access.figures import visible_officers
from evaluations.models import ScoringRun
from evaluations.public_names import public_name
from evaluations.queries import dashboard
from evaluations.queries.dashboard import HIDDEN, OFFICER_INDICATORS, Figure, Look
from evaluations.states import SubjectKind
from evaluations.views.dashboards import looked_at, shared

A_PAGE = 20
ORDER = ("-shrunk", "pk")


@require_safe
@private_response
def index(request: HttpRequest) -> HttpResponse:
    """A page of officers of the newest round, with intervals and rank intervals, and apart those of whom it knows too
    little alone, over several rounds. Four statements.
    """
    look, who = looked_at(request, OFFICER_INDICATORS), visible_officers(request.user)
    choice, run = look.choice, look.newest
    scores = dashboard.officers(run, choice.indicator, who)
    page = keyset.page(scores, key=ORDER, cursor=request.GET.get("cursor"), size=A_PAGE)
    pooled = dashboard.over_several(run, who).filter(indicator=choice.indicator)
    several = keyset.page(pooled, key=ORDER, cursor=request.GET.get("several"), size=A_PAGE)
    context = shared(look, OFFICER_INDICATORS) | {
        "page": page,
        "chart": charts.officers(run, page.items, choice.indicator) if run and page.items else None,
        "several": several,
        "several_chart": charts.officers(run, several.items, choice.indicator) if run and several.items else None,
        "hidden": dashboard.hidden_officers(run, choice.indicator, who),
    }
    return render(request, "evaluations/officers.html", context)


@require_safe
@private_response
def officer(request: HttpRequest, badge: str) -> HttpResponse:
    """One officer from round to round, and how each figure came about. Four statements."""
    mine = visible_officers(request.user).filter(badge_number=badge)
    shown = mine.select_related("unit").first()
    if shown is None:
        raise Http404
    look = looked_at(request, OFFICER_INDICATORS)
    run, figures = look.newest, dashboard.of_subject(look.runs, subject__officer=shown)
    several = {one.indicator: dashboard.figure_of(one) for one in dashboard.over_several(run, mine)}
    newest = [
        (name, several.get(name, figures[run.pk, name]))
        for name in OFFICER_INDICATORS
        if run and (run.pk, name) in figures
    ]
    context = shared(look, OFFICER_INDICATORS) | {
        "officer": shown,
        "public_names": _public_names(shown, look, figures, several),
        "rows": [
            {
                "label": charts.label_of(name),
                "figure": figure,
                "rank": charts.rank_words(figure),
                "signal": charts.signal_words(figure),
            }
            for name, figure in newest
        ],
        "together": _rounds(look, several.values()),
        "too_few": charts.TOO_FEW,
        "heads": [
            _("Question"),
            _("Figure"),
            _("Interval (95%)"),
            _("As measured"),
            _("Answers (effective)"),
            _("Reliability"),
            _("Rank with its interval"),
            _("More than chance?"),
        ],
        "chart": charts.officer_trend(look.runs, figures, look.choice.indicator) if figures else None,
        "how": tiles.basis(run) if run else _("No round has been published yet."),
    }
    return render(request, "evaluations/officer.html", context)


def _public_names(
    shown: Officer, look: Look, figures: dict[tuple[int, str], Figure], several: dict[str, Figure]
) -> list[tuple[str, str, str]]:
    """Round, question and name in the open files of every figure on the page, the newest round first."""

    def name(run: ScoringRun, indicator: str, pooled: bool = False) -> str:
        badge, wave = shown.badge_number, run.wave.code
        return public_name(SubjectKind.OFFICER, badge, wave=wave, indicator=indicator, pooled=pooled)

    over = [(look.newest, indicator, True) for indicator in several]
    alone = [(run, of, False) for run in reversed(look.runs) for of in OFFICER_INDICATORS]
    return [
        (run.wave.title, charts.label_of(of), name(run, of, pooled))
        for run, of, pooled in [*over, *alone]
        if run and (pooled or figures.get((run.pk, of), HIDDEN).is_shown)
    ]


def _rounds(look: Look, several: Iterable[Figure]) -> str:
    """The titles of the rounds that any of these was put together from, the newest first."""
    codes = {code for one in several for code in one.waves}
    return str(_(", ")).join(run.wave.title for run in reversed(look.published) if run.wave.code in codes)
