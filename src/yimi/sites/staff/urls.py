"""Addresses of the staff site. Every view here declares its rule; the start-up check refuses one without."""

from __future__ import annotations

from django.urls import path

from yimi.sites.staff import door
from yimi.sites.staff.pages.urls_cascades import CASCADE_PAGES
from yimi.sites.staff.pages.urls_cases import CASE_PAGES
from yimi.sites.staff.pages.urls_day import DAY_PAGES
from yimi.sites.staff.pages.urls_people import PEOPLE_PAGES
from yimi.sites.staff.pages.urls_phone import PHONE_PAGES
from yimi.sites.staff.pages.urls_plan import PLAN_PAGES
from yimi.sites.staff.pages.urls_rights import RIGHTS_PAGES
from yimi.sites.staff.pages.urls_watching import WATCHING_PAGES
from yimi.sites.staff.pages.urls_work import WORK_PAGES

urlpatterns = [
    path("sign-in/", door.sign_in, name="sign-in"),
    path("sign-out/", door.sign_out, name="sign-out"),
    path("language/", door.language, name="language"),
    path("healthz", door.healthz, name="healthz"),
    *DAY_PAGES,
    *WORK_PAGES,  # what most people open most stands first: an address is looked for from the top
    *CASCADE_PAGES,
    *CASE_PAGES,
    *PEOPLE_PAGES,
    *PHONE_PAGES,
    *PLAN_PAGES,
    *RIGHTS_PAGES,
    *WATCHING_PAGES,
]

handler404 = "yimi.sites.access.not_found"
