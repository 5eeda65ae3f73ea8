"""The chain takes no UPDATE and no DELETE."""

from django.db import migrations

from yimi.apps.audit.append_only import operation


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [operation("audit_entry")]
