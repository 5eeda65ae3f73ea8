"""Every address of the staff site, for every role, for every relation to the child: who gets in, who gets nothing.

The tables below are the reviewed access table. A changed verdict fails here until the table is changed on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, path
from django.utils import timezone, translation
from tests.cast import AT, DAY, DAZHUANG, XIAOYU, YUEYUE, as_, people

from yimi import cycle
from yimi.apps.accounts import actions as accounts
from yimi.apps.accounts.models import User
from yimi.apps.accounts.permissions import RULES, allow, system
from yimi.apps.register import actions as register
from yimi.sites import access

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CAST = [
    "chen",
    "qin",
    "ran",
    "deng",
    "yang",
    "zhao",
    "liu",
    "min",
    "fu",
    "he",
    "xu",
    "zhou",
    "ma",
    "song",
    "luo",
    "gao",
    "shen",
]
NOBODY = "00000000-0000-4000-8000-000000000000"

# Rule → who of the cast it lets in. Nobody else; and nobody without an account but through "public".
LETS_IN = {
    "public": {*CAST, "anonymous", "dismissed"},
    "account": {*CAST, "dismissed"},
    "staff": set(CAST),
    "children": {"chen", "qin", "ran", "deng", "yang", "zhao", "liu", "min", "fu", "xu"},
    "record": {"chen", "qin", "ran", "deng", "yang", "zhao", "liu", "min", "fu", "he", "xu", "zhou"},
    "cases": {"chen", "qin", "deng", "yang", "zhao", "liu", "min", "xu", "gao", "shen"},
    "verify": {"ran", "deng", "yang", "zhao", "liu", "min", "fu", "zhou"},
    "coordinate": {"zhou"},
    "audit": {"luo"},
    "configure": {"song"},
}
# Child → who may open the file by role and place. 小雨 lives with Chen, 大壮 with Qin, 月月 in Zhao's township.
OPENS = {
    XIAOYU: {"chen", "ran", "deng", "yang", "liu", "min", "fu", "xu"},
    DAZHUANG: {"qin", "ran", "deng", "yang", "liu", "min", "fu", "xu"},
    YUEYUE: {"zhao", "liu", "min", "fu", "xu"},
}
# What a text in an address stands for; an address with another name must be added here to be tested.
SAMPLES = {
    "measure_id": "M09", "body": "education", "indicator_id": "vaccination_coverage", "name": "immunization",
    "kind": "pathways", "scheme": "hardship", "pathway_id": "immunization", "form_id": "dose", "step": "MMR_1",
    "place": "500156101", "code": "dose", "form": "dose",
    "bill_id": "medical_bill_share", "benefit_id": "de_facto_allowance", "cascade_id": "myopia", "surveillance_id": "injury", "survey_id": "bullying", "checklist_id": "universal_preschool", "case_kind": "mandatory_report", "case_form": "police_intake", "opening": "1", "item": "1",
}  # fmt: skip


@dataclass(frozen=True)
class Route:
    route: str
    pattern: URLPattern

    @property
    def rule(self) -> str:
        return getattr(self.pattern.callback, "yimi_rule", "")

    def address(self, uid: Any) -> str:
        """An address that fits, about one child, task or record."""
        parts: dict[str, Any] = {}
        for name, converter in self.pattern.pattern.converters.items():
            is_uid = "uuid" in type(converter).__name__.lower() or name in ("uid", "batch")
            if not is_uid and name not in SAMPLES:
                pytest.fail(f"/{self.route}: say in SAMPLES what '{name}' stands for")
            parts[name] = uid if is_uid else SAMPLES[name]
        found = self.route
        for name, value in parts.items():
            for spelled in (
                f"<uuid:{name}>",
                f"<str:{name}>",
                f"<slug:{name}>",
                f"<int:{name}>",
                f"<{name}>",
            ):
                found = found.replace(spelled, str(value))
        assert "<" not in found, found
        return "/" + found


ROUTES = [Route(route, pattern) for route, pattern in access.routes()]


@pytest.fixture
def site(town: Any) -> dict[str, Client]:
    """Everybody signed in, and one person whose appointments have ended."""
    User.objects.create(username="dismissed", display_name="已离任", made_up=True)
    accounts.appoint(
        username="dismissed", role="civil_affairs_officer", organization="civil_affairs", place="500156",
        valid_from=DAY - timedelta(days=500), by=system(DAY), at=AT,
    )  # fmt: skip
    clients = {"anonymous": Client(raise_request_exception=False)}
    for username in (*CAST, "dismissed"):
        clients[username] = Client(raise_request_exception=False)
        clients[username].force_login(
            User.objects.get(username=username), backend="yimi.apps.accounts.sign_in.AppointedBackend"
        )
    accounts.end_appointments(username="dismissed", on=DAY, by=system(DAY), at=AT)
    return clients


@pytest.fixture
def nothing(client: Client) -> bytes:
    """The bytes of what does not exist."""
    response = client.get("/there/is/nothing/here/")
    assert response.status_code == 404
    return bytes(response.content)


def test_every_view_declares_a_rule_and_the_table_knows_it() -> None:
    assert access.undeclared() == []
    assert access.check_rules() == []
    assert set(LETS_IN) == set(RULES)
    assert {each.rule for each in ROUTES} <= set(LETS_IN)


def test_a_view_without_a_rule_fails_the_check_and_is_not_served(town: Any, monkeypatch: Any) -> None:
    from yimi.sites.staff import urls

    def leaky(request: Any) -> Any:
        raise AssertionError("it was served")

    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, path("leaky/", leaky)])
    with _fresh_urls():
        assert [each.id for each in access.check_rules()] == ["yimi.E001"]
        assert Client().get("/leaky/").status_code == 404


class _fresh_urls:
    """Forget the resolvers made before, and those made inside."""

    def __enter__(self) -> None:
        from django.urls import clear_url_caches

        clear_url_caches()

    def __exit__(self, *told: object) -> None:
        self.__enter__()


def test_a_rule_that_does_not_exist_cannot_be_declared() -> None:
    with pytest.raises(KeyError):
        allow("everybody")


def test_the_cast_holds_every_role_that_reads_or_decides(town: Any) -> None:
    assert {each.username for each in people()} >= set(CAST)
    for rule, allowed in LETS_IN.items():
        held = {username for username in CAST if RULES[rule].holds(as_(username, timezone.localdate()))}
        assert held == allowed & set(CAST), rule


def test_every_address_for_every_role_and_method(site: dict[str, Client], nothing: bytes) -> None:
    cycle.turn(as_of=timezone.localdate(), at=timezone.now())
    wrong = []
    for route in ROUTES:
        if route.pattern.name in ("sign-out", "sign-in", "language"):
            continue  # public, and signing out would end the walk; they have tests of their own
        address = route.address(NOBODY)
        for who, client in site.items():
            for method in METHODS if who in ("chen", "song", "anonymous", "dismissed") else ("GET", "POST"):
                response = client.generic(method, address)
                if not _as_reviewed(route, who, method, response, nothing):
                    wrong.append((route.route, who, method, response.status_code))
    assert wrong == []


def _as_reviewed(route: Route, who: str, method: str, response: Any, nothing: bytes) -> bool:
    if who in LETS_IN[route.rule]:
        return response.status_code < 500
    if who == "anonymous":
        return response.status_code == 302 and response["Location"].startswith("/sign-in/?next=")
    same = method == "HEAD" or response.content == nothing
    return response.status_code == 404 and same


CHILD_ROUTES = [each for each in ROUTES if each.route.startswith("children/<uuid:uid>/")]


@pytest.mark.parametrize("child", list(OPENS), ids=["xiaoyu", "dazhuang", "yueyue"])
def test_a_childs_file_opens_for_those_in_the_table_and_is_absent_for_everybody_else(
    site: dict[str, Client], nothing: bytes, child: Any
) -> None:
    opened = set()
    for who, client in site.items():
        response = client.get(f"/children/{child}/")
        if response.status_code == 200:
            opened.add(who)
        elif who != "anonymous":
            assert (response.status_code, response.content) == (404, nothing), who
    assert opened == OPENS[child]


def test_every_page_below_a_child_is_absent_where_the_file_is(
    site: dict[str, Client], nothing: bytes
) -> None:
    assert CHILD_ROUTES, "the child's pages have moved: name them here"
    for route in CHILD_ROUTES:
        for child, allowed in OPENS.items():
            for who in set(CAST) - allowed:
                for method in ("GET", "POST"):
                    denied = site[who].generic(method, route.address(child))
                    absent = site[who].generic(method, route.address(NOBODY))
                    assert denied.status_code in (404, 405), (route.route, who, method)
                    assert (denied.status_code, denied.content) == (absent.status_code, absent.content)
                    assert denied.status_code == 405 or denied.content == nothing


def test_denied_and_absent_carry_the_same_headers(site: dict[str, Client]) -> None:
    client = site["zhao"]
    denied, absent = client.get(f"/children/{XIAOYU}/"), client.get(f"/children/{NOBODY}/")
    drop = {"Set-Cookie"}
    assert {k: v for k, v in denied.items() if k not in drop} == {
        k: v for k, v in absent.items() if k not in drop
    }
    assert denied.content == absent.content


def test_a_refused_page_is_audited_whether_it_exists_or_not(site: dict[str, Client]) -> None:
    from yimi.apps.audit.models import Entry

    before = Entry.objects.count()
    for address in (f"/children/{XIAOYU}/", f"/children/{NOBODY}/", "/audit/"):
        site["zhao"].get(address)
    told = Entry.objects.filter(seq__gt=before, verb="refused").order_by("seq")
    assert [each.target_uid for each in told] == [str(XIAOYU), NOBODY, ""]
    assert {each.role for each in told} == {"child_supervisor"}


def test_a_block_beats_every_role(site: dict[str, Client], nothing: bytes) -> None:
    for who in ("chen", "liu"):
        user = User.objects.get(username=who)
        assert site[who].get(f"/children/{XIAOYU}/").status_code == 200
        register.block(uid=str(XIAOYU), user_id=user.pk, kind="own_family", since=DAY, by=system(DAY), at=AT)
        response = site[who].get(f"/children/{XIAOYU}/")
        assert (response.status_code, response.content) == (404, nothing)


def test_the_day_an_appointment_ends_the_next_request_is_refused(
    site: dict[str, Client], nothing: bytes
) -> None:
    assert site["ran"].get(f"/children/{XIAOYU}/").status_code == 200
    accounts.end_appointments(username="ran", on=timezone.localdate(), by=system(DAY), at=AT)
    response = site["ran"].get(f"/children/{XIAOYU}/")
    assert (response.status_code, response.content) == (404, nothing)


def test_both_languages_have_one_answer_each_for_what_is_not_there(site: dict[str, Client]) -> None:
    for language in ("zh-hans", "en"):
        with translation.override(language):
            pages = {
                bytes(site[who].get(address, headers={"accept-language": language}).content)
                for who in ("zhao", "song", "dismissed")
                for address in (f"/children/{XIAOYU}/", "/nothing/")
            }
        assert len(pages) == 1
