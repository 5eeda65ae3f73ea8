"""A resident of full age enters the register: an expectant mother, by whoever keeps her record where she lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.audit import actions as audit
from yimi.apps.places.models import Place
from yimi.apps.register.idnumber import Vault
from yimi.apps.register.models import Person, Residence, Status, Subject
from yimi.apps.register.permissions import home_of, resident_places
from yimi.lib.errors import BadInput, NotAllowed
from yimi.lib.identifiers import IdNumber, IdProblem, read_id_number


class AlreadyThere(BadInput):
    """The register has this person, within reach: nothing was stored. `uid` is the file."""

    code = "already_there"

    def __init__(self, uid: str) -> None:
        super().__init__(
            "登记册中已有此人，没有重复建档，请打开她的档案登记 / "
            "the register has this person already; nothing was stored twice: open the file and enter it there"
        )
        self.uid = uid


@dataclass(frozen=True)
class Newcomer:
    """Who is to be entered, as the document says. Without an ID number a birth date is needed."""

    uid: UUID  # the client's: the same request again gives the same person
    name: str
    id_number: str
    birth_date: date | None
    place: str
    since: date


@dataclass(frozen=True)
class Enrolled:
    uid: str
    made: bool  # False: the same request came before
    known: bool  # the register had this person, posted or as a guardian, and now has the home too


@transaction.atomic
def enroll(who: Newcomer, *, form: str, by: Actor, at: datetime) -> Enrolled:
    """Enter a resident with the form that begins the record; an ID number the register knows gives the person it has."""
    reach = resident_places(by, form)
    if who.place not in reach or not active.pack().forms[form].enrolls:
        raise NotAllowed("this place is not within reach")
    if not Place.objects.filter(code=who.place, kind="village").exists():
        raise BadInput("请选择居住的村（社区） / choose the village or community she lives in")
    if Subject.objects.filter(uid=who.uid, kind="person").exists():
        return Enrolled(str(who.uid), False, True)
    name, number = _name(who.name), _number(who, at.date())
    birth = number.birth if number else who.birth_date
    known = _with_number(number) if number else None
    if known is None and number is None:
        _refuse_namesake(name, birth, reach, by.on)
    if known is not None:
        if known.name != name:
            raise BadInput(
                "登记册中已有这个身份证号，姓名与所填不同，请核对证件 / "
                "the register has this ID number under another name: check the document"
            )
        _settle(known, who, form, reach, by)
        uid = str(known.subject.uid)
    else:
        uid = str(_create(who, name, birth, number).subject.uid)
    audit.record("enroll", "person", uid, by=by, at=at, detail={"form": form, "known": known is not None})
    return Enrolled(uid, True, known is not None)


def _name(raw: str) -> str:
    name = " ".join(raw.split())
    if not name or len(name) > 80 or any(ord(each) < 32 for each in name):
        raise BadInput("请填写姓名，不超过80字 / enter the name, at most 80 characters")
    return name


def _number(who: Newcomer, today: date) -> IdNumber | None:
    """What the ID number says; None without one."""
    if not who.id_number.strip():
        if who.birth_date is None or not date(1930, 1, 1) <= who.birth_date < today:
            raise BadInput(
                "没有身份证号的，请填写出生日期 / without an ID number enter the birth date, such as 1996-05-01"
            )
        return None
    read = read_id_number(who.id_number, today)
    if isinstance(read, IdProblem):
        raise BadInput(f"{read.zh} / {read.en}")
    if who.birth_date is not None and who.birth_date != read.birth:
        raise BadInput(
            "出生日期与身份证号不符，请核对 / the birth date is not the one in the ID number: check both"
        )
    return read


def _with_number(number: IdNumber) -> Person | None:
    index = Vault().index(number.number)
    return Person.objects.select_related("subject").filter(id_number_index=index).first()


def _refuse_namesake(name: str, birth: date | None, reach: set[str], on: date) -> None:
    """Without a number two of one name and birth date are told apart by nobody but a person."""
    alike = Person.objects.select_related("subject").filter(name=name, birth_date=birth)
    homes = home_of([each.pk for each in alike], on)
    for each in alike:
        if homes.get(each.pk) in reach:
            raise AlreadyThere(str(each.subject.uid))


def _settle(known: Person, who: Newcomer, form: str, reach: set[str], by: Actor) -> None:
    """Somebody the register has from elsewhere gets the home, once what is open at the old one is closed there."""
    if known.death_date is not None:
        raise BadInput("登记册中此人已登记死亡，请核对 / the register says this person died: check it")
    home = Residence.objects.select_for_update().filter(subject_id=known.pk, valid_to__isnull=True).first()
    if home is not None:
        if home.place_id in reach:
            raise AlreadyThere(str(known.subject.uid))
        schemes = {each.scheme for each in active.pack().forms[form].decides}
        if Status.objects.filter(open_on(by.on), subject_id=known.pk, scheme__in=schemes).exists():
            raise BadInput(
                "此人已在别处建册，请联系区县妇幼保健机构，由原建册地结案后再登记 / "
                "this person is registered elsewhere: ask the county institution; it is closed there first"
            )
        if who.since <= home.valid_from:
            raise BadInput("日期早于原居住登记，请核对 / the date lies before the home on file: check it")
        home.valid_to = who.since
        home.save(update_fields=["valid_to"])
    Residence.objects.create(subject_id=known.pk, place_id=who.place, valid_from=who.since)


def _create(who: Newcomer, name: str, birth: date | None, number: IdNumber | None) -> Person:
    subject = Subject.objects.create(uid=who.uid, kind="person")
    person = Person(subject=subject, name=name, birth_date=birth, sex=number.sex if number else None)
    if number is not None:
        vault = Vault()
        person.id_number_sealed = vault.seal(number.number, subject.uid.hex)
        person.id_number_index = vault.index(number.number)
    person.save(force_insert=True)
    Residence.objects.create(subject=subject, place_id=who.place, valid_from=who.since)
    return person
