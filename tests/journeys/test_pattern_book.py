"""The pattern book in a real browser: every page, both languages, wide and narrow, by keyboard and on paper.

Pages come from `yimi.sites.specimen`, so a template that needs a word its context does not give, a page
that scrolls sideways on a phone, or a finding of axe fails here before a view exists.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from yimi.sites.specimen import messages
from yimi.sites.specimen.book import LANGUAGES, PAGES

SITES = Path(messages.SITES)

# What the staff site sends; the pages must live with it.
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


class _Strict(SimpleHTTPRequestHandler):
    """Serves the book under the policy of the staff site."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Written by a process of its own: the book configures Django for itself."""
    out = tmp_path_factory.mktemp("book")
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    environment["PYTHONPATH"] = str(SITES.parents[1])
    command = [
        sys.executable,
        "-W",
        "error::DeprecationWarning",
        "-m",
        "yimi.sites.specimen",
        "--out",
        str(out),
    ]
    subprocess.run(command, check=True, env=environment, capture_output=True)
    return out


@pytest.fixture(scope="module")
def address(book: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Strict, directory=str(book)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


# --- without a browser -------------------------------------------------------------------------------------


def test_every_message_has_its_chinese() -> None:
    entries = messages.catalogue()
    words = messages.used()
    assert len(words) > 300
    assert words - {k for k, v in entries.items() if v} == set()
    assert set(entries) - words - {""} == set(), "in the catalogue and used nowhere"


def test_compiled_catalogue_is_the_written_one() -> None:
    compiled = messages.CATALOGUE.with_suffix(".mo").read_bytes()
    assert compiled == messages.compiled(messages.catalogue()), "run python -m yimi.sites.specimen.messages"


def test_placeholders_survive_translation() -> None:
    for msgid, msgstr in messages.catalogue().items():
        if msgid:
            assert sorted(re.findall(r"%\(\w+\)s", msgid)) == sorted(re.findall(r"%\(\w+\)s", msgstr)), msgid


def test_templates_carry_no_inline_style_or_script() -> None:
    for path in SITES.rglob("*.html"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|hx-on", source), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", source), path
        assert not re.search(r"(src|href)=[\"'](https?:)?//", source), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_have_no_holes(book: Path, language: str) -> None:
    """No unresolved tag, no bare None, no Chinese chrome on an English page, no page without its head."""
    for page in PAGES:
        markup = (book / language / f"{page}.html").read_text(encoding="utf-8")
        assert "{%" not in markup and "{{" not in markup and "<c-" not in markup, page
        assert not re.search(r">\s*None\s*<|\{'zh'|&#x27;zh&#x27;", markup), page
        assert markup.count("<h1") == 1, page


def test_english_chrome_is_english(book: Path) -> None:
    """What is left of Chinese on an English page is the plan's own text, names and numbers of documents."""
    markup = (book / "en" / "work_empty.html").read_text(encoding="utf-8")
    body = re.sub(r'<a [^>]*lang="zh-hans".*?</a>', "", markup)
    assert not re.search(r"[\u4e00-\u9fff]", body)


def test_denied_and_absent_are_the_same_bytes(book: Path) -> None:
    for language in LANGUAGES:
        denied, absent = (book / language / f"{page}.html" for page in ("403", "404"))
        assert denied.read_bytes() == absent.read_bytes()


# --- in the browser -----------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_scrolls_sideways(browser: Any, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    wide = []
    for language in LANGUAGES:
        for name in PAGES:
            page.goto(f"{address}/{language}/{name}.html")
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wide.append(f"{language}/{name}")
    page.close()
    assert wide == []


@pytest.mark.browser
def test_axe_finds_nothing_serious(browser: Any, address: str) -> None:
    """All pages in Chinese; in English, where only words differ, one of each kind."""
    from axe_playwright_python.sync_playwright import Axe

    found = []
    # axe injects itself as an inline script, which the policy of the pages forbids by design.
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page = context.new_page()
    for language, names in {
        "zh-hans": list(PAGES),
        "en": ["cockpit", "child", "record_errors", "task"],
    }.items():
        for name in names:
            page.goto(f"{address}/{language}/{name}.html")
            page.evaluate("for (const d of document.querySelectorAll('details.because')) d.open = true")
            for violation in Axe().run(page).response["violations"]:
                if violation["impact"] in ("serious", "critical"):
                    targets = [node["target"] for node in violation["nodes"][:3]]
                    found.append((f"{language}/{name}", violation["id"], targets))
    context.close()
    assert found == []


@pytest.mark.browser
def test_pages_live_under_the_strict_policy(browser: Any, address: str) -> None:
    complaints: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for name in ("cockpit", "child", "ledger", "record", "import_running", "sign_in"):
        page.goto(f"{address}/zh-hans/{name}.html")
    page.close()
    assert complaints == []


@pytest.mark.browser
def test_because_opens_by_keyboard_and_shows_the_arithmetic(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/zh-hans/child.html")
    summary = page.locator("details.because summary").first
    assert not page.get_by_text("2025-01-15 + 8个月").first.is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert page.get_by_text("2025-01-15 + 8个月").first.is_visible()
    page.close()


@pytest.mark.browser
def test_a_form_sent_back_leads_to_the_field(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/zh-hans/record_errors.html")
    assert page.evaluate("document.activeElement.classList.contains('error-summary')")
    page.locator(".error-summary a").nth(1).click()
    assert page.url.endswith("#field-weight_kg")
    described = page.locator("#field-weight_kg").get_attribute("aria-describedby")
    assert described and page.locator(f"#{described.strip()}").is_visible()
    page.close()


@pytest.mark.browser
def test_the_head_and_first_column_of_a_ledger_stay(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}/zh-hans/ledger.html")
    before = page.locator("table.ledger tbody th").first.bounding_box()["x"]
    page.evaluate("document.querySelector('.ledger-frame').scrollLeft = 300")
    assert page.evaluate("document.querySelector('.ledger-frame').scrollLeft") == 300
    assert page.locator("table.ledger tbody th").first.bounding_box()["x"] == before
    page.close()


@pytest.mark.browser
def test_paper_shows_the_ledger_and_not_the_controls(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/zh-hans/ledger.html")
    page.emulate_media(media="print")
    for hidden in (".masthead", ".filters", ".page-do"):
        assert not page.locator(hidden).first.is_visible(), hidden
    for shown in (".print-head", ".print-foot", "table.ledger", ".source-line", ".demo-banner"):
        assert page.locator(shown).first.is_visible(), shown
    pdf = page.pdf(prefer_css_page_size=True)
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert box and float(box[1]) > float(box[2]), "a ledger is printed across"
    page.close()
