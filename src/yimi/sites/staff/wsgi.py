"""The staff site for a WSGI server: `gunicorn yimi.sites.staff.wsgi`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yimi.sites.staff.settings")
application = get_wsgi_application()
