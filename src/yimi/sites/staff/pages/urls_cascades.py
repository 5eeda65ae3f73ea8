"""Addresses of the screening cascades."""

from __future__ import annotations

from django.urls import path

from yimi.sites.staff.pages import cascades

CASCADE_PAGES = [
    path("cascades/", cascades.cascades, name="cascades"),
    path("cascades/<str:cascade_id>/", cascades.cascade, name="cascade"),
    path("cascades/<str:cascade_id>/children/", cascades.cascade_list, name="cascade-list"),
]
