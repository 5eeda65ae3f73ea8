"""A made-up province of any size: a folder of parts, one part a county, every table an engine reads as Parquet.

`python -m bench.province DIR --children 1000000 --seed 1` gives `DIR/part=0001/<table>.parquet` and so on: the
tables of `yimi.pack.tables` and a `form_<id>` a form, typed. The first county is the made-up district itself; the
others are variations of it, county by county and table by table, so that memory does not grow with the province:
ids, record numbers and place codes of their own, every child's dates moved together by up to a week, some records
missing. The same for a seed. Nobody in it exists.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bench.keep import DAY, own_peak_mib

COUNTY = 60_000  # children of a part: one district
MISSING = (2, 30)  # of a thousand records, how many a county has not: as much as counties differ
WEEK = 7
NOTE = """演示数据，全部虚构，由种子生成；不是任何一个真实的省、区县或儿童。
Synthetic data, made up from a seed by `python -m bench.province`. No child, family, school or place record in it is real;
the codes beginning with 99 belong to no county.
"""
PLACES = {"place_id", "parent_id", "birth_place_id", "hukou_place_id"}
SUBJECTS = {"subject_id", "person_id", "facility_id", "child_id"}
OF_CHILDREN = {"child", "residence", "relation", "attendance"}  # whose dates all are a child's


@dataclass(frozen=True)
class Base:
    """The first county: where it lies and what a variation of it needs to know."""

    folder: Path
    tables: tuple[str, ...]
    of_children: frozenset[str]
    first_child: int
    last_child: int
    ids: int  # a number above every subject id
    seqs: int  # and above every record's


def make(
    directory: Path, children: int, seed: int = 1, county: int = COUNTY, as_of: str = DAY
) -> dict[str, Any]:
    """Write the province; what it holds. A folder that holds another one is replaced, no other folder is."""
    _empty(directory)
    county = min(county, children)
    began = time.monotonic()
    base = _first_county(directory / "part=0001", county, seed, date.fromisoformat(as_of))
    base_seconds = time.monotonic() - began
    parts = -(-children // county)
    for part in range(2, parts + 1):
        _vary(base, directory / f"part={part:04d}", part, seed, min(county, children - (part - 1) * county))
    size = sum(each.stat().st_size for each in directory.glob("part=*/*.parquet"))
    told = {
        "children": children, "parts": parts, "county": county, "seed": seed, "as_of": as_of, "mib": round(size / 2**20),
        "seconds": round(time.monotonic() - began, 1), "first_county_seconds": round(base_seconds, 1),
        "peak_mib": round(own_peak_mib()),
    }  # fmt: skip
    (directory / "province.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return told


def _empty(directory: Path) -> None:
    if directory.exists() and any(directory.iterdir()):
        if not (directory / "province.json").is_file() and not (directory / "README.txt").is_file():
            raise SystemExit(f"'{directory}' is not empty and holds no made-up province: name another folder")
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "README.txt").write_text(NOTE, encoding="utf-8")


def _first_county(folder: Path, children: int, seed: int, as_of: date) -> Base:
    """The made-up district as engine tables, its records typed."""
    from yimi.demo.district import build
    from yimi.engines import backend
    from yimi.engines.columns import build_form_tables
    from yimi.pack.load import load
    from yimi.pack.reads import form_fields_read
    from yimi.pack.tables import CASES, REGISTER

    pack = load("wulong")
    places = [{**each.model_dump(), "name": each.name_zh} for each in pack.places.values()]
    district = build(
        places, [each.model_dump() for each in pack.organizations.values()], children, seed, as_of
    )
    con = backend.connect()
    backend.empty_tables(con)
    backend.put(con, {**district.tables, "record": district.in_force()})
    del district
    build_form_tables(con, pack, only=form_fields_read(pack))
    con.execute("DROP TABLE record")
    folder.mkdir()
    forms = {f"form_{form.id}": form.subject for form in pack.forms.values()}
    tables = (*REGISTER, *CASES, *forms)
    for name in tables:
        con.execute(f"COPY \"{name}\" TO '{folder / name}.parquet' (FORMAT parquet, COMPRESSION zstd)")
    first, last = con.execute("SELECT min(subject_id), max(subject_id) FROM child").fetchall()[0]
    seqs = max(con.execute(f'SELECT coalesce(max(seq), 0) FROM "{each}"').fetchall()[0][0] for each in forms)
    kinds = ("place", "organization", "child", "person", "facility", "case_file")
    ids = max(
        con.execute(f"SELECT coalesce(max(subject_id), 0) FROM {each}").fetchall()[0][0] for each in kinds
    )
    con.close()
    mine = OF_CHILDREN | {name for name, subject in forms.items() if subject == "child"}
    return Base(folder, tables, frozenset(mine), first, last, _rounded(ids), _rounded(seqs))


def _rounded(number: int) -> int:
    """The next number with zeros at its end: ids of the third county begin with a three."""
    whole: int = 10 ** len(str(number))
    return whole


def _vary(base: Base, folder: Path, part: int, seed: int, children: int) -> None:
    """One more county: each table read, changed and written, nothing kept."""
    from yimi.engines import backend

    con = backend.connect()
    folder.mkdir()
    for name in base.tables:
        source = f"read_parquet('{base.folder / name}.parquet', hive_partitioning = false)"
        con.execute(f"COPY ({_variation(con, base, name, source, part, seed, children)}) "
                    f"TO '{folder / name}.parquet' (FORMAT parquet, COMPRESSION zstd)")  # fmt: skip
    con.close()


def _variation(con: Any, base: Base, name: str, source: str, part: int, seed: int, children: int) -> str:
    columns = [(each[0], each[1]) for each in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    child = f"subject_id BETWEEN {base.first_child} AND {base.last_child}"
    days = f"{_drawn('subject_id', 2 * WEEK + 1, part, seed)} - {WEEK}"
    moved = days if name in base.of_children else f"CASE WHEN {child} THEN {days} ELSE 0 END"
    chosen = ", ".join(_column(base, column, kind, part, moved, name) for column, kind in columns)
    kept = [f"NOT ({child}) OR subject_id < {base.first_child + children}"]
    if name.startswith("form_"):
        least, most = MISSING
        missing = least + (part * 7919 + seed * 104729) % (most - least + 1)
        kept.append(f"{_drawn('seq', 1000, part, seed)} >= {missing}")
    if name == "case_child":
        kept = [f"child_id < {base.first_child + children}"]
    return f"SELECT {chosen} FROM {source} WHERE {' AND '.join(f'({each})' for each in kept)}"


def _column(base: Base, column: str, kind: str, part: int, moved: str, table: str) -> str:
    name, other = f'"{column}"', part - 1
    if column in SUBJECTS:
        return f"{name} + {other * base.ids} AS {name}"
    if column == "seq":
        return f"{name} + {other * base.seqs} AS {name}"
    if column in PLACES:
        return f"CASE WHEN length({name}) >= 6 THEN '99{part:04d}' || substr({name}, 7) ELSE {name} END AS {name}"
    if column == "org_id":
        return f"{name} || '@{part}' AS {name}"
    if kind == "DATE" and (table in base.of_children or table == "status"):
        return f"({name} + ({moved})::INTEGER)::DATE AS {name}"
    return name


def _drawn(key: str, below: int, part: int, seed: int) -> str:
    """A number from 0 to below - 1 that looks drawn: the same for a key, a county and a seed."""
    salt = (part * 1_000_003 + seed * 7_368_787) % 2**31
    return f"((((({key} + {salt}) * 2654435761) % 4294967296) // 1024) % {below})"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.province")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--children", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--county", type=int, default=COUNTY, help="children of a part")
    parser.add_argument("--as-of", default=DAY)
    arguments = parser.parse_args()
    told = make(arguments.directory, arguments.children, arguments.seed, arguments.county, arguments.as_of)
    print("province: " + ", ".join(f"{key} {value}" for key, value in told.items()))


if __name__ == "__main__":
    main()
