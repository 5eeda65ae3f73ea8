"""Attachments take no UPDATE and no DELETE."""

from django.db import migrations

from yimi.apps.audit.append_only import operation


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]
    operations = [operation("evidence_attachment")]
