"""A pathway as one SQL query over the facts.

Columns read each other, so they come in layers (`schedule`), each a projection of the one before: the whole
pathway is one scan of the facts without a join. Columns of a step S are named "S.done", "S.due" and so on;
what only the query needs begins with "#".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from yimi.engines.backend import binding, list_fields
from yimi.engines.due.editions import Segment, segments
from yimi.engines.due.schedule import Column, carried, scheduled
from yimi.pack.load import Pack
from yimi.pack.reads import EXCEPTIONS, waits_for
from yimi.pack.schema import Apart, Pathway, Step
from yimi.pack.scopes import NAMES
from yimi.rules.parse import parse
from yimi.rules.sql import Binding, day, one_of, quote, text, to_sql
from yimi.rules.tree import steps_read


def layers(pathway: Pathway) -> list[list[Step]]:
    """Steps in order of what they wait for. Raises ValueError on a circle (the pack check says it nicely)."""
    waits = {step.id: waits_for(step) - {step.id} for step in pathway.steps}
    depth: dict[str, int] = {}

    def place(step: str, path: tuple[str, ...]) -> int:
        if step in path:
            raise ValueError(f"steps wait for each other in a circle: {' → '.join((*path, step))}")
        if step not in depth:
            depth[step] = max(
                (place(each, (*path, step)) + 1 for each in waits[step] if each in waits), default=0
            )
        return depth[step]

    for step in pathway.steps:
        place(step.id, ())
    return [
        [each for each in pathway.steps if depth[each.id] == level]
        for level in range(max(depth.values()) + 1)
    ]


STATE_COLUMNS = (
    "done", "seq", "ordinal", "earliest", "due", "overdue_after", "expires", "status", "exception", "counted",
)  # fmt: skip


class Compiler:
    """One pathway of a pack."""

    def __init__(self, pack: Pack, pathway: Pathway) -> None:
        self.pack = pack
        self.pathway = pathway
        self.lists = list_fields(pack, pathway.subject)
        self.facts = {*NAMES[pathway.subject], *self.lists}
        self.known = binding(pack)
        self.forecast = replace(self.known, anchors=True)
        asked = [(step.form, step.satisfied_by) for step in pathway.steps]
        asked += [(apart.form, apart.where) for step in pathway.steps for apart in step.apart]
        self.choices = {each: f"#of.{index}" for index, each in enumerate(dict.fromkeys(asked))}
        self.has_exceptions = bool(pathway.exceptions) and EXCEPTIONS in pack.forms

    def sql(self, rule: str, how: Binding) -> str:
        return to_sql(parse(rule), how, self.lists)

    def query(self, facts: str, beside: Sequence[Column] = ()) -> str:
        """SELECT of subject_id, STATE_COLUMNS of every step as "S.column", and the columns `beside` them."""
        layers, answers = [list(self.first_columns()), *self.layers(beside)], self.answers(beside)
        source = f"{facts} WHERE ({self.start()}) IS NOT FALSE"
        for passed, columns in zip(carried(layers, self.facts, answers), layers, strict=True):
            names = ", ".join(['"subject_id"', *map(quote, passed), *map(str, columns)])
            source = f"(SELECT {names} FROM {source})"
        return f"SELECT subject_id, {', '.join(map(quote, answers))} FROM {source}"

    def start(self) -> str:
        """The condition under which the pathway runs for a subject; unknown counts as running."""
        start = self.sql(self.pathway.applies_when, self.known)
        if not self.pathway.opens_on:
            return start
        return f'({start}) AND len(list_filter("status", lambda s: s.scheme = {text(self.pathway.opens_on)})) > 0'

    def answers(self, beside: Sequence[Column] = ()) -> list[str]:
        """The names of the columns the query gives."""
        state = [f"{step.id}.{name}" for step in self.pathway.steps for name in STATE_COLUMNS]
        return [*state, *(each.name for each in beside)]

    def layers(self, beside: Sequence[Column] = ()) -> list[list[Column]]:
        """Everything after `first_columns`, in the order it is computed."""
        return scheduled([*self.columns(), *beside], self.answers(beside))

    def first_columns(self) -> Iterator[Column]:
        yield Column("#applies", self.start())
        yield Column("#exceptions", self.exceptions_in_force())
        yield from self.chosen_records()

    def columns(self) -> Iterator[Column]:
        """Everything the query computes, in no order: `scheduled` finds it."""
        for step in self.pathway.steps:
            yield from self.rule_columns(step)
            if step.every:
                yield Column(f"#{step.id}.hits", self.hits(step))
            else:
                yield Column(f"#{step.id}.hit", self.hit(step))
                yield from self.clear_columns(step)
            yield from self.done_columns(step)
            yield Column(f"{step.id}.earliest", self.earliest(step))
            yield Column(f"{step.id}.due", self.due(step))
            yield from self.limit_columns(step)
            yield from self.wanted_columns(step)
            yield Column(f"{step.id}.status", self.status(step))
        for group in sorted({each.alternative for each in self.pathway.steps if each.alternative}):
            yield Column(f"#series.{group}", self.begun_series(group))

    # --- column by column -----------------------------------------------------------------------------------

    def rule_columns(self, step: Step) -> Iterator[Column]:
        """The dates each edition gives: for judging records (missing stays missing) and for the forecast."""
        yield from self.judging_columns(step, "#")
        yield Column(
            f"{step.id}.applies", self.sql(step.applies_when, self.known) if step.applies_when else "TRUE"
        )
        for index, segment in enumerate(segments(self.pathway, step.earliest)):
            rule = segment.rule
            yield Column(f"#{step.id}.f{index}", self.sql(rule, self.forecast) if rule else "NULL::DATE")

    def judging_columns(self, step: Step, mark: str) -> Iterator[Column]:
        """The first day a record counts and the first it no longer does, an edition each: "#S.e0", "#S.x0"."""
        for index, segment in enumerate(segments(self.pathway, step.earliest)):
            rule = segment.rule
            yield Column(f"{mark}{step.id}.e{index}", self.sql(rule, self.known) if rule else "NULL::DATE")
        for index, segment in enumerate(segments(self.pathway, step.expires)):
            # An expiry that is counted from the step's own due date limits the work, not what a record is worth.
            rule = segment.rule if segment.rule and step.id not in steps_read(parse(segment.rule)) else None
            yield Column(f"{mark}{step.id}.x{index}", self.sql(rule, self.known) if rule else "NULL::DATE")

    def chosen_records(self) -> Iterator[Column]:
        """The records each condition picks, once a condition, as day and arrival: a step asks for no more."""
        narrow = 'lambda p: struct_pack("on" := p."on", "#seq" := p."#seq")'
        for (form, rule), name in self.choices.items():
            condition = self.sql(rule, self.known.inside(self.lists[form]))
            picked = f"list_filter({quote(form)}, lambda r: {condition})"
            yield Column(name, f"list_transform({picked}, {narrow})")

    def chosen(self, form: str, rule: str) -> str:
        return quote(self.choices[(form, rule)])

    def counts(self, step: Step) -> str:
        """Does record r, which fulfils the step's condition, count? Its edition, predecessor and distances."""
        earliest = in_force(f"#{step.id}.e", segments(self.pathway, step.earliest), 'r."on"')
        expires = in_force(f"#{step.id}.x", segments(self.pathway, step.expires), 'r."on"')
        conditions = [f'r."on" >= {earliest}']
        if step.expires:
            conditions.append(f'({expires} IS NULL OR r."on" < {expires})')
        if step.after:
            conditions.append(f'r."on" > {quote(step.after + ".done")}')
        conditions += [f"len({self.too_close(each)}) = 0" for each in step.apart]
        return " AND ".join(conditions)

    def too_close(self, apart: Apart) -> str:
        """Records of the other form that lie too near before record r."""
        until = 'e."on" < r."on"'
        if not apart.same_day_allowed:
            # Of two on one day the one that arrived first stands; else neither would count.
            until = f'({until} OR (e."on" = r."on" AND e."#seq" < r."#seq"))'
        others = self.chosen(apart.form, apart.where)
        return f'list_filter({others}, lambda e: {until} AND e."on" > r."on" - {apart.days})'

    def hit(self, step: Step) -> str:
        return f"{self.hits(step)}[1]"

    def hits(self, step: Step) -> str:
        return f"list_filter({self.chosen(step.form, step.satisfied_by)}, lambda r: {self.counts(step)})"

    def done_columns(self, step: Step) -> Iterator[Column]:
        if not step.every:
            hit = quote(f"#{step.id}.hit")
            yield Column(f"{step.id}.done", f'{hit}."on"')
            yield Column(f"{step.id}.seq", f'{hit}."#seq"')
            yield Column(f"{step.id}.ordinal", str(step.ordinal))
            return
        hits = quote(f"#{step.id}.hits")
        # A recurring step is never simply done: `done` is the last time, and the next is due.
        yield Column(f"{step.id}.done", f'({hits}[-1])."on"')
        yield Column(f"{step.id}.seq", f'({hits}[-1])."#seq"')
        yield Column(f"{step.id}.ordinal", f"len({hits}) + 1")

    def clear_columns(self, step: Step) -> Iterator[Column]:
        """The first day that keeps its distance from every record of the other form so far."""
        for index, apart in enumerate(step.apart):
            others = self.chosen(apart.form, apart.where)
            clear = f'list_max(list_transform({others}, lambda e: e."on" + {apart.days}))'
            yield Column(f"#{step.id}.clear{index}", clear)

    def first_day(self, step: Step) -> str:
        """The first day on which a record would be judged valid, whichever edition judges it."""
        open_ = f"{quote(step.id + '.done')} IS NULL"
        aparts = () if step.every else range(len(step.apart))
        clear = [f"CASE WHEN {open_} THEN {quote(f'#{step.id}.clear{index}')} END" for index in aparts]
        cut = segments(self.pathway, step.earliest)
        days = []
        for index, segment in enumerate(cut):
            value = quote(f"#{step.id}.f{index}")
            later = [*([day(segment.since)] if segment.since else []), *clear]
            if later:
                # DuckDB's greatest passes over NULL: right for a distance that binds nothing, wrong for a rule.
                value = f"CASE WHEN {value} IS NOT NULL THEN greatest({', '.join([value, *later])}) END"
            if segment.until:
                value = f"CASE WHEN {value} < {day(segment.until)} THEN {value} END"
            days.append(value)
        return days[0] if len(days) == 1 else f"least({', '.join(days)})"

    def earliest(self, step: Step) -> str:
        first = self.first_day(step)
        return self.next_turn(step, first) if step.every and step.due is None else first

    def next_turn(self, step: Step, start: str) -> str:
        """Rolling: the period after the last time. Fixed: the first turn counted from the start not yet served."""
        every, last = self.sql(step.every or "", self.known), quote(step.id + ".done")
        if step.recurs_from == "last_done":
            return f"CASE WHEN {last} IS NULL THEN {start} ELSE ({last} + {every})::DATE END"
        turns = f"list_transform(range(0, 1200), lambda n: ({start} + {every} * n)::DATE)"
        current = f"coalesce(list_filter({turns}, lambda t: t <= as_of)[-1], {start})"
        following = f"list_filter({turns}, lambda t: t > as_of)[1]"
        return f"CASE WHEN {last} >= {current} THEN {following} ELSE {current} END"

    def due(self, step: Step) -> str:
        earliest = quote(f"{step.id}.earliest")
        if step.due is None:
            return earliest
        how = replace(self.forecast, day="as_of")
        cut = segments(self.pathway, step.due)
        value = chosen_of(
            # An edition that names no due date leaves the earliest day.
            [(each, self.sql(each.rule, how) if each.rule else earliest) for each in cut],
            earliest,
        )
        # A rule that lacks a fact leaves no date: DuckDB's greatest would pass over it.
        first = (
            f"CASE WHEN {value} IS NOT NULL AND {earliest} IS NOT NULL THEN greatest({value}, {earliest}) END"
        )
        return self.next_turn(step, first) if step.every else first

    def limit_columns(self, step: Step) -> Iterator[Column]:
        """overdue_after and expires by the edition in force on the day done, or today while it is open."""
        on = f"coalesce({quote(step.id + '.done')}, as_of)" if not step.every else "as_of"
        for name, rules in (("overdue_after", step.overdue_after), ("expires", step.expires)):
            cut = segments(self.pathway, rules)
            choices = [
                (each, self.sql(each.rule, self.forecast) if each.rule else "NULL::DATE") for each in cut
            ]
            yield Column(f"{step.id}.{name}", chosen_of(choices, on) if cut else "NULL::DATE")
        yield Column(f"{step.id}.exception", self.exception(step))

    def exceptions_in_force(self) -> str:
        """Every open exception of the subject as text, '|MMR_1=refused|*=deferred', the newest last.

        Text, not a list a step: DuckDB sets up buffers for each list expression, and twenty-seven of them cost a
        second before the first row.
        """
        if not self.has_exceptions:
            return "''"
        mine = f"x.pathway = {text(self.pathway.id)} AND (x.until IS NULL OR x.until >= as_of)"
        open_ = f"list_filter({quote(EXCEPTIONS)}, lambda x: {mine})"
        return f"array_to_string(list_transform({open_}, lambda x: '|' || x.step || '=' || x.kind), '')"

    def exception(self, step: Step) -> str:
        pattern = text(rf".*\|(?:\*|{step.id})=([a-z_]+)")
        found = f"nullif(regexp_extract(\"#exceptions\", {pattern}, 1), '')"
        return f"CASE WHEN \"#exceptions\" <> '' THEN {found} END"

    def begun_series(self, group: str) -> str:
        """The series of an alternative that was begun first; NULL while none is."""
        series: dict[str, list[str]] = {}
        for step in self.pathway.steps:
            if step.alternative == group:
                series.setdefault(step.alternative_series or step.id, []).append(quote(step.id + ".done"))
        # Begun on one day: the default series, then by name, never by order in the file.
        default = {each.alternative_series or each.id for each in self.pathway.steps if each.default_series}
        ordered = sorted(series, key=lambda name: (name not in default, name))
        firsts = {name: f"least({', '.join(series[name])}, DATE '9999-12-31')" for name in ordered}
        earliest = f"least({', '.join(firsts.values())})"
        whens = " ".join(f"WHEN {first} = {earliest} THEN {text(name)}" for name, first in firsts.items())
        return f"CASE WHEN {earliest} = DATE '9999-12-31' THEN NULL {whens} END"

    def wanted_columns(self, step: Step) -> Iterator[Column]:
        """Is the step listed, and does it count in figures? An alternative counts once."""
        wanted = f'"#applies" AND {quote(step.id + ".applies")}'
        counted = wanted
        if step.alternative:
            begun = quote(f"#series.{step.alternative}")
            mine = text(step.alternative_series or step.id)
            wanted = f"{wanted} AND ({begun} IS NULL OR {begun} = {mine})"
            counted = f"{wanted} AND ({begun} = {mine} OR {'TRUE' if step.default_series else 'FALSE'})"
        yield Column(f"#{step.id}.wanted", wanted)
        yield Column(f"{step.id}.counted", f"coalesce({counted}, FALSE)")

    def status(self, step: Step) -> str:
        """The status of the due item on the day; NULL where the step does not apply."""
        c = {
            name: quote(f"{step.id}.{name}")
            for name in ("done", "due", "overdue_after", "expires", "exception")
        }
        kept = [text(each.kind) for each in self.pathway.exceptions if not each.keeps_due]
        closed = f"WHEN {one_of(c['exception'], kept)} THEN {c['exception']}" if kept else ""
        waiting = (
            f"WHEN {quote(step.after + '.done')} IS NULL AND as_of >= {c['due']} THEN 'waiting'"
            if step.after
            else ""
        )
        done = (
            ""
            if step.every
            else (
                f"WHEN {c['done']} > {c['overdue_after']} THEN 'done_late' WHEN {c['done']} IS NOT NULL THEN 'done'"
            )
        )
        not_in_force = "WHEN FALSE THEN NULL"
        if len(segments(self.pathway, step.earliest)) > 1:
            # Not in any edition that could judge it: no such step for this child, rather than an unknown one.
            not_in_force = f"WHEN {c['due']} IS NULL AND {self.no_edition(step)} THEN NULL"
        return f"""CASE WHEN {quote("#" + step.id + ".wanted")} IS FALSE THEN NULL {done}
            WHEN {quote("#" + step.id + ".wanted")} IS NULL THEN 'unknown' {not_in_force} {closed}
            WHEN as_of >= {c["expires"]} THEN 'expired' WHEN {c["due"]} IS NULL THEN 'unknown' {waiting}
            WHEN as_of > {c["overdue_after"]} THEN 'overdue' WHEN as_of >= {c["due"]} THEN 'due' ELSE 'upcoming' END"""

    def no_edition(self, step: Step) -> str:
        """True if a date was computed but falls outside every edition that has the step."""
        stated = [
            quote(f"#{step.id}.f{index}")
            for index, each in enumerate(segments(self.pathway, step.earliest))
            if each.rule
        ]
        return "(" + " AND ".join(f"{each} IS NOT NULL" for each in stated) + ")" if stated else "TRUE"


def in_force(prefix: str, cut: list[Segment], on: str) -> str:
    """The precomputed column of the edition in force on a day."""
    return (
        chosen_of([(each, quote(f"{prefix}{index}")) for index, each in enumerate(cut)], on)
        if cut
        else "NULL::DATE"
    )


def chosen_of(choices: list[tuple[Segment, str]], on: str) -> str:
    if len(choices) == 1:
        return choices[0][1]
    whens = " ".join(
        f"WHEN {on} >= {day(segment.since)} THEN {sql}" for segment, sql in reversed(choices) if segment.since
    )
    return f"CASE {whens} ELSE {choices[0][1]} END"
