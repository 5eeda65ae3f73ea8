"""Indexes that hold what a list of names asks for."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("places", "0001_initial"),
        ("register", "0002_append_only_triggers"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="residence",
            name="residence_place",
        ),
        # To take away a column's own index, Django drops on PostgreSQL every index of that column which is not among
        # the model's indexes, a constraint with a condition too: so it is put away first and comes back after.
        migrations.RemoveConstraint(model_name="residence", name="residence_one_open"),
        migrations.AlterField(
            model_name="residence",
            name="subject",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="residences",
                to="register.subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="residence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to__isnull", True)), fields=("subject",), name="residence_one_open"
            ),
        ),
        migrations.AddIndex(
            model_name="child",
            index=models.Index(
                condition=models.Q(("death_date__isnull", True)),
                fields=["-birth_date", "subject"],
                name="child_living_youngest",
            ),
        ),
        migrations.AddIndex(
            model_name="residence",
            index=models.Index(
                fields=["place", "valid_to", "valid_from", "subject"], name="residence_of_place"
            ),
        ),
        migrations.AddIndex(
            model_name="residence",
            index=models.Index(
                fields=["subject", "valid_to", "valid_from", "place"], name="residence_of_subject"
            ),
        ),
        migrations.AddIndex(
            model_name="status",
            index=models.Index(fields=["scheme", "valid_from"], name="status_since"),
        ),
        migrations.AddIndex(
            model_name="status",
            index=models.Index(
                fields=["scheme", "code", "valid_to", "valid_from", "subject", "review_due"],
                name="status_in_force",
            ),
        ),
    ]
