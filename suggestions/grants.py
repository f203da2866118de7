"""What the portal may do with what was said and what became of it: the words themselves are never written again."""

from core.database_roles import ALL, declare, owners_function
from suggestions.models import (
    Attachment,
    Category,
    CoHandling,
    Extension,
    FollowUp,
    Identity,
    IdentityOpening,
    Question,
    Rating,
    Reminder,
    Reply,
    ReplyTemplate,
    RoutingRule,
    SameMeaning,
    Step,
    Subject,
    Suggestion,
    Supporter,
)

declare(
    Suggestion,
    changes=(
        "category area unit handler complexity state clock_from due_at escalation accepted_at replied_at closed_at "
        "reopened_at reopened_times paused_from paused_at days_left merged_into split_from "
        "published_at public_title public_body public_read_at public_read_by search "
        "seems_complaint"
    ),
    stands=(
        "id number tracking_mac idempotency_key body_digest title body about_whom place channel plaza_day entered_by "
        "anonymous publish created_at sample is_demo"
    ),
)
declare(Identity)
declare(Subject, changes="source cleared_at cleared_by cleared_because", stands="id suggestion unit officer")
declare(CoHandling, deletes=True)
declare(Step)
declare(Reply, changes=ALL)  # a signed one stands: its trigger says so
declare(Rating)
declare(Attachment, changes="is_public", stands="id suggestion file mime size sha256 width height by_staff at")
declare(Supporter)
declare(Question, changes="answer answered_at", stands="id suggestion text asked_by asked_at due_at")
declare(
    Extension,
    changes="state approved_by confirmed_by decided_at",
    stands="id suggestion round days reason requested_by requested_at",
)
declare(Reminder, changes="level sent_at cancelled_at", stands="id suggestion kind due_at")
declare(FollowUp, changes="note done_by done_at", stands="id suggestion rating unit opened_at due_at")
declare(
    IdentityOpening,
    changes="approved_by approved_at refused_by refused_at refused_because opened_at office",
    stands="id suggestion requested_by requested_at reason needs_second",
)
declare(Category, changes=ALL)
declare(RoutingRule, changes=ALL, deletes=True)
declare(SameMeaning, changes=ALL, deletes=True)
declare(ReplyTemplate, changes=ALL)

owners_function(
    "suggestions_forget",
    takes="person bigint",
    body="""
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.anonymised_at IS NOT NULL) THEN
            RAISE EXCEPTION 'only who has deleted their account is forgotten' USING ERRCODE = 'check_violation';
        END IF;
        UPDATE suggestions_identity SET user_id = NULL, name_sealed = NULL, phone_sealed = NULL, phone_tail_mac = ''
        WHERE user_id = person;
        UPDATE suggestions_supporter SET user_id = NULL WHERE user_id = person;
    END;
""",
)
