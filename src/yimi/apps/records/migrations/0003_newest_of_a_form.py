"""A subject's newest record of a form is found without reading the older ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0002_append_only_triggers")]
    operations = [
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["subject", "form", "occurred_on"], name="record_subject_form_day"),
        ),
        migrations.RemoveIndex(model_name="record", name="record_subject_form"),
    ]
