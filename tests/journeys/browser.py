"""A served demonstration and people with browsers, for the journeys."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def yimi(*arguments: str) -> dict[str, Any]:
    """A command with --json; its answer."""
    done = subprocess.run([sys.executable, "-m", "yimi.cli", *arguments, "--json"], capture_output=True, text=True,
                          check=False, timeout=600)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@dataclass(frozen=True)
class Site:
    """A demonstration on this machine and what is needed to look behind it."""

    directory: Path
    address: str
    story: dict[str, Any]

    def ask(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.directory / 'yimi.sqlite3'}?mode=ro", uri=True) as con:
            return con.execute(sql, parameters).fetchall()

    def turn(self) -> dict[str, Any]:
        return yimi("cycle", "--dir", str(self.directory))


@contextmanager
def served(directory: Path, children: int, workers: int = 1) -> Iterator[Site]:
    """Build a demonstration and serve it. A page that talks on its own wants more workers than one: browsers
    open connections ahead of need, and one worker waits on each until it is used or closed."""
    told = yimi(
        "demo",
        "--children",
        str(children),
        "--seed",
        "7",
        "--dir",
        str(directory),
        "--no-serve",
        "--no-history",
    )
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "yimi.cli", "serve", "--dir", str(directory), "--port", str(port), "--workers", str(workers)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address)
        yield Site(directory, address, told["story"])
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(address: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2)  # noqa: S310
            return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the site did not answer")


class Person:
    """One of the cast with a browser of their own."""

    def __init__(
        self, browser: Any, site: Site, username: str, width: int = 1280, language: str = "zh-CN", **more: Any
    ) -> None:
        """`more`: of the browser's context, as playwright has it."""
        self.site = site
        self.context = browser.new_context(viewport={"width": width, "height": 900}, locale=language, **more)
        self.page = self.context.new_page()
        self.page.goto(f"{site.address}/sign-in/")
        self.page.click(f"button[name=cast][value={username}]")
        self.page.wait_for_load_state()

    def open(self, path: str) -> Any:
        answer = self.page.goto(self.site.address + path)
        assert answer is not None and answer.status == 200, f"{path}: {answer and answer.status}"
        return self.page

    def text(self, path: str) -> str:
        return str(self.open(path).inner_text("body"))

    def status(self, path: str) -> int:
        answer = self.page.goto(self.site.address + path)
        return int(answer.status) if answer else 0


def today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def picture(person: Person, name: str) -> None:
    folder = os.environ.get("YIMI_SCREENSHOTS")
    if folder:
        person.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def fill(person: Person, **answers: str) -> None:
    """Answer the fields of a form: choices are clicked, lists chosen, the rest typed."""
    page = person.page
    for name, value in answers.items():
        choice = page.locator(f"input[name={name}][value='{value}']")
        if choice.count():
            choice.first.check()
        elif page.locator(f"select[name={name}]").count():
            page.select_option(f"select[name={name}]", value)
        else:
            page.fill(f"[name={name}]", value)
        page.wait_for_load_state("networkidle")


def send(person: Person, path: str, **answers: str) -> str:
    """Open a form, fill it, send it; the text of the page that answers."""
    person.open(path)
    fill(person, **answers)
    person.page.click("main form.form .buttons button.primary")
    person.page.wait_for_load_state()
    told = str(person.page.inner_text("body"))
    assert "系统出错了" not in told, path
    return told
