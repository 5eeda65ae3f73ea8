"""A ledger is walked through in the order of its days without reading the entries of children out of reach."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0005_links")]
    operations = [
        migrations.AddIndex(
            model_name="status",
            index=models.Index(
                fields=["scheme", "valid_from", "subject", "valid_to"], name="status_since_whom"
            ),
        ),
        migrations.RemoveIndex(model_name="status", name="status_since"),
    ]
