from django.db import migrations

from yimi.apps.audit.append_only import operation


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_initial")]

    operations = [operation("surveys_answer")]
