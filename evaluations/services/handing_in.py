"""A pollster hands in a file: signed, checked line by line, taken whole or not at all, and the same file once (P7)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import audit, policy
from core.copying import NULL, copy_in, copy_text
from evaluations import progress
from evaluations.access.figures import require_for
from evaluations.errors import BadSignature, ImportRefused, Problem, WaveClosed
from evaluations.importing.checking import MESSAGES, MOST_PROBLEMS, Interview, check, masked
from evaluations.importing.reading import Row, lines_in, rows
from evaluations.importing.signing import sha256, verified_key
from evaluations.models import Answer, Batch, Frame, Response, Wave
from evaluations.services.preparing import keep_frame, lock_wave
from evaluations.states import WaveState

Seen = Callable[[int], None]
RESPONSE = (
    "reference", "area_id", "age_sex", "interviewer", "mode", "started_at", "ended_at", "phone_mac", "base_weight",
)  # fmt: skip


@dataclass(frozen=True)
class HandedIn:
    """What became of a file: ``batch`` is None for a trial, ``again`` means that it was taken before."""

    sha256: str
    responses: int
    answers: int
    batch: Batch | None = None
    again: bool = False


def hand_in(
    wave: Wave,
    content: bytes,
    *,
    signature: str,
    key: str,
    by: Any,
    dry_run: bool = False,
    seen: Seen = lambda _lines: None,
) -> HandedIn:
    """Take a file of interviews into a wave in the field; ``by`` is None for the command line.

    How far it is, ``seen`` is told by the line, and others by ``evaluations.progress``.

    Raises: NotAllowed, WaveClosed, BadSignature, ImportRefused with every fault of the file.
    """
    if by is not None:
        require_for(by, "hand in", wave)
    digest = sha256(content)
    before = Batch.objects.filter(sha256=digest).first()
    if before is not None:
        return _taken_before(before, wave)
    if Wave.objects.get(pk=wave.pk).state != WaveState.FIELDING:
        raise WaveClosed
    signed_with = verified_key(wave, key, signature, digest)
    with progress.reading(digest, wave, lines_in(content)) as reading:
        interviews = _interviews(wave, content, seen, reading)
        answers = sum(len(interview.answers) for interview in interviews.values())
        if dry_run:
            return HandedIn(digest, len(interviews), answers)
        batch = Batch(
            wave=wave, sha256=digest, key=signed_with, signature=signature.strip().lower(), received_by=by,
            responses_count=len(interviews), answers_count=answers,
        )  # fmt: skip
        reading.writes()
        return _keep(batch, interviews)


def _interviews(wave: Wave, content: bytes, seen: Seen, reading: progress.Reading) -> dict[str, Interview]:
    """Everything in the file. Raises: ImportRefused with every fault."""
    problems: list[Problem] = []
    interviews = check(_counted(rows(content, problems), seen, reading), wave, problems)
    if problems:
        raise ImportRefused(sorted(problems, key=lambda p: (p.sheet, p.line, p.column)))
    return interviews


def _taken_before(batch: Batch, wave: Wave) -> HandedIn:
    if batch.wave_id != wave.pk:
        raise ImportRefused([Problem("", 0, "", "other-wave", _("This file was handed in for another wave."))])
    return HandedIn(batch.sha256, batch.responses_count, batch.answers_count, batch, again=True)


def _counted(lines: Iterator[Row], seen: Seen, reading: progress.Reading) -> Iterator[Row]:
    for number, row in enumerate(lines, 1):
        if number % 1_000 == 0:
            seen(number)
            reading.lines_read(number)
        yield row


@transaction.atomic
def _keep(batch: Batch, interviews: dict[str, Interview]) -> HandedIn:
    """One transaction; the wave is locked, so that two files with the same reference cannot pass each other."""
    wave = lock_wave(batch.wave)
    before = Batch.objects.filter(sha256=batch.sha256).first()
    if before is not None:
        return _taken_before(before, wave)
    if wave.state != WaveState.FIELDING:
        raise WaveClosed
    key = type(batch.key).objects.select_for_update().get(pk=batch.key_id)
    if key.revoked_at is not None:
        raise BadSignature(_("This key was revoked. Please sign with the new one."))
    meanwhile = interviews.keys() & set(Response.objects.filter(wave=wave).values_list("reference", flat=True))
    if meanwhile:
        raise ImportRefused([_came_first(interviews, reference) for reference in sorted(meanwhile)[:MOST_PROBLEMS]])
    batch.save(force_insert=True)
    write_interviews(batch, interviews)
    audit.record(
        "batch.taken", batch, by=batch.received_by, wave=wave.code, sha256=batch.sha256, n=batch.responses_count
    )
    return HandedIn(batch.sha256, batch.responses_count, batch.answers_count, batch)


def _came_first(interviews: dict[str, Interview], reference: str) -> Problem:
    sheet, line = interviews[reference].first
    words = str(MESSAGES["reference-taken"])
    return Problem(sheet, line, "reference", "reference-taken", words, masked("reference", reference))


def write_interviews(batch: Batch, interviews: dict[str, Interview]) -> None:
    """COPY with keys taken from the sequences beforehand: answers know their interview without a look-up."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")  # a trigger holds all rows of a COPY, and joins them
    keys = _reserve(Response._meta.db_table, len(interviews))
    copy_in(
        Response._meta.db_table,
        ("id", "wave_id", "batch_id", *RESPONSE),
        ((pk, batch.wave_id, batch.pk, *one.facts) for pk, one in zip(keys, interviews.values(), strict=True)),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT evaluations_count_responses()")  # so that the trigger joins them by hash
    copy_text(
        Answer._meta.db_table,
        ("response_id", "item_id", "subject_id", "said", "level"),
        (
            f"{pk}\t{item}\t{subject or NULL}\t{said}\t{level or NULL}"
            for pk, one in zip(keys, interviews.values(), strict=True)
            for (item, subject), (said, level) in one.answers.items()
        ),
    )


def _reserve(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [pk for (pk,) in cursor.fetchall()]


# --- a frame drawn elsewhere --------------------------------------------------------------------------------------

FRAME_COLUMNS = ("reference", "area", "age_sex", "subjects")


def hand_in_frame(
    wave: Wave, content: bytes, *, signature: str, key: str, by: Any, dry_run: bool = False
) -> Frame | None:
    """Take a frame that the pollster drew, in a wave that is being prepared; None for a trial.

    Raises: NotAllowed, WaveMovedOn, BadSignature, ImportRefused.
    """
    if by is not None:
        require_for(by, "hand in", wave)
    digest = sha256(content)
    known = Frame.objects.filter(wave=wave).first()
    if known is not None and known.seed == f"sha256:{digest}"[:64]:
        return known
    verified_key(wave, key, signature, digest)
    return _frame_of(wave, content, digest, by, dry_run=dry_run)


def upload_frame(wave: Wave, content: bytes, *, by: Any) -> Frame | None:
    """Take a frame that the admin has from elsewhere. Raises: NotAllowed, WaveMovedOn, ImportRefused."""
    policy.require(by, "prepare", "wave")
    return _frame_of(wave, content, sha256(content), by)


def _frame_of(wave: Wave, content: bytes, digest: str, by: Any, *, dry_run: bool = False) -> Frame | None:
    problems: list[Problem] = []
    entries = [_entry(row, wave, problems) for row in rows(content, problems)]
    _without_doubles(entries, problems)
    if problems:
        raise ImportRefused(problems)
    if dry_run:
        return None
    with transaction.atomic():
        locked = lock_wave(wave, WaveState.DRAFT)
        return keep_frame(locked, [entry for _row, entry in entries], seed=f"sha256:{digest}"[:64], by=by)


Entry = tuple[str, str, str, list[str]]


def _entry(row: Row, wave: Wave, problems: list[Problem]) -> tuple[Row, Entry]:
    cells = {name: row.cells.get(name, "") for name in FRAME_COLUMNS}
    asked = cells["subjects"].split()
    known = _subject_codes(wave)
    for name, wrong in (
        ("reference", not cells["reference"]),
        ("area", cells["area"] not in wave.margins.get("area", {})),
        ("age_sex", cells["age_sex"] not in wave.margins.get("age_sex", {})),
        ("subjects", not asked or not known.issuperset(asked)),
    ):
        if wrong:
            problems.append(Problem(row.sheet, row.line, name, f"unknown-{name}", _("Unknown or empty.")))
    return row, (cells["reference"], cells["area"], cells["age_sex"], asked)


def _subject_codes(wave: Wave) -> frozenset[str]:
    codes = getattr(wave, "_subject_codes", None)
    if codes is None:
        codes = wave._subject_codes = frozenset(wave.subjects.values_list("code", flat=True))  # type: ignore[attr-defined]
    return codes


def _without_doubles(entries: list[tuple[Row, Entry]], problems: list[Problem]) -> None:
    seen: set[str] = set()
    for row, entry in entries:
        if entry[0] in seen:
            problems.append(
                Problem(row.sheet, row.line, "reference", "other-content", _("This reference is there twice."))
            )
        seen.add(entry[0])
