"""What Django and allauth are given to let people in: hasher, backend, adapters."""

from __future__ import annotations

import base64
import os
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db.models import QuerySet

from yimi.apps.keys import key
from yimi.apps.prepared import prepared

_PURPOSE = b"yimi second factor"


class Argon2Hasher(Argon2PasswordHasher):
    """OWASP's smallest Argon2id: 19 ms a sign-in, so that a whole district can sign in at half past eight."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


class AppointedBackend(ModelBackend):
    """Passwords only: permissions are the roles of the pack, decided by `accounts.permissions`."""

    def authenticate(self, request: Any, username: Any = None, password: Any = None, **more: Any) -> Any:
        user = super().authenticate(request, username=username, password=password, **more)
        return None if user is None or getattr(user, "made_up", False) else user

    def get_user(self, user_id: int) -> Any:
        """Who is signed in: asked on every page."""
        user = next(iter(_account(user_id)), None)
        return user if user is not None and self.user_can_authenticate(user) else None


@prepared
def _account(user: int) -> QuerySet[Any]:
    return get_user_model().objects.filter(pk=user)


class ClosedAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False


class SealedAdapter(DefaultMFAAdapter):
    """Secrets of second factors are ciphertext in the database."""

    def encrypt(self, text: str) -> str:
        nonce = os.urandom(12)
        sealed = AESGCM(key("identity")[:32]).encrypt(nonce, text.encode(), _PURPOSE)
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        raw = base64.urlsafe_b64decode(encrypted_text)
        return AESGCM(key("identity")[:32]).decrypt(raw[:12], raw[12:], _PURPOSE).decode()
