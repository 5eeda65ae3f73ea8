"""The log of the web server: no line for an answer to an anonymous survey, however an access log is asked for."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger

ANSWERS = "/answer/"


class QuietLogger(Logger):
    """An address and a minute beside `/answer/` would tell who answered."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        named = (environ.get("PATH_INFO"), environ.get("HTTP_REFERER"))  # the page's own pictures name it too
        if not any(ANSWERS in f"{each or ''}/" for each in named):
            super().access(resp, req, environ, request_time)
