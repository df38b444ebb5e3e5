"""Lots are drawn by the end of an id, because ids that begin with their time all fell into one; months are kept beside days."""

from django.db import migrations, models

from incidents.workflow import State

COUNTS = (
    "reported", "to_close", "closed_of_them", "refused_of_them", "filed", "declined", "refused", "closed", "unsolved", "failed_repair",
    "came_again", "dissatisfied", "due", "on_time",
)  # fmt: skip
LOTS = "update incidents_casefact set lot = ('x' || right(incident_id::text, 2))::bit(8)::int % 64"
MONTHS = f"""
    insert into incidents_daycount (dimension, area_code, month, day, key, {", ".join(COUNTS)})
    select dimension, area_code, true, date_trunc('month', day::timestamp)::date, key, {", ".join(f"sum({name})" for name in COUNTS)}
    from incidents_daycount group by 1, 2, 4, 5"""


class Migration(migrations.Migration):

    dependencies = [
        ("incidents", "0020_online"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='casefact',
            name='fact_lot',
        ),
        migrations.AddIndex(
            model_name='casefact',
            index=models.Index(condition=models.Q(('closing_s__isnull', False), ('state', State.CLOSED)), fields=['lot', 'area_code', 'closed_day'], include=('closing_s', 'handling_s', 'klass', 'department', 'source'), name='fact_lot', opclasses=['int2_ops', 'varchar_pattern_ops', 'date_ops']),
        ),
        migrations.RemoveIndex(
            model_name='casefact',
            name='fact_open',
        ),
        migrations.AddIndex(
            model_name='casefact',
            index=models.Index(condition=models.Q(('state__in', [State.CLOSED, State.DECLINED, State.MERGED, State.REFUSED, State.RETRACTED]), _negated=True), fields=['area_code'], include=('klass', 'department', 'source', 'state', 'due_at'), name='fact_open', opclasses=['varchar_pattern_ops']),
        ),
        migrations.RunSQL(LOTS, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="daycount", name="day_count"),
        migrations.AddField(model_name="daycount", name="month", field=models.BooleanField(default=False)),
        migrations.AddConstraint(
            model_name="daycount",
            constraint=models.UniqueConstraint(fields=("dimension", "area_code", "month", "day", "key"), name="day_count"),
        ),
        migrations.RunSQL(MONTHS, "delete from incidents_daycount where month"),
    ]
