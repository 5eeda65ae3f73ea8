"""Everything a pack must satisfy before a district may run on it, found in one go.

References lead somewhere, rules have the right type, targets are complete, measures have bodies. Test
children are run by `yimi.engines.trials`, which needs the engines. Problems carry file:line:column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from yimi.pack import schema
from yimi.pack.cascade_check import check_cascade
from yimi.pack.case_shape import case_problems
from yimi.pack.checklist_check import check_checklist
from yimi.pack.day_check import check_day
from yimi.pack.entitlement_shape import check_alerts, entitlement_problems
from yimi.pack.form_check import check_form, check_gates
from yimi.pack.load import Pack, read_pack
from yimi.pack.pathway_shape import shape_problems
from yimi.pack.problems import Problem
from yimi.pack.read import Path_
from yimi.pack.scopes import BILL, DUE_ITEM, NAMES, codes_of, form_codes, form_fields, item_codes, scope_of
from yimi.pack.swallowed import swallowed_keys
from yimi.pack.watching_check import check_surveillance, check_survey
from yimi.rules.check import BOOLEAN, DATE, NUMBER, PERIOD, Scope, check, suggestion

# What is known of a step while a pathway is being worked out; its status comes last.
_DATED = frozenset({"done", "due", "overdue_after", "expires", "applies"})


@dataclass
class Report:
    """What a check found: errors stop the pack, warnings are for its owner to settle."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def check_folder(name: str | Path) -> Report:
    """All problems of a pack's files and rules in one run, sorted by place."""
    pack, problems = read_pack(name)
    report = check_pack(pack) if pack else Report()
    report.errors = sorted({*problems, *report.errors})
    return report


def check_pack(pack: Pack) -> Report:
    """All problems of a loaded pack, sorted by place, and its totals."""
    checks = _Checks(pack)
    checks.run()
    return Report(sorted(set(checks.errors)), sorted(set(checks.warnings)), counts(pack))


def counts(pack: Pack) -> dict[str, int]:
    """The totals a check prints."""
    measures = pack.measures.values()
    return {
        "measures": len(pack.measures),
        "bodies": len({each.body for measure in measures for each in measure.bodies}),
        "assignments": sum(len(measure.bodies) for measure in measures),
        "targets": len(pack.targets),
        "milestones": sum(len(plan.milestones) for plan in pack.plans.values()),
        "instruments": sum(len(measure.instruments) for measure in measures),
        "townships": len(pack.townships()),
        "villages": len(pack.villages()),
        "pathways": len(pack.pathways),
        "cascades": len(pack.cascades),
        "surveillance": len(pack.surveillance),
        "surveys": len(pack.surveys),
        "checklists": len(pack.checklists),
        "cases": len(pack.cases),
        "forms": len(pack.forms),
        "indicators": len(pack.indicators),
        "entitlements": len(pack.entitlements),
        "test_children": sum(len(each.children) for each in pack.tests.values()),
        "unconfirmed": sum(1 for _ in unconfirmed(pack)),
    }


def unconfirmed(pack: Pack) -> Iterator[tuple[str, str, schema.Sourced]]:
    """(kind, id, declaration) of everything recalled that nobody has confirmed yet."""
    for kind, rows in pack.declared.items():
        for name, each in rows.items():
            yield from ((kind, where, found) for where, found in _sourced(name, each) if not found.usable)


def _sourced(name: str, value: Any) -> Iterator[tuple[str, schema.Sourced]]:
    if isinstance(value, schema.Sourced):
        yield name, value
    if isinstance(value, schema.Declaration):
        for field_name in type(value).model_fields:
            inner = getattr(value, field_name)
            for each in inner if isinstance(inner, list) else ():
                label = getattr(each, "id", None) or getattr(each, "code", None) or field_name
                yield from _sourced(f"{name}.{label}", each)


class _Checks:
    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    # --- noting -------------------------------------------------------------------------------------------

    def bad(self, kind: str, name: str, path: Path_, message: str, offset: int = 0) -> None:
        self.errors.append(self.pack.sources[(kind, name)].problem(message, path, offset))

    def doubt(self, kind: str, name: str, path: Path_, message: str) -> None:
        self.warnings.append(self.pack.sources[(kind, name)].problem(message, path))

    def known(
        self, kind: str, name: str, path: Path_, value: str | None, among: Iterable[str], what: str
    ) -> None:
        choices = list(among)
        unread = value in self.pack.broken or f"{what}s.csv" in self.pack.broken
        if value is not None and value not in choices and not unread:
            self.bad(kind, name, path, f"there is no {what} '{value}'{suggestion(value, choices)}")

    def rule(
        self, kind: str, name: str, path: Path_, text: str | None, scope: Scope, wanted: str | None
    ) -> None:
        for problem in check(text, scope, wanted) if text else []:
            # What a file that cannot be read would have declared is no second problem.
            if not (problem.message.startswith("unknown ") and self.pack.broken):
                self.bad(kind, name, path, problem.message, problem.at)

    # --- everything ---------------------------------------------------------------------------------------

    def run(self) -> None:
        pack = self.pack
        for plan in pack.plans.values():
            self.plan(plan)
        for measure in pack.measures.values():
            self.measure(measure)
        for parameter in pack.parameters.values():
            self.parameter(parameter)
        for form in pack.forms.values():
            check_form(self, form)
        for pathway in pack.pathways.values():
            self.pathway(pathway)
        for cascade in pack.cascades.values():
            check_cascade(self, cascade)
        for surveillance in pack.surveillance.values():
            check_surveillance(self, surveillance)
        for survey in pack.surveys.values():
            check_survey(self, survey)
        for case in pack.cases.values():
            self.case(case)
        for checklist in pack.checklists.values():
            check_checklist(self, checklist)
        for indicator in pack.indicators.values():
            self.indicator(indicator)
        self.small_ones()
        self.roles()
        self.places()
        for (kind, name), source in pack.sources.items():
            for path, key in swallowed_keys(source.value):
                self.doubt(
                    kind, name, path, f"'{key}:' stands inside this text: close the text before the comma"
                )
        for test in pack.tests.values():
            self.test(test)

    def plan(self, plan: schema.Plan) -> None:
        listed = [measure for chapter in plan.chapters for measure in chapter.measures]
        for index, chapter in enumerate(plan.chapters):
            for position, measure in enumerate(chapter.measures):
                self.known(
                    "plans",
                    plan.id,
                    ("chapters", index, "measures", position),
                    measure,
                    self.pack.measures,
                    "measure",
                )
        for each in self.pack.measures.values():
            if each.plan == plan.id and each.id not in listed:
                self.bad(
                    "measures", each.id, ("chapter",), f"no chapter of plan '{plan.id}' lists this measure"
                )
        for index, milestone in enumerate(plan.milestones):
            self.known(
                "plans",
                plan.id,
                ("milestones", index, "indicator"),
                milestone.indicator,
                self.pack.indicators,
                "indicator",
            )
            self.known(
                "plans",
                plan.id,
                ("milestones", index, "measure"),
                milestone.measure,
                self.pack.measures,
                "measure",
            )

    def measure(self, measure: schema.Measure) -> None:
        self.known("measures", measure.id, ("plan",), measure.plan, self.pack.plans, "plan")
        if not measure.bodies:
            self.bad("measures", measure.id, ("bodies",), "a measure needs at least one responsible body")
        for index, each in enumerate(measure.bodies):
            self.known(
                "measures",
                measure.id,
                ("bodies", index, "body"),
                each.body,
                self.pack.organizations,
                "organization",
            )
        self.known(
            "measures", measure.id, ("chased",), measure.chased, self.pack.organizations, "organization"
        )
        for index, target in enumerate(measure.targets):
            self.target(measure, index, target)
        for index, instrument in enumerate(measure.instruments):
            self.instrument(measure, index, instrument)

    def target(self, measure: schema.Measure, index: int, target: schema.Target) -> None:
        path: Path_ = ("targets", index)
        self.known(
            "measures", measure.id, (*path, "indicator"), target.indicator, self.pack.indicators, "indicator"
        )
        if not target.unit.strip():
            self.bad("measures", measure.id, (*path, "unit"), f"target {target.id} needs a unit")
        if target.deadline is None and target.deadline_note is None:
            self.bad(
                "measures",
                measure.id,
                path,
                f"target {target.id} needs a deadline, or a deadline_note that says why none",
            )
        if "".join(target.phrase.split()) not in "".join(measure.text.split()):
            self.bad(
                "measures",
                measure.id,
                (*path, "phrase"),
                f"the phrase of {target.id} does not stand in the measure's text",
            )
        if (target.operator in (">=", ">") and target.direction == "down") or (
            target.operator in ("<=", "<") and target.direction == "up"
        ):
            self.bad(
                "measures",
                measure.id,
                (*path, "direction"),
                f"direction '{target.direction}' contradicts '{target.operator}'",
            )

    def instrument(self, measure: schema.Measure, index: int, each: schema.Instrument) -> None:
        path: Path_ = ("instruments", index)
        if each.planned == bool(each.served_by):
            self.bad(
                "measures",
                measure.id,
                path,
                f"instrument {each.id} is either served_by a declaration or planned: true",
            )
        kind, _, name = (each.served_by or "").partition(":")
        if each.served_by:
            folders = {"pathway": "pathways", "cascade": "cascades", "form": "forms", "indicator": "indicators", "status": "statuses",
                       "entitlement": "entitlements", "vocabulary": "vocabularies", "facility_type": "facility_types",
                       "parameter": "parameters", "role": "roles", "plan": "plans", "bill": "bills", "suspicion": "suspicions",
                       "case": "cases", "surveillance": "surveillance", "survey": "surveys",
                       "checklist": "checklists"}  # fmt: skip
            if kind not in folders:
                self.bad("measures", measure.id, (*path, "served_by"), f"'{kind}' is no kind of declaration")
            else:
                self.known(
                    "measures", measure.id, (*path, "served_by"), name, self.pack.of(folders[kind]), kind
                )

    def parameter(self, each: schema.Parameter) -> None:
        if not each.values:
            self.bad("parameters", each.id, ("values",), "a parameter needs at least one value")
        if len({" " in value.value for value in each.values}) > 1:
            self.bad("parameters", each.id, ("values",), "values are all numbers or all periods")
        for index, value in enumerate(each.values):
            count, _, unit = value.value.partition(" ")
            numeric = count.replace(".", "", 1).isdigit() if not unit else count.isdigit()
            if not numeric or unit not in ("", "day", "week", "month", "year"):
                self.bad(
                    "parameters",
                    each.id,
                    ("values", index, "value"),
                    f"'{value.value}' is no number and no period like '3 month'",
                )

    def pathway(self, pathway: schema.Pathway) -> None:
        steps = frozenset(each.id for each in pathway.steps)
        scope = replace(scope_of(self.pack, pathway.subject, steps), step_functions=_DATED)
        name = pathway.id
        before_steps = replace(scope, step_functions=frozenset())
        self.rule("pathways", name, ("applies_when",), pathway.applies_when, before_steps, BOOLEAN)
        for path, message, offset in shape_problems(self.pack, pathway):
            self.bad("pathways", name, path, message, offset)
        self.known("pathways", name, ("opens_on",), pathway.opens_on, self.pack.statuses, "status")
        for index, measure in enumerate(pathway.measures):
            if self.pack.measures:
                self.known("pathways", name, ("measures", index), measure, self.pack.measures, "measure")
        seen: set[str] = set()
        for index, step in enumerate(pathway.steps):
            if step.id in seen or self.pack.steps[step.id][0].id != name:
                self.bad(
                    "pathways", name, ("steps", index, "id"), f"step '{step.id}' stands twice in this pack"
                )
            seen.add(step.id)
            self.step(pathway, index, step, scope)
            if step.public_mark and (pathway.subject, pathway.sensitivity) != ("facility", "basic"):
                message = "a public mark tells of facilities in pathways of the sensitivity basic only"
                self.bad("pathways", name, ("steps", index, "public_mark"), message)
        for index, alert in enumerate(pathway.alerts):
            self.alert(pathway, index, alert, scope)

    def step(self, pathway: schema.Pathway, index: int, step: schema.Step, scope: Scope) -> None:
        name, path = pathway.id, ("steps", index)
        self.known("pathways", name, (*path, "form"), step.form, self.pack.forms, "form")
        of_records = replace(scope, step_functions=frozenset())
        self.known("pathways", name, (*path, "after"), step.after, scope.steps, "step")
        if step.form in self.pack.forms:
            fields = form_fields(self.pack, step.form)
            self.rule(
                "pathways",
                name,
                (*path, "satisfied_by"),
                step.satisfied_by,
                of_records.with_names(form_codes(self.pack, step.form), **fields),
                BOOLEAN,
            )
        self.rule("pathways", name, (*path, "applies_when"), step.applies_when, scope, BOOLEAN)
        self.rule("pathways", name, (*path, "every"), step.every, scope, PERIOD)
        editions = {"*", *(each.id for each in pathway.editions)}
        for field_name in ("earliest", "due", "overdue_after", "expires"):
            for position, dated in enumerate(getattr(step, field_name) or []):
                where = (*path, field_name, position)
                self.known("pathways", name, (*where, "edition"), dated.edition, editions, "edition")
                self.rule("pathways", name, (*where, "rule"), dated.rule, scope, DATE)
        for position, apart in enumerate(step.apart):
            self.known(
                "pathways", name, (*path, "apart", position, "form"), apart.form, self.pack.forms, "form"
            )
            if apart.form in self.pack.forms:
                fields = form_fields(self.pack, apart.form)
                self.rule(
                    "pathways",
                    name,
                    (*path, "apart", position, "where"),
                    apart.where,
                    of_records.with_names(form_codes(self.pack, apart.form), **fields),
                    BOOLEAN,
                )

    def alert(self, pathway: schema.Pathway, index: int, alert: schema.AlertRule, scope: Scope) -> None:
        path: Path_ = ("alerts", index)
        known = replace(
            scope.with_names(item_codes(pathway), **DUE_ITEM), step_functions=_DATED - {"applies"}
        )
        self.rule("pathways", pathway.id, (*path, "when"), alert.when, known, BOOLEAN)
        roles: Iterable[str] = self.pack.roles
        if pathway.subject == "case":
            self.case_alert(pathway, path, alert)
        elif roles:
            self.known("pathways", pathway.id, (*path, "to"), alert.to, roles, "role")
            for position, role in enumerate(alert.also):
                self.known("pathways", pathway.id, (*path, "also", position), role, roles, "role")
            if alert.task:
                self.known("pathways", pathway.id, (*path, "task", "to"), alert.task.to, roles, "role")
                self.known(
                    "pathways",
                    pathway.id,
                    (*path, "task", "verified_by"),
                    alert.task.verified_by,
                    roles,
                    "role",
                )
        if not alert.usable:
            self.doubt(
                "pathways",
                pathway.id,
                path,
                f"alert '{alert.id}' rests on a recalled rule: it stays silent until somebody confirms it",
            )

    def case_alert(self, pathway: schema.Pathway, path: Path_, alert: schema.AlertRule) -> None:
        """It tells parties: those of every kind of case that runs on this pathway."""
        kinds = [each for each in self.pack.cases.values() if each.pathway == pathway.id]
        wanted: dict[tuple[str, ...], str] = {("to",): alert.to}
        if alert.task:
            wanted |= {("task", "to"): alert.task.to, ("task", "verified_by"): alert.task.verified_by}
        for kind in kinds:
            for where, name in wanted.items():
                self.known(
                    "pathways", pathway.id, (*path, *where), name, [p.id for p in kind.parties], "party"
                )
        if self.pack.roles:
            coordinating = [each.id for each in self.pack.roles.values() if each.coordinates]
            for position, role in enumerate(alert.also):
                self.known(
                    "pathways", pathway.id, (*path, "also", position), role, coordinating, "coordinating role"
                )

    def case(self, kind: schema.CaseKind) -> None:
        for path, message in case_problems(self.pack, kind):
            if not self.pack.broken:
                self.bad("cases", kind.id, path, message)
        for index, measure in enumerate(kind.measures):
            if self.pack.measures:
                self.known("cases", kind.id, ("measures", index), measure, self.pack.measures, "measure")
        for index, party in enumerate(kind.parties):
            check_gates(self, "cases", kind.id, ("parties", index, "requires"), party.requires, "facility")
        if kind.identity and kind.closing.form in self.pack.forms:
            fields = Scope(
                names=form_fields(self.pack, kind.closing.form),
                codes=form_codes(self.pack, kind.closing.form),
            )
            self.rule("cases", kind.id, ("identity", "when"), kind.identity.when, fields, BOOLEAN)
        if kind.restores and kind.closing.form in self.pack.forms:
            fields = Scope(
                names=form_fields(self.pack, kind.closing.form),
                codes=form_codes(self.pack, kind.closing.form),
            )
            self.rule("cases", kind.id, ("restores", "when"), kind.restores.when, fields, BOOLEAN)
        for field_name in ("opens_when", "reopens_when"):
            for index, each in enumerate(getattr(kind, field_name)):
                if each.form in self.pack.forms:
                    fields = Scope(names=form_fields(self.pack, each.form))
                    self.rule("cases", kind.id, (field_name, index, "where"), each.where, fields, BOOLEAN)

    def indicator(self, each: schema.Indicator) -> None:
        ways = [each.numerator is not None, each.reported is not None, each.document is not None]
        if sum(ways) != 1:
            self.bad(
                "indicators",
                each.id,
                (),
                "an indicator is computed (numerator), reported, or a document: exactly one of them",
            )
        self.known("indicators", each.id, ("for_each",), each.for_each, self.pack.pathways, "pathway")
        steps: frozenset[str] = frozenset()
        if each.for_each and each.for_each in self.pack.pathways:
            steps = frozenset({"this", *(step.id for step in self.pack.pathways[each.for_each].steps)})
            for index, step in enumerate(each.only_steps):
                self.known("indicators", each.id, ("only_steps", index), step, steps, "step")
        for name in ("numerator", "denominator", "document"):
            side: schema.Side | None = getattr(each, name)
            if side is not None:
                reachable = steps | frozenset(self.pack.steps) if side.of == "child" else steps
                scope = scope_of(self.pack, side.of, reachable)
                self.rule("indicators", each.id, (name, "where"), side.where, scope, BOOLEAN)
                self.rule("indicators", each.id, (name, "sum"), side.sum, scope, NUMBER)
                for fold in ("median", "least", "spread", "weight"):
                    self.rule("indicators", each.id, (name, fold), getattr(side, fold), scope, NUMBER)
                folds = [fold for fold in ("median", "least", "spread") if getattr(side, fold)]
                if folds and (
                    name != "numerator" or side.sum != "1" or side.distinct or each.denominator or each.rare
                    or len(folds) > 1
                ):  # fmt: skip
                    message = f"{folds[0]} stands alone: a numerator without sum, distinct and denominator, and not rare"
                    self.bad("indicators", each.id, (name, folds[0]), message)
                if side.weight != "1" and side.spread is None:
                    self.bad("indicators", each.id, (name, "weight"), "a weight belongs to a spread")
                if side.distinct and (side.sum != "1" or side.distinct not in NAMES[side.of]):
                    message = (
                        f"distinct counts the {side.distinct}s of subjects that have one, and adds nothing up"
                    )
                    self.bad("indicators", each.id, (name, "distinct"), message)
        if each.reported:
            self.known(
                "indicators", each.id, ("reported", "form"), each.reported.form, self.pack.forms, "form"
            )
            self.known(
                "indicators",
                each.id,
                ("reported", "body"),
                each.reported.body,
                self.pack.organizations,
                "organization",
            )

    def small_ones(self) -> None:
        for each in self.pack.entitlements.values():
            scope = scope_of(self.pack, each.subject)
            self.rule("entitlements", each.id, ("rule",), each.rule, scope, BOOLEAN)
            self.rule("entitlements", each.id, ("received_when",), each.received_when, scope, BOOLEAN)
            self.known("entitlements", each.id, ("amount",), each.amount, self.pack.parameters, "parameter")
            for path, message in entitlement_problems(self.pack, each):
                self.bad("entitlements", each.id, path, message)
            check_alerts(self, each)
            self.rule("entitlements", each.id, ("rate",), each.rate, scope, NUMBER)
            self.rule("entitlements", each.id, ("since",), each.since, scope, DATE)
            self.rule("entitlements", each.id, ("until",), each.until, scope, DATE)
            for index, need in enumerate(each.needs):
                self.rule("entitlements", each.id, ("needs", index, "when"), need.when, scope, BOOLEAN)
        for bill in self.pack.bills.values():
            self.known("bills", bill.id, ("levels",), bill.levels, self.pack.vocabularies, "vocabulary")
            scope = scope_of(self.pack, "child").with_names(**BILL)
            for index, layer in enumerate(bill.layers):
                self.rule(
                    "bills", bill.id, ("layers", index, "applies_when"), layer.applies_when, scope, BOOLEAN
                )
                self.rule("bills", bill.id, ("layers", index, "pays"), layer.pays, scope, NUMBER)
        for suspicion in self.pack.suspicions.values():
            self.known(
                "suspicions", suspicion.id, ("pathway",), suspicion.pathway, self.pack.pathways, "pathway"
            )
            if suspicion.pathway in self.pack.pathways:
                scope = scope_of(self.pack, self.pack.pathways[suspicion.pathway].subject)
                self.rule("suspicions", suspicion.id, ("when",), suspicion.when, scope, BOOLEAN)
            scheme, _, code = suspicion.suggests.partition(":")
            self.known("suspicions", suspicion.id, ("suggests",), scheme, self.pack.statuses, "status")
            codes = (
                codes_of(self.pack, self.pack.statuses[scheme].vocabulary)
                if scheme in self.pack.statuses
                else None
            )
            if codes is not None:
                self.known("suspicions", suspicion.id, ("suggests",), code or None, sorted(codes), "code")
        for scheme_ in self.pack.statuses.values():
            for index, role in enumerate(scheme_.kept_by if self.pack.roles else ()):
                self.known("statuses", scheme_.id, ("kept_by", index), role, self.pack.roles, "role")
            self.known(
                "statuses",
                scheme_.id,
                ("vocabulary",),
                scheme_.vocabulary,
                self.pack.vocabularies,
                "vocabulary",
            )
        for vocabulary in self.pack.vocabularies.values():
            self.doubled(vocabulary)

    def roles(self) -> None:
        """Who enters a form: the role lists it and the form names the role; one without the other is a slip."""
        for role in self.pack.roles.values():
            for index, name in enumerate(role.records):
                self.known("roles", role.id, ("records", index), name, self.pack.forms, "form")
                form = self.pack.forms.get(name)
                if form is not None and role.id not in form.recorded_by:
                    message = f"form '{name}' does not name role '{role.id}' in recorded_by"
                    self.doubt("roles", role.id, ("records", index), message)
            check_day(self, role)
        for each in self.pack.facility_types.values():
            for index, name in enumerate(each.registered_by):
                self.known("facility_types", each.id, ("registered_by", index), name, self.pack.roles, "role")

    def doubled(self, vocabulary: schema.Vocabulary) -> None:
        seen: set[str] = set()
        for index, code in enumerate(vocabulary.codes):
            if code.code in seen:
                self.bad(
                    "vocabularies",
                    vocabulary.id,
                    ("codes", index, "code"),
                    f"code '{code.code}' stands twice",
                )
            seen.add(code.code)

    def places(self) -> None:
        for each in self.pack.places.values():
            if each.parent and each.parent not in self.pack.places:
                self.bad("places", each.code, (), f"place {each.code}: there is no parent '{each.parent}'")
        for organization in self.pack.organizations.values():
            if organization.place not in self.pack.places:
                self.bad(
                    "organizations",
                    organization.id,
                    (),
                    f"organization '{organization.id}': there is no place '{organization.place}'",
                )

    def test(self, each: schema.TestFile) -> None:
        self.known("tests", each.id, ("pathway",), each.pathway, self.pack.pathways, "pathway")
        if each.pathway not in self.pack.pathways:
            return
        steps: Mapping[str, Any] = {step.id: step for step in self.pack.pathways[each.pathway].steps}
        for index, child in enumerate(each.children):
            for step in child.expect:
                self.known("tests", each.id, ("children", index, "expect", step, "#key"), step, steps, "step")
            for name in (*child.expect_reached, *child.expect_late):
                self.known("tests", each.id, ("children", index), name, self.pack.cascades, "cascade")
            for position, record in enumerate(child.records):
                self.known(
                    "tests",
                    each.id,
                    ("children", index, "records", position, "form"),
                    record.form,
                    self.pack.forms,
                    "form",
                )
