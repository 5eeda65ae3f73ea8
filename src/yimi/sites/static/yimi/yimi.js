// The little the pages need beyond HTML. Nothing here is required to read a page or to save a form.
"use strict";

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  // One open menu at a time; a click elsewhere closes it.
  for (const menu of document.querySelectorAll("details.me[open], details.nav-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.me[open], details.nav-menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form) form.requestSubmit();
});

// A form that came back with errors is read from its summary.
document.querySelector("[data-focus]")?.focus();

// On a narrow screen the line of time opens at today, not at birth.
for (const frame of document.querySelectorAll(".scroll-x")) {
  const today = frame.querySelector("line.today");
  if (today) frame.scrollLeft += today.getBoundingClientRect().left - frame.getBoundingClientRect().left - frame.clientWidth * 0.6;
}

// An answer that decides what else is asked brings the fields anew. What was typed or chosen while they were on their
// way stays: it is compared with what the form held when they were asked for.
const boxes = ["checkbox", "radio"];
const inputs = (part) => part.querySelectorAll("input[name], select[name], textarea[name]");
const key = (input) => (boxes.includes(input.type) ? `${input.name}=${input.value}` : input.name);
const held = (input) => (boxes.includes(input.type) ? input.checked : input.value);

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target?.id !== "fields") return;
  detail.xhr.sent = new Map(Array.from(inputs(detail.target), (input) => [key(input), held(input)]));
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const sent = detail.xhr?.sent;
  if (!sent) return;
  const changed = (input) => (input.type === "file" ? input.files.length : held(input) !== sent.get(key(input)));
  detail.xhr.typed = Array.from(inputs(detail.target)).filter(changed);
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const fresh = document.getElementById("fields");
  for (const old of detail.xhr?.typed ?? []) {
    const input = Array.from(inputs(fresh)).find((each) => key(each) === key(old));
    if (!input) continue; // no longer asked
    if (input.type === "file") input.replaceWith(old); // what was chosen cannot be chosen for somebody
    else if (boxes.includes(input.type)) input.checked = old.checked;
    else input.value = old.value;
  }
});
