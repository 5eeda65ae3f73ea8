"""Visits without signal: a list taken along, forms filled offline, sent once, held and put right, nothing left to find.

In a real browser against a served demonstration; without signal means that the browser has no network.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.journeys.browser import CHROMIUM, Person, Site, picture, served, today

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed (Debian: chromium)"),
]
TYPED = "独自在家，晚饭自己做"
FORM = "hardship_visit"

# Every value of every store, with what is in buffers read as text in the ways it could have been written.
EVERYTHING_KEPT = """async () => {
  const db = await new Promise((resolve, reject) => {
    const request = indexedDB.open("yimi-phone");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const texts = [];
  const walk = (value) => {
    if (value instanceof CryptoKey) return; // it cannot be read out
    if (value instanceof ArrayBuffer) value = new Uint8Array(value);
    if (ArrayBuffer.isView(value)) {
      for (const coding of ["utf-8", "utf-16le", "gb18030", "latin1"]) texts.push(new TextDecoder(coding).decode(value));
    } else if (value && typeof value === "object") {
      for (const [name, each] of Object.entries(value)) { texts.push(name); walk(each); }
    } else texts.push(String(value));
  };
  for (const name of [...db.objectStoreNames]) {
    const store = db.transaction(name).objectStore(name);
    const read = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    for (const key of await read(store.getAllKeys())) texts.push(`${name}/${key}`);
    walk(await read(db.transaction(name).objectStore(name).getAll()));
  }
  db.close();
  for (const [name, value] of [...Object.entries(localStorage), ...Object.entries(sessionStorage)]) texts.push(name, value);
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) {
      texts.push(request.url, await (await caches.match(request)).text());
    }
  }
  texts.push(JSON.stringify(history.state), location.href);
  return texts.join("\\n");
}"""

SIGN_OUT = """async () => {
  const button = document.querySelector("button[formaction$='/sign-out/']");
  await fetch(button.formAction, { method: "POST", body: new FormData(button.form) });
}"""
CHOOSER = """() => {
  document.body.append(Object.assign(document.createElement("input"), { type: "file", id: "chosen" }));
}"""
SMALLER = """async () => {
  const { smaller } = await import("/static/yimi/phone/photo.js");
  const { name, bytes } = await smaller(document.getElementById("chosen").files[0], 1);
  const picture = await createImageBitmap(new Blob([bytes]));
  const text = new TextDecoder("latin1").decode(bytes);
  return { name, text, size: [picture.width, picture.height], length: bytes.length };
}"""
WATCHED = """addEventListener("DOMContentLoaded", () => {
  const main = document.getElementById("main");
  new MutationObserver(() => window.shown(main.innerText)).observe(main, { childList: true, subtree: true });
});"""
OTHER_VERSION = """async () => {
  const cache = await caches.open("yimi-phone-other");
  await cache.put("/static/yimi/phone/app.js", new Response("broken"));
  await (await navigator.serviceWorker.ready).unregister();
}"""
# A cheap phone: a draft takes its time to be encrypted.
SLOW_DRAFTS = """() => {
  const encrypt = crypto.subtle.encrypt.bind(crypto.subtle);
  crypto.subtle.encrypt = async (how, ...rest) => {
    if (new TextDecoder().decode(how.additionalData) === "draft") await new Promise((done) => setTimeout(done, 700));
    return encrypt(how, ...rest);
  };
}"""
# A phone whose storage is full, for what waits only.
FULL = """() => {
  window.putBefore = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...given) {
    if (this.name === "outbox") throw new DOMException("full", "QuotaExceededError");
    return window.putBefore.apply(this, given);
  };
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("phone") / "demo", 600, workers=3) as found:
        yield found


class Phone(Person):
    """Somebody with a phone: the app open, its worker in place."""

    def __init__(self, browser: Any, site: Site, username: str, language: str = "zh-CN", **more: Any) -> None:
        super().__init__(browser, site, username, width=390, language=language, **more)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{site.address}/phone/")
        self.page.locator(".list h1").wait_for()
        self.page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        self.page.reload()  # the worker has the page now
        self.page.locator(".list h1").wait_for()
        lease = self.lease
        self.children = lease["children"]
        form = lease["forms"].get(FORM)
        self.form_name = form["name"]["en" if language == "en" else "zh"] if form else ""

    def sign_in(self, username: str) -> None:
        """Another account in the same browser."""
        self.page.goto(f"{self.site.address}/day/")
        self.page.evaluate(SIGN_OUT)
        self.page.goto(f"{self.site.address}/sign-in/")
        self.page.click(f"button[name=cast][value={username}]")
        self.page.wait_for_load_state()

    @property
    def lease(self) -> dict[str, Any]:
        """The list as the server gives it to this browser's session."""
        answer = self.context.request.get(f"{self.site.address}/phone/list/")
        assert answer.status == 200, answer.status
        return dict(answer.json())

    def no_signal(self, gone: bool = True) -> None:
        self.context.set_offline(gone)

    def wait_for_bar(self, text: str) -> None:
        self.page.locator("#outbox", has_text=text).wait_for(timeout=20_000)

    def open_form(self, child: dict[str, Any]) -> None:
        """The form of a hardship visit of a child, from the list."""
        at = [each["uid"] for each in self.children].index(child["uid"])
        self.page.locator("button.child").nth(at).click()
        self.page.locator(f".fills button[aria-label$='{self.form_name}']").first.click()
        self.page.locator("button.save").wait_for()

    def fill(self, text: str = TYPED) -> None:
        self.page.locator("[name=mode][value=home]").check()
        self.page.locator("[name=seen][value=true]").check()
        self.page.locator("textarea[name=problems]").fill(text)

    def save(self) -> None:
        self.page.locator("button.save").click()
        self.page.locator("button.save").wait_for(state="detached")

    def back_to_list(self) -> None:
        if self.page.locator(".fills").count():
            self.page.locator(".trail button").click()
        self.page.locator(".list h1").wait_for()

    def visit(self, child: dict[str, Any], text: str) -> None:
        """A whole form about a child, saved, and back on the list."""
        self.open_form(child)
        self.fill(text)
        self.save()
        self.back_to_list()

    def kept(self) -> str:
        """All that this browser keeps of the site, as text."""
        return str(self.page.evaluate(EVERYTHING_KEPT))


def records(site: Site, text: str = TYPED) -> list[tuple[Any, ...]]:
    """(uid, child, day) of every record whose answers hold a text."""
    return site.ask(
        "SELECT r.record_uid, s.uid, r.occurred_on FROM records_record r JOIN register_subject s ON s.id = r.subject_id "
        "WHERE instr(json_extract(r.answers, '$.problems'), ?) > 0",
        text,
    )


def photo() -> bytes:
    """As a phone takes it: large, and with where and with what it was taken."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(0x8825)[1] = "N"
    taken = io.BytesIO()
    Image.effect_noise((2400, 1800), 40).convert("RGB").save(taken, "JPEG", exif=exif)
    return taken.getvalue()


def sign(page: Any) -> None:
    pad = page.locator("canvas.pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(box["x"] + 30 + step * 12, box["y"] + 40 + (step % 4) * 15)
    page.mouse.up()


def test_a_visit_without_signal_arrives_once_with_photo_and_signature(site: Site, browser: Any) -> None:
    yang = Phone(browser, site, "yang")
    child = yang.children[0]
    yang.no_signal()
    yang.page.reload()
    yang.page.locator(".list h1").wait_for()
    picture(yang, "phone-list")

    yang.open_form(child)
    yang.fill()
    yang.page.locator("input[type=file]").nth(1).set_input_files(
        {"name": "IMG_20261127.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    yang.page.locator(".photos img").wait_for()
    sign(yang.page)
    picture(yang, "phone-form")
    # A call comes in, the browser is closed: what was filled in is there again.
    yang.page.wait_for_timeout(800)
    yang.page.reload()
    yang.page.get_by_text("上次没填完的内容已恢复").wait_for()
    assert yang.page.locator("textarea[name=problems]").input_value() == TYPED
    assert yang.page.locator(".photos img").count() == 1
    yang.save()
    yang.back_to_list()
    yang.wait_for_bar("1份待发送")
    yang.page.reload()
    yang.wait_for_bar("1份待发送")
    assert "已填，待发送" in yang.page.locator("button.child").first.inner_text()
    picture(yang, "phone-waiting")
    assert records(site) == []
    found = yang.kept()
    assert FORM in found, "the scan reads what is kept"
    assert TYPED not in found and "PhoneMaker" not in found
    assert not any(each["uid"] in found for each in yang.children)
    # One character may stand in sealed bytes by chance, two do not.
    names = [each["name"] for each in yang.children if len(each["name"]) > 1]
    assert names and not any(each in found for each in names)

    yang.no_signal(gone=False)
    yang.wait_for_bar("没有待发送的表")
    assert "已发送" in yang.page.locator("button.child").first.inner_text()
    ((uid, subject, day),) = records(site)
    assert UUID(subject) == UUID(child["uid"]) and day == today().isoformat()
    assert TYPED not in yang.kept()

    told = yang.text(f"/children/{child['uid']}/")
    assert TYPED in told or "困境儿童走访" in told
    files = site.ask("SELECT field FROM evidence_attachment WHERE owner_uid = ? ORDER BY field", uid)
    assert [each for (each,) in files] == ["evidence", "signature"]
    assert yang.errors == []


def test_a_photo_is_drawn_anew_and_smaller(site: Site, browser: Any) -> None:
    page = browser.new_page()
    page.goto(f"{site.address}/phone/")
    taken = photo()
    assert b"PhoneMaker" in taken and b"Exif" in taken
    page.evaluate(CHOOSER)
    page.set_input_files("#chosen", {"name": "IMG_20261127.jpg", "mimeType": "image/jpeg", "buffer": taken})
    made = page.evaluate(SMALLER)
    assert made["name"] == "photo-1.jpg" and made["size"] == [1600, 1200]
    assert "PhoneMaker" not in made["text"] and "Exif" not in made["text"] and made["length"] < len(taken)
    page.close()


def test_a_form_the_server_cannot_enter_is_held_opened_and_put_right(site: Site, browser: Any) -> None:
    yang = Phone(browser, site, "yang")
    child, text = yang.children[1], "日期写错了的走访"
    yang.no_signal()
    yang.open_form(child)
    yang.fill(text)
    yang.page.fill("#field-occurred_on", "1950-01-01")
    yang.save()
    yang.back_to_list()
    yang.no_signal(gone=False)
    yang.wait_for_bar("有1份已收到，但没能登记")
    assert records(site, text) == [] and "没有待发送的表" in yang.page.locator("#outbox").inner_text()
    picture(yang, "phone-held")

    yang.page.locator("#outbox a", has_text="去核对").click()
    yang.page.wait_for_load_state()
    assert yang.page.url.endswith("/phone/held/")
    yang.page.locator("a[href*='/record/hardship_visit/']").first.click()
    yang.page.wait_for_load_state()
    assert yang.page.locator("textarea[name=problems]").input_value() == text
    yang.page.fill("input[name=occurred_on]", today().isoformat())
    with yang.page.expect_navigation():
        yang.page.locator("main form.form .buttons button.primary").click()
    yang.page.get_by_text("已保存").first.wait_for()
    ((_, subject, day),) = records(site, text)
    assert UUID(subject) == UUID(child["uid"]) and day == today().isoformat()
    assert yang.open("/phone/held/").locator("a[href*='/record/hardship_visit/']").count() == 0


def test_a_doctor_refers_a_child_from_a_village_without_signal(site: Site, browser: Any) -> None:
    deng = Phone(browser, site, "deng")
    page, child = deng.page, deng.children[-1]
    need = deng.lease["forms"]["referral_sent"]["fields"][0]["options"][0]["code"]
    deng.no_signal()
    # More than ten children: one is found by name.
    page.fill("#search", child["name"])
    page.locator("button.child", has_text=child["name"]).last.click()
    page.locator(".fills button[aria-label$='转介单']").click()
    page.locator("button.save").click()
    assert "请填写接收单位" in page.locator(".error-summary").inner_text()
    page.locator(".error-summary a", has_text="接收单位").click()
    assert page.evaluate("document.activeElement.id") == "field-to-receiver"
    page.select_option("select#field-to-receiver", "civil_affairs")
    for name, value in {"need": need, "urgency": "normal"}.items():
        choice = page.locator(f"[name={name}]")
        if choice.first.evaluate("each => each.tagName") == "SELECT":
            choice.select_option(value)
        else:
            (page.locator(f"[name={name}][value='{value}']") if name == "need" else choice.first).check()
    page.fill("textarea[name=reason]", "村里没有信号时写的转介理由")
    deng.save()
    before = site.ask("SELECT count(*) FROM cases_case WHERE kind = 'referral'")
    deng.no_signal(gone=False)
    deng.wait_for_bar("没有待发送的表")
    assert "有1份" not in page.locator("#outbox").inner_text(), "it was not held"
    assert site.ask("SELECT count(*) FROM cases_case WHERE kind = 'referral'")[0][0] == before[0][0] + 1


def test_fields_come_and_go_with_the_answers(site: Site, browser: Any) -> None:
    deng = Phone(browser, site, "deng")
    page = deng.page
    deng.no_signal()
    page.locator("button.child").first.click()
    page.locator(".fills button[aria-label$='儿童健康检查']").first.click()
    asked = page.locator(".field", has=page.locator("[name=measured]"))
    height = page.locator("input[name=height_cm]")
    asked.first.wait_for(state="hidden")
    height.fill("８０．５")
    asked.first.wait_for(state="visible")
    height.fill("")
    asked.first.wait_for(state="hidden")
    height.fill("900")
    page.locator("button.save").click()
    assert "身长（身高）应在20至220" in page.locator(".error-summary").inner_text()


def test_a_locked_phone_has_no_list_no_draft_and_no_key(site: Site, browser: Any) -> None:
    yang = Phone(browser, site, "yang")
    text = "锁定前写的字"
    yang.open_form(yang.children[0])
    yang.fill(text)
    yang.page.wait_for_timeout(800)
    before = yang.kept()
    assert text not in before and "hidden/draft" in before
    yang.page.locator("button.lock").click()
    yang.page.locator("dialog button", has_text="不保存，离开").click()
    yang.page.get_by_role("heading", name="已锁定").wait_for()
    found = yang.kept()
    assert "hidden/" not in found and "facts/key" not in found and "facts/whose" not in found
    assert text not in found and not any(each["uid"] in found for each in yang.children)
    # It stays locked until somebody asks for the list again.
    yang.page.reload()
    yang.page.get_by_role("heading", name="已锁定").wait_for()
    yang.page.get_by_role("button", name="取今天的名单").click()
    yang.page.locator(".list h1").wait_for()


def test_two_accounts_on_one_phone_each_send_their_own(site: Site, browser: Any) -> None:
    yang = Phone(browser, site, "yang")
    child, text = yang.children[0], "换人之前填的表"
    yang.no_signal()
    yang.visit(child, text)
    yang.page.close()  # a page that is only left behind may still send, as yang, when the signal comes back
    yang.no_signal(gone=False)
    yang.page = yang.context.new_page()

    yang.sign_in("deng")
    yang.page.goto(f"{site.address}/phone/")
    yang.page.locator(".list h1").wait_for()
    yang.wait_for_bar("手机里还有1份是另一位工作人员填的")
    assert text not in yang.kept() and child["uid"] not in yang.kept()
    assert "邓医生" in yang.page.locator(".title").inner_text()
    yang.page.wait_for_timeout(1500)
    assert records(site, text) == [], "deng does not send what yang filled"

    yang.sign_in("yang")
    shown: list[str] = []
    yang.page.expose_function("shown", lambda text: shown.append(text))
    yang.page.add_init_script(WATCHED)
    yang.page.goto(f"{site.address}/phone/")
    yang.wait_for_bar("没有待发送的表")
    assert len(records(site, text)) == 1
    # Not for a moment did the list of the one before stand there.
    assert shown and not any("邓医生" in each for each in shown) and "杨督导员" in shown[-1]


def test_with_half_of_the_answers_lost_each_form_arrives_once(site: Site, browser: Any) -> None:
    yang = Phone(browser, site, "yang")
    texts = [f"断续信号第{each}份" for each in range(6)]
    yang.no_signal()
    for at, text in enumerate(texts):
        yang.visit(yang.children[at % 3], text)
    yang.wait_for_bar("6份待发送")
    posts = []

    def half(route: Any) -> None:
        posts.append(route.request.post_data_json["uid"])
        answer = route.fetch()
        if len(posts) % 2:
            route.abort()  # the server has it, the phone does not know
        else:
            route.fulfill(response=answer)

    yang.page.route("**/phone/records/", half)
    yang.no_signal(gone=False)
    for _ in range(20):
        yang.page.wait_for_timeout(300)
        if "没有待发送的表" in yang.page.locator("#outbox").inner_text():
            break
        again = yang.page.locator("#outbox button:not(:disabled)")
        if again.count():
            again.click()
    yang.wait_for_bar("没有待发送的表")
    assert len(posts) > len(texts) and len(set(posts)) == len(texts)
    assert [len(records(site, text)) for text in texts] == [1] * len(texts)


def test_a_new_session_or_none_keeps_the_form_until_it_can_go(site: Site, browser: Any) -> None:
    yang = Phone(browser, site, "yang")
    texts = ["旧令牌的表", "没有登录时的表"]
    other = yang.context.new_page()

    def sign_out() -> None:
        other.goto(f"{site.address}/day/")
        other.evaluate(SIGN_OUT)

    with yang.page.expect_response("**/phone/list/"):
        yang.page.locator("button.renew").click()
    # Signed in anew in another tab: the token of before is refused, one look at the list brings the new one.
    sign_out()
    other.goto(f"{site.address}/sign-in/")
    other.click("button[name=cast][value=yang]")
    other.wait_for_load_state()
    yang.page.bring_to_front()  # what stands behind another tab is slow
    statuses: list[int] = []
    yang.page.on(
        "response", lambda answer: statuses.append(answer.status) if "/phone/records/" in answer.url else None
    )
    yang.visit(yang.children[0], texts[0])
    yang.wait_for_bar("没有待发送的表")
    assert statuses == [403, 200] and len(records(site, texts[0])) == 1

    # Signed out: nothing is lost, and the bar says what to do.
    sign_out()
    yang.page.bring_to_front()
    yang.visit(yang.children[0], texts[1])
    yang.wait_for_bar("登录后才能发送")
    assert records(site, texts[1]) == []
    yang.page.locator("#outbox a", has_text="登录").click()
    yang.page.click("button[name=cast][value=yang]")
    yang.page.wait_for_url("**/phone/")
    yang.wait_for_bar("没有待发送的表")
    assert len(records(site, texts[1])) == 1


def test_a_list_ends_after_a_day_but_not_a_form_that_is_being_filled(site: Site, browser: Any) -> None:
    yang = Phone(browser, site, "yang")
    text = "到期时正在填的表"
    yang.no_signal()
    yang.open_form(yang.children[0])
    yang.fill(text)
    yang.page.wait_for_timeout(800)
    yang.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=24, minutes=1))
    yang.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    yang.page.wait_for_timeout(300)
    assert "hidden/" not in yang.kept(), "list and draft are gone at once"
    yang.save()
    yang.page.get_by_role("heading", name="名单已到期").wait_for()
    yang.wait_for_bar("1份待发送")
    yang.page.reload()
    yang.page.get_by_role("heading", name="名单").wait_for()
    yang.no_signal(gone=False)
    yang.wait_for_bar("没有待发送的表")
    assert len(records(site, text)) <= 1


def test_what_the_phone_cannot_keep_stays_on_the_screen(site: Site, browser: Any) -> None:
    yang = Phone(browser, site, "yang")
    text = "存不下的表"
    yang.no_signal()
    yang.open_form(yang.children[0])
    yang.fill(text)
    yang.page.evaluate(FULL)
    yang.page.locator("button.save").click()
    yang.page.get_by_text("手机没有存下这张表").wait_for()
    assert yang.page.locator("textarea[name=problems]").input_value() == text
    yang.page.evaluate("() => { IDBObjectStore.prototype.put = window.putBefore; }")
    yang.save()
    yang.wait_for_bar("1份待发送")


def test_a_saved_form_leaves_no_draft_behind_even_in_a_hurry(site: Site, browser: Any) -> None:
    yang = Phone(browser, site, "yang")
    yang.no_signal()
    yang.open_form(yang.children[0])
    yang.fill("匆忙保存的表")
    yang.page.evaluate(SLOW_DRAFTS)
    # The browser goes to the back, which keeps the draft, in the moment of saving.
    yang.page.evaluate(
        "() => { dispatchEvent(new Event('pagehide')); document.querySelector('button.save').click(); }"
    )
    yang.wait_for_bar("1份待发送")
    yang.page.wait_for_timeout(1500)
    assert "hidden/draft" not in yang.kept()
    yang.page.reload()
    yang.page.locator(".list h1").wait_for()
    assert yang.page.locator("button.save").count() == 0


def test_a_new_app_finds_every_form_that_waits(site: Site, browser: Any) -> None:
    yang = Phone(browser, site, "yang")
    text = "更新之前填的表"
    yang.no_signal()
    yang.visit(yang.children[0], text)
    yang.page.route("**/phone/list/", lambda route: route.abort())
    yang.page.route("**/phone/records/", lambda route: route.abort())
    yang.no_signal(gone=False)
    # The files of another version are there, and the worker comes anew, as after an update of the site.
    yang.page.evaluate(OTHER_VERSION)
    yang.page.reload()
    yang.wait_for_bar("1份待发送")
    kept = yang.page.evaluate("async () => { await navigator.serviceWorker.ready; return caches.keys(); }")
    for _ in range(50):
        if len(kept) == 1:
            break
        yang.page.wait_for_timeout(100)
        kept = yang.page.evaluate("() => caches.keys()")
    assert len(kept) == 1 and kept[0].startswith("yimi-phone-") and kept != ["yimi-phone-other"]
    yang.no_signal()
    yang.page.reload()
    yang.wait_for_bar("1份待发送")
    yang.page.unroute_all()
    yang.no_signal(gone=False)
    yang.wait_for_bar("没有待发送的表")
    assert len(records(site, text)) == 1


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_screen_is_clean_for_axe_and_fits(site: Site, browser: Any, language: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    yang = Phone(browser, site, "yang", language=language, bypass_csp=True)
    found: list[Any] = []

    def look(name: str) -> None:
        picture(yang, f"phone-{name}-{language[:2]}")
        wide = yang.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, name
        for each in Axe().run(yang.page).response["violations"]:
            found.append((name, each["id"], [node["target"] for node in each["nodes"][:3]]))

    look("list")
    yang.page.locator("button.child").first.click()
    yang.page.locator(".fills").first.wait_for()
    look("child")
    yang.page.locator(".trail button").click()
    yang.open_form(yang.children[0])
    yang.page.locator("button.save").click()
    yang.page.locator(".error-summary:not([hidden])").wait_for()
    assert yang.page.evaluate("document.activeElement.className") == "error-summary"
    look("errors")
    yang.fill()
    yang.page.go_back()
    yang.page.locator("dialog").wait_for()
    look("leave")
    yang.page.keyboard.press("Escape")
    assert yang.page.locator("button.save").count() == 1, "escape stays in the form"
    yang.page.locator("button.lock").click()
    yang.page.locator("dialog button").nth(1).click()
    yang.page.locator(".why h1").wait_for()
    look("locked")
    assert found == [] and yang.errors == []


@pytest.mark.parametrize(
    ("missing", "heading"),
    [
        ("Object.defineProperty(window, 'isSecureContext', { value: false })", "这个地址不能带表入户"),
        ("indexedDB.open = () => { throw new DOMException('', 'SecurityError'); }", "浏览器不让本页保存数据"),
    ],
)
def test_a_browser_that_cannot_keep_a_form_says_so(
    site: Site, browser: Any, missing: str, heading: str
) -> None:
    page = browser.new_page(locale="zh-CN")
    page.add_init_script(missing)
    page.goto(f"{site.address}/phone/")
    page.get_by_role("heading", name=heading).wait_for()
    page.close()


def test_by_keyboard_alone(site: Site, browser: Any) -> None:
    yang = Phone(browser, site, "yang")
    text = "只用键盘填的表"
    page = yang.page
    page.locator("button.child").first.focus()
    page.keyboard.press("Enter")
    page.locator(".fills").first.wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    page.locator(f".fills button[aria-label$='{yang.form_name}']").first.focus()
    page.keyboard.press("Enter")
    page.locator("button.save").wait_for()
    page.locator("[name=mode]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.locator("textarea[name=problems]").focus()
    page.keyboard.insert_text(text)
    page.locator("button.save").focus()
    page.keyboard.press("Enter")
    page.locator("button.save").wait_for(state="detached")
    yang.wait_for_bar("没有待发送的表")
    assert len(records(site, text)) == 1
