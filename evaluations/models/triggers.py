"""The promises a constraint cannot say, as triggers: raw SQL and the back office are bound by them too."""

import pgtrigger

from evaluations.scoring import floors
from evaluations.scoring.recognition import RECOGNISED_FROM


def _stands(name: str, lookup: str, what: str) -> pgtrigger.Trigger:
    """Nothing is added to, changed in or taken from what ``lookup`` (SQL over ``it``) finds."""
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        declare=[("it", "RECORD")],
        func=f"""
            it := COALESCE(NEW, OLD);
            IF EXISTS ({lookup}) THEN
                RAISE EXCEPTION '{what} stands as it is' USING ERRCODE = 'check_violation';
            END IF;
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        """,
    )


FROZEN_QUESTIONS_STAND = _stands(
    "frozen_questions_stand",
    "SELECT 1 FROM evaluations_questionnaire q WHERE q.id = it.questionnaire_id AND q.frozen_at IS NOT NULL",
    "a questionnaire that was used",
)
FROZEN_RUN_STANDS = pgtrigger.Trigger(
    name="frozen_run_stands",
    operation=pgtrigger.Insert | pgtrigger.Update,
    when=pgtrigger.Before,
    func="""
        IF EXISTS (SELECT 1 FROM evaluations_wave w WHERE w.id = NEW.wave_id
                   AND w.state IN ('frozen', 'published')) THEN
            RAISE EXCEPTION 'the figures of a frozen wave stand as they are' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
FROZEN_SCORE_STANDS = _stands(
    "frozen_score_stands",
    "SELECT 1 FROM evaluations_scoringrun r JOIN evaluations_wave w ON w.id = r.wave_id "
    "WHERE r.id = it.run_id AND w.state IN ('frozen', 'published')",
    "a score of a frozen wave",
)
OPENED_ONCE_PUBLISHED = pgtrigger.Trigger(
    name="opened_once_published",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func="""
        IF NOT EXISTS (SELECT 1 FROM evaluations_wave w WHERE w.id = NEW.wave_id AND w.state = 'published') THEN
            RAISE EXCEPTION 'the files of a wave are open once it is published' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
BATCH_COMES_WHILE_FIELDING = pgtrigger.Trigger(
    name="comes_while_fielding",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func="""
        IF NOT EXISTS (SELECT 1 FROM evaluations_wave w WHERE w.id = NEW.wave_id AND w.state = 'fielding') THEN
            RAISE EXCEPTION 'a wave takes files only while it is in the field' USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (SELECT 1 FROM evaluations_signingkey k WHERE k.id = NEW.key_id AND (
            k.revoked_at IS NOT NULL OR (k.proposed_by_id IS NOT NULL AND k.confirmed_at IS NULL)
        )) THEN
            RAISE EXCEPTION 'this signing key was revoked, or nobody has confirmed it'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)


def _by_the_set(name: str, operation: pgtrigger.Operation, lookup: str, what: str) -> pgtrigger.Trigger:
    """One look at all rows of a statement together (``rows``), for tables that are filled by the hundred thousand."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        operation=operation,
        when=pgtrigger.After,
        referencing=pgtrigger.Referencing(new="rows"),
        func=f"""
            IF EXISTS (SELECT 1 FROM rows {lookup}) THEN
                RAISE EXCEPTION '{what}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,
    )


RESPONSES_COME_WHILE_FIELDING = _by_the_set(
    "come_while_fielding",
    pgtrigger.Insert,
    "JOIN evaluations_wave w ON w.id = rows.wave_id WHERE w.state <> 'fielding'",
    "interviews are taken only while the wave is in the field",
)
ANSWERS_COME_WHILE_FIELDING = _by_the_set(
    "come_while_fielding",
    pgtrigger.Insert,
    "LEFT JOIN evaluations_response r ON r.id = rows.response_id "
    "LEFT JOIN evaluations_wave w ON w.id = r.wave_id WHERE w.state IS DISTINCT FROM 'fielding'",
    "answers are taken only of an interview, and while its wave is in the field",
)
ANSWERS_ARE_ABOUT_THE_WAVE = _by_the_set(  # says more than two foreign keys, and once a statement
    "are_about_the_wave",
    pgtrigger.Insert,
    "JOIN evaluations_response r ON r.id = rows.response_id JOIN evaluations_wave w ON w.id = r.wave_id "
    "LEFT JOIN evaluations_item i ON i.id = rows.item_id AND i.questionnaire_id = w.questionnaire_id "
    "LEFT JOIN evaluations_subject s ON s.id = rows.subject_id AND s.wave_id = w.id "
    "WHERE i.id IS NULL OR (s.id IS NULL AND rows.subject_id IS NOT NULL)",
    "an answer is to a question of its wave, about somebody it asks about",
)
FROZEN_RESPONSES_STAND = _by_the_set(
    "frozen_responses_stand",
    pgtrigger.Update,
    "JOIN evaluations_wave w ON w.id = rows.wave_id WHERE w.state IN ('frozen', 'published')",
    "the interviews of a frozen wave stand as they are",
)
_FLAGS_OF_FROZEN = (
    "JOIN evaluations_response r ON r.id = rows.response_id "
    "JOIN evaluations_wave w ON w.id = r.wave_id WHERE w.state IN ('frozen', 'published')"
)
NO_NEW_FLAG_WHEN_FROZEN = _by_the_set(
    "no_new_flag_when_frozen", pgtrigger.Insert, _FLAGS_OF_FROZEN, "the flags of a frozen wave stand as they are"
)
FROZEN_FLAGS_STAND = _by_the_set(
    "frozen_flags_stand", pgtrigger.Update, _FLAGS_OF_FROZEN, "the flags of a frozen wave stand as they are"
)

# --- P14: the floors, by what a figure is about -------------------------------------------------------------------

_BELOW_THE_FLOORS = (
    "LEFT JOIN evaluations_subject s ON s.id = rows.subject_id WHERE rows.is_shown AND NOT COALESCE("
    f"CASE s.kind WHEN 'officer' THEN rows.n >= {floors.FEWEST_ANSWERS} AND rows.n_eff >= {floors.FEWEST_EFFECTIVE:g} "
    f"AND rows.reliability >= {floors.LEAST_RELIABILITY:g} "
    f"ELSE rows.n_eff >= {floors.FEWEST_EFFECTIVE_UNIT:g} END, FALSE)"
)
_SHOWN_ON_ENOUGH = "a figure is shown above the floors of answers, effective answers and reliability, or not at all"
SHOWN_ON_ENOUGH = _by_the_set("shown_on_enough", pgtrigger.Insert, _BELOW_THE_FLOORS, _SHOWN_ON_ENOUGH)
SHOWN_ON_ENOUGH_STILL = _by_the_set("shown_on_enough_still", pgtrigger.Update, _BELOW_THE_FLOORS, _SHOWN_ON_ENOUGH)

# --- P9: the public's weight, checked at COMMIT so that a scheme can be written line by line ----------------------


def _publics(name: str, scheme: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        declare=[("whole", "INTEGER"), ("publics", "INTEGER"), ("which", "BIGINT")],
        func=f"""
            which := {scheme};
            SELECT COALESCE(SUM(weight), 0), COALESCE(SUM(weight) FILTER (WHERE is_public), 0)
                INTO whole, publics FROM evaluations_component WHERE scheme_id = which;
            IF whole <> 10000 OR publics < 5100 THEN
                RAISE EXCEPTION 'a scheme has 10000 basis points, at least 5100 of them the public''s; here % and %',
                    whole, publics USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,
    )


SCHEME_IS_THE_PUBLICS = _publics("is_the_publics", "NEW.id", pgtrigger.Insert | pgtrigger.Update)
COMPONENTS_ARE_THE_PUBLICS = _publics(
    "are_the_publics",
    "CASE WHEN TG_OP = 'DELETE' THEN OLD.scheme_id ELSE NEW.scheme_id END",
    pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
)
LOCKED_COMPONENTS_STAND = _stands(
    "locked_components_stand",
    "SELECT 1 FROM evaluations_scheme s WHERE s.id = it.scheme_id AND s.locked_at IS NOT NULL",
    "a locked scheme",
)
RUN_HAS_A_LOCKED_SCHEME = pgtrigger.Trigger(
    name="has_a_locked_scheme",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func="""
        IF NOT EXISTS (SELECT 1 FROM evaluations_scheme s WHERE s.id = NEW.scheme_id AND s.locked_at IS NOT NULL) THEN
            RAISE EXCEPTION 'nobody is appraised by a scheme that is not locked' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
FROZEN_APPRAISAL_STANDS = _stands(
    "frozen_appraisal_stands",
    "SELECT 1 FROM evaluations_appraisalrun r WHERE r.id = it.run_id AND r.state <> 'draft'",
    "a frozen appraisal",
)
FROZEN_LINE_STANDS = _stands(
    "frozen_line_stands",
    "SELECT 1 FROM evaluations_appraisal a JOIN evaluations_appraisalrun r ON r.id = a.run_id "
    "WHERE a.id = it.appraisal_id AND r.state <> 'draft'",
    "a line of a frozen appraisal",
)


def _the_sum(name: str, appraisal: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    """A total is the sum of its lines, one a component; with a line missing there is none: no bonus, no spreading."""
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        declare=[("a", "evaluations_appraisal%ROWTYPE"), ("missing", "INTEGER"), ("points", "NUMERIC")],
        func=f"""
            SELECT * INTO a FROM evaluations_appraisal WHERE id = {appraisal};
            SELECT count(*) INTO missing FROM evaluations_component c
                JOIN evaluations_appraisalrun r ON r.id = a.run_id AND r.scheme_id = c.scheme_id
                WHERE NOT EXISTS (SELECT 1 FROM evaluations_appraisalline l
                                  WHERE l.appraisal_id = a.id AND l.component_id = c.id);
            SELECT SUM(l.points) INTO points FROM evaluations_appraisalline l WHERE l.appraisal_id = a.id;
            IF EXISTS (SELECT 1 FROM evaluations_appraisalline l
                       JOIN evaluations_component c ON c.id = l.component_id
                       JOIN evaluations_appraisalrun r ON r.id = a.run_id
                       WHERE l.appraisal_id = a.id AND (c.scheme_id <> r.scheme_id
                             OR abs(l.points - l.score * c.weight / 10000.0) > 0.005)) THEN
                RAISE EXCEPTION 'the points of a line are its score times its weight in the scheme'
                    USING ERRCODE = 'check_violation';
            END IF;
            IF (missing > 0 AND a.total IS NOT NULL) OR (missing = 0 AND a.total IS DISTINCT FROM points) THEN
                RAISE EXCEPTION 'a total is the sum of all its lines, or there is none'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,
    )


def _stays(name: str, column: str, what: str) -> pgtrigger.Trigger:
    """A row never goes over to another parent: it would take from what stands there."""
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.UpdateOf(f"{column}_id"),
        when=pgtrigger.Before,
        condition=pgtrigger.Q(**{f"old__{column}__df": pgtrigger.F(f"new__{column}")}),
        func=f"""
            RAISE EXCEPTION '{what} stays where it is' USING ERRCODE = 'check_violation';
        """,
    )


COMPONENT_STAYS = _stays("stays_in_its_scheme", "scheme", "a component")
APPRAISAL_STAYS = _stays("stays_in_its_run", "run", "an appraisal")
LINE_STAYS = _stays("stays_in_its_appraisal", "appraisal", "a line")
LOCKED_SCHEME_STANDS = pgtrigger.Trigger(
    name="locked_scheme_stands",
    operation=pgtrigger.Update,
    when=pgtrigger.Before,
    condition=pgtrigger.Q(old__locked_at__isnull=False),
    func="""
        RAISE EXCEPTION 'a locked scheme stands as it is' USING ERRCODE = 'check_violation';
    """,
)
_KEPT = ("scheme_id", "number", "version", "inputs_sha256", "effective_public", "by_id", "frozen_by_id", "not_counted")
FROZEN_RUN_KEEPS_ITS_FIGURES = pgtrigger.Trigger(
    name="frozen_run_keeps_its_figures",
    operation=pgtrigger.Update,
    when=pgtrigger.Before,
    func=f"""
        IF OLD.state <> 'draft' AND ({", ".join(f"OLD.{name}" for name in _KEPT)})
           IS DISTINCT FROM ({", ".join(f"NEW.{name}" for name in _KEPT)}) THEN
            RAISE EXCEPTION 'the figures of a frozen run stand as they are' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
APPEALED_BY_THE_APPRAISED = pgtrigger.Trigger(
    name="appealed_by_the_appraised",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func="""
        IF NOT EXISTS (
            SELECT 1 FROM evaluations_appraisal a
            JOIN evaluations_appraisalrun r ON r.id = a.run_id
            LEFT JOIN directory_officer o ON o.id = a.officer_id
            WHERE a.id = NEW.appraisal_id AND r.state = 'published' AND (o.id IS NULL OR o.user_id = NEW.by_id)
        ) THEN
            RAISE EXCEPTION 'the appraised alone appeals, once the appraisal is made known'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
DECIDED_APPEAL_STANDS = pgtrigger.Trigger(
    name="decided_appeal_stands",
    operation=pgtrigger.Update,
    when=pgtrigger.Before,
    func="""
        IF OLD.state <> 'open' OR (OLD.appraisal_id, OLD.text, OLD.by_id, OLD.at, OLD.due_at)
           IS DISTINCT FROM (NEW.appraisal_id, NEW.text, NEW.by_id, NEW.at, NEW.due_at) THEN
            RAISE EXCEPTION 'what was appealed and decided stands as it is' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
TOTAL_IS_THE_SUM = _the_sum("total_is_the_sum", "NEW.id", pgtrigger.Insert | pgtrigger.Update)
LINE_MAKES_THE_SUM = _the_sum("line_makes_the_sum", "NEW.appraisal_id", pgtrigger.Insert | pgtrigger.Update)

# --- P10: nobody is promoted without the public's recognition ------------------------------------------------------

GATE_IS_WHAT_THE_APPRAISAL_SAYS = pgtrigger.Trigger(
    name="is_what_the_appraisal_says",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    declare=[("weights", "INTEGER"), ("weighed", "NUMERIC"), ("missing", "INTEGER")],
    func=f"""
        IF NOT EXISTS (
            SELECT 1 FROM evaluations_appraisal a
            JOIN evaluations_appraisalrun r ON r.id = a.run_id
            JOIN evaluations_scheme s ON s.id = r.scheme_id
            WHERE a.run_id = NEW.run_id AND a.officer_id = NEW.officer_id AND s.year = NEW.year
              AND r.is_current AND r.state = 'published'
        ) THEN
            RAISE EXCEPTION 'a gate is of an appraisal of this officer and year in a published, current run'
                USING ERRCODE = 'check_violation';
        END IF;
        SELECT SUM(c.weight), SUM(c.weight * l.score), COUNT(*) FILTER (WHERE l.id IS NULL)
            INTO weights, weighed, missing
            FROM evaluations_appraisal a
            JOIN evaluations_appraisalrun r ON r.id = a.run_id
            JOIN evaluations_component c ON c.scheme_id = r.scheme_id AND c.is_public
            LEFT JOIN evaluations_appraisalline l ON l.appraisal_id = a.id AND l.component_id = c.id
            WHERE a.run_id = NEW.run_id AND a.officer_id = NEW.officer_id;
        IF NEW.threshold <> {RECOGNISED_FROM} OR (missing = 0) <> (NEW.public_points IS NOT NULL)
           OR abs(NEW.public_points * weights - weighed) > 0.005 * weights
           OR NEW.passed <> COALESCE(NEW.public_points >= NEW.threshold, FALSE) THEN
            RAISE EXCEPTION 'a gate says what the public''s lines of the appraisal come to, by the threshold in force'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
PROMOTED_WITH_RECOGNITION = pgtrigger.Trigger(
    name="promoted_with_recognition",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func="""
        IF NOT EXISTS (
            SELECT 1 FROM evaluations_gate g
            JOIN evaluations_appraisalrun r ON r.id = g.run_id
            WHERE g.id = NEW.gate_id AND g.passed AND g.officer_id = NEW.officer_id AND g.year = NEW.year
              AND r.is_current AND r.state = 'published'
        ) THEN
            RAISE EXCEPTION 'nobody is promoted without a passing gate of the same officer, year and current run'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
