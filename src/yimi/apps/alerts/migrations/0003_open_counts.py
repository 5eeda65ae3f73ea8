"""What open alerts tell in numbers lies in an index of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0002_cause_without_place")]
    operations = [
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                fields=["pathway", "rule", "also_roles", "to_role", "place", "count", "opened_at"],
                condition=models.Q(closed_at__isnull=True),
                name="alert_open_counts",
            ),
        )
    ]
