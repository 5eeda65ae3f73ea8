"""Everything that changes a task.

A task belongs to one role at one organization and keeps the deadline it was born with. Every function writes
one event and one audit entry in the same transaction. Tasks are promises: an alert that closes by itself
leaves a notice on its task and never takes the promise away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.alerts.actions import rule_of
from yimi.apps.alerts.models import Alert
from yimi.apps.audit import actions as audit
from yimi.apps.evidence import actions as proofs
from yimi.apps.places.models import Organization
from yimi.apps.places.selectors import parents
from yimi.apps.tasks import permissions, states
from yimi.apps.tasks.models import Task, TaskEvent
from yimi.lib.dates import add_working_days
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.load import Pack

# What kind of organization a role works in, to name the one that is accountable at a place.
_HOMES = {
    "child_director": "village_committee", "village_doctor": "village_committee", "vaccinator": "township_hospital",
    "township_doctor": "township_hospital", "child_supervisor": "township_government",
}  # fmt: skip
ESCALATED = 1


@transaction.atomic
def open_for_alerts(*, alerts: Sequence[int], pack: Pack, by: Actor, at: datetime) -> int:
    """One task for each alert whose rule sets one and that has none open. Returns how many were born."""
    born = 0
    tree = parents(by.on)
    holidays = {day for each in pack.calendars.values() for day in each.holidays}
    workdays = {day for each in pack.calendars.values() for day in each.workdays}
    homes = _all_homes()
    for alert in Alert.objects.filter(pk__in=alerts).exclude(
        tasks__closed_at__isnull=True, tasks__isnull=False
    ):
        template = rule_of(pack, alert.pathway, alert.rule).task
        if template is None:
            continue
        due = add_working_days(by.on, template.working_days, holidays, workdays)
        task = Task.objects.create(
            alert=alert, title_zh=template.title.zh, title_en=template.title.en, role=template.to,
            organization_id=_home(template.to, alert.place_id, homes, tree), place_id=alert.place_id,
            verified_by_role=template.verified_by, wants_evidence=template.evidence, opened_at=at, first_due_on=due,
            due_on=due,
        )  # fmt: skip
        _event(task, "set", "", by, at, note=f"{alert.count}")
        born += alert.pathway not in pack.case_pathways
    return born


def _all_homes() -> dict[tuple[str, str], str]:
    """(kind, place) → organization."""
    rows = Organization.objects.values_list("id", "kind", "place_id")
    return {(kind, place): name for name, kind, place in rows}


def _home(role: str, place: str, homes: dict[tuple[str, str], str], tree: dict[str, str]) -> str | None:
    """The organization of the role at the place, or at the place above it."""
    kind, current = _HOMES.get(role), place
    while kind and current:
        if (kind, current) in homes:
            return homes[(kind, current)]
        current = tree.get(current, "")
    return None


@transaction.atomic
def accept(*, task: str, by: Actor, at: datetime) -> None:
    """The accountable person takes it on."""
    found = _locked(task)
    require(permissions.may_act(by, found))
    found.accepted_by_id = by.user_id
    _move(found, "accept", by, at)


@transaction.atomic
def hand_on(*, task: str, to_role: str, to_place: str, reason: str, by: Actor, at: datetime) -> None:
    """Pass it to another role or place. The deadline stays: passing a child on must not buy anyone time."""
    found = _locked(task)
    require(permissions.may_act(by, found) or permissions.may_assign(by, found))
    if not reason.strip():
        raise BadInput("请写明转办原因 / say why the task is handed on")
    detail = _give_to(found, to_role, to_place, by)
    _move(found, "hand_on", by, at, note=reason, detail=detail)


@transaction.atomic
def refuse(*, task: str, reason: str, by: Actor, at: datetime) -> None:
    """Send it back to whoever set it, with a reason; it heads the coordinator's list until set again."""
    found = _locked(task)
    require(permissions.may_act(by, found))
    if not reason.strip():
        raise BadInput("请写明退回原因 / say why the task is refused")
    _move(found, "refuse", by, at, note=reason)


@transaction.atomic
def report(
    *, task: str, note: str, evidence: str, by: Actor, at: datetime, files: Sequence[str] = (),
    batch: UUID | None = None,
) -> None:  # fmt: skip
    """Say what was done, with proof where the rule asks for it: a text, files staged under `batch`, or both."""
    found = _locked(task)
    require(permissions.may_act(by, found))
    own = list(proofs.usable(files, batch=batch, by=by)) if batch and files else []
    if found.wants_evidence and not evidence.strip() and not own:
        raise BadInput(
            "请附凭证：上传照片或文件，或写明凭证编号 / give the proof: a photo, a document, or the number of a certificate"
        )
    found.reported_by_id = by.user_id
    detail = {"files": own} if own else None
    _move(found, "report", by, at, note=note, evidence=evidence, detail=detail)
    proofs.attach(owner=("task", found.uid), field="report", files=own, by=by, at=at)


@transaction.atomic
def verify(*, task: str, note: str, by: Actor, at: datetime) -> None:
    """A second person confirms it, and it is closed."""
    found = _locked(task)
    require(permissions.may_verify(by, found))
    found.verified_by_id, found.closed_at = by.user_id, at
    _move(found, "verify", by, at, note=note)


@transaction.atomic
def send_back(*, task: str, reason: str, by: Actor, at: datetime) -> None:
    """The second person is not convinced: back to the one who reported."""
    found = _locked(task)
    require(permissions.may_verify(by, found))
    if not reason.strip():
        raise BadInput("请写明退回办理的原因 / say what is missing")
    found.reported_by_id = None
    _move(found, "return", by, at, note=reason)


@transaction.atomic
def assign(*, task: str, to_role: str, to_place: str, reason: str, by: Actor, at: datetime) -> None:
    """The coordinating office sets a refused task again."""
    found = _locked(task)
    require(permissions.may_assign(by, found))
    detail = _give_to(found, to_role, to_place, by)
    _move(found, "assign", by, at, note=reason, detail=detail)


@transaction.atomic
def withdraw(*, task: str, reason: str, by: Actor, at: datetime) -> None:
    """Take a task back that should not have been set; its history stays, and so does the alert behind it."""
    found = _locked(task)
    require(permissions.may_assign(by, found))
    if not reason.strip():
        raise BadInput("请写明撤回原因 / say why the task is withdrawn")
    found.closed_at = at
    _move(found, "withdraw", by, at, note=reason)


@transaction.atomic
def escalate_late(*, as_of: date, by: Actor, at: datetime) -> int:
    """Raise every task past its deadline once. The first deadline stays."""
    require(by.is_system)
    late = Task.objects.select_for_update().filter(
        state__in=states.NOT_DONE, due_on__lt=as_of, level__lt=ESCALATED
    )
    for each in late:
        each.level = ESCALATED
        each.save(update_fields=["level"])
        _event(each, "escalate", each.state, by, at)
    return len(late)


@transaction.atomic
def follow(*, moved: Sequence[int], by: Actor, at: datetime) -> int:
    """Hand the open tasks of alerts that moved on to the same role where the subject lives now.

    The deadline stays. What was accepted must be accepted anew; what was reported waits for the second person there.
    """
    require(by.is_system, "an alert moves in the cycle only")
    tree = parents(by.on)
    homes = _all_homes()
    tasks = Task.objects.select_for_update(of=("self",)).filter(alert_id__in=moved, closed_at__isnull=True)
    found = list(tasks.select_related("alert").order_by("pk"))
    for each in found:
        place = each.alert.place_id if each.alert else each.place_id
        detail = {"from": [each.role, each.place_id], "to": [each.role, place], "because": "moved"}
        each.place_id, each.organization_id = place, _home(each.role, place, homes, tree)
        before = each.state
        if before in states.TRANSITIONS["hand_on"][0]:
            each.accepted_by_id, each.state = None, states.next_state("hand_on", before)
        each.save()
        _event(each, "hand_on", before, by, at, detail=detail)
    return len(found)


@transaction.atomic
def notice(*, changed: Sequence[int], closed: Sequence[int], by: Actor, at: datetime) -> int:
    """Tell the open tasks of alerts that changed or closed by themselves. State and deadline stay as they are."""
    require(by.is_system, "notices come from the cycle only")
    told = 0
    for ids, what in ((changed, "changed"), (closed, "closed")):
        for each in (
            Task.objects.filter(alert_id__in=ids, closed_at__isnull=True)
            .select_related("alert")
            .order_by("pk")
        ):
            count = each.alert.count if each.alert else 0
            _event(each, "notice", each.state, by, at, detail={"alert": what, "count": count})
            told += 1
    return told


def _give_to(task: Task, role: str, place: str, by: Actor) -> dict[str, Any]:
    """Name another role or place as the one accountable; the detail for the event."""
    pack = active.pack()
    if task.alert is not None and task.alert.pathway in pack.case_pathways:
        raise BadInput(
            "个案任务只由本案责任单位办理，不能转办 / a task about a case stays with the parties of the case"
        )
    if role not in pack.roles or place not in pack.places:
        raise BadInput("没有这个岗位或地点，请重新选择 / there is no such role or place: choose again")
    detail = {"from": [task.role, task.place_id], "to": [role, place]}
    task.role, task.place_id, task.accepted_by_id = role, place, None
    task.organization_id = _home(role, place, _all_homes(), parents(by.on))
    return detail


def _locked(uid: str) -> Task:
    try:
        wanted = UUID(str(uid))
    except ValueError:
        raise NotAllowed("no such task") from None
    found = Task.objects.select_for_update(of=("self",)).select_related("alert").filter(uid=wanted).first()
    if found is None:
        raise NotAllowed("no such task")
    return found


def _move(task: Task, verb: str, by: Actor, at: datetime, **told: Any) -> None:
    before = task.state
    task.state = states.next_state(verb, before)
    task.save()
    _event(task, verb, before, by, at, **told)


def _event(
    task: Task, verb: str, before: str, by: Actor, at: datetime, note: str = "", evidence: str = "",
    detail: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    TaskEvent.objects.create(
        task=task, verb=verb, from_state=before, to_state=task.state, by_id=by.user_id, at=at, note=note[:1000],
        evidence=evidence[:400], detail=detail or {},
    )  # fmt: skip
    audit.record(f"task-{verb}", "task", str(task.uid), by=by, at=at, detail=detail or {})
