"""Every change of what the public's judgement is made of, one function a verb."""

from evaluations.services.handing_in import HandedIn, hand_in, hand_in_frame
from evaluations.services.outcomes import (
    Assessment,
    TakenCases,
    import_property_cases,
    record_assessment,
)
from evaluations.services.preparing import (
    Question,
    WavePlan,
    add_key,
    build_frame,
    create_questionnaire,
    create_wave,
    frame_csv,
    revoke_key,
    take_subjects,
)
from evaluations.services.reviewing import decide_flag, record_call_back
from evaluations.services.scoring import ask_for_scores, score, unfinished, work_on
from evaluations.services.waves import check, close_fielding, freeze, publish, start_fielding, weight

__all__ = [
    "Assessment",
    "HandedIn",
    "Question",
    "TakenCases",
    "WavePlan",
    "add_key",
    "ask_for_scores",
    "build_frame",
    "check",
    "close_fielding",
    "create_questionnaire",
    "create_wave",
    "decide_flag",
    "frame_csv",
    "freeze",
    "hand_in",
    "hand_in_frame",
    "import_property_cases",
    "publish",
    "record_assessment",
    "record_call_back",
    "revoke_key",
    "score",
    "start_fielding",
    "take_subjects",
    "unfinished",
    "weight",
    "work_on",
]
