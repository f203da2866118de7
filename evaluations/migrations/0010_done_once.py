"""Appraisals are worked out by a worker, the open files of a wave once. What stands already is worked out."""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('evaluations', '0009_answers_are_about_the_wave'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OpenFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=16)),
                ('gzipped', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
            ],
        ),
        migrations.AddField(
            model_name='appraisalrun',
            name='claimed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='appraisalrun',
            name='failed',
            field=models.CharField(blank=True, db_default='', max_length=200),
        ),
        migrations.AddField(
            model_name='appraisalrun',
            name='finished_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True),
        ),
        migrations.RunSQL('UPDATE evaluations_appraisalrun SET finished_at = at', migrations.RunSQL.noop),
        migrations.AddField(
            model_name='appraisalrun',
            name='progress',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='appraisalrun',
            name='state',
            field=models.CharField(choices=[('draft', 'worked out'), ('frozen', 'frozen'), ('published', 'made known')], default='draft', max_length=9),
        ),
        migrations.AlterField(
            model_name='scoringrun',
            name='finished_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True),
        ),
        migrations.AlterField(
            model_name='scoringrun',
            name='progress',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name='appraisalrun',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'draft'), ('finished_at__isnull', False), _connector='OR'), name='frozen_run_is_worked_out'),
        ),
        migrations.AddField(
            model_name='openfile',
            name='wave',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='open_files', to='evaluations.wave'),
        ),
        migrations.AddConstraint(
            model_name='openfile',
            constraint=models.UniqueConstraint(fields=('wave', 'name'), name='open_file_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='openfile',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='ce410a87b1709b109dbd281e2930c1f500383d66', operation='UPDATE', pgid='pgtrigger_never_changed_dda31', table='evaluations_openfile', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='openfile',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='d6c0c9d811a4d04e75bb752836edc50bfd3133dd', operation='DELETE', pgid='pgtrigger_never_deleted_4d507', table='evaluations_openfile', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='openfile',
            trigger=pgtrigger.compiler.Trigger(name='never_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'table % is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation';", hash='1f12c6b6ad45691bff378b40a8284503bd9eaf6a', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_never_emptied_47716', table='evaluations_openfile', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='openfile',
            trigger=pgtrigger.compiler.Trigger(name='opened_once_published', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF NOT EXISTS (SELECT 1 FROM evaluations_wave w WHERE w.id = NEW.wave_id AND w.state = 'published') THEN\n            RAISE EXCEPTION 'the files of a wave are open once it is published' USING ERRCODE = 'check_violation';\n        END IF;\n        RETURN NEW;\n    ", hash='474d6da26943a53b38e54a2eb5815d386ff9f604', operation='INSERT', pgid='pgtrigger_opened_once_published_a4f96', table='evaluations_openfile', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='score',
            trigger=pgtrigger.compiler.Trigger(name='shown_on_enough', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (SELECT 1 FROM rows LEFT JOIN evaluations_subject s ON s.id = rows.subject_id WHERE rows.is_shown AND NOT COALESCE(CASE s.kind WHEN 'officer' THEN rows.n >= 30 AND rows.n_eff >= 25 AND rows.reliability >= 0.7 ELSE rows.n_eff >= 100 END, FALSE)) THEN\n                RAISE EXCEPTION 'a figure is shown above the floors of answers, effective answers and reliability, or not at all' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NULL;\n        ", hash='286d4f0aaf4991a91072b5088808ff5687cbe2a9', level='STATEMENT', operation='INSERT', pgid='pgtrigger_shown_on_enough_7cec0', referencing='REFERENCING NEW TABLE AS rows ', table='evaluations_score', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='score',
            trigger=pgtrigger.compiler.Trigger(name='shown_on_enough_still', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (SELECT 1 FROM rows LEFT JOIN evaluations_subject s ON s.id = rows.subject_id WHERE rows.is_shown AND NOT COALESCE(CASE s.kind WHEN 'officer' THEN rows.n >= 30 AND rows.n_eff >= 25 AND rows.reliability >= 0.7 ELSE rows.n_eff >= 100 END, FALSE)) THEN\n                RAISE EXCEPTION 'a figure is shown above the floors of answers, effective answers and reliability, or not at all' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NULL;\n        ", hash='80a6f70be8ab016f5905d7bc77019e6ce81147d8', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_shown_on_enough_still_ea804', referencing='REFERENCING NEW TABLE AS rows ', table='evaluations_score', when='AFTER')),
        ),
    ]
