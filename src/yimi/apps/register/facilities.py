"""What a facility must be to enter the register, and how it leaves it. It enters by `actions.register_facility`."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from yimi.apps.accounts.permissions import Actor
from yimi.apps.accounts.selectors import open_on
from yimi.apps.audit import actions as audit
from yimi.apps.register.models import Attendance, Correction, Facility
from yimi.apps.register.permissions import may_register_facility
from yimi.lib.errors import BadInput, NotAllowed


def checked_name(name: str, kind: str, place: str, opened_on: date | None, at: datetime) -> str:
    """The name as it is kept; `BadInput` if the facility cannot be or is there already."""
    name = " ".join(name.split())
    if not 2 <= len(name) <= 120:
        raise BadInput("请填写名称，2到120字 / enter the name, 2 to 120 characters")
    if opened_on is not None and opened_on > timezone.localdate(at):
        raise BadInput(
            "启用日期不能晚于今天：还没有启用的不登记入册 / the opening lies in the future: enter it when it is open"
        )
    if Facility.objects.filter(name=name, kind=kind, place_id=place, closed_on__isnull=True).exists():
        raise BadInput(
            "这一处已经登记过，名称、类型、所在地都相同 / it is registered already, with the same name, type and place"
        )
    return name


@transaction.atomic
def close(*, uid: str, on: date, reason: str, by: Actor, at: datetime) -> None:
    """A facility has closed: from that day it is in no list and counts nowhere; what was recorded of it stays."""
    found = Facility.objects.filter(subject__uid=UUID(uid), closed_on__isnull=True).first()
    if found is None or not (by.is_system or may_register_facility(by, found.kind, found.place_id or "")):
        raise NotAllowed("no such facility")
    if not reason.strip():
        raise BadInput("请写明停用原因 / say why it closed")
    if on > timezone.localdate(at) or (found.opened_on is not None and on <= found.opened_on):
        raise BadInput(
            "停用日期应在启用之后、不晚于今天 / the day it closed lies after the day it opened and not ahead"
        )
    if Attendance.objects.filter(open_on(on), facility_id=found.pk).exists():
        raise BadInput("还有儿童在这里就读，先办理转出再停用 / children still attend it: transfer them first")
    Correction.objects.create(
        subject_id=found.pk, fact="closed_on", after=str(on), reason=reason.strip(), by_id=by.user_id, at=at
    )
    found.closed_on = on
    found.save(update_fields=["closed_on"])
    audit.record("close", "facility", uid, by=by, at=at, detail={"on": on.isoformat()})
