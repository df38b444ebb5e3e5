import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0015_bookings")]

    operations = [
        migrations.AddField(
            "incident", "earlier",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="later", to="incidents.incident"
            ),
        ),
    ]
