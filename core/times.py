"""Moments that stand in the records are the database's own: nothing is dated back, and nothing ahead (P24)."""

import pgtrigger

from core.workdays import SHANGHAI

GRACE = "interval '5 minutes'"  # between a service asking for the time and its row; a statement takes a minute at most

# The owner may write the past: a demo city and a restored backup have one. Everybody else signs in as the portal.
BY_THE_OWNER = "pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')"


def by_the_owner(name: str, *, operation: pgtrigger.Operation, what: str) -> pgtrigger.Trigger:
    """Only the owner writes rows that meet ``what``, a condition on NEW and OLD."""
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.Before,
        func=f"""
            IF ({what}) AND NOT {BY_THE_OWNER} THEN
                RAISE EXCEPTION 'this is done from the shell of the server alone' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


def written_now(*columns: str) -> pgtrigger.Trigger:
    """What these columns say when they are written is the time of writing."""
    strange = " OR ".join(
        f"""(NEW.{column} IS DISTINCT FROM OLD.{column}
             AND NEW.{column} NOT BETWEEN clock_timestamp() - {GRACE} AND clock_timestamp() + {GRACE})"""
        for column in columns
    )
    return pgtrigger.Trigger(
        name="written_now",
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(*columns),
        when=pgtrigger.Before,
        func=f"""
            IF ({strange}) AND NOT {BY_THE_OWNER} THEN
                RAISE EXCEPTION '% is dated when it is written', TG_TABLE_NAME USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


def stands(*columns: str) -> pgtrigger.Trigger:
    """A row in which one of these columns has its moment is done with: nothing of it changes any more."""
    done = " OR ".join(f"OLD.{column} IS NOT NULL" for column in columns)
    return pgtrigger.Trigger(
        name="done_stands",
        operation=pgtrigger.Update,
        when=pgtrigger.Before,
        condition=pgtrigger.Condition(done),
        func="""
            IF NEW IS DISTINCT FROM OLD THEN
                RAISE EXCEPTION 'what was done with % stays done', TG_TABLE_NAME USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


def set_once(*columns: str) -> pgtrigger.Trigger:
    """What one of these columns says is never said otherwise afterwards, nor taken back."""
    changed = " OR ".join(
        f"(OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})" for column in columns
    )
    return pgtrigger.Trigger(
        name="set_once",
        operation=pgtrigger.UpdateOf(*columns),
        when=pgtrigger.Before,
        func=f"""
            IF {changed} THEN
                RAISE EXCEPTION 'what was done with % stays done', TG_TABLE_NAME USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


def kept_by_the_day(*columns: str) -> pgtrigger.Trigger:
    """Of these moments the day alone is kept, as its first moment in Huzhou, whoever writes them.

    They say when somebody was here: their second would name what was said without a name at that second.
    """
    days = "\n".join(
        f"NEW.{column} := date_trunc('day', NEW.{column} AT TIME ZONE '{SHANGHAI}') AT TIME ZONE '{SHANGHAI}';"
        for column in columns
    )
    return pgtrigger.Trigger(
        name="kept_by_the_day",
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(*columns),
        when=pgtrigger.Before,
        func=f"{days} RETURN NEW;",
    )
