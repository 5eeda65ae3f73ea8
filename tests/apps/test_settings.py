"""Production starts with settings a careful operator would choose, or says in one sentence why not."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from yimi.sites.environment import KEYS, postgres, read

SECRET = "q8Zr2vN5xK1wT7yB4mC9pL3sF6hJ0dGaXeUiOzRtYbQnWmEvPl"


@pytest.fixture
def careful(tmp_path: Path) -> dict[str, str]:
    keys = tmp_path / "keys"
    keys.mkdir()
    for name in KEYS:
        (keys / name).write_bytes(os.urandom(32))
        (keys / name).chmod(0o600)
    return {
        "YIMI_PROFILE": "production", "YIMI_DIR": str(tmp_path), "YIMI_KEYS_DIR": str(keys), "YIMI_SECRET_KEY": SECRET,
        "YIMI_HOSTS": "yimi.example.gov.cn",
    }  # fmt: skip


def test_a_careful_production_starts(careful: dict[str, str]) -> None:
    found = read(careful)
    assert not found.demo
    assert found.hosts == ("yimi.example.gov.cn",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"YIMI_SECRET_KEY": None}, "YIMI_SECRET_KEY"),
        ({"YIMI_SECRET_KEY": "short"}, "too weak"),
        ({"YIMI_SECRET_KEY": "a" * 60}, "too weak"),
        ({"YIMI_SECRET_KEY": None, "YIMI_SECRET_KEY_FILE": "/no/such/file"}, "names no file"),
        ({"YIMI_HOSTS": ""}, "YIMI_HOSTS"),
        ({"YIMI_HOSTS": "*"}, "refused"),
        ({"YIMI_DIR": None}, "YIMI_DIR"),
        ({"YIMI_DEBUG": "1"}, "YIMI_DEBUG"),
        ({"YIMI_KEYS_DIR": "/no/such/folder"}, "identity key is missing"),
        ({"YIMI_PROFILE": "prod"}, "demo or production"),
    ],
)
def test_an_unsafe_production_does_not_start(
    careful: dict[str, str], change: dict[str, str | None], says: str
) -> None:
    environ = {name: value for name, value in {**careful, **change}.items() if value is not None}
    with pytest.raises(ImproperlyConfigured, match=says) as refused:
        read(environ)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["identity", "audit", "reporter", "field"])
def test_a_missing_key_is_told_at_start_and_not_by_a_page(careful: dict[str, str], name: str) -> None:
    (Path(careful["YIMI_KEYS_DIR"]) / name).unlink()
    with pytest.raises(ImproperlyConfigured, match=f"the {name} key is missing"):
        read(careful)


def test_a_key_others_can_read_is_refused(careful: dict[str, str]) -> None:
    (Path(careful["YIMI_KEYS_DIR"]) / "audit").chmod(0o644)
    with pytest.raises(ImproperlyConfigured, match="0600"):
        read(careful)


def test_the_demo_makes_its_own_secrets_and_keeps_them(tmp_path: Path) -> None:
    first, second = read({"YIMI_DIR": str(tmp_path)}), read({"YIMI_DIR": str(tmp_path)})
    assert first.secret == second.secret
    assert (tmp_path / "keys" / "secret_key").stat().st_mode & 0o077 == 0


def test_without_a_data_directory_nothing_is_written(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert read({}).demo
    assert list(tmp_path.iterdir()) == []


def test_djangos_own_deployment_check_finds_nothing_in_production(careful: dict[str, str]) -> None:
    environ = {
        **os.environ,
        **careful,
        "DJANGO_SETTINGS_MODULE": "yimi.sites.staff.settings",
        "YIMI_PACK": "wulong",
    }
    environ.pop("YIMI_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_an_address_of_postgresql_is_read_whole() -> None:
    found = postgres("postgresql://yimi:p%40ss@db:5433/city?sslmode=require")
    assert (found["NAME"], found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == (
        "city",
        "yimi",
        "p@ss",
        "db",
        "5433",
    )
    assert found["OPTIONS"] == {"options": "-c jit=off", "sslmode": "require"}
    assert postgres("postgresql://db/x?options=-c%20jit%3Don")["OPTIONS"] == {"options": "-c jit=on"}
    assert postgres("postgres:///x?host=%2Frun")["HOST"] == "/run"
    with pytest.raises(ImproperlyConfigured):
        postgres("mysql://x/y")


@pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="SQLite's settings"
)
@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "delete"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("mmap_size", 0),
    ],
)
def test_sqlite_runs_with_a_rollback_journal_and_full_synchronization(
    db: None, pragma: str, value: Any
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")
        assert cursor.fetchone()[0] == value


@pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="SQLite's settings"
)
def test_sqlite_begins_every_transaction_immediately(committed: Any) -> None:
    import sqlite3

    from django.db import transaction

    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0.1)
    with transaction.atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()


def test_the_tables_are_those_of_the_migrations(db: None) -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_access_log_has_a_line_of_an_answer(tmp_path: Path) -> None:
    """The very options `yimi serve` starts the server with, and an access log asked for beside them."""
    from types import SimpleNamespace

    from gunicorn.config import Config

    from yimi.cli.site import command

    log = tmp_path / "access.log"
    config = Config(prog="gunicorn")
    asked = config.parser().parse_args(["--access-logfile", str(log), *command(8000, 1)[3:]])
    for name, value in vars(asked).items():
        if value is not None and name != "args":
            config.set(name.lower(), value)
    logger = config.logger_class(config)
    response = SimpleNamespace(status="200 OK", sent=1, headers=[])
    request = SimpleNamespace(headers=[])
    for path in ("/answer/", "/answer/send/", "/answer", "//answer/", "/measures/"):
        environ = {"PATH_INFO": path, "RAW_URI": path, "REQUEST_METHOD": "POST", "REMOTE_ADDR": "192.0.2.7"}
        environ |= {"SERVER_PROTOCOL": "HTTP/1.1"}
        logger.access(response, request, environ, timedelta(seconds=1))
        if path == "/measures/":  # a style sheet asked for by the page of the answers
            environ |= {"PATH_INFO": "/static/yimi.css", "HTTP_REFERER": "http://localhost/answer/"}
            logger.access(response, request, environ, timedelta(seconds=1))
    told = log.read_text(encoding="utf-8").splitlines()
    assert len(told) == 1
    assert "/measures/" in told[0]
