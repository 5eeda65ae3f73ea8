"""Settings of the staff site."""

from __future__ import annotations

from django.urls import reverse_lazy

from yimi.sites.shared_settings import *  # noqa: F403
from yimi.sites.shared_settings import ENVIRONMENT, SILENCED_SYSTEM_CHECKS, YIMI_APPS

ROOT_URLCONF = "yimi.sites.staff.urls"
WSGI_APPLICATION = "yimi.sites.staff.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_cotton",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    *YIMI_APPS,
    "yimi.sites",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "yimi.sites.security.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "yimi.sites.access.AccessMiddleware",  # last: nothing may answer after the read audit is written
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "yimi.sites.context.staff",
            ],
        },
    }
]
COTTON_DIR = "cotton"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "yimi.apps.accounts.sign_in.AppointedBackend",
]
PASSWORD_HASHERS = ["yimi.apps.accounts.sign_in.Argon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("sign-in")
CSRF_FAILURE_VIEW = "yimi.sites.access.stale_form"

# allauth gives the second factor; its own pages (sign-up among them) are not served.
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "yimi.apps.accounts.sign_in.ClosedAdapter"
MFA_SUPPORTED_TYPES = ["totp"]
MFA_ADAPTER = "yimi.apps.accounts.sign_in.SealedAdapter"
MFA_TOTP_ISSUER = "Yimi"
MFA_TOTP_TOLERANCE = 1  # a code read at the end of its half minute still lets in (RFC 6238, section 5.2)

AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]  # a township shares one address: never lock all of it
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code"]
AXES_LOCKOUT_CALLABLE = "yimi.sites.access.locked_out"
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "axes.W006"]  # the lock-out is by name, see above

SESSION_ENGINE = "yimi.apps.accounts.sessions"
SESSION_COOKIE_AGE = 10 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
YIMI_IDLE_SECONDS = 15 * 60 if not ENVIRONMENT.demo else 10 * 3600

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
