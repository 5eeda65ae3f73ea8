from django.db import migrations

from yimi.apps.audit.append_only import operation


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [operation("cases_event"), operation("cases_reporter")]
