import directory.models
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('core', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Area',
            fields=[
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('code', models.CharField(max_length=12, primary_key=True, serialize=False, verbose_name='code')),
                ('level', models.CharField(choices=[('city', 'city'), ('county', 'county or district'), ('town', 'town or street'), ('community', 'community or village')], max_length=9, verbose_name='level')),
                ('pinyin', models.CharField(blank=True, help_text='sort key', max_length=160)),
                ('lng', models.FloatField(blank=True, null=True)),
                ('lat', models.FloatField(blank=True, null=True)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='directory.area', verbose_name='part of')),
            ],
            options={
                'verbose_name': 'area',
                'verbose_name_plural': 'areas',
                'ordering': ['code'],
                'indexes': [models.Index(fields=['code'], name='area_code_prefix', opclasses=['varchar_pattern_ops']), models.Index(fields=['level', 'pinyin'], name='directory_a_level_e1d131_idx')],
            },
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('kind', models.CharField(choices=[('bureau', 'bureau'), ('sub_bureau', 'sub-bureau'), ('station', 'station'), ('department', 'department')], max_length=12, verbose_name='kind')),
                ('function', models.CharField(choices=[('general', 'general'), ('household', 'household registration'), ('traffic', 'traffic'), ('crime', 'crime investigation'), ('exit_entry', 'exit and entry'), ('inspectorate', 'inspectorate'), ('public_work', 'public-work centre'), ('public_security', 'public security'), ('anti_fraud', 'anti-fraud centre'), ('legal', 'legal affairs')], default='general', max_length=16, verbose_name='function')),
                ('path', models.CharField(editable=False, max_length=200, unique=True)),
                ('address', models.CharField(blank=True, max_length=120, verbose_name='address')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='telephone')),
                ('hours', models.CharField(blank=True, max_length=120, verbose_name='opening hours')),
                ('hours_en', models.CharField(blank=True, max_length=120, verbose_name='opening hours in English')),
                ('intro', models.TextField(blank=True, verbose_name='introduction')),
                ('service_zone', models.BooleanField(default=False, verbose_name='has a public-work zone')),
                ('lng', models.FloatField(blank=True, null=True, verbose_name='longitude')),
                ('lat', models.FloatField(blank=True, null=True, verbose_name='latitude')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_demo', models.BooleanField(default=False)),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.area', verbose_name='seat')),
                ('areas', models.ManyToManyField(blank=True, related_name='units', to='directory.area', verbose_name='jurisdiction')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='directory.unit', verbose_name='stands under')),
            ],
            options={
                'verbose_name': 'unit',
                'verbose_name_plural': 'units',
                'ordering': ['path'],
                'indexes': [models.Index(fields=['path'], name='unit_path_prefix', opclasses=['varchar_pattern_ops'])],
            },
        ),
        migrations.CreateModel(
            name='Officer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('badge_number', models.CharField(max_length=10, unique=True, verbose_name='badge number')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('position', models.CharField(choices=[('chief', 'chief'), ('instructor', 'political instructor'), ('community_officer', 'community officer'), ('handler', 'handling officer'), ('window', 'window officer'), ('traffic', 'traffic officer')], max_length=20, verbose_name='position')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='public telephone')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_demo', models.BooleanField(default=False)),
                ('beats', models.ManyToManyField(blank=True, related_name='beat_officers', to='directory.area', verbose_name='beat')),
                ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='officer', to=settings.AUTH_USER_MODEL, verbose_name='signs in as')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='officers', to='directory.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'officer',
                'verbose_name_plural': 'officers',
                'ordering': ['unit', 'badge_number'],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('proposed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='proposed')),
                ('confirmed_at', models.DateTimeField(editable=False, null=True, verbose_name='confirmed')),
                ('refused_at', models.DateTimeField(editable=False, null=True, verbose_name='refused')),
                ('role', models.CharField(choices=[('officer', 'officer'), ('triage', 'triage desk'), ('leader', 'unit leader'), ('admin', 'public-work admin'), ('pollster', 'pollster'), ('auditor', 'auditor')], max_length=10, verbose_name='role')),
                ('starts', models.DateTimeField(default=django.utils.timezone.now, verbose_name='from')),
                ('ends', models.DateTimeField(blank=True, null=True, verbose_name='to')),
                ('confirmed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('proposed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ('refused_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='directory.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
                'ordering': ['-starts'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('ends', None), ('ends__gt', models.F('starts')), _connector='OR'), name='membership_ends_after_it_starts', violation_error_message='The end must be after the beginning.'), models.CheckConstraint(condition=models.Q(('unit__isnull', False), ('role__in', ['admin', 'pollster', 'auditor']), _connector='OR'), name='membership_of_officers_names_a_unit', violation_error_message='This role belongs to a unit. Please choose one.'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None), ('proposed_by', None), ('refused_by', None)), models.Q(('confirmed_at', None), ('confirmed_by', None), ('proposed_by__isnull', False)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('proposed_by__isnull', False), ('refused_at', None), ('refused_by', None), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='membership_is_of_two_persons'), models.CheckConstraint(condition=models.Q(models.Q(('proposed_by', None), models.Q(('proposed_by', models.F('user')), _negated=True), _connector='OR'), models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('user')), _negated=True), _connector='OR')), name='nobody_gives_a_role_to_themselves', violation_error_message='Nobody gives a role to themselves.'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('refused_at', None)), expressions=[('user', '='), ('role', '='), ('unit', '='), (directory.models.TsTzRange('starts', 'ends', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='membership_once_at_a_time', violation_error_message='This person has this role there at that time already.')],
            },
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('proposed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='proposed')),
                ('confirmed_at', models.DateTimeField(editable=False, null=True, verbose_name='confirmed')),
                ('refused_at', models.DateTimeField(editable=False, null=True, verbose_name='refused')),
                ('confirmed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='directory.officer', verbose_name='officer')),
                ('proposed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ('refused_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.unit', verbose_name='unit')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signs in as')),
            ],
            options={
                'verbose_name': 'posting',
                'verbose_name_plural': 'postings',
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None), ('proposed_by', None), ('refused_by', None)), models.Q(('confirmed_at', None), ('confirmed_by', None), ('proposed_by__isnull', False)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('proposed_by__isnull', False), ('refused_at', None), ('refused_by', None), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='posting_is_of_two_persons'), models.CheckConstraint(condition=models.Q(models.Q(('proposed_by', None), models.Q(('proposed_by', models.F('user')), _negated=True), _connector='OR'), models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('user')), _negated=True), _connector='OR')), name='posting_is_about_a_third', violation_error_message='Nobody gives a role to themselves.'), models.UniqueConstraint(condition=models.Q(('confirmed_at', None), ('refused_at', None)), fields=('officer',), name='posting_once_at_a_time')],
            },
        ),
    ]
