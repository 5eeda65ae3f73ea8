"""What a rule may name, for each kind of subject: facts, lists and their fields, steps, parameters.

Engines build exactly these columns (`yimi.engines.facts`); `yimi.pack.check` checks rules against them.
"""

from __future__ import annotations

from yimi.pack.load import Pack, once_a_pack
from yimi.pack.schema import Pathway
from yimi.pack.tables import FIELD_TYPES
from yimi.rules import tree
from yimi.rules.check import BOOLEAN, DATE, NUMBER, PERIOD, TEXT, Scope, rule_type

NAMES: dict[str, dict[str, str]] = {
    "child": {
        "birth_date": DATE, "sex": TEXT, "ethnicity": TEXT, "birth_weight_g": NUMBER, "gestation_weeks": NUMBER,
        "death_date": DATE, "place": TEXT, "township": TEXT, "birth_place": TEXT, "birth_township": TEXT,
        "hukou_place": TEXT, "age_days": NUMBER, "age_months": NUMBER, "age_years": NUMBER, "as_of": DATE,
    },
    "person": {
        "birth_date": DATE, "sex": TEXT, "death_date": DATE, "place": TEXT, "township": TEXT, "as_of": DATE,
        "age_years": NUMBER,
    },
    "facility": {
        "kind": TEXT, "place": TEXT, "township": TEXT, "ownership": TEXT, "opened_on": DATE, "closed_on": DATE,
        "as_of": DATE,
    },
    "place": {"code": TEXT, "kind": TEXT, "place": TEXT, "township": TEXT, "as_of": DATE},
    "organization": {"id": TEXT, "kind": TEXT, "place": TEXT, "township": TEXT, "as_of": DATE},
    "household": {"as_of": DATE},
    "case": {
        "kind": TEXT, "opened_on": DATE, "closed_on": DATE, "place": TEXT, "township": TEXT, "as_of": DATE,
    },
}  # fmt: skip

_STATUS = {"scheme": TEXT, "code": TEXT, "since": DATE, "review_due": DATE, "days": NUMBER, "on": DATE}
_ENDED = {"scheme": TEXT, "code": TEXT, "since": DATE, "until": DATE, "days": NUMBER, "on": DATE}
_GROWTH = {
    "on": DATE, "age_days": NUMBER, "waz": NUMBER, "haz": NUMBER, "whz": NUMBER, "baz": NUMBER, "hcz": NUMBER,
    "weight_kg": NUMBER, "height_cm": NUMBER, "waz_drop": NUMBER,
}  # fmt: skip

BUILT_IN: dict[str, dict[str, dict[str, str]]] = {
    "child": {
        "status": _STATUS,
        "ended_status": _ENDED,
        "attendance": {
            "stage": TEXT, "grade": NUMBER, "since": DATE, "facility_kind": TEXT, "ownership": TEXT,
            "inclusive": BOOLEAN, "facility": NUMBER, "on": DATE,
        },
        "attended": {
            "stage": TEXT, "grade": NUMBER, "since": DATE, "until": DATE, "end_reason": TEXT,
            "facility_kind": TEXT, "on": DATE,
        },
        "guardian": {"kind": TEXT, "guardian": BOOLEAN, "dead_on": DATE, "on": DATE},
        "parent_state": {"kind": TEXT, "scheme": TEXT, "code": TEXT, "since": DATE, "on": DATE},
        "ended_parent_state": {
            "kind": TEXT, "scheme": TEXT, "code": TEXT, "since": DATE, "until": DATE, "on": DATE,
        },
        "growth": _GROWTH,
        "growth_cn": _GROWTH,
    },
    "person": {"status": _STATUS, "ended_status": _ENDED},
    "facility": {
        "status": _STATUS,
        "ended_status": _ENDED,
        "attendance": {"stage": TEXT, "grade": NUMBER, "since": DATE, "sex": TEXT, "on": DATE},
    },
    "place": {
        "status": _STATUS,
        "ended_status": _ENDED,
        "facility": {"kind": TEXT, "ownership": TEXT, "since": DATE, "on": DATE},
    },
    "organization": {"status": _STATUS, "ended_status": _ENDED},
    "household": {},
    "case": {
        "status": _STATUS,
        "ended_status": _ENDED,
        "party": {"party": TEXT, "organization": TEXT, "since": DATE, "on": DATE},
        "involved": {
            "role": TEXT, "sex": TEXT, "birth_date": DATE, "age_years": NUMBER, "since": DATE, "on": DATE,
        },
    },
}  # fmt: skip

# What an alert rule may say about the one due item it looks at.
DUE_ITEM = {
    "step": TEXT, "code": TEXT, "ordinal": NUMBER, "item_status": TEXT, "days_overdue": NUMBER, "due": DATE,
    "overdue_after": DATE, "earliest": DATE,
}  # fmt: skip

# The days between which a round of a cascade begins: the second is the first day of the next round.
ROUND = {"period_start": DATE, "period_end": DATE}
# What an alert rule of a cascade may say about a child that waits: for which stage, since when, how long too long.
CASCADE_ITEM = {"stage": TEXT, "since": DATE, "overdue_after": DATE, "days_overdue": NUMBER}

# Where a child stands with a benefit, and what an alert rule of the benefit may say about it.
RIGHT_STATES = ("receiving", "missing", "lost", "unknown", "unconfirmed")
RIGHT_ITEM = {"state": TEXT, "since": DATE}

# What a layer of a bill may say about the bill: all of it, the part within the catalog, what is left, where treated.
BILL = {"bill": NUMBER, "covered": NUMBER, "left": NUMBER, "level": TEXT}
ITEM_STATUSES = frozenset(
    {
        "done", "done_late", "upcoming", "waiting", "due", "overdue", "expired", "refused", "contraindicated", "deferred",
        "elsewhere", "not_found", "moved", "dead", "unknown", "not_needed",
    }
)  # fmt: skip

# Vocabularies of what every pack has; a pack without the vocabulary has no say.
_NAME_CODES = {"child": {"sex": "sex", "ethnicity": "ethnic_group"}, "person": {"sex": "sex"}}
_LIST_CODES = {
    "attendance": {"stage": "school_stage", "sex": "sex"},
    "attended": {"stage": "school_stage", "end_reason": "attendance_end"},
    "guardian": {"kind": "relationship"},
    "parent_state": {"kind": "relationship"},
    "ended_parent_state": {"kind": "relationship"},
}
_OF_STATUS = ("status", "ended_status", "parent_state", "ended_parent_state")

# Forms whose records may be about any kind of subject.
_ANY_SUBJECT = {"designation": ("facility", "place", "organization")}


@once_a_pack
def form_fields(pack: Pack, form: str) -> dict[str, str]:
    """Fields of a form with their types, `on` included."""
    declared = pack.forms[form].fields
    return {"on": DATE, **{each.id.lower(): rule_type(FIELD_TYPES[each.type]) for each in declared}}


@once_a_pack
def form_codes(pack: Pack, form: str) -> dict[str, frozenset[str]]:
    """The codes of the fields that have a vocabulary."""
    found = {
        each.id.lower(): codes_of(pack, each.vocabulary)
        for each in pack.forms[form].fields
        if each.vocabulary
    }
    return {name: codes for name, codes in found.items() if codes is not None}


@once_a_pack
def codes_of(pack: Pack, vocabulary: str) -> frozenset[str] | None:
    found = pack.vocabularies.get(vocabulary)
    return frozenset(each.code for each in found.codes) if found else None


def item_codes(pathway: Pathway) -> dict[str, frozenset[str]]:
    """The codes of DUE_ITEM for one pathway."""
    return {
        "step": frozenset(each.id for each in pathway.steps), "item_status": ITEM_STATUSES,
        "code": frozenset(each.code for each in pathway.steps if each.code),
    }  # fmt: skip


@once_a_pack
def _scheme_codes(pack: Pack) -> dict[str, frozenset[str]]:
    found = {each.id: codes_of(pack, each.vocabulary) for each in pack.statuses.values()}
    return {scheme: codes for scheme, codes in found.items() if codes is not None}


@once_a_pack
def _codes(pack: Pack, kind: str) -> dict[str, frozenset[str]]:
    """The codes of everything a rule about this kind of subject may compare."""
    types = frozenset(pack.facility_types) or None
    schemes = _scheme_codes(pack)
    of_any = frozenset().union(*schemes.values()) if len(schemes) == len(pack.statuses) and schemes else None
    found: dict[str, frozenset[str] | None] = {
        name: codes_of(pack, vocabulary) for name, vocabulary in _NAME_CODES.get(kind, {}).items()
    }
    if kind == "facility":
        found |= {"kind": types, "ownership": frozenset({"public", "private"})}
    for name, fields in lists_of(pack, kind).items():
        if name in BUILT_IN[kind]:
            known = {each: codes_of(pack, v) for each, v in _LIST_CODES.get(name, {}).items()}
            known |= {"facility_kind": types, "ownership": frozenset({"public", "private"})}
            if name == "facility":
                known |= {"kind": types}
            if name in _OF_STATUS:
                known |= {"scheme": frozenset(pack.statuses) or None, "code": of_any}
        else:
            known = dict(form_codes(pack, name))
        found |= {f"{name}.{each}": codes for each, codes in known.items() if each in fields}
    return {
        "item_status": ITEM_STATUSES,
        **{name: codes for name, codes in found.items() if codes is not None},
    }


@once_a_pack
def lists_of(pack: Pack, kind: str) -> dict[str, dict[str, str]]:
    """Every list a rule about this kind of subject may read."""
    forms = {
        form.id: form_fields(pack, form.id)
        for form in pack.forms.values()
        if form.subject == kind or kind in _ANY_SUBJECT.get(form.id, ())
    }
    return {**forms, **BUILT_IN[kind]}


@once_a_pack
def parameter_types(pack: Pack) -> dict[str, str]:
    periods = ("day", "week", "month", "year")
    return {
        each.id: PERIOD if any(unit in value.value for value in each.values for unit in periods) else NUMBER
        for each in pack.parameters.values()
    }


def scope_of(pack: Pack, kind: str, steps: frozenset[str] = frozenset()) -> Scope:
    """The scope of rules about one kind of subject."""
    return Scope(
        names=NAMES[kind],
        lists=lists_of(pack, kind),
        steps=steps,
        params=parameter_types(pack),
        schemes=frozenset(pack.statuses),
        codes=_codes(pack, kind),
        scheme_codes=_scheme_codes(pack),
    )


_OF_BIRTH = {"age_days", "age_months", "age_years", "age_days_at", "age_months_at", "age_years_at"}
_OF_PLACE = {"township": "place", "birth_township": "birth_place"}


def facts_named(node: tree.Node) -> set[str]:
    """The facts a rule rests on, as somebody can be asked for them: an age is asked for as the birth date.

    What a rule only looks at for being missing (death_date is null) is not asked for, nor are list fields.
    """
    if isinstance(node, tree.IsNull) and isinstance(node.item, tree.Name):
        return set()
    if isinstance(node, tree.ListCall):
        return set()
    if isinstance(node, tree.Name):
        found = "birth_date" if node.name in _OF_BIRTH else _OF_PLACE.get(node.name, node.name)
        return set() if found == "as_of" else {found}
    below = {name for child in node.children() for name in facts_named(child)}
    return below | {"birth_date"} if isinstance(node, tree.Call) and node.function in _OF_BIRTH else below
