"""Every change of what the public's judgement is made of, one function a verb."""

from evaluations.services.handing_in import HandedIn, hand_in, hand_in_frame, upload_frame
from evaluations.services.margins import read_margins, set_margins
from evaluations.services.pollsters import add_member, create_pollster, remove_member, set_active
from evaluations.services.preparing import (
    Question,
    WavePlan,
    add_key,
    build_frame,
    create_questionnaire,
    create_wave,
    frame_csv,
    group_words,
    peer_groups,
    revoke_key,
    take_subjects,
)
from evaluations.services.reviewing import decide_flag, record_call_back
from evaluations.services.scoring import ask_for_scores, score, unfinished, work_on
from evaluations.services.waves import check, close_fielding, freeze, publish, start_fielding, weight

__all__ = [
    "HandedIn",
    "Question",
    "WavePlan",
    "add_key",
    "add_member",
    "ask_for_scores",
    "build_frame",
    "check",
    "close_fielding",
    "create_pollster",
    "create_questionnaire",
    "create_wave",
    "decide_flag",
    "frame_csv",
    "freeze",
    "group_words",
    "hand_in",
    "hand_in_frame",
    "peer_groups",
    "publish",
    "read_margins",
    "record_call_back",
    "remove_member",
    "revoke_key",
    "score",
    "set_active",
    "set_margins",
    "start_fielding",
    "take_subjects",
    "unfinished",
    "upload_frame",
    "weight",
    "work_on",
]
