"""The cast and their small register, everywhere the same. All are made up.

Xiaoyu lives in Director Chen's village of Baima, Dazhuang in Director Qin's, Yueyue in the next township, where
Mr. Zhao works: he must see nothing of Baima.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from yimi.apps.accounts.permissions import Actor, system
from yimi.apps.accounts.selectors import actor_named
from yimi.demo.cast import NEXT_TOWNSHIP, STORY_TOWNSHIP, Person, cast

DAY = date(2026, 9, 1)
AT = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # nine in the morning in Wulong
SINCE = date(2025, 1, 1)

XIAOYU = UUID("11111111-1111-4111-8111-111111111111")
DAZHUANG = UUID("22222222-2222-4222-8222-222222222222")
YUEYUE = UUID("33333333-3333-4333-8333-333333333333")
# Right in form, of a region that does not exist.
ID_NUMBER, OTHER_ID_NUMBER = "99015620260331006X", "990156202603310086"


@dataclass(frozen=True)
class Town:
    """Names the tests need: villages by code, the facility's uid."""

    chen_village: str
    qin_village: str
    next_village: str
    school: str
    grandmother: str


def people() -> list[Person]:
    return cast(villages_of(STORY_TOWNSHIP))


def villages_of(township: str) -> list[str]:
    from yimi.apps import active

    return sorted(each.code for each in active.pack().villages() if each.parent == township)


def as_(username: str, on: date = DAY) -> Actor:
    """The actor of one of the cast, as of the story's day."""
    return actor_named(username, on)


def build() -> None:
    """Places, accounts, three children, a grandmother, a school. Committed once a session."""
    from yimi.apps import active
    from yimi.apps.accounts.actions import CastMember, create_demo_accounts
    from yimi.apps.places.actions import load_from_pack
    from yimi.apps.register import actions

    me = system(DAY)
    load_from_pack(active.pack(), by=me, at=AT)
    actions.register_places(by=me, at=AT)
    members = [CastMember(p.username, p.name, p.role, p.organization, p.place) for p in people()]
    create_demo_accounts(members, by=me, at=AT, since=SINCE)
    chen, qin = villages_of(STORY_TOWNSHIP)[:2]
    beyond = villages_of(NEXT_TOWNSHIP)[0]
    for uid, name, sex, born, village in (
        (XIAOYU, "小雨", "f", date(2025, 2, 28), chen),
        (DAZHUANG, "大壮", "m", date(2019, 5, 31), qin),
        (YUEYUE, "月月", "f", date(2024, 2, 29), beyond),
    ):
        actions.register_child(uid=str(uid), name=name, sex=sex, birth_date=born, place=village, by=me, at=AT)
    grandmother = actions.register_person(name="冉奶奶", sex="f", birth_date=date(1958, 3, 3), by=me, at=AT)
    actions.relate(
        uid=str(DAZHUANG),
        person=grandmother,
        kind="grandmother",
        guardian=True,
        since=date(2019, 5, 31),
        by=me,
        at=AT,
    )
    school = actions.register_facility(
        name="白马中心小学", kind="primary", place=chen, ownership="public", by=me, at=AT
    )
    actions.attend(
        uid=str(DAZHUANG), facility=school, stage="primary", grade=1, since=date(2025, 9, 1), by=me, at=AT
    )


def town() -> Town:
    """What `build` made, looked up."""
    from yimi.apps.register.models import Facility
    from yimi.apps.register.models import Person as Guardian

    chen, qin = villages_of(STORY_TOWNSHIP)[:2]
    return Town(
        chen, qin, villages_of(NEXT_TOWNSHIP)[0],
        str(Facility.objects.select_related("subject").get().subject.uid),
        str(Guardian.objects.select_related("subject").get().subject.uid),
    )  # fmt: skip
