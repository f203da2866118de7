"""What a constraint cannot say of a vote, as triggers. Raw SQL and the back office are bound by them too.

Names in ``CONSTRAINT =`` are what the services read to tell the voter which rule was met.
"""

import pgtrigger

from core.models import NEVER_CHANGED, NEVER_DELETED

# In a transaction that writes the tables anew the rows were all accepted before; nothing but their order changes.
_REWRITING = """EXISTS (
    SELECT 1 FROM voting_rewriting w WHERE w.xact = pg_current_xact_id()::text AND NOT w.done
)"""
# A deferred check runs at the end, when the rewriting has ended too.
_REWRITTEN = "EXISTS (SELECT 1 FROM voting_rewriting w WHERE w.xact = pg_current_xact_id()::text)"
_UNPAIRED = "COALESCE(NULLIF(current_setting('voting.unpaired', true), ''), '0')::integer"
_TODAY = "(clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date"


def _refuse(rule: str, words: str) -> str:
    return f"RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation', CONSTRAINT = '{rule}';"


def _each_new_statement(name: str, func: str, declare: list[tuple[str, str]]) -> pgtrigger.Trigger:
    """Look at all rows of a statement at once: as quick for one row as a row trigger, and far quicker for many."""
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        referencing=pgtrigger.Referencing(new="fresh"),
        declare=declare,
        func=func,
    )


# --- roll and ballots -------------------------------------------------------------------------------------------------

_EMPTIED_ONLY_TO_BE_REWRITTEN = pgtrigger.Trigger(
    name="emptied_only_to_be_rewritten",
    operation=pgtrigger.Truncate,
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    func=f"""
        IF NOT {_REWRITING} THEN
            RAISE EXCEPTION 'table % is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,
)
REWRITTEN_ONLY = [NEVER_CHANGED, NEVER_DELETED, _EMPTIED_ONLY_TO_BE_REWRITTEN]

# Each online entry is to be followed by its ballot in the same transaction: the difference is counted in a setting
# that lives as long as the transaction, and must be nothing at its end.
VOTES_IN_TIME = _each_new_statement(
    "votes_in_time",
    declare=[("online", "integer"), ("misplaced", "integer")],
    func=f"""
        SELECT count(*) FILTER (WHERE r.channel = 'online'),
               count(*) FILTER (WHERE e.id IS NULL OR e.phase <> 'voting'
                                OR p.edition_id IS NULL OR p.closed_at IS NOT NULL
                                OR clock_timestamp() < e.voting_opens OR clock_timestamp() >= e.voting_closes
                                OR r.day <> {_TODAY} OR r.channel NOT IN ('online', 'paper'))
        INTO online, misplaced
        FROM fresh r
        LEFT JOIN annual_projects_edition e ON e.id = r.edition_id
        LEFT JOIN voting_poll p ON p.edition_id = r.edition_id;
        IF misplaced > 0 AND NOT {_REWRITING} THEN
            {_refuse("voting_is_not_open", "a vote is only given while voting is open")}
        END IF;
        PERFORM set_config('voting.unpaired', ({_UNPAIRED} + online)::text, true);
        RETURN NULL;
    """,
)

ENTRY_CARRIES_A_BALLOT = pgtrigger.Trigger(
    name="entry_carries_a_ballot",
    operation=pgtrigger.Insert,
    when=pgtrigger.After,
    timing=pgtrigger.Deferred,
    condition=pgtrigger.Q(new__channel="online"),
    func=f"""
        IF {_UNPAIRED} <> 0 THEN
            {_refuse("roll_and_ballot_go_together", "an entry of the roll and its ballot are written together")}
        END IF;
        IF clock_timestamp() >= (
            SELECT e.voting_closes FROM annual_projects_edition e WHERE e.id = NEW.edition_id
        ) AND NOT {_REWRITTEN} THEN
            {_refuse("voting_is_not_open", "voting closed while this vote was being written")}
        END IF;
        RETURN NULL;
    """,
)

EDITION_IS_THERE = _each_new_statement(
    "edition_is_there",
    declare=[],
    func=f"""
        IF EXISTS (
            SELECT 1 FROM fresh f LEFT JOIN annual_projects_edition e ON e.id = f.edition_id WHERE e.id IS NULL
        ) THEN
            {_refuse("edition_is_there", "there is no such edition")}
        END IF;
        RETURN NULL;
    """,
)

_COMMITMENT = """encode(sha256(convert_to(
    b.id::text || ':' || COALESCE((
        SELECT string_agg(n::text, ' ' ORDER BY n) FROM generate_series(1, 62) n WHERE b.marks >> (n - 1) & 1 = 1
    ), '') || ':' || b.nonce, 'UTF8')), 'hex')"""

# One look at the new rows for all rules: this is on every voter's way. Many rows at once may be a rewriting.
BALLOT_IS_VALID = _each_new_statement(
    "ballot_is_valid",
    declare=[(name, "integer") for name in ("many", "online", "paper", "late", "strange", "wrong", "lying")],
    func=f"""
        SELECT count(*), count(*) FILTER (WHERE b.channel = 'online') INTO many, online FROM fresh b;
        IF online > {_UNPAIRED} THEN
            {_refuse("roll_and_ballot_go_together", "no ballot without its entry of the roll")}
        END IF;
        PERFORM set_config('voting.unpaired', ({_UNPAIRED} - online)::text, true);
        IF many > 1 AND {_REWRITING} THEN
            RETURN NULL;
        END IF;
        SELECT count(*) FILTER (WHERE b.channel <> 'online'),
               count(*) FILTER (WHERE p.edition_id IS NULL OR p.closed_at IS NOT NULL OR CASE b.channel
                   WHEN 'online' THEN e.phase <> 'voting' OR clock_timestamp() < e.voting_opens
                                      OR clock_timestamp() >= e.voting_closes
                   ELSE e.phase NOT IN ('voting', 'result') END),
               count(*) FILTER (WHERE b.marks & ~p.candidates <> 0),
               count(*) FILTER (WHERE bit_count(b.marks::bit(64)) NOT BETWEEN e.choose_min AND e.choose_max),
               count(*) FILTER (WHERE b.commitment <> {_COMMITMENT})
        INTO paper, late, strange, wrong, lying
        FROM fresh b
        LEFT JOIN annual_projects_edition e ON e.id = b.edition_id
        LEFT JOIN voting_poll p ON p.edition_id = b.edition_id;
        IF late + strange + wrong + lying > 0 AND NOT {_REWRITING} THEN
            IF late > 0 THEN
                {_refuse("voting_is_not_open", "a ballot is only taken while voting is open")}
            ELSIF strange > 0 THEN
                {_refuse("ballot_names_candidates", "a choice is not on the ballot of this edition")}
            ELSIF wrong > 0 THEN
                {_refuse("ballot_has_so_many_choices", "too few or too many choices")}
            END IF;
            {_refuse("ballot_is_what_was_committed_to", "the commitment is not that of the ballot")}
        END IF;
        IF paper > 0 AND EXISTS (
            SELECT 1 FROM (SELECT DISTINCT b.edition_id FROM fresh b WHERE b.channel = 'paper') touched
            WHERE (SELECT count(*) FROM voting_ballot b
                   WHERE b.edition_id = touched.edition_id AND b.channel = 'paper')
                > (SELECT count(*) FROM voting_rollentry r
                   WHERE r.edition_id = touched.edition_id AND r.channel = 'paper')
        ) THEN
            {_refuse("paper_ballots_have_stubs", "more paper ballots than people who were given one")}
        END IF;
        RETURN NULL;
    """,
)

# --- rewriting --------------------------------------------------------------------------------------------------------

_DIGEST = """encode(sha256(convert_to(
    COALESCE((SELECT string_agg(sha256(convert_to(b::text, 'UTF8'))::text, '' ORDER BY b.id)
              FROM voting_ballot b), '') || '|' ||
    COALESCE((SELECT string_agg(sha256(convert_to(r::text, 'UTF8'))::text, '' ORDER BY r.edition_id, r.fingerprint)
              FROM voting_rollentry r), ''), 'UTF8')), 'hex')"""

REWRITING_REMEMBERS_WHAT_WAS = pgtrigger.Trigger(
    name="remembers_what_was",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func=f"""
        LOCK TABLE voting_rollentry, voting_ballot IN ACCESS EXCLUSIVE MODE;
        NEW.xact := pg_current_xact_id()::text;
        NEW.digest := {_DIGEST};
        NEW.done := false;
        RETURN NEW;
    """,
)

REWRITING_CHANGES_NOTHING = pgtrigger.Trigger(
    name="changes_nothing",
    operation=pgtrigger.Insert,
    when=pgtrigger.After,
    timing=pgtrigger.Deferred,
    func=f"""
        IF {_DIGEST} <> NEW.digest THEN
            {_refuse("rewriting_changes_nothing", "rewriting would have changed a ballot or the roll")}
        END IF;
        UPDATE voting_rewriting SET done = true WHERE id = NEW.id;
        RETURN NULL;
    """,
)

REWRITING_ENDS = pgtrigger.Trigger(
    name="ends",
    operation=pgtrigger.Update,
    when=pgtrigger.Before,
    func="""
        IF OLD.done OR (NEW.id, NEW.at, NEW.xact, NEW.digest) IS DISTINCT FROM (OLD.id, OLD.at, OLD.xact, OLD.digest)
        THEN
            RAISE EXCEPTION 'a rewriting ends, and that is all' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

# --- the vote as a whole ----------------------------------------------------------------------------------------------

POLL_IS_FIXED = pgtrigger.Trigger(
    name="poll_is_fixed",
    operation=pgtrigger.Update,
    when=pgtrigger.Before,
    func="""
        IF (NEW.edition_id, NEW.candidates, NEW.tie_secret_sealed)
           IS DISTINCT FROM (OLD.edition_id, OLD.candidates, OLD.tie_secret_sealed)
           OR OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at
           OR OLD.published_at IS NOT NULL
              AND (NEW.published_at, NEW.result) IS DISTINCT FROM (OLD.published_at, OLD.result)
        THEN
            RAISE EXCEPTION 'what a vote was begun and ended with stands' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

# Paper, counted twice over: as the last reading of every sheet in closed batches, and as ballots.
VALID_SHEETS = """
    SELECT edition_id, marks, count(*) AS n FROM (
        SELECT DISTINCT ON (k.sheet_id) b.edition_id, k.marks, k.fault
        FROM voting_keyedsheet k JOIN voting_paperbatch b ON b.id = k.batch_id
        WHERE b.state = 'closed' ORDER BY k.sheet_id, k.reading DESC
    ) read WHERE fault = '' GROUP BY edition_id, marks
"""
PAPER_BALLOTS = """
    SELECT edition_id, marks, count(*) AS n FROM voting_ballot WHERE channel = 'paper' GROUP BY edition_id, marks
"""

POLL_CLOSES_AFTER_VOTING = pgtrigger.Trigger(
    name="poll_closes_after_voting",
    operation=pgtrigger.UpdateOf("closed_at"),
    when=pgtrigger.Before,
    condition=pgtrigger.Q(old__closed_at__isnull=True, new__closed_at__isnull=False),
    func=f"""
        IF clock_timestamp() < (SELECT e.voting_closes FROM annual_projects_edition e WHERE e.id = NEW.edition_id)
        THEN
            {_refuse("poll_closes_after_voting", "counting ends after voting has ended")}
        END IF;
        IF EXISTS (SELECT 1 FROM voting_paperbatch b WHERE b.edition_id = NEW.edition_id AND b.state <> 'closed')
           OR EXISTS (SELECT 1 FROM voting_papersheet s WHERE s.edition_id = NEW.edition_id AND s.state = 'issued')
        THEN
            {_refuse("poll_closes_balanced", "a batch is open, or a sheet is unaccounted for")}
        END IF;
        IF EXISTS (
            SELECT 1 FROM ({VALID_SHEETS}) sheets FULL JOIN ({PAPER_BALLOTS}) ballots USING (edition_id, marks)
            WHERE edition_id = NEW.edition_id AND sheets.n IS DISTINCT FROM ballots.n
        ) THEN
            {_refuse("paper_is_as_it_was_read", "the ballots on paper are not those of the closed batches")}
        END IF;
        IF (SELECT count(*) FROM voting_ballot b WHERE b.edition_id = NEW.edition_id) IS DISTINCT FROM
           (SELECT h.size::bigint FROM voting_head h WHERE h.edition_id = NEW.edition_id AND h.state = 'final') THEN
            {_refuse("poll_closes_sealed", "the final head does not hold every ballot")}
        END IF;
        RETURN NEW;
    """,
)

HEADS_ONLY_GROW = pgtrigger.Trigger(
    name="heads_only_grow",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    declare=[("last", "voting_head%ROWTYPE")],
    func="""
        SELECT * INTO last FROM voting_head h WHERE h.edition_id = NEW.edition_id ORDER BY h.seq DESC LIMIT 1;
        IF NEW.seq <> COALESCE(last.seq, 0) + 1 OR last.state = 'final'
           OR NEW.size < COALESCE(last.size, 0) OR NEW.online < COALESCE(last.online, 0)
           OR NEW.paper < COALESCE(last.paper, 0) OR NEW.at < COALESCE(last.at, NEW.at)
           OR last.state = 'counting' AND (NEW.state = 'open' OR NEW.online <> last.online OR NEW.stubs <> last.stubs)
           OR NEW.size <> (SELECT count(*) FROM voting_leaf l WHERE l.edition_id = NEW.edition_id)
        THEN
            RAISE EXCEPTION 'a head holds every commitment and follows the one before'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

# --- paper ------------------------------------------------------------------------------------------------------------

SHEET_STAYS_WHERE_IT_WAS_ISSUED = pgtrigger.ReadOnly(name="stays_where_it_was_issued", fields=["edition", "unit"])
CLOSED_BATCH_STANDS = pgtrigger.Protect(
    name="closed_batch_stands", operation=pgtrigger.Update, condition=pgtrigger.Q(old__state="closed")
)

_DIFFER = """(one.marks, one.fault, one.age_band) IS DISTINCT FROM (other.marks, other.fault, other.age_band)"""

BATCH_IS_WHOLE = pgtrigger.Trigger(
    name="batch_is_whole",
    operation=pgtrigger.UpdateOf("state"),
    when=pgtrigger.Before,
    condition=pgtrigger.Q(old__state__df=pgtrigger.F("new__state"), new__state="closed"),
    declare=[("read", "integer"), ("unsettled", "integer")],
    func=f"""
        SELECT count(*), count(*) FILTER (WHERE {_DIFFER} AND third.sheet_id IS NULL) INTO read, unsettled
        FROM (SELECT k.* FROM voting_keyedsheet k WHERE k.batch_id = NEW.id AND k.reading = 1) one
        FULL JOIN (SELECT k.* FROM voting_keyedsheet k WHERE k.batch_id = NEW.id AND k.reading = 2) other
            ON other.sheet_id = one.sheet_id
        LEFT JOIN (SELECT k.* FROM voting_keyedsheet k WHERE k.batch_id = NEW.id AND k.reading = 3) third
            ON third.sheet_id = COALESCE(one.sheet_id, other.sheet_id);
        IF read <> NEW.declared OR unsettled > 0 OR NOT (NEW.first_done AND NEW.second_done) THEN
            RAISE EXCEPTION 'a batch is closed when % ballots were read twice alike or settled: %, % unsettled',
                NEW.declared, read, unsettled
                USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_is_whole';
        END IF;
        RETURN NEW;
    """,
)

KEYED_BY_THE_RIGHT_PERSON = pgtrigger.Trigger(
    name="keyed_by_the_right_person",
    operation=pgtrigger.Insert | pgtrigger.Update,
    when=pgtrigger.Before,
    declare=[("b", "voting_paperbatch%ROWTYPE")],
    func=f"""
        SELECT * INTO b FROM voting_paperbatch WHERE id = NEW.batch_id;
        IF NOT (CASE NEW.reading
            WHEN 1 THEN NEW.keyed_by_id IS NOT DISTINCT FROM b.first_clerk_id
            WHEN 2 THEN NEW.keyed_by_id IS NOT DISTINCT FROM b.second_clerk_id
            ELSE NEW.keyed_by_id IS DISTINCT FROM b.first_clerk_id
                 AND NEW.keyed_by_id IS DISTINCT FROM b.second_clerk_id END)
        THEN
            {_refuse("keyed_by_two_and_settled_by_a_third", "two clerks read a batch, and a third person settles")}
        END IF;
        IF NOT EXISTS (
            SELECT 1 FROM voting_papersheet s
            WHERE s.serial = NEW.sheet_id AND s.edition_id = b.edition_id AND s.unit_id = b.unit_id
        ) THEN
            {_refuse("sheet_is_of_the_unit", "the sheet was not issued to the unit of the batch")}
        END IF;
        RETURN NEW;
    """,
)

KEYED_WHILE_THE_BATCH_IS_OPEN = pgtrigger.Trigger(
    name="keyed_while_the_batch_is_open",
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    when=pgtrigger.Before,
    declare=[("it", "voting_keyedsheet%ROWTYPE"), ("now_is", "text")],
    func=f"""
        it := COALESCE(NEW, OLD);
        SELECT state INTO now_is FROM voting_paperbatch WHERE id = it.batch_id FOR SHARE;
        IF now_is = 'closed'
           OR TG_OP <> 'DELETE' AND now_is <> (CASE it.reading WHEN 3 THEN 'comparing' ELSE 'keying' END)
        THEN
            {_refuse("keyed_while_the_batch_is_open", "this batch is not being keyed any more")}
        END IF;
        RETURN it;
    """,
)
