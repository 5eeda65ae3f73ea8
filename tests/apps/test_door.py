"""Signing in and out, the second factor, the lock-out, the audit of reading, the headers."""

from __future__ import annotations

import logging
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from tests.cast import AT, DAY, SINCE, XIAOYU, as_

from yimi.apps.accounts import actions
from yimi.apps.accounts.permissions import system
from yimi.apps.audit import append_only
from yimi.apps.audit.models import Entry
from yimi.lib.errors import BadInput, NotAllowed
from yimi.sites.security import HEADERS

PASSWORD = "correct horse battery"


@pytest.fixture
def doctor(town: Any) -> str:
    """A real account with a second factor; the secret of its phone."""
    address = actions.create_account(
        username="doctor", display_name="真医生", password=PASSWORD, by=system(DAY), at=AT
    )
    actions.appoint(
        username="doctor", role="vaccinator", organization="hospital_500156101", place="500156101", valid_from=SINCE,
        by=system(DAY), at=AT,
    )  # fmt: skip
    return address.split("secret=")[1].split("&")[0]


def code_of(secret: str, half_minute: int | None = None) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, half_minute or int(timezone.now().timestamp()) // 30))


def enter(client: Client, username: str = "doctor", password: str = PASSWORD) -> Any:
    return client.post("/sign-in/", {"username": username, "password": password})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_password_alone_does_not_let_in_and_a_code_works_once(client: Client, doctor: str) -> None:
    assert enter(client).status_code == 200
    assert not signed_in(client)
    code = code_of(doctor)
    assert client.post("/sign-in/", {"code": code}).status_code == 302
    assert signed_in(client)
    assert Entry.objects.filter(verb="sign-in", detail={"how": "password and code"}).count() == 1
    other = Client()
    enter(other)
    assert other.post("/sign-in/", {"code": code}).status_code == 422
    assert not signed_in(other)


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 302), (1, 302), (2, 422)])
def test_a_code_is_good_in_the_half_minutes_beside_its_own(
    client: Client, doctor: str, monkeypatch: pytest.MonkeyPatch, steps: int, status: int
) -> None:
    now = timezone.now().timestamp()
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", SimpleNamespace(time=lambda: now))
    enter(client)
    assert client.post("/sign-in/", {"code": code_of(doctor, int(now) // 30 + steps)}).status_code == status


def test_a_code_without_the_password_is_worth_nothing(client: Client, doctor: str) -> None:
    assert client.post("/sign-in/", {"code": code_of(doctor)}).status_code == 422
    assert not signed_in(client)


def test_six_wrong_passwords_lock_the_name_and_say_the_same_for_no_name(client: Client, doctor: str) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        last = enter(client, password="wrong")
    assert last.status_code == 429
    locked = enter(client)
    assert locked.status_code == 429
    for _ in range(settings.AXES_FAILURE_LIMIT):
        unknown = enter(Client(), username="nobody", password="wrong")
    assert (unknown.status_code, unknown.content) == (429, locked.content)


def test_wrong_codes_lock_too(client: Client, doctor: str) -> None:
    enter(client)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post("/sign-in/", {"code": "000000"})
    assert client.post("/sign-in/", {"code": code_of(doctor)}).status_code == 429
    assert not signed_in(client)


def test_production_lets_nobody_in_without_a_second_factor_or_as_the_cast(
    client: Client, doctor: str, settings: Any
) -> None:
    from allauth.mfa.models import Authenticator

    settings.YIMI_PROFILE = "production"
    Authenticator.objects.all().delete()
    assert enter(client).status_code == 422
    assert client.post("/sign-in/", {"cast": "chen"}).status_code == 422
    assert not signed_in(client)


def test_the_cast_has_no_password_to_guess(client: Client, town: Any) -> None:
    for password in ("", "chen", "None"):
        assert enter(client, username="chen", password=password).status_code == 422


def test_the_demonstration_says_that_the_second_factor_is_skipped(sign_in: Any, town: Any) -> None:
    page = sign_in("chen").get("/work/").content.decode()
    assert "演示" in page


@pytest.mark.parametrize("wanted", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_signing_in_sends_nobody_elsewhere(client: Client, town: Any, wanted: str) -> None:
    response = client.post("/sign-in/", {"cast": "zhou", "next": wanted})
    assert response["Location"] == "/"


def test_a_weak_password_and_a_taken_name_are_refused(doctor: str) -> None:
    for username, password in (("other", "short"), ("other", "password12345"), ("doctor", PASSWORD)):
        with pytest.raises(BadInput):
            actions.create_account(
                username=username, display_name="某", password=password, by=system(DAY), at=AT
            )


def test_only_an_administrator_opens_accounts_and_nobody_appoints_themselves(town: Any) -> None:
    with pytest.raises(NotAllowed):
        actions.create_account(username="x", display_name="某", password=PASSWORD, by=as_("liu"), at=AT)
    with pytest.raises(NotAllowed):
        actions.appoint(
            username="song",
            role="coordinator",
            organization="",
            place="500156",
            valid_from=DAY,
            by=as_("song"),
            at=AT,
        )


def test_a_session_left_alone_ends(sign_in: Any, town: Any) -> None:
    client = sign_in("chen")
    session = client.session
    session["yimi_seen"] = int((timezone.now() - timedelta(days=1)).timestamp())
    session.save()
    assert client.get("/work/").status_code == 302
    assert not signed_in(client)


def test_what_a_page_shows_is_audited_before_it_is_sent(sign_in: Any, town: Any) -> None:
    client = sign_in("chen")
    before = Entry.objects.count()
    assert client.get(f"/children/{XIAOYU}/").status_code == 200
    rows = Entry.objects.filter(seq__gt=before, verb="read", target_uid=str(XIAOYU))
    assert rows.count() >= 1
    assert {each.role for each in rows} == {"child_director"}


def test_a_page_whose_reading_cannot_be_audited_is_not_sent(sign_in: Any, town: Any) -> None:
    client = sign_in("chen")
    client.raise_request_exception = False
    last = Entry.objects.count()
    # The next number is taken by a row that is not in the chain: the audit cannot be written.
    Entry.objects.create(
        seq=last + 1, at=AT, actor="x", verb="x", target_kind="x", previous="0" * 64, digest="0" * 64
    )
    logging.disable(logging.ERROR)
    try:
        response = client.get(f"/children/{XIAOYU}/")
    finally:
        logging.disable(logging.NOTSET)
    assert response.status_code == 500
    assert "小雨" not in response.content.decode()
    append_only.remove(connection, "audit_entry")
    Entry.objects.filter(seq=last + 1).delete()
    append_only.install(connection, "audit_entry")


def test_every_answer_carries_the_headers(sign_in: Any, client: Client, town: Any) -> None:
    for response in (
        client.get("/sign-in/"),
        client.get("/nothing/"),
        client.get("/healthz"),
        sign_in("ran").get("/work/"),
    ):
        for name, value in HEADERS.items():
            assert response[name] == value, name
        assert response["Cache-Control"] == "no-store"
        assert response["X-Frame-Options"] == "DENY"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    static = client.get("/static/yimi/yimi.css")
    assert static.status_code == 200
    assert static["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


def test_no_page_carries_a_style_or_script_the_policy_would_stop(sign_in: Any, town: Any) -> None:
    for address in ("/work/", f"/children/{XIAOYU}/", "/children/", "/sign-in/"):
        page = sign_in("ran").get(address).content.decode()
        assert "<style" not in page
        assert " style=" not in page, address
        assert "onclick=" not in page
        assert "<script>" not in page


def test_the_health_of_the_service_says_no_more_than_ok(client: Client, town: Any) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_signing_out_forgets_the_session(sign_in: Any, town: Any) -> None:
    client = sign_in("chen")
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/work/").status_code == 302
    assert client.get("/sign-out/").status_code == 405


def test_a_language_is_kept_and_nonsense_is_not(client: Client, town: Any) -> None:
    assert "django_language" in client.post("/language/", {"language": "en"}).cookies
    assert "django_language" not in Client().post("/language/", {"language": "xx"}).cookies
    assert "Sign in" in client.get("/sign-in/").content.decode()
