"""Addresses of rights and schooling: the radar, what a bill is shared into, rehearsals."""

from __future__ import annotations

from django.urls import path

from yimi.sites.staff.pages import (
    bills,
    boarding,
    lessons,
    programs,
    radar,
    rehearsals,
    school_places,
    schooling,
)

RIGHTS_PAGES = [
    path("children/<uuid:uid>/bill/<str:bill_id>/", bills.bill, name="bill"),
    path("radar/", radar.radar, name="radar"),
    path("radar/<str:benefit_id>/", radar.benefit, name="radar-benefit"),
    path("radar/<str:benefit_id>/children/", radar.benefit_list, name="radar-list"),
    path("schooling/", schooling.cohorts, name="school-cohorts"),
    path("schooling/lost/", schooling.lost, name="school-lost"),
    path("schooling/sites/", schooling.sites, name="school-sites"),
    path("schooling/classes/", schooling.large_classes, name="large-classes"),
    path("schooling/boarding/", boarding.boarding, name="school-boarding"),
    path("schooling/balance/", school_places.balance, name="school-balance"),
    path("schooling/places/", school_places.places, name="school-places"),
    path("schooling/lessons/", lessons.lessons, name="lessons"),
    path("programs/reached/", programs.care_reached, name="care-reached"),
    path("programs/served/", programs.care_served, name="care-served"),
    path("programs/aid/", programs.programs_aid, name="programs-aid"),
    path("rehearsals/", rehearsals.rehearsals, name="rehearsals"),
    path("rehearsals/<uuid:uid>/", rehearsals.rehearsal, name="rehearsal"),
]
