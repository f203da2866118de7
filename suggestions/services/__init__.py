"""Every change to a case, one function a verb. Pages, API, tasks and commands call these and nothing else."""

from suggestions.services.accusing import settle_complaint
from suggestions.services.citizen import (
    add_information,
    answer,
    confirm,
    find_by_code,
    rate,
    reopen,
    support,
    withdraw,
)
from suggestions.services.extending import decide_extension, request_extension
from suggestions.services.handle import (
    add_co_handler,
    ask,
    close,
    finish_follow_up,
    note,
    set_handler,
    take,
    transfer,
)
from suggestions.services.identity import (
    OpenedIdentity,
    approve_opening,
    open_identity,
    refuse_opening,
    request_opening,
)
from suggestions.services.listen import Receipt, Voice, submit
from suggestions.services.merging import answer_standing, asks_about, merge, unmerge
from suggestions.services.publishing import keep_back, publish, unpublish
from suggestions.services.replying import draft_reply, return_draft, sign_reply
from suggestions.services.routing import Routed, delete_rule, route, route_case, save_rule
from suggestions.services.saved_texts import save_reply_template
from suggestions.services.sweeps import (
    close_confirmed_by_silence,
    resume_unanswered,
    send_digests,
    send_due_reminders,
)
from suggestions.services.triage import (
    accept,
    accept_and_assign,
    assign,
    classify,
    decline,
    escalate,
    name_subject,
    split,
)

__all__ = [
    "OpenedIdentity",
    "Receipt",
    "Routed",
    "Voice",
    "accept",
    "accept_and_assign",
    "add_co_handler",
    "add_information",
    "answer",
    "answer_standing",
    "approve_opening",
    "ask",
    "asks_about",
    "assign",
    "classify",
    "close",
    "close_confirmed_by_silence",
    "confirm",
    "decide_extension",
    "decline",
    "delete_rule",
    "draft_reply",
    "escalate",
    "find_by_code",
    "finish_follow_up",
    "keep_back",
    "merge",
    "name_subject",
    "note",
    "open_identity",
    "publish",
    "rate",
    "refuse_opening",
    "reopen",
    "request_extension",
    "request_opening",
    "resume_unanswered",
    "return_draft",
    "route",
    "route_case",
    "save_reply_template",
    "save_rule",
    "send_digests",
    "send_due_reminders",
    "set_handler",
    "settle_complaint",
    "sign_reply",
    "split",
    "submit",
    "support",
    "take",
    "transfer",
    "unmerge",
    "unpublish",
    "withdraw",
]
