"""`yimi demo`: the made-up Wulong, built, evaluated and served."""

from __future__ import annotations

import argparse
import json
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from yimi.cli.progress import Stages
from yimi.lib.errors import BadInput

DISTRICT_TIME = ZoneInfo("Asia/Shanghai")


def add(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser(
        "demo", help="build the made-up district, run a turn of the cycle, serve it"
    )
    parser.add_argument("--children", type=int, default=60_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument(
        "--dir", type=Path, default=Path("var/demo"), metavar="DIR", help="data directory, made anew"
    )
    parser.add_argument("--as-of", metavar="DATE", help="the day the district is made for (default: today)")
    parser.add_argument("--no-serve", action="store_true")
    parser.add_argument(
        "--no-history", action="store_true", help="leave out the past quarters of the trend lines"
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    as_of = date.fromisoformat(arguments.as_of) if arguments.as_of else datetime.now(DISTRICT_TIME).date()
    began = time.monotonic()
    empty_directory(arguments.dir)
    told = build(
        arguments.dir,
        arguments.children,
        arguments.seed,
        as_of,
        Stages(arguments.json),
        not arguments.no_history,
    )
    told["seconds"] = round(time.monotonic() - began, 1)
    if arguments.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        tell(told)
    if not arguments.no_serve:
        from yimi.cli.site import serve

        return serve(arguments.dir, arguments.port)
    return 0


def empty_directory(directory: Path) -> None:
    """Clear what an earlier demo left; refuse a folder that holds anything else."""
    if directory.exists() and any(directory.iterdir()):
        if not (directory / "made-up").is_file():
            raise BadInput(f"'{directory}' is not empty and holds no demo: name another folder with --dir")
        import shutil

        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "made-up").write_text("演示数据 demonstration data\n", encoding="utf-8")


def build(
    directory: Path, children: int, seed: int, as_of: date, stage: Stages, with_history: bool
) -> dict[str, Any]:
    """Make the district, load it, run a turn; what it holds."""
    from yimi.demo.district import build as build_district
    from yimi.demo.district import summary
    from yimi.pack.load import load
    from yimi.sites.start import migrate, start

    stage("读取方案 reading the pack")
    pack = load("wulong")
    stage(f"生成 {children} 名虚构儿童 making {children} made-up children")
    places = [{**each.model_dump(), "name": each.name_zh} for each in pack.places.values()]
    organizations = [each.model_dump() for each in pack.organizations.values()]
    district = build_district(places, organizations, children, seed, as_of)
    stage("建立数据库 preparing the database")
    start(directory, pack="wulong")
    migrate()
    stage(f"写入 {district.records.num_rows} 条记录 storing {district.records.num_rows} records")
    store(pack, district, as_of)
    told = {"dir": str(directory), **summary(district), "story": story(district)}
    del district
    return {**told, "turn": evaluate(as_of, stage, with_history)}


def store(pack: Any, district: Any, as_of: date) -> None:
    """Everything of the district into the database, in the order of the line."""
    from django.db import transaction

    from yimi.apps.accounts.actions import CastMember, create_demo_accounts
    from yimi.apps.accounts.permissions import system
    from yimi.apps.places.actions import load_from_pack
    from yimi.apps.records import bulk as records
    from yimi.apps.records import case_bulk as case_records
    from yimi.apps.register import bulk as register
    from yimi.apps.surveys import actions as surveys
    from yimi.demo.cases import make_cases
    from yimi.demo.cast import cast, organization_cast, school_cast
    from yimi.demo.draw import stream
    from yimi.demo.surveys import make_rounds
    from yimi.demo.volunteers import organizations_of

    by, at = system(as_of), datetime.combine(as_of, datetime.min.time(), DISTRICT_TIME).replace(hour=6)
    names = ("child_names", "person_names", "facility_names", "households", "members")
    with transaction.atomic():
        load_from_pack(pack, by=by, at=at)
        register.load({**district.tables, **{name: getattr(district, name) for name in names}}, by=by, at=at)
        records.load(district.records, by=by, at=at)
        people = [
            CastMember(p.username, p.name, p.role, p.organization, p.place)
            for p in cast(set(district.story.villages))
        ]
        seats = {each.code: (each.lat, each.lon) for each in pack.townships() if each.lat and each.lon}
        villages = {each.code: each.parent or "" for each in pack.villages()}
        made = make_cases(district, villages, district.seed, seats)
        people += [
            CastMember(p.username, p.name, p.role, p.organization, p.place)
            for p in [*school_cast(*made.school), *organization_cast(organizations_of(district))]
        ]
        create_demo_accounts(people, by=by, at=at, since=date(as_of.year - 1, 1, 1))
        give_class(district, made.school[0], by, at)
        case_records.load(made.cases, made.injuries, by=by, at=at)
        rounds = make_rounds(stream(district.seed, "surveys"), schools(district), as_of)
        case_records.load_rounds("bullying_survey_round", rounds, by=by)
        told = [("bullying", each.facility, each.opened, each.pupils, each.answers) for each in rounds]
        surveys.load(told, by=by)
        store_street_children(district, [each.code for each in pack.villages()], by, at)


def schools(district: Any) -> list[tuple[int, str, int]]:
    """(facility, kind, pupils now) of every facility somebody attends."""
    from collections import Counter

    import pyarrow.compute as pc

    attended = district.tables["attendance"].filter(pc.is_null(district.tables["attendance"]["valid_to"]))
    counts = dict(Counter(attended["facility_id"].to_pylist()))
    rows = district.tables["facility"].select(["subject_id", "kind"]).to_pylist()
    return [(row["subject_id"], row["kind"], counts.get(row["subject_id"], 0)) for row in rows]


def give_class(district: Any, school: str, by: Any, at: datetime) -> None:
    """The class teacher of the cast has a class."""
    from yimi.apps.accounts.selectors import cast_member
    from yimi.apps.register.actions import assign
    from yimi.demo.classes import class_of

    teacher = cast_member("mei")
    for uid in class_of(district, school) if teacher else []:
        assign(uid=uid, user_id=teacher.pk, kind="assigned", since=date(at.year - 1, 9, 1), by=by, at=at)


def store_street_children(district: Any, villages: list[str], by: Any, at: datetime) -> None:
    """Through the door everybody uses: registered without an identity, worked, some known by now."""
    from yimi.apps.records import actions as records
    from yimi.apps.register import actions as register
    from yimi.demo.street import make_street_children

    for each in make_street_children(district, villages, district.seed):
        found = register.register_unidentified(
            sex=each.sex, place=each.place, on=each.found_on, form="street_child_found", by=by, at=at
        )
        for form, on, answers in each.records:
            records.add(form=form, subject=found.uid, occurred_on=on, answers=answers, by=by, at=at)
        if each.name:
            register.give_identity(
                uid=found.uid, name=each.name, sex=each.sex, birth_date=each.birth_date, id_number=None,
                reason="公安机关比对查明（演示）", by=by, at=at,
            )  # fmt: skip


def story(district: Any) -> dict[str, Any]:
    """The doses a visitor may withdraw to see the loop turn."""
    told = district.story
    return {"township": told.township, "step": told.step, "records": list(told.record_uids)}


def evaluate(as_of: date, stage: Stages, with_history: bool) -> dict[str, Any]:
    from yimi import cycle

    at = datetime.combine(as_of, datetime.min.time(), DISTRICT_TIME).replace(hour=6)
    turn = cycle.turn(as_of=as_of, at=at, progress=stage)
    if with_history:
        stage("补算往期走势 working out past quarters")
        cycle.history(days=quarter_ends(as_of, 6), at=at, progress=stage)
    return {"run": turn.run, "as_of": as_of.isoformat(), "changed": turn.changed, **turn.counts}


def quarter_ends(as_of: date, count: int) -> list[date]:
    """The last days of the quarters before a day, oldest first."""
    ends: list[date] = []
    year, quarter = as_of.year, (as_of.month - 1) // 3
    while len(ends) < count:
        month, day = ((12, 31), (3, 31), (6, 30), (9, 30))[quarter]
        ends.append(date(year if quarter else year - 1, month, day))
        year, quarter = (year, quarter - 1) if quarter else (year - 1, 3)
    return sorted(ends)


def tell(told: dict[str, Any]) -> None:
    turn = told["turn"]
    print(f"""
一米 · 武隆（演示数据：全部虚构） / Yimi · Wulong (demonstration data: all made up)
  儿童 children {told["children"]:>12,}      记录 records {told["records"]:>12,}
  应办 due      {turn["due"]:>12,}      逾期 overdue {turn["overdue"]:>12,}
  指标值 figures {turn["figures"]:>11,}      预警 alerts {turn["alerts"]:>13,}      任务 tasks {turn["tasks"]:>8,}
  用时 seconds  {told["seconds"]:>12}
  数据 data     {told["dir"]}
""")
