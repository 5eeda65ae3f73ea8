"""Records take no UPDATE and no DELETE."""

from django.db import migrations

from yimi.apps.audit.append_only import operation


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]
    operations = [operation("records_record"), operation("records_verification")]
