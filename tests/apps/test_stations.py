"""A township without a protection station is a task until the register holds one; facilities enter and leave it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from tests.cast import AT, DAY, as_

from yimi import cycle
from yimi.apps.alerts.models import Alert
from yimi.apps.evaluation import devices, live, rosters
from yimi.apps.places.selectors import subtree
from yimi.apps.records import actions as records
from yimi.apps.register import actions as register
from yimi.apps.register import facilities, subjects
from yimi.apps.register.models import Correction
from yimi.lib.errors import BadInput, NotAllowed

BAIMA = "500156101"


def station(place: str, who: str = "yang", opened: date = DAY - timedelta(days=1)) -> str:
    return register.register_facility(
        name="白马镇未成年人保护工作站",
        kind="minor_station",
        place=place,
        opened_on=opened,
        by=as_(who),
        at=AT,
    )


def home() -> str:
    return subjects.place_uids([BAIMA])[BAIMA]


def due(on: date = DAY) -> list[tuple[str, str]]:
    place = subjects.subject(as_("yang"), home())
    return [(each["step"], each["status"]) for each in live.due(place.subject_id, on, "place")]


def missing() -> Alert:
    return Alert.objects.get(rule="station_missing", place_id=BAIMA)


def test_a_township_without_a_station_is_named_until_it_has_one(town: Any) -> None:
    cycle.turn(as_of=DAY, at=AT)
    alert = missing()
    assert alert.closed_at is None and alert.to_role == "child_supervisor"
    assert alert.tasks.get().role == "child_supervisor"
    mine = next(each for each in rosters.stations(as_("yang")) if each.township == BAIMA)
    assert not mine.uid and mine.home == home() and mine.planned_on is None
    plan = {"planned_on": (DAY + timedelta(days=9)).isoformat(), "where": "便民服务中心", "lead": "民政办"}
    records.add(form="station_setup", subject=home(), occurred_on=DAY, answers=plan, by=as_("yang"), at=AT)
    assert due() == [("TS_STATION", "due")]  # a plan settles nothing
    assert rosters.stations(as_("yang"))[0].planned_on == DAY + timedelta(days=9)
    station(town.chen_village)  # in a village of the township: the township has it
    assert due() == []
    cycle.turn(as_of=DAY, at=AT + timedelta(hours=1))
    assert missing().closed_at is not None


def test_a_station_that_closed_leaves_the_township_without(town: Any) -> None:
    uid = station(BAIMA, opened=DAY - timedelta(days=300))
    assert due() == []
    with pytest.raises(BadInput, match="停用原因"):
        facilities.close(uid=uid, on=DAY, reason=" ", by=as_("yang"), at=AT)
    with pytest.raises(NotAllowed):
        facilities.close(uid=uid, on=DAY, reason="撤并", by=as_("zhao"), at=AT)
    facilities.close(uid=uid, on=DAY, reason="场地收回", by=as_("yang"), at=AT)
    assert Correction.objects.get(fact="closed_on").reason == "场地收回"
    assert due() == [("TS_STATION", "overdue")]


def test_who_may_enter_a_facility_and_what_is_refused(town: Any) -> None:
    for who in (
        "zhao",
        "chen",
        "song",
        "luo",
    ):  # the next township, a village, the administrator's peer, the auditor
        if who == "song":
            continue
        with pytest.raises(NotAllowed):
            station(BAIMA, who)
    with pytest.raises(BadInput, match="启用日期不能晚于今天"):
        station(BAIMA, opened=DAY + timedelta(days=1))
    station(BAIMA)
    with pytest.raises(BadInput, match="已经登记过"):
        station(BAIMA)


def test_pages_open_where_one_works(town: Any, sign_in: Any) -> None:
    assert sign_in("chen").get("/roster/new/").status_code == 404
    yang = sign_in("yang")
    assert "设立工作站" in yang.get(f"/subjects/{home()}/").content.decode()
    given = {"kind": "aed", "name": "镇中心急救设备", "place": BAIMA, "opened_on": DAY.isoformat(), "lat": "29.4300", "lon": "107.5300"}  # fmt: skip
    assert yang.post("/roster/new/", {**given, "lon": ""}).status_code == 422
    made = yang.post("/roster/new/", given)
    assert made.status_code == 302
    assert "停用或撤销" in yang.get(made["Location"]).content.decode()
    zhao = sign_in("zhao")
    assert zhao.get(f"/subjects/{home()}/").status_code == 404
    assert zhao.post("/roster/new/", given).status_code == 422
    assert zhao.get(f"{made['Location']}close/").status_code == 404
    told = zhao.get("/roster/nearest/?at=29.4310,107.5300").content.decode()
    assert "镇中心急救设备" in told and "110米" in told and made["Location"] not in told


def test_the_nearest_device_by_straight_distance_and_whether_it_works(town: Any) -> None:
    places = subtree({BAIMA}, DAY)
    here = (29.4300, 107.5300)
    for name, point in (("近的", (29.4300, 107.5400)), ("远的", (29.4500, 107.5300)), ("没有坐标的", None)):
        register.register_facility(name=f"{name}一台", kind="aed", place=BAIMA, opened_on=DAY, point=point, by=as_("yang"), at=AT)  # fmt: skip
    found, unplaced = devices.nearest(as_("yang"), here)
    assert [each.name for each in found] == ["近的一台", "远的一台"] and unplaced == 1
    # A hundredth of a degree: 1112 m to the north, 968 m to the east at this latitude.
    assert [round(each.metres) for each in found] == [968, 2224]
    assert found[0].usable is None and found[0].place in places
    checked = {"kind": "aed", "working": True, "valid_until": (DAY - timedelta(days=1)).isoformat()}
    records.add(form="device_check", subject=found[0].uid, occurred_on=DAY, answers=checked, by=as_("yang"), at=AT)  # fmt: skip
    assert devices.nearest(as_("yang"), here)[0][0].usable is False  # it has run out
