"""The register of demands on communities, the answers to its forms, what was asked without it."""

import django.db.models.deletion
import incidents.demands
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gridmap', '0003_department_end'),
        ('incidents', '0012_statistics'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Demand',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('area_code', models.CharField(db_index=True, max_length=9)),
                ('kind', models.CharField(choices=[(incidents.demands.Kind['FORM'], '报表'), (incidents.demands.Kind['DUTY'], '事项'), (incidents.demands.Kind['PLATE'], '挂牌'), (incidents.demands.Kind['CHECK'], '检查考核')], max_length=5)),
                ('title', models.CharField(max_length=60)),
                ('what', models.TextField()),
                ('ground', models.TextField()),
                ('ground_number', models.CharField(max_length=100)),
                ('since', models.DateField()),
                ('until', models.DateField()),
                ('money', models.BigIntegerField()),
                ('staff', models.IntegerField()),
                ('rhythm', models.CharField(choices=[(incidents.demands.Rhythm['YEAR'], incidents.demands.Rhythm['YEAR']), (incidents.demands.Rhythm['QUARTER'], incidents.demands.Rhythm['QUARTER']), (incidents.demands.Rhythm['MONTH'], incidents.demands.Rhythm['MONTH'])], max_length=7)),
                ('fields', models.JSONField(default=list)),
                ('state', models.CharField(choices=[(incidents.demands.Standing['PROPOSED'], '待审批'), (incidents.demands.Standing['IN_FORCE'], '生效中'), (incidents.demands.Standing['REFUSED'], '未准入'), (incidents.demands.Standing['WITHDRAWN'], '已撤回'), (incidents.demands.Standing['ENDED'], '已终止'), (incidents.demands.Standing['EXPIRED'], '已到期')], max_length=9)),
                ('reason', models.TextField(blank=True)),
                ('proposed_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('warned_at', models.DateTimeField(null=True)),
                ('version', models.IntegerField(default=1)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gridmap.department')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-proposed_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='DemandAnswer',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('area_code', models.CharField(max_length=12)),
                ('period', models.CharField(max_length=7)),
                ('version', models.IntegerField()),
                ('values', models.JSONField()),
                ('given_at', models.DateTimeField()),
                ('demand', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='incidents.demand')),
            ],
            options={
                'ordering': ['-given_at'],
            },
        ),
        migrations.CreateModel(
            name='DemandExport',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('demand', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='incidents.demand')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Unadmitted',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('area_code', models.CharField(db_index=True, max_length=12)),
                ('asked_by', models.CharField(max_length=60)),
                ('kind', models.CharField(choices=[(incidents.demands.Kind['FORM'], '报表'), (incidents.demands.Kind['DUTY'], '事项'), (incidents.demands.Kind['PLATE'], '挂牌'), (incidents.demands.Kind['CHECK'], '检查考核')], max_length=5)),
                ('what', models.TextField()),
                ('recorded_at', models.DateTimeField()),
                ('department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gridmap.department')),
            ],
            options={
                'ordering': ['-recorded_at', 'id'],
            },
        ),
        migrations.AddIndex(
            model_name='demand',
            index=models.Index(condition=models.Q(('state__in', [incidents.demands.Standing['IN_FORCE'], incidents.demands.Standing['PROPOSED']])), fields=['until'], name='demand_living'),
        ),
        migrations.AddConstraint(
            model_name='demand',
            constraint=models.CheckConstraint(condition=models.Q(('until__gte', models.F('since'))), name='demand_dates'),
        ),
        migrations.AddConstraint(
            model_name='demand',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', [incidents.demands.Standing['PROPOSED'], incidents.demands.Standing['IN_FORCE'], incidents.demands.Standing['REFUSED'], incidents.demands.Standing['WITHDRAWN'], incidents.demands.Standing['ENDED'], incidents.demands.Standing['EXPIRED']])), name='demand_state_known'),
        ),
        migrations.AddConstraint(
            model_name='demand',
            constraint=models.CheckConstraint(condition=models.Q(('money__gte', 0), ('staff__gte', 0)), name='demand_means'),
        ),
        migrations.AddIndex(
            model_name='demandanswer',
            index=models.Index(fields=['area_code', 'period'], name='answer_of_area'),
        ),
        migrations.AddConstraint(
            model_name='demandanswer',
            constraint=models.UniqueConstraint(fields=('demand', 'area_code', 'period', 'version'), name='answer_version_once'),
        ),
    ]
