"""Every change of what the public's judgement is made of, one function a verb."""

from evaluations.services.accounting import (
    answer_in_public,
    decide,
    drop,
    hear,
    open_case,
    open_inquiry,
    open_inquiry_by_rank,
    speak,
)
from evaluations.services.appeals import appeal, decide_appeal
from evaluations.services.appraisal_notices import tell_the_appraised
from evaluations.services.appraising import (
    ask_for_appraisals,
    freeze_appraisals,
    publish_appraisals,
    run_appraisals,
    unfinished_appraisals,
    work_out_appraisals,
)
from evaluations.services.case_notices import remind_late_cases
from evaluations.services.handing_in import HandedIn, hand_in, hand_in_frame, upload_frame
from evaluations.services.margins import read_margins, set_margins
from evaluations.services.opening import keep_open_files, open_file
from evaluations.services.outcomes import (
    Assessment,
    TakenCases,
    import_property_cases,
    record_assessment,
)
from evaluations.services.pollsters import add_member, create_pollster, remove_member, set_active
from evaluations.services.preparing import (
    Question,
    WavePlan,
    add_key,
    build_frame,
    confirm_key,
    create_questionnaire,
    create_wave,
    frame_csv,
    group_words,
    keys_waiting,
    peer_groups,
    refuse_key,
    revoke_key,
    take_subjects,
)
from evaluations.services.promoting import promote, record_gates, record_missing_gates
from evaluations.services.reviewing import decide_flag, record_call_back
from evaluations.services.schemes import SchemePlan, lock_scheme, propose_scheme
from evaluations.services.scoring import ask_for_scores, score, unfinished, work_on
from evaluations.services.waves import check, close_fielding, freeze, publish, start_fielding, weight

__all__ = [
    "Assessment",
    "HandedIn",
    "Question",
    "SchemePlan",
    "TakenCases",
    "WavePlan",
    "add_key",
    "add_member",
    "answer_in_public",
    "appeal",
    "ask_for_appraisals",
    "ask_for_scores",
    "build_frame",
    "check",
    "close_fielding",
    "confirm_key",
    "create_pollster",
    "create_questionnaire",
    "create_wave",
    "decide",
    "decide_appeal",
    "decide_flag",
    "drop",
    "frame_csv",
    "freeze",
    "freeze_appraisals",
    "group_words",
    "hand_in",
    "hand_in_frame",
    "hear",
    "import_property_cases",
    "keep_open_files",
    "keys_waiting",
    "lock_scheme",
    "open_case",
    "open_file",
    "open_inquiry",
    "open_inquiry_by_rank",
    "peer_groups",
    "promote",
    "propose_scheme",
    "publish",
    "publish_appraisals",
    "read_margins",
    "record_assessment",
    "record_call_back",
    "record_gates",
    "record_missing_gates",
    "refuse_key",
    "remind_late_cases",
    "remove_member",
    "revoke_key",
    "run_appraisals",
    "score",
    "set_active",
    "set_margins",
    "speak",
    "start_fielding",
    "take_subjects",
    "tell_the_appraised",
    "unfinished",
    "unfinished_appraisals",
    "upload_frame",
    "weight",
    "work_on",
    "work_out_appraisals",
]
