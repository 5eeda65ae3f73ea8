"""Who is signed in, kept in the database: asked on every page, so by a query that is put together once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from yimi.apps.prepared import prepared


class SessionStore(db.SessionStore):
    """Django's own, but for how a session is found."""

    def load(self) -> dict[str, Any]:
        found = _live(self.session_key, timezone.now()) if self.session_key else []
        if not found:
            self._session_key = None  # as Django's: an unknown key is not taken over
            return {}
        known: dict[str, Any] = self.decode(found[0][0])
        return known


@prepared
def _live(key: str, now: datetime) -> QuerySet[Session, tuple[str]]:
    return Session.objects.filter(session_key=key, expire_date__gt=now).values_list("session_data")
