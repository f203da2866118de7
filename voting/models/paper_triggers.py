"""What a constraint cannot say of sheets, batches and what was read on them, as triggers."""

import pgtrigger

from voting.models.triggers import refuse

SHEET_STAYS_WHERE_IT_WAS_ISSUED = pgtrigger.ReadOnly(name="stays_where_it_was_issued", fields=["edition", "unit"])
STUBS_STAY_WITH_WHO_WROTE_THEM = pgtrigger.ReadOnly(
    name="stay_with_who_wrote_them", fields=["edition", "unit", "clerk", "day"]
)
STUBS_ONLY_GROW = pgtrigger.Protect(
    name="only_grow", operation=pgtrigger.Update, condition=pgtrigger.Q(new__written__lte=pgtrigger.F("old__written"))
)
# Two clerks of a unit ask one after the other, or each would leave the last sheet to the other.
STUBS_HAVE_SHEETS = pgtrigger.Trigger(
    name="have_sheets",
    operation=pgtrigger.Insert | pgtrigger.Update,
    when=pgtrigger.After,
    func=f"""
        PERFORM 1 FROM directory_unit u WHERE u.id = NEW.unit_id FOR NO KEY UPDATE;
        IF (SELECT sum(s.written) FROM voting_stubs s WHERE s.edition_id = NEW.edition_id AND s.unit_id = NEW.unit_id)
         > (SELECT count(*) FROM voting_papersheet p
            WHERE p.edition_id = NEW.edition_id AND p.unit_id = NEW.unit_id AND p.state <> 'spoiled')
        THEN
            {refuse("stubs_have_sheets", "more people were given a ballot than the unit has sheets")}
        END IF;
        RETURN NULL;
    """,
)
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
            {refuse("keyed_by_two_and_settled_by_a_third", "two clerks read a batch, and a third person settles")}
        END IF;
        IF NOT EXISTS (
            SELECT 1 FROM voting_papersheet s
            WHERE s.serial = NEW.sheet_id AND s.edition_id = b.edition_id AND s.unit_id = b.unit_id
        ) THEN
            {refuse("sheet_is_of_the_unit", "the sheet was not issued to the unit of the batch")}
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
            {refuse("keyed_while_the_batch_is_open", "this batch is not being keyed any more")}
        END IF;
        RETURN it;
    """,
)
