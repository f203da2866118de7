"""What the portal may do with polls, scores, appraisals and what follows; what is frozen stands by its triggers."""

from core.database_roles import ALL, declare, owners_function
from evaluations.models import (
    AccountabilityCase,
    AccountabilityStep,
    Answer,
    Appeal,
    Appraisal,
    AppraisalLine,
    AppraisalRun,
    Batch,
    CallBack,
    Component,
    ExternalAssessment,
    Flag,
    Frame,
    FrameEntry,
    Gate,
    Item,
    OpenFile,
    Pollster,
    PooledScore,
    PromotionDecision,
    PropertyCrime,
    PropertyImport,
    Questionnaire,
    Response,
    Scheme,
    Score,
    ScoringRun,
    SigningKey,
    Subject,
    Wave,
)

for added_to in (
    AccountabilityStep,
    Answer,
    AppraisalLine,
    Batch,
    Frame,
    FrameEntry,
    Gate,
    Item,
    OpenFile,
    PooledScore,
    PromotionDecision,
    PropertyCrime,
    PropertyImport,
    Score,
    Subject,
):
    declare(added_to)

declare(Pollster, changes=ALL)
declare(Pollster.members.through, changes=ALL, deletes=True)
declare(
    SigningKey,
    changes="revoked_at confirmed_by confirmed_at refused_by refused_at",
    stands="id pollster public_key since proposed_by proposed_at",
)
declare(Questionnaire, changes="frozen_at", stands="id code version title")
declare(
    Wave,
    changes="state margins scored_by frozen_at published_by published_at",
    stands="id code title kind year pollster questionnaire starts ends positive_levels created_by is_demo",
)
declare(
    Response,
    changes="weight",
    stands="id wave batch reference area age_sex interviewer mode started_at ended_at phone_mac base_weight",
)
declare(Flag, changes="state decided_by decided_at note", stands="id response kind detail")
declare(CallBack, changes="took_place same_answers called_by called_at", stands="id response")
declare(
    ScoringRun,
    changes=(
        "claimed_at finished_at failed progress inputs_sha256 pooled_waves pool_sha256 responses_count is_current"
    ),
    stands="id wave version without_flagged by started_at",
)

declare(Scheme, changes="title proposed_by locked_by locked_at", stands="id year about role")
declare(Component, deletes=True)
declare(
    AppraisalRun,
    changes=(
        "claimed_at finished_at failed progress inputs_sha256 state effective_public frozen_by not_counted "
        "published_at is_current"
    ),
    stands="id scheme number version by at",
)
# who appeals locks the row, and a lock asks for a column that may change: this one is the sum of its lines
declare(Appraisal, changes="total", stands="id run officer unit missing salt")
declare(
    Appeal,
    changes="state decided_by decided_at reasons not_counted",
    stands="id appraisal text by at due_at",
)
declare(
    AccountabilityCase,
    changes="ground evidence finding state due_at outcome public_answer answered_at",
    stands="id number officer unit facts opened_by opened_at",
)
declare(ExternalAssessment)

# The planner must know how many interviews there are before their answers are joined to them.
owners_function(
    "evaluations_count_responses",
    body="""
    BEGIN
        ANALYZE evaluations_response (id, wave_id);
    END;
""",
)
