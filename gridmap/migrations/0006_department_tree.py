import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("gridmap", "0005_hooks")]

    operations = [
        migrations.AddField(
            "department", "parent",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="children",
                to="gridmap.department",
            ),
        ),
        migrations.AddField(
            "department", "successor",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="gridmap.department",
            ),
        ),
        migrations.AddField("department", "handed_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField(
            "department", "version", models.IntegerField(db_default=1, default=1, editable=False)
        ),
        migrations.AddConstraint(
            "department",
            models.CheckConstraint(
                name="department_parent_other", condition=Q(parent__isnull=True) | ~Q(parent=F("id"))
            ),
        ),
        migrations.AddConstraint(
            "department",
            models.CheckConstraint(
                name="department_successor_of_an_end",
                condition=Q(successor__isnull=True) | (Q(valid_to__isnull=False) & ~Q(successor=F("id"))),
            ),
        ),
    ]
