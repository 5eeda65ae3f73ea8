"""The staff site for a WSGI server: `gunicorn yimi.sites.staff.wsgi`."""

from __future__ import annotations

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yimi.sites.staff.settings")
application = get_wsgi_application()


def warm_up() -> None:
    """Plan the queries of a child's page before somebody waits for the first one."""
    from django.utils import timezone

    from yimi.apps.evaluation import live

    live.warm_up(timezone.localdate())


threading.Thread(target=warm_up, daemon=True).start()
