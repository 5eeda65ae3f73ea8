"""What may stand in a pack: one frozen class per kind of declaration.

A pack is a folder; each kind of declaration has its own subfolder (`FOLDERS`), and a file's stem is the
declaration's id. YAML scalars arrive as text and take their type here, so `on`, `no`, `1:30` and `0123`
mean what they say. Rules are text in the rule language (`yimi.rules`); they are checked by `yimi.pack.check`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, model_validator

from yimi.pack.alert_rule import AlertRule, TaskTemplate  # noqa: F401
from yimi.pack.case_kinds import CaseKind
from yimi.pack.checklists import Checklist
from yimi.pack.days import DaySection
from yimi.pack.examples import TestCase, TestChild, TestFile, TestGuardian, TestRecord, TestStatus  # noqa: F401
from yimi.pack.watching import Surveillance, Survey
from yimi.pack.words import (  # noqa: F401
    Confidence,
    Day,
    Declaration,
    Gate,
    Id,
    Ids,
    Rule,
    Sensitivity,
    Sourced,
    SubjectKind,
    Text,
)

# --- the pack itself -------------------------------------------------------------------------------------


class PackInfo(Declaration):
    id: Id
    name: Text
    version: str
    effective_from: date
    extends: Ids = []
    district: str | None = None  # place code of the district the pack is for
    timezone: str = "Asia/Shanghai"
    note: Text | None = None


# --- the plan --------------------------------------------------------------------------------------------


class Chapter(Declaration):
    id: Id
    number: str
    title: Text
    measures: list[str]


class Plan(Sourced):
    """One plan document. Its measures are files of their own and name this plan."""

    id: Id
    title: Text
    number: str
    date: Day
    parents: list[str] = []
    preamble: str = ""
    general_goal: str = ""
    ends_on: Day | None = None  # targets are judged finally on this day, then a successor takes over
    successor: str | None = None
    chapters: list[Chapter]
    milestones: list[Milestone] = []


class Evidence(Declaration):
    """Where the proof of a target comes from."""

    kind: Literal["records", "reported", "document"]
    source: Text


class Target(Sourced):
    id: Id
    name: Text
    operator: Literal[">=", "<=", "=", ">", "<"]
    value: float
    unit: str
    direction: Literal["up", "down", "keep"]
    deadline: date | None  # None only with a deadline_note
    deadline_note: Text | None = None
    base: float | None = None  # the value the plan starts from
    base_note: Text  # where the base comes from, or that the plan gives none
    level: Literal["district", "township"] = "district"  # township: every township must reach it
    phrase: str  # verbatim from the plan
    indicator: str
    evidence: Evidence
    note: Text | None = None


class Milestone(Sourced):
    id: Id
    name: Text
    measure: str | None = None
    phrase: str
    deadline: date | None = None
    indicator: str
    evidence: Evidence


class Instrument(Declaration):
    """A thing the plan promises (a register, a platform, a fund). Served by a declaration, or planned."""

    id: str
    kind: str
    name: Text
    phrase: str
    served_by: str | None = None  # "pathway:immunization", "form:hardship_visit", "indicator:..."
    planned: bool = False


class Responsibility(Declaration):
    body: str  # id of an organization
    role: Literal["lead", "joint", "support", "territorial", "group"] = "joint"
    as_written: str


class Measure(Sourced):
    id: Id
    plan: str
    chapter: str
    number: str
    title: Text
    text: str  # verbatim
    clause: str | None = None  # verbatim, only where the document departs from its usual form
    bodies: list[Responsibility]
    chased: str | None = None  # who is asked when the text names no lead
    targets: list[Target] = []
    instruments: list[Instrument] = []


# --- vocabularies, parameters, calendars -----------------------------------------------------------------


class Code(Sourced):
    code: str
    zh: str
    en: str
    group: str | None = None
    aliases: list[str] = []
    extra: dict[str, str] = {}


class Vocabulary(Sourced):
    id: Id
    name: Text
    codes: list[Code]


class DatedValue(Sourced):
    value: str  # number, or a period such as "3 month"
    effective_from: date


class Parameter(Declaration):
    """A number or period a norm or a district sets; evaluation uses the value in force on the day."""

    id: Id
    name: Text
    unit: str
    values: list[DatedValue]


class Calendar(Sourced):
    """Days that break the Monday-to-Friday rule, from the yearly notice on public holidays."""

    id: Id
    name: Text
    holidays: list[date]
    workdays: list[date] = []  # weekends made up as working days
    known_to: date  # beyond this day only weekends are known


# --- forms ------------------------------------------------------------------------------------------------


class FormField(Declaration):
    id: Id
    label: Text
    type: Literal[
        "text",
        "long_text",
        "code",
        "codes",
        "integer",
        "number",
        "boolean",
        "date",
        "place",
        "organization",
        "person",
        "evidence",
    ]
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    vocabulary: str | None = None
    required: bool = False
    show_when: Rule | None = None  # over the other fields of the form
    required_when: Rule | None = None
    computed: Rule | None = None  # from fields above it, `on` and parameters; nobody types it in
    hint: Text | None = None
    aliases: list[str] = []  # column heads under which offices send it
    sensitivity: Sensitivity | None = None  # stricter than the form's
    among: Ids = []  # of type person: those with an open status of one of these schemes are offered
    requires: list[Gate] = []  # of type person: over the facts of the person named, on the day and today
    drawn: bool = False  # of type evidence: a signature, drawn by hand where there is a screen to draw on


class OpensStatus(Declaration):
    """The record is a decision: it opens, changes or closes a status of its subject."""

    scheme: str
    code_field: str | None = None  # the field that holds the code; an empty code closes
    code: str | None = None  # instead of a field: every record opens this code, unless it closes
    closes_when: Rule | None = None
    review_after: str | None = None  # period, "12 month"

    @model_validator(mode="after")
    def _one_source(self) -> OpensStatus:
        if (self.code is None) == (self.code_field is None):
            raise ValueError(
                "a decision takes its code from code_field or has a fixed code: exactly one of them"
            )
        return self


class Takes(Declaration):
    """A record takes one place of a facility for some nights; it is refused where none is left on one of them.

    `capacity` is a form about the same facility: its latest record tells how many there are of each unit, in a
    whole number of the unit's name.
    """

    unit: Id  # field of the form: a code, which of the facility's places
    since: Id  # field: the first day
    until: Id  # field: the day it is free again
    capacity: Id  # form


class Bears(Declaration):
    """A record about a woman is the birth of her child: it enters the register with her as mother and guardian.

    `name`, `sex`, `number`, `weight_g`, `weeks` are fields of the form. `form` is one about children: what both forms
    ask for stands in the child's own record too, and nobody types it again.
    """

    form: Id
    name: Id  # field: text; empty: the child is called after its mother until it has a name
    sex: Id  # field: a code, m or f
    number: Id  # field: a whole number, which child of this birth; empty: the first
    weight_g: Id | None = None
    weeks: Id | None = None


class Form(Sourced):
    id: Id
    version: int = 1
    name: Text
    subject: SubjectKind
    sensitivity: Sensitivity
    legal_basis: str  # article that lets the body collect this
    purpose: Text
    fields: list[FormField]
    decides: list[OpensStatus] = []
    recorded_by: Ids = []  # roles
    import_label: Text | None = None  # set when offices send it as a spreadsheet
    second_person: bool = False  # counts only after another person verified it
    requires: list[Gate] = []  # over the facts of the subject on the day of the record
    persons: Literal["posted", "guardian", "resident"] | None = None  # of a form about persons: which of them
    enrolls: bool = False  # may enter a person who is not in the register yet, where she lives
    bears: Bears | None = None  # a child is born: it enters the register
    leaves: bool = False  # from the day of the record the child no longer lives in the district
    dies: bool = False  # the child, or the person, died on the day of the record
    frees: Rule | None = None  # over the fields: where true, no child may be left paired with the person
    takes: Takes | None = None  # a place of the facility, from one day to another
    anywhere: bool = (
        False  # of a form about facilities: entered for any of the district, changed by one's own body
    )


# --- pathways ---------------------------------------------------------------------------------------------


class Edition(Sourced):
    """A version of the norm behind a pathway, in force from a day."""

    id: str
    title: Text
    effective_from: date | None = None  # None: the oldest we know, used for everything before


class DatedRule(Declaration):
    """The rule as one edition states it; it holds until the next edition that restates it."""

    edition: str
    rule: Rule | None  # None: not in that edition


Rules = Annotated[
    list[DatedRule], BeforeValidator(lambda v: [{"edition": "*", "rule": v}] if isinstance(v, str) else v)
]


class Apart(Declaration):
    """Keep this many days from another record: two injected live vaccines, for example."""

    form: str
    where: Rule  # over that form's fields
    days: int
    same_day_allowed: bool = True
    why: Text


class Step(Sourced):
    id: Id
    name: Text
    code: str | None = None  # what reports call it: the vaccine code; default the id
    ordinal: int = 1
    form: str
    satisfied_by: Rule  # over the fields of the form, and `on`
    after: str | None = None  # the step before it in its series
    applies_when: Rule | None = None
    earliest: Rules  # a record before this day does not count
    due: Rules | None = None  # default: earliest
    overdue_after: Rules | None = None  # last day that is not late
    expires: Rules | None = None  # first day on which it is no longer wanted
    apart: list[Apart] = []
    alternative: str | None = None  # steps of one alternative group exclude each other's series
    alternative_series: str | None = None
    default_series: bool = False  # the series that is counted until one is begun
    every: Rule | None = None  # recurring: the period between two
    recurs_from: Literal["last_done", "start"] = "last_done"
    who: str | None = None  # role that does it
    public_mark: Text | None = None  # of a facility: what the public is told of it while this is overdue
    note: Text | None = None


class ExceptionKind(Declaration):
    """What an entered exception does to a due item and how it counts."""

    kind: Literal["refused", "contraindicated", "deferred", "elsewhere", "moved", "dead", "not_found"]
    label: Text
    keeps_due: bool  # does the item stay on the work list?
    in_denominator: bool
    in_numerator: bool


class Pathway(Sourced):
    id: Id
    name: Text
    measures: Ids
    subject: SubjectKind = "child"
    sensitivity: Sensitivity
    applies_when: Rule
    opens_on: str | None = None  # status scheme: the pathway runs while a status of it is open
    editions: list[Edition] = []
    steps: list[Step]
    exceptions: list[ExceptionKind] = []
    alerts: list[AlertRule] = []
    judged: bool = False  # every record of its forms gets a verdict: valid, late, invalid
    note: Text | None = None


# --- cascades -----------------------------------------------------------------------------------------------


class Stage(Sourced):
    """One stage of a cascade: who reached it, and by when those who reached the stage before must have."""

    id: Id
    name: Text
    reached: Rule  # the day on which a child reached it; asked only of children who reached the stage before
    overdue_after: Rule | None = None  # last day that is not late for a child waiting for this stage
    finding: bool = False  # what was found, not something to be done: not to reach it is no loss
    note: Text | None = None


class Cascade(Sourced):
    """Screened → positive → referred → diagnosed → treated: a funnel that adds up child by child."""

    id: Id
    name: Text
    measures: Ids = []
    subject: Literal["child"] = "child"
    sensitivity: Sensitivity
    period: Literal["school_year", "year", "open"]  # a round of screening; open: once, or whenever
    in_scope: Rule  # the children who are to go through it in this round
    group: Rule | None = None  # a code by which days between stages are told apart: type of disability
    group_vocabulary: str | None = None
    stages: list[Stage]
    alerts: list[AlertRule] = []
    note: Text | None = None


# --- indicators, entitlements, suspicions ------------------------------------------------------------------


class Side(Declaration):
    """One side of a ratio: which subjects, and what of each is added up (1 = they are counted)."""

    of: SubjectKind
    where: Rule = "true"
    sum: Rule = "1"
    distinct: Literal["township"] | None = None  # count the townships the subjects are in, each once
    # Instead of adding up, over the subjects that have the number: the middle one, the smallest, or how far they
    # lie apart (standard deviation over mean, each weighted by `weight`).
    median: Rule | None = None
    least: Rule | None = None
    spread: Rule | None = None
    weight: Rule = "1"

    @property
    def fold(self) -> str:
        """How one number is made of many: sum, median, least or spread."""
        return next((name for name in ("median", "least", "spread") if getattr(self, name)), "sum")

    @property
    def amount(self) -> str:
        """The rule for what is taken of each subject."""
        return str(getattr(self, self.fold))


class Reported(Declaration):
    """A value a body types in: shown with the pencil, never mixed with computed ones."""

    form: str
    field: str
    body: str


class Indicator(Sourced):
    id: Id
    name: Text
    definition: Text
    unit: str
    scale: float = 1  # 100 for percent, 1000 for per thousand
    sensitivity: Sensitivity = "basic"
    numerator: Side | None = None
    denominator: Side | None = None  # None with a numerator: a plain count
    for_each: str | None = None  # pathway: one line per countable step, `this` in the rules
    only_steps: Ids = []
    judge: Literal["value", "worst_township", "worst_item_and_township"] = "value"
    rare: bool = False  # counts, interval and three-year rate are always shown
    min_denominator: int = 0  # below it a part is not judged
    # Counts that would point at a child where they are small; told apart only to those who see the children.
    small_counts: list[Literal["numerator", "denominator", "rest"]] = ["numerator", "denominator", "rest"]
    period: Literal["day", "month", "quarter", "year"] = "day"
    cuts: list[Literal["sex", "township", "village", "age"]] = []
    reported: Reported | None = None
    document: Side | None = None  # counts valid documents: statuses of facilities, places, bodies
    denominator_source: Text | None = None


class Missing(Declaration):
    """A fact that is missing while a rule is unknown, in words a person can be asked for."""

    when: Rule
    what: Text


class Entitlement(Sourced):
    """A benefit and who has a right to it: yes, no, or unknown with what is missing.

    With `every`, `since` and `paid_as` it is also told which periods were not paid: whole months, terms or
    years from `since` to `until`, against the payments on file.
    """

    id: Id
    name: Text
    measures: Ids = []
    subject: SubjectKind = "child"
    group: Literal["living", "medical", "rehabilitation", "education", "family"] = "living"
    rule: Rule
    received_when: Rule | None = None
    needs: list[Missing] = []  # beside the missing facts of the subject itself
    amount: str | None = None  # parameter: what one period pays
    rate: Rule | None = None  # what one period pays where it depends on the child; instead of `amount`
    every: Literal["month", "term", "year"] | None = None
    since: Rule | None = None  # day from which it is owed
    until: Rule | None = None  # first day on which it is no longer owed
    paid_as: str | None = None  # code of the benefit in the payment form
    article: str
    documents: list[Text] = []
    apply_to: Text | None = None  # where, and who may apply
    alerts: list[AlertRule] = []  # over where a child stands: `state`, `since`, and the child's names
    sensitivity: Sensitivity = "welfare"


class Layer(Sourced):
    """One payer of a bill. `pays`: yuan, over the child's facts and `bill`, `covered`, `left`, `level`."""

    id: Id
    name: Text
    applies_when: Rule = "true"
    pays: Rule  # never more than what is left, nor less than nothing
    article: str


class BillShare(Sourced):
    """Who pays a medical bill in which order; each layer sees what the layers before it left."""

    id: Id
    name: Text
    measures: Ids = []
    sensitivity: Sensitivity = "welfare"
    levels: str  # vocabulary of the places of treatment
    layers: list[Layer]
    note: Text | None = None


class Suspicion(Sourced):
    """Facts that suggest a status nobody has decided: a list for a person, never a decision."""

    id: Id
    name: Text
    pathway: str
    suggests: str  # scheme:code
    when: Rule
    to: str
    because: Text


# --- people and places --------------------------------------------------------------------------------------


class Role(Sourced):
    id: Id
    name: Text
    level: Literal["district", "township", "village", "body", "facility"]
    reads: list[Sensitivity]  # children's files, within its places; [] = counts only
    reads_children: bool = True
    records: Ids = []  # forms
    verifies: bool = False
    coordinates: bool = False  # sees the whole plan and all tasks, no child
    configures: bool = False  # packs, accounts; reads no child
    audits: bool = False
    day: list[DaySection] = []  # what somebody of this role sees first thing in the morning
    note: Text | None = None


class StatusScheme(Sourced):
    id: Id
    name: Text
    subject: SubjectKind
    vocabulary: str
    sensitivity: Sensitivity
    ledger: bool = False  # has a 台账
    several: bool = False  # several codes may be open at once: two certificates of one person
    counts_days: bool = False  # its ledger shows how many days each entry has lasted, and the child's in all
    kept_by: Ids = []  # roles that keep the child's file while it is open, wherever the child lives


class FacilityType(Sourced):
    id: Id
    name: Text
    level: str = ""
    bodies: Ids = []
    norms: dict[str, str] = {}
    registered_by: Ids = []  # roles that enter one where they work, beside the coordinating office
    note: Text | None = None


Raising = Pathway | Cascade | Entitlement | Surveillance  # what may raise alerts

FOLDERS: dict[str, type[Declaration]] = {
    "plans": Plan,
    "measures": Measure,
    "vocabularies": Vocabulary,
    "parameters": Parameter,
    "calendars": Calendar,
    "forms": Form,
    "pathways": Pathway,
    "cascades": Cascade,
    "indicators": Indicator,
    "checklists": Checklist,
    "entitlements": Entitlement,
    "bills": BillShare,
    "suspicions": Suspicion,
    "cases": CaseKind,
    "surveillance": Surveillance,
    "surveys": Survey,
    "roles": Role,
    "statuses": StatusScheme,
    "facility_types": FacilityType,
    "tests": TestFile,
}
Plan.model_rebuild()
