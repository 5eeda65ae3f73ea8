"""Addresses of cases: my cases, opening one, one case, the seal, a reporter's receipt."""

from __future__ import annotations

from django.urls import path

from yimi.sites.staff.pages import case_file, case_open, cases

CASE_PAGES = [
    path("cases/", cases.cases, name="cases"),
    path("cases/receipt/", cases.receipt, name="case-receipt"),
    path("cases/seal/", cases.open_seal, name="case-seal"),
    path("cases/seal/<int:opening>/review/", cases.review_seal, name="case-seal-review"),
    path("cases/new/<str:case_kind>/", case_open.new, name="case-new"),
    path("cases/<uuid:uid>/", case_file.case, name="case"),
    path("cases/<uuid:uid>/record/<str:case_form>/", case_file.record, name="case-record"),
    path("cases/<uuid:uid>/verify/", case_file.verify, name="case-verify"),
    path("cases/<uuid:uid>/parties/", case_file.parties, name="case-parties"),
    path("cases/<uuid:uid>/identity/", case_file.identity, name="case-identity"),
    path("cases/<uuid:uid>/child/", case_file.child, name="case-child"),
]
