"""A task's history is kept for good."""

from django.db import migrations

from yimi.apps.audit.append_only import operation


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial")]
    operations = [operation("tasks_event")]
