"""The chain: rows follow each other, nothing can be changed, and whatever is changed all the same is found."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from tests.cast import AT, DAY, as_

from yimi.apps.accounts.permissions import system
from yimi.apps.audit import actions, append_only
from yimi.apps.audit.models import Entry, Head

ROWS = 12


@pytest.fixture
def chain(town):
    """Some rows more, and no trigger in the way of the forger."""
    for i in range(ROWS):
        actions.record(
            "read", "child", f"uid-{i}", by=as_("chen"), at=AT + timedelta(seconds=i), detail={"n": i}
        )
    append_only.remove(connection, "audit_entry")
    yield Entry.objects.order_by("seq")
    append_only.install(connection, "audit_entry")


def test_an_untouched_chain_is_whole(chain):
    result = actions.verify()
    assert (result.ok, result.first_bad) == (True, None)
    assert result.rows == Entry.objects.count() >= ROWS


@pytest.mark.parametrize(
    "column", ["actor", "role", "verb", "target_kind", "target_uid", "detail", "digest", "previous"]
)
def test_any_altered_column_is_found(chain, column):
    seq = chain.last().seq - 5
    Entry.objects.filter(seq=seq).update(**{column: {"n": 99} if column == "detail" else "f" * 40})
    result = actions.verify()
    assert not result.ok
    assert result.first_bad in (seq, seq + 1)


def test_a_name_taken_out_of_a_list_is_found(chain):
    actions.record_all([actions.listed("list", "child", ["a", "b"])], by=as_("ran"), at=AT)
    last = chain.last()
    assert last.detail["shown"] == ["a", "b"]
    Entry.objects.filter(seq=last.seq).update(detail={**last.detail, "shown": ["b"]})
    assert actions.verify().first_bad == last.seq


def test_an_altered_moment_is_found(chain):
    seq = chain.last().seq - 5
    Entry.objects.filter(seq=seq).update(at=AT + timedelta(microseconds=1))
    assert actions.verify().first_bad == seq


@pytest.mark.parametrize("from_end", [ROWS, 5, 1, 0])
def test_any_deleted_row_is_found(chain, from_end):
    seq = chain.last().seq - from_end
    Entry.objects.filter(seq=seq).delete()
    result = actions.verify()
    assert (result.ok, result.first_bad) == (False, seq)


def test_a_deleted_first_row_is_found(chain):
    Entry.objects.filter(seq=1).delete()
    assert actions.verify().first_bad == 1


def test_two_swapped_rows_are_found(chain):
    low, high = chain.last().seq - 6, chain.last().seq - 3
    a, b = Entry.objects.get(seq=low), Entry.objects.get(seq=high)
    Entry.objects.filter(seq__in=[low, high]).delete()
    a.seq, b.seq = high, low
    Entry.objects.bulk_create([a, b])
    assert actions.verify().first_bad == low


def test_an_inserted_row_is_found(chain):
    last = chain.last()
    Entry.objects.create(
        seq=last.seq + 1,
        at=AT,
        actor="x",
        verb="read",
        target_kind="child",
        previous=last.digest,
        digest="0" * 64,
    )
    assert actions.verify().first_bad == last.seq + 1


def test_a_truncated_tail_with_a_forged_head_is_found(chain):
    keep = chain.last().seq - 3
    Entry.objects.filter(seq__gt=keep).delete()
    Head.objects.update(count=keep, digest=Entry.objects.get(seq=keep).digest)
    assert not actions.verify().ok


def test_a_database_put_back_to_an_older_day_is_found_by_the_outside_checkpoint(
    chain, django_capture_on_commit_callbacks
):
    head = Head.objects.get()
    older = {"count": head.count, "digest": head.digest, "signature": head.signature}
    actions.record("read", "child", "later", by=as_("chen"), at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.verify(at=AT).ok  # leaves a checkpoint outside
    try:
        Entry.objects.filter(seq__gt=older["count"]).delete()
        Head.objects.update(**older)
        result = actions.verify()
        assert (result.ok, result.first_bad) == (False, older["count"] + 1)
    finally:
        actions.checkpoints_file().unlink()


def test_a_rewritten_end_of_the_chain_is_found_without_the_key(chain):
    from yimi.apps.audit import chain as sealing

    seq = chain.last().seq
    row = Entry.objects.get(seq=seq)
    forged = sealing.canonical(
        seq, row.at, "somebody", row.role, row.verb, row.target_kind, row.target_uid, row.detail
    )
    digest = sealing.seal(row.previous, forged)
    Entry.objects.filter(seq=seq).update(actor="somebody", digest=digest)
    Head.objects.update(digest=digest)
    assert not actions.verify().ok


@pytest.mark.parametrize("how", ["update", "delete"])
def test_the_database_refuses_to_change_the_chain(town, how):
    query = Entry.objects.filter(seq=1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        query.update(verb="nothing") if how == "update" else query.delete()
    assert Entry.objects.filter(seq=1).exists()


def test_a_deed_that_cannot_be_audited_does_not_happen(town, monkeypatch):
    from yimi.apps.register import actions as register

    before = Entry.objects.count()
    append_only.remove(connection, "audit_entry")
    Entry.objects.filter(
        seq=before
    ).delete()  # a broken chain: the next number is taken by nobody, the one after is
    Entry.objects.create(
        seq=before + 1, at=AT, actor="x", verb="x", target_kind="x", previous="0" * 64, digest="0" * 64
    )
    append_only.install(connection, "audit_entry")
    with pytest.raises(DatabaseError), transaction.atomic():
        register.register_person(name="无名", by=system(DAY), at=AT)
    from yimi.apps.register.models import Person

    assert not Person.objects.filter(name="无名").exists()


def test_eight_at_once_make_one_unbroken_chain(committed):
    before = Entry.objects.count()
    failures: list[Exception] = []

    def write(who: int) -> None:
        try:
            for i in range(10):
                actions.record("read", "child", f"{who}-{i}", by="system", at=AT)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(i,)) for i in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    result = actions.verify()
    assert (result.ok, result.rows) == (True, before + 80)


def test_a_moment_without_a_zone_is_refused(town):
    with pytest.raises(ValueError, match="time zone"):
        actions.record("read", "child", by="system", at=AT.replace(tzinfo=None))
