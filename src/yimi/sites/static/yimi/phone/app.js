// The app: what is known, what stands on the screen, and what happens when. Everything else is in the modules below.

import { button, h } from "./dom.js";
import { blank, formScreen, packed, unpacked } from "./form.js";
import { barContent, childScreen, formHead, listScreen, mayLeave, whyScreen } from "./screens.js";
import { seal, toBase64 } from "./seal.js";
import * as store from "./store.js";
import { ask, hurry, sendAll } from "./sync.js";
import { say, speak, spoken } from "./words.js";

const MINUTE = 60_000;
const PATIENCE = 3_000; // milliseconds the server has to say whose phone it is before the list of before is shown
const TYPING = 400; // milliseconds of rest before a half-filled form is kept

const main = document.getElementById("main");
const bar = document.getElementById("outbox");
const head = document.getElementById("head");

const known = {
  list: null, // {lease, filled, fetched, ends}
  why: "loading", // why there is none
  note: "", // on the list, beside what renews it
  saved: false, // a form was saved just now
  search: "",
  checked: 0, // when the server last said who that is
  session: null, // {person, csrf}: who is signed in, as the server said during this visit
  waiting: [],
  how: "nothing",
  busy: false,
  lastSent: null,
  held: {}, // by person, how many forms the server has but could not enter
  persisted: false,
};
let screen = { name: "list" }; // list, child {child}, form {child, form, state, dirty, close}

// --- what stands on the screen ------------------------------------------------------------------------------

/** `focus`: the title is read next, and the page begins at its top; else everything stays where it was. */
function draw({ focus = false } = {}) {
  document.title = `${say("app")} · ${say("yimi")}`;
  drawHead();
  drawBar();
  if (screen.name === "form") return; // it keeps itself, and what is typed in it
  if (!known.list) screen = { name: "list" };
  const at = main.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  main.replaceChildren(content());
  if (focus) focusTitle();
  else if (at) focusKey(at);
}

const focusKey = (key) => main.querySelector(`[data-key="${key}"]`)?.focus({ preventScroll: true });

function content() {
  const { list } = known;
  if (!list) return whyScreen(known.why, { renew: getList, signOut: known.session && navigator.onLine ? signOut : null, note: known.note });
  if (screen.name === "child") return childScreen(list, screen.child, { fill: beginForm, back, saved: known.saved });
  const { note, persisted, saved } = known;
  const search = (text) => { known.search = text; };
  return listScreen(list, { open: openChild, renew: getList, note, persisted, saved, search, sought: known.search });
}

function focusTitle() {
  window.scrollTo(0, 0);
  main.querySelector("h1")?.focus({ preventScroll: true });
}

function drawHead() {
  head.replaceChildren(
    button(say("other_language"), changeLanguage, "plain", { lang: spoken() === "zh" ? "en" : "zh-Hans" }),
    ...(known.list ? [button(say("lock"), lockNow, "lock")] : []),
  );
  document.getElementById("name").textContent = say("app");
  const demo = known.list?.lease.demo;
  document.getElementById("demo").replaceChildren(
    ...(demo ? [h("div", { class: "demo-banner", role: "note" }, h("strong", {}, say("demo_title")), h("span", {}, say("demo_text")))] : []),
  );
}

function drawBar() {
  bar.setAttribute("aria-label", say("bar"));
  const person = known.list?.lease.person.uid ?? known.session?.person ?? null;
  const mine = person ? known.waiting.filter((each) => each.person === person) : known.waiting;
  const others = person ? known.waiting.filter((each) => each.person !== person) : [];
  const content = barContent(
    { mine, others, how: known.how, busy: known.busy, online: navigator.onLine, lastSent: known.lastSent, held: known.held[person] ?? 0 },
    { send: () => { hurry(); send(); }, checked: () => heldSeen(person) },
  ).filter(Boolean);
  // What has not changed is not read out again.
  const markup = content.map((each) => each.outerHTML).join("");
  if (bar.innerHTML !== markup) bar.replaceChildren(...content);
}

/** The page of what was held tells how many are left. */
async function heldSeen(person) {
  known.held = { ...known.held, [person]: 0 };
  await store.note({ held: known.held });
}

// The address never changes: a browser's history would keep which child and which form it was.
function go(next) {
  history.pushState({ inside: true }, "");
  Object.assign(screen, { scroll: window.scrollY, key: document.activeElement?.dataset.key });
  screen = { ...next, before: screen };
  if (next.name !== "form") draw({ focus: true });
}
const back = () => history.back();

window.addEventListener("popstate", async () => {
  if (screen.name === "form" && screen.dirty) {
    history.pushState({ inside: true }, "");
    if (!(await mayLeave())) return;
    screen.dirty = false;
    back();
    return;
  }
  if (screen.name === "child") known.saved = false;
  await leaveForm();
  screen = screen.before ?? { name: "list" };
  checkEnd();
  draw({ focus: true });
  if (known.list && screen.scroll !== undefined) {
    window.scrollTo(0, screen.scroll);
    if (screen.key) focusKey(screen.key);
  }
});

async function changeLanguage() {
  if (screen.name === "form" && screen.dirty) await keepDraft();
  speak(spoken() === "zh" ? "en" : "zh");
  known.note = "";
  await store.note({ language: spoken() });
  if (screen.name === "form") showForm();
  draw();
}

function openChild(child) {
  Object.assign(known, { note: "", saved: false });
  go({ name: "child", child });
}

// --- a form ---------------------------------------------------------------------------------------------------

function beginForm(child, form) {
  known.saved = false;
  go({ name: "form", child, form, state: blank(form), dirty: false, restored: false });
  showForm();
  focusTitle();
}

function showForm() {
  const here = screen;
  here.close?.();
  const { element, close } = formScreen(here.form, here.state, {
    onchange: (files) => {
      if (here.saving) return;
      here.dirty = true;
      here.filesChanged ||= files;
      clearTimeout(here.clock);
      here.clock = setTimeout(keepDraft, files ? 0 : TYPING);
    },
    onsave: (answers) => saveForm(here, answers),
  });
  here.close = close;
  main.replaceChildren(...[formHead(here.form, here.child, back, here.restored)].flat(2).filter(Boolean), element);
}

/** One after the other, so that whatever deletes a draft can wait for the last one and none comes after. */
function keepDraft() {
  const here = screen;
  if (here.name !== "form" || !here.dirty || here.saving) return Promise.resolve();
  clearTimeout(here.clock);
  here.keeping = (here.keeping ?? Promise.resolve()).then(() => writeDraft(here));
  return here.keeping;
}

async function writeDraft(here) {
  const { files, ...rest } = here.state;
  const changed = here.filesChanged;
  here.filesChanged = false;
  try {
    await store.keepDraft({ ...rest, child: here.child, form: here.form }, changed ? packed(files) : null);
  } catch {
    here.filesChanged ||= changed; // no room: it stays on the screen, and saving will say so
  }
}

/** A form left behind takes its draft along, unless it was saved, which did that already. */
async function leaveForm() {
  if (screen.name !== "form") return;
  const left = screen;
  left.saving = true;
  clearTimeout(left.clock);
  left.close?.();
  await left.keeping;
  if (!left.saved) await store.dropDraft();
}

async function saveForm(here, filled) {
  here.saving = true;
  clearTimeout(here.clock);
  await here.keeping;
  try {
    await sealAndKeep(here, filled);
  } catch (error) {
    here.saving = false;
    throw error;
  }
  Object.assign(here, { dirty: false, saved: true });
  known.saved = true;
  await countWaiting();
  askToPersist();
  back();
  send();
}

async function sealAndKeep(here, { uid, occurred_on, answers, files, chosen }) {
  const { lease } = here.list ?? known.list ?? kept;
  const full = {
    uid, person: lease.person.uid, subject: here.child.uid, form: here.form.id, version: here.form.version, occurred_on, answers,
    files: mapped(files, (all) => all.map(({ name, bytes }) => ({ name, data: toBase64(bytes) }))),
    chosen, made_at: new Date().toISOString(),
  };
  const sealed = await seal(full, uid, lease.key.public);
  const list = known.list && { ...known.list, filled: { ...known.list.filled, [uid]: { subject: here.child.uid, form: here.form.id, state: "waiting" } } };
  await store.put({ uid, person: lease.person.uid, form: here.form.id, saved_at: full.made_at, tries: 0, key: lease.key.id, sealed }, list);
  if (list) known.list = kept = list;
}

const mapped = (all, change) => Object.fromEntries(Object.entries(all).map(([name, each]) => [name, change(each)]));

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") keepDraft();
  else wake().then(stillThisPerson);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // as it was left, perhaps by somebody else
});
window.addEventListener("pagehide", keepDraft);

// --- the list ---------------------------------------------------------------------------------------------------

let kept = null; // the list last known of this person: whose forms are marked as filled, and a form's own should the list end

/** Ask the server for list and token; while the phone is locked, only the token is kept, and that not for long. */
async function renew() {
  const found = await ask(new URL("list/", document.baseURI), { headers: { Accept: "application/json" } });
  if (found.kind !== "ok") {
    if (found.kind === "signed_out" || found.kind === "refused") known.session = null;
    return found.kind;
  }
  const lease = found.answer;
  known.session = { person: lease.person.uid, csrf: lease.csrf };
  known.checked = Date.now();
  const whose = await store.fact("whose");
  if (whose && whose.person !== lease.person.uid) await forget("loading");
  if (!(await store.fact("locked"))) await keepLease(lease);
  return "ok";
}

async function keepLease(lease) {
  const fetched = Date.now();
  // By the length the server gave: the phone's clock may be wrong.
  const ends = fetched + (Date.parse(lease.ends_at) - Date.parse(lease.made_at));
  const waits = new Set(known.waiting.map((each) => each.uid));
  const filled = Object.fromEntries(Object.entries(kept?.filled ?? {}).filter(([uid]) => waits.has(uid) || kept.lease.day === lease.day));
  const list = { lease, filled, fetched, ends };
  await store.keepList(list, { person: lease.person.uid, fetched, ends });
  known.list = kept = list;
}

/** By a press: fetch the list, also after locking. */
async function getList() {
  known.note = say("renewing");
  if (!known.list) known.why = "loading";
  await store.note({ locked: undefined });
  draw();
  const kind = await renew();
  if (kind === "ok") {
    known.note = "";
    askToPersist();
    send();
  } else if (known.list) {
    known.note = say({ offline: "not_renewed", signed_out: "sign_in_title", refused: "refused_title" }[kind] ?? "failed_text");
  } else {
    Object.assign(known, { why: kind, note: "" });
  }
  draw({ focus: !known.list });
}

/** The list, a half-filled form and their key are deleted; forms that wait stay. */
async function forget(why) {
  screen.saving = true;
  clearTimeout(screen.clock);
  await screen.keeping;
  await store.lock();
  screen.close?.();
  screen = { name: "list" };
  kept = null;
  Object.assign(known, { list: null, why, note: "", search: "" });
}

async function lockNow() {
  if (screen.name === "form" && screen.dirty && !(await mayLeave())) return;
  await forget("locked");
  await store.note({ locked: true });
  draw({ focus: true });
}

async function signOut() {
  const { kind } = await ask("/sign-out/", { method: "POST", headers: { "X-CSRFToken": known.session.csrf } });
  if (kind === "signed_out") Object.assign(known, { session: null, note: say("signed_out") });
  draw();
}

/** Has the list ended? A form that is being filled is finished first; what is kept of it goes at once. */
function checkEnd() {
  const { list } = known;
  if (!list || (Date.now() < list.ends && Date.now() > list.fetched - 5 * MINUTE)) return;
  const open = screen.name === "form" ? screen : null;
  if (open) Object.assign(open, { list, before: null });
  store.lock();
  Object.assign(known, { list: null, why: "ended", note: "" });
  if (!open) draw({ focus: true });
}

// --- sending ------------------------------------------------------------------------------------------------------

const session = { now: () => known.session, renew };

async function countWaiting() {
  known.waiting = await store.waiting();
}

async function send() {
  if (known.busy || !known.waiting.length) return;
  known.busy = true;
  drawBar();
  try {
    known.how = await sendAll(session, sent);
  } catch {
    known.how = "failed";
  }
  known.busy = false;
  await countWaiting();
  draw();
}

async function sent(entry, outcome) {
  known.lastSent = new Date().toISOString();
  if (outcome === "held") known.held = { ...known.held, [entry.person]: (known.held[entry.person] ?? 0) + 1 };
  await store.sent(entry.uid, { last_sent: known.lastSent, held: known.held });
  const filled = known.list?.filled[entry.uid];
  if (filled) {
    filled.state = outcome === "held" ? "held" : "sent";
    await store.keepList(known.list, { person: entry.person, fetched: known.list.fetched, ends: known.list.ends });
  }
  await countWaiting();
  draw();
}

async function wake() {
  checkEnd();
  await countWaiting();
  drawBar();
  if (navigator.onLine) await send();
}

/** In another tab somebody else may have signed in meanwhile. */
async function stillThisPerson() {
  if (!known.list || !navigator.onLine || Date.now() - known.checked < MINUTE) return;
  await renew();
  draw();
}

async function askToPersist() {
  try {
    known.persisted = (await navigator.storage?.persist?.()) ?? false;
  } catch {
    known.persisted = false;
  }
}

// --- opening --------------------------------------------------------------------------------------------------------

async function begin() {
  speak(document.documentElement.lang);
  if (!window.isSecureContext || !window.crypto?.subtle) return stop("insecure");
  try {
    await store.open(() => stop("newer"));
    speak((await store.fact("language")) ?? document.documentElement.lang);
    await store.note({ opened: Date.now() }); // can it be written to at all?
  } catch (error) {
    return stop(error.name === "VersionError" ? "newer" : "refuses"); // opened by an app that came later
  }
  register();
  [known.lastSent, known.held] = [await store.fact("last_sent"), (await store.fact("held")) ?? {}];
  known.persisted = (await navigator.storage?.persisted?.()) ?? false;
  await countWaiting();
  draw();
  await showList(await listFromBefore());
  await restoreDraft();
  window.addEventListener("online", () => { hurry(); wake(); });
  window.addEventListener("offline", drawBar);
  setInterval(wake, MINUTE);
  await send();
}

async function listFromBefore() {
  const whose = await store.fact("whose");
  if (!whose) return null;
  const list = Date.now() < whose.ends && Date.now() > whose.fetched - 5 * MINUTE ? await store.list() : null;
  if (!list) {
    await store.lock(); // ended, or not readable any more
    known.why = "ended";
  }
  return list;
}

/** The list of before stands on the screen once the server has said that it is still the same person, or says nothing. */
async function showList(before) {
  if (await store.fact("locked")) {
    known.why = "locked";
    return draw();
  }
  const ended = known.why === "ended";
  kept = before;
  const asking = navigator.onLine ? renew() : Promise.resolve("offline");
  const answer = asking.then((kind) => {
    if (kind !== "ok" && !known.list) known.why = ended && kind === "offline" ? "ended" : kind;
    return kind;
  });
  const kind = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, before ? PATIENCE : 2 * MINUTE, "offline"))]);
  if (before && kept === before && kind !== "ok") known.list = before;
  answer.then(() => draw({ focus: false }));
  draw();
}

async function restoreDraft() {
  const draft = known.list && (await store.draft());
  if (!draft) return;
  const { child, form, files, ...state } = draft;
  go({ name: "form", child, form, state: { ...state, files: unpacked(files) }, dirty: true, restored: true });
  showForm();
}

function register() {
  // Without a worker the app works as long as the page is open; a reload then needs signal.
  navigator.serviceWorker?.register(document.body.dataset.worker, { scope: document.body.dataset.scope }).catch(() => {});
}

function stop(why) {
  Object.assign(known, { list: null, why });
  screen = { name: "list" };
  drawHead();
  main.replaceChildren(whyScreen(why, {}));
  bar.hidden = true;
}

begin();
