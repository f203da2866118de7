"""What a constraint cannot say: phases go forward by the clock, a frozen list stands, projects come from a result."""

import pgtrigger

PHASE_KEEPS_THE_HOUR = pgtrigger.Trigger(
    name="phase_keeps_the_hour",
    operation=pgtrigger.UpdateOf("phase"),
    when=pgtrigger.Before,
    condition=pgtrigger.Q(old__phase__df=pgtrigger.F("new__phase")),
    declare=[("hour", "timestamptz")],
    func="""
        hour := CASE NEW.phase
            WHEN 'reviewing' THEN NEW.reviewing_from
            WHEN 'public_notice' THEN NEW.notice_from
            WHEN 'voting' THEN NEW.voting_opens
            WHEN 'result' THEN NEW.voting_closes
            WHEN 'delivering' THEN NEW.delivering_from
            WHEN 'judged' THEN NEW.judged_from
            WHEN 'archived' THEN NEW.archived_from
        END;
        IF clock_timestamp() < hour THEN
            RAISE EXCEPTION 'phase % does not begin before %', NEW.phase, hour USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.phase = 'delivering' AND NEW.winners <> (
            SELECT count(*) FROM annual_projects_project p WHERE p.edition_id = NEW.id
        ) THEN
            RAISE EXCEPTION 'delivery begins with the % projects of the result', NEW.winners
                USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.phase = 'archived' AND EXISTS (
            SELECT 1 FROM annual_projects_project p
            WHERE p.edition_id = NEW.id AND p.state NOT IN ('delivered', 'not_delivered')
        ) THEN
            RAISE EXCEPTION 'an edition is not finished while a project is neither delivered nor given up'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

FREEZES_A_WHOLE_LIST = pgtrigger.Trigger(
    name="freezes_a_whole_list",
    operation=pgtrigger.UpdateOf("frozen_at"),
    when=pgtrigger.Before,
    condition=pgtrigger.Q(old__frozen_at__isnull=True, new__frozen_at__isnull=False),
    declare=[("listed", "integer"), ("numbered", "integer"), ("undecided", "integer")],
    func="""
        SELECT count(*) FILTER (WHERE c.state = 'accepted'),
               count(*) FILTER (WHERE c.state = 'accepted' AND c.number IS NOT NULL),
               count(*) FILTER (WHERE c.state IN ('nominated', 'under_review'))
        INTO listed, numbered, undecided
        FROM annual_projects_candidate c WHERE c.edition_id = NEW.id;
        IF undecided > 0 OR numbered < listed OR listed < GREATEST(NEW.choose_max, NEW.winners) THEN
            RAISE EXCEPTION 'only a whole list is frozen: % accepted, % numbered, % undecided',
                listed, numbered, undecided USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

FROZEN_EDITION_STANDS = pgtrigger.Trigger(
    name="frozen_edition_stands",
    operation=pgtrigger.Update,
    when=pgtrigger.Before,
    condition=pgtrigger.Q(old__frozen_at__isnull=False),
    func="""
        IF (OLD.year, OLD.choose_min, OLD.choose_max, OLD.winners, OLD.who_may_vote, OLD.voting_opens,
            OLD.voting_closes, OLD.freeze_proposed_by_id, OLD.freeze_proposed_at, OLD.freeze_digest,
            OLD.frozen_by_id, OLD.frozen_at)
           IS DISTINCT FROM
           (NEW.year, NEW.choose_min, NEW.choose_max, NEW.winners, NEW.who_may_vote, NEW.voting_opens,
            NEW.voting_closes, NEW.freeze_proposed_by_id, NEW.freeze_proposed_at, NEW.freeze_digest,
            NEW.frozen_by_id, NEW.frozen_at)
        THEN
            RAISE EXCEPTION 'what a frozen edition is voted by cannot change' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

TIE_RULE_IS_SET_BEFOREHAND = pgtrigger.Trigger(
    name="tie_rule_is_set_beforehand",
    operation=pgtrigger.UpdateOf("tie_commitment", "tie_secret"),
    when=pgtrigger.Before,
    func="""
        IF NEW.tie_commitment IS DISTINCT FROM OLD.tie_commitment
           AND (OLD.tie_commitment <> '' OR clock_timestamp() >= NEW.voting_opens) THEN
            RAISE EXCEPTION 'the commitment for ties is made once, before voting opens'
                USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.tie_secret IS DISTINCT FROM OLD.tie_secret AND (
            OLD.tie_secret <> '' OR clock_timestamp() < NEW.voting_closes
            OR encode(sha256(convert_to(NEW.tie_secret, 'UTF8')), 'hex') <> NEW.tie_commitment
        ) THEN
            RAISE EXCEPTION 'the secret for ties is told once, after voting closes, and is the one committed to'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)


def _frozen_list_stands(
    edition: str, operation: pgtrigger.Operation = pgtrigger.Insert | pgtrigger.Update
) -> pgtrigger.Trigger:
    """Refuse every change to a row of a frozen edition.

    FOR SHARE makes it wait for a freeze that is under way; the lock is its own statement, since a condition beside it
    would be tested before the wait.
    """
    return pgtrigger.Trigger(
        name="frozen_list_stands",
        operation=operation,
        when=pgtrigger.Before,
        declare=[("frozen", "timestamptz")],
        func=f"""
            SELECT e.frozen_at INTO frozen FROM annual_projects_edition e WHERE e.id = ({edition}) FOR SHARE;
            IF frozen IS NOT NULL THEN
                RAISE EXCEPTION 'the list of candidates is frozen' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


_OF_ITS_CANDIDATE = "SELECT c.edition_id FROM annual_projects_candidate c WHERE c.id = NEW.candidate_id"
FROZEN_CANDIDATE_STANDS = _frozen_list_stands("NEW.edition_id")
FROZEN_BACKING_STANDS = _frozen_list_stands(_OF_ITS_CANDIDATE)
FROZEN_NOMINATION_STANDS = _frozen_list_stands(_OF_ITS_CANDIDATE, pgtrigger.Insert)  # a person may leave later
CANDIDATE_STAYS_IN_ITS_EDITION = pgtrigger.ReadOnly(name="stays_in_its_edition", fields=["edition"])

MERGED_WITHIN_THE_EDITION = pgtrigger.Trigger(
    name="merged_within_the_edition",
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("merged_into_id"),
    when=pgtrigger.Before,
    condition=pgtrigger.Q(new__merged_into__isnull=False),
    func="""
        IF NOT EXISTS (
            SELECT 1 FROM annual_projects_candidate c
            WHERE c.id = NEW.merged_into_id AND c.edition_id = NEW.edition_id AND c.merged_into_id IS NULL
        ) THEN
            RAISE EXCEPTION 'a candidate is put together with one of its own edition that stands by itself'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

FIRST_DATE_STANDS = pgtrigger.ReadOnly(name="first_date_stands", fields=["first_due_on", "project"])
REPORT_STANDS = pgtrigger.ReadOnly(name="report_stands", fields=["project", "text", "unit", "reported_by", "at"])
RATING_STANDS = pgtrigger.ReadOnly(name="rating_stands", fields=["project", "level", "comment", "at"])

PROJECT_COMES_FROM_A_RESULT = pgtrigger.Trigger(
    name="comes_from_a_result",
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("edition_id", "candidate_id", "rank", "votes"),
    when=pgtrigger.Before,
    func="""
        IF NOT EXISTS (
            SELECT 1 FROM annual_projects_candidate c JOIN annual_projects_edition e ON e.id = c.edition_id
            WHERE c.id = NEW.candidate_id AND c.edition_id = NEW.edition_id
              AND c.state = 'accepted' AND e.phase = 'result' AND NEW.rank BETWEEN 1 AND e.winners
        ) THEN
            RAISE EXCEPTION 'a project is an accepted candidate that the vote put among the winners'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

DELIVERED_MEANS_DONE = pgtrigger.Trigger(
    name="delivered_means_done",
    operation=pgtrigger.UpdateOf("state"),
    when=pgtrigger.Before,
    condition=pgtrigger.Q(old__state__df="delivered", new__state="delivered"),
    func="""
        IF EXISTS (SELECT 1 FROM annual_projects_milestone m WHERE m.project_id = NEW.id AND m.state = 'open')
           OR NOT EXISTS (SELECT 1 FROM annual_projects_milestone m WHERE m.project_id = NEW.id AND m.state = 'done')
        THEN
            RAISE EXCEPTION 'a project is delivered when its milestones are done' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

RATED_WHEN_IT_IS_TIME = pgtrigger.Trigger(
    name="rated_when_it_is_time",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func="""
        IF NOT EXISTS (
            SELECT 1 FROM annual_projects_project p JOIN annual_projects_edition e ON e.id = p.edition_id
            WHERE p.id = NEW.project_id AND e.phase = 'judged'
        ) THEN
            RAISE EXCEPTION 'a project is rated while the public judges its year' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
