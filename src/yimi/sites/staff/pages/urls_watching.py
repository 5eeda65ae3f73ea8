"""Addresses of surveillance and anonymous surveys."""

from __future__ import annotations

from django.urls import path

from yimi.sites.staff.pages import surveillance, surveys, violence

WATCHING_PAGES = [
    path("violence/", violence.violence, name="violence"),
    path("surveillance/<str:surveillance_id>/", surveillance.surveillance, name="surveillance"),
    path(
        "surveillance/<str:surveillance_id>/events/", surveillance.surveillance_list, name="surveillance-list"
    ),
    path("surveys/<str:survey_id>/", surveys.survey, name="survey"),
    path("surveys/<str:survey_id>/open/", surveys.survey_open, name="survey-open"),
    path("answer/", surveys.answer_code, name="answer-code"),
    path("answer/send/", surveys.answer_send, name="answer-send"),
]
