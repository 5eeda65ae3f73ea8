"""What offices grant and report: designations, some of them not granted yet, and the target values bodies type in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import Ints
from yimi.demo.facilities import Facilities
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal

# Kind of facility, which of its kind, what it was granted, by whom, how many days ago.
GRANTED = (
    ("mch_hospital", 0, "standard_mch", "city", 1100),
    ("critical_center", 0, "critical_care_center", "city", 640),
    ("childcare", 0, "demonstration_childcare", "district", 500),
    ("welfare_home", 1, "designated_rehabilitation", "city", 330),
    ("childrens_home", 0, "childrens_home", "district", 900),
    ("primary", 0, "child_friendly_unit", "district", 420),
    ("mch_hospital", 0, "child_friendly_unit", "district", 300),
    ("mch_hospital", 0, "mother_baby_friendly_hospital", "city", 410),
    ("junior", 1, "child_friendly_unit", "district", 160),
)
DISTRICT_TITLE, TITLE_DAYS_AGO = "universal_preschool_county", 820
# Two communities have the title of the district; that of the city, which the plan asks for, nobody has yet.
COMMUNITY_TITLE, COMMUNITY_DAYS_AGO = "child_friendly_community", (260, 190)

# Body, indicator, values of three full years from the oldest, how it was counted. All made up.
REPORTED = (
    ("education", "special_education_coverage", (100.0, 100.0, 100.0), "演示：特殊教育学校（中心）按方案要求已设立"),
    ("civil_affairs", "orphan_aid_coverage", (98.1, 100.0, 100.0), "演示：助医、助学两项取较低者"),
)  # fmt: skip

# Owner → the items of the checklists it has entered a document for. Those of nobody are the gaps.
DOCUMENTS = {
    "education": (
        "up_leadership", "up_plan", "up_oversight", "up_premises", "up_class_size", "up_teacher_rules", "up_care",
        "up_approval", "be_standards", "be_training", "be_admission",
    ),
    "finance": ("up_funding", "up_pay", "be_funding"), "drc": ("up_fees",), "police": ("up_safety",), "planning": ("be_layout",),
}  # fmt: skip
LASTS = {"up_fees": -18, "up_care": 21}  # days from today to the end of a document that ended, or soon does
NOT_MET = "up_approval"


def write_designations(
    journal: Journal, statuses: Statuses, geo: Geography, facilities: Facilities, base: int, place_base: int
) -> None:
    """Titles in force, each with its document."""
    for kind, which, code, level, days_ago in GRANTED:
        who = facilities.of(kind)[which : which + 1]
        _grant(journal, statuses, geo, base + who, facilities.place[who], code, level, days_ago)
    if geo.district >= 0:
        where = np.array([geo.district])
        _grant(journal, statuses, geo, place_base + where, where, DISTRICT_TITLE, "national", TITLE_DAYS_AGO)
    towns = geo.villages[geo.community[geo.villages]]
    largest = towns[np.argsort(-geo.people[towns], kind="stable")][: len(COMMUNITY_DAYS_AGO)]
    for where, days_ago in zip(largest[:, None], COMMUNITY_DAYS_AGO, strict=False):
        _grant(journal, statuses, geo, place_base + where, where, COMMUNITY_TITLE, "district", days_ago)


def _grant(
    journal: Journal, statuses: Statuses, geo: Geography, subject: Ints, place: Ints, code: str, level: str,
    days_ago: int,
) -> None:  # fmt: skip
    if not len(subject):
        return
    on = np.full(len(subject), journal.as_of - days_ago)
    until = draw.add_months(on, 48)
    answers = texts.json_object(
        kind=pa.array([f'"{code}"'] * len(on)), level=pa.array([f'"{level}"'] * len(on)),
        granted_on=texts.quoted(texts.iso_date(on)), valid_until=texts.quoted(texts.iso_date(until)),
        evidence=pa.array(['"命名文件（演示）"'] * len(on)),
    )  # fmt: skip
    journal.write("designation", subject, on, answers, place=place, org=geo.health_office)
    statuses.open(subject, "designation", code, on, review=until)


def write_accreditation(journal: Journal, geo: Geography, base: int) -> None:
    """Documents of the two checklists: most in force, one ends this month, one has ended, a few are still missing."""
    for place_in_line, (body, items) in enumerate(DOCUMENTS.items()):
        if body not in geo.org_ids:
            continue
        organization = geo.org_ids.index(body)
        on = np.array([journal.as_of - 250 + 7 * each + place_in_line for each in range(len(items))])
        until = draw.add_months(on, 12)
        for row, item in enumerate(items):
            until[row] = journal.as_of + LASTS.get(item, int(until[row] - journal.as_of))
        met = np.array([item != NOT_MET for item in items])
        answers = texts.json_object(
            item=texts.look_up([f'"{each}"' for each in items], np.arange(len(items))), met=texts.truth(met),
            valid_until=texts.look_up_where(texts.quoted(texts.iso_date(until)), met),
            document=texts.look_up_where(pa.array(['"佐证材料（演示）"'] * len(items)), met),
            note=texts.look_up_where(pa.array(['"安排明年春季调查（演示）"'] * len(items)), ~met),
        )  # fmt: skip
        journal.write("accreditation_evidence", np.full(len(items), base + organization), on, answers,
                      place=np.full(len(items), geo.district), org=organization)  # fmt: skip


def write_target_reports(journal: Journal, geo: Geography, base: int) -> None:
    """What bodies typed in each January of the year before, where the pack has these bodies."""
    this_year = int(draw.year_of(np.array([journal.as_of]))[0])
    for place_in_line, (body, indicator, values, note) in enumerate(REPORTED):
        if body not in geo.org_ids:
            continue
        organization = geo.org_ids.index(body)
        for back, value in zip((3, 2, 1), values, strict=True):
            january = int(draw.add_months(draw.september(np.array([this_year - back])), 4)[0])
            on = np.array([january + 11 + place_in_line])
            if on[0] > journal.as_of:
                continue
            answers = texts.json_object(
                indicator=pa.array([f'"{indicator}"']), period=pa.array([f'"{this_year - back}"']),
                value=texts.decimal(np.array([value]), 1), note=pa.array([f'"{note}"']),
                evidence=pa.array(['"填报说明（演示）"']),
            )  # fmt: skip
            journal.write("target_report", np.array([base + organization]), on, answers,
                          place=np.array([geo.district]), org=organization)  # fmt: skip
