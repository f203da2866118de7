"""Long work that a person asks for and a worker does, as a row knows it."""

from django.db import models
from django.db.models.functions import Now


class Work(models.Model):
    """Claimed by a worker, so far done, then finished or failed; ``progress`` is of a hundred.

    A row says of itself that it is under way (``finished_at`` None): one that says nothing is finished already.
    """

    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True, db_default=Now())
    failed = models.CharField(max_length=200, blank=True, db_default="")
    progress = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True
