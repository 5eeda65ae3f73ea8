// Sends the forms that wait, one at a time. A form leaves the phone only once the server has said that it has it:
// the same form sent twice is one record there.

import { toBase64 } from "./seal.js";
import * as store from "./store.js";

const PATIENCE = 60_000; // milliseconds for one answer
const FIRST_PAUSE = 30_000; // after a failure, doubled each time
const LONGEST_PAUSE = 15 * 60_000;
const TAKEN = ["stored", "repeated", "held"];

/** A request that neither follows the way to the sign-in page nor waits for ever. `{kind, answer, status}`. */
export async function ask(url, more = {}) {
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const response = await fetch(url, { redirect: "manual", credentials: "same-origin", cache: "no-store", signal: stop.signal, ...more });
    if (response.type === "opaqueredirect") return { kind: "signed_out" };
    if (response.status === 403 || response.status === 404) return { kind: "refused", status: response.status };
    if (!response.ok) return { kind: "failed", status: response.status };
    return { kind: "ok", answer: await response.json() };
  } catch (error) {
    return { kind: error instanceof SyntaxError ? "failed" : "offline" };
  } finally {
    clearTimeout(clock);
  }
}

const pauses = new Map(); // uid → {until, length}: this visit of the page only

function pause(uid) {
  const length = Math.min(LONGEST_PAUSE, (pauses.get(uid)?.length ?? FIRST_PAUSE / 2) * 2);
  pauses.set(uid, { until: Date.now() + length, length });
}

export const hurry = () => pauses.clear();

/**
 * Send what this person filled and the phone still has. `session`: `{now(): {person, csrf} or null, renew(): kind}`.
 * `sent(entry, outcome)` is called after each. Answers how it ended: "ok", "nothing", "offline", "signed_out",
 * "refused", "failed" or "too_large".
 */
export async function sendAll(session, sent) {
  if (!navigator.locks) return round(session, sent);
  return navigator.locks.request("yimi-phone-send", { ifAvailable: true }, (lock) => (lock ? round(session, sent) : "nothing"));
}

async function round(session, sent) {
  const waiting = await store.waiting();
  if (!waiting.length) return "nothing";
  if (!session.now()) {
    const kind = await session.renew();
    if (kind !== "ok") return kind;
  }
  const { person } = session.now();
  let ended = "nothing";
  for (const entry of waiting.filter((each) => each.person === person)) {
    if ((pauses.get(entry.uid)?.until ?? 0) > Date.now()) continue;
    const kind = await sendOne(entry.uid, session, person, sent);
    if (kind !== "ok") await store.tried(entry.uid);
    if (["offline", "signed_out", "refused"].includes(kind)) return kind; // what stops one stops all
    if (kind !== "ok") pause(entry.uid);
    ended = kind === "ok" && ended !== "nothing" ? ended : kind;
  }
  return ended;
}

async function sendOne(uid, session, person, sent) {
  const entry = await store.sealedForm(uid);
  if (!entry) return "ok"; // another tab was faster
  let found = await post(entry, session.now().csrf);
  if (found.kind === "refused") {
    // The token is of a session before; the list brings the one of now, and tells whose session it is.
    const kind = await session.renew();
    if (kind !== "ok") return kind;
    if (session.now().person !== person) return "refused";
    found = await post(entry, session.now().csrf);
  }
  if (found.kind !== "ok") return found.status === 413 ? "too_large" : found.kind;
  const { outcome } = found.answer;
  if (found.answer.uid !== uid || !TAKEN.includes(outcome)) return "failed";
  pauses.delete(uid);
  await sent(entry, outcome);
  return "ok";
}

const post = (entry, csrf) =>
  ask(new URL("records/", document.baseURI), {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify({ key: entry.key, uid: entry.uid, sealed: toBase64(entry.sealed) }),
  });
