"""Nobody promotes themselves, and nobody handles a case about themselves or a unit they stand under."""

import pgtrigger


def conflict(user: str, officer: str, unit: str, at: str = "now()") -> str:
    """SQL: is ``user`` the officer, or a member at that moment of the unit or of one that stands under it?

    When the bureau itself is called to account, everybody stands under it: its own inspectorate then handles the case.
    """
    under = """
        starts_with(mine.path, theirs.path)
        AND NOT (theirs.parent_id IS NULL AND mine.parent_id = theirs.id AND mine.function = 'inspectorate')
    """
    posted = f"UNION SELECT o.unit_id FROM directory_officer o WHERE o.user_id = {user}" if at == "now()" else ""  # noqa: S608
    return f"""
        EXISTS (SELECT 1 FROM directory_officer o WHERE o.user_id = {user} AND o.id = {officer})
        OR EXISTS (
            SELECT 1 FROM directory_unit theirs, directory_unit mine
            WHERE theirs.id = {unit} AND {under} AND mine.id IN (
                SELECT m.unit_id FROM directory_membership m
                WHERE m.user_id = {user} AND m.starts <= {at} AND (m.ends IS NULL OR m.ends > {at})
                {posted}
            )
        )
    """  # noqa: S608  names of columns, all ours


NOBODY_PROMOTES_THEMSELVES = pgtrigger.Trigger(
    name="not_by_themselves",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func="""
        IF EXISTS (SELECT 1 FROM directory_officer o WHERE o.id = NEW.officer_id AND o.user_id = NEW.by_id) THEN
            RAISE EXCEPTION 'nobody promotes themselves' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
CASE_NOT_OPENED_BY_THE_CONCERNED = pgtrigger.Trigger(
    name="not_opened_by_the_concerned",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func=f"""
        IF {conflict("NEW.opened_by_id", "NEW.officer_id", "NEW.unit_id")} THEN
            RAISE EXCEPTION 'nobody handles a case about themselves or about a unit they stand under'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
STEP_NOT_BY_THE_CONCERNED = pgtrigger.Trigger(
    name="not_by_the_concerned",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    declare=[("c", "evaluations_accountabilitycase%ROWTYPE")],
    func=f"""
        SELECT * INTO c FROM evaluations_accountabilitycase WHERE id = NEW.case_id;
        IF NEW.is_statement AND c.officer_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM directory_officer o WHERE o.id = c.officer_id AND o.user_id = NEW.by_id
        ) THEN
            RAISE EXCEPTION 'a statement is by the person concerned' USING ERRCODE = 'check_violation';
        END IF;
        IF NOT NEW.is_statement AND ({conflict("NEW.by_id", "c.officer_id", "c.unit_id")}) THEN
            RAISE EXCEPTION 'nobody handles a case about themselves or about a unit they stand under'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,  # noqa: S608
)
_ABOUT = ("number", "officer_id", "unit_id", "ground", "facts", "evidence", "finding", "opened_by_id", "opened_at")
EVIDENCE_STANDS = pgtrigger.Trigger(
    name="evidence_stands",
    operation=pgtrigger.Update,
    when=pgtrigger.Before,
    func=f"""
        IF OLD.state <> 'inquiry' AND ({", ".join(f"OLD.{name}" for name in _ABOUT)})
                IS DISTINCT FROM ({", ".join(f"NEW.{name}" for name in _ABOUT)}) THEN
            RAISE EXCEPTION 'what a case is about stands as it is once it is opened' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
ENDED_CASE_STANDS = pgtrigger.Trigger(
    name="ended_case_stands",
    operation=pgtrigger.Update,
    when=pgtrigger.Before,
    func="""
        IF OLD.state IN ('answered', 'dropped') THEN
            RAISE EXCEPTION 'a case that is over stands as it is' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)


def self_handled() -> str:
    """SQL for the live check: the numbers of cases with a step by somebody who was in conflict when they took it."""
    clash = conflict("s.by_id", "c.officer_id", "c.unit_id", "s.at")
    return (
        "SELECT DISTINCT c.number FROM evaluations_accountabilitycase c "  # noqa: S608
        f"JOIN evaluations_accountabilitystep s ON s.case_id = c.id WHERE NOT s.is_statement AND ({clash}) ORDER BY 1"
    )
