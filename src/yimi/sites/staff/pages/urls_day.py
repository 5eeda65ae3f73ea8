"""Address of the page somebody begins the morning with."""

from __future__ import annotations

from django.urls import path

from yimi.sites.staff.pages import day

DAY_PAGES = [path("day/", day.day, name="day")]
