"""The thread of a candidate and of a project: what was said, how it became a candidate, the vote, the delivery."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annual_projects.models import Candidate, Evidence, Milestone, Project
from annual_projects.queries.delivery import Delivery
from annual_projects.queries.editions import Backing
from annual_projects.states import CandidateState, MilestoneState, Phase, ProjectState, ShareOf
from core.day_words import day
from core.thread import Node

BEGUN = tuple(Phase)


def percent(basis_points: int) -> str:
    """3420 → 34.2%: one decimal, as the papers print it."""
    return f"{(basis_points + 5) // 10 / 10:.1f}%"


def evidence_words(evidence: Evidence) -> str:
    """占行政管理类求助 34.2%: what the voices are a share of, with the figures."""
    share = percent(evidence.share)
    if evidence.of == ShareOf.ADMINISTRATIVE:
        return _("%(share)s of the requests for administrative services") % {"share": share}
    return _("%(share)s of everything people told us") % {"share": share}


def said(candidate: Candidate, backing: Backing) -> Node:
    """Where it came from: the voices, or those who proposed it."""
    evidence = getattr(candidate, "evidence", None)
    if backing.voices:
        title = ngettext("%(n)s voice asked for this", "%(n)s voices asked for this", backing.voices)
        text = evidence_words(evidence) if evidence else ""
        return Node(title % {"n": f"{backing.voices:,}"}, at=backing.first, kind="said", text=text, url="#voices")
    title = ngettext("%(n)s proposal asked for this", "%(n)s proposals asked for this", max(backing.nominations, 1))
    return Node(title % {"n": max(backing.nominations, 1)}, at=candidate.created_at, kind="said")


def candidate_nodes(candidate: Candidate, backing: Backing) -> list[Node]:
    """From the first voice to the ballot, and what is still to come."""
    edition, here = candidate.edition, BEGUN.index(Phase(candidate.edition.phase))
    nodes = [said(candidate, backing)]
    unit = candidate.lead_unit.local_name if candidate.lead_unit else ""
    if candidate.state == CandidateState.ACCEPTED:
        nodes.append(Node(_("Found to be possible"), at=candidate.decided_at, actor=unit, kind="accepted"))
    elif candidate.state == CandidateState.REJECTED:
        nodes.append(Node(_("Not taken up"), at=candidate.decided_at, text=candidate.reasons, kind="declined"))
        return nodes
    elif candidate.state in (CandidateState.MERGED, CandidateState.WITHDRAWN):
        nodes.append(Node(str(candidate.get_state_display()), kind="merged"))
        return nodes
    else:
        nodes.append(Node(_("We look whether it is possible"), current=True, kind="accepted", done=False))
    if edition.frozen_at:
        nodes.append(
            Node(_("A candidate for %(year)s") % {"year": edition.year}, at=edition.frozen_at, kind="candidate")
        )
    if here < BEGUN.index(Phase.VOTING):
        nodes.append(Node(_("Voting opens"), at=edition.voting_opens, done=False, kind="vote"))
    return nodes


def project_nodes(project: Project, backing: Backing, delivery: Delivery) -> list[Node]:
    """All the way round: voices → candidate → votes → delivery → judged."""
    candidate, edition = project.candidate, project.edition
    case = reverse("annual_projects:candidate", args=[edition.year, candidate.slug])
    first = said(candidate, backing)
    nodes = [
        Node(first.title, at=first.at, text=first.text, kind="said", url=f"{case}#voices", link_text=_("Read them")),
        Node(_("A candidate for %(year)s") % {"year": edition.year}, at=edition.frozen_at, kind="candidate", url=case),
        _vote(project),
        *(_step(step, delivery) for step in delivery.kept),
    ]
    if project.is_settled:
        delivered = project.state == ProjectState.DELIVERED
        nodes.append(
            Node(
                str(project.get_state_display()),
                at=project.closed_at,
                text=project.closing_words,
                kind="delivered" if delivered else "declined",
            )
        )
    nodes.append(_judged(project, delivery))
    return nodes


def _vote(project: Project) -> Node:
    """Won on the day of the result, which makes the project, and not when voting ended."""
    edition = project.edition
    place = _("Place %(rank)s in the vote") % {"rank": project.rank}
    words = ""
    if project.votes is not None:
        counted = ngettext("%(n)s vote", "%(n)s votes", project.votes)
        words = counted % {"n": f"{project.votes:,}"}
    return Node(place, at=project.created_at, text=words, kind="vote", url=f"/annual/{edition.year}/result/")


def _step(step: Milestone, delivery: Delivery) -> Node:
    """A step done on its day, or promised for one."""
    done = step.state == MilestoneState.DONE
    return Node(
        step.title,
        actor=f"{step.unit.local_name} · {_when(step, delivery)}",
        text=step.note,
        kind="project",
        done=done,
        current=step.pk == delivery.next_step,
    )


def _when(step: Milestone, delivery: Delivery) -> str:
    if step.state == MilestoneState.DONE:
        return day(step.settled_on)
    if step in delivery.late:
        return _("was to be done by %(day)s, late") % {"day": day(step.due_on)}
    return _("to be done by %(day)s") % {"day": day(step.due_on)}


def _judged(project: Project, delivery: Delivery) -> Node:
    seen = delivery.ratings
    if seen.average is None:
        return Node(_("The public judges it"), at=project.edition.judged_from, kind="appraisal", done=False)
    words = _("%(average).1f of 5, from %(n)s ratings") % {"average": seen.average, "n": f"{seen.count:,}"}
    return Node(_("Judged by the public"), at=project.edition.judged_from, text=words, kind="appraisal")
