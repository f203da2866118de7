"""The audit ledger is read newest first; the index is built while people work."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("core", "0003_idempotent_calls")]

    operations = [
        AddIndexConcurrently(
            model_name="auditentry", index=models.Index(fields=["-at", "-id"], name="audit_newest")
        ),
    ]
