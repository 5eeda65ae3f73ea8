"""The staff site with the ordinary pages in the place of its own: for `bench.web` only."""

from __future__ import annotations

from pathlib import Path

from yimi.sites.staff.settings import *  # noqa: F403
from yimi.sites.staff.settings import TEMPLATES

ROOT_URLCONF = "bench.web_ordinary"
TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "web_templates"]
