"""Addresses of the phone: its shell and worker, the list it takes along, what it sends, what is held."""

from __future__ import annotations

from django.urls import path

from yimi.sites.staff.pages import phone, phone_held

PHONE_PAGES = [
    path("phone/", phone.shell, name="phone"),
    path("phone/worker.js", phone.worker, name="phone-worker"),
    path("phone/manifest.webmanifest", phone.manifest, name="phone-manifest"),
    path("phone/list/", phone.lease, name="phone-list"),
    path("phone/records/", phone.take_in, name="phone-record"),
    path("phone/held/", phone_held.held, name="phone-held"),
    path("phone/held/<uuid:uid>/give-up/", phone_held.give_up, name="phone-give-up"),
]
