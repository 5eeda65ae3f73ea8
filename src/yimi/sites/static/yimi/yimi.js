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
