"""How near do the list pages come to what a hand could write, and how far are they from the ordinary way?

Three servers over one district, alike but for what answers (see `web_ordinary` and `web_ceiling`). The three must show
the same rows before anything is timed; then each page is pressed by eight at once, yardstick and product in turns. All
three ask who is signed in and write the read audit; the ceiling does not count the list.
"""

from __future__ import annotations

import concurrent.futures
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from html import unescape
from pathlib import Path
from typing import Any

from bench.keep import percentile
from bench.pages import Browser, free_port, signed_in, wait_for
from bench.pairs import ratio
from yimi.cli.site import command

READER = "liu"  # reads lists of the whole district
PAGES = {
    "children": "/children/",
    "due": "/ledgers/due/insurance_enrollment/",
    "hardship": "/ledgers/status/hardship/",
}
CLIENTS, REQUESTS = 8, 128
ORDINARY_GOAL, CEILING_GOAL = 2.0, 0.55
ROWS = re.compile(r"<tbody>(.*?)</tbody>", re.DOTALL)


def run(directory: Path, children: int) -> dict[str, Any]:
    ports = {name: free_port() for name in ("product", "ordinary", "ceiling")}
    with tempfile.TemporaryDirectory(prefix="yimi-web-") as frames:
        servers = [_serve(name, port, directory, frames) for name, port in ports.items()]
        try:
            for port in ports.values():
                wait_for(f"http://127.0.0.1:{port}")
            return measure(ports, Path(frames))
        finally:
            for each in servers:
                each.terminate()
            for each in servers:
                each.wait(timeout=20)


def _serve(name: str, port: int, directory: Path, frames: str) -> subprocess.Popen[bytes]:
    """The product's own server, and the same with another application in it."""
    started = command(port)
    settings = {"YIMI_DIR": str(directory.absolute()), "YIMI_FRAMES": frames, "YIMI_READER": READER}
    if name == "ordinary":
        settings["DJANGO_SETTINGS_MODULE"] = "bench.web_settings"
    if name == "ceiling":
        started = ["bench.web_ceiling_wsgi:application" if "wsgi:" in each else each for each in started]
    return subprocess.Popen(started, env=os.environ | settings, stdout=subprocess.DEVNULL)


def measure(ports: dict[str, int], frames: Path) -> dict[str, Any]:
    cookie = signed_in(ports["product"], READER).cookie
    told: dict[str, Any] = {"clients": CLIENTS}
    shares = []
    for name, address in PAGES.items():
        page = Browser(ports["product"], cookie).get(address).decode()
        (frames / f"{address.strip('/').replace('/', '-')}.html").write_text(page, "utf-8")
        rows = _rows(page)
        told[f"{name} rows"] = len(rows)
        for other in ("ordinary", "ceiling"):
            same = _rows(Browser(ports[other], cookie).get(address).decode())
            assert same == rows, f"{address}: {other} shows other rows"
        for port in ports.values():
            _load(port, cookie, address, CLIENTS)  # every worker process has seen the page
        seconds: list[float] = []

        def product(address: str = address, seconds: list[float] = seconds) -> None:
            seconds += _load(ports["product"], cookie, address, REQUESTS)

        for other, goal in (("ordinary", ORDINARY_GOAL), ("ceiling", CEILING_GOAL)):
            found = ratio(
                lambda port=ports[other], address=address: _load(port, cookie, address, REQUESTS), product
            )
            told[f"{name} over {other}"] = round(found.median, 2)
            told[f"{name} {other} per_second"] = round(REQUESTS / found.yardstick_seconds)
            told[f"{name} per_second"] = round(REQUESTS / found.product_seconds)
            shares.append(found.median / goal)
        told[f"{name} p50_ms"] = round(percentile(seconds, 0.5) * 1000)
        told[f"{name} p99_ms"] = round(percentile(seconds, 0.99) * 1000)
    return told | {
        "goal over ordinary": ORDINARY_GOAL, "goal over ceiling": CEILING_GOAL,
        "ratio": round(min(shares), 2), "goal": 1.0, "floor": 0.5,  # of the goals, the one met least
    }  # fmt: skip


def _rows(page: str) -> list[list[str]]:
    """What the rows say, cell by cell."""
    found = ROWS.search(page)
    assert found, "the page has no rows"
    cells = (re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in found[1].split("</tr>"))
    said = [[" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells]
    return [row for row in said if row]


def _load(port: int, cookie: str, address: str, requests: int) -> list[float]:
    """Seconds of each of so many requests, by eight at once."""
    asked = (
        f"GET {address} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n".encode()
    )
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(lambda _: _press(port, asked), range(requests)))


def _press(port: int, asked: bytes) -> float:
    """As little of a client as there can be: it works on the cores the servers work on."""
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as link:
        link.sendall(asked)
        first = link.recv(1 << 16)
        while link.recv(1 << 16):
            pass
    if not first.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"a page of port {port} answered {first[:40]!r}")
    return time.perf_counter() - began


if __name__ == "__main__":
    print(run(Path(sys.argv[1]), 0))
