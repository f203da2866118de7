import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('directory', '0001_initial'),
        ('suggestions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(unique=True, validators=[django.core.validators.MinValueValidator(2000), django.core.validators.MaxValueValidator(2100)], verbose_name='year')),
                ('phase', models.CharField(choices=[('collecting', 'Collecting ideas'), ('reviewing', 'Looking at what is possible'), ('public_notice', 'The candidates are made public'), ('voting', 'Voting'), ('result', 'Counting and result'), ('delivering', 'Carrying out'), ('judged', 'Judged by the public'), ('archived', 'Finished')], default='collecting', max_length=13, verbose_name='phase')),
                ('intro', models.CharField(blank=True, max_length=300, verbose_name='a word to the public')),
                ('collecting_from', models.DateTimeField(verbose_name='ideas are collected from')),
                ('reviewing_from', models.DateTimeField(verbose_name='ideas are looked at from')),
                ('notice_from', models.DateTimeField(verbose_name='candidates are public from')),
                ('voting_opens', models.DateTimeField(verbose_name='voting opens')),
                ('voting_closes', models.DateTimeField(verbose_name='voting closes')),
                ('delivering_from', models.DateTimeField(verbose_name='projects are carried out from')),
                ('judged_from', models.DateTimeField(verbose_name='the public judges from')),
                ('archived_from', models.DateTimeField(verbose_name='the year is finished on')),
                ('choose_min', models.PositiveSmallIntegerField(default=10, verbose_name='choose at least')),
                ('choose_max', models.PositiveSmallIntegerField(default=10, verbose_name='choose at most')),
                ('winners', models.PositiveSmallIntegerField(default=10, verbose_name='projects of the year')),
                ('who_may_vote', models.CharField(choices=[('verified', 'residents who have shown who they are'), ('phone', 'everyone with a verified mobile number'), ('roll', 'everyone on the voter roll')], default='verified', max_length=8, verbose_name='who may vote')),
                ('tie_commitment', models.CharField(blank=True, max_length=64)),
                ('tie_secret', models.CharField(blank=True, max_length=128)),
                ('freeze_proposed_at', models.DateTimeField(blank=True, null=True)),
                ('freeze_digest', models.CharField(blank=True, max_length=64)),
                ('frozen_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('is_demo', models.BooleanField(default=False)),
                ('freeze_proposed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('frozen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'edition',
                'verbose_name_plural': 'editions',
                'ordering': ['-year'],
                'constraints': [models.CheckConstraint(condition=models.Q(('year__range', (2000, 2100))), name='edition_is_of_this_century'), models.CheckConstraint(condition=models.Q(('collecting_from__lt', models.F('reviewing_from')), ('reviewing_from__lt', models.F('notice_from')), ('notice_from__lt', models.F('voting_opens')), ('voting_opens__lt', models.F('voting_closes')), ('voting_closes__lt', models.F('delivering_from')), ('delivering_from__lt', models.F('judged_from')), ('judged_from__lt', models.F('archived_from'))), name='edition_phases_follow_each_other'), models.CheckConstraint(condition=models.Q(('choose_max__gte', models.F('choose_min')), ('choose_min__gte', 1), ('winners__gte', 1)), name='edition_choice_is_possible'), models.CheckConstraint(condition=models.Q(models.Q(('freeze_digest', ''), ('freeze_proposed_at', None), ('freeze_proposed_by', None)), models.Q(('freeze_proposed_at__isnull', False), ('freeze_proposed_by__isnull', False), models.Q(('freeze_digest', ''), _negated=True)), _connector='OR'), name='edition_freeze_is_proposed_as_a_whole'), models.CheckConstraint(condition=models.Q(models.Q(('frozen_at', None), ('frozen_by', None)), models.Q(('freeze_proposed_by__isnull', False), ('frozen_at__isnull', False), ('frozen_by__isnull', False), models.Q(('frozen_by', models.F('freeze_proposed_by')), _negated=True)), _connector='OR'), name='edition_is_frozen_by_two_persons'), models.CheckConstraint(condition=models.Q(models.Q(('frozen_at', None), ('phase__in', ('collecting', 'reviewing'))), models.Q(('frozen_at__isnull', False), models.Q(('phase', 'collecting'), _negated=True)), _connector='OR'), name='edition_is_public_when_frozen')],
            },
        ),
        migrations.CreateModel(
            name='Candidate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='number on the ballot')),
                ('slug', models.SlugField(max_length=60, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$')], verbose_name='address')),
                ('state', models.CharField(choices=[('nominated', 'Proposed'), ('under_review', 'Being looked at'), ('accepted', 'On the ballot'), ('rejected', 'Not taken up'), ('merged', 'Put together with another'), ('withdrawn', 'Taken back')], default='nominated', max_length=12, verbose_name='state')),
                ('source', models.CharField(choices=[('citizen', 'a citizen'), ('partner', 'a partner organisation'), ('staff', 'the police'), ('demand', 'what people told us')], max_length=8, verbose_name='proposed by')),
                ('title', models.CharField(max_length=60, verbose_name='title')),
                ('summary', models.CharField(blank=True, max_length=120, verbose_name='in plain words')),
                ('outcome', models.CharField(blank=True, max_length=300, verbose_name='what will be different by December')),
                ('target', models.PositiveIntegerField(blank=True, null=True, verbose_name='target')),
                ('target_unit', models.CharField(blank=True, max_length=40, verbose_name='of what')),
                ('reasons', models.CharField(blank=True, max_length=500, verbose_name='reasons')),
                ('cost', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='cost in yuan')),
                ('law', models.CharField(blank=True, max_length=300, verbose_name='legal basis')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.area', verbose_name='area')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='suggestions.category', verbose_name='category')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lead_unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='directory.unit', verbose_name='lead unit')),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='annual_projects.candidate')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='annual_projects.edition')),
            ],
            options={
                'verbose_name': 'candidate',
                'verbose_name_plural': 'candidates',
                'ordering': ['edition', 'number', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'slug'), name='candidate_has_its_address'), models.UniqueConstraint(fields=('edition', 'number'), name='candidate_has_its_number'), models.CheckConstraint(condition=models.Q(('slug__regex', '^[a-z0-9]+(-[a-z0-9]+)*$')), name='candidate_address_is_plain'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='candidate_has_a_title'), models.CheckConstraint(condition=models.Q(('number', None), models.Q(('number__gte', 1), ('state', 'accepted')), _connector='OR'), name='candidate_numbered_when_accepted'), models.CheckConstraint(condition=models.Q(('number', None), ('number__lte', 62), _connector='OR'), name='candidate_fits_on_the_ballot'), models.CheckConstraint(condition=models.Q(models.Q(('merged_into__isnull', False), ('state', 'merged')), models.Q(models.Q(('state', 'merged'), _negated=True), ('merged_into', None)), _connector='OR'), name='candidate_merged_says_into_what'), models.CheckConstraint(condition=models.Q(('merged_into', models.F('id')), _negated=True), name='candidate_is_not_merged_into_itself'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'rejected']), _negated=True), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('reasons', ''), _negated=True)), _connector='OR'), name='candidate_decided_with_reasons'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'accepted'), _negated=True), models.Q(('lead_unit__isnull', False), ('target__gte', 1), models.Q(('summary', ''), _negated=True), models.Q(('outcome', ''), _negated=True), models.Q(('target_unit', ''), _negated=True)), _connector='OR'), name='candidate_accepted_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=80, verbose_name='step')),
                ('due_on', models.DateField(verbose_name='due')),
                ('first_due_on', models.DateField(verbose_name='first promised for')),
                ('moved_because', models.CharField(blank=True, max_length=300, verbose_name='why the date was moved')),
                ('state', models.CharField(choices=[('open', 'To do'), ('done', 'Done'), ('dropped', 'Dropped')], default='open', max_length=7, verbose_name='state')),
                ('settled_on', models.DateField(blank=True, null=True, verbose_name='done on')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='directory.unit', verbose_name='responsible')),
            ],
            options={
                'verbose_name': 'milestone',
                'verbose_name_plural': 'milestones',
                'ordering': ['due_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='MilestoneReminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('soon', 'due in a week'), ('due', 'due today'), ('overdue', 'overdue')], max_length=7)),
                ('due_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('milestone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='annual_projects.milestone')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('cancelled_at', None), ('sent_at', None)), fields=['due_at'], name='milestone_reminder_pending')],
                'constraints': [models.UniqueConstraint(fields=('milestone', 'kind', 'due_at'), name='milestone_reminder_once'), models.CheckConstraint(condition=models.Q(('sent_at', None), ('cancelled_at', None), _connector='OR'), name='milestone_reminder_sent_or_cancelled')],
            },
        ),
        migrations.CreateModel(
            name='Nomination',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('citizen', 'a citizen'), ('partner', 'a partner organisation'), ('staff', 'the police'), ('demand', 'what people told us')], max_length=8, verbose_name='proposed by')),
                ('organisation', models.CharField(blank=True, max_length=80, verbose_name='organisation')),
                ('text', models.TextField(max_length=1000, verbose_name='in their words')),
                ('idempotency_key', models.CharField(max_length=64, unique=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='nominations', to='annual_projects.candidate')),
                ('suggestion', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='nominations', to='suggestions.suggestion')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='nominations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'nomination',
                'verbose_name_plural': 'nominations',
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('candidate', 'user'), name='nomination_once_a_person'), models.CheckConstraint(condition=models.Q(models.Q(('source', 'partner'), _negated=True), models.Q(('organisation', ''), _negated=True), _connector='OR'), name='partner_nomination_names_it')],
            },
        ),
        migrations.CreateModel(
            name='ProgressReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000, verbose_name='what has been done')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('hidden_at', models.DateTimeField(blank=True, null=True)),
                ('hidden_because', models.CharField(blank=True, max_length=300, verbose_name='why it is hidden')),
                ('reported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.unit')),
            ],
            options={
                'verbose_name': 'progress report',
                'verbose_name_plural': 'progress reports',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ProgressPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(upload_to='progress/%Y/%m/')),
                ('mime', models.CharField(max_length=40)),
                ('sha256', models.CharField(max_length=64)),
                ('width', models.PositiveIntegerField(null=True)),
                ('height', models.PositiveIntegerField(null=True)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='annual_projects.progressreport')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('report', 'sha256'), name='photo_once_a_report')],
            },
        ),
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.PositiveSmallIntegerField(verbose_name='place in the result')),
                ('votes', models.PositiveIntegerField(null=True, verbose_name='votes, as published')),
                ('state', models.CharField(choices=[('planned', 'About to begin'), ('underway', 'Under way'), ('delivered', 'Delivered'), ('not_delivered', 'Not delivered')], default='planned', max_length=13, verbose_name='state')),
                ('achieved', models.PositiveIntegerField(blank=True, null=True, verbose_name='reached')),
                ('closing_words', models.CharField(blank=True, max_length=500, verbose_name='what came of it')),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('candidate', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='project', to='annual_projects.candidate')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='annual_projects.edition')),
            ],
            options={
                'verbose_name': 'project',
                'verbose_name_plural': 'projects',
                'ordering': ['edition', 'rank'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'rank'), name='project_has_its_place'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('delivered', 'not_delivered')), _negated=True), models.Q(('achieved__isnull', False), ('closed_at__isnull', False), models.Q(('closing_words', ''), _negated=True)), _connector='OR'), name='project_settled_says_what_came_of_it')],
            },
        ),
        migrations.AddField(
            model_name='progressreport',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='annual_projects.project'),
        ),
        migrations.AddField(
            model_name='milestone',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='annual_projects.project'),
        ),
        migrations.CreateModel(
            name='Measure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('document_number', models.CharField(max_length=40, verbose_name='document number')),
                ('issued_on', models.DateField(verbose_name='issued on')),
                ('summary', models.CharField(blank=True, max_length=300, verbose_name='what it changes')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measures', to='annual_projects.project')),
            ],
            options={
                'verbose_name': 'measure',
                'verbose_name_plural': 'measures',
                'ordering': ['issued_on', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('project', 'document_number'), name='measure_once_a_project'), models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('document_number', ''), _negated=True)), name='measure_can_be_found')],
            },
        ),
        migrations.CreateModel(
            name='BeneficiaryCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(verbose_name='month')),
                ('definition', models.CharField(max_length=80, verbose_name='who is counted')),
                ('source', models.CharField(max_length=80, verbose_name='source of the figure')),
                ('number', models.PositiveIntegerField(verbose_name='people')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='beneficiaries', to='annual_projects.project')),
            ],
            options={
                'verbose_name': 'beneficiary count',
                'verbose_name_plural': 'beneficiary counts',
                'ordering': ['definition', 'month'],
                'constraints': [models.UniqueConstraint(fields=('project', 'definition', 'month'), name='beneficiaries_once_a_month'), models.CheckConstraint(condition=models.Q(('number__gte', 0)), name='beneficiaries_are_people'), models.CheckConstraint(condition=models.Q(('month', django.db.models.functions.datetime.TruncMonth('month'))), name='beneficiaries_by_whole_months'), models.CheckConstraint(condition=models.Q(models.Q(('definition', ''), _negated=True), models.Q(('source', ''), _negated=True)), name='beneficiaries_say_who_and_whence')],
            },
        ),
        migrations.CreateModel(
            name='ProjectRating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(choices=[(5, 'Very satisfied'), (4, 'Satisfied'), (3, 'Fairly satisfied'), (2, 'Dissatisfied'), (1, 'Very dissatisfied')], verbose_name='rating')),
                ('comment', models.CharField(blank=True, max_length=300, verbose_name='comment')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ratings', to='annual_projects.project')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'rating of a project',
                'verbose_name_plural': 'ratings of projects',
                'constraints': [models.UniqueConstraint(fields=('project', 'user'), name='project_rated_once'), models.CheckConstraint(condition=models.Q(('level__range', (1, 5))), name='project_rating_has_five_levels')],
            },
        ),
        migrations.CreateModel(
            name='Telling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('accepted', 'became a candidate'), ('result', 'the vote is decided'), ('delivered', 'what it changed')], max_length=9)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('told_to', models.BigIntegerField(default=0, verbose_name='last voice told')),
                ('done_at', models.DateTimeField(null=True)),
                ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tellings', to='annual_projects.candidate')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at', None)), fields=['created_at'], name='telling_pending')],
                'constraints': [models.UniqueConstraint(fields=('candidate', 'kind'), name='told_once_of_each_kind')],
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('code', models.SlugField(max_length=32, primary_key=True, serialize=False, verbose_name='code')),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None, verbose_name='words')),
                ('order', models.PositiveSmallIntegerField(default=100, verbose_name='order')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='topics', to='suggestions.category', verbose_name='category')),
            ],
            options={
                'verbose_name': 'topic',
                'verbose_name_plural': 'topics',
                'ordering': ['order', 'code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('words', []), _negated=True), name='topic_has_words')],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('count', models.PositiveIntegerField(verbose_name='voices')),
                ('of', models.CharField(choices=[('all', 'everything people told us'), ('administrative', 'requests for administrative services')], max_length=16, verbose_name='share of')),
                ('total', models.PositiveIntegerField()),
                ('share', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast('count', models.BigIntegerField()), '*', models.Value(20000, models.BigIntegerField())), '+', django.db.models.functions.comparison.Cast('total', models.BigIntegerField())), '/', django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast('total', models.BigIntegerField()), '*', models.Value(2, models.BigIntegerField()))), output_field=models.PositiveIntegerField())),
                ('before', models.PositiveIntegerField(default=0, verbose_name='voices in the period before')),
                ('starts', models.DateField(verbose_name='from')),
                ('ends', models.DateField(verbose_name='to')),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('taken_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.area')),
                ('candidate', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='annual_projects.candidate')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suggestions.category')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annual_projects.topic')),
            ],
            options={
                'verbose_name': 'evidence',
                'verbose_name_plural': 'evidence',
                'constraints': [models.CheckConstraint(condition=models.Q(('count__lte', models.F('total')), ('total__gte', 1), ('total__lte', 100000000)), name='evidence_is_a_share'), models.CheckConstraint(condition=models.Q(('ends__gte', models.F('starts'))), name='evidence_has_a_period')],
            },
        ),
        migrations.CreateModel(
            name='CandidateVoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='voices', to='annual_projects.candidate')),
                ('suggestion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidate_voices', to='suggestions.suggestion')),
            ],
            options={
                'verbose_name': 'voice behind a candidate',
                'verbose_name_plural': 'voices behind a candidate',
                'constraints': [models.UniqueConstraint(fields=('candidate', 'suggestion'), name='voice_behind_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(('hidden_at', None), models.Q(('hidden_because', ''), _negated=True), _connector='OR'), name='report_hidden_says_why'),
        ),
        migrations.AddIndex(
            model_name='milestone',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['due_on'], name='milestone_open'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.UniqueConstraint(fields=('project', 'title'), name='milestone_once_a_project'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_by', None), ('settled_on', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('settled_by__isnull', False), ('settled_on__isnull', False)), _connector='OR'), name='milestone_settled_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'dropped'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='milestone_dropped_says_why'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(('due_on', models.F('first_due_on')), models.Q(('moved_because', ''), _negated=True), _connector='OR'), name='milestone_moved_says_why'),
        ),
    ]
