"""Triggers that refuse UPDATE and DELETE on a table, for SQLite and PostgreSQL.

Used by migrations. The tests take them off before a table is emptied and put them on again.
"""

from __future__ import annotations

from typing import Any

REFUSED = "this table is append-only"


def install(connection: Any, table: str) -> None:
    """Refuse UPDATE, DELETE and (PostgreSQL) TRUNCATE on `table`."""
    with connection.cursor() as cursor:
        for statement in _postgres(table) if connection.vendor == "postgresql" else _sqlite(table):
            cursor.execute(statement)


def remove(connection: Any, table: str) -> None:
    with connection.cursor() as cursor:
        for verb in ("update", "delete", "truncate"):
            name = f"{table}_no_{verb}"
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            elif verb != "truncate":
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSED}: {table}'); END"
        for verb in ("update", "delete")
    ]


def _postgres(table: str) -> list[str]:
    function = (
        "CREATE OR REPLACE FUNCTION yimi_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{REFUSED}: %%', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    ).replace("%%", "%")
    triggers = [
        f"CREATE OR REPLACE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
        f"FOR EACH {'STATEMENT' if verb == 'truncate' else 'ROW'} EXECUTE FUNCTION yimi_append_only()"
        for verb in ("update", "delete", "truncate")
    ]
    # The application's role, where the installation made one, may not even try.
    grant = (
        "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'yimi_staff') THEN "
        f"REVOKE ALL ON {table} FROM yimi_staff; GRANT SELECT, INSERT ON {table} TO yimi_staff; END IF; END $$"
    )
    return [function, *triggers, grant]


def operation(table: str) -> Any:
    """A migration operation that protects `table`."""
    from django.db import migrations

    return migrations.RunPython(
        lambda apps, schema_editor: install(schema_editor.connection, table),
        lambda apps, schema_editor: remove(schema_editor.connection, table),
    )
