"""Queries put together once a process answer like the ORM that put them together, whatever they are asked."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db.models import Count, Q, QuerySet
from tests.cast import DAY, SINCE

from yimi.apps.accounts.selectors import open_on
from yimi.apps.prepared import LONGEST, formed, prepared
from yimi.apps.register.models import Child, Residence, Subject

pytestmark = pytest.mark.django_db


def homes(subjects: list[int], on: date) -> QuerySet[Residence, tuple[int, str, date]]:
    found = Residence.objects.filter(open_on(on), subject_id__in=subjects).order_by("subject_id", "pk")
    return found.values_list("subject_id", "place_id", "valid_from")


def files(uid: UUID) -> QuerySet[Child]:
    return Child.objects.filter(subject__uid=uid).select_related("subject")


def test_rows_are_those_of_the_query_for_lists_of_every_length(town):
    ask, everybody = prepared(homes), list(Child.objects.order_by("pk").values_list("pk", flat=True))
    assert len(everybody) > 2
    for length in range(1, len(everybody) + 1):
        for on in (DAY, SINCE, date(1999, 1, 1)):
            assert ask(everybody[:length], on) == list(homes(everybody[:length], on))
    assert ask([], DAY) == []


def test_objects_come_with_what_they_belong_to(town, django_assert_num_queries):
    ask = prepared(files)
    for subject in Subject.objects.filter(kind="child"):
        with django_assert_num_queries(1):
            (found,) = ask(subject.uid)
            assert found.subject.uid == subject.uid
        assert found == files(subject.uid).get()
        assert (found.name, found.birth_date) == (
            files(subject.uid).get().name,
            files(subject.uid).get().birth_date,
        )
    assert ask(uuid4()) == []


def test_the_orm_is_asked_once(town):
    made = []

    def counted(uid: UUID) -> QuerySet[Child]:
        made.append(uid)
        return files(uid)

    ask = prepared(counted)
    for uid in Subject.objects.filter(kind="child").values_list("uid", flat=True):
        assert len(ask(uid)) == 1
    assert len(made) == 1


def test_a_value_that_decides_how_the_query_looks_is_refused(town):
    def sorted_by(column: str) -> QuerySet[Child]:
        return Child.objects.filter(Q(name=column.upper()))

    with pytest.raises(ValueError, match="does not stand in the query as it is"):
        prepared(sorted_by)("name")
    with pytest.raises(ValueError, match="lists of up to"):
        prepared(homes)(list(range(LONGEST + 1)), DAY)
    with pytest.raises(TypeError):
        prepared(lambda wanted: Child.objects.filter(pk=wanted))(1.5)


def test_conditions_of_any_look_are_asked_as_they_are_and_formed_once(town):
    made = []

    def chosen(told: Q, without: frozenset[int], limit: int) -> QuerySet[Child]:
        made.append(told)
        return Child.objects.filter(told).exclude(pk__in=without).order_by("pk")[:limit]

    ask, everybody = formed(chosen), list(Child.objects.order_by("pk"))
    some = {each.pk for each in everybody[:2]}
    for _ in range(2):
        assert ask(Q(), frozenset(), 100) == everybody
        assert ask(Q(pk__in=some), frozenset(), 100) == everybody[:2]
        assert ask(Q(pk__in=set(some)), frozenset({everybody[0].pk}), 100) == [everybody[1]]
        assert ask(~Q(pk__in=some) | Q(pk=everybody[0].pk), frozenset(), 2) == [everybody[0], everybody[2]]
        assert ask(Q(pk__in=()), frozenset(), 100) == []  # true of no row
    assert len(made) == 6  # that of no row is told by the ORM anew


def test_sums_by_group_are_formed_too(town):
    def by_sex(told: Q) -> QuerySet[Child, tuple[int]]:
        return Child.objects.filter(told).values("sex").annotate(n=Count("pk")).order_by().values_list("n")

    assert sum(n for (n,) in formed(by_sex)(Q())) == Child.objects.count() > 2
