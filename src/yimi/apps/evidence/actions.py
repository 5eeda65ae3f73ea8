"""Taking files in and attaching them. A file is on the disk, encrypted, before anything that names it is stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.audit import actions as audit
from yimi.apps.evidence import vault
from yimi.apps.evidence.kinds import MAX_BYTES, MAX_FILES, kind_of, shown_name
from yimi.apps.evidence.models import Attachment, File
from yimi.apps.evidence.photos import DamagedPhoto, without_metadata
from yimi.lib.errors import BadInput, NotAllowed

UNUSED_AFTER = timedelta(days=2)  # staged and never attached: the form was given up
BATCH_FILES = 5 * MAX_FILES


def stage(*, batch: UUID, field: str, name: str, content: bytes, by: Actor, at: datetime) -> str:
    """Keep a file for a record or report that is about to be stored; its uid. The caller has judged who may.

    Not inside a transaction of the caller: the file must be known before the sweep may run.
    """
    if not content:
        raise BadInput("文件是空的，请重新选择 / the file is empty: choose it again")
    if len(content) > MAX_BYTES:
        raise BadInput(
            "文件超过10 MB，请压缩或分开上传 / the file is larger than 10 MB: make it smaller or split it"
        )
    kind = kind_of(content)
    if kind is None:
        raise BadInput(
            "只收照片（JPEG、PNG）、PDF、Word（.docx）和Excel（.xlsx）文件，不收含宏的文件 / only photos (JPEG, PNG), PDF, "
            "Word (.docx) and Excel (.xlsx) files are taken, none with macros"
        )
    try:
        plain = without_metadata(content, kind)
    except DamagedPhoto:
        raise BadInput(
            "照片不完整或已损坏，请重新拍照上传 / the photo is incomplete or damaged: take it again"
        ) from None
    with vault.alone(), transaction.atomic():
        digest = vault.keep(plain)
        own = File.objects.filter(batch=batch, by_id=by.user_id)
        before = own.filter(field=field, digest=digest).first()
        if before is not None:
            return str(before.uid)
        if own.count() >= BATCH_FILES or own.filter(field=field).count() >= MAX_FILES:
            raise BadInput(
                f"一项最多附{MAX_FILES}个文件，请先去掉不需要的 / at most {MAX_FILES} files here: take one away first"
            )
        made = File.objects.create(
            batch=batch, field=field, name=shown_name(name, kind), kind=kind, size=len(plain), digest=digest,
            by_id=by.user_id, received_at=at,
        )  # fmt: skip
        return str(made.uid)


@transaction.atomic
def unstage(*, batch: UUID, files: Collection[str], by: Actor) -> None:
    """Take away files that are not attached to anything yet; those of somebody else stay."""
    File.objects.filter(
        batch=batch, by_id=by.user_id, uid__in=_uuids(files), attachments__isnull=True
    ).delete()


def usable(
    files: Collection[str], *, batch: UUID, by: Actor, also_of: tuple[str, UUID] | None = None
) -> dict[str, str]:
    """uid → address of the files, in their order, or `NotAllowed`: only one's own of this sending are taken, and,
    in a correction, those attached to what is corrected."""
    found: dict[str, str] = {}
    known = {each.uid: each for each in File.objects.filter(uid__in=_uuids(files))}
    carried: set[int] = set()
    if also_of is not None:
        kept = Attachment.objects.filter(owner_kind=also_of[0], owner_uid=also_of[1])
        carried = set(kept.values_list("file_id", flat=True))
    for uid in _uuids(files):
        file = known.get(uid)
        own = file is not None and file.batch == batch and file.by_id == by.user_id
        if file is None or not (own or file.pk in carried):
            raise NotAllowed("no such file")
        found[str(uid)] = file.digest
    return found


@transaction.atomic
def attach(*, owner: tuple[str, UUID], field: str, files: Collection[str], by: Actor, at: datetime) -> None:
    """Attach files that `usable` let through, in the transaction that stores what they prove."""
    require(not by.is_system, "evidence is attached by people")
    for file in File.objects.filter(uid__in=_uuids(files)).order_by("pk"):
        _, made = Attachment.objects.get_or_create(
            file=file, owner_kind=owner[0], owner_uid=owner[1], field=field, defaults={"at": at}
        )
        if made:
            detail = {"owner": owner[0], "owner_uid": str(owner[1]), "type": file.kind}
            audit.record("attach", "evidence", str(file.uid), by=by, at=at, detail=detail)


def sweep(*, at: datetime) -> int:
    """Take away what was staged and never attached, and what a kill left on the disk; how many files went."""
    before = at - UNUSED_AFTER
    gone = 0
    with vault.alone():
        File.objects.filter(received_at__lt=before, attachments__isnull=True).delete()
        old = dict(vault.kept(before.timestamp()))
        for start in range(0, len(old), 500):
            part = list(old)[start : start + 500]
            known = set(File.objects.filter(digest__in=part).values_list("digest", flat=True))
            for digest in part:
                if digest not in known:
                    old[digest].unlink(missing_ok=True)
                    gone += 1
    return gone


def _uuids(files: Collection[str]) -> Sequence[UUID]:
    try:
        return list(dict.fromkeys(UUID(str(each)) for each in files))
    except ValueError:
        raise NotAllowed("no such file") from None
