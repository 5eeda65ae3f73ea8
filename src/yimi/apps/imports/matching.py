"""Which village, which child, which record a row means. Everything is fetched once a file, never once a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.places.selectors import parents
from yimi.apps.prepared import in_parts, prepared
from yimi.apps.records.models import Record
from yimi.apps.records.selectors import in_force
from yimi.apps.register.idnumber import Vault
from yimi.apps.register.permissions import home_of, visible
from yimi.lib.text import fold

_ENDINGS = ("村民委员会", "居民委员会", "村委会", "居委会", "社区", "村")


class Places:
    """Villages by their code, name or alias; the township decides where a name stands twice."""

    def __init__(self, on: date) -> None:
        pack, self.parent = active.pack(), parents(on)
        self.township: dict[str, set[str]] = defaultdict(set)
        self.village: dict[str, set[str]] = defaultdict(set)
        for each in pack.places.values():
            names = self.village if each.kind == "village" else self.township
            for spelling in (each.code, each.name_zh, each.name_en, *each.aliases):
                names[fold(spelling)].add(each.code)
                names[_bare(spelling)].add(each.code)
            above = pack.places.get(each.parent or "")
            if each.kind == "village" and above is not None:
                # Offices write the township before the village in one cell.
                for town in (above.name_zh, *above.aliases):
                    names[_bare(town + each.name_zh)].add(each.code)

    def find(self, village: Any, township: Any) -> tuple[str | None, tuple[str, str]]:
        """(code, reason): the reason in Chinese and English stands where there is no code."""
        spelling = str(village or "")
        found = self.village.get(fold(spelling)) or self.village.get(_bare(spelling)) or set()
        if township:
            above = self.township.get(fold(str(township))) or self.township.get(_bare(str(township))) or set()
            if not above:
                return None, ("乡镇（街道）不在名录中", "the township is not on the list")
            found = {code for code in found if self.parent.get(code) in above}
        if len(found) == 1:
            return next(iter(found)), ("", "")
        if found:
            return None, (
                "村名不唯一，请加填乡镇（街道）",
                "several villages have this name: add the township",
            )
        return None, ("村（社区）不在名录中", "the village is not on the list")


def _bare(spelling: str) -> str:
    name = fold(spelling)
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name[: -len(ending)]
    return name


@dataclass(frozen=True)
class Known:
    subject_id: int
    uid: UUID
    name: str
    birth_date: date | None
    place: str | None
    number_index: str | None


class Children:
    """The children a file names, among those this person reaches."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], actor: Actor, form: str | None) -> None:
        self.vault = Vault()
        rows = list(rows)
        self.by_number: dict[str, list[Known]] = defaultdict(list)
        self.by_name: dict[str, list[Known]] = defaultdict(list)
        names = sorted({str(row["name"]) for row in rows if row.get("name")})
        indexes = sorted({self.vault.index(str(row["id_number"])) for row in rows if row.get("id_number")})
        within = visible(actor, form=form)
        rows_of = within.values_list("pk", "subject__uid", "name", "birth_date", "id_number_index")
        found: dict[int, tuple[Any, ...]] = {}
        for column, values in (("name__in", names), ("id_number_index__in", indexes)):
            for part in in_parts(values):
                found.update({row[0]: row for row in rows_of.filter(**{column: part})})
        homes = home_of(found, actor.on)
        for pk, uid, name, born, index in found.values():
            self.add(Known(pk, uid, name, born, homes.get(pk), index))

    def add(self, known: Known) -> None:
        self.by_name[known.name].append(known)
        if known.number_index:
            self.by_number[known.number_index].append(known)

    def with_number(self, number: Any) -> list[Known]:
        return self.by_number.get(self.vault.index(str(number)), []) if number else []

    def find(self, row: Mapping[str, Any], place: str | None) -> tuple[Known | None, tuple[str, str]]:
        """The one child of a row: by ID number; else by name with birth date or village."""
        numbered = self.with_number(row.get("id_number"))
        if numbered:
            same = [each for each in numbered if each.name == row["name"]]
            if len(same) == 1:
                return same[0], ("", "")
            return None, (
                "身份号码与登记的姓名不符，请核对",
                "the ID number belongs to another name in the register: check it",
            )
        born = row.get("birth_date")
        if born is None and place is None:
            return None, (
                "请填写身份号码，或出生日期，或村（社区）",
                "give the ID number, the birth date or the village",
            )
        found = [
            each
            for each in self.by_name.get(str(row["name"]), [])
            if (born is None or each.birth_date == born) and (place is None or each.place == place)
        ]
        if len(found) == 1:
            return found[0], ("", "")
        if found:
            return None, ("有多名儿童符合，请填写身份号码", "several children fit: give the ID number")
        return None, (
            "登记中没有这名儿童，或不在您的管辖范围",
            "no such child in the register, or not within your reach",
        )


@prepared
def _written(form: str, subjects: list[int], first: date, last: date) -> QuerySet[Record, tuple[Any, ...]]:
    """The records of these days that nothing took the place of."""
    found = in_force(form, last).filter(subject_id__in=subjects, occurred_on__gte=first)
    return found.values_list("subject_id", "occurred_on", "answers")


class Records:
    """Records of one form that stand already, by what makes them the same: child, day, and the form's key fields."""

    def __init__(self, form: str, key_fields: tuple[str, ...], wanted: Collection[tuple[int, date]]) -> None:
        """`wanted`: the children and days of the file."""
        self.key_fields = key_fields
        self.found: dict[tuple[Any, ...], dict[str, Any]] = {}
        ids = sorted({subject for subject, _ in wanted})
        days = [on for _, on in wanted]
        for part in in_parts(ids):
            for subject, on, answers in _written(form, part, min(days), max(days)):
                self.found[self.key(subject, on, answers)] = answers

    def key(self, subject_id: int, on: date, answers: Mapping[str, Any]) -> tuple[Any, ...]:
        return (subject_id, on, *(answers.get(name) for name in self.key_fields))
