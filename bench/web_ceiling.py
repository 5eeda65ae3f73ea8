"""The list pages as a hand could write them: SQL and strings, no framework.

Who is signed in is asked, the same read audit is written, and the frame is the product's own. What never changes stands
ready: the frame, the names of places, words, the reader's posts. The whole list is not counted.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone

from bench.web_ordinary import DUE, LEVELS, PAGE
from yimi.apps import active
from yimi.apps.accounts.actions import write_reads
from yimi.apps.accounts.selectors import actor_named
from yimi.apps.audit.actions import listed
from yimi.apps.evaluation import ledgers, listing, runs, waiting
from yimi.apps.places.selectors import subtree
from yimi.apps.plan.selectors import run_in_force
from yimi.sites import drawing
from yimi.sites.staff.pages import figures, shown
from yimi.sites.templatetags import yimi as words

_OPEN = "{0}.valid_from <= '{1}' AND ({0}.valid_to IS NULL OR {0}.valid_to > '{1}')"


class Ceiling:
    """The three pages of one reader, whose frames, places and posts are known when it starts."""

    def __init__(self, user: str) -> None:
        self.actor, self.pack, run = actor_named(user, timezone.localdate()), active.pack(), run_in_force()
        self.number = run.number if run else 0
        self.day = self.actor.on.isoformat()
        places = sorted(subtree({each.place for each in self.actor.grants}, self.actor.on))
        self.places = places
        self.listed = ", ".join(f"'{each}'" for each in places)
        self.place_chips = {each: self._place(each) for each in places}
        self.steps = {each: escape(figures.item_name(self.pack, each)["zh"]) for each in self.pack.steps}
        self.lights = {each: self._light(each) for each in words.DUE_STATUSES}
        self.reads = [
            each.id for each in self.pack.pathways.values() if listing.readable(self.actor, each.sensitivity)
        ]
        file = sqlite3.connect(
            f"{(runs.folder(self.number) / waiting.NAME).as_uri()}?mode=ro&immutable=1", uri=True
        )
        self.run = file.execute
        self.frames: dict[str, tuple[str, str]] = {}

    def _place(self, code: str) -> str:
        chip = shown.place(self.pack, code)
        within = f'<span class="chip-note">{escape(chip["within"]["zh"])}</span> ' if chip["within"] else ""
        return f'<span class="chip chip-place">{within}{escape(chip["name"]["zh"])}</span>'

    def _light(self, status: str) -> str:
        shape = words.due_mark(status)
        return f'<span class="light is-{shape}">{drawing.mark(shape)} <span class="light-word">{words.due_label(status)}</span></span>'

    def frame(self, address: str, page: str) -> None:
        before, rest = page.split("<tbody>", 1)
        self.frames[address] = (before + "<tbody>", "</tbody>" + rest.split("</tbody>", 1)[1])

    def answer(self, address: str, key: str) -> str:
        self._signed_in(key)
        how = {"/children/": self.children, "/ledgers/status/hardship/": self.hardship}.get(address)
        rows, uids = how() if how else self.due(address.split("/")[-2])
        self.actor.reads.append(listed("list", "child", uids))
        write_reads(self.actor, at=timezone.now())
        before, after = self.frames[address]
        return before + "".join(rows) + after

    def _signed_in(self, key: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s",
                [key, timezone.now()],
            )
            user = int(SessionStore().decode(cursor.fetchone()[0])["_auth_user_id"])
            cursor.execute(
                "SELECT u.uid, a.role FROM accounts_user u JOIN accounts_appointment a ON a.user_id = u.id "
                f"WHERE u.id = %s AND u.is_active AND {_OPEN.format('a', self.day)}", [user],
            )  # fmt: skip
            if user != self.actor.user_id or not cursor.fetchall():
                raise PermissionError

    def _child(self, uid: str, name: str, sex: str | None, born: date | None) -> str:
        age, told = (
            shown.age(born, self.actor.on)["zh"],
            shown.SEX.get(sex or "", shown.NO_SEX)["zh"],
        )
        return (
            f'<tr><th scope="row" class="k-person"><a class="chip chip-person" href="/children/{_dashed(uid)}/">'
            f'{escape(name)} <span class="chip-note">{told}，{age}</span></a></th>'
        )

    def children(self) -> tuple[list[str], list[str]]:
        found = _all(
            # CROSS JOIN keeps SQLite to this order: children from the top of their index until there are enough.
            "SELECT c.subject_id, s.uid, c.name, c.sex, c.birth_date, r.place_id FROM register_child c "
            "CROSS JOIN register_subject s ON s.id = c.subject_id "
            "CROSS JOIN register_residence r ON r.subject_id = c.subject_id "
            f"AND {_OPEN.format('r', self.day)} WHERE c.death_date IS NULL AND +r.place_id IN ({self.listed}) "
            f"AND {self._not_blocked('c')} ORDER BY c.birth_date DESC, c.subject_id LIMIT {PAGE}"
        )
        ids = ", ".join(str(row[0]) for row in found)
        urgent = {
            row[0]: row[1:]
            for row in self.run(
                "SELECT subject_id, step, status, due FROM (SELECT *, row_number() OVER (PARTITION BY subject_id ORDER BY "
                "CASE status WHEN 'overdue' THEN 0 WHEN 'due' THEN 1 ELSE 2 END, coalesce(due, earliest) NULLS LAST, position) "
                f"AS urgency FROM item WHERE subject_id IN ({ids}) AND pathway IN ({', '.join('?' * len(self.reads))})) WHERE urgency = 1",
                self.reads,
            )
        }  # fmt: skip
        rows = []
        for subject, uid, name, sex, born, place in found:
            step, status, on = urgent.get(subject, (None, "done", None))
            rows.append(
                f'{self._child(uid, name, sex, born)}<td class="k-text">{self.steps[step] if step else "—"}</td>'
                f'<td class="k-due">{self.lights[status]}</td><td class="k-date">{on or ""}</td>'
                f'<td class="k-place">{self.place_chips[place]}</td><td class="k-date">{born or ""}</td></tr>'
            )
        return rows, [_dashed(row[1]) for row in found]

    def due(self, pathway: str) -> tuple[list[str], list[str]]:
        items = self.run(
            DUE.format(marks=", ".join("?" * len(self.places))), [pathway, *self.places]
        ).fetchall()
        ids = ", ".join(str(each) for each in dict.fromkeys(row[0] for row in items)) or "NULL"
        known = {
            row[0]: row
            for row in _all(
                "SELECT c.subject_id, s.uid, c.name, c.sex, c.birth_date, r.place_id FROM register_child c "
                "JOIN register_subject s ON s.id = c.subject_id JOIN register_residence r ON r.subject_id = c.subject_id "
                f"AND {_OPEN.format('r', self.day)} WHERE c.subject_id IN ({ids}) AND r.place_id IN ({self.listed}) "
                f"AND {self._not_blocked('c')}"
            )
        }
        rows = []
        for subject, step, status, _, on, late in items:
            if subject in known:
                _, uid, name, sex, born, place = known[subject]
                rows.append(
                    f'{self._child(uid, name, sex, born)}<td class="k-due">{self.lights[status]}</td>'
                    f'<td class="k-text">{self.steps[step]}</td><td class="k-date">{on or ""}</td><td class="k-date">{late or ""}</td>'
                    f'<td class="k-place">{self.place_chips[place]}</td><td class="k-date">{born or ""}</td></tr>'
                )
        return rows, [_dashed(row[1]) for row in known.values()]

    def hardship(self) -> tuple[list[str], list[str]]:
        found = _all(
            "SELECT t.subject_id, s.uid, c.name, c.sex, c.birth_date, r.place_id, t.code, t.valid_from, t.review_due, "
            f"(SELECT group_concat(l.code) FROM register_status l WHERE l.subject_id = t.subject_id AND +l.scheme = 'hardship_level' "
            f"AND {_OPEN.format('l', self.day)}) FROM register_status t JOIN register_child c ON c.subject_id = t.subject_id "
            "JOIN register_subject s ON s.id = t.subject_id JOIN register_residence r ON r.subject_id = t.subject_id "
            f"AND {_OPEN.format('r', self.day)} WHERE t.scheme = 'hardship' AND {_OPEN.format('t', self.day)} "
            f"AND r.place_id IN ({self.listed}) AND {self._not_blocked('c')} ORDER BY t.valid_from, t.id LIMIT {PAGE}"
        )  # fmt: skip
        visits = ledgers.visits([row[0] for row in found], self.actor.on)
        rows = []
        for subject, uid, name, sex, born, place, code, since, review, levels in found:
            told = visits[subject]
            level = min(levels.split(","), key=lambda each: LEVELS.get(each, 9)) if levels else None
            begun = told.last or since
            clock = figures.clock(self.pack, told.next_by, begun, self.actor.on) if told.next_by else None
            level_name = shown.status_name(self.pack, "hardship_level", level)["zh"] if level else "未定"
            rows.append(
                f'{self._child(uid, name, sex, born)}<td class="k-place">{self.place_chips[place]}</td><td class="k-date">{born or ""}</td>'
                f'<td class="k-text">{escape(shown.status_name(self.pack, "hardship", code)["zh"])}</td>'
                f'<td class="k-tag"><span class="tag">{escape(level_name)}</span></td><td class="k-date">{since}</td>'
                f'<td class="k-date">{review or ""}</td><td class="k-date">{told.last or ""}</td>'
                f'<td class="k-clock">{_clock(clock) if clock else ""}</td></tr>'
            )
        return rows, list(dict.fromkeys(_dashed(row[1]) for row in found))

    def _not_blocked(self, table: str) -> str:
        return (
            f"NOT EXISTS (SELECT 1 FROM register_block b WHERE b.subject_id = {table}.subject_id "
            f"AND b.user_id = {self.actor.user_id} AND {_OPEN.format('b', self.day)})"
        )


def _clock(clock: dict[str, Any]) -> str:
    on = f' <span class="clock-on"> {clock["on"]}</span>' if clock.get("on") else ""
    said = f'<span class="clock-words">{words.clock_words(clock)}</span>'
    return f'<span class="clock is-{clock["state"]}">{drawing.clock_face(float(clock.get("fraction") or 0))} {said}{on}</span>'


def _all(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _dashed(uid: str) -> str:
    return f"{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}"


_ceiling: list[Ceiling] = []


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    address = environ["PATH_INFO"]
    if address == "/healthz":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]
    if not _ceiling:
        _ceiling.append(Ceiling(os.environ["YIMI_READER"]))
    own = _ceiling[0]
    if address not in own.frames:
        own.frame(
            address,
            (Path(os.environ["YIMI_FRAMES"]) / f"{address.strip('/').replace('/', '-')}.html").read_text(
                "utf-8"
            ),
        )
    cookies = dict(each.strip().split("=", 1) for each in environ["HTTP_COOKIE"].split(";"))
    body = own.answer(address, cookies["sessionid"]).encode()
    start_response(
        "200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
    )
    return [body]
