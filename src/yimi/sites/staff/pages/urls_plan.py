"""Addresses of the plan's pages, the pack and the audit."""

from __future__ import annotations

from django.urls import path

from yimi.sites.staff.pages import audit, checklists, indicator_table, indicators, pack, plan

PLAN_PAGES = [
    path("", plan.cockpit, name="cockpit"),
    path("measures/<str:measure_id>/", plan.measure, name="measure"),
    path("bodies/<str:body>/", plan.sheet, name="sheet"),
    path("bodies/<str:body>/sheet.txt", plan.sheet_text, name="sheet-text"),
    path("indicators/", indicators.indicators, name="indicators"),
    path("indicators/<str:indicator_id>/", indicators.indicator, name="indicator"),
    path("indicators/<str:indicator_id>/table.xlsx", indicator_table.indicator_table, name="indicator-table"),
    path("checklists/<str:checklist_id>/", checklists.checklist, name="checklist"),
    path("map/", indicators.district_map, name="map"),
    path("pack/", pack.pack_page, name="pack"),
    path("pack/<str:kind>/", pack.kind_page, name="pack-kind"),
    path("pack/<str:kind>/<str:name>/", pack.declaration_page, name="pack-declaration"),
    path("audit/", audit.audit, name="audit"),
    path("audit/verify/", audit.verify, name="audit-verify"),
]
