"""Words that anybody may read only when somebody has read them for that."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ReadBeforeShown(models.Model):
    """Who read the public words, when, and since when they are shown; read and not shown means kept back."""

    published_at = models.DateTimeField(_("published at"), null=True)
    public_read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    public_read_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
