"""Facts say which case is a matter and what it was given. `tick` makes all facts anew: the streets' cursors are taken away."""

from django.db import migrations, models


def begin_anew(apps, _):
    apps.get_model("incidents", "FactCursor").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('gridmap', '0004_log_kept'),
        ('incidents', '0018_statistics_areas'),
    ]

    operations = [
        migrations.AddField(
            model_name='casefact',
            name='extended',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='casefact',
            name='matter',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='casefact',
            name='supplemented',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name='casefact',
            index=models.Index(condition=models.Q(('matter', True)), fields=['reported_day', 'area_code'], name='fact_matter'),
        ),
        migrations.RunPython(begin_anew, migrations.RunPython.noop),
    ]
