"""How fast are the staff pages with eight people at once? p95 a page, over a real server."""

from __future__ import annotations

import concurrent.futures
import http.cookiejar
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from bench.keep import percentile

CLIENTS, ROUNDS = 8, 12
PAGES = {
    "zhou": ["/", "/indicators/", "/map/", "/measures/M09/"],
    "chen": ["/work/", "/children/", "/ledgers/"],
    "ran": ["/work/", "/children/"],
}  # fmt: skip


def run(directory: Path, children: int) -> dict[str, Any]:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "yimi.cli", "serve", "--dir", str(directory), "--port", str(port)],
        stdout=subprocess.DEVNULL,
    )
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(base)
        return measure(base)
    finally:
        server.terminate()
        server.wait(timeout=20)


def measure(base: str) -> dict[str, Any]:
    pages = [(user, page) for user, each in PAGES.items() for page in each]
    browsers = [{user: signed_in(base, user) for user in PAGES} for _ in range(CLIENTS)]
    child = first_child(base, browsers[0]["chen"])
    if child:
        pages.append(("chen", child))
    told: dict[str, Any] = {"clients": CLIENTS}
    for user, page in pages:
        fetch(browsers[0][user], base + page)
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            jobs = [
                pool.submit(fetch, browsers[n % CLIENTS][user], base + page) for n in range(CLIENTS * ROUNDS)
            ]
            seconds = [job.result() for job in jobs]
        name = re.sub(r"[0-9a-f-]{30,}", "ID", page)
        told[f"{user} {name} p95_ms"] = round(percentile(seconds, 0.95) * 1000)
    return told


def signed_in(base: str, user: str) -> urllib.request.OpenerDirector:
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{base}/sign-in/", timeout=30).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, "the sign-in page has no form token"
    data = urllib.parse.urlencode({"csrfmiddlewaretoken": token.group(1), "cast": user}).encode()
    request = urllib.request.Request(f"{base}/sign-in/", data, {"Referer": f"{base}/sign-in/"})  # noqa: S310
    opener.open(request, timeout=30).read()
    return opener


def first_child(base: str, opener: urllib.request.OpenerDirector) -> str | None:
    found = re.search(
        r'href="(/children/[0-9a-f-]{30,}/)"', opener.open(f"{base}/children/", timeout=30).read().decode()
    )
    return found.group(1) if found else None


def fetch(opener: urllib.request.OpenerDirector, address: str) -> float:
    began = time.perf_counter()
    with opener.open(address, timeout=60) as answer:
        assert answer.status == 200, address
        answer.read()
    return time.perf_counter() - began


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(base: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{base}/healthz", timeout=2)  # noqa: S310
            return
        except OSError:
            time.sleep(0.3)
    raise SystemExit("the server did not answer")
