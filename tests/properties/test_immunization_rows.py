"""Every dose row of the reference schedule (2026 edition) against what `yimi pack try` says of a child.

The dates expected here are worked out from the reference's own numbers with month arithmetic of this file, not
with the engine's: a row's age, its distance from the dose before it, its completion age, its limits.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from yimi.engines import backend
from yimi.engines.attempt import attempt_child, attempted
from yimi.pack.load import Pack, load

ROOT = Path(__file__).resolve().parents[2]
SCHEDULE = ROOT / "../shared/reference/data/immunisation_schedule.yaml"
NIP_2026 = date(2026, 6, 17)

# Ends of months of every length, a leap day, ordinary days.
BIRTHS = [
    date(2025, 1, 1), date(2025, 1, 31), date(2025, 8, 31), date(2025, 11, 30), date(2026, 2, 28), date(2026, 5, 29),
    date(2026, 10, 31), date(2028, 2, 29),
]  # fmt: skip
INACTIVATED = {"JE-I", "HepA-I"}
LIVE = {"JE-L", "HepA-L"}
# DTaP ends where DT begins (7 years; catch-up of 2026: DT at 7 to 11); the others below 18 or as the rows say.
LIMIT_MONTHS = {"DTaP": 84}

pytestmark = pytest.mark.reference


@cache
def schedule() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(SCHEDULE.read_text(encoding="utf-8"))
    return found


@pytest.fixture(autouse=True)
def _reference() -> None:
    if not SCHEDULE.is_file():
        pytest.skip("needs ../shared beside the project: the reference schedule is not part of it")


@cache
def china() -> Pack:
    return load(ROOT / "packs" / "china")


def plus_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = schedule()["doses"]
    return found


def apart(row: Mapping[str, Any], before: date) -> date:
    if "min_interval_months" in row:
        return plus_months(before, row["min_interval_months"])
    return before + timedelta(days=row.get("min_interval_days", 0))


def first_days(birth: date) -> dict[str, date]:
    """Row → the first day it may be given, each dose before it having been given on its own first day."""
    found: dict[str, date] = {}
    for row in rows():
        day = plus_months(birth, row["min_age_months"])
        found[row["id"]] = max(day, apart(row, found[row["after"]])) if row.get("after") else day
    return found


def last_day_on_time(row: Mapping[str, Any], birth: date, due: date) -> date:
    """The completion age; where the programme names none, a month after the due day (the reference's due_logic)."""
    complete = row["complete_before"]
    if complete is None:
        return plus_months(due, 1)
    return birth + timedelta(days=1) if "hours" in complete else plus_months(birth, complete["months"])


def limit(row: Mapping[str, Any], birth: date) -> date:
    """The first day the dose is no longer given."""
    catch_up = schedule()["catch_up"]
    (meningococcal,) = (each["max_age_months_MPSV_A"] for each in catch_up if "max_age_months_MPSV_A" in each)
    stated = {each["vaccine"]: each["max_age_months"] for each in catch_up if "max_age_months" in each}
    months = {**LIMIT_MONTHS, **stated, "MPSV-A": meningococcal}
    return plus_months(birth, months.get(row["vaccine"], 18 * 12))


def keys() -> dict[str, tuple[str, int]]:
    """Row → (vaccine, which dose of this vaccine)."""
    given: dict[str, int] = {}
    found = {}
    for row in sorted(rows(), key=lambda each: (each["vaccine"], each["series_dose"])):
        given[row["vaccine"]] = given.get(row["vaccine"], 0) + 1
        found[row["id"]] = (row["vaccine"], given[row["vaccine"]])
    return found


def said(birth: date, as_of: date, given: Mapping[str, date]) -> tuple[dict[tuple[str, int], Any], list[Any]]:
    """What the pack says of a girl with these rows given: (vaccine, dose) → due item; verdicts."""
    vaccine = {row["id"]: row["vaccine"] for row in rows()}
    records = ", ".join(f"{vaccine[name]}@{day}" for name, day in given.items())
    pathway, child = attempt_child(china(), "immunization", str(birth), "f", records, str(as_of))
    answer = attempted(backend.connect(threads=1), china(), pathway, child)
    return {(each["step"], each["ordinal"]): each for each in answer["due"]}, answer["judged"]


def expected(row: Mapping[str, Any], birth: date, day: date) -> dict[str, str]:
    due = day
    if "also" in row:  # the reminder waits for it as well
        due = max(
            day, plus_months(first_days(birth)[row["also"]["after"]], row["also"]["min_interval_months"])
        )
    on_time = last_day_on_time(row, birth, due)
    dates = {"earliest": day, "due": due, "overdue_after": on_time, "expires": limit(row, birth)}
    return {name: each.isoformat() for name, each in dates.items()}


def test_the_reference_has_thirty_rows_and_each_has_one_step() -> None:
    assert len(rows()) == 30
    steps = {(step.code, step.ordinal) for step in china().pathways["immunization"].steps}
    of_rows = set(keys().values())
    assert len(of_rows) == 30
    # Beyond the routine table: catch-up with DT, the fourth hepatitis B of a small child of a carrier.
    assert steps - of_rows == {("DT", 1), ("DT", 2), ("DT", 3), ("HepB", 4)}
    assert of_rows <= steps


@pytest.mark.parametrize("birth", BIRTHS, ids=str)
def test_every_row_is_forecast_from_birth(birth: date) -> None:
    due, _ = said(birth, max(birth, NIP_2026), {})
    days = first_days(birth)
    for row in rows():
        item = due[keys()[row["id"]]]
        wanted = expected(row, birth, days[row["id"]])
        assert {name: item[name] for name in wanted} == wanted, row["id"]


@pytest.mark.parametrize("months", [17, 50, 157])
@pytest.mark.parametrize("left_out", [INACTIVATED, LIVE], ids=["live", "inactivated"])
@pytest.mark.parametrize("birth", [date(2026, 10, 31), date(2028, 2, 29)], ids=str)
def test_doses_on_their_first_days_count_and_the_next_follow(
    birth: date, left_out: set[str], months: int
) -> None:
    as_of = plus_months(birth, months)
    days = {row["id"]: first_days(birth)[row["id"]] for row in rows() if row["vaccine"] not in left_out}
    given = {name: day for name, day in days.items() if day <= as_of}
    due, judged = said(birth, as_of, given)
    assert [each["verdict"] for each in judged] == ["valid"] * len(given)
    begun = any(name.startswith(("JE", "HepA")) for name in given)
    for row in rows():
        key = keys()[row["id"]]
        if row["id"] not in days:
            continue
        wanted = expected(row, birth, days[row["id"]])
        assert {name: due[key][name] for name in wanted} == wanted, row["id"]
        assert due[key]["done"] == (days[row["id"]].isoformat() if row["id"] in given else None)
        assert due[key]["status"] == ("done" if row["id"] in given else "upcoming")
    listed = {vaccine for vaccine, _ in due} & left_out
    assert begun or listed == left_out  # until a series is begun, all are listed
    assert not {each for each in listed if any(name.startswith(each.split("-")[0]) for name in given)}


@pytest.mark.parametrize(
    ("dose", "left_out"),
    [(2, LIVE), (3, LIVE), (4, LIVE), (5, LIVE), (2, INACTIVATED)],
    ids=["2", "3", "4", "5", "2-live"],
)
@pytest.mark.parametrize("birth", [date(2026, 10, 31)], ids=str)
def test_after_a_late_dose_the_next_keeps_its_distance(birth: date, left_out: set[str], dose: int) -> None:
    """The dose before is given only when the next one's own age is reached: now the distance decides."""
    by_id = {row["id"]: row for row in rows()}
    looked_at = [row for row in rows() if row["series_dose"] == dose and row.get("after")]
    if left_out == INACTIVATED:  # alone: an injected live vaccine would move the other's dates
        looked_at = [row for row in looked_at if row["vaccine"] in LIVE]
    looked_at = [row for row in looked_at if row["vaccine"] not in left_out]
    given, wanted = {}, {}
    for row in looked_at:
        before = by_id[row["after"]]
        late = min(plus_months(birth, row["min_age_months"]), limit(before, birth) - timedelta(days=1))
        given[before["id"]] = late
        while before.get("after"):
            before = by_id[before["after"]]
            given[before["id"]] = first_days(birth)[before["id"]]
        wanted[row["id"]] = max(plus_months(birth, row["min_age_months"]), apart(row, late)).isoformat()
    assert wanted
    due, _ = said(birth, max(given.values()), given)
    assert {name: due[keys()[name]]["earliest"] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("shift", "verdict"), [("day before", "invalid"), ("last day on time", "valid"), ("day after", "late")]
)
@pytest.mark.parametrize("birth", [date(2026, 10, 31), date(2028, 2, 29)], ids=str)
def test_a_day_early_does_not_count_and_the_last_day_is_not_late(
    birth: date, shift: str, verdict: str
) -> None:
    firsts = [row for row in rows() if row["series_dose"] == 1 and row["vaccine"] not in INACTIVATED]
    given = {}
    for row in firsts:
        if row["complete_before"] and row["min_age_months"]:
            day = first_days(birth)[row["id"]]
            last = last_day_on_time(row, birth, day)
            days = {"day before": day - timedelta(days=1), "last day on time": last}
            given[row["id"]] = days.get(shift, last + timedelta(days=1))
    assert set(given) == {"MenA-1", "MMR-1", "JE-L-1", "HepA-L-1", "HPV-1"}
    _, judged = said(birth, plus_months(birth, 170), given)
    assert [each["verdict"] for each in judged] == [verdict] * len(given)
