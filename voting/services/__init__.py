"""Every change to a vote, one function a verb. Pages, tasks and commands call these and nothing else."""

from voting.services.batches import (
    begin_reading,
    close_batch,
    correct_count,
    drop,
    finish_reading,
    key_sheet,
    open_batch,
    remove_sheet,
    reopen_readings,
    settle,
)
from voting.services.casting import cast, check_choices
from voting.services.closing import close, publish
from voting.services.preparing import prepare, prepare_due
from voting.services.rewriting import rewrite, rewrite_due
from voting.services.rolls import Report, import_roll
from voting.services.sealing import end_voting, seal_batch, seal_due
from voting.services.sheets import hand_out, issue, report_unreturned, spoil, windows

__all__ = [
    "Report",
    "begin_reading",
    "cast",
    "check_choices",
    "close",
    "close_batch",
    "correct_count",
    "drop",
    "end_voting",
    "finish_reading",
    "hand_out",
    "import_roll",
    "issue",
    "key_sheet",
    "open_batch",
    "prepare",
    "prepare_due",
    "publish",
    "remove_sheet",
    "reopen_readings",
    "report_unreturned",
    "rewrite",
    "rewrite_due",
    "seal_batch",
    "seal_due",
    "settle",
    "spoil",
    "windows",
]
