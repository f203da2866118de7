"""Looking twice: a flag is upheld or dismissed with a reason, and one interview in ten is called again."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, policy
from core.errors import Invalid
from core.said import limit, required
from evaluations.errors import WaveMovedOn
from evaluations.models import CallBack, Flag
from evaluations.services.preparing import lock_wave
from evaluations.states import FlagState, WaveState

REVIEWED_IN = (WaveState.CHECKED, WaveState.WEIGHTED, WaveState.SCORED)


@transaction.atomic
def decide_flag(flag: Flag, *, uphold: bool, note: str, by: Any) -> Flag:
    """Uphold or dismiss a flag; a dismissed one does not count the next time the wave is scored.

    Raises: NotAllowed, Invalid without a reason, WaveMovedOn for a flag decided already or a frozen wave.
    """
    policy.require(by, "review", "wave")
    note = required(note, "note", limit(Flag, "note"), _("Please say why."))
    lock_wave(flag.response.wave, *REVIEWED_IN)
    flag = Flag.objects.select_for_update().get(pk=flag.pk)
    if flag.state != FlagState.OPEN:
        raise WaveMovedOn(_("Somebody has decided this already."))
    flag.state = FlagState.UPHELD if uphold else FlagState.DISMISSED
    flag.decided_by, flag.decided_at, flag.note = by, timezone.now(), note
    flag.save(update_fields=["state", "decided_by", "decided_at", "note"])
    audit.record("flag.decided", flag, by=by, kind=flag.kind, state=flag.state)
    return flag


@transaction.atomic
def record_call_back(call: CallBack, *, took_place: bool, same_answers: bool | None, by: Any) -> CallBack:
    """Write down what the second call said. Raises: NotAllowed, Invalid, WaveMovedOn."""
    policy.require(by, "review", "wave")
    lock_wave(call.response.wave, *REVIEWED_IN)
    call = CallBack.objects.select_for_update().get(pk=call.pk)
    if call.called_at is not None:
        raise WaveMovedOn(_("Somebody has made this call already."))
    if took_place and same_answers is None:
        raise Invalid("same_answers", _("Please say whether the answers were the same."))
    call.took_place, call.same_answers = took_place, same_answers if took_place else None
    call.called_by, call.called_at = by, timezone.now()
    call.save(update_fields=["took_place", "same_answers", "called_by", "called_at"])
    audit.record("call_back.recorded", call, by=by, took_place=took_place)
    return call
