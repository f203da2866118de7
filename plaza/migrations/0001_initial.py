import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('directory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('address', models.CharField(blank=True, max_length=120, verbose_name='address')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='directory.area', verbose_name='area')),
            ],
            options={
                'verbose_name': 'place',
                'verbose_name_plural': 'places',
                'ordering': ['area', 'name'],
                'constraints': [models.UniqueConstraint(fields=('area', 'name'), name='place_once_an_area')],
            },
        ),
        migrations.CreateModel(
            name='ActivityDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField(unique=True, verbose_name='date')),
                ('title', models.CharField(max_length=80, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=120, verbose_name='English title')),
                ('hours', models.CharField(default='9:00–16:00', max_length=40, verbose_name='hours')),
                ('is_demo', models.BooleanField(default=False)),
                ('units', models.ManyToManyField(blank=True, related_name='activity_days', to='directory.unit', verbose_name='units attending')),
                ('places', models.ManyToManyField(related_name='days', to='plaza.place', verbose_name='places')),
            ],
            options={
                'verbose_name': 'activity day',
                'verbose_name_plural': 'activity days',
                'ordering': ['-date'],
            },
        ),
    ]
