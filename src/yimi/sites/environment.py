"""What the surroundings say: profile, data directory, database, secrets. Read once, at start.

YIMI_DIR              data directory: yimi.sqlite3, keys/, runs/, audit/, cache/ (default: var)
YIMI_PROFILE          demo (default) or production
YIMI_DATABASE_URL     postgresql://user:password@host:port/name; empty: SQLite in the data directory
YIMI_SECRET_KEY       or YIMI_SECRET_KEY_FILE; the demo profile makes its own
YIMI_KEYS_DIR         identity, audit, reporter and field keys, 32 bytes each (default: keys in the data directory)
YIMI_HOSTS            names the site answers to, with commas
YIMI_PACK             pack to run, a name or a folder; else the file `pack` in the data directory
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

DATABASE = "yimi.sqlite3"  # in the data directory of a district that is not on PostgreSQL
# Identity numbers and files, the seal of the audit, who reported harm, forms from phones: a page that finds its key
# missing fails when somebody needs it, so all are asked for at start.
KEYS = ("identity", "audit", "reporter", "field")
SQLITE_OPTIONS: dict[str, Any] = {
    # A rollback journal: SQLite before 3.51.3 can corrupt a write-ahead log with several connections.
    # FULL: an acknowledged record survives a power cut. recursive_triggers: INSERT OR REPLACE is a deletion
    # and must meet the append-only triggers like one.
    "init_command": (
        "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA recursive_triggers=ON; PRAGMA mmap_size=0; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY"
    ),
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
}


@dataclass(frozen=True)
class Environment:
    directory: Path
    given: bool  # was a data directory named? Without one nothing is written at start
    profile: str
    database_url: str
    hosts: tuple[str, ...]
    pack: str
    keys: Path
    secret: str

    @property
    def demo(self) -> bool:
        return self.profile == "demo"

    def database(self) -> dict[str, Any]:
        if self.database_url:
            return postgres(self.database_url)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(self.directory / DATABASE),
            "OPTIONS": SQLITE_OPTIONS,
            # Opening reads the whole schema again. No longer: a file put in its place must be seen soon.
            "CONN_MAX_AGE": 10,
            "ATOMIC_REQUESTS": False,  # the read audit has its own short transaction, after rendering
        }


def read(environ: Mapping[str, str] = os.environ) -> Environment:
    """The environment, or `ImproperlyConfigured` with one sentence where it is unsafe."""
    profile = environ.get("YIMI_PROFILE", "demo")
    if profile not in ("demo", "production"):
        raise ImproperlyConfigured(f"YIMI_PROFILE is '{profile}': it must be demo or production")
    given = "YIMI_DIR" in environ
    directory = Path(environ.get("YIMI_DIR") or "var").absolute()
    keys = Path(environ.get("YIMI_KEYS_DIR") or directory / "keys").absolute()
    hosts = tuple(each.strip() for each in environ.get("YIMI_HOSTS", "").split(",") if each.strip())
    found = Environment(
        directory=directory,
        given=given,
        profile=profile,
        database_url=environ.get("YIMI_DATABASE_URL", ""),
        hosts=hosts if profile == "production" else (*hosts, "localhost", "127.0.0.1", "[::1]"),
        pack=pack_of(directory, environ),
        keys=keys,
        secret=_secret(environ, profile, keys / "secret_key", given),
    )
    if profile == "production":
        refuse_unsafe(found, environ)
    return found


def pack_of(directory: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The pack that the data of a directory belong to, a name or a folder."""
    named = directory / "pack"
    return environ.get("YIMI_PACK") or (named.read_text("utf-8").strip() if named.is_file() else "wulong")


def _secret(environ: Mapping[str, str], profile: str, kept: Path, given: bool) -> str:
    if environ.get("YIMI_SECRET_KEY"):
        return environ["YIMI_SECRET_KEY"]
    if environ.get("YIMI_SECRET_KEY_FILE"):
        path = Path(environ["YIMI_SECRET_KEY_FILE"])
        if not path.is_file():
            raise ImproperlyConfigured(
                "YIMI_SECRET_KEY_FILE names no file: write a random key of 50 characters into it"
            )
        return path.read_text("utf-8").strip()
    if profile == "production":
        raise ImproperlyConfigured("production needs YIMI_SECRET_KEY or YIMI_SECRET_KEY_FILE: neither is set")
    if kept.is_file():
        return kept.read_text("utf-8").strip()
    made = secrets.token_urlsafe(48)
    if given:
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(made)
    return made


def refuse_unsafe(found: Environment, environ: Mapping[str, str]) -> None:
    """Production starts only with settings a careful operator would choose."""
    if not found.given:
        raise ImproperlyConfigured("production needs YIMI_DIR, the directory that holds its data")
    if len(found.secret) < 50 or len(set(found.secret)) < 10:
        raise ImproperlyConfigured(
            "the secret key is too weak for production: use at least 50 random characters"
        )
    if not found.hosts or "*" in found.hosts:
        raise ImproperlyConfigured(
            "production needs YIMI_HOSTS, the names the site answers to; '*' is refused"
        )
    if environ.get("YIMI_DEBUG"):
        raise ImproperlyConfigured("YIMI_DEBUG is set: production never shows its insides, take it away")
    for name in KEYS:
        key = found.keys / name
        if not key.is_file() or key.stat().st_size < 32:
            raise ImproperlyConfigured(
                f"the {name} key is missing: put 32 random bytes into the file '{name}' of YIMI_KEYS_DIR, readable by the service only"
            )
        if key.stat().st_mode & 0o077:
            raise ImproperlyConfigured(f"the {name} key can be read by others: set its mode to 0600")


def postgres(url: str) -> dict[str, Any]:
    """Django's settings of a postgresql:// address; `host` in the query names a socket directory."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("YIMI_DATABASE_URL must begin with postgresql://")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        # Compiling a query takes longer than any list of a page; `options` of the address replaces this.
        "OPTIONS": {"options": "-c jit=off", **query},
        "CONN_MAX_AGE": 60,
        "ATOMIC_REQUESTS": False,
    }
