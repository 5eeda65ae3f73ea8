"""The one wide row of a subject, gathered from its own rows: `yimi.engines.facts` for one subject.

In: the engines' tables and the records of one subject, a list of dicts each. Out: what rules may name
(`pack.scopes`): facts, and every list as dicts ordered by date and arrival. Only what holds on the day.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from yimi.engines.single.meaning import date_sub
from yimi.pack.schema import Form
from yimi.pack.tables import FIELD_TYPES

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]


def child_facts(as_of: date, tables: Rows, lists: Mapping[str, list[Row]]) -> Row | None:
    """The facts of the one child in `tables` on a day, with `lists` among them; None for one not yet born."""
    if not tables["child"]:
        return None
    child = tables["child"][0]
    birth, death = child["birth_date"], child["death_date"]
    if birth is not None and birth > as_of:
        return None
    parents = {each["place_id"]: each["parent_id"] for each in tables["place"]}
    homes = [each for each in tables["residence"] if _open(each, as_of)]
    home = max(homes, key=lambda each: each["valid_from"])["place_id"] if homes else None
    months = date_sub("month", birth, as_of)
    row = {
        "subject_id": child["subject_id"], "birth_date": birth, "sex": child["sex"], "ethnicity": child["ethnicity"],
        "birth_weight_g": child["birth_weight_g"], "gestation_weeks": child["gestation_weeks"],
        "death_date": death if death is not None and death <= as_of else None, "place": home,
        "township": parents.get(home), "birth_place": child["birth_place_id"],
        "birth_township": parents.get(child["birth_place_id"]), "hukou_place": child["hukou_place_id"],
        "age_days": None if birth is None else (as_of - birth).days, "age_months": months,
        "age_years": None if months is None else months // 12, "as_of": as_of,
    }  # fmt: skip
    return {**row, **lists, **_built_in(child["subject_id"], as_of, tables)}


def case_facts(as_of: date, tables: Rows, lists: Mapping[str, list[Row]]) -> Row | None:
    """The facts of the one case in `tables` on a day, with `lists` among them; None for one not yet opened."""
    if not tables["case_file"] or tables["case_file"][0]["opened_on"] > as_of:
        return None
    case = tables["case_file"][0]
    tree = {each["place_id"]: each for each in tables["place"]}
    place = tree.get(case["place_id"], {"kind": None})
    township = {"village": place.get("parent_id"), "township": place.get("place_id")}.get(place["kind"])
    statuses = [{**each, "#seq": index} for index, each in enumerate(tables["status"])]
    parties = [{**each, "#seq": index} for index, each in enumerate(tables["case_party"])]
    born = {each["subject_id"]: each for each in tables["child"]}
    nobody: Row = {"sex": None, "birth_date": None}
    involved = []
    for index, each in enumerate(tables["case_child"]):
        child = born.get(each["child_id"], nobody)
        months = date_sub("month", child["birth_date"], as_of)
        involved.append({
            "on": each["valid_from"], "#seq": index, "since": each["valid_from"], "role": each["role"], "sex": child["sex"],
            "birth_date": child["birth_date"], "age_years": None if months is None else months // 12,
        })  # fmt: skip
    built_in = {
        "status": [_lasting(each, as_of) for each in statuses if _open(each, as_of)],
        "ended_status": [_lasted(each) for each in statuses if _ended(each, as_of)],
        "party": [
            {**_since(each, "party"), "organization": each["org_id"]}
            for each in parties
            if _open(each, as_of)
        ],
        "involved": involved,
    }
    return {
        "subject_id": case["subject_id"], "kind": case["kind"], "opened_on": case["opened_on"],
        "closed_on": _reached(case["closed_on"], as_of), "place": case["place_id"], "township": township, "as_of": as_of,
        **lists, **{name: _in_order(rows, as_of) for name, rows in built_in.items()},
    }  # fmt: skip


def other_facts(kind: str, as_of: date, tables: Rows, lists: Mapping[str, list[Row]]) -> Row | None:
    """The facts of the facility, person, organization or place that is the row of `about`; None for one not open."""
    if not tables["about"]:
        return None
    row = tables["about"][0]
    if kind == "facility" and not _standing_open(row, as_of):
        return None
    tree = {each["place_id"]: each for each in tables["place"]}
    at = row["place_id"] or _home(tables.get("residence", ()), as_of)
    place = tree.get(at, {"kind": None})
    township = place.get("parent_id") if place["kind"] == "village" else place.get("place_id")
    if kind in ("organization", "place") and place["kind"] not in ("village", "township"):
        township = None
    statuses = [{**each, "#seq": index} for index, each in enumerate(tables["status"])]
    built_in = {
        "status": [_status(each) for each in statuses if _open(each, as_of)],
        "ended_status": [_over(each) for each in statuses if _ended(each, as_of)],
    }
    if kind == "facility":
        attending = [{**each, "#seq": index} for index, each in enumerate(tables.get("attendance", []))]
        built_in["attendance"] = [
            _since(each, "stage", "grade", "sex") for each in attending if _open(each, as_of)
        ]
    if kind == "place":
        built_in["facility"] = [
            _standing_at(each, index)
            for index, each in enumerate(tables.get("facility", []))
            if _standing_open(each, as_of)
        ]
    return {
        "subject_id": row["subject_id"], "place": at, "township": township, "as_of": as_of,
        **_own_names(kind, row, as_of), **lists, **{name: _in_order(rows, as_of) for name, rows in built_in.items()},
    }  # fmt: skip


def _home(stays: Iterable[Row], day: date) -> str | None:
    """Where a person lives on a day who is posted nowhere."""
    homes = sorted((each for each in stays if _open(each, day)), key=lambda each: each["valid_from"])
    return homes[-1]["place_id"] if homes else None


def _standing_open(facility: Row, day: date) -> bool:
    opened, closed = facility["opened_on"], facility["closed_on"]
    return (opened is None or opened <= day) and (closed is None or closed > day)


def _standing_at(facility: Row, index: int) -> Row:
    kept = {name: facility[name] for name in ("kind", "ownership")}
    opened = facility["opened_on"]
    return {"on": opened or date(1900, 1, 1), "#seq": index, "since": opened, **kept}


def _own_names(kind: str, row: Row, day: date) -> Row:
    """What a rule may name of this kind alone."""
    if kind == "facility":
        return {name: row[name] for name in ("kind", "ownership", "opened_on", "closed_on")}
    if kind == "organization":
        return {"id": row["org_id"], "kind": row["kind"]}
    if kind == "place":
        return {"code": row["place_id"], "kind": row["kind"]}
    months = date_sub("month", row["birth_date"], day)
    return {
        "birth_date": row["birth_date"], "sex": row["sex"], "death_date": _reached(row["death_date"], day),
        "age_years": None if months is None else months // 12,
    }  # fmt: skip


def form_lists(forms: Mapping[str, Form], records: Iterable[Row], as_of: date) -> dict[str, list[Row]]:
    """Records up to a day by form, in their order, with their answers typed as `engines.columns` types them."""
    found: dict[str, list[Row]] = {name: [] for name in forms}
    for record in records:
        form = forms.get(record["form"])
        if form is not None:
            answers = json.loads(record["answers"] or "{}")
            row = {"on": record["occurred_on"], "#seq": record["seq"], **_typed(form, answers)}
            found[form.id].append(row)
    return {name: _in_order(rows, as_of) for name, rows in found.items()}


def _in_order(rows: list[Row], as_of: date) -> list[Row]:
    reached = [each for each in rows if each["on"] is not None and each["on"] <= as_of]
    return sorted(reached, key=lambda each: (each["on"], each["#seq"]))


def _open(row: Row, day: date) -> bool:
    ends = row["valid_to"]
    return bool(row["valid_from"] <= day and (ends is None or ends > day))


def _ended(row: Row, day: date) -> date | None:
    ends = row["valid_to"]
    return ends if ends is not None and ends <= day else None


def _built_in(subject: int, day: date, tables: Rows) -> dict[str, list[Row]]:
    return {name: _in_order(rows, day) for name, rows in _intervals(subject, day, tables).items()}


def _intervals(subject: int, day: date, tables: Rows) -> dict[str, list[Row]]:
    statuses = [{**each, "#seq": index} for index, each in enumerate(tables["status"])]
    facilities = {each["subject_id"]: each for each in tables["facility"]}
    attendances = [{**each, "#seq": index} for index, each in enumerate(tables["attendance"])]
    relations = [{**each, "#seq": index} for index, each in enumerate(tables["relation"])]
    mine = [each for each in statuses if each["subject_id"] == subject]
    inclusive = {
        each["subject_id"] for each in statuses if each["scheme"] == "inclusive" and _open(each, day)
    }
    standing = [each for each in relations if _open(each, day)]
    died = {each["subject_id"]: each["death_date"] for each in tables["person"]}

    def place_of_learning(each: Row, name: str) -> Any:
        return facilities.get(each["facility_id"], {}).get(name)

    return {
        "status": [_lasting(each, day) for each in mine if _open(each, day)],
        "ended_status": [_lasted(each) for each in mine if _ended(each, day)],
        "attendance": [
            {
                **_since(each, "stage", "grade"), "facility": each["facility_id"],
                "facility_kind": place_of_learning(each, "kind"), "ownership": place_of_learning(each, "ownership"),
                "inclusive": each["facility_id"] in inclusive,
            }
            for each in attendances if _open(each, day)
        ],
        "attended": [
            {
                **_since(each, "stage", "grade"), "facility_kind": place_of_learning(each, "kind"),
                "until": _ended(each, day), "end_reason": each["end_reason"] if _ended(each, day) else None,
            }
            for each in attendances if each["valid_from"] <= day
        ],
        "guardian": [
            {**_since(each, "kind", "guardian"), "dead_on": _reached(died.get(each["person_id"]), day)}
            for each in standing
        ],
        "parent_state": [
            {**_status(each), "kind": relation["kind"]}
            for relation in standing for each in statuses
            if each["subject_id"] == relation["person_id"] and _open(each, day)
        ],
        "ended_parent_state": [
            {**_over(each), "kind": relation["kind"]}
            for relation in standing for each in statuses
            if each["subject_id"] == relation["person_id"] and _ended(each, day)
        ],
    }  # fmt: skip


def _reached(on: date | None, day: date) -> date | None:
    return on if on is not None and on <= day else None


def _since(row: Row, *names: str) -> Row:
    kept = {name: row[name] for name in names}
    return {"on": row["valid_from"], "#seq": row["#seq"], "since": row["valid_from"], **kept}


def _status(row: Row) -> Row:
    return _since(row, "scheme", "code", "review_due")


def _lasting(row: Row, day: date) -> Row:
    return {**_status(row), "days": (day - row["valid_from"]).days}


def _lasted(row: Row) -> Row:
    return {**_over(row), "days": (row["valid_to"] - row["valid_from"]).days}


def _over(row: Row) -> Row:
    return {**_status(row), "on": row["valid_to"], "until": row["valid_to"]}


# --- answers --------------------------------------------------------------------------------------------------


def _typed(form: Form, answers: Mapping[str, Any]) -> Row:
    return {each.id.lower(): _TYPED[FIELD_TYPES[each.type]](answers.get(each.id)) for each in form.fields}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _texts(value: Any) -> list[str | None] | None:
    return None if value is None else [_text(each) for each in value]


def _tried(change: Callable[[str], Any]) -> Callable[[Any], Any]:
    """TRY_CAST: what does not fit is NULL."""

    def typed(value: Any) -> Any:
        written = _text(value)
        if written is None:
            return None
        try:
            return change(written.strip())
        except ValueError:
            return None

    return typed


_BOOLEANS = {"true": True, "t": True, "1": True, "yes": True, "y": True, "false": False, "f": False, "0": False,
             "no": False, "n": False}  # fmt: skip


def _flag(value: Any) -> bool | None:
    return _BOOLEANS.get((_text(value) or "").strip().lower())


_TYPED: dict[str, Callable[[Any], Any]] = {
    "VARCHAR": _text, "VARCHAR[]": _texts, "INTEGER": _tried(lambda written: round(float(written))),
    "DOUBLE": _tried(float), "BOOLEAN": _flag, "DATE": _tried(date.fromisoformat),
}  # fmt: skip
