"""How an appraisal came about, line by line and step by step, in words that the appraised can follow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.errors import Text
from core.thread import Node
from evaluations.models import Appeal, Appraisal, AppraisalLine, Component, Wave
from evaluations.public_names import public_name
from evaluations.queries.appraisal_inputs import FEW_CASES, NO_POLL, NOT_ASKED, NOT_ENOUGH
from evaluations.sources import Measure, Whose
from evaluations.states import AppealState, AppraisalState, SubjectKind

WHY_MISSING: dict[str, Text] = {
    NO_POLL: gettext_lazy("There was no such poll that year, so there is no score."),
    NOT_ASKED: gettext_lazy("Nobody was asked about this, so there is no score."),
    NOT_ENOUGH: gettext_lazy("Too few answers: not published, and used for nothing."),
    FEW_CASES: gettext_lazy("Fewer than 10 cases: too few for a figure."),
}
WHOSE: dict[str, Text] = {
    Whose.OWN: gettext_lazy("Own cases"),
    Whose.UNIT: gettext_lazy("Cases of the unit"),
    Whose.ABOVE: gettext_lazy("Cases of the unit above and all below it"),
}


@dataclass(frozen=True)
class Told:
    """One part in words: what was found, how it becomes points, and where to look it up."""

    label: str
    percent: str
    is_public: bool
    points: Decimal | None = None
    score: Decimal | None = None
    found: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    link_text: str = ""


def percent(weight: int) -> str:
    """Basis points as a percentage: 3100 is 31 %."""
    whole, rest = divmod(weight, 100)
    return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"


def label_of(component: Component) -> str:
    in_english = (get_language() or "").startswith("en")
    return component.label_en if in_english and component.label_en else component.label


def parts(appraisal: Appraisal, components: Sequence[Component]) -> list[Told]:
    """Every part of the scheme, with its line or why there is none; ``lines`` are at hand."""
    lines = {line.component_id: line for line in appraisal.lines.all()}
    return [_told(component, lines.get(component.pk), appraisal) for component in components]


def _told(component: Component, line: AppraisalLine | None, appraisal: Appraisal) -> Told:
    about: dict[str, Any] = {
        "label": label_of(component),
        "percent": percent(component.weight),
        "is_public": component.is_public,
    }
    if line is None:
        why = WHY_MISSING.get(appraisal.missing.get(component.key, ""), WHY_MISSING[NOT_ASKED])
        return Told(**about, found=str(why))
    of_a_poll = line.inputs.get("from") == "poll"
    told = _poll(line.inputs, _public_name(appraisal, line.inputs)) if of_a_poll else _cases(line.inputs)
    return Told(**about, points=line.points, score=line.score, **told)


def _public_name(appraisal: Appraisal, inputs: dict[str, Any]) -> str:
    """The name under which the figure of a line stands in the open files."""
    of = {"wave": inputs["wave"], "indicator": inputs["indicator"], "pooled": "waves" in inputs}
    if appraisal.officer:
        return public_name(SubjectKind.OFFICER, appraisal.officer.badge_number, **of)
    return public_name(SubjectKind.UNIT, appraisal.unit.code, **of)


def _poll(inputs: dict[str, Any], whose: str) -> dict[str, Any]:
    said = _("%(n)s answers; %(points)s of 100 points, with 95%% certainty between %(low)s and %(high)s.")
    file, link_text = "scores", _("The published scores of this poll")
    if "waves" in inputs:
        alone = _("The last poll alone had too few answers, so those of several count together: %(waves)s.")
        said = alone % {"waves": str(_(", ")).join(inputs["waves"])} + " " + said
        file, link_text = "pooled-scores", _("The published scores over these polls")
    floor = _("at least %(n)s answers, %(n_eff)s effective")
    if "reliability" in inputs["floor"]:
        floor = _("at least %(n)s answers, %(n_eff)s effective, reliability %(reliability)s")
    return {
        "found": said % inputs,
        "facts": [
            (_("Effective answers"), inputs["n_eff"]),
            (_("Reliability"), inputs["reliability"] or ""),
            (_("Shown from"), floor % inputs["floor"]),
            (_("With the interviews that look odd"), _("%(n)s points") % {"n": inputs["with_flagged"]}),
            (_("Formula"), inputs["formula"]),
            (_("Stands in the open files as"), whose),
        ],
        "url": reverse("evaluations:open_file", args=[inputs["wave"], file]),
        "link_text": link_text,
    }


def _cases(inputs: dict[str, Any]) -> dict[str, Any]:
    facts = [
        (_("Whose cases"), str(WHOSE[inputs["whose"]])),
        (_("Counted"), _("%(since)s to %(until)s") % inputs),
        (_("Counts from"), _("%(n)s cases on") % {"n": inputs["floor"]["cases"]}),
    ]
    if inputs["measure"] == Measure.FIRST_REPLY:
        days = Decimal(inputs["seconds"]) / inputs["cases"] / 86_400
        said = _("%(n)s cases, first answered after %(days)s days on average.")
        facts.append((_("Rule"), _("100 points within a day, none after 21 days, in a straight line between")))
        return {"found": said % {"n": inputs["cases"], "days": f"{days:.1f}"}, "facts": facts}
    said = {
        Measure.ON_TIME: _("Of %(cases)s cases that fell due, %(good)s were answered on time."),
        Measure.POST_REPLY: _("Of %(cases)s citizens who rated the reply, %(good)s were content."),
    }[Measure(inputs["measure"])]
    return {"found": said % inputs, "facts": facts}


def story(
    appraisal: Appraisal, waves: Sequence[Wave], appeals: Sequence[Appeal], newer: Appraisal | None
) -> list[Node]:
    """One thing's way: the public was asked, it was published, worked out, frozen, made known, appealed, decided."""
    run, scheme = appraisal.run, appraisal.run.scheme
    nodes = [
        Node(
            _("The public was asked"), kind="said", actor=wave.pollster.local_name,
            at=wave.published_at, text=_("%(title)s: asked from %(starts)s to %(ends)s, then published.")
            % {"title": wave.title, "starts": wave.starts.isoformat(), "ends": wave.ends.isoformat()},
        )
        for wave in waves
    ]  # fmt: skip
    nodes.append(Node(_("The scheme was locked by two persons"), at=scheme.locked_at, text=scheme.title))
    nodes.append(Node(_("Worked out"), at=run.at, text=_("Run %(n)s, formula %(version)s") % _numbered(run)))
    nodes.sort(key=lambda node: node.at or run.at)
    if run.state != AppraisalState.PUBLISHED:
        return [*nodes, Node(_("Made known"), done=False)]
    nodes.append(Node(_("Frozen by a second person and made known"), at=run.published_at, kind="appraisal"))
    for made in appeals:
        nodes += _appealed(made)
    if newer is not None:
        url = reverse("evaluations:appraisal", args=[newer.pk])
        words = _("Run %(n)s, formula %(version)s") % _numbered(newer.run)
        nodes.append(
            Node(_("Worked out again"), at=newer.run.at, text=words, url=url, link_text=_("To the new figures"))
        )
    return nodes


def _numbered(run: Any) -> dict[str, Any]:
    return {"n": run.number, "version": run.version}


def _appealed(made: Appeal) -> list[Node]:
    nodes = [Node(_("Appeal"), at=made.at, kind="reopened", text=made.text)]
    if made.state == AppealState.OPEN:
        return [*nodes, Node(_("Answer to the appeal"), done=False, due=made.due_at, what="reply", kind="answered")]
    return [*nodes, Node(str(AppealState(made.state).label), at=made.decided_at, kind="reply", text=made.reasons)]
