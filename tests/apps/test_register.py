"""Children, persons and the intervals between them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.db import DatabaseError, IntegrityError, transaction
from tests.cast import AT, DAY, DAZHUANG, ID_NUMBER, OTHER_ID_NUMBER, XIAOYU, YUEYUE, as_

from yimi.apps.accounts.permissions import system
from yimi.apps.audit.models import Entry
from yimi.apps.records import reviews
from yimi.apps.register import actions, idnumber, models, selectors
from yimi.apps.register.tables import engine_tables, for_child
from yimi.lib.errors import BadInput, NotAllowed
from yimi.pack.tables import REGISTER

ME = system(DAY)


def child_of(uid):
    return models.Child.objects.get(subject__uid=uid)


def register(town, **changes):
    facts = {"name": "新儿", "sex": "f", "birth_date": date(2026, 3, 31), "place": town.chen_village}
    return actions.register_child(**{**facts, **changes}, by=ME, at=AT)


def test_the_same_registration_five_times_is_one_child(town):
    uid = "44444444-4444-4444-8444-444444444444"
    made = [register(town, uid=uid) for _ in range(5)]
    assert [each.made for each in made] == [True, False, False, False, False]
    assert len({each.subject_id for each in made}) == 1
    assert models.Residence.objects.filter(subject_id=made[0].subject_id).count() == 1


def test_a_doctor_registers_a_child_of_her_township_and_of_no_other(town):
    facts = {"name": "新儿", "sex": "f", "birth_date": date(2026, 3, 31), "at": AT}
    assert actions.register_child(**facts, place=town.chen_village, by=as_("deng")).made
    with pytest.raises(NotAllowed):
        actions.register_child(**facts, place=town.next_village, by=as_("deng"))
    with pytest.raises(NotAllowed):
        actions.register_child(**facts, place=town.chen_village, by=as_("chen"))


def test_an_id_number_is_sealed_indexed_and_masked(town):
    made = register(town, id_number=ID_NUMBER.lower())
    child = models.Child.objects.get(pk=made.subject_id)
    assert ID_NUMBER.encode() not in bytes(child.id_number_sealed)
    assert ID_NUMBER not in child.id_number_index
    assert idnumber.Vault().open(child.id_number_sealed, child.subject.uid.hex) == ID_NUMBER
    with pytest.raises(InvalidTag):
        idnumber.Vault().open(child.id_number_sealed, XIAOYU.hex)  # moved to another row it does not open
    shown = selectors.child(as_("deng"), made.uid, at=AT).id_masked
    assert shown is not None
    assert shown.endswith(ID_NUMBER[-2:])
    assert not any(part in shown for part in (ID_NUMBER[:6], ID_NUMBER[6:14], ID_NUMBER[-4:]))


def test_a_wrong_check_digit_is_refused_and_not_repeated(town):
    wrong = ID_NUMBER[:-1] + ("0" if ID_NUMBER[-1] != "0" else "1")
    with pytest.raises(BadInput) as refused:
        register(town, id_number=wrong)
    assert wrong not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "小雨", "birth_date": date(2025, 2, 28)}, "name_and_birth_date"),
        ({"id_number": OTHER_ID_NUMBER}, "id_number"),
    ],
)
def test_a_child_registered_twice_is_suggested_and_not_merged(town, changes, why):
    if "id_number" in changes:
        register(town, name="早来", id_number=OTHER_ID_NUMBER)
    made = register(town, **changes)
    assert made.duplicates == 1
    item = models.ReviewItem.objects.get(subject_id=made.subject_id)
    assert (item.kind, item.why, item.closed_at) == ("duplicate", why, None)
    assert [each.id for each in reviews.reviews(as_("liu"))] == [item.pk]
    assert reviews.reviews(as_("zhao")) == []
    with pytest.raises(NotAllowed):
        actions.settle_review(item=item.pk, outcome="different", by=as_("zhao"), at=AT)
    actions.settle_review(item=item.pk, outcome="different", by=as_("deng"), at=AT)
    assert reviews.reviews(as_("liu")) == []


def test_a_corrected_birth_date_is_kept_with_what_it_was(town):
    assert actions.correct_birth_date(
        uid=str(XIAOYU), birth_date=date(2025, 2, 27), reason="出生证", by=as_("deng"), at=AT
    )
    assert not actions.correct_birth_date(
        uid=str(XIAOYU), birth_date=date(2025, 2, 27), reason="again", by=ME, at=AT
    )
    kept = models.Correction.objects.get(subject__uid=XIAOYU)
    assert (kept.fact, kept.before, kept.after) == ("birth_date", "2025-02-28", "2025-02-27")
    assert child_of(XIAOYU).birth_date == date(2025, 2, 27)
    with pytest.raises(BadInput, match="why"):
        actions.correct_birth_date(uid=str(XIAOYU), birth_date=date(2025, 2, 26), reason=" ", by=ME, at=AT)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        models.Correction.objects.update(before="2000-01-01")


def test_no_value_of_a_child_is_in_the_audit(town):
    actions.correct_birth_date(uid=str(XIAOYU), birth_date=date(2025, 2, 27), reason="出生证", by=ME, at=AT)
    register(town, name="藏名", id_number=ID_NUMBER)
    selectors.search(as_("deng"), "藏名")
    told = str(list(Entry.objects.values_list("detail", "target_uid"))) + str(as_("deng").reads)
    for value in ("2025-02-27", "2025-02-28", "藏名", ID_NUMBER, "出生证"):
        assert value not in told


def test_a_move_closes_one_residence_and_opens_the_next(town):
    actions.move(uid=str(XIAOYU), place=town.qin_village, on=date(2026, 1, 1), by=ME, at=AT)
    stays = models.Residence.objects.filter(subject__uid=XIAOYU).order_by("valid_from")
    assert [(s.place_id, s.valid_to) for s in stays] == [
        (town.chen_village, date(2026, 1, 1)),
        (town.qin_village, None),
    ]
    with pytest.raises(BadInput, match="later"):
        actions.move(uid=str(XIAOYU), place=town.chen_village, on=date(2025, 12, 1), by=ME, at=AT)


def test_who_moved_away_is_seen_by_the_new_village_only(town):
    actions.move(uid=str(XIAOYU), place=town.next_village, on=date(2026, 1, 1), by=ME, at=AT)
    assert selectors.child(as_("zhao"), str(XIAOYU), at=AT).name == "小雨"
    with pytest.raises(NotAllowed):
        selectors.child(as_("chen"), str(XIAOYU), at=AT)


def test_a_death_ends_residence_and_attendance_the_day_after(town):
    actions.mark_death(uid=str(DAZHUANG), death_date=date(2026, 8, 1), by=ME, at=AT)
    for model in (models.Residence, models.Attendance):
        assert model.objects.get(subject__uid=DAZHUANG).valid_to == date(2026, 8, 2)
    with pytest.raises(BadInput):
        actions.mark_death(uid=str(XIAOYU), death_date=DAY + timedelta(days=30), by=ME, at=AT)


@pytest.mark.parametrize(
    ("constraint", "make"),
    [
        (
            "residence_one_open",
            lambda s, t: models.Residence(subject_id=s, place_id=t.qin_village, valid_from=DAY),
        ),
        (
            "residence_ends_after_start",
            lambda s, t: models.Residence(subject_id=s, place_id=t.qin_village, valid_from=DAY, valid_to=DAY),
        ),
        (
            "status_ends_after_start",
            lambda s, t: models.Status(subject_id=s, scheme="x", code="y", valid_from=DAY, valid_to=DAY),
        ),
        (
            "relation_between_two",
            lambda s, t: models.Relation(subject_id=s, person_id=s, kind="father", valid_from=DAY),
        ),
    ],
)
def test_the_database_itself_refuses_what_cannot_be(town, constraint, make):
    subject = child_of(XIAOYU).pk
    with pytest.raises(IntegrityError, match=rf"{constraint}|UNIQUE constraint failed"), transaction.atomic():
        make(subject, town).save()


def test_a_status_changes_hands_and_its_decision_can_be_undone(town):
    from uuid import uuid4

    subject, first, second = child_of(XIAOYU).pk, uuid4(), uuid4()
    common = {"subject_id": subject, "scheme": "hardship", "by": ME, "at": AT}
    actions.open_status(code="H1a", on=date(2026, 1, 1), review_due=None, record_uid=first, **common)
    actions.open_status(code="H2a", on=date(2026, 3, 1), review_due=None, record_uid=second, **common)
    lines = models.Status.objects.filter(subject_id=subject).order_by("valid_from")
    assert [(s.code, s.valid_to) for s in lines] == [("H1a", date(2026, 3, 1)), ("H2a", None)]
    actions.undo_statuses(record_uid=second, by=ME, at=AT)
    assert [(s.code, s.valid_to) for s in lines.all()] == [("H1a", None)]
    with pytest.raises(BadInput, match="later"):
        actions.close_status(on=date(2026, 1, 1), record_uid=second, **common)


def test_engine_tables_have_the_contracts_columns_and_no_name(town):
    tables = engine_tables()
    assert set(tables) == set(REGISTER)
    for name, columns in REGISTER.items():
        assert tables[name].column_names == list(columns), name
    assert tables["child"].num_rows == 3
    assert "小雨" not in str(tables["child"].to_pylist())
    assert set(tables["place"]["kind"].to_pylist()) == {"district", "township", "village"}
    assert all(tables["place"]["subject_id"].is_valid().to_pylist())
    assert tables["relation"].to_pylist()[0]["guardian"] is True


def test_one_subject_alone_is_its_rows_of_the_whole(town):
    whole, subject = engine_tables(), child_of(DAZHUANG).pk
    alone = for_child(subject)
    for name in ("child", "residence", "relation", "attendance"):
        rows = [row for row in whole[name].to_pylist() if row["subject_id"] == subject]
        assert alone[name] == rows, name
    assert len(alone["person"]) == 1  # the grandmother
    assert len(alone["facility"]) == 1
    assert len(alone["place"]) == whole["place"].num_rows


def test_the_place_tree_of_a_past_day_is_the_one_of_then(town):
    from yimi.apps.places.actions import change_parent
    from yimi.demo.cast import NEXT_TOWNSHIP, STORY_TOWNSHIP

    change_parent(place=town.chen_village, parent=NEXT_TOWNSHIP, on=date(2026, 6, 1), by=ME, at=AT)

    def parent_on(day):
        rows = engine_tables(day)["place"].to_pylist()
        return next(row["parent_id"] for row in rows if row["place_id"] == town.chen_village)

    assert parent_on(date(2026, 5, 31)) == STORY_TOWNSHIP
    assert parent_on(date(2026, 6, 1)) == NEXT_TOWNSHIP
    assert selectors.child(as_("zhao"), str(XIAOYU), at=AT).name == "小雨"


def test_names_are_found_by_two_characters_and_only_within_reach(town):
    assert [h.uid for h in selectors.search(as_("chen"), "小雨")] == [str(XIAOYU)]
    assert selectors.search(as_("chen"), "小") == []
    assert selectors.search(as_("chen"), "月月") == []
    assert selectors.search(as_("zhao"), "小雨") == []
    assert [h.uid for h in selectors.search(as_("zhao"), "月月")] == [str(YUEYUE)]
