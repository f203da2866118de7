"""A wave goes forward, one step at a time: into the field, handed in, checked, weighted, scored, frozen, published."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, outbox, policy
from core.errors import NotAllowed
from evaluations import flags
from evaluations.errors import CannotWeigh, WaveMovedOn
from evaluations.kept import WAVE
from evaluations.models import Wave
from evaluations.scoring.errors import ScoringError
from evaluations.services import weighting
from evaluations.services.preparing import lock_wave
from evaluations.services.working import under_way
from evaluations.states import WAVE_TRANSITIONS, WaveState


def move(wave: Wave, to: WaveState, *, by: Any, fields: tuple[str, ...] = (), **data: Any) -> Wave:
    """Take the one step the table allows; the wave is locked. Raises: WaveMovedOn."""
    if to not in WAVE_TRANSITIONS.get(WaveState(wave.state), ()):
        raise WaveMovedOn
    start, wave.state = wave.state, to
    wave.save(update_fields=["state", *fields])
    audit.record("wave.moved", wave, by=by, start=start, to=to.value, **data)
    return wave


@transaction.atomic
def start_fielding(wave: Wave, *, by: Any) -> Wave:
    """Open the wave for what the pollster hands in. Raises: NotAllowed, WaveMovedOn."""
    policy.require(by, "prepare", "wave")
    wave = lock_wave(wave, WaveState.DRAFT)
    if not wave.subjects.exists():
        raise WaveMovedOn(_("First write down whom the wave asks about."))
    if not hasattr(wave, "frame"):
        raise WaveMovedOn(_("First build the frame: the list of interviews to be done."))
    return move(wave, WaveState.FIELDING, by=by)


@transaction.atomic
def close_fielding(wave: Wave, *, by: Any) -> Wave:
    """Everything is handed in; nothing more is taken. Raises: NotAllowed, WaveMovedOn."""
    policy.require(by, "prepare", "wave")
    wave = lock_wave(wave, WaveState.FIELDING)
    if not wave.responses.exists():
        raise WaveMovedOn(_("Nothing has been handed in yet."))
    return move(wave, WaveState.IMPORTED, by=by)


@transaction.atomic
def check(wave: Wave, *, by: Any) -> Wave:
    """Raise the flags and draw the calls back. Raises: NotAllowed, WaveMovedOn."""
    policy.require(by, "score", "wave")
    wave = lock_wave(wave, WaveState.IMPORTED)
    raised = flags.raise_flags(wave)
    calls = flags.draw_call_backs(wave)
    return move(wave, WaveState.CHECKED, by=by, flags=raised, call_backs=calls)


@transaction.atomic
def weight(wave: Wave, *, by: Any) -> Wave:
    """Make the respondents look like the population.

    Raises: NotAllowed, WaveMovedOn, CannotWeigh with the name of the margin that does not come out.
    """
    policy.require(by, "score", "wave")
    wave = lock_wave(wave, WaveState.CHECKED)
    try:
        done = weighting.rake_wave(wave)
    except ScoringError as error:
        raise CannotWeigh(_("The weights do not come out: %(why)s.") % {"why": error}) from error
    return move(
        wave, WaveState.WEIGHTED, by=by, rounds=done.rounds, trimmed=done.trimmed, off=f"{done.furthest_off:.4f}"
    )


@transaction.atomic
def freeze(wave: Wave, *, by: Any) -> Wave:
    """From now on the figures stand as they are, in the database too. Raises: NotAllowed, WaveMovedOn."""
    policy.require(by, "score", "wave")
    wave = lock_wave(wave, WaveState.SCORED)
    if under_way(wave.runs.all()).exists():
        raise WaveMovedOn(_("The wave is being scored just now. Please wait until that is done."))
    wave.frozen_at = timezone.now()
    return move(wave, WaveState.FROZEN, by=by, fields=("frozen_at",), kept=WAVE.digest(wave.pk))


@transaction.atomic
def publish(wave: Wave, *, by: Any) -> Wave:
    """Make the figures known; whoever scored the wave does not publish it. Raises: NotAllowed, WaveMovedOn."""
    policy.require(by, "publish", "wave")
    wave = lock_wave(wave, WaveState.FROZEN)
    if wave.scored_by_id == by.pk:
        raise NotAllowed(_("You scored this wave; somebody else must publish it."))
    wave.published_by, wave.published_at = by, timezone.now()
    move(wave, WaveState.PUBLISHED, by=by, fields=("published_by", "published_at"))
    outbox.emit("evaluations.wave_published", wave=wave.pk)
    return wave
