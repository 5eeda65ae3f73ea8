"""One child without a database: the same answers as the register's queries, expression by expression and child by child."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.histories import children, put
from tests.spec.acceptance import MINI

from yimi.demo.district import build
from yimi.engines import backend
from yimi.engines.closeup import Closeup
from yimi.engines.columns import build_form_tables
from yimi.engines.due.schedule import Column
from yimi.engines.entitlement import evaluate_entitlements, evaluate_suspicions
from yimi.engines.facts import build_facts
from yimi.engines.owed import evaluate_owed
from yimi.engines.single.expressions import to_python
from yimi.engines.single.facts import child_facts, form_lists
from yimi.engines.single.program import pathway_program, program
from yimi.engines.standing import Standing
from yimi.engines.turn import prepare
from yimi.pack.load import Pack, load
from yimi.pack.reads import pathway_reads, subject_reads
from yimi.pack.tables import REGISTER

quietly = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
DAY = date(2026, 2, 28)


@pytest.fixture(scope="module")
def con() -> backend.Connection:
    return backend.connect(threads=1)


# --- expressions ----------------------------------------------------------------------------------------------

DATES = st.one_of(st.none(), st.dates(date(2019, 12, 28), date(2024, 3, 2)))
NUMBERS = st.one_of(st.none(), st.integers(-40, 40))
DECIMALS = st.one_of(st.none(), st.sampled_from([-2.5, -0.5, 0.0, 0.5, 1.5, 2.5, 10.25]))
FLAGS = st.sampled_from([True, False, None])
TEXTS = st.sampled_from([None, "", "a", "b", "a'b", "|MMR_1=refused|*=deferred", "|*=elsewhere"])
ROWS = st.lists(st.fixed_dictionaries({"on": DATES, "code": TEXTS, "n": NUMBERS}), max_size=4)

EXPRESSIONS = [
    "d + INTERVAL 1 MONTH", "(d + INTERVAL 18 MONTH)::DATE", "(d - INTERVAL 1 YEAR)::DATE", "(d + INTERVAL 3 WEEK)::DATE",
    "d + 28", "d - 1", "d - e", "(d + CAST((e - d) AS INTEGER))", "(d + CAST(m AS INTEGER))", "(d + INTERVAL 1 MONTH * m)::DATE", "(d + to_months(CAST(m AS INTEGER)))::DATE", "datesub('month', d, e)", "isodow(d)",
    "m + n", "m - n", "m * n", "m / n", "m // n", "-m", "x / 2", "x * m", "1 + 2 * 3 - 4", "10 - 3 - 2",
    "m = n", "m <> n", "m < n", "m <= n", "m > n", "m >= n", "d < e", "s = 'a'", "s <> 'a''b'", "m = x",
    "p AND q", "p OR q", "NOT p", "NOT p OR q AND p", "p AND NOT q = p", "p IS NULL", "p IS NOT NULL", "p IS FALSE",
    "p IS NOT FALSE", "NOT s IS NULL", "m + n > 3 AND p", "p OR m IS NULL AND q",
    "coalesce(d, e)", "greatest(d, e)", "least(d, e, DATE '2021-02-28')", "greatest(m, n, 3)", "nullif(s, '')",
    "abs(m)", "floor(x)", "round(x)", "round(x, 1)", "CAST(floor(m / 12) AS BIGINT)", "CAST(x AS BIGINT)",
    "s || '=' || s", "regexp_extract(s, '.*\\|(?:\\*|MMR_1)=([a-z_]+)', 1)",
    "CASE WHEN p THEN d WHEN q THEN e END", "CASE WHEN p THEN m ELSE n END", "CASE WHEN d < DATE '2021-01-01' THEN 1 ELSE 2 END",
    "len(l)", "l[1].code", 'l[-1]."on"', "(l[2]).n", "l[m]", "list_filter(l, lambda r: r.code = 'a')[1].n",
    "len(list_filter(l, lambda r: r.n > m AND r.\"on\" IS NOT NULL))", "list_sum(list_transform(l, lambda r: r.n))",
    "list_max(list_transform(l, lambda r: r.\"on\" + 28))", "list_contains([DATE '2020-01-01', d], e)", "[m, n]",
    "list_transform(l, lambda r: struct_pack(a := r.n, \"on\" := r.\"on\"))", "range(1, n)",
    "array_to_string(list_transform(l, lambda r: '|' || r.code), '')",
    "len(list_filter(l, lambda r: len(list_filter(l, lambda o: o.n < r.n)) > 1))",
    "list_transform(range(0, 5), lambda k: (d + INTERVAL 1 MONTH * k)::DATE)", "NULL::DATE", "[]::DATE[]", "TRUE AND NULL",
]  # fmt: skip
TYPES = {"d": "DATE", "e": "DATE", "m": "BIGINT", "n": "BIGINT", "x": "DOUBLE", "p": "BOOLEAN", "q": "BOOLEAN", "s": "VARCHAR",
         "l": "STRUCT(\"on\" DATE, code VARCHAR, n BIGINT)[]"}  # fmt: skip


ONE = st.fixed_dictionaries(
    {
        "d": DATES,
        "e": DATES,
        "m": NUMBERS,
        "n": NUMBERS,
        "x": DECIMALS,
        "p": FLAGS,
        "q": FLAGS,
        "s": TEXTS,
        "l": ROWS,
    }
)


@settings(quietly, max_examples=8)
@given(many=st.lists(ONE, min_size=20, max_size=40))
def test_every_operator_and_function(con: backend.Connection, many: list[dict[str, Any]]) -> None:
    asked = ", ".join(f"{sql} AS c{index}" for index, sql in enumerate(EXPRESSIONS))
    con.execute(
        f"CREATE OR REPLACE TABLE tried ({', '.join(f'{name} {kind}' for name, kind in TYPES.items())})"
    )
    con.executemany(f"INSERT INTO tried VALUES ({', '.join(f'${name}' for name in TYPES)})", many)
    wanted = con.execute(f"SELECT {asked} FROM tried ORDER BY rowid").fetchall()
    run = program(
        [Column(f"c{n}", sql) for n, sql in enumerate(EXPRESSIONS)],
        [f"c{n}" for n in range(len(EXPRESSIONS))],
    )
    for row, theirs in zip(many, wanted, strict=True):
        ours = run({**row, "subject_id": 0})
        assert ours is not None
        for index, sql in enumerate(EXPRESSIONS):
            assert alike(ours[f"c{index}"], theirs[index]), f"{sql} of {row}"


def alike(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, datetime):  # a date and an interval make a timestamp, always at midnight here
        theirs = theirs.date()
    if isinstance(ours, float) and isinstance(theirs, float) and math.isnan(theirs):
        return math.isnan(ours)
    return bool(ours == theirs)


@pytest.mark.parametrize(
    "sql", ["d LIKE 'a'", "sqrt(m)", "d::TIMESTAMP", "SELECT 1", "m ** 2", "d +", "(m", "m n"]
)
def test_what_it_does_not_know_is_refused(sql: str) -> None:
    with pytest.raises(ValueError, match=r"translate|expected"):
        to_python(sql, lambda name: name)


# --- random histories -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mini() -> Pack:
    return load(MINI)


@settings(quietly, max_examples=6)
@given(seed=st.integers(0, 2**32), as_of=st.dates(date(2023, 1, 1), date(2027, 12, 31)))
@pytest.mark.parametrize("name", ["mini", "china"])
def test_random_histories(con: backend.Connection, name: str, seed: int, as_of: date) -> None:
    pack = load(MINI) if name == "mini" else load("china")
    pathway = pack.pathways["imm" if name == "mini" else "immunization"]
    many = children(seed, 60, [each.code for each in pack.vocabularies["vaccine"].codes], pathway, as_of)
    put(con, many)
    build_form_tables(con, pack)
    closeup = Closeup(pack, pathway)
    facts = build_facts(con, pack, "child", as_of, pathway_reads(pack, pathway))
    wanted = {row["subject_id"]: row for row in backend.rows(con, closeup.query(facts))}
    run = pathway_program(closeup.compiler, closeup.beside)
    for n, child in enumerate(many):
        tables: dict[str, list[dict[str, Any]]] = {table: [] for table in REGISTER}
        tables["child"] = [dict.fromkeys(REGISTER["child"])]
        tables["child"][0].update(subject_id=n, birth_date=child.born, sex=child.sex, death_date=child.died)
        records = [
            {"seq": n * 1000 + each.seq, "form": each.form, "occurred_on": each.on,
             "answers": json.dumps(each.answers, default=date.isoformat)}
            for each in child.records
        ]  # fmt: skip
        one = child_facts(as_of, tables, form_lists(pack.forms, records, as_of))
        got = run(one) if one else None
        assert same(got, wanted.get(n)), f"{child} on {as_of}: {differing(got, wanted.get(n))}"


def same(got: dict[str, Any] | None, wanted: dict[str, Any] | None) -> bool:
    return not differing(got, wanted)


def differing(got: dict[str, Any] | None, wanted: dict[str, Any] | None) -> dict[str, Any]:
    if got is None or wanted is None:
        return {} if got is wanted else {"applies": (got is not None, wanted is not None)}
    return {name: (got[name], each) for name, each in wanted.items() if not alike(got[name], each)}


# --- a whole district -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def district() -> Iterator[tuple[Pack, backend.Connection, Any]]:
    pack = load("wulong")
    places, organizations = (
        [vars(row) for row in rows.values()] for rows in (pack.places, pack.organizations)
    )
    made = build(places, organizations, 400, 11, DAY)
    con = backend.connect(threads=1)
    prepare(con, pack, {**made.tables, "record": made.in_force()})
    yield pack, con, {**made.tables, "record": made.in_force()}
    con.close()


@pytest.mark.parametrize("as_of", [DAY, date(2025, 8, 31)])
def test_a_district(district: tuple[Pack, backend.Connection, Any], as_of: date) -> None:
    """Facts, states, verdicts, entitlements and suspicions of every child, from its own rows and from the register."""
    pack, con, tables = district
    facts = build_facts(con, pack, "child", as_of, subject_reads(pack, "child"))
    standing = Standing(pack)
    wide = {row["subject_id"]: row for row in backend.rows(con, f"SELECT * FROM {facts}")}
    states = {
        name: {row["subject_id"]: row for row in backend.rows(con, each.query(facts))}
        for name, each in standing.closeups.items()
    }
    answered = sorted_by(evaluate_entitlements(con, pack, facts), "entitlement")
    owing = sorted_by(evaluate_owed(con, pack, facts), "entitlement")
    suspected = sorted_by(evaluate_suspicions(con, pack, facts), "suspicion")
    assert len(wide) > 300 and any(suspected.values()) and any(owing.values())
    for subject, mine in one_by_one(tables):
        seen = standing.evaluate(mine, as_of)
        one = standing.facts(mine, as_of)
        assert (one is None) == (subject not in wide)
        if one is None:
            continue
        assert not told_apart(one, wide[subject])
        for name, run in standing.sees.items():
            assert same(run(one), states[name].get(subject)), name
        wanted = {row["entitlement"]: row for row in answered.get(subject, [])}
        assert {row["entitlement"] for row in seen.entitlements} == set(wanted)
        assert all(
            row[name] == wanted[row["entitlement"]][name]
            for row in seen.entitlements
            for name in row
            if name != "subject_id"
        )
        due = [
            {name: row[name] for name in ("entitlement", "period", "yuan")} for row in owing.get(subject, [])
        ]
        assert by_period(seen.owed) == by_period(due)
        assert sorted(seen.suspicions) == sorted(row["suspicion"] for row in suspected.get(subject, []))


@pytest.mark.parametrize("kind", ["facility", "person", "organization"])
def test_other_subjects_of_a_district(district: tuple[Pack, backend.Connection, Any], kind: str) -> None:
    """Facts and states of every facility, every person with a post and every organization, both ways."""
    pack, con, tables = district
    facts = build_facts(con, pack, kind, DAY, subject_reads(pack, kind))
    standing = Standing(pack, kind)
    wide = {row["subject_id"]: row for row in backend.rows(con, f"SELECT * FROM {facts}")}
    states = {
        name: {row["subject_id"]: row for row in backend.rows(con, each.query(facts))}
        for name, each in standing.closeups.items()
    }
    of: dict[str, dict[int, list[dict[str, Any]]]] = {"record": {}, "status": {}, "attendance": {}}
    sex = {row["subject_id"]: row["sex"] for row in tables["child"].to_pylist()}
    for name, key in (("record", "subject_id"), ("status", "subject_id"), ("attendance", "facility_id")):
        for row in tables[name].to_pylist():
            of[name].setdefault(row[key], []).append({**row, "sex": sex.get(row["subject_id"])})
    places, seen = tables["place"].to_pylist(), 0
    for row in tables[kind].to_pylist():
        subject = row["subject_id"]
        if kind == "person" and row["place_id"] is None:
            continue
        own = {"about": [row], "place": places, **{name: rows.get(subject, []) for name, rows in of.items()}}
        one = standing.facts(own, DAY)
        assert (one is None) == (subject not in wide)
        if one is None:
            continue
        assert not told_apart(one, wide[subject])
        for name, run in standing.sees.items():
            state = states[name].get(subject)
            assert same(run(one), state), name
            seen += state is not None
    assert seen > (150 if kind != "organization" else -1)


def by_period(rows: list[dict[str, Any]]) -> list[tuple[str, date, float | None]]:
    return sorted((row["entitlement"], row["period"], row["yuan"]) for row in rows)


def sorted_by(rows: list[dict[str, Any]], name: str) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: str(row[name])):
        found.setdefault(row["subject_id"], []).append(row)
    return found


def one_by_one(tables: Any) -> Iterator[tuple[int, dict[str, list[dict[str, Any]]]]]:
    """Every child with its rows of every table and those of its people and schools, as `for_child` gives them."""
    kept: dict[str, dict[int, list[dict[str, Any]]]] = {}
    for name in ("child", "residence", "relation", "attendance", "record", "person", "facility", "status"):
        of = kept[name] = {}
        for row in tables[name].to_pylist():
            of.setdefault(row["subject_id"], []).append(row)
    places = tables["place"].to_pylist()
    for subject in kept["child"]:
        own = {
            name: kept[name].get(subject, [])
            for name in ("child", "residence", "relation", "attendance", "record")
        }
        touched = {
            subject,
            *(each["person_id"] for each in own["relation"]),
            *(each["facility_id"] for each in own["attendance"]),
        }
        for name in ("person", "facility", "status"):
            own[name] = [row for each in sorted(touched) for row in kept[name].get(each, [])]
        yield subject, {**own, "place": places}


def told_apart(one: dict[str, Any], wide: dict[str, Any]) -> dict[str, Any]:
    """Facts that differ. Of lists the fields the register keeps; the arrival of an interval is only an order."""
    found = {}
    for name, each in wide.items():
        ours = one[name]
        if isinstance(each, list):
            kept = set(each[0]) - {"#seq"} if each else set()
            each = [{field: row[field] for field in kept} for row in each]
            ours = [{field: row[field] for field in kept} for row in ours]
        if ours != each:
            found[name] = (ours, each)
    return found
