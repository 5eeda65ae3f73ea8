"""Indicators as a competent engineer writes them: one query each over the register and the typed records.

Standard SQL that DuckDB and PostgreSQL both read. Each gives the cells of the engine's scan: township, place, sex,
age_years, which of them are totals, numerator, denominator. A child who is not counted in the denominator is not in
the numerator. Facts are those of the day: nothing later, intervals that are open on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

SETS = "GROUPING SETS ((), (township), (township, place), (sex), (age_years), (township, sex))"
MARKS = "grouping(township) AS all_township, grouping(place) AS all_place, grouping(sex) AS all_sex, grouping(age_years) AS all_age_years"
HERE = "p.death_date IS NULL AND p.place IS NOT NULL"
SCHOOL = "('primary', 'junior', 'senior', 'vocational')"

# Every child as it stands on the day. Years of age are those completed: a birthday of 29 February falls on the 28th.
PEOPLE = """people AS (
  SELECT c.subject_id, c.birth_date, c.sex, c.birth_place_id,
         CASE WHEN c.death_date <= {d} THEN c.death_date END AS death_date, r.place_id AS place, l.parent_id AS township,
         (extract(year FROM {d}) - extract(year FROM c.birth_date)
          - CASE WHEN c.birth_date + (extract(year FROM {d}) - extract(year FROM c.birth_date))::INTEGER * INTERVAL '1 year' > {d}
                 THEN 1 ELSE 0 END)::INTEGER AS age_years
  FROM child c
  LEFT JOIN residence r ON r.subject_id = c.subject_id AND r.valid_from <= {d} AND (r.valid_to IS NULL OR r.valid_to > {d})
  LEFT JOIN place l ON l.place_id = r.place_id
  WHERE c.birth_date <= {d} OR c.birth_date IS NULL)"""


def queries(as_of: date) -> dict[tuple[str, str | None], str]:
    """(indicator, item) → its query on a day."""
    said = {**dict(_doses()), **{(name, None): query for name, query in _plain().items()}}
    return {key: query.replace("{d}", f"DATE '{as_of}'") for key, query in said.items()}


def _cells(joins: str, where: str, numerator: str, denominator: str = "count(*)", before: str = "") -> str:
    return (
        f"WITH {PEOPLE}{', ' + before if before else ''} SELECT township, place, sex, age_years, {MARKS}, "
        f"{numerator} AS numerator, {denominator} AS denominator FROM people p {joins} WHERE {where} GROUP BY {SETS}"
    )


def share(joins: str, where: str, numerator: str, before: str = "") -> str:
    """Of the children in `where`, those of whom `numerator` holds."""
    return _cells(joins, where, f"count(*) FILTER (WHERE {numerator})", before=before)


def number(joins: str, where: str, before: str = "") -> str:
    return _cells(joins, where, "count(*)", "NULL", before)


def newest(name: str, form: str, fields: str, where: str = "TRUE") -> str:
    """The latest record of a form, of each child, of those that fulfil a condition."""
    return (
        f'{name} AS (SELECT DISTINCT ON (subject_id) subject_id, "on", {fields} FROM form_{form} WHERE "on" <= {{d}} '
        f'AND {where} ORDER BY subject_id, "on" DESC, seq DESC)'
    )


def having(name: str, source: str, where: str) -> str:
    """Children with at least one row."""
    return f"{name} AS (SELECT DISTINCT subject_id FROM {source} WHERE {where})"


def status(name: str, where: str) -> str:
    return having(
        name, "status", f"{where} AND valid_from <= {{d}} AND (valid_to IS NULL OR valid_to > {{d}})"
    )


# --- vaccination ----------------------------------------------------------------------------------------------
# Coverage of a dose: of resident children under 18 who reached its last day on time within the year before the
# day, those with a dose that counts: old enough, after the dose before it, far enough from other live vaccines.


def dose(
    name: str,
    vaccine: str,
    since: str,
    until: str = "b + INTERVAL '18 year'",
    after: str = "",
    live: str = "",
) -> str:
    """First dose that counts, of each child: `since` and `until` say when, of its birth `b` and of `after`'s day."""
    joined = f" JOIN {after} o ON o.subject_id = f.subject_id" if after else ""
    later = ' AND f."on" > o.done' if after else ""
    apart = (
        f" AND NOT EXISTS (SELECT 1 FROM form_dose e WHERE e.subject_id = f.subject_id AND e.vaccine IN ({live}) "
        'AND e."on" < f."on" AND e."on" > f."on" - 28)'
    ) if live else ""  # fmt: skip
    born = since.replace("b ", "c.birth_date ")
    end = until.replace("b ", "c.birth_date ")
    return (
        f'{name} AS (SELECT f.subject_id, min(f."on") AS done FROM form_dose f JOIN child c ON c.subject_id = f.subject_id{joined} '
        f'WHERE f.vaccine IN ({vaccine}) AND f."on" <= {{d}} AND f."on" >= {born} AND f."on" < {end}{later}{apart} '
        "GROUP BY f.subject_id)"
    )


def coverage(step: str, last_day: str, chain: str, last: str, others: str = "", also: str = "TRUE") -> str:
    """`chain`: the doses up to this one, `last` the one counted, `last_day` when it must be there."""
    excused = (
        "excused AS (SELECT DISTINCT ON (subject_id) subject_id, kind FROM form_service_exception "
        f"WHERE pathway = 'immunization' AND step IN ('*', '{step}') AND \"on\" <= {{d}} AND (until IS NULL OR until >= {{d}}) "
        'ORDER BY subject_id, "on" DESC, seq DESC)'
    )
    joins = f"LEFT JOIN {last} n ON n.subject_id = p.subject_id LEFT JOIN excused x ON x.subject_id = p.subject_id{others}"
    limit = f"({last_day.replace('b ', 'p.birth_date ')})"
    where = (
        f"{HERE} AND p.age_years < 18 AND {limit} < {{d}} AND {limit} >= {{d}} - INTERVAL '1 year' AND {also} "
        "AND (x.kind IS NULL OR x.kind NOT IN ('contraindicated', 'moved', 'dead'))"
    )
    return share(joins, where, "n.done IS NOT NULL", f"{chain}, {excused}")


def _doses() -> Iterator[tuple[tuple[str, str | None], str]]:
    """Twelve of the schedule's doses."""

    def told(step: str, *arguments: str) -> tuple[tuple[str, str | None], str]:
        return ("vaccination_coverage", step), coverage(step, *arguments)

    beside = " LEFT JOIN {0} {1} ON {1}.subject_id = p.subject_id"
    hep1 = dose("hep1", "'HepB'", "b + 0")
    hep2 = f"{hep1}, " + dose(
        "hep2",
        "'HepB'",
        "greatest(b + INTERVAL '1 month', o.done + INTERVAL '28 day')",
        "b + INTERVAL '18 year'",
        "hep1",
    )
    small = "SELECT 1 FROM form_birth z WHERE z.subject_id = f.subject_id AND z.\"on\" <= {d} AND z.mother_hbsag IN ('positive', 'unknown') AND z.weight_g < 2000"
    third = (
        f"CASE WHEN EXISTS ({small}) THEN greatest(b + INTERVAL '2 month', o.done + INTERVAL '28 day') "
        "ELSE greatest(b + INTERVAL '6 month', o.done + INTERVAL '60 day') END"
    )
    hep3 = f"{hep2}, " + dose("hep3", "'HepB'", third, "b + INTERVAL '18 year'", "hep2")
    yield told("HepB_1", "b + 1", hep1, "hep1")
    soon = "greatest(b + INTERVAL '1 month', coalesce(o.done, b + 0) + INTERVAL '28 day')::DATE + INTERVAL '1 month'"
    yield told("HepB_2", soon, hep2, "hep2", beside.format("hep1", "o"))
    yield told("HepB_3", "b + INTERVAL '12 month'", hep3, "hep3")
    bcg = dose("bcg", "'BCG'", "b + 0", "b + INTERVAL '4 year'", "", "'MMR', 'JE-L', 'HepA-L'")
    yield told("BCG_1", "b + INTERVAL '3 month'", bcg, "bcg")

    polio = "'IPV', 'bOPV'"
    ipv1 = dose("ipv1", polio, "b + INTERVAL '2 month'")
    ipv2 = f"{ipv1}, " + dose(
        "ipv2",
        polio,
        "greatest(b + INTERVAL '3 month', o.done + INTERVAL '28 day')",
        "b + INTERVAL '18 year'",
        "ipv1",
    )
    opv1 = f"{ipv2}, " + dose(
        "opv1",
        polio,
        "greatest(b + INTERVAL '4 month', o.done + INTERVAL '28 day')",
        "b + INTERVAL '18 year'",
        "ipv2",
    )
    yield told("IPV_1", "(b + INTERVAL '2 month')::DATE + INTERVAL '1 month'", ipv1, "ipv1")
    second = "greatest(b + INTERVAL '3 month', coalesce(o.done, (b + INTERVAL '2 month')::DATE) + INTERVAL '28 day')::DATE + INTERVAL '1 month'"
    yield told("IPV_2", second, ipv2, "ipv2", beside.format("ipv1", "o"))
    yield told("bOPV_1", "b + INTERVAL '12 month'", opv1, "opv1")

    # Two editions: from 2025 two months instead of three, and up to seven years instead of six.
    new = "f.\"on\" >= DATE '2025-01-01'"
    dtap = dose("dtap", "'DTaP'", f"b + CASE WHEN {new} THEN INTERVAL '2 month' ELSE INTERVAL '3 month' END",
                f"b + CASE WHEN {new} THEN INTERVAL '7 year' ELSE INTERVAL '6 year' END")  # fmt: skip
    first = (
        "(CASE WHEN b + INTERVAL '3 month' < DATE '2025-01-01' THEN b + INTERVAL '3 month' "
        "ELSE greatest(b + INTERVAL '2 month', DATE '2025-01-01') END)::DATE + INTERVAL '1 month'"
    )
    yield told("DTaP_1", first, dtap, "dtap")

    near_mmr, near_je = "'JE-L', 'HepA-L', 'BCG'", "'MMR', 'HepA-L', 'BCG'"
    mmr1 = dose("mmr1", "'MMR'", "b + INTERVAL '8 month'", live=near_mmr)
    mmr2 = f"{mmr1}, " + dose(
        "mmr2",
        "'MMR'",
        "greatest(b + INTERVAL '18 month', o.done + INTERVAL '28 day')",
        "b + INTERVAL '18 year'",
        "mmr1",
        near_mmr,
    )
    yield told("MMR_1", "b + INTERVAL '12 month'", mmr1, "mmr1")
    yield told("MMR_2", "b + INTERVAL '24 month'", mmr2, "mmr2")
    yield ("mmr2_coverage", "MMR_2"), coverage("MMR_2", "b + INTERVAL '24 month'", mmr2, "mmr2")
    # Whoever began the inactivated series first is counted there.
    japanese = dose("jel", "'JE-L'", "b + INTERVAL '8 month'", live=near_je)
    japanese += ", " + dose("jei", "'JE-I'", "b + INTERVAL '8 month'")
    yield told(
        "JE_L_1",
        "b + INTERVAL '12 month'",
        japanese,
        "jel",
        beside.format("jei", "i"),
        "(i.done IS NULL OR n.done <= i.done)",
    )
    group_a = dose("mena", "'MPSV-A'", "b + INTERVAL '6 month'", "b + INTERVAL '24 month'")
    yield told("MPSV_A_1", "b + INTERVAL '12 month'", group_a, "mena")


# --- everything else ------------------------------------------------------------------------------------------


def _plain() -> dict[str, str]:
    return {**_health(), **_school(), **_welfare()}


def _health() -> dict[str, str]:
    join = "LEFT JOIN n ON n.subject_id = p.subject_id"
    year = '"on" > {d} - INTERVAL \'1 year\' AND "on" <= {d}'
    under7, under18 = f"{HERE} AND p.age_years < 7", f"{HERE} AND p.age_years < 18"
    eyes = "(eye_check IS NOT NULL OR vision_left IS NOT NULL OR vision_right IS NOT NULL)"
    insured = '"on" > {d} - INTERVAL \'15 month\' AND "on" <= {d}'

    def seen(condition: str) -> str:
        return share(
            join,
            under7,
            "n.subject_id IS NOT NULL",
            having("n", "form_health_visit", f"{year} AND {condition}"),
        )

    def fed(months: str, since: str, until: str) -> str:
        lately = (
            'n AS (SELECT DISTINCT ON (f.subject_id) f.subject_id, f.feeding FROM form_health_visit f JOIN child c '
            f'ON c.subject_id = f.subject_id WHERE f.feeding IS NOT NULL AND f."on" <= {{d}} AND f."on" >= c.birth_date + {since} '
            f'AND f."on" < c.birth_date + {until} ORDER BY f.subject_id, f."on" DESC, f.seq DESC)'
        )  # fmt: skip
        return share("JOIN n ON n.subject_id = p.subject_id", f"{HERE} AND {months}", "n.feeding = 'exclusive'", lately)  # fmt: skip

    def months(first: int, last: int) -> str:
        return f"p.birth_date + INTERVAL '{first} month' <= {{d}} AND p.birth_date + INTERVAL '{last + 1} month' > {{d}}"

    return {
        "under7_management_rate": seen("TRUE"),
        "development_monitoring_rate": seen("development IS NOT NULL"),
        "eye_coverage_0_6": seen(eyes),
        "anemia_prevalence": share(
            "JOIN n ON n.subject_id = p.subject_id", f"{HERE} AND {months(6, 59)}", "n.hb_g_l < 110",
            newest("n", "health_visit", "hb_g_l", "hb_g_l IS NOT NULL AND \"on\" > {d} - INTERVAL '1 year'"),
        ),
        "breastfeeding_at_6_months": fed(months(6, 17), "INTERVAL '5 month'", "INTERVAL '8 month'"),
        "exclusive_breastfeeding": fed(months(1, 6), "28", "INTERVAL '7 month'"),
        "newborn_visit_rate": share(
            join,
            "p.birth_place_id IS NOT NULL AND p.birth_date + 28 <= {d} AND p.birth_date + 28 > {d} - INTERVAL '1 year'",
            "n.first <= p.birth_date + 28",
            'n AS (SELECT subject_id, min("on") AS first FROM form_health_visit WHERE "on" <= {d} GROUP BY subject_id)',
        ),
        "infants_without_contact": number(
            "LEFT JOIN n ON n.subject_id = p.subject_id LEFT JOIN v ON v.subject_id = p.subject_id",
            f"{HERE} AND {months(6, 35)} AND coalesce(n.last, p.birth_date) <= {{d}} - INTERVAL '6 month' "
            "AND coalesce(v.last, p.birth_date) <= {d} - INTERVAL '6 month'",
            'n AS (SELECT subject_id, max("on") AS last FROM form_infant_contact WHERE "on" <= {d} GROUP BY subject_id), '
            'v AS (SELECT subject_id, max("on") AS last FROM form_health_visit WHERE "on" <= {d} GROUP BY subject_id)',
        ),
        "child_insurance": share(
            f"{join} LEFT JOIN m ON m.subject_id = p.subject_id", under18, "m.subject_id IS NOT NULL AND n.enrolled",
            newest("n", "insurance", "enrolled", "enrolled IS NOT NULL") + ", " + having("m", "form_insurance", insured),
        ),
        "insurance_not_enrolled": number(
            "JOIN n ON n.subject_id = p.subject_id JOIN m ON m.subject_id = p.subject_id", f"{under18} AND NOT n.enrolled",
            newest("n", "insurance", "enrolled", "enrolled IS NOT NULL") + ", " + having("m", "form_insurance", insured),
        ),
        "insurance_unmatched": number(
            join, f"{under18} AND n.subject_id IS NULL", having("n", "form_insurance", insured)
        ),
        "commercial_insured_children": number(
            "JOIN n ON n.subject_id = p.subject_id", under18,
            having("n", "form_commercial_insurance", 'valid_until >= {d} AND starts_on <= {d} AND "on" <= {d}'),
        ),
    }  # fmt: skip


def _school() -> dict[str, str]:
    open_ = "a.valid_from <= {d} AND (a.valid_to IS NULL OR a.valid_to > {d})"
    pupils = having("pupils", "attendance a", f"a.stage IN {SCHOOL} AND {open_}")
    inclusive = status("i", "scheme = 'inclusive'")
    in_kindergarten = "a.stage = 'kindergarten' AND " + open_
    children = (
        "n AS (SELECT a.subject_id, bool_or(f.ownership = 'public') AS public, "
        "bool_or(f.ownership = 'public' OR i.subject_id IS NOT NULL) AS inclusive FROM attendance a "
        "LEFT JOIN facility f ON f.subject_id = a.facility_id LEFT JOIN i ON i.subject_id = a.facility_id "
        f"WHERE {in_kindergarten} GROUP BY a.subject_id)"
    )
    join = "JOIN n ON n.subject_id = p.subject_id"
    of_pupils = "JOIN pupils u ON u.subject_id = p.subject_id"
    skills = newest(
        "n", "sport_assessment", "mastered", "mastered IS NOT NULL AND \"on\" > {d} - INTERVAL '18 month'"
    )
    grades = newest("n", "fitness_test", "grade", "\"on\" > {d} - INTERVAL '18 month'")
    schooled = "('primary', 'junior', 'senior', 'vocational', 'special')"
    return {
        "public_kindergarten_share": share(join, HERE, "n.public", f"{inclusive}, {children}"),
        "inclusive_kindergarten_share": share(join, HERE, "n.inclusive", f"{inclusive}, {children}"),
        "kindergarten_gross_enrollment": _cells(
            "LEFT JOIN n ON n.subject_id = p.subject_id", f"{HERE} AND (p.age_years BETWEEN 3 AND 5 OR n.subject_id IS NOT NULL)",
            "count(n.subject_id)", "count(*) FILTER (WHERE p.age_years BETWEEN 3 AND 5)",
            having("n", "attendance a", in_kindergarten),
        ),
        "sport_two_skills_share": share(
            f"{of_pupils} LEFT {join}", HERE, "n.mastered >= 2", f"{pupils}, {skills}"
        ),
        "sports_skills": _cells(
            f"{of_pupils} LEFT {join}", HERE, "sum(coalesce(n.mastered, 0))", "count(*)", f"{pupils}, {skills}"
        ),
        "fitness_good_share": share(
            f"{of_pupils} {join}", HERE, "n.grade IN ('excellent', 'good')", f"{pupils}, {grades}"
        ),
        "out_of_school": number(
            f"{join} LEFT JOIN m ON m.subject_id = p.subject_id",
            f"{HERE} AND p.age_years BETWEEN 6 AND 16 AND m.subject_id IS NULL AND n.end_reason = 'dropped_out'",
            having("m", "attendance a", f"a.stage IN {schooled} AND {open_}")
            + ", n AS (SELECT DISTINCT ON (subject_id) subject_id, end_reason FROM attendance WHERE valid_from <= {d} "
            "AND valid_to <= {d} AND end_reason IS NOT NULL AND stage IN ('primary', 'junior', 'special') "
            "ORDER BY subject_id, valid_from DESC, valid_to DESC)",
        ),
    }  # fmt: skip


def _welfare() -> dict[str, str]:
    join, maybe = "JOIN s ON s.subject_id = p.subject_id", "LEFT JOIN n ON n.subject_id = p.subject_id"
    left_behind = status("s", "scheme = 'left_behind'")
    orphans = status("s", "scheme = 'hardship' AND code IN ('H3a', 'H3b')")
    paid = status("n", "scheme = 'allowance' AND code IN ('orphan_allowance', 'de_facto_allowance')")
    confirmed = (
        "s AS (SELECT subject_id, min(valid_from) AS since FROM status WHERE scheme = 'left_behind' AND valid_from <= {d} "
        "AND (valid_to IS NULL OR valid_to > {d}) GROUP BY subject_id), "
        'n AS (SELECT f.subject_id, max(f."on") AS last FROM form_left_behind_confirmation f JOIN s ON s.subject_id = f.subject_id '
        "WHERE f.action IN ('open', 'change') AND f.\"on\" >= s.since AND f.\"on\" <= {d} GROUP BY f.subject_id)"
    )
    differs = (
        f"{HERE} AND (s.subject_id IS NOT NULL AND n.subject_id IS NULL AND a.subject_id IS NOT NULL "
        "OR n.subject_id IS NOT NULL AND s.subject_id IS NULL)"
    )
    pupils = having(
        "a", "attendance", "stage IN ('primary', 'junior', 'senior', 'vocational', 'special') AND valid_from <= {d} "
        "AND (valid_to IS NULL OR valid_to > {d})",
    )  # fmt: skip
    return {
        "hardship_children": number(join, HERE, status("s", "scheme = 'hardship'")),
        "left_behind_children": number(join, HERE, left_behind),
        "paired_children": number(join, HERE, status("s", "scheme = 'pairing'")),
        "left_behind_confirmed_share": share(
            f"{join} {maybe}", HERE, "coalesce(n.last, s.since) + INTERVAL '3 month' >= {d}", confirmed
        ),
        "left_behind_entrusted_share": share(
            f"{join} {maybe}", HERE, "n.valid_until >= {d}",
            left_behind + ", " + newest("n", "entrusted_care", "valid_until", "able AND valid_until IS NOT NULL"),
        ),
        "left_behind_weekly_contact": share(
            f"{join} JOIN n ON n.subject_id = p.subject_id", HERE, "n.contact = 'weekly'",
            left_behind + ", " + newest("n", "left_behind_confirmation", "contact", "contact IS NOT NULL"),
        ),
        "left_behind_list_differences": number(
            f"LEFT {join} {maybe} LEFT JOIN a ON a.subject_id = p.subject_id", differs,
            f"{left_behind}, {status('n', 'scheme = ' + chr(39) + 'school_left_behind' + chr(39))}, {pupils}",
        ),
        "orphan_allowance_coverage": share(
            f"{join} {maybe}", f"{HERE} AND p.age_years < 18", "n.subject_id IS NOT NULL", f"{orphans}, {paid}"
        ),
    }  # fmt: skip
