"""What pages keep of one another: the frame by all that stands in it, a ledger's row by all that it says."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from tests.cast import AT, DAY, XIAOYU, as_

from yimi.apps.places.models import PlaceParent
from yimi.apps.places.selectors import subtree
from yimi.apps.register import actions as register
from yimi.apps.register.models import Child
from yimi.sites.rows import Row
from yimi.sites.templatetags.chips import ledger_rows

COLUMN = [{"id": "a", "label": {"zh": "甲", "en": "A"}, "kind": "text"}]


def masthead(page: str) -> str:
    found = re.search(r'<header class="masthead">.*?</header>', page, re.DOTALL)
    assert found
    return found[0]


def test_each_person_sees_the_own_frame_at_the_place_where_it_is(town: Any, sign_in: Any) -> None:
    chen = sign_in("chen")
    at_children, at_work = (masthead(chen.get(each).content.decode()) for each in ("/children/", "/work/"))
    assert 'href="/children/" aria-current="page"' in at_children and "陈" in at_children
    assert 'href="/work/" aria-current="page"' in at_work and at_children != at_work
    assert masthead(chen.get("/children/").content.decode()) == at_children
    chen.post("/language/", {"language": "en", "next": "/children/"})
    assert "Children" in masthead(chen.get("/children/").content.decode())
    chen.post("/language/", {"language": "zh-hans"})
    liu = masthead(sign_in("liu").get("/children/").content.decode())
    assert "陈" not in liu and "刘" in liu


def test_what_is_kept_of_a_page_holds_nothing_of_a_request(town: Any, sign_in: Any) -> None:
    page = sign_in("liu").get("/children/?q=某").content.decode()
    tokens = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert len(tokens) == 2 and len(set(tokens)) == 1  # of the frame and of the search by number
    kept = " ".join(map(str, caches["template_fragments"]._cache.values()))  # type: ignore[attr-defined]
    assert kept and tokens[0] not in kept and "某" not in kept
    assert 'name="next" value="/children/?q=' in page and 'formaction="/sign-out/"' in page


def test_the_token_of_the_frame_signs_out(town: Any, sign_in: Any, client: Any) -> None:
    page = sign_in("liu").get("/work/").content.decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
    client.handler.enforce_csrf_checks = True
    assert client.post("/sign-out/", {"next": "/work/"}).status_code == 403
    assert client.post("/sign-out/", {"csrfmiddlewaretoken": token, "next": "/work/"}).status_code == 302
    assert "sign-in" in client.get("/work/").headers["Location"]


def test_a_row_is_drawn_once_and_anew_for_what_changed() -> None:
    made: list[str] = []

    def row(name: str) -> Row:
        def cells() -> list[Any]:
            made.append(name)
            return [{"zh": name, "en": f"{name} <b>"}]

        return Row((name,), cells)

    first = ledger_rows([row("某甲"), row("某乙")], COLUMN, "")
    assert ledger_rows([row("某乙"), row("某甲")], COLUMN, "").count("<tr>") == 2
    assert made == ["某甲", "某乙"] and first.count('<th scope="row" class="k-text">') == 2
    with translation.override("en"):
        assert "某甲 &lt;b&gt;" in ledger_rows([row("某甲")], COLUMN, "")
    assert "k-tag" in ledger_rows([row("某甲")], [{**COLUMN[0], "kind": "tag"}], "")


def test_a_list_shows_what_was_corrected(town: Any, sign_in: Any) -> None:
    client = sign_in("chen")
    assert "2020-01-15" not in client.get("/children/", {"q": "小雨"}).content.decode()
    born = Child.objects.get(subject__uid=XIAOYU).birth_date - timedelta(days=400)
    register.correct_birth_date(uid=str(XIAOYU), birth_date=born, reason="户口簿", by=as_("ran"), at=AT)
    assert born.isoformat() in client.get("/children/", {"q": "小雨"}).content.decode()


def test_the_tree_is_put_together_again_when_a_place_moves(town: Any) -> None:
    village, home, other = town.chen_village, "500156101", "500156102"
    assert village in subtree({home}, DAY) and village not in subtree({other}, DAY)
    with CaptureQueriesContext(connection) as asked:
        assert subtree({village}, DAY) == {village}
    assert len(asked) == 1
    PlaceParent.objects.filter(place_id=village, valid_to=None).update(parent_id=other)
    assert village in subtree({other}, DAY) and village not in subtree({home}, DAY)
    PlaceParent.objects.filter(place_id=village).update(valid_to=DAY, valid_from=DAY - timedelta(days=9))
    assert village not in subtree({other}, DAY) and village in subtree({other}, DAY - timedelta(days=1))
