"""Two ways to ask who may see a child, one for many children and one for a single child: the same answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, YUEYUE, as_, people

from yimi.apps import active
from yimi.apps.accounts.models import User
from yimi.apps.accounts.permissions import system
from yimi.apps.register import actions
from yimi.apps.register.models import Child
from yimi.apps.register.permissions import closeness, reaches, visible, visible_among

ME = system(DAY)
SENSITIVITIES = ("basic", "health", "welfare", "protection", "justice")


def test_everybody_every_child_every_sensitivity_and_form(town):
    qin = User.objects.get(username="qin").pk
    actions.break_glass(uid=str(XIAOYU), reason="孩子被送到我镇卫生院急诊，需要过敏史", by=as_("zhao"), at=AT)
    actions.assign(uid=str(YUEYUE), user_id=qin, kind="assigned", since=DAY, by=ME, at=AT)
    actions.block(uid=str(DAZHUANG), user_id=qin, kind="own_family", since=DAY, by=ME, at=AT)
    children = {each.pk for each in Child.objects.all()}
    forms = [None, *(form.id for form in active.pack().forms.values() if form.subject == "child")]
    seen, opened = 0, False
    for person in people():
        actor = as_(person.username)
        for at in (None, AT, AT + timedelta(hours=3)):
            near = {each: closeness(actor, each, at) for each in children}
            for sensitivity in SENSITIVITIES:
                for form in forms if at is None else [None]:
                    many = set(visible(actor, sensitivity, form=form, at=at).values_list("pk", flat=True))
                    one_by_one = {each for each in children if reaches(actor, near[each], sensitivity, form)}
                    assert many == one_by_one, (person.username, sensitivity, form, at)
                    if form is None:
                        few = visible_among(actor, children, sensitivity, at=at).values_list("pk", flat=True)
                        assert set(few) == many, (person.username, sensitivity, at)
                    seen += len(many)
        opened |= person.username == "zhao" and any(closeness(actor, each, AT).glass for each in children)
    assert seen > 50 and opened


@pytest.mark.parametrize("name", ["song", "zhou", "luo"])
def test_who_reads_no_child_reaches_none(town, name):
    child = Child.objects.get(subject__uid=XIAOYU).pk
    assert not any(reaches(as_(name), closeness(as_(name), child, AT), each) for each in SENSITIVITIES)
