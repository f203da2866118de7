"""A copy of all that was acknowledged, and the way back (P13).

A backup is a folder: ``database.dump`` (PostgreSQL's own format), ``media/``, with a WAL archive also ``cluster/``
(to roll forward from), and ``manifest.json``, written last, with the SHA-256 of every file and the number of
rows of every table. The field keys are not in it: who has the backup alone cannot read a sealed identity.
"""

from backup.bring_back import bring_back
from backup.make import make
from backup.manifest import BackupError, Manifest
from backup.recover import bring_back_to
from backup.tools import Database

__all__ = ["BackupError", "Database", "Manifest", "bring_back", "bring_back_to", "make"]
