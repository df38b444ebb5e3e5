"""Who asked for each step of an import, how often it broke off; what a form could not give; indexes that writing waits for."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KINDS = ("place", "household", "publicobject", "organisation")


def words_later(kind: str) -> migrations.SeparateDatabaseAndState:
    """The index stays as it is, however large; only how it takes new words changes."""
    name = f"{kind}_search"
    later = django.contrib.postgres.indexes.GinIndex(
        fastupdate=True, fields=["search"], gin_pending_list_limit=1024, name=name
    )
    return migrations.SeparateDatabaseAndState(
        [
            migrations.RunSQL(
                f"alter index {name} set (fastupdate = on, gin_pending_list_limit = 1024)",
                f"alter index {name} set (fastupdate = off); alter index {name} reset (gin_pending_list_limit)",
            )
        ],
        [migrations.RemoveIndex(kind, name), migrations.AddIndex(kind, later)],
    )


class Migration(migrations.Migration):
    dependencies = [("gridmap", "0012_forms")]

    operations = [
        migrations.AddField("importrun", "attempts", models.SmallIntegerField(default=0)),
        migrations.AddField(
            "importrun",
            "asked_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL("update gridmap_importrun set asked_by_id = created_by_id", migrations.RunSQL.noop),
        migrations.RunSQL("set constraints all immediate", migrations.RunSQL.noop),
        migrations.AlterField(
            "importrun",
            "asked_by",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField("formresult", "more", models.BooleanField(default=False)),
        migrations.AddField("formresult", "fault", models.CharField(blank=True, max_length=24)),
        *(migrations.RemoveIndex(kind, f"{kind}_import") for kind in KINDS),
        *(words_later(kind) for kind in KINDS),
    ]
