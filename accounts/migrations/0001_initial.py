import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(max_length=40, unique=True, verbose_name='badge number or account')),
                ('display_name', models.CharField(blank=True, max_length=40, verbose_name='name of the person')),
                ('phone_sealed', models.BinaryField(null=True)),
                ('phone_fingerprint', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ('phone_verified_at', models.DateTimeField(editable=False, null=True)),
                ('staff_phone_sealed', models.BinaryField(null=True)),
                ('id_fingerprint', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ('id_verified_at', models.DateTimeField(editable=False, null=True, verbose_name='identity verified')),
                ('birth_year', models.SmallIntegerField(editable=False, null=True)),
                ('language', models.CharField(choices=[('zh-hans', 'Chinese'), ('en', 'English')], default='zh-hans', max_length=8, verbose_name='language')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_staff', models.BooleanField(default=False, verbose_name='technician of the back office')),
                ('is_demo', models.BooleanField(default=False, editable=False)),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='joined')),
                ('anonymised_at', models.DateTimeField(editable=False, null=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('phone_fingerprint__isnull', True), ('phone_sealed__isnull', True)), models.Q(('phone_fingerprint__isnull', False), ('phone_sealed__isnull', False)), _connector='OR'), name='user_phone_is_sealed_and_findable'), models.CheckConstraint(condition=models.Q(models.Q(('id_fingerprint__isnull', True), ('id_verified_at__isnull', True)), models.Q(('id_fingerprint__isnull', False), ('id_verified_at__isnull', False)), _connector='OR'), name='user_verified_has_a_fingerprint'), models.CheckConstraint(condition=models.Q(('anonymised_at__isnull', True), models.Q(('birth_year__isnull', True), ('display_name', ''), ('id_fingerprint__isnull', True), ('is_active', False), ('phone_sealed__isnull', True), ('staff_phone_sealed__isnull', True)), _connector='OR'), name='user_anonymised_keeps_nothing')],
            },
        ),
        migrations.CreateModel(
            name='AccountRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('proposed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='proposed')),
                ('confirmed_at', models.DateTimeField(editable=False, null=True, verbose_name='confirmed')),
                ('refused_at', models.DateTimeField(editable=False, null=True, verbose_name='refused')),
                ('kind', models.CharField(choices=[('invite', 'invite to the portal'), ('password', 'password lost'), ('factor', 'second factor and password lost'), ('technician', 'make a technician of the back office'), ('reopen', 'open a closed account again')], max_length=10, verbose_name='what')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('phone_sealed', models.BinaryField(null=True)),
                ('open_until', models.DateTimeField(editable=False, null=True)),
                ('used_at', models.DateTimeField(editable=False, null=True, verbose_name='password set')),
                ('confirmed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('proposed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ('refused_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'request for an account',
                'verbose_name_plural': 'requests for accounts',
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None), ('proposed_by', None), ('refused_by', None)), models.Q(('confirmed_at', None), ('confirmed_by', None), ('proposed_by__isnull', False)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('proposed_by__isnull', False), ('refused_at', None), ('refused_by', None), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='accountrequest_is_of_two_persons'), models.CheckConstraint(condition=models.Q(models.Q(('proposed_by', None), models.Q(('proposed_by', models.F('user')), _negated=True), _connector='OR'), models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('user')), _negated=True), _connector='OR')), name='account_request_is_about_a_third', violation_error_message='Nobody gives a role to themselves.'), models.UniqueConstraint(condition=models.Q(('confirmed_at', None), ('refused_at', None)), fields=('user', 'kind'), name='account_request_once_at_a_time'), models.CheckConstraint(condition=models.Q(('open_until', None), ('confirmed_at__isnull', False), _connector='OR'), name='account_request_opens_once_confirmed')],
            },
        ),
        migrations.CreateModel(
            name='ApiClient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='programme')),
                ('contact', models.CharField(max_length=120, verbose_name='who answers for it')),
                ('account', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='programme', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'programme',
                'verbose_name_plural': 'programmes',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('proposed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='proposed')),
                ('confirmed_at', models.DateTimeField(editable=False, null=True, verbose_name='confirmed')),
                ('refused_at', models.DateTimeField(editable=False, null=True, verbose_name='refused')),
                ('name', models.CharField(max_length=80, verbose_name='what for')),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), size=None, verbose_name='good for')),
                ('hint', models.CharField(editable=False, max_length=12, verbose_name='begins with')),
                ('fingerprint', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='issued')),
                ('expires_at', models.DateTimeField(verbose_name='valid until')),
                ('revoked_at', models.DateTimeField(editable=False, null=True, verbose_name='revoked')),
                ('used_on', models.DateField(editable=False, null=True, verbose_name='last used on')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tokens', to='accounts.apiclient', verbose_name='programme')),
                ('confirmed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('proposed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ('refused_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'API token',
                'verbose_name_plural': 'API tokens',
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None), ('proposed_by', None), ('refused_by', None)), models.Q(('confirmed_at', None), ('confirmed_by', None), ('proposed_by__isnull', False)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('proposed_by__isnull', False), ('refused_at', None), ('refused_by', None), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='apitoken_is_of_two_persons'), models.CheckConstraint(condition=models.Q(('proposed_by__isnull', False)), name='api_token_is_proposed'), models.CheckConstraint(condition=models.Q(('fingerprint', None), ('confirmed_at__isnull', False), _connector='OR'), name='api_token_has_words_once_confirmed'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at')), ('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('created_at'), '+', models.Value(datetime.timedelta(days=366))))), name='api_token_ends_within_a_year'), models.CheckConstraint(condition=models.Q(('scopes__contained_by', ['suggestions:write', 'open311', 'polls:hand-in']), ('scopes__len__gt', 0)), name='api_token_is_good_for_something')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address_sealed', models.BinaryField(null=True)),
                ('channel', models.CharField(choices=[('site', 'in the portal'), ('sms', 'text message'), ('email', 'e-mail')], max_length=5, verbose_name='channel')),
                ('subject', models.CharField(max_length=120, verbose_name='heading')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('link', models.CharField(blank=True, max_length=200)),
                ('dedupe_key', models.CharField(max_length=120)),
                ('state', models.CharField(choices=[('queued', 'waiting to be sent'), ('sending', 'being sent'), ('sent', 'sent'), ('failed', 'failed'), ('read', 'seen')], default='queued', max_length=7, verbose_name='state')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='written')),
                ('not_before', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('lease_until', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent')),
                ('read_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=100, verbose_name='last error')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'notification',
                'verbose_name_plural': 'notifications',
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'sending'])), fields=['not_before'], name='notification_due'), models.Index(condition=models.Q(('channel', 'site')), fields=['user', '-id'], name='notification_inbox'), models.Index(condition=models.Q(('channel', 'site'), ('state', 'sent')), fields=['user'], name='notification_unread'), models.Index(condition=models.Q(('state', 'failed')), fields=['-id'], name='notification_failed')],
                'constraints': [models.UniqueConstraint(fields=('dedupe_key', 'channel', 'user'), name='notification_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('user__isnull', False), ('address_sealed__isnull', False), _connector='OR'), name='notification_has_a_recipient')],
            },
        ),
    ]
