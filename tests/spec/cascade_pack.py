"""A pack with one cascade over check-ups, and children with histories of them."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

from tests.spec.acceptance import MINI

from yimi.engines import backend
from yimi.engines.cascade import build_cascades
from yimi.engines.columns import build_form_tables
from yimi.engines.example import put_children
from yimi.engines.facts import build_facts
from yimi.pack import schema
from yimi.pack.load import Pack, load
from yimi.pack.reads import subject_reads

FORM = """id: sight
name: {zh: 视力, en: sight}
subject: child
sensitivity: health
legal_basis: 试验
purpose: {zh: 试验, en: trial}
fields:
  - {id: what, label: {zh: 事项, en: what}, type: text}
"""
CASCADE = """id: eyes
name: {zh: 视力闭环, en: eyes}
sensitivity: health
period: school_year
in_scope: death_date is null and birth_date < period_end
source: 试验
confidence: editorial
stages:
  - {id: seen, name: {zh: 已筛, en: screened}, reached: "first(sight.on, what = 'seen' and on >= period_start and on < period_end)"}
  - {id: bad, name: {zh: 阳性, en: positive}, reached: "first(sight.on, what = 'bad' and on >= done(seen) and on < period_end)", finding: true}
  - {id: told, name: {zh: 有结论, en: answered}, reached: "first(sight.on, what = 'told' and on >= done(bad))", overdue_after: done(bad) + 10}
  - {id: helped, name: {zh: 已干预, en: treated}, reached: "first(sight.on, what = 'helped' and on >= done(told))", overdue_after: done(told) + 20}
alerts:
  - {id: waits, name: {zh: 等待, en: waits}, when: days_overdue > 0, per: subject, to: director}
"""
STAGES = ("seen", "bad", "told", "helped")
AS_OF = date(2026, 1, 20)
START = date(2025, 9, 1)
BORN = date(2016, 2, 29)


def pack_with(tmp: Path, was: str = "", becomes: str = "") -> Pack:
    folder = tmp / "mini"
    shutil.copytree(MINI, folder)
    (folder / "cascades").mkdir()
    text = CASCADE.replace(was, becomes) if was else CASCADE
    (folder / "cascades/eyes.yaml").write_text(text, encoding="utf-8")
    (folder / "forms/sight.yaml").write_text(FORM, encoding="utf-8")
    return load(folder)


def child(*records: tuple[str, date], **more: Any) -> schema.TestChild:
    told = [{"form": "sight", "on": on.isoformat(), "answers": {"what": what}} for what, on in records]
    plain = {
        "name": {"zh": "小雨", "en": "Xiaoyu"},
        "as_of": AS_OF.isoformat(),
        "born": BORN.isoformat(),
        "expect": {},
    }
    return schema.TestChild.model_validate({**plain, "records": told, **more})


def evaluated(pack: Pack, children: list[schema.TestChild], as_of: date = AS_OF) -> Any:
    """A connection in which the cascades of these children stand, and the facts they stand on."""
    con = backend.connect(threads=1)
    put_children(con, children)
    build_form_tables(con, pack)
    reads = {
        name: fields for name, fields in subject_reads(pack, "child").items() if not name.startswith("growth")
    }
    facts = build_facts(con, pack, "child", as_of, reads)
    build_cascades(con, pack, [as_of], facts, facts)
    return con, facts


def rows(con: Any, start: date = START) -> list[dict[str, Any]]:
    return backend.rows(con, "SELECT * FROM cascades WHERE round = ? ORDER BY subject_id", [start])
