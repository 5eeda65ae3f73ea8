"""Addresses of rights and schooling: the radar, what a bill is shared into, rehearsals."""

from __future__ import annotations

from django.urls import path

from yimi.sites.staff.pages import radar, rehearsals

RIGHTS_PAGES = [
    path("radar/", radar.radar, name="radar"),
    path("radar/<str:benefit_id>/", radar.benefit, name="radar-benefit"),
    path("radar/<str:benefit_id>/children/", radar.benefit_list, name="radar-list"),
    path("rehearsals/", rehearsals.rehearsals, name="rehearsals"),
    path("rehearsals/<uuid:uid>/", rehearsals.rehearsal, name="rehearsal"),
]
