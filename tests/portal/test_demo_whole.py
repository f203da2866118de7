"""The whole demo city, as a first start loads it."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from core import promises
from evaluations.models import AccountabilityCase
from suggestions import services
from suggestions.models import Suggestion
from suggestions.queries import figures


@pytest.mark.slow
@pytest.mark.django_db
def test_the_whole_city_looks_like_a_city(settings, tmp_path):
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    out = StringIO()
    call_command("demo", "--json", stdout=out, stderr=StringIO())
    counts = json.loads(out.getvalue())["counts"]
    assert counts["suggestions"] >= 2_600
    shown = figures.open_figures()
    assert 0.96 <= shown.on_time_rate <= 0.98
    assert 0.9 < shown.satisfaction < 0.97
    requests = Suggestion.objects.filter(category__kind="administrative")
    assert requests.filter(category="household").count() / requests.count() == pytest.approx(0.385, abs=0.01)
    assert counts["promotions"] == 1
    assert set(AccountabilityCase.objects.values_list("state", flat=True)) == {"answered", "opened", "dropped"}
    assert list(promises.violations()) == []
    assert services.send_due_reminders() == 0
