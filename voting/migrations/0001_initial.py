import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import uuid
import voting.models.roll
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('annual_projects', '0001_initial'),
        ('directory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Rewriting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('xact', models.CharField(blank=True, db_index=True, max_length=20)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('done', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': 'rewriting in random order',
                'verbose_name_plural': 'rewritings in random order',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='EligibleVoter',
            fields=[
                ('pk', models.CompositePrimaryKey('edition_id', 'fingerprint', blank=True, editable=False, primary_key=True, serialize=False)),
                ('fingerprint', models.CharField(max_length=64)),
                ('edition', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annual_projects.edition')),
            ],
            options={
                'verbose_name': 'eligible voter',
                'verbose_name_plural': 'eligible voters',
            },
        ),
        migrations.CreateModel(
            name='PaperBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('declared', models.PositiveSmallIntegerField(verbose_name='ballots in it, as counted by hand')),
                ('state', models.CharField(choices=[('keying', 'being keyed'), ('comparing', 'being compared'), ('closed', 'closed')], default='keying', max_length=9, verbose_name='state')),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('first_done', models.BooleanField(default=False)),
                ('second_done', models.BooleanField(default=False)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='annual_projects.edition')),
                ('first_clerk', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('second_clerk', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.unit', verbose_name='from')),
            ],
            options={
                'verbose_name': 'batch of ballots',
                'verbose_name_plural': 'batches of ballots',
                'ordering': ['edition', 'number'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'number'), name='batch_has_its_number'), models.CheckConstraint(condition=models.Q(('declared__range', (1, 500))), name='batch_is_of_a_size'), models.CheckConstraint(condition=models.Q(('first_clerk', models.F('second_clerk')), _negated=True), name='batch_is_keyed_by_two'), models.CheckConstraint(condition=models.Q(('closed_by', None), models.Q(models.Q(('closed_by', models.F('first_clerk')), _negated=True), models.Q(('closed_by', models.F('second_clerk')), _negated=True)), _connector='OR'), name='batch_is_closed_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at', None), ('closed_by', None)), _connector='OR'), name='batch_closed_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='PaperSheet',
            fields=[
                ('serial', models.CharField(max_length=8, primary_key=True, serialize=False, verbose_name='serial')),
                ('state', models.CharField(choices=[('issued', 'with the unit'), ('returned', 'in a counted batch'), ('spoiled', 'spoiled'), ('unreturned', 'never came back')], default='issued', max_length=10, verbose_name='state')),
                ('issued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('reason', models.CharField(blank=True, max_length=100, verbose_name='reason')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annual_projects.edition')),
                ('issued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.unit', verbose_name='issued to')),
            ],
            options={
                'verbose_name': 'ballot paper',
                'verbose_name_plural': 'ballot papers',
                'ordering': ['serial'],
                'indexes': [models.Index(fields=['edition', 'unit', 'state'], name='voting_pape_edition_433d29_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'spoiled'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='spoiled_sheet_says_why')],
            },
        ),
        migrations.CreateModel(
            name='KeyedSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reading', models.PositiveSmallIntegerField()),
                ('marks', models.BigIntegerField(default=0)),
                ('fault', models.CharField(blank=True, choices=[('blank', 'nothing is marked'), ('few', 'too few are marked'), ('many', 'too many are marked'), ('unclear', 'it is unclear what is meant'), ('torn', 'torn or unreadable'), ('signed', 'carries a name or a sign')], max_length=7, verbose_name='why it does not count')),
                ('age_band', models.PositiveSmallIntegerField(choices=[(1, '18 to 34'), (2, '35 to 59'), (3, '60 and over')], null=True)),
                ('keyed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keyed', to='voting.paperbatch')),
                ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='voting.papersheet')),
            ],
            options={
                'verbose_name': 'keyed ballot',
                'verbose_name_plural': 'keyed ballots',
                'ordering': ['batch', 'reading', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('sheet', 'reading'), name='sheet_is_keyed_once_a_reading'), models.CheckConstraint(condition=models.Q(('reading__range', (1, 3))), name='keyed_in_a_reading'), models.CheckConstraint(condition=models.Q(models.Q(('fault', ''), _negated=True), ('marks__gt', 0), _connector='OR'), name='keyed_ballot_has_marks_or_a_fault')],
            },
        ),
        migrations.CreateModel(
            name='Poll',
            fields=[
                ('edition', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='poll', serialize=False, to='annual_projects.edition')),
                ('candidates', models.BigIntegerField(help_text='the numbers on the ballot, as bits')),
                ('tie_secret_sealed', models.BinaryField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('result', models.TextField(blank=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'vote',
                'verbose_name_plural': 'votes',
                'constraints': [models.CheckConstraint(condition=models.Q(('candidates__gt', 0)), name='poll_has_candidates'), models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('result', '')), models.Q(('closed_at__isnull', False), models.Q(('result', ''), _negated=True)), _connector='OR'), name='poll_is_published_after_the_close')],
            },
        ),
        migrations.CreateModel(
            name='RollEntry',
            fields=[
                ('pk', models.CompositePrimaryKey('edition_id', 'fingerprint', blank=True, editable=False, primary_key=True, serialize=False)),
                ('fingerprint', models.CharField(max_length=64)),
                ('channel', models.CharField(choices=[('online', 'online'), ('paper', 'on paper')], max_length=6, verbose_name='channel')),
                ('day', models.DateField(db_default=voting.models.roll.Today(), verbose_name='day')),
                ('edition', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annual_projects.edition')),
            ],
            options={
                'verbose_name': 'entry of the voter roll',
                'verbose_name_plural': 'voter roll',
                'indexes': [models.Index(condition=models.Q(('channel', 'paper')), fields=['edition', 'day'], name='roll_stubs_by_day')],
            },
        ),
        migrations.CreateModel(
            name='RollImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64)),
                ('lines', models.PositiveIntegerField(verbose_name='lines')),
                ('added', models.PositiveIntegerField(verbose_name='new on the roll')),
                ('imported_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roll_imports', to='annual_projects.edition')),
                ('imported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'roll file',
                'verbose_name_plural': 'roll files',
                'ordering': ['-imported_at'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'sha256'), name='roll_file_is_taken_once')],
            },
        ),
        migrations.CreateModel(
            name='Stubs',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(db_default=voting.models.roll.Today(), verbose_name='day')),
                ('written', models.PositiveIntegerField(default=1, verbose_name='stubs')),
                ('clerk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annual_projects.edition')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.unit', verbose_name='given out at')),
            ],
            options={
                'verbose_name': 'stubs of a day',
                'verbose_name_plural': 'stubs by day',
                'ordering': ['edition', '-day', 'unit', 'clerk'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'unit', 'clerk', 'day'), name='stubs_are_counted_in_one_place')],
            },
        ),
        migrations.CreateModel(
            name='Ballot',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('marks', models.BigIntegerField()),
                ('nonce', models.CharField(max_length=64)),
                ('commitment', models.CharField(max_length=64)),
                ('channel', models.CharField(choices=[('online', 'online'), ('paper', 'on paper')], max_length=6)),
                ('county', models.CharField(blank=True, max_length=6)),
                ('age_band', models.PositiveSmallIntegerField(choices=[(1, '18 to 34'), (2, '35 to 59'), (3, '60 and over')], null=True)),
                ('edition', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annual_projects.edition')),
            ],
            options={
                'verbose_name': 'ballot',
                'verbose_name_plural': 'ballots',
                'constraints': [models.UniqueConstraint(fields=('edition', 'commitment'), name='ballot_is_committed_to_once'), models.CheckConstraint(condition=models.Q(('channel__in', ['online', 'paper'])), name='ballot_came_by_a_channel'), models.CheckConstraint(condition=models.Q(('age_band', None), ('age_band__in', [1, 2, 3]), _connector='OR'), name='ballot_age_band_is_coarse')],
            },
        ),
        migrations.CreateModel(
            name='Head',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('size', models.PositiveIntegerField()),
                ('online', models.PositiveIntegerField()),
                ('paper', models.PositiveIntegerField()),
                ('stubs', models.PositiveIntegerField()),
                ('root', models.CharField(max_length=64)),
                ('previous', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('open', 'voting'), ('counting', 'voting has ended, paper is counted'), ('final', 'complete')], max_length=8)),
                ('signature', models.CharField(max_length=128)),
                ('consistency', models.JSONField(default=list)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='heads', to='annual_projects.edition')),
            ],
            options={
                'verbose_name': 'head of the tree',
                'verbose_name_plural': 'heads of the tree',
                'ordering': ['edition', 'seq'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'seq'), name='head_has_its_place'), models.CheckConstraint(condition=models.Q(('size', django.db.models.expressions.CombinedExpression(models.F('online'), '+', models.F('paper')))), name='head_adds_up'), models.CheckConstraint(condition=models.Q(('paper__lte', models.F('stubs'))), name='head_has_no_paper_without_a_stub')],
            },
        ),
        migrations.CreateModel(
            name='Leaf',
            fields=[
                ('pk', models.CompositePrimaryKey('edition_id', 'position', blank=True, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('commitment', models.CharField(max_length=64)),
                ('edition', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annual_projects.edition')),
            ],
            options={
                'verbose_name': 'commitment',
                'verbose_name_plural': 'commitments',
                'constraints': [models.UniqueConstraint(fields=('edition', 'commitment'), name='leaf_stands_once')],
            },
        ),
    ]
