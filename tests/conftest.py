"""A data directory, a database and the cast for every test that wants them.

The tests of `tests/apps` run on SQLite here and once more on PostgreSQL (`tests/apps/test_on_postgres.py`
starts them with YIMI_DATABASE_URL set).
"""

from __future__ import annotations

import atexit
import gc
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

APPEND_ONLY = (
    "audit_entry",
    "register_correction",
    "records_record",
    "records_verification",
    "tasks_event",
    "cases_event",
    "cases_reporter",
    "surveys_answer",
    "evidence_attachment",
)

# Before anything opens the database: keys, runs and checkpoints of tests live in a folder of this process.
DIRECTORY = Path(tempfile.mkdtemp(prefix="yimi-tests-"))
atexit.register(shutil.rmtree, DIRECTORY, ignore_errors=True)
settings.YIMI_DIR = DIRECTORY
settings.YIMI_KEYS_DIR = DIRECTORY / "keys"
settings.YIMI_PACK = "wulong"
settings.CACHES["default"]["LOCATION"] = str(DIRECTORY / "cache")
if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: backups, several connections and the journal are part of what is tested.
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(DIRECTORY / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The migrated database with the cast in it."""
    from tests import cast

    with django_db_blocker.unblock():
        cast.build()


@pytest.fixture
def town(db: None) -> Any:
    """The cast's places and ids; everything a test changes is rolled back."""
    from tests import cast

    return cast.town()


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """A page read in English leaves its language to the thread: every test begins in Chinese."""
    from django.utils import translation

    translation.activate(settings.LANGUAGE_CODE)
    yield


@pytest.fixture
def committed(transactional_db: None) -> Iterator[Any]:
    """The same with real commits, for several connections. The tables are emptied afterwards."""
    from django.db import connection
    from tests import cast

    from yimi.apps.audit import append_only
    from yimi.apps.audit.actions import checkpoints_file
    from yimi.apps.audit.models import Head
    from yimi.apps.places.models import Place

    for table in APPEND_ONLY:
        append_only.install(connection, table)
    if not Place.objects.exists():
        checkpoints_file().unlink(missing_ok=True)  # of the chain that was emptied with its database
        Head.objects.all().delete()
        cast.build()
    yield cast.town()
    for table in APPEND_ONLY:
        append_only.remove(connection, table)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One chromium for the journeys of a module."""
    from tests.journeys.browser import CHROMIUM, FLAGS

    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed (Debian: chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def sign_in(client: Any) -> Any:
    """`sign_in("chen")`: a browser in which this member of the cast has entered by the demo's door."""

    def enter(username: str) -> Any:
        client.logout()
        response = client.post("/sign-in/", {"cast": username})
        assert response.status_code == 302, response.content.decode()
        return client

    return enter


QUICK = ("packs", "spec", "unit")  # in the order in which they begin


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In parallel, a file stays with one worker, and all of `apps` with one: they share a database.

    So do the tests of a folder with fixtures of its own, which are made once (the made-up district of `properties/demo`),
    and the quick ones on our own packs, which take a while to read.

    pytest-django runs the tests that commit for real after all others; spread over workers they would empty the
    tables under tests that still want the cast.
    """
    # What evaluates first, small things last: a long file begun late leaves the other worker with nothing to do.
    begins = {kind: place for place, kind in enumerate(QUICK)}
    items.sort(key=lambda item: (not _on_our_packs(item), begins.get(_kind(item.path), len(begins))))
    for item in items:
        item.add_marker(pytest.mark.xdist_group("our packs" if _on_our_packs(item) else _group(item.path)))


@cache
def _kind(path: Path) -> str:
    """The folder of tests a file lies in."""
    here = Path(__file__).parent
    return path.relative_to(here).parts[0] if path.is_relative_to(here) else ""


@cache
def _group(path: Path) -> str:
    if _kind(path) == "apps":
        return "apps"
    return str(path.parent if path.with_name("conftest.py").is_file() else path)


def _on_our_packs(item: pytest.Item) -> bool:
    return _kind(item.path) in QUICK and hasattr(getattr(item, "module", None), "ours")


def pytest_collection_finish() -> None:
    """What all tests share stays: the collector need not walk Django and every test for each of them.

    Nor look for circles so often: a pack that is read, or a query printed, makes a hundred thousand things to keep.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
