"""What polls put on the front door."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.front import OnNow
from evaluations.queries.dashboard import newly_published

NEWS_FOR = timedelta(days=30)


def on_now() -> list[OnNow]:
    """The newest poll for a month after it was published; one statement."""
    run = newly_published(timezone.now() - NEWS_FOR)
    if run is None:
        return []
    text = _("%(wave)s, %(n)s people asked") % {"wave": run.wave.title, "n": f"{run.responses_count:,}"}
    return [OnNow(_("How the public judges its police"), text, reverse("evaluations:city"), icon="chart")]
