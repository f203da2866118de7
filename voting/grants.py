"""What the portal may do with roll, ballots and paper: add, and nothing else; writing anew is the owner's."""

from core.database_roles import declare, owners_function
from voting.models import (
    Ballot,
    EligibleVoter,
    Head,
    KeyedSheet,
    Leaf,
    PaperBatch,
    PaperSheet,
    Poll,
    Rewriting,
    RollEntry,
    RollImport,
    Stubs,
)

declare(
    Poll,
    changes="closed_by closed_at published_by published_at result",
    stands="edition candidates tie_secret_sealed",
)
for added_to in (Ballot, Leaf, Head, RollEntry, EligibleVoter, RollImport):
    declare(added_to)
# a deferred trigger notes the end of a rewriting, in the session that asked for it
declare(Rewriting, changes="done", stands="id at xact digest", inserts=False)
declare(PaperSheet, changes="state reason", stands="serial edition unit issued_by issued_at")
declare(Stubs, changes="written", stands="id edition unit clerk day")
declare(
    PaperBatch,
    changes="declared state first_clerk second_clerk first_done second_done closed_by closed_at",
    stands="id edition number unit opened_by opened_at",
)
declare(KeyedSheet, changes="marks fault age_band keyed_by", stands="id batch reading sheet", deletes=True)

# The table of rewritings remembers what was there before, and refuses at the end unless exactly the same is there.
owners_function(
    "voting_rewrite",
    returns="bigint",
    body="""
    DECLARE
        made bigint;
    BEGIN
        INSERT INTO voting_rewriting DEFAULT VALUES RETURNING id INTO made;
        CREATE TEMPORARY TABLE shuffled_roll ON COMMIT DROP AS
            SELECT * FROM voting_rollentry ORDER BY gen_random_uuid();
        CREATE TEMPORARY TABLE shuffled_ballots ON COMMIT DROP AS
            SELECT * FROM voting_ballot ORDER BY gen_random_uuid();
        TRUNCATE voting_rollentry, voting_ballot;
        INSERT INTO voting_rollentry SELECT * FROM shuffled_roll;
        INSERT INTO voting_ballot SELECT * FROM shuffled_ballots;
        DROP TABLE shuffled_roll, shuffled_ballots;
        RETURN made;
    END;
""",
)
owners_function(
    "voting_wait_for_writers",
    body="""
    BEGIN
        LOCK TABLE voting_rollentry, voting_ballot IN SHARE MODE;
    END;
""",
)
# The portal makes no tables, for one of its own could stand before the real one in the eyes of a trigger.
owners_function(
    "voting_stage_roll",
    body="""
    BEGIN
        DROP TABLE IF EXISTS pg_temp.roll_staging;
        CREATE TEMPORARY TABLE roll_staging (line integer, fingerprint text) ON COMMIT DROP;
        EXECUTE format('GRANT SELECT, INSERT ON pg_temp.roll_staging TO %I', session_user);
    END;
""",
)
