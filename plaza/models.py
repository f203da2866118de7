"""The plaza in the open air: the fixed activity days, where they are held, and which units attend."""

from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from directory.models import Area, TwoNames, Unit


class Place(TwoNames):
    """A square, park, hall or company yard where an activity day is held."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="places", verbose_name=_("area"))
    address = models.CharField(_("address"), max_length=120, blank=True)

    class Meta:
        ordering = ["area", "name"]
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="place_once_an_area")]


class ActivityDay(models.Model):
    """One of the year's fixed city-wide days on which police stand on the squares and listen."""

    date = models.DateField(_("date"), unique=True)
    title = models.CharField(_("title"), max_length=80)
    title_en = models.CharField(_("English title"), max_length=120, blank=True)
    hours = models.CharField(_("hours"), max_length=40, default="9:00–16:00")
    places = models.ManyToManyField(Place, related_name="days", verbose_name=_("places"))
    units = models.ManyToManyField(Unit, related_name="activity_days", blank=True, verbose_name=_("units attending"))
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["-date"]
        verbose_name = _("activity day")
        verbose_name_plural = _("activity days")

    def __str__(self) -> str:
        return f"{self.date} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("plaza:day", args=[self.date.isoformat()])

    @property
    def local_title(self) -> str:
        """The title in the language of the page."""
        in_english = (get_language() or "").startswith("en")
        return self.title_en if in_english and self.title_en else self.title
