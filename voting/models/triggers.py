"""What a constraint cannot say of roll, ballots and record, as triggers: raw SQL and the back office are bound too.

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


def refuse(rule: str, words: str) -> str:
    """The statement that refuses under the name of a rule."""
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
# that lives as long as the transaction, and must be nothing at its end. An entry on paper is a stub, which was counted
# with who wrote it (``Stubs``), and so has a sheet.
VOTES_IN_TIME = _each_new_statement(
    "votes_in_time",
    declare=[("online", "integer"), ("paper", "integer"), ("misplaced", "integer")],
    func=f"""
        SELECT count(*) FILTER (WHERE r.channel = 'online'), count(*) FILTER (WHERE r.channel = 'paper'),
               count(*) FILTER (WHERE e.id IS NULL OR e.phase <> 'voting'
                                OR p.edition_id IS NULL OR p.closed_at IS NOT NULL
                                OR clock_timestamp() < e.voting_opens OR clock_timestamp() >= e.voting_closes
                                OR r.day <> {_TODAY} OR r.channel NOT IN ('online', 'paper'))
        INTO online, paper, misplaced
        FROM fresh r
        LEFT JOIN annual_projects_edition e ON e.id = r.edition_id
        LEFT JOIN voting_poll p ON p.edition_id = r.edition_id;
        IF misplaced > 0 AND NOT {_REWRITING} THEN
            {refuse("voting_is_not_open", "a vote is only given while voting is open")}
        END IF;
        IF paper > 0 AND NOT {_REWRITING} AND EXISTS (
            SELECT 1 FROM (SELECT DISTINCT r.edition_id, r.day FROM fresh r WHERE r.channel = 'paper') touched
            WHERE (SELECT count(*) FROM voting_rollentry r
                   WHERE r.edition_id = touched.edition_id AND r.day = touched.day AND r.channel = 'paper')
                > (SELECT COALESCE(sum(s.written), 0) FROM voting_stubs s
                   WHERE s.edition_id = touched.edition_id AND s.day = touched.day)
        ) THEN
            {refuse("stubs_are_counted", "a stub is counted with the clerk who wrote it")}
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
            {refuse("roll_and_ballot_go_together", "an entry of the roll and its ballot are written together")}
        END IF;
        IF clock_timestamp() >= (
            SELECT e.voting_closes FROM annual_projects_edition e WHERE e.id = NEW.edition_id
        ) AND NOT {_REWRITTEN} THEN
            {refuse("voting_is_not_open", "voting closed while this vote was being written")}
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
            {refuse("edition_is_there", "there is no such edition")}
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
            {refuse("roll_and_ballot_go_together", "no ballot without its entry of the roll")}
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
                {refuse("voting_is_not_open", "a ballot is only taken while voting is open")}
            ELSIF strange > 0 THEN
                {refuse("ballot_names_candidates", "a choice is not on the ballot of this edition")}
            ELSIF wrong > 0 THEN
                {refuse("ballot_has_so_many_choices", "too few or too many choices")}
            END IF;
            {refuse("ballot_is_what_was_committed_to", "the commitment is not that of the ballot")}
        END IF;
        IF paper > 0 AND EXISTS (
            SELECT 1 FROM (SELECT DISTINCT b.edition_id FROM fresh b WHERE b.channel = 'paper') touched
            WHERE (SELECT count(*) FROM voting_ballot b
                   WHERE b.edition_id = touched.edition_id AND b.channel = 'paper')
                > (SELECT count(*) FROM voting_rollentry r
                   WHERE r.edition_id = touched.edition_id AND r.channel = 'paper')
        ) THEN
            {refuse("paper_ballots_have_stubs", "more paper ballots than people who were given one")}
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
            {refuse("rewriting_changes_nothing", "rewriting would have changed a ballot or the roll")}
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
            {refuse("poll_closes_after_voting", "counting ends after voting has ended")}
        END IF;
        IF EXISTS (SELECT 1 FROM voting_paperbatch b WHERE b.edition_id = NEW.edition_id AND b.state <> 'closed')
           OR EXISTS (SELECT 1 FROM voting_papersheet s WHERE s.edition_id = NEW.edition_id AND s.state = 'issued')
        THEN
            {refuse("poll_closes_balanced", "a batch is open, or a sheet is unaccounted for")}
        END IF;
        IF EXISTS (
            SELECT 1 FROM ({VALID_SHEETS}) sheets FULL JOIN ({PAPER_BALLOTS}) ballots USING (edition_id, marks)
            WHERE edition_id = NEW.edition_id AND sheets.n IS DISTINCT FROM ballots.n
        ) THEN
            {refuse("paper_is_as_it_was_read", "the ballots on paper are not those of the closed batches")}
        END IF;
        IF (SELECT count(*) FROM voting_ballot b WHERE b.edition_id = NEW.edition_id) IS DISTINCT FROM
           (SELECT h.size::bigint FROM voting_head h WHERE h.edition_id = NEW.edition_id AND h.state = 'final') THEN
            {refuse("poll_closes_sealed", "the final head does not hold every ballot")}
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

# The setting that pairs roll and ballots while they are written can be set by any session; the rows cannot lie. They
# are counted in one statement, which sees both rows of a vote or neither.
HEADS_HOLD_VOTES_OF_PEOPLE = pgtrigger.Trigger(
    name="heads_hold_votes_of_people",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    declare=[("ballots", "bigint"), ("people", "bigint")],
    func=f"""
        SELECT (SELECT count(*) FROM voting_ballot b WHERE b.edition_id = NEW.edition_id AND b.channel = 'online'),
               (SELECT count(*) FROM voting_rollentry r WHERE r.edition_id = NEW.edition_id AND r.channel = 'online')
        INTO ballots, people;
        IF ballots <> people OR NEW.online > people THEN
            {refuse("heads_hold_votes_of_people", "there are not as many online ballots as people who voted online")}
        END IF;
        RETURN NEW;
    """,
)
