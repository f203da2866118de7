"""All reference data of a bureau: areas, units, plaza places and days, categories, default routing rules."""

from pathlib import Path

from django.db import transaction
from django.utils import translation

import directory.reference
import plaza.reference
import suggestions.reference
from core.errors import Invalid
from core.reference import BadFiles, Fault

FILES = ("areas.csv", "units.csv", "places.csv", "days.csv", "categories.csv")


@transaction.atomic
def load(folder: Path | None = None) -> dict[str, int]:
    """Read the files of ``folder`` (our own where None), then save all or nothing; returns how many rows changed.

    A file that is not in the folder leaves its tables as they are.
    Raises: BadFiles with every fault; Invalid("data") when the folder has none of the files.
    """
    if folder is not None and not any((folder / name).exists() for name in FILES):
        raise Invalid("data", f"{folder} has none of {', '.join(FILES)}")
    faults: list[Fault] = []
    with translation.override("en"):
        places = directory.reference.read(folder or directory.reference.HERE, faults)
        squares = plaza.reference.read(folder or plaza.reference.HERE, faults, places)
        kinds = suggestions.reference.read(folder or suggestions.reference.HERE, faults)
    if faults:
        raise BadFiles(faults)
    return {
        **directory.reference.save(places),
        **plaza.reference.save(squares),
        **suggestions.reference.save(kinds),
    }
