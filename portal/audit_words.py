"""The acts of the audit ledger in words. A test finds an act that is recorded somewhere and has none here."""

from collections.abc import Mapping

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from annual_projects.states import CandidateState, MilestoneState, ProjectState
from core.errors import Text
from suggestions.states import StepKind

Words = Mapping[str, Text]

CASES: Words = {
    **{f"suggestion.{kind}": kind.label for kind in StepKind},
    "suggestion.submitted": _("A voice arrived"),
    "suggestion.asked": _("The citizen was asked"),
    "suggestion.answered": _("The citizen answered"),
    "suggestion.identity_opened": _("An identity was opened, and the citizen sees it"),
    "suggestion.split_off": _("A part of another case became a case"),
    "suggestion.extension_approved": _("More time was approved once, and waits for the second approval"),
    "suggestion.found_changed": _("The case was found changed without an act on this ledger"),
    "routing.saved": _("A routing rule was saved"),
    "routing.deleted": _("A routing rule was deleted"),
    "template.saved": _("A reply template was saved"),
    "demo.loaded": _("Demonstration data were loaded"),
}
IDENTITY: Words = {
    "identity.requested": _("Asked to open an identity"),
    "identity.approved": _("Agreed that an identity is opened"),
    "identity.refused": _("Did not agree that an identity is opened"),
    "identity.opened": _("Opened an identity"),
}
PEOPLE: Words = {
    "accounts.phone_changed": _("The telephone of an account was changed"),
    "accounts.verified": _("Somebody proved who they are"),
    "accounts.signed_out_everywhere": _("Signed out everywhere"),
    "accounts.sso_linked": _("Another sign-in was linked to an account"),
    "account.added": _("An account for staff was added"),
    "account.appointed": _("A technician was appointed from the shell of the server"),
    "account.proposed": _("A change of somebody's way in was proposed"),
    "account.confirmed": _("A second person confirmed it"),
    "account.refused": _("The second person did not agree"),
    "account.password_set": _("The owner set the password"),
    "account.closed": _("An account was closed"),
    "accounts.programme_added": _("A programme was added"),
    "accounts.token_proposed": _("A key for programs was proposed"),
    "accounts.token_refused": _("A key for programs was refused"),
    "accounts.token_issued": _("A key for programs was given out"),
    "accounts.token_revoked": _("A key for programs was revoked"),
    "accounts.erased": _("An account was deleted"),
    "notification.sent_again": _("A message was sent again"),
    "membership.proposed": _("A role was proposed"),
    "membership.appointed": _("A role was given from the shell of the server"),
    "membership.refused": _("A role was refused"),
    "membership.started": _("A role was given"),
    "membership.ended": _("A role was ended"),
    "posting.proposed": _("Another unit or account was proposed for an officer"),
    "posting.confirmed": _("An officer was given another unit or account"),
    "posting.refused": _("Another unit or account of an officer was refused"),
}
HOUSE: Words = {
    "audit.taken": _("The whole audit ledger was taken along"),
    "office.added": _("Added in the back office"),
    "office.changed": _("Changed in the back office"),
    "office.deleted": _("Deleted in the back office"),
    "reference.changed": _("Units, areas or categories were changed from the shell of the server"),
}
PROJECTS: Words = {
    "edition.created": _("A year of the ten projects was begun"),
    "edition.changed": _("The plan of a year was changed"),
    "edition.phase": _("The year went on to its next phase"),
    "edition.freeze_proposed": _("Freezing the list was proposed"),
    "edition.freeze_recalled": _("The proposal to freeze the list was taken back"),
    "edition.frozen": _("The list was frozen"),
    "edition.projects_opened": _("The chosen projects were begun"),
    "edition.demo_loaded": _("Demonstration data were loaded"),
    "nomination.made": _("A project was proposed"),
    "candidate.described": _("A candidate was described"),
    **{f"candidate.{state}": format_lazy("{}{}{}", _("Candidate"), _(": "), state.label) for state in CandidateState},
    **{f"project.{state}": format_lazy("{}{}{}", _("Project"), _(": "), state.label) for state in ProjectState},
    **{f"milestone.{state}": format_lazy("{}{}{}", _("Milestone"), _(": "), state.label) for state in MilestoneState},
    "project.reported": _("Progress of a project was reported"),
    "project.report_hidden": _("A progress report was hidden"),
    "project.measure": _("A measure was written down"),
    "project.beneficiaries": _("Who benefits was counted"),
    "milestone.added": _("A milestone was added"),
    "milestone.moved": _("A milestone was moved"),
}
VOTE: Words = {
    "voting.prepared": _("A vote was prepared"),
    "voting.demo_loaded": _("Demonstration data were loaded"),
    "voting.roll_imported": _("The roll of voters was taken in"),
    "voting.sheets_issued": _("Ballot papers were issued"),
    "voting.sheets_unreturned": _("Ballot papers did not come back"),
    "voting.sheet_spoiled": _("A ballot paper was spoiled"),
    "voting.stubs_written": _("Paper ballots were given out"),
    "voting.batch_opened": _("A batch of ballots was opened"),
    "voting.batch_read": _("A batch of ballots was keyed"),
    "voting.sheet_settled": _("A difference between two keyings was settled"),
    "voting.sheet_dropped": _("A keyed ballot was taken out"),
    "voting.batch_counted_again": _("A batch of ballots was counted again"),
    "voting.batch_reopened": _("A batch of ballots was opened again"),
    "voting.batch_closed": _("A batch of ballots was closed"),
    "voting.closed": _("The vote was closed"),
    "voting.published": _("The result of the vote was published"),
}
POLLS: Words = {
    "pollster.created": _("A polling institute was entered"),
    "pollster.member_added": _("Somebody was added to a polling institute"),
    "pollster.member_removed": _("Somebody was taken out of a polling institute"),
    "pollster.activated": _("A polling institute works for us again"),
    "pollster.let_go": _("A polling institute was let go"),
    "signing_key.added": _("A signing key was added"),
    "signing_key.confirmed": _("A second person confirmed a signing key"),
    "signing_key.refused": _("A second person refused a signing key"),
    "signing_key.revoked": _("A signing key was revoked"),
    "questionnaire.created": _("A questionnaire was made"),
    "wave.created": _("A poll was planned"),
    "wave.subjects_taken": _("Who is polled about was fixed"),
    "wave.frame_built": _("Whom to call was drawn"),
    "wave.margins_set": _("The figures of the population were entered"),
    "wave.moved": _("A poll went on to its next step"),
    "batch.taken": _("A batch of interviews was taken in"),
    "flag.decided": _("A doubtful interview was decided on"),
    "call_back.recorded": _("A call back was recorded"),
    "wave.scoring_asked": _("Working out the scores was begun"),
    "wave.scored_again": _("The scores were worked out again"),
    "property_cases.taken": _("Property cases were taken in"),
    "assessment.recorded": _("A finding of somebody else was entered"),
}
JUDGING: Words = {
    "scheme.proposed": _("A scheme of appraisal was proposed"),
    "scheme.locked": _("A scheme of appraisal was locked"),
    "appraisals.asked": _("Working out the appraisals was begun"),
    "appraisals.worked_out": _("The appraisals were worked out"),
    "appraisals.frozen": _("The appraisals were frozen"),
    "appraisals.published": _("The appraisals were published"),
    "appeal.made": _("An appeal was made"),
    "appeal.decided": _("An appeal was decided"),
    "gates.recorded": _("Who passed the promotion gate was recorded"),
    "officer.promoted": _("A promotion was decided"),
    "accountability.inquiry": _("An inquiry was opened"),
    "accountability.statement": _("Somebody spoke for themselves"),
    "accountability.moved": _("A case of accountability went on"),
}
GROUPS: dict[str, tuple[Text, Words]] = {
    "cases": (_("Voices and answers"), CASES),
    "identity": (_("Identities of citizens"), IDENTITY),
    "people": (_("People and roles"), PEOPLE),
    "portal": (_("The portal itself"), HOUSE),
    "projects": (_("Ten projects"), PROJECTS),
    "vote": (_("Vote"), VOTE),
    "polls": (_("Polls"), POLLS),
    "appraisal": (_("Appraisal"), JUDGING),
}
ALL: Words = {action: words for _name, group in GROUPS.values() for action, words in group.items()}


def words_for(action: str) -> Text:
    """The act in words; its code where there are none."""
    return ALL.get(action, action)
