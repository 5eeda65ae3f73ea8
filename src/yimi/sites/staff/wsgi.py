"""The staff site for a WSGI server: `gunicorn yimi.sites.staff.wsgi`."""

from __future__ import annotations

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yimi.sites.staff.settings")
application = get_wsgi_application()


def warm_up() -> None:
    """Translate the pack before somebody waits for the first child's page."""
    from yimi.apps.evaluation import live

    live.standing()


threading.Thread(target=warm_up, daemon=True).start()
