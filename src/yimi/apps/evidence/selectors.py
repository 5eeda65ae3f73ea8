"""Reading evidence. Whoever calls has judged the right to what the files are attached to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from yimi.apps.accounts.permissions import Actor
from yimi.apps.evidence import vault
from yimi.apps.evidence.kinds import KINDS
from yimi.apps.evidence.models import Attachment, File
from yimi.apps.prepared import in_parts, prepared


@dataclass(frozen=True)
class Chip:
    """What is shown of a file."""

    uid: str
    field: str
    name: str
    size: int  # bytes
    kind: str


@dataclass(frozen=True)
class Opened:
    name: str
    media_type: str
    content: bytes


def staged(actor: Actor, batch: UUID) -> list[Chip]:
    """Files of this person that wait for the record or report of this id, in the order they came."""
    return [
        _chip(each, each.field)
        for each in File.objects.filter(batch=batch, by_id=actor.user_id).order_by("pk")
    ]


def attached(kind: str, owners: Collection[UUID | str]) -> dict[str, list[Chip]]:
    """uid of the record or task → its files."""
    found: dict[str, list[Chip]] = defaultdict(list)
    wanted = list({UUID(str(each)) for each in owners})
    for part in in_parts(wanted):
        for each in _attachments(kind, part):
            found[str(each.owner_uid)].append(_chip(each.file, each.field))
    return found


@prepared
def _attachments(kind: str, owners: list[UUID]) -> QuerySet[Attachment]:
    found = Attachment.objects.filter(owner_kind=kind, owner_uid__in=owners)
    return found.select_related("file").order_by("pk")


def owners(uid: str | UUID) -> list[tuple[str, UUID, str]]:
    """(kind, uid, field) of everything a file is attached to."""
    rows = Attachment.objects.filter(file__uid=uid).order_by("pk")
    return list(rows.values_list("owner_kind", "owner_uid", "field"))


def opened(uid: str | UUID) -> Opened:
    """The content; raises where the file on the disk is missing or was altered."""
    file = File.objects.get(uid=uid)
    return Opened(file.name, KINDS[file.kind].media_type, vault.read(file.digest))


def _chip(file: File, field: str) -> Chip:
    return Chip(str(file.uid), field, file.name, file.size, file.kind)
