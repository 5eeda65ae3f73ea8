"""What may stand in `surveillance/*.yaml` and `surveys/*.yaml`: events told by several sources, and questions to which nobody puts a name."""

from __future__ import annotations

from pydantic import Field

from yimi.pack.alert_rule import AlertRule
from yimi.pack.words import Declaration, Id, Ids, Rule, Sensitivity, Sourced, Text


class Capture(Declaration):
    """Two sets of sources that know of the same events without each other: how many did neither know of?"""

    first: list[str]  # codes of the source field
    second: list[str]
    least_both: str  # parameter: events both must know before an estimate is told


class Nearby(Declaration):
    """Events at the same spot: fields of a point, and how near."""

    latitude: str
    longitude: str
    within_m: str  # parameter: metres


class Season(Declaration):
    """The last days against the same days of the years before, by the first of `cuts`, over the whole district."""

    days: str  # parameter: how many last days
    years: str  # parameter: years before they are compared with; fewer on record: nothing is judged
    least: str  # parameter: no smaller number is more than the season brings


class Surveillance(Sourced):
    """Events from the records of several sources, each event once.

    Records of one subject that agree in `same` and lie within `within` days of the first of them are one event.
    """

    id: Id
    name: Text
    measures: Ids = []
    form: str  # about children
    sensitivity: Sensitivity
    counts_when: Rule = "true"  # over the form's fields: which records count
    same: Ids
    within: str  # parameter: days
    source_field: str
    worst: Ids = []  # fields whose last code in the vocabulary's order wins; of all others the first told
    cuts: Ids  # code fields by which events are counted
    again_within: str  # parameter: period in which an earlier event of the same child, or near by, counts
    nearby: Nearby | None = None
    capture: Capture | None = None
    season: Season | None = None
    least_count: str  # parameter: no smaller count is shown to those who do not see the children
    alerts: list[AlertRule] = []
    note: Text | None = None


class Survey(Sourced):
    """Questions answered without a name and without an account, told by school only where enough have answered."""

    id: Id
    name: Text
    measures: Ids = []
    form: str  # the questions; about facilities; its answers are never records
    round_form: str  # the record with which a school opens a round: `pupils` says how many are asked
    kinds: Ids  # types of facilities that ask their pupils
    told: Ids  # yes-or-no questions whose answers are counted
    least_answers: str  # parameter: no school with fewer is told apart
    least_count: str  # parameter: no smaller number of one answer is shown
    opened_by: Ids  # roles
    read_by: Ids  # roles that see the results beside the coordinating office
    days: int = Field(default=30, ge=1, le=120)  # a round is open that long
    help: Text  # whom to turn to, shown to every pupil
    note: Text | None = None
