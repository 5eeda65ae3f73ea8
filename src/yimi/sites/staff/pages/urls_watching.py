"""Addresses of surveillance."""

from __future__ import annotations

from django.urls import path

from yimi.sites.staff.pages import surveillance

WATCHING_PAGES = [
    path("surveillance/<str:surveillance_id>/", surveillance.surveillance, name="surveillance"),
    path(
        "surveillance/<str:surveillance_id>/events/", surveillance.surveillance_list, name="surveillance-list"
    ),
]
