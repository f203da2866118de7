"""A word is found however the sentence around it was cut: cases that are public already are indexed anew."""

from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db import migrations
from django.db.models import Value

from core import text

STATISTICS = "ALTER TABLE suggestions_suggestion ALTER search SET STATISTICS %s"


def index_anew(apps: Any, schema_editor: Any) -> None:
    names = dict(apps.get_model("directory", "Area").objects.values_list("code", "name"))
    cases = apps.get_model("suggestions", "Suggestion").objects
    public = cases.filter(published_at__isnull=False, search__isnull=False)
    said = public.values_list("pk", "area_id", "public_title", "public_body")
    for pk, area, title, body in said.iterator(chunk_size=1000):
        lineage = {(area or "")[:length] for length in (6, 9, 12)}
        places = [names[code] for code in sorted(lineage) if code in names]
        document = text.search_document("\n".join([title, body, *places]))
        cases.filter(pk=pk).update(search=SearchVector(Value(document), config="simple"))


class Migration(migrations.Migration):
    dependencies = [("suggestions", "0003_moves_by_one_table"), ("directory", "0001_initial")]

    operations = [
        # characters fill the list of common lexemes, in which the common words must still find room
        migrations.RunSQL(STATISTICS % 200, STATISTICS % -1),
        migrations.RunPython(index_anew, migrations.RunPython.noop, elidable=True),
    ]
