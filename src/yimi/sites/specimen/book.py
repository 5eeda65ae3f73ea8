"""The list of specimens, and how one is rendered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import pages_child, pages_data, pages_indicator, pages_ledger, pages_plan, pages_record, pages_work
from .district import AS_OF, both

SITES = Path(__file__).resolve().parents[1]
LANGUAGES = ("zh-hans", "en")

Context = Callable[[], dict[str, Any]]

# page of the book → (template, section of the navigation, context)
PAGES: dict[str, tuple[str, str, Context]] = {
    "sign_in": ("staff/sign_in.html", "", pages_work.sign_in),
    "sign_in_form": ("staff/sign_in.html", "", pages_work.sign_in_form),
    "sign_in_code": ("staff/sign_in.html", "", pages_work.sign_in_code),
    "cockpit": ("staff/cockpit.html", "plan", pages_plan.cockpit),
    "cockpit_quiet": ("staff/cockpit.html", "plan", pages_plan.cockpit_quiet),
    "measure": ("staff/measure.html", "plan", pages_plan.measure),
    "measure_bare": ("staff/measure.html", "plan", pages_plan.measure_bare),
    "indicator": ("staff/indicator.html", "indicators", pages_indicator.indicator),
    "indicator_counts": ("staff/indicator.html", "indicators", pages_indicator.indicator_counts),
    "indicators": ("staff/indicators.html", "indicators", pages_indicator.indicators),
    "map": ("staff/map.html", "map", pages_indicator.district_map),
    "children": ("staff/ledger.html", "children", pages_ledger.children),
    "child": ("staff/child.html", "children", pages_child.child),
    "child_new": ("staff/child.html", "children", pages_child.child_new),
    "record": ("staff/record.html", "children", pages_record.record),
    "record_errors": ("staff/record.html", "children", pages_record.record_errors),
    "record_saved": ("staff/record_saved.html", "children", pages_record.record_saved),
    "record_invalid": ("staff/record_saved.html", "children", pages_record.record_invalid),
    "ledgers": ("staff/ledgers.html", "ledgers", pages_ledger.ledgers),
    "ledger": ("staff/ledger.html", "ledgers", pages_ledger.ledger),
    "ledger_empty": ("staff/ledger.html", "ledgers", pages_ledger.ledger_empty),
    "work": ("staff/work.html", "work", pages_work.work),
    "work_empty": ("staff/work.html", "work", pages_work.work_empty),
    "task": ("staff/task.html", "work", pages_work.task),
    "task_errors": ("staff/task.html", "work", pages_work.task_errors),
    "task_verify": ("staff/task.html", "work", pages_work.task_verify),
    "imports": ("staff/imports.html", "data", pages_data.imports),
    "imports_empty": ("staff/imports.html", "data", pages_data.imports_empty),
    "import_refused": ("staff/import.html", "data", pages_data.import_refused),
    "import_running": ("staff/import.html", "data", pages_data.import_running),
    "import_done": ("staff/import.html", "data", pages_data.import_done),
    "pack": ("staff/pack.html", "admin", pages_data.pack),
    "pack_declaration": ("staff/pack.html", "admin", pages_data.pack_declaration),
    "audit": ("staff/audit.html", "admin", pages_data.audit),
    "audit_broken": ("staff/audit.html", "admin", pages_data.audit_broken),
    "404": ("404.html", "", dict),
    "403": ("403.html", "", dict),
    "403_csrf": ("403_csrf.html", "", dict),
    "400": ("400.html", "", dict),
    "500": ("500.html", "", dict),
}

_NAV = [
    ("work", "work", 4),
    ("children", "children", None),
    ("ledgers", "ledgers", None),
    ("plan", "cockpit", None),
    ("indicators", "indicators", None),
    ("map", "map", None),
    ("data", "imports", None),
    ("admin", "pack", None),
]


def settings() -> dict[str, Any]:
    """What Django needs to draw these pages, and no database."""
    return {
        "SECRET_KEY": "specimen",
        "INSTALLED_APPS": ["django.contrib.staticfiles", "django_htmx", "django_cotton"],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [SITES / "templates"],
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.template.context_processors.i18n",
                    ],
                    "libraries": {
                        name: f"yimi.sites.templatetags.{name}" for name in ("chips", "lines", "yimi")
                    },
                    "builtins": [],
                },
            }
        ],
        "LANGUAGE_CODE": "zh-hans",
        "LANGUAGES": [("zh-hans", "简体中文"), ("en", "English")],
        "LOCALE_PATHS": [SITES / "locale"],
        "USE_I18N": True,
        "USE_TZ": True,
        "TIME_ZONE": "Asia/Shanghai",
        "USE_THOUSAND_SEPARATOR": False,
        "STATIC_URL": "/static/",
        "STATICFILES_DIRS": [SITES / "static"],
    }


def common(page: str, section: str, language: str) -> dict[str, Any]:
    """The context every page shares; a real site gives it through a context processor."""
    other = {"zh-hans": "en", "en": "zh-hans"}[language]
    return {
        "frame": f"{page} {section} {language}",
        "site": {
            "district": both("重庆市武隆区", "Wulong, Chongqing"),
            "as_of": AS_OF,
            "demo": True,
            "second_factor": False,
            "pack": {
                "name": both("武隆方案包 2026.11", "Wulong pack 2026.11"),
                "fingerprint": "wulong-7f3a92c1",
                "href": "pack.html",
            },
            "languages": [
                {
                    "code": "zh-hans",
                    "name": "中文",
                    "current": language == "zh-hans",
                    "href": f"../{other}/{page}.html",
                },
                {
                    "code": "en",
                    "name": "English",
                    "current": language == "en",
                    "href": f"../{other}/{page}.html",
                },
            ],
            "language_action": "",
            "home": "cockpit.html",
            "sign_out": "sign_in.html",
        },
        "me": {
            "name": both("陈主任", "Director Chen"),
            "role": both("村儿童主任", "Village child director"),
            "place": both("火炉镇车坝村", "Cheba, Huolu"),
            "href": None,
        },
        "nav": [
            {"key": key, "href": f"{href}.html", "current": key == section, "count": count}
            for key, href, count in _NAV
        ],
    }


def render(page: str, language: str) -> str:
    """One page of the book. Django must be set up with `settings()`."""
    from django.template.loader import render_to_string
    from django.test import RequestFactory
    from django.utils import translation

    template, section, context = PAGES[page]
    with translation.override(language):
        request = RequestFactory().get(f"/{page}")
        return render_to_string(template, {**common(page, section, language), **context()}, request=request)


def set_up() -> None:
    """Configure Django for the book alone."""
    import django
    from django.conf import settings as django_settings

    if not django_settings.configured:
        django_settings.configure(**settings())
        django.setup()


def write(out: Path) -> int:
    """Write the book: a folder per language, the static files once, an index. Returns the number of pages."""
    import shutil

    from django.contrib.staticfiles.finders import get_finders

    for finder in get_finders():
        for path, storage in finder.list([]):
            target = out / "static" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(storage.path(path), target)
    for language in LANGUAGES:
        (out / language).mkdir(parents=True, exist_ok=True)
        for page in PAGES:
            markup = (
                render(page, language)
                .replace('href="/static/', 'href="../static/')
                .replace('src="/static/', 'src="../static/')
            )
            (out / language / f"{page}.html").write_text(markup, encoding="utf-8")
    links = "".join(
        f'<li><a href="{lang}/{page}.html">{lang} {page}</a></li>' for page in PAGES for lang in LANGUAGES
    )
    (out / "index.html").write_text(
        f'<!doctype html><meta charset="utf-8"><title>Yimi</title><ul>{links}</ul>', encoding="utf-8"
    )
    return len(PAGES) * len(LANGUAGES)
