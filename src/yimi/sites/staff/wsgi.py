"""The staff site for a WSGI server: `gunicorn yimi.sites.staff.wsgi`."""

from __future__ import annotations

import gc
import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yimi.sites.staff.settings")
application = get_wsgi_application()


def warm_up() -> None:
    """Translate the pack and read the growth tables before somebody waits for the first child's page."""
    from yimi.apps.translated import standing
    from yimi.engines.growth import load_standard

    standing()
    load_standard("who")
    load_standard("china")
    # Pack, templates and code live as long as the process: looking through them for garbage again and again
    # costs up to a tenth of a page. Requests leave little behind that counting references does not clear.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


threading.Thread(target=warm_up, daemon=True).start()
