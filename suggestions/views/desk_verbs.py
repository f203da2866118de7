"""The table of what the desk can do with a case: form, words, service. Who may and when is ``queries.desk.ACTIONS``."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from directory.models import Unit
from suggestions import services
from suggestions.forms import desk as forms
from suggestions.forms import publishing
from suggestions.models import Suggestion
from suggestions.views.verbs import Verb


def _name_subject(case: Suggestion, *, by: Any, unit: Unit, seen: int | None, officer: Any = None) -> Suggestion:
    return services.name_subject(case, by=by, unit=unit, officer=officer, seen=seen)


def _note(case: Suggestion, *, by: Any, text: str, seen: int | None) -> Suggestion:
    """A note stands beside whatever else happens, so it is never too late for one."""
    return services.note(case, by=by, text=text)


TABLE = (
    Verb(
        "accept",
        forms.ClassifyForm,
        _("Accept it"),
        _("The time to answer begins, and the citizen is told."),
        _("Accept it"),
        _("Accepted. The citizen is told."),
        services.accept,
    ),
    Verb(
        "accept_and_assign",
        forms.AcceptAndAssignForm,
        _("Accept and assign it"),
        _("The time to answer begins, and the unit finds it in its inbox."),
        _("Accept and assign it"),
        _("Accepted and assigned."),
        services.accept_and_assign,
        key="a",
    ),
    Verb(
        "decline",
        forms.DeclineForm,
        _("Decline it"),
        _("Only what is not ours to do. The citizen can ask for another look."),
        _("Decline it, tell the citizen why"),
        _("Declined. The citizen is told why."),
        services.decline,
        kind="danger",
    ),
    Verb(
        "assign",
        forms.AssignForm,
        _("Assign it"),
        _("The unit finds it in its inbox. The deadline stays."),
        _("Assign it"),
        _("Assigned."),
        services.assign,
        key="a",
    ),
    Verb(
        "classify",
        forms.ClassifyForm,
        _("Correct category and area"),
        _("An accepted case gets the time that its new category allows."),
        _("Save category and area"),
        _("Category and area are corrected."),
        services.classify,
    ),
    Verb(
        "merge",
        forms.MergeForm,
        _("Merge it with another case"),
        _("The same matter was said before. Nothing is lost: it can be taken apart again."),
        _("Merge it"),
        _("Merged. The answer there reaches this citizen too."),
        services.merge,
    ),
    Verb(
        "unmerge",
        forms.PlainForm,
        _("Take it apart again"),
        _("The case goes on by itself from where it was, by its old deadline."),
        _("Take it apart"),
        _("The case stands on its own again."),
        services.unmerge,
    ),
    Verb(
        "split",
        forms.SplitForm,
        _("Split another matter off"),
        _("It becomes a case of its own. The citizen opens both with the same code."),
        _("Make a case of it"),
        _("Split off. The new case waits to be accepted."),
        services.split,
    ),
    Verb(
        "settle_complaint",
        forms.SettleForm,
        _("Is this a complaint about the police?"),
        _("Until you decide, nobody who may be meant reads it, and it goes to no station."),
        _("Record the decision"),
        _("Decided. Now it can go on."),
        services.settle_complaint,
    ),
    Verb(
        "name_subject",
        forms.NameSubjectForm,
        _("Record who is complained of"),
        _("They no longer see this case nor those merged into it. If they handle it, it moves away at once."),
        _("Record it"),
        _("Recorded. Whoever is named does not see this case."),
        _name_subject,
    ),
    Verb(
        "publish",
        publishing.PublishForm,
        _("Show it on the public board"),
        _("The citizen agreed. Nobody must be recognisable: what is marked is only a suggestion, please read it all."),
        _("Show these words"),
        _("It is on the public board."),
        services.publish,
        folder="to_publish",
    ),
    Verb(
        "keep_back",
        forms.ReasonForm,
        _("Keep it off the public board"),
        _("What waits to be published is not shown. The case goes on, and the citizen has the answer all the same."),
        _("Keep it back"),
        _("It is not shown."),
        services.keep_back,
        kind="danger",
        folder="to_publish",
    ),
    Verb(
        "unpublish",
        forms.ReasonForm,
        _("Take it off the public board"),
        _("The words and the answer disappear from there. The case goes on."),
        _("Take it off the board"),
        _("It is no longer public."),
        services.unpublish,
        kind="danger",
    ),
    Verb(
        "escalate",
        forms.ReasonForm,
        _("Supervise it more closely"),
        _("One level up. From the fourth the inspectorate reads it too."),
        _("Supervise it"),
        _("The case is supervised one level higher."),
        services.escalate,
    ),
    Verb(
        "transfer",
        forms.TransferForm,
        _("Pass it on to another unit"),
        _("The deadline stays. A draft that waits goes back."),
        _("Pass it on"),
        _("Passed on."),
        services.transfer,
    ),
    Verb(
        "set_handler",
        forms.SetHandlerForm,
        _("Choose who handles it"),
        _("An officer of the responsible unit."),
        _("Give it to this officer"),
        _("The officer is told."),
        services.set_handler,
    ),
    Verb(
        "add_co_handler",
        forms.CoHandlerForm,
        _("Ask a unit to help"),
        _("It reads the case and may add to it. The responsibility stays."),
        _("Ask this unit"),
        _("The unit helps now."),
        services.add_co_handler,
    ),
    Verb(
        "take",
        forms.PlainForm,
        _("I take this case"),
        _("Your name stands on it, and reminders come to you."),
        _("I take it"),
        _("The case is yours."),
        services.take,
    ),
    Verb(
        "note",
        forms.NoteForm,
        _("Internal note"),
        _("For colleagues. The citizen never sees it."),
        _("Keep the note"),
        _("The note is kept."),
        _note,
        key="n",
    ),
    Verb(
        "ask",
        forms.AskForm,
        _("Ask the citizen"),
        _("When something is missing. The case waits for the answer."),
        _("Send the question"),
        _("Asked. The clock stands still until the citizen answers."),
        services.ask,
        key="q",
    ),
    Verb(
        "request_extension",
        forms.ExtensionForm,
        _("Ask for more time"),
        _("The leader decides. The deadline stays until then."),
        _("Ask the leader"),
        _("Asked. The leader decides."),
        services.request_extension,
    ),
    Verb(
        "draft_reply",
        forms.ReplyForm,
        _("Write the answer"),
        _("The leader reads and signs it, then the citizen gets it."),
        _("Lay it before the leader"),
        _("The draft waits for the leader's signature."),
        services.draft_reply,
        key="r",
    ),
    Verb(
        "sign_reply",
        publishing.SignForm,
        _("Sign the answer"),
        _("Better words are welcome. With your signature the citizen gets it."),
        _("Sign it, tell the citizen"),
        _("Signed. The citizen is told."),
        services.sign_reply,
        key="r",
    ),
    Verb(
        "return_draft",
        forms.ReturnForm,
        _("Return the draft"),
        _("The officer writes it again."),
        _("Return it to the officer"),
        _("Returned to the officer."),
        services.return_draft,
        kind="danger",
    ),
    Verb(
        "close",
        forms.PlainForm,
        _("Close the case"),
        _("When the citizen has said that it is settled. They can still have it taken up again."),
        _("Close the case"),
        _("The case is closed."),
        services.close,
    ),
)
VERBS = {verb.name: verb for verb in TABLE}

# beside the one primary action of a page the rest stands quietly, in these groups
GROUPS = (
    (_("Answering"), ("take", "draft_reply", "sign_reply", "return_draft", "ask", "request_extension", "close")),
    (_("Routing"), ("accept", "assign", "set_handler", "add_co_handler", "transfer")),
    (_("Sorting"), ("classify", "merge", "unmerge", "split", "decline")),
    (_("Board"), ("publish", "keep_back", "unpublish")),
    (_("Watching over it"), ("note", "escalate", "name_subject", "settle_complaint")),
)
