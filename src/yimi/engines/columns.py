"""Records to typed columns: one table a form, `form_<id>`, one column a declared field.

In: table `record` (`yimi.pack.tables.RECORD`, only those in force). Out: for every form of the pack a table
with seq, subject_id, on, and the fields in their types. An answer that does not fit its type becomes NULL;
it was refused at entry, so this only meets records of older versions.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from yimi.engines.backend import Connection
from yimi.pack.load import Pack
from yimi.pack.schema import Form
from yimi.pack.tables import FIELD_TYPES
from yimi.rules.sql import quote, text


def build_form_tables(
    con: Connection,
    pack: Pack,
    records: str = "record",
    only: Mapping[str, Set[str]] | None = None,
    *,
    unread: bool = True,
) -> None:
    """Create `form_<id>` for every form of the pack; `only` leaves out columns that nothing reads.

    Without `unread`, forms that are not in `only` have no table either.
    """
    for form in pack.forms.values():
        if only is not None and form.id not in only and not unread:
            continue
        wanted = None if only is None else only.get(form.id, set())
        con.execute(
            f"CREATE OR REPLACE TABLE {quote('form_' + form.id)} AS {form_query(form, records, wanted)}"
        )


def form_query(form: Form, records: str, wanted: Set[str] | None = None) -> str:
    """SELECT of one form's typed rows."""
    fields = [each for each in form.fields if wanted is None or each.id.lower() in wanted]
    columns = ", ".join(_column(each.id, FIELD_TYPES[each.type]) for each in fields)
    comma = ", " if columns else ""
    return f'SELECT seq, subject_id, occurred_on AS "on"{comma}{columns} FROM {records} WHERE form = {text(form.id)}'


def _column(field: str, kind: str) -> str:
    path = text(f"$.{field}")
    if kind == "VARCHAR[]":
        return f"CAST(json_extract(answers, {path}) AS VARCHAR[]) AS {quote(field.lower())}"
    value = f"json_extract_string(answers, {path})"
    return f"{value if kind == 'VARCHAR' else f'TRY_CAST({value} AS {kind})'} AS {quote(field.lower())}"
