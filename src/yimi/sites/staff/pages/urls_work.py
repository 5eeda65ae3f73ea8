"""Addresses of the working pages: my work, tasks, children, records, evidence, ledgers, imports."""

from __future__ import annotations

from django.urls import path

from yimi.sites.staff.pages import (
    children,
    evidence,
    identity,
    imports,
    ledgers,
    readings,
    record,
    reviews,
    work,
)

WORK_PAGES = [
    path("work/", work.work, name="work"),
    path("tasks/<uuid:uid>/", work.task, name="task"),
    path("tasks/<uuid:uid>/accept/", work.accept, name="task-accept"),
    path("tasks/<uuid:uid>/hand-on/", work.hand_on, name="task-hand-on"),
    path("tasks/<uuid:uid>/assign/", work.assign, name="task-assign"),
    path("tasks/<uuid:uid>/refuse/", work.refuse, name="task-refuse"),
    path("tasks/<uuid:uid>/withdraw/", work.withdraw, name="task-withdraw"),
    path("tasks/<uuid:uid>/report/", work.report, name="task-report"),
    path("tasks/<uuid:uid>/verify/", work.verify, name="task-verify"),
    path("children/", children.children, name="children"),
    path("children/find/", children.find, name="children-find"),
    path("children/unidentified/", identity.unidentified, name="child-unidentified"),
    path("children/<uuid:uid>/", children.child, name="child"),
    path("children/<uuid:uid>/readers/", readings.readers, name="child-readers"),
    path("children/<uuid:uid>/identity/", identity.identity, name="child-identity"),
    path("children/<uuid:uid>/record/<str:form_id>/", record.record, name="record"),
    path("children/<uuid:uid>/record/<str:form_id>/fields/", record.fields, name="record-fields"),
    path("records/<uuid:record_uid>/", record.change, name="record-change"),
    path("records/<uuid:record_uid>/void/", record.void, name="record-void"),
    path("review/", reviews.reviews, name="reviews"),
    path("review/<int:item>/close/", reviews.close, name="review-close"),
    path("evidence/<uuid:uid>/", evidence.evidence, name="evidence"),
    path("ledgers/", ledgers.ledgers, name="ledgers"),
    path("ledgers/status/<str:scheme>/", ledgers.status_ledger, name="ledger"),
    path("ledgers/due/<str:pathway_id>/", ledgers.due_list, name="ledger-due"),
    path("ledgers/suspected/<str:pathway_id>/", ledgers.suspected, name="ledger-suspected"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<uuid:uid>/", imports.batch, name="import"),
    path("imports/<uuid:uid>/refused.xlsx", imports.refused, name="import-refused"),
    path("imports/template/<str:kind>.xlsx", imports.template, name="import-template"),
]
