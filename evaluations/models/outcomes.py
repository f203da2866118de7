"""Figures that stand beside the polls and are never pooled with them: recovered losses, assessments by others."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.models import APPEND_ONLY, KEEP
from directory.models import Unit


class PropertyImport(models.Model):
    """A file of property cases as they stood on a day; the same file once (P7)."""

    sha256 = models.CharField(max_length=64, unique=True)
    as_of = models.DateField(_("as of"))
    rows_count = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-as_of", "-pk"]
        triggers = KEEP

    def __str__(self) -> str:
        return f"{self.as_of} {self.sha256[:12]}"


class PropertyCrime(models.Model):
    """A property case as it stood on the day of its import: loss and what came back in yuan."""

    source = models.ForeignKey(PropertyImport, on_delete=models.PROTECT, related_name="cases")
    number = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField(_("year of the case"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    loss = models.DecimalField(max_digits=14, decimal_places=2)
    recovered = models.DecimalField(max_digits=14, decimal_places=2)
    suspect_found = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="property_case_once_an_import"),
            models.CheckConstraint(condition=Q(loss__gt=0), name="a_loss_is_positive"),
            models.CheckConstraint(
                condition=Q(recovered__gte=0, recovered__lte=F("loss")), name="no_more_comes_back_than_was_lost"
            ),
        ]
        indexes = [models.Index(fields=["source", "year"])]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return self.number


class ExternalAssessment(models.Model):
    """What somebody else found (the province: safety 96.48 %, satisfaction 97.36 %), with its source."""

    year = models.PositiveSmallIntegerField(_("year"))
    body = models.CharField(_("assessed by"), max_length=80)
    body_en = models.CharField(_("assessed by (English)"), max_length=120, blank=True)
    indicator = models.CharField(_("indicator"), max_length=60)
    indicator_en = models.CharField(_("indicator (English)"), max_length=80, blank=True)
    value = models.DecimalField(_("percent"), max_digits=5, decimal_places=2)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ["-year", "body", "indicator"]
        verbose_name = _("assessment by others")
        verbose_name_plural = _("assessments by others")
        constraints = [
            models.UniqueConstraint(fields=["year", "body", "indicator"], name="external_assessment_once"),
            models.CheckConstraint(condition=Q(value__range=(0, 100)), name="external_value_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.indicator} {self.value}"
