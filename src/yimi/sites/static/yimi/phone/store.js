// What the phone keeps, all in one database of the browser: the list and a half-filled form, readable only under the
// key beside them; forms that wait, sealed for the server; and a few facts that tell nothing of a child.

import { hide, newKey, reveal } from "./seal.js";

const NAME = "yimi-phone";
// Each version adds to the one before; a form that waits outlives every update of the app.
const STEPS = [
  (db) => {
    db.createObjectStore("facts"); // language, key, whose list it is and until when, what was sent last
    db.createObjectStore("hidden"); // under the key: list, draft, photos of the draft
    db.createObjectStore("outbox", { keyPath: "uid" }); // {uid, person, form, saved_at, tries, key, sealed}
  },
];

let opened = null;

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Open the database; raises where the browser keeps nothing. `onnewer`: another tab has a newer app. */
export async function open(onnewer) {
  const request = indexedDB.open(NAME, STEPS.length);
  request.onupgradeneeded = (event) => STEPS.slice(event.oldVersion).forEach((step) => step(request.result));
  opened = await settled(request);
  opened.onversionchange = () => {
    opened.close();
    onnewer();
  };
}

/** All of `work(stores)` or nothing of it. */
function together(names, work) {
  return new Promise((resolve, reject) => {
    const transaction = opened.transaction(names, "readwrite", { durability: "strict" });
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
    work(Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)])));
  });
}

const read = (store, key) => settled(opened.transaction(store).objectStore(store).get(key));

export const fact = (name) => read("facts", name);

/** Facts to keep; undefined takes one away. */
export const note = (facts) =>
  together(["facts"], (stores) => {
    for (const [name, value] of Object.entries(facts)) {
      if (value === undefined) stores.facts.delete(name);
      else stores.facts.put(value, name);
    }
  });

// --- the list ------------------------------------------------------------------------------------------

/** The list that is kept, or null: `{lease, filled, fetched, ends}`. */
export const list = async () => shown("list");

/** Keep a list; `whose`: `{person, fetched, ends}`, readable so that an ended list is deleted unread. */
export async function keepList(kept, whose) {
  const key = (await fact("key")) ?? (await newKey());
  const hidden = await hide(kept, key, "list");
  await together(["facts", "hidden"], (stores) => {
    stores.facts.put(key, "key");
    stores.facts.put(whose, "whose");
    stores.hidden.put(hidden, "list");
  });
}

/** Delete list, half-filled form and the key of both. Forms that wait stay. */
export const lock = () =>
  together(["facts", "hidden"], (stores) => {
    stores.hidden.clear();
    for (const name of ["key", "whose"]) stores.facts.delete(name);
  });

async function shown(name) {
  const [key, hidden] = [await fact("key"), await read("hidden", name)];
  if (!key || !hidden) return null;
  try {
    return await reveal(hidden, key, name);
  } catch {
    return null; // made under a key that is gone
  }
}

// --- a half-filled form -----------------------------------------------------------------------------------

/** `{subject, form, uid, occurred_on, answers, chosen}` and its files, which are large and change seldom. */
export async function draft() {
  const found = await shown("draft");
  return found && { ...found, files: (await shown("files")) ?? {} };
}

export async function keepDraft(draft, files) {
  const key = await fact("key");
  if (!key) return; // the list ended meanwhile: the form stays on the screen only
  const parts = [["draft", await hide(draft, key, "draft")]];
  if (files) parts.push(["files", await hide(files, key, "files")]);
  await together(["hidden"], (stores) => parts.forEach(([name, hidden]) => stores.hidden.put(hidden, name)));
}

export const dropDraft = () => together(["hidden"], (stores) => ["draft", "files"].forEach((name) => stores.hidden.delete(name)));

// --- forms that wait ---------------------------------------------------------------------------------------

/** The forms that wait, oldest first, without what is sealed in them. */
export async function waiting() {
  const all = await settled(opened.transaction("outbox").objectStore("outbox").getAll());
  return all
    .map(({ uid, person, form, saved_at, tries }) => ({ uid, person, form, saved_at, tries }))
    .sort((one, other) => (one.saved_at < other.saved_at ? -1 : 1));
}

export const sealedForm = (uid) => read("outbox", uid);

/** A form is saved: it waits, its draft is gone and the list says that it was filled; or none of the three. */
export async function put(entry, list) {
  const key = await fact("key");
  const hidden = key && list ? await hide(list, key, "list") : null;
  await together(["outbox", "hidden"], (stores) => {
    stores.outbox.put(entry);
    stores.hidden.delete("draft");
    stores.hidden.delete("files");
    if (hidden) stores.hidden.put(hidden, "list");
  });
}

export const tried = async (uid) => {
  const entry = await sealedForm(uid);
  if (entry) await together(["outbox"], (stores) => stores.outbox.put({ ...entry, tries: entry.tries + 1 }));
};

/** The server has it: the phone forgets it. */
export const sent = (uid, facts) =>
  together(["outbox", "facts"], (stores) => {
    stores.outbox.delete(uid);
    for (const [name, value] of Object.entries(facts)) stores.facts.put(value, name);
  });
