"""Each finding is opened once and nobody is promoted twice a year; the indexes are built while people work."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("evaluations", "0004_called_to_account")]

    operations = [
        AddIndexConcurrently(
            model_name="accountabilitycase",
            index=models.Index(fields=["state", "due_at"], name="evaluations_state_292c09_idx"),
        ),
        AddIndexConcurrently(
            model_name="accountabilitycase",
            index=models.Index(
                fields=["-answered_at", "-id"], condition=models.Q(state="answered"), name="case_answered"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(
                    model_name="accountabilitycase",
                    constraint=models.UniqueConstraint(
                        fields=["finding"], condition=~models.Q(finding=""), name="finding_opened_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="promotiondecision",
                    constraint=models.UniqueConstraint("officer", "year", name="promoted_once_a_year"),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY finding_opened_once"
                    " ON evaluations_accountabilitycase (finding) WHERE NOT (finding = '')",
                    "DROP INDEX finding_opened_once",
                ),
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY promoted_once_a_year"
                    " ON evaluations_promotiondecision (officer_id, year)",
                    "DROP INDEX promoted_once_a_year",
                ),
            ],
        ),
    ]
