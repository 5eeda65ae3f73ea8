"""Corrections of the register are kept for good."""

from django.db import migrations

from yimi.apps.audit.append_only import operation


class Migration(migrations.Migration):
    dependencies = [("register", "0001_initial")]
    operations = [operation("register_correction")]
