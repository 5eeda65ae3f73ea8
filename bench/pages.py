"""How fast are the staff pages with eight people at once? p50 and p95 a page, over a real server.

The eight press their next page as soon as they have one, on the cores the server works on; so a browser here is a
bare connection that takes little of them. A child's page is measured over many children, a list over its pages:
nobody opens one page again and again.
"""

from __future__ import annotations

import concurrent.futures
import http.client
import http.cookiejar
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.keep import percentile

CLIENTS, ROUNDS = 8, 12
CHILDREN = 24  # whose pages are opened
LEDGERS = 4  # lists of each reader that are opened, besides the list of children
# Somebody of a village, of a township, of the whole district, and whoever steers the plan.
PAGES = {
    "zhou": ["/", "/indicators/", "/map/", "/measures/M09/"],
    "chen": ["/day/", "/work/", "/children/", "/ledgers/"],
    "ran": ["/work/", "/children/", "/ledgers/"],
    "liu": ["/day/", "/work/", "/children/", "/ledgers/"],
    "xu": ["/children/"],
}  # fmt: skip
READERS = ("chen", "ran", "liu")


@dataclass(frozen=True)
class Browser:
    """Somebody signed in: a page a connection, as the server closes each."""

    port: int
    cookie: str

    def get(self, address: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", address, headers={"Cookie": self.cookie})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise SystemExit(f"{address}: {answer.status}")
        return body


def run(directory: Path, children: int) -> dict[str, Any]:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "yimi.cli", "serve", "--dir", str(directory), "--port", str(port)],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}")
        return measure(port)
    finally:
        server.terminate()
        server.wait(timeout=20)


def measure(port: int) -> dict[str, Any]:
    browsers = [{user: signed_in(port, user) for user in PAGES} for _ in range(CLIENTS)]
    first = browsers[0]
    pages = [(user, page, [page]) for user, each in PAGES.items() for page in each]
    for user in READERS:
        pages += [(user, page, [page]) for page in ledgers(first[user])]
        pages.append((user, "/children/ID/", some_children(first[user])))
    told: dict[str, Any] = {"clients": CLIENTS}
    for user, name, addresses in pages:
        if not addresses:
            continue
        seconds = asked_together([each[user] for each in browsers], addresses, CLIENTS * ROUNDS)
        for share in (50, 95):
            told[f"{user} {name} p{share}_ms"] = round(percentile(seconds, share / 100) * 1000)
    told["slowest p95_ms"] = max(ms for name, ms in told.items() if name.endswith("p95_ms"))
    return told


def asked_together(browsers: list[Browser], addresses: list[str], requests: int) -> list[float]:
    """How long each of some requests took, as many at once as there are browsers."""
    for _ in range(2):  # each of the two worker processes has seen the page once, most likely
        fetch(browsers[0], addresses[0])
    with concurrent.futures.ThreadPoolExecutor(len(browsers)) as pool:
        jobs = [
            pool.submit(fetch, browsers[n % len(browsers)], addresses[n % len(addresses)])
            for n in range(requests)
        ]
        return [job.result() for job in jobs]


def of(port: int, some: Sequence[tuple[str, str]], requests: int) -> dict[str, int]:
    """p95 in ms of some pages, each by whom it is for."""
    browsers = {user: [signed_in(port, user) for _ in range(CLIENTS)] for user, _ in some}
    return {
        f"{user} {page}": round(percentile(asked_together(browsers[user], [page], requests), 0.95) * 1000)
        for user, page in some
    }


def signed_in(port: int, user: str) -> Browser:
    base, jar = f"http://127.0.0.1:{port}", http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{base}/sign-in/", timeout=60).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, "the sign-in page has no form token"
    data = urllib.parse.urlencode({"csrfmiddlewaretoken": token.group(1), "cast": user}).encode()
    request = urllib.request.Request(f"{base}/sign-in/", data, {"Referer": f"{base}/sign-in/"})  # noqa: S310
    opener.open(request, timeout=30).read()
    return Browser(port, "; ".join(f"{each.name}={each.value}" for each in jar))


def some_children(browser: Browser) -> list[str]:
    """Pages of different children, of every age: the list begins with the youngest."""
    found: dict[str, None] = {}
    for number in range(1, 12, 2):
        page = browser.get(f"/children/?page={number}").decode()
        found |= dict.fromkeys(re.findall(r'href="(/children/[0-9a-f-]{30,}/)"', page)[: CHILDREN // 4])
    return list(found)[:CHILDREN]


def ledgers(browser: Browser) -> list[str]:
    """The longest lists of a reader: what is due, whom facts suggest, who is in a status."""
    page = browser.get("/ledgers/").decode()
    found = dict.fromkeys(re.findall(r'href="(/ledgers/(?:status|due|suspected)/\w+/)"', page))
    return sorted(found, key=lambda each: -len(browser.get(each)))[:LEDGERS]


def fetch(browser: Browser, address: str) -> float:
    began = time.perf_counter()
    browser.get(address)
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
