"""Whom a record is about, as the page of a form needs it: a child, a facility, a person, an organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from yimi.apps.accounts.permissions import Actor
from yimi.apps.register.selectors import ChildFile
from yimi.apps.register.subjects import SubjectFile
from yimi.pack.load import Pack
from yimi.sites.addresses import address
from yimi.sites.staff.pages import shown
from yimi.sites.staff.pages.figures import Words, both


@dataclass(frozen=True)
class About:
    """Whom a record is about, as this page needs it. `href`: the page of the file."""

    kind: str
    subject_id: int
    uid: str
    name: Words
    note: Words
    href: str
    sensitivities: frozenset[str]
    sex: str | None = None
    birth_date: date | None = None

    def address(self, form_id: str, *, again: bool = False) -> str:
        """The page of one of its forms; `again`: drawn anew for what is shown and hidden."""
        name = "record" if self.kind == "child" else "subject-record"
        return address(f"{name}-fields" if again else name, self.uid, form_id)


def of_child(actor: Actor, file: ChildFile) -> About:
    note, sex = shown.age(file.birth_date, actor.on), shown.SEX.get(file.sex or "", shown.NO_SEX)
    return About(
        "child", file.subject_id, file.uid, both(file.name, file.name),
        both(f"{sex['zh']}，{note['zh']}", f"{sex['en']}, {note['en']}"), address("child", file.uid),
        file.sensitivities, file.sex, file.birth_date,
    )  # fmt: skip


def of_other(pack: Pack, file: SubjectFile) -> About:
    """A facility, a person or an organization."""
    what, at = shown.subject_kind(pack, file.kind, file.what), shown.place(pack, file.place)["name"]
    return About(
        file.kind, file.subject_id, file.uid, both(file.name, file.name_en),
        both(f"{what['zh']}，{at['zh']}", f"{what['en']}, {at['en']}") if file.place else what,
        address("subject", file.uid), file.sensitivities,
    )  # fmt: skip
