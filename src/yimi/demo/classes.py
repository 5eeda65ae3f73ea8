"""The class of the demonstration's class teacher: pupils of one grade of the story's school, given to the teacher by name."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

CLASS_SIZE = 45


def class_of(district: Any, school: str) -> list[str]:
    """The children's uids, at most a class: of the grade that has the most pupils in the school now."""
    names = district.facility_names
    found = [each["subject_id"] for each in names.to_pylist() if school and UUID(each["uid"]) == UUID(school)]
    if not found:
        return []
    attendance = district.tables["attendance"]
    here = pc.and_(pc.equal(attendance["facility_id"], found[0]), pc.is_null(attendance["valid_to"]))
    pupils = [each for each in attendance.filter(here).to_pylist() if each["grade"]]
    grades = Counter((each["stage"], each["grade"]) for each in pupils)
    if not grades:
        return []
    chosen = max(sorted(grades), key=lambda grade: grades[grade])
    ids = sorted(each["subject_id"] for each in pupils if (each["stage"], each["grade"]) == chosen)[
        :CLASS_SIZE
    ]
    children = district.child_names
    mine = children.filter(
        pc.is_in(children["subject_id"], value_set=pa.array(ids, children["subject_id"].type))
    )
    return [str(UUID(each)) for each in mine["uid"].to_pylist()]
