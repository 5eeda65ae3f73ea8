"""Addresses of people and places: rosters, and the page of a facility, a person, an organization."""

from __future__ import annotations

from django.urls import path

from yimi.sites.staff.pages import (
    beds,
    childcare,
    devices,
    enrollment,
    expecting,
    facilities,
    record,
    rosters,
    subjects,
)

PEOPLE_PAGES = [
    path("roster/", rosters.roster, name="roster"),
    path("roster/adults/", rosters.adults, name="adults"),
    path("roster/certified/", rosters.certified, name="certified"),
    path("roster/matching/", rosters.matching, name="matching"),
    path("roster/stations/", rosters.stations, name="stations"),
    path("roster/new/", facilities.register, name="facility-new"),
    path("roster/expecting/", expecting.expecting, name="expecting"),
    path("roster/expecting/new/<str:form_id>/", enrollment.enroll, name="person-enroll"),
    path("roster/childcare/", childcare.childcare_places, name="childcare"),
    path("roster/nearest/", devices.nearest, name="nearest"),
    path("roster/beds/", beds.free, name="beds"),
    path("roster/beds/<uuid:uid>/", beds.book, name="bed-book"),
    path("roster/beds/<uuid:record_uid>/cancel/", beds.cancel, name="bed-cancel"),
    path("subjects/<uuid:uid>/close/", facilities.close, name="facility-close"),
    path("subjects/<uuid:uid>/", subjects.subject, name="subject"),
    path("subjects/<uuid:uid>/record/<str:form_id>/", record.record, name="subject-record"),
    path("subjects/<uuid:uid>/record/<str:form_id>/fields/", record.fields, name="subject-record-fields"),
]
