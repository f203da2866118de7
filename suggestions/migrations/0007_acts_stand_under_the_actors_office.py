import django.db.models.deletion
from django.db import migrations, models

THEIR_OFFICE = """
    UPDATE suggestions_identityopening o SET office_id = COALESCE(
        (SELECT m.unit_id FROM directory_membership m
          WHERE m.user_id = o.requested_by_id AND m.role = 'triage' AND m.starts <= o.requested_at
          ORDER BY m.starts DESC LIMIT 1),
        (SELECT unit_id FROM suggestions_suggestion s WHERE s.id = o.suggestion_id));
    SET CONSTRAINTS ALL IMMEDIATE;
"""


def office(**more):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="directory.unit", **more
    )


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0002_memberships_are_kept"),
        ("suggestions", "0006_published_words_have_a_reader"),
    ]

    operations = [
        migrations.AddField("step", "to_unit", office(null=True)),
        migrations.AddField("identityopening", "office", office(null=True)),
        migrations.RunSQL(THEIR_OFFICE, migrations.RunSQL.noop),
        migrations.AlterField("identityopening", "office", office()),
    ]
