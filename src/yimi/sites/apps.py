"""The Django app that carries templates, static files and the start-up checks of all sites."""

from __future__ import annotations

from django.apps import AppConfig


class SitesConfig(AppConfig):
    name = "yimi.sites"
    label = "yimi_sites"

    def ready(self) -> None:
        from django.core import checks

        from yimi.sites.access import check_rules

        checks.register(check_rules, checks.Tags.security)
