"""What the portal may do with editions, candidates and projects; what is frozen stands by its triggers."""

from annual_projects.models import (
    BeneficiaryCount,
    Candidate,
    CandidateVoice,
    Edition,
    Evidence,
    Measure,
    Milestone,
    MilestoneReminder,
    Nomination,
    ProgressPhoto,
    ProgressReport,
    Project,
    ProjectRating,
    Telling,
    Topic,
)
from core.database_roles import ALL, declare, owners_function

declare(
    Edition,
    changes=(
        "phase intro collecting_from reviewing_from notice_from voting_opens voting_closes delivering_from judged_from "
        "archived_from choose_min choose_max winners who_may_vote tie_commitment tie_secret "
        "freeze_proposed_by freeze_proposed_at freeze_digest frozen_by frozen_at"
    ),
    stands="id year created_at is_demo",
)
declare(Topic, changes=ALL)
declare(
    Candidate,
    changes=(
        "number slug state title summary outcome category area lead_unit target target_unit merged_into reasons cost "
        "law decided_by decided_at"
    ),
    stands="id edition source created_at",
)
declare(Evidence)
declare(CandidateVoice)
declare(Nomination)
declare(
    Project,
    changes="state achieved closing_words closed_at",
    stands="id edition candidate rank votes created_at",
)
declare(
    Milestone,
    changes="due_on moved_because state settled_on settled_by note",
    stands="id project title unit first_due_on",
)
declare(MilestoneReminder, changes="sent_at cancelled_at", stands="id milestone kind due_at")
declare(ProgressReport, changes="hidden_at hidden_because", stands="id project text unit reported_by at")
declare(ProgressPhoto)
declare(Measure)
declare(BeneficiaryCount, changes="source number recorded_by at", stands="id project month definition")
declare(ProjectRating)
declare(Telling, changes="told_to done_at", stands="id candidate kind created_at")

owners_function(
    "annual_projects_forget",
    takes="person bigint",
    body="""
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.anonymised_at IS NOT NULL) THEN
            RAISE EXCEPTION 'only who has deleted their account is forgotten' USING ERRCODE = 'check_violation';
        END IF;
        UPDATE annual_projects_nomination SET user_id = NULL WHERE user_id = person;
        UPDATE annual_projects_projectrating SET user_id = NULL WHERE user_id = person;
    END;
""",
)
