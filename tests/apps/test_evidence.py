"""Evidence: on the disk encrypted before it is named, kept once, opened by whoever may read what it proves."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from tests.apps.test_alerts import finding, sync
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, as_
from tests.unit.test_evidence_files import office, photo

from yimi.apps import active
from yimi.apps.accounts.permissions import system
from yimi.apps.audit.models import Entry
from yimi.apps.evidence import actions, selectors, vault
from yimi.apps.evidence.models import Attachment, File
from yimi.apps.records import actions as records
from yimi.apps.records import selectors as read
from yimi.apps.records.models import Record
from yimi.apps.tasks import actions as tasks
from yimi.apps.tasks.models import Task, TaskEvent
from yimi.lib.errors import BadInput, NotAllowed

ME = system(DAY)
ABSENT = "99999999-9999-4999-8999-999999999999"
PDF = b"%PDF-1.7\nproof\n%%EOF"


def dose(batch, **answers):
    day = timezone.localdate().isoformat()
    return {"client_id": str(batch), "occurred_on": day, "vaccine": "MMR", "elsewhere": "true", **answers}


def upload(content=PDF, name="接种证.pdf"):
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


def record_page(child=XIAOYU, form="dose"):
    return reverse("record", args=[child, form])


def address(file):
    return reverse("evidence", args=[file.uid])


def stage(batch, by=None, content=PDF, field="evidence", name="接种证.pdf"):
    return actions.stage(batch=batch, field=field, name=name, content=content, by=by or as_("ran"), at=AT)


@pytest.fixture
def task(town):
    opened = sync(finding(town.chen_village, XIAOYU)).opened
    tasks.open_for_alerts(alerts=opened, pack=active.pack(), by=ME, at=AT)
    return Task.objects.get()


@pytest.fixture
def proved(town, sign_in):
    """A dose given elsewhere, entered by Dr. Ran with a photo."""
    sign_in("ran").post(record_page(), {**dose(uuid4()), "evidence.files": upload(photo(), "接种证.jpg")})
    return Record.objects.get()


# --- the vault ----------------------------------------------------------------------------------------------


def test_a_file_lies_on_the_disk_encrypted_once_and_for_nobody_else(town):
    uids = {stage(uuid4()), stage(uuid4(), by=as_("chen"))}
    digests = set(File.objects.filter(uid__in=uids).values_list("digest", flat=True))
    assert len(uids) == 2 and len(digests) == 1
    (digest,) = digests
    path = vault.folder() / digest[:2] / digest
    assert b"proof" not in path.read_bytes()
    assert vault.read(digest) == PDF
    assert path.stat().st_mode & 0o077 == 0 and path.parent.stat().st_mode & 0o077 == 0
    assert [each.name for each in path.parent.iterdir() if each.name.startswith(".")] == []


def test_an_altered_or_exchanged_file_does_not_open(town):
    one, two = (File.objects.get(uid=stage(uuid4(), content=PDF + bytes([n]))).digest for n in (1, 2))
    paths = [vault.folder() / each[:2] / each for each in (one, two)]
    before = [each.read_bytes() for each in paths]
    paths[0].write_bytes(before[1])
    with pytest.raises(InvalidTag):
        vault.read(one)
    paths[0].write_bytes(before[0][:-1] + bytes([before[0][-1] ^ 1]))
    with pytest.raises(InvalidTag):
        vault.read(one)
    paths[0].write_bytes(before[0])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"), (b"MZ\x90 program", "only photos"), (b"<script>", "only photos"), (photo()[:300], "damaged"),
        (b"%PDF-" + b"x" * (10 * 1024 * 1024), "10 MB"), (office("[Content_Types].xml", "word/vbaProject.bin"), "only photos"),
    ],
    ids=["empty", "program", "page", "cut", "large", "macros"],
)  # fmt: skip
def test_what_is_not_taken_says_why(town, content, why):
    with pytest.raises(BadInput, match=why):
        stage(uuid4(), content=content, name="接种证.jpg")
    assert not File.objects.exists()


def test_a_field_takes_six_files(town):
    batch = uuid4()
    for number in range(6):
        stage(batch, content=PDF + bytes([number]))
    stage(batch, content=PDF + bytes([0]))  # the same again is the same
    with pytest.raises(BadInput, match="at most 6"):
        stage(batch, content=PDF + b"7")


def test_what_is_never_attached_is_swept_and_what_is_attached_stays(proved):
    digest = File.objects.get().digest
    lost = File.objects.get(uid=stage(uuid4(), content=PDF + b"lost")).digest
    half = vault.folder() / lost[:2] / ".half-written"
    half.write_bytes(b"x")
    assert actions.sweep(at=timezone.now() + timedelta(hours=1)) == 0
    old = (timezone.now() - timedelta(days=3)).timestamp()
    for each in (half, vault.folder() / lost[:2] / lost, vault.folder() / digest[:2] / digest):
        os.utime(each, (old, old))
    File.objects.filter(digest=lost).update(received_at=timezone.now() - timedelta(days=3))
    File.objects.filter(digest=digest).update(received_at=timezone.now() - timedelta(days=3))
    assert actions.sweep(at=timezone.now()) == 2
    assert vault.read(digest)
    assert not (vault.folder() / lost[:2] / lost).exists() and not half.exists()


def test_attachments_are_append_only(proved):
    for change in (lambda: Attachment.objects.update(field="x"), lambda: Attachment.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


# --- a record's evidence ------------------------------------------------------------------------------------


def test_a_photo_answers_for_the_text_and_loses_its_place(proved, sign_in):
    assert re.fullmatch(r"file:[0-9a-f]{16}", proved.answers["evidence"])
    file = File.objects.get()
    assert (file.name, file.kind) == ("接种证.jpg", "jpeg")
    response = sign_in("ran").get(address(file))
    assert response.status_code == 200
    assert b"SECRETPHONE" not in response.content and response.content.startswith(b"\xff\xd8")
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E6%8E%A5")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "image/jpeg"
    assert "sandbox" in response["Content-Security-Policy"]


def test_text_alone_is_still_evidence_and_neither_is_not(town, sign_in):
    ran = sign_in("ran")
    assert ran.post(record_page(), dose(uuid4())).status_code == 422
    assert ran.post(record_page(), dose(uuid4(), evidence="file:0123456789abcdef")).status_code == 422
    assert not Record.objects.exists()
    assert ran.post(record_page(), dose(uuid4(), evidence="接种证第3号")).status_code == 200
    assert Record.objects.get().answers["evidence"] == "接种证第3号"


def test_whoever_reads_the_record_opens_the_file_and_everybody_else_finds_nothing(proved, sign_in):
    file = File.objects.get()
    for who, status in (
        ("ran", 200),
        ("deng", 200),
        ("he", 404),
        ("chen", 404),
        ("zhao", 404),
        ("liu", 404),
        ("zhou", 404),
    ):
        client = sign_in(who)
        nothing = client.get("/nowhere/").content
        response = client.get(address(file))
        assert (who, response.status_code) == (who, status)
        if status == 404:
            assert response.content == nothing
            assert client.get(reverse("evidence", args=[ABSENT])).content == nothing


def test_whoever_attached_a_file_opens_it_again(town, sign_in):
    sign_in("chen").post(record_page(), {**dose(uuid4()), "evidence.files": upload()})
    file = File.objects.get()
    assert sign_in("chen").get(address(file)).status_code == 200  # who reads no doses, but entered this one
    assert sign_in("qin").get(address(file)).status_code == 404


def test_opening_is_audited_without_the_name_of_the_file(proved, sign_in):
    file = File.objects.get()
    sign_in("ran").get(address(file))
    entry = Entry.objects.get(verb="read", target_kind="evidence")
    assert (entry.target_uid, entry.detail["record"]) == (str(file.uid), str(proved.record_uid))
    assert Entry.objects.filter(verb="attach", target_uid=str(file.uid)).count() == 1
    assert not any("接种证" in str(each.detail) for each in Entry.objects.all())


def test_a_staged_file_opens_for_nobody_until_its_record_is_there(town, sign_in):
    uid = stage(uuid4())
    assert sign_in("ran").get(reverse("evidence", args=[uid])).status_code == 404


def test_the_file_stands_on_the_timeline_and_the_form_as_a_chip(proved, sign_in):
    ran, file = sign_in("ran"), File.objects.get()
    text = ran.get(reverse("child", args=[XIAOYU])).content.decode()
    assert f'href="{address(file)}"' in text and "接种证.jpg" in text and "JPEG · " in text
    assert "file:" not in re.sub(r"<[^>]+>", "", text)
    form = ran.get(reverse("record-change", args=[proved.record_uid])).content.decode()
    assert f'value="{file.uid}" checked' in form


def test_a_form_sent_back_keeps_the_photo(town, sign_in):
    ran, batch = sign_in("ran"), uuid4()
    wrong = ran.post(record_page(), {**dose(batch, occurred_on="2999-01-01"), "evidence.files": upload()})
    assert wrong.status_code == 422 and "接种证.pdf" in wrong.content.decode()
    kept = str(File.objects.get().uid)
    assert ran.post(record_page(), dose(batch, **{"evidence.keep": kept})).status_code == 200
    assert [str(each.file.uid) for each in Attachment.objects.all()] == [kept]


def test_a_file_unchecked_on_the_form_is_not_attached(town, sign_in):
    ran, batch = sign_in("ran"), uuid4()
    ran.post(record_page(), {**dose(batch, occurred_on="2999-01-01"), "evidence.files": upload()})
    assert ran.post(record_page(), dose(batch, evidence="第3号")).status_code == 200
    assert not Attachment.objects.exists() and not File.objects.exists()


def test_the_same_request_twice_attaches_once(town, sign_in):
    ran, batch = sign_in("ran"), uuid4()
    for status in (200, 302):
        sent = ran.post(record_page(), {**dose(batch), "evidence.files": upload()})
        assert sent.status_code == status
    assert (Record.objects.count(), File.objects.count(), Attachment.objects.count()) == (1, 1, 1)


def test_a_wrong_file_is_told_beside_its_field_and_nothing_is_stored(town, sign_in):
    sent = sign_in("ran").post(
        record_page(),
        {**dose(uuid4(), evidence="第3号"), "evidence.files": upload(b"MZ program", "接种证.jpg")},
    )
    text = sent.content.decode()
    assert sent.status_code == 422 and 'href="#field-evidence"' in text and "只收照片" in text
    assert not Record.objects.exists()


def test_a_field_that_is_not_shown_takes_no_file(town, sign_in):
    """The hidden answer is dropped, and the file with it."""
    shown = active.pack().forms["dose"]
    assert next(each for each in shown.fields if each.id == "evidence").show_when is None, "find another form"
    batch = uuid4()
    uid = stage(batch)
    stored = records.add(
        form="dose", subject=str(XIAOYU), occurred_on=DAY, answers={"vaccine": "MMR"}, by=as_("ran"), at=AT,
        record_uid=batch, files={"evidence": [uid], "lot": [uid]},
    )  # fmt: skip
    assert [each.field for each in Attachment.objects.filter(owner_uid=UUID(stored.record_uid))] == [
        "evidence"
    ]


def test_a_correction_keeps_what_it_is_told_to_keep(proved, sign_in):
    ran, old = sign_in("ran"), str(File.objects.get().uid)
    page = reverse("record-change", args=[proved.record_uid])
    batch = uuid4()
    sent = ran.post(
        page, {**dose(batch), "change_reason": "补充", "evidence.keep": old, "evidence.files": upload()}
    )
    assert sent.status_code == 200
    new = Record.objects.get(kind="correction")
    names = [each.name for each in selectors.attached("record", [new.record_uid])[str(new.record_uid)]]
    assert sorted(names) == ["接种证.jpg", "接种证.pdf"]
    assert len(re.findall("file:", new.answers["evidence"])) == 2
    again = reverse("record-change", args=[new.record_uid])
    assert (
        ran.post(again, {**dose(uuid4(), evidence="第3号"), "change_reason": "照片不清"}).status_code == 200
    )
    last = Record.objects.order_by("-seq").first()
    assert last.answers["evidence"] == "第3号" and not selectors.attached("record", [last.record_uid])
    assert (
        len(selectors.attached("record", [proved.record_uid])[str(proved.record_uid)]) == 1
    )  # history stays


@pytest.mark.parametrize("whose", ["another's staged", "another record's", "nobody's"])
def test_a_file_of_somebody_else_cannot_be_taken(proved, whose):
    batch = uuid4()
    uid = {
        "another's staged": lambda: stage(batch, by=as_("deng")),
        "another record's": lambda: str(File.objects.get().uid),
        "nobody's": lambda: ABSENT,
    }[whose]()
    with pytest.raises(NotAllowed):
        records.add(
            form="service_exception", subject=str(DAZHUANG), occurred_on=DAY, by=as_("ran"), at=AT, record_uid=batch,
            answers={"pathway": "immunization", "step": "MMR_1", "kind": "refused", "reason": "x"}, files={"evidence": [uid]},
        )  # fmt: skip
    assert Record.objects.count() == 1


def test_a_field_stricter_than_its_form_closes_its_files(proved, monkeypatch):
    from dataclasses import replace

    pack = active.pack()
    form = pack.forms["dose"]
    fields = [
        each.model_copy(update={"sensitivity": "justice"}) if each.id == "evidence" else each
        for each in form.fields
    ]
    forms = {**pack.forms, "dose": form.model_copy(update={"fields": fields})}
    changed = replace(pack, declared={**pack.declared, "forms": forms})
    monkeypatch.setattr(active, "pack", lambda: changed)
    with pytest.raises(NotAllowed):
        read.open_evidence(as_("deng"), str(File.objects.get().uid), at=AT)
    line = read.one(as_("deng"), str(proved.record_uid), at=AT)
    assert line.files == () and "evidence" not in line.answers


# --- a task's evidence --------------------------------------------------------------------------------------


def report(client, task, batch=None, **more):
    address = reverse("task-report", args=[task.uid])
    return client.post(
        address, {"client_id": str(batch or uuid4()), "text": "已补种", "evidence": "", **more}
    )


def test_a_task_is_reported_with_a_photo_and_nothing_else(task, sign_in):
    chen = sign_in("chen")
    assert report(chen, task).status_code == 422
    assert report(chen, task, **{"evidence.files": upload(photo(), "接种证.jpg")}).status_code == 302
    event, file = TaskEvent.objects.get(verb="report"), File.objects.get()
    assert event.detail == {"files": [str(file.uid)]}
    for who, status in (
        ("chen", 200),
        ("ran", 200),
        ("yang", 404),
        ("zhou", 404),
        ("zhao", 404),
        ("qin", 404),
    ):
        assert (who, sign_in(who).get(address(file)).status_code) == (who, status)


def test_the_page_gives_the_file_to_the_second_person_and_only_tells_the_coordinator(task, sign_in):
    report(sign_in("chen"), task, **{"evidence.files": upload()})
    href, page = address(File.objects.get()), reverse("task", args=[task.uid])
    assert href in sign_in("ran").get(page).content.decode()
    told = sign_in("zhou").get(page).content.decode()
    assert "接种证.pdf" not in told and "附件1" in told
    assert href not in told and "附件只供承办人和核实人查看" in told


def test_the_measure_tells_of_a_report_that_has_files_only(task, sign_in):
    report(sign_in("chen"), task, **{"evidence.files": upload(name="小雨接种证.pdf")})
    text = sign_in("ran").get("/measures/M09/").content.decode()
    assert "附件1件" in text and "小雨接种证" not in text


def test_a_report_by_somebody_else_stages_nothing(task, sign_in):
    for who in ("zhao", "ran", "zhou"):
        assert report(sign_in(who), task, **{"evidence.files": upload()}).status_code == 404
    assert not File.objects.exists()


def test_a_second_report_shows_its_own_files(task, sign_in):
    report(sign_in("chen"), task, **{"evidence.files": upload(PDF + b"1", "一.pdf")})
    tasks.send_back(task=str(task.uid), reason="看不清", by=as_("ran"), at=AT)
    report(sign_in("chen"), task, **{"evidence.files": upload(PDF + b"2", "二.pdf")})
    text = sign_in("ran").get(reverse("task", args=[task.uid])).content.decode()
    now = re.search(r'<div class="files">(.*?)</div>', text, re.DOTALL)[1]
    assert "二.pdf" in now and "一.pdf" not in now
    assert (text.count("一.pdf"), text.count("二.pdf")) == (1, 2)  # the history has both
