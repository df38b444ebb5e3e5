import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ACTIONS = [
    ("list", "列表"), ("search", "查找"), ("reveal", "查看"), ("export", "导出"), ("delete", "删除"), ("purge", "清理"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("gridmap", "0012_forms")]
    operations = [
        migrations.AlterField("accesslook", "action", models.CharField(choices=ACTIONS, max_length=8)),
        migrations.AlterField("accesslook", "service", models.CharField(blank=True, max_length=16)),
        migrations.AlterField(
            "accesslook",
            "user",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex("accesslook", django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="look_at")),
    ]
