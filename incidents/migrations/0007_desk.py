"""Search in any language, saved filters, standard texts, presence."""

import uuid

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import gridmap.grams
import incidents.models

# The cut of gridmap/grams.py in SQL. Plain functions of the core: no extension, so any owner of a database may make them,
# and nothing of it depends on the locale, under which parsers of text search may know no Chinese letter. At most 20,000
# characters of one text, and of a case 40,000 pairs: a tsvector ends at one megabyte, and a note must never fail for it.
GRAMS = rf"""
create function incidents_grams(said text) returns tsvector language sql immutable parallel safe as $$
    select coalesce(string_agg('''' || c || coalesce(nullif(following, ' '), '') || ''':' || least(at, 16383), ' '), '')::tsvector
    from (select c, at, lead(c) over (order by at) as following
        from string_to_table(regexp_replace(translate(left(normalize(said, NFKC), 20000),
            'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'), '[{gridmap.grams.SEPARATORS}]', ' ', 'g'), null)
            with ordinality as one (c, at)) as pairs
    where c <> ' '
$$;
create function incidents_searchable() returns trigger language plpgsql as $$
begin
    new.search := ('''#' || new.number || ''' ''@' || new.klass_id || '''')::tsvector
        || incidents_grams(new.address || ' ' || new.description);
    if tg_op = 'UPDATE' then
        new.search := new.search || incidents_grams(coalesce(
            (select string_agg(text, ' ' order by version) from incidents_remark where incident_id = new.id), ''));
    end if;
    return new;
end $$;
create function incidents_remark_searchable() returns trigger language plpgsql as $$
begin
    update incidents_incident set search = search || incidents_grams(new.text)
    where id = new.incident_id and length(search) < 40000;
    return null;
end $$;
"""
TRIGGERS = """
create trigger incident_searchable before insert or update of number, klass_id, address, description on incidents_incident
    for each row execute function incidents_searchable();
create trigger remark_searchable after insert on incidents_remark
    for each row execute function incidents_remark_searchable();
alter table incidents_incident alter column search set statistics 500;
update incidents_incident set address = address;
"""
UNDO = """
drop trigger remark_searchable on incidents_remark;
drop trigger incident_searchable on incidents_incident;
drop function incidents_remark_searchable, incidents_searchable, incidents_grams;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('gridmap', '0002_review'),
        ('incidents', '0006_routing'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SavedFilter',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=20)),
                ('filter', models.JSONField(default=dict)),
                ('position', models.SmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['position', 'name'],
            },
        ),
        migrations.CreateModel(
            name='StandardText',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('area_code', models.CharField(help_text='该区划及以下使用;街道可以有自己的用语', max_length=15, verbose_name='区划代码')),
                ('state', models.CharField(blank=True, help_text='空:所有状态', max_length=20, verbose_name='案件状态')),
                ('action', models.CharField(blank=True, help_text='空:所有操作', max_length=30, verbose_name='操作')),
                ('title', models.CharField(max_length=30, verbose_name='标题')),
                ('body', models.TextField(help_text='占位符:{编号} {类别} {地点} {部门} {时限}', max_length=500, validators=[incidents.models.only_known_places], verbose_name='内容')),
                ('position', models.SmallIntegerField(default=0, verbose_name='顺序')),
            ],
            options={
                'verbose_name': '标准用语',
                'verbose_name_plural': '标准用语',
                'ordering': ['position', 'title'],
            },
        ),
        migrations.AddField(
            model_name='incident',
            name='search',
            field=django.contrib.postgres.search.SearchVectorField(editable=False, null=True),
        ),
        migrations.RunSQL(GRAMS + TRIGGERS, UNDO),
        migrations.AddIndex(
            model_name='incident',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='incident_search'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['-reported_at', 'id'], name='incident_latest'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['due_at', 'id'], name='incident_by_due'),
        ),
        migrations.AddField(
            model_name='presence',
            name='incident',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='incidents.incident'),
        ),
        migrations.AddField(
            model_name='presence',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='savedfilter',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='standardtext',
            name='klass',
            field=models.ForeignKey(blank=True, help_text='空:所有类别', null=True, on_delete=django.db.models.deletion.CASCADE, to='incidents.incidentclass', verbose_name='案件类别'),
        ),
        migrations.AddConstraint(
            model_name='presence',
            constraint=models.UniqueConstraint(fields=('incident', 'user'), name='presence_once'),
        ),
        migrations.AddConstraint(
            model_name='savedfilter',
            constraint=models.UniqueConstraint(fields=('user', 'name'), name='filter_name_once'),
        ),
        migrations.RunSQL("alter table incidents_presence set unlogged", "alter table incidents_presence set logged"),
    ]
