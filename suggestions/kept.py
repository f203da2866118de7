"""What the ledger remembers of a case and of an opening of an identity: every row that only an act may change."""

from core.keeping import Kept, Part
from suggestions.models import (
    Attachment,
    Extension,
    Identity,
    IdentityOpening,
    Question,
    Rating,
    Reminder,
    Reply,
    Step,
    Subject,
    Suggestion,
)

OF_A_CASE = "t.suggestion_id"

CASE = Kept(
    Part(
        Suggestion,
        "t.id",
        (
            *("number", "tracking_mac", "idempotency_key", "body_digest", "title", "body", "category", "area", "place"),
            *("channel", "plaza_day", "entered_by", "anonymous", "publish", "state", "unit", "handler", "complexity"),
            *("clock_from", "due_at", "escalation", "created_at", "accepted_at", "replied_at", "closed_at"),
            *("reopened_at", "reopened_times", "paused_from", "paused_at", "days_left", "merged_into", "split_from"),
            *("published_at", "public_title", "public_body", "about_whom", "seems_complaint"),
        ),
    ),
    Part(Identity, OF_A_CASE, ()),  # that there is one; what it says may be forgotten
    Part(Subject, OF_A_CASE, ("unit", "officer", "source", "cleared_at", "cleared_by", "cleared_because")),
    Part(
        Step,
        OF_A_CASE,
        ("at", "kind", "who", "actor", "unit", "to_unit", "from_state", "to_state", "text", "is_public", "due_at"),
    ),
    Part(
        Reply,
        OF_A_CASE,
        ("kind", "text", "public_text", "published_at", "drafted_by", "drafted_at", "unit", "signed_by", "signed_at"),
        where="t.state = 'signed'",
    ),
    Part(Rating, OF_A_CASE, ("reply", "level", "reasons", "comment", "may_accuse", "at")),
    Part(Attachment, OF_A_CASE, ("file", "mime", "size", "sha256", "by_staff", "is_public", "at")),
    Part(Question, OF_A_CASE, ("text", "asked_by", "asked_at", "due_at", "answer", "answered_at")),
    Part(
        Extension,
        OF_A_CASE,
        ("round", "days", "reason", "state", "requested_by", "approved_by", "confirmed_by", "decided_at"),
    ),
    Part(Reminder, OF_A_CASE, ("kind", "due_at", "sent_at")),
)

OPENING = Kept(
    Part(
        IdentityOpening,
        "t.id",
        (
            *(
                "suggestion",
                "requested_by",
                "requested_at",
                "office",
                "reason",
                "needs_second",
                "approved_by",
                "approved_at",
            ),
            *("refused_by", "refused_at", "refused_because", "opened_at"),
        ),
    )
)
