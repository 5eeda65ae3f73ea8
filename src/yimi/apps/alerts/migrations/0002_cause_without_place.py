"""Open alerts about one subject: the place leaves their cause, so that a move opens no second alert."""

from django.db import migrations


def shorten(apps, schema_editor):
    alerts = apps.get_model("alerts", "Alert").objects.filter(closed_at__isnull=True)
    for each in alerts.filter(cause__startswith="due:"):
        parts = each.cause.split(":")
        if len(parts) == 5:  # due, pathway, rule, place, subject
            each.cause = ":".join([*parts[:3], parts[4]])
            each.save(update_fields=["cause"])


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_initial")]
    operations = [migrations.RunPython(shorten, migrations.RunPython.noop)]
