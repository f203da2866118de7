"""The open files of a published wave are worked out once and stand from then on: everybody gets the same bytes (P8)."""

import gzip
import hashlib

from django.db import transaction

from evaluations.models import OpenFile, Wave
from evaluations.queries import published
from evaluations.states import WaveState


def open_file(wave: Wave, name: str) -> OpenFile | None:
    """A file of a published wave that anybody may download; None where there is none of that name."""
    found = wave.open_files.filter(name=name).first()
    if found is None and keep_open_files(wave.pk):
        found = wave.open_files.filter(name=name).first()
    return found


@transaction.atomic
def keep_open_files(wave_id: int) -> int:
    """Write down the files of a published wave, if they are not yet; return how many."""
    wave = Wave.objects.select_for_update().filter(pk=wave_id, state=WaveState.PUBLISHED).first()
    if wave is None or wave.open_files.exists():
        return 0
    made = published.files(wave)
    OpenFile.objects.bulk_create(
        OpenFile(
            wave=wave, name=name, gzipped=gzip.compress(content, mtime=0), sha256=hashlib.sha256(content).hexdigest()
        )
        for name, content in made.items()
    )
    return len(made)
