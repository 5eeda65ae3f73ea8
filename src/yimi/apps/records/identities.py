"""One child registered twice is made one, and two again: records are carried over as new ones, never moved."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, require, system
from yimi.apps.audit import actions as audit
from yimi.apps.cases import actions as cases
from yimi.apps.records.models import Record, Verification
from yimi.apps.records.tables import for_subject
from yimi.apps.register import actions as register
from yimi.apps.register import identities
from yimi.apps.register.models import Child, Link, Residence, Status, Subject
from yimi.apps.register.permissions import visible_among
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.answers import holds, validate_answers
from yimi.pack.case_kinds import CaseKind
from yimi.pack.schema import Form


@transaction.atomic
def link(*, kept: str, gone: str, reason: str, by: Actor, at: datetime) -> int:
    """`gone` is the same child as `kept`: its records and statuses count there from now on. The link's number."""
    if len(reason.strip()) < 4:
        raise BadInput("请写明凭什么认定是同一儿童 / say how you know that they are one child")
    main, other = _child(kept, by), _child(gone, by)
    if main.pk == other.pk:
        raise BadInput("请选择另一名儿童 / choose another child")
    number = str(other.subject.uid)
    facts = identities.put_away(other.pk, at)
    carried = carry(other.pk, main.pk, at)
    statuses = _carry_statuses(facts, main.pk, carried, by.on)
    content = {
        "facts": facts, "carried": list(carried.values()), "statuses": statuses, "homes": _carry_home(facts, main.pk),
        "cases": cases.point_to(other.pk, main.pk),
    }  # fmt: skip
    sealed = identities.seal(content, number)
    made = Link.objects.create(
        kept_id=main.pk, gone_id=other.pk, sealed=sealed, reason=reason.strip()[:400], by_id=by.user_id, at=at
    )
    for uid in (str(main.subject.uid), number):
        audit.record("link", "child", uid, by=by, at=at, detail={"link": made.pk, "records": len(carried)})
    return made.pk


@transaction.atomic
def unlink(*, number: int, reason: str, by: Actor, at: datetime) -> None:
    """They are two children after all: what was carried over is taken back, the other stands as it stood."""
    found = Link.objects.select_for_update().filter(pk=number, undone_at__isnull=True).first()
    if found is None:
        raise NotAllowed("no such link")
    if len(reason.strip()) < 4:
        raise BadInput("请写明为什么撤销 / say why it is undone")
    _child(str(found.kept.uid), by)
    content = identities.unseal(found.sealed, str(found.gone.uid))
    for each in Record.objects.filter(record_uid__in=content["carried"]):
        Record(
            record_uid=uuid4(), subject_id=each.subject_id, form=each.form, form_version=each.form_version, kind="void",
            occurred_on=each.occurred_on, place_id=each.place_id, organization_id=each.organization_id,
            by_id=by.user_id, received_at=at, answers={}, supersedes=each.record_uid, reason=reason.strip()[:400],
        ).save(force_insert=True)  # fmt: skip
    Status.objects.filter(pk__in=content["statuses"]).delete()
    Residence.objects.filter(pk__in=content["homes"]).delete()
    cases.point_back(content["cases"], found.gone_id)
    identities.bring_back(content["facts"])
    found.undone_at, found.undone_by_id = at, by.user_id
    found.save(update_fields=["undone_at", "undone_by"])
    for uid in (str(found.kept.uid), str(found.gone.uid)):
        audit.record("unlink", "child", uid, by=by, at=at, detail={"link": found.pk})


def carry(
    source: int, target: int, at: datetime, forms: Collection[str] | None = None,
    but: Collection[tuple[str, date, str]] = (),
) -> dict[str, str]:  # fmt: skip
    """Copy the records in force of one subject to another: old id → new id. Who entered them when stays theirs.
    `but`: what the other says already (see `_said`)."""
    wanted = [each["seq"] for each in for_subject(source)]
    found: dict[str, str] = {}
    for each in Record.objects.filter(seq__in=wanted).order_by("seq"):
        if (forms is not None and each.form not in forms) or (but and _said(each) in but):
            continue
        new = Record(
            record_uid=uuid4(), subject_id=target, form=each.form, form_version=each.form_version, kind="new",
            occurred_on=each.occurred_on, place_id=each.place_id if forms is None else None,
            organization_id=each.organization_id if forms is None else None,
            by_id=each.by_id if forms is None else None, received_at=at, answers=each.answers,
        )  # fmt: skip
        new.save(force_insert=True)
        if active.pack().forms[each.form].second_person:
            Verification.objects.create(record=new, outcome="verified", at=at)
        found[str(each.record_uid)] = str(new.record_uid)
    return found


def _carry_statuses(facts: dict[str, Any], main: int, carried: dict[str, str], on: date) -> list[int]:
    """The dated statuses of the other child, where the kept one has none of the scheme open at the same time."""
    made = []
    mine = set(Status.objects.filter(subject_id=main, valid_to__isnull=True).values_list("scheme", flat=True))
    for each in identities.open_statuses(facts):
        until = each["valid_to"]
        if until is None and each["scheme"] in mine:
            until = on.isoformat()  # the kept child's own category stands
            if until <= each["valid_from"]:
                continue
        opened = carried.get(str(each["opened_by"]))
        new = Status.objects.create(
            subject_id=main, scheme=each["scheme"], code=each["code"], valid_from=each["valid_from"], valid_to=until,
            review_due=each["review_due"], opened_by=UUID(opened) if opened else None, basis=each["basis"],
        )  # fmt: skip
        made.append(new.pk)
    return made


def _carry_home(facts: dict[str, Any], main: int) -> list[int]:
    """Where the kept child has no home, it lives where the other one did."""
    home = identities.home_in(facts)
    if home is None or Residence.objects.filter(subject_id=main, valid_to__isnull=True).exists():
        return []
    return [Residence.objects.create(subject_id=main, place_id=home[0], valid_from=home[1]).pk]


def links_of(by: Actor, kept: str) -> list[dict[str, Any]]:
    """The links in force of a child this person may join and part."""
    main = _child(kept, by)
    rows = Link.objects.filter(kept_id=main.pk, undone_at__isnull=True).order_by("at")
    return [{"number": each.pk, "reason": each.reason, "at": each.at} for each in rows]


def _child(uid: str, by: Actor) -> Child:
    require(by.is_system or by.verifies, "children are joined by those who verify")
    try:
        wanted = UUID(str(uid))
    except ValueError:
        raise NotAllowed("no such child") from None
    subject = Subject.objects.filter(uid=wanted, kind="child").values_list("pk", flat=True).first() or 0
    found = visible_among(by, [subject], "welfare").select_related("subject").first()
    if found is None:
        raise NotAllowed("no such child")
    return found


# --- a new identity: adoption -----------------------------------------------------------------------------------


def renew(case_id: int, kind: CaseKind, on: date, at: datetime) -> None:
    """The child of a case goes on under the identity that was entered; the old one is put away with the case.

    Nothing in the register, in a record or in the audit leads from the new child to the old: records are copied
    without place, body and hand, and both uids stand in the sealed row alone.
    """
    content, old_id = cases.identity_of(case_id), cases.child_of(case_id)
    if content is None or old_id is None or kind.identity is None:
        raise BadInput(
            "请先登记收养后的身份，并确认本案涉及的儿童（只有一名） / first enter the new identity, and which one child it is"
        )
    old = Child.objects.select_related("subject").filter(pk=old_id).first()
    if old is None:
        raise BadInput("该儿童已不在登记册中 / the child is no longer in the register")
    me = system(on)
    facts = identities.put_away(old_id, at)
    made = register.register_child(
        name=content["name"], sex=old.sex, birth_date=old.birth_date, place=content["place"], since=on,
        id_number=content.get("id_number") or None, ethnicity=content.get("ethnicity") or old.ethnicity,
        birth_weight_g=old.birth_weight_g, gestation_weeks=old.gestation_weeks, by=me, at=at,
    )  # fmt: skip
    for each in content.get("parents", ()):
        parent = register.register_person(
            name=each["name"], sex="m" if each["kind"] == "father" else "f", by=me, at=at,
            id_number=each.get("id_number") or None,
        )  # fmt: skip
        register.relate(uid=made.uid, person=parent, kind=each["kind"], guardian=True, since=on, by=me, at=at)
    carry(old_id, made.subject_id, at, kind.identity.carries)
    kept = {"facts": facts, "old": str(old.subject.uid), "new": {**content, "uid": made.uid}}
    cases.keep_identity(case_id=case_id, content=kept, at=at)


def check_restorable(kind: CaseKind, answers: Mapping[str, Any], by: Actor) -> None:
    """The sealed case that an opening names must be one this person may open, and one that can be undone."""
    if kind.restores is not None:
        cases.sealed_identity(str(answers.get(kind.restores.named_by) or ""), kind.restores.kind, by)


def restore(case_id: int, kind: CaseKind, on: date, at: datetime) -> None:
    """The child stands under its old identity again; the one it went on under is put away in its turn.

    What was entered under the new identity is carried over, but for the copies it began with. The case that is
    sealed keeps both identities; nothing outside of it leads from one to the other.
    """
    if kind.restores is None:
        return
    me = system(on)
    opening = Record.objects.filter(subject_id=case_id, form=kind.opened_by).order_by("seq").first()
    answers = opening.answers if opening else {}
    sealed, content = cases.sealed_identity(
        str(answers.get(kind.restores.named_by) or ""), kind.restores.kind, me
    )
    now = Child.objects.select_related("subject").filter(pk=cases.child_of(case_id) or 0).first()
    if now is None or str(now.subject.uid) != content["new"]["uid"]:
        raise BadInput(
            "本案涉及的儿童与所列封存个案不符，请核对 / the child is not the one of the sealed case: check both"
        )
    old_id = int(content["facts"]["child"][0]["pk"])
    before = {"name": now.name, "birth_date": now.birth_date.isoformat()}
    facts = identities.put_away(now.pk, at)
    identities.bring_back(content["facts"])
    carried = carry(now.pk, old_id, at, but=_told(old_id))
    _carry_statuses(facts, old_id, carried, on)
    cases.point_to(now.pk, old_id)
    kept = {**content, "put_away": facts, "before": before, "undone_on": on.isoformat()}
    cases.keep_identity(case_id=sealed, content=kept, at=at)
    uid = str(Subject.objects.values_list("uid", flat=True).get(pk=sealed))
    audit.record("restore-identity", "case", uid, by=me, at=at)


def _told(subject_id: int) -> set[tuple[str, date, str]]:
    """What the records in force of a subject say: a copy says the same."""
    wanted = [each["seq"] for each in for_subject(subject_id)]
    return {_said(each) for each in Record.objects.filter(seq__in=wanted)}


def _said(record: Record) -> tuple[str, date, str]:
    return record.form, record.occurred_on, json.dumps(record.answers, sort_keys=True)


def restores(kind: CaseKind, form: Form, answers: dict[str, Any], on: date) -> bool:
    """Does this closing give a child its old identity back?"""
    if kind.restores is None:
        return False
    return holds(kind.restores.when, form, validate_answers(form, answers, active.pack(), on).typed)


def renews(kind: CaseKind, form: Form, answers: dict[str, Any], on: date) -> bool:
    """Does a child go on under a new identity with this closing?"""
    if kind.identity is None:
        return False
    return holds(kind.identity.when, form, validate_answers(form, answers, active.pack(), on).typed)
