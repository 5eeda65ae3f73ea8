// What stands on the screen when no form does: the list, a child, the bar of what waits, and why there is no list.

import { button, h, light } from "./dom.js";
import { counted, isoDay, moment, say, told } from "./words.js";

const SEARCHED = 10; // more children than these get a search box
const FILLED = { waiting: ["typed", "filled_waiting"], sent: ["met", "filled_sent"], held: ["off", "filled_held"] };
const SIGN_IN = "/sign-in/?next=/phone/";

/** "2026-12-01" as the list says it: the year only where it is another. */
const short = (day) => (day.slice(0, 4) === isoDay(new Date()).slice(0, 4) ? day.slice(5) : day);

function standing({ status, due, by }) {
  const late = status === "overdue";
  const day = late ? due ?? by : by ?? due;
  return light(late ? "off" : "on_track", say(late ? "overdue" : "due"), day ? say(late ? "due_on" : "due_by", { day: short(day) }) : "");
}

/** Forms of a child that were filled on this phone: `[form, state]`. */
const filledFor = (list, child) => Object.values(list.filled).filter((each) => each.subject === child.uid);

const filledMark = ({ state }) => light(FILLED[state][0], say(FILLED[state][1]));

// --- the list ------------------------------------------------------------------------------------------------------

export function listScreen(list, { open, renew, note, persisted, saved, search, sought }) {
  const { lease } = list;
  const rows = lease.children.map((child) => [child, childRow(list, child, open)]);
  const none = h("p", { class: "empty", hidden: true }, say("none_found"));
  const find = (text) => {
    search(text);
    const wanted = text.trim().toLowerCase();
    let left = 0;
    for (const [child, row] of rows) {
      row.hidden = !`${child.name} ${child.place.zh} ${child.place.en}`.toLowerCase().includes(wanted);
      left += row.hidden ? 0 : 1;
    }
    none.hidden = left > 0;
  };
  const searched = lease.children.length > SEARCHED;
  if (searched) find(sought);
  return h(
    "div", { class: "list" },
    h("div", { class: "title" }, h("h1", { tabindex: "-1" }, say("today"), h("span", { class: "day-count" }, lease.children.length)), h("p", { class: "quiet" }, `${told(lease.person.name) || lease.person.name} · ${lease.day}`)),
    savedNote(saved),
    searched && h("div", { class: "field search" },
      h("label", { for: "search" }, say("search")),
      h("input", { id: "search", type: "search", value: sought, "data-key": "search", oninput: (event) => find(event.target.value) })),
    lease.children.length ? h("ul", { class: "children" }, rows.map(([, row]) => row)) : h("p", { class: "empty" }, h("strong", {}, say("none_due")), " ", say("none_due_more")),
    none,
    lease.more > 0 && h("p", { class: "quiet" }, say("more", { n: lease.more })),
    h("div", { class: "about" },
      h("p", { class: "quiet" }, say("list_until", { from: moment(list.fetched), until: moment(list.ends) })),
      note && h("p", { class: "quiet", role: "status" }, note),
      button(say("renew"), renew, "renew", { "data-key": "renew" }),
      aboutPhone(persisted),
    ),
  );
}

const savedNote = (saved) => saved && h("p", { class: "notice", role: "status" }, say("saved"));

function childRow(list, child, open) {
  const filled = filledFor(list, child);
  return h("li", {}, h(
    "button", { type: "button", class: "child", "data-key": child.uid, onclick: () => open(child) },
    h("span", { class: "child-name" }, child.name, h("span", { class: "child-note" }, `${told(child.age)} · ${told(child.place)}`)),
    child.due.map((item) => h("span", { class: "child-due" }, h("span", {}, told(item.name)), standing(item))),
    filled.length > 0 && h("span", { class: "child-due" }, filledMark(filled.at(-1))),
  ));
}

function aboutPhone(persisted) {
  return h(
    "details", { class: "because" }, h("summary", {}, say("about")),
    h("ul", { class: "because-body bulleted" },
      ["about_list", "about_forms", "about_photos"].map((each) => h("li", {}, say(each))),
      h("li", {}, say(persisted ? "persisted" : "not_persisted")),
    ),
  );
}

// --- a child ---------------------------------------------------------------------------------------------------------

export function childScreen(list, child, { fill, back, saved }) {
  const { forms } = list.lease;
  const due = new Set(child.due.map((each) => each.form));
  const others = child.forms.filter((each) => !due.has(each) && forms[each]);
  const row = (form, inside, primary) => {
    const usable = forms[form] && (forms[form].opens?.chosen ?? []).every((each) => each.options.length);
    const filled = filledFor(list, child).filter((each) => each.form === form);
    return h("li", {},
      h("div", {}, inside, filled.map((each) => h("p", {}, filledMark(each)))),
      usable ? button(say("fill"), () => fill(child, forms[form]), primary ? "primary" : "", { "data-key": form, "aria-label": `${say("fill")}: ${told(forms[form].name)}` }) : h("p", { class: "quiet" }, say("not_here")),
    );
  };
  return h(
    "div", {},
    backButton(back),
    h("div", { class: "title" }, h("h1", { tabindex: "-1" }, child.name), h("p", { class: "quiet" }, `${told(child.age)} · ${told(child.place)}`)),
    savedNote(saved),
    child.due.length > 0 && [
      h("h2", {}, say("what_is_due")),
      h("ul", { class: "fills" }, child.due.map((item) => row(item.form, [
        h("p", { class: "fill-name" }, told(item.name)), h("p", {}, standing(item)),
        forms[item.form] && told(forms[item.form].name) !== told(item.name) && h("p", { class: "quiet" }, told(forms[item.form].name)),
      ], true))),
    ],
    others.length > 0 && [
      h("h2", {}, say("other_forms")),
      h("ul", { class: "fills" }, others.map((form) => row(form, h("p", { class: "fill-name" }, told(forms[form].name)), false))),
    ],
  );
}

export const backButton = (back) => h("p", { class: "trail" }, button(`← ${say("back")}`, back, "plain"));

export const formHead = (form, child, back, restored) => [
  backButton(back),
  h("div", { class: "title" }, h("h1", { tabindex: "-1" }, told(form.name)), h("p", { class: "quiet" }, `${child.name} · ${told(child.age)} · ${told(child.place)}`)),
  restored && h("p", { class: "notice", role: "status" }, say("draft_kept")),
];

// --- why there is no list ----------------------------------------------------------------------------------------------

/** `why`: loading, signed_out, offline, locked, ended, refused, failed, insecure, refuses, newer. */
export function whyScreen(why, { renew, signOut, note }) {
  if (why === "loading") return h("p", { class: "loading", role: "status" }, say("renewing"));
  const signIn = h("a", { class: "button primary", href: SIGN_IN }, say("sign_in"));
  const home = h("a", { class: "button", href: "/" }, say("home"));
  const get = (name) => button(say(name), renew, "primary");
  const [words, ...doing] = {
    signed_out: ["sign_in", signIn],
    offline: ["offline", get("try_again")],
    locked: ["locked", get("get_list"), signOut && button(say("sign_out"), signOut)],
    ended: ["ended", get("get_list")],
    refused: ["refused", home],
    failed: ["failed", get("try_again"), home],
    insecure: ["insecure", home],
    refuses: ["refuses", home],
    newer: ["newer", button(say("reload"), () => location.reload(), "primary")],
  }[why];
  return h(
    "div", { class: "why" },
    h("h1", { tabindex: "-1" }, say(`${words}_title`)), h("div", { class: "rule" }), h("p", {}, say(`${words}_text`)),
    note && h("p", { class: "notice", role: "status" }, note),
    h("div", { class: "buttons" }, doing),
  );
}

// --- the bar of what waits ---------------------------------------------------------------------------------------------

/** `mine`, `others`: forms that wait; `how`: how the last sending ended; `busy`: one goes on now. */
export function barContent({ mine, others, how, busy, online, lastSent, held }, { send, checked }) {
  const wait = mine.length > 0;
  const facts = wait
    ? [counted("waiting", mine.length), say("oldest", { at: moment(mine[0].saved_at) })]
    : [say("nothing_waits"), lastSent && say("last_sent", { at: moment(lastSent) })];
  const trouble = !online ? "s_offline" : { offline: "s_offline", signed_out: "s_signed_out", failed: "s_failed", refused: "s_refused", too_large: "s_too_large" }[how];
  const signedOut = online && (how === "signed_out" || how === "refused");
  return [
    h("div", { class: "bar-line" },
      h("p", {}, light(wait ? "typed" : "met", facts[0], facts[1] ? ` · ${facts[1]}` : "")),
      wait && (signedOut ? h("a", { class: "button", href: SIGN_IN }, say("sign_in")) : button(say(busy ? "sending" : "send_now"), send, "", { disabled: busy })),
    ),
    wait && !busy && trouble && h("p", { class: "quiet" }, say(trouble)),
    !wait && !online && h("p", { class: "quiet" }, say("s_offline")),
    held > 0 && h("div", { class: "bar-line" }, h("p", {}, light("off", counted("held", held))), h("a", { class: "button", href: "held/", onclick: checked }, say("check"))),
    others.length > 0 && h("p", { class: "quiet" }, counted("others", others.length)),
  ];
}

// --- before a half-filled form is left -----------------------------------------------------------------------------------

/** Ask; true where the form may go. */
export function mayLeave() {
  return new Promise((resolve) => {
    const end = (answer) => () => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const dialog = h(
      "dialog", { class: "ask", "aria-labelledby": "ask-title", oncancel: (event) => { event.preventDefault(); end(false)(); } },
      h("h2", { id: "ask-title" }, say("leave_title")), h("p", {}, say("leave_text")),
      h("div", { class: "buttons" }, button(say("stay"), end(false), "primary", { autofocus: true }), button(say("leave"), end(true))),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
