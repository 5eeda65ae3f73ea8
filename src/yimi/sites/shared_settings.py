"""Django settings that all sites share. A site's own settings import these and add their URLs and apps.

Nothing here is a choice an operator makes: those are in `yimi.sites.environment`.
"""

from __future__ import annotations

from typing import Any

from yimi.sites import environment

ENVIRONMENT = environment.read()

YIMI_DIR = ENVIRONMENT.directory
YIMI_KEYS_DIR = ENVIRONMENT.keys
YIMI_PROFILE = ENVIRONMENT.profile
YIMI_PACK = ENVIRONMENT.pack

SECRET_KEY = ENVIRONMENT.secret
DEBUG = False
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
DATABASES = {"default": ENVIRONMENT.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Times are stored in UTC; due dates and deadlines turn at the district's civil midnight.
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]

# The order of the line: an app may import those above it, never those below.
YIMI_APPS = [
    "yimi.apps.audit",
    "yimi.apps.accounts",
    "yimi.apps.places",
    "yimi.apps.register",
    "yimi.apps.evidence",
    "yimi.apps.cases",
    "yimi.apps.records",
    "yimi.apps.surveys",
    "yimi.apps.imports",
    "yimi.apps.alerts",
    "yimi.apps.tasks",
    "yimi.apps.plan",
    "yimi.apps.field",
]

CACHES: dict[str, Any] = {
    # On disk, so that a code of the second factor used with one worker process is used for all of them.
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(YIMI_DIR / "cache"),
    },
    # Frames of pages, by all that stands in them (templates/staff/base.html): some kilobytes each.
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}

# Whether browsers preload the site's HTTPS is the operator's choice, not a fault.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script reads it
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"  # with no-referrer a browser posts its forms from "null"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024  # a photo of a certificate never lies in a folder for all

if not ENVIRONMENT.demo:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-yimi"
    CSRF_COOKIE_NAME = "__Host-yimi-form"
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = False
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ENVIRONMENT.hosts]

# No value of a person may reach a log: Django's request log gives paths, which carry random ids only.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "axes": {"level": "ERROR"},
        "django.request": {"level": "ERROR"},  # who asked for what is not theirs stands in the audit
        "django.db.backends": {"level": "ERROR", "propagate": False},
    },
}
