// One form on the screen: fields by type, conditions as answers come, errors beside the field and above.

import { readAll, readDay } from "./answers.js";
import { button, h } from "./dom.js";
import { smaller } from "./photo.js";
import { fromBase64, toBase64 } from "./seal.js";
import { signaturePad } from "./signature.js";
import { isoDay, say, told } from "./words.js";

const MOST_PHOTOS = 4; // of one field: what a form may weigh together
const FEW = 8; // so many choices stand open; more are a list

/** Answers of a form nobody has begun. */
export const blank = (form) => ({
  uid: crypto.randomUUID(),
  occurred_on: isoDay(new Date()),
  answers: {},
  files: {},
  chosen: Object.fromEntries((form.opens?.chosen ?? []).filter((each) => each.options.length === 1).map((each) => [each.party, each.options[0].code])),
});

/** Files of a draft as text and back: bytes are no JSON. */
export const packed = (files) => mapped(files, toBase64);
export const unpacked = (files) => mapped(files, fromBase64);

const mapped = (files, change) =>
  Object.fromEntries(Object.entries(files).map(([field, all]) => [field, all.map(({ name, bytes }) => ({ name, bytes: change(bytes) }))]));

/**
 * The form as an element. `state`: as of `blank`, changed in place. `onchange(filesChanged)` after every answer;
 * `onsave(typed)` once everything is right, may raise to say that it was not kept.
 */
export function formScreen(form, state, { onchange, onsave }) {
  const parts = new Map(); // field id → {element, must, complain}
  const summary = h("div", { class: "error-summary", role: "alert", tabindex: "-1", hidden: true });
  const urls = [];

  let working = 0; // photos on their way into the form
  const work = (more) => {
    working += more;
    save.disabled = working > 0;
  };
  const change = (field, files = false) => {
    parts.get(field)?.complain("");
    refresh();
    onchange(files);
  };

  function refresh() {
    const { shown, wanted } = readAll(form, state.answers, state.files);
    for (const field of form.fields) {
      parts.get(field.id).element.hidden = !shown.has(field.id);
      parts.get(field.id).must(wanted.has(field.id));
    }
  }

  const day = dayField(state, () => change("occurred_on"));
  parts.set("occurred_on", day);
  const fields = form.fields.map((field) => {
    const part = fieldPart(field, state, (files) => change(field.id, files), { urls, work });
    parts.set(field.id, part);
    return part.element;
  });
  const chosen = (form.opens?.chosen ?? []).map((each) => {
    const part = chosenPart(each, state, () => change(`to-${each.party}`));
    parts.set(`to-${each.party}`, part);
    return part.element;
  });

  const save = h("button", { class: "primary save" }, say("save"));
  const element = h(
    "form", { class: "form", novalidate: true, autocomplete: "off", onsubmit: submitted },
    summary, day.element, ...chosen, ...fields, h("div", { class: "buttons" }, save), h("p", { class: "hint" }, say("save_note")),
  );

  async function submitted(event) {
    event.preventDefault();
    if (save.disabled) return;
    const { typed, errors, shown } = readAll(form, state.answers, state.files);
    const date = readDay(state.occurred_on);
    const wrong = [
      ...(date.error ? [{ field: "occurred_on", text: date.error }] : []),
      ...(form.opens?.chosen ?? []).filter((each) => !state.chosen[each.party]).map((each) => ({
        field: `to-${each.party}`, text: say("e_required", { label: told(each.label), lower: told(each.label) }),
      })),
      ...errors,
    ];
    complain(wrong);
    if (wrong.length) return;
    save.disabled = true;
    save.textContent = say("saving");
    try {
      const files = Object.fromEntries(Object.entries(state.files).filter(([field, all]) => shown.has(field) && all.length));
      await onsave({ ...state, occurred_on: date.value, answers: typed, files });
    } catch {
      complain([{ field: null, text: say("not_saved") }]);
    } finally {
      save.disabled = working > 0;
      save.textContent = say("save");
    }
  }

  function complain(wrong) {
    for (const [field, part] of parts) part.complain(wrong.find((each) => each.field === field)?.text ?? "");
    summary.hidden = !wrong.length;
    summary.replaceChildren(
      h("h2", {}, say("put_right")),
      h("ul", {}, wrong.map((each) => h("li", {}, each.field ? goTo(each) : each.text))),
    );
    if (wrong.length) summary.focus();
  }

  refresh();
  return { element, close: () => urls.forEach((each) => URL.revokeObjectURL(each)) };
}

function goTo({ field, text }) {
  const go = (event) => {
    event.preventDefault(); // the address stays: it would tell which form this is
    document.getElementById(`field-${field}`)?.focus();
  };
  return h("a", { href: `#field-${field}`, onclick: go }, text);
}

// --- the frame of a field --------------------------------------------------------------------------------------

/** Label, hint, error and input. `inside(ids)`: the input; `group`: several inputs under one legend. */
function framed(field, group, inside) {
  const id = `field-${field.id}`;
  const hint = field.hint ? h("p", { class: "hint", id: `${id}-hint` }, told(field.hint)) : null;
  const error = h("p", { class: "error", id: `${id}-error`, hidden: true });
  const optional = h("span", { class: "optional" }, say("optional"));
  const label = [told(field.label), " ", optional];
  const ids = { id, "aria-describedby": hint ? hint.id : null };
  const input = inside(group ? {} : ids);
  const content = group
    ? h("fieldset", { ...ids, tabindex: "-1" }, h("legend", {}, label), hint, error, input)
    : [h("label", { for: id }, label), hint, error, input];
  const element = h("div", { class: "field" }, content);
  const pointed = () => element.querySelector(`[id="${id}"]`);
  return {
    element,
    must: (wanted) => { optional.hidden = wanted; },
    complain: (text) => {
      element.classList.toggle("has-error", Boolean(text));
      error.hidden = !text;
      error.replaceChildren(...(text ? [h("span", { class: "visually-hidden" }, say("error")), text] : []));
      pointed()?.setAttribute("aria-describedby", [hint?.id, text && error.id].filter(Boolean).join(" "));
      if (!group) pointed()?.setAttribute("aria-invalid", String(Boolean(text)));
    },
  };
}

function dayField(state, onchange) {
  const field = { id: "occurred_on", label: { zh: say("happened_on"), en: say("happened_on") }, hint: { zh: say("happened_hint"), en: say("happened_hint") } };
  const part = framed(field, false, (ids) => h("input", {
    ...ids, name: "occurred_on", type: "date", value: state.occurred_on, max: isoDay(new Date()),
    oninput: (event) => { state.occurred_on = event.target.value; onchange(); },
  }));
  part.must(true);
  return part;
}

function chosenPart({ party, label, options }, state, onchange) {
  const field = { id: `to-${party}`, label, options, type: "code" };
  const part = choice(field, state.chosen[party], (value) => { state.chosen[party] = value; onchange(); });
  part.must(true);
  return part;
}

function fieldPart(field, state, onchange, around) {
  const { id, type } = field;
  const keep = (value) => { state.answers[id] = value; onchange(false); };
  if (field.computed) return computed(field);
  if (type === "evidence") return field.drawn ? signature(field, state, onchange) : photos(field, state, onchange, around);
  if (type === "boolean") return yesOrNo(field, state.answers[id], keep);
  if (type === "codes") return several(field, state.answers[id] ?? [], keep);
  if (type === "code" || type === "place") return choice(field, state.answers[id], keep);
  return framed(field, false, (ids) => typedInput(field, ids, state.answers[id] ?? "", keep));
}

function computed(field) {
  const part = framed(field, false, (ids) => h("output", { ...ids, class: "quiet" }, say("computed")));
  part.must(true);
  return { ...part, must: () => {} };
}

function typedInput(field, ids, value, keep) {
  const more = { ...ids, name: field.id, oninput: (event) => keep(event.target.value) };
  if (field.type === "long_text") {
    const area = h("textarea", { ...more, rows: 4 });
    area.value = value;
    return area;
  }
  if (field.type === "date") return h("input", { ...more, type: "date", value });
  const number = field.type === "integer" || field.type === "number";
  const input = h("input", { ...more, type: "text", value, class: number ? "short" : null, inputmode: number ? (field.type === "integer" ? "numeric" : "decimal") : null });
  return number ? h("span", { class: "input-unit" }, input, field.unit && h("span", { class: "unit" }, told(field.unit))) : input;
}

// --- choices -----------------------------------------------------------------------------------------------------

const box = (type, field, value, label, checked, onchange) =>
  h("label", {}, h("input", { type, name: field.id, value, checked, onchange }), h("span", {}, label));

function yesOrNo(field, value, keep) {
  return framed(field, true, () => h(
    "div", { class: "choices choices-inline" },
    [true, false].map((each) => box("radio", field, String(each), say(each ? "yes" : "no"), value === each, () => keep(each))),
  ));
}

function choice(field, value, keep) {
  if (field.options.length > FEW) {
    return framed(field, false, (ids) => h(
      "select", { ...ids, name: field.id, onchange: (event) => keep(event.target.value) },
      h("option", { value: "" }, say("choose")),
      field.options.map((each) => h("option", { value: each.code, selected: each.code === value }, told(each.label))),
    ));
  }
  return framed(field, true, () => h(
    "div", { class: "choices" },
    field.options.map((each) => box("radio", field, each.code, told(each.label), each.code === value, () => keep(each.code))),
  ));
}

function several(field, value, keep) {
  const ticked = new Set(value);
  const tick = (code) => (event) => {
    if (event.target.checked) ticked.add(code);
    else ticked.delete(code);
    keep(field.options.map((each) => each.code).filter((each) => ticked.has(each)));
  };
  return framed(field, true, () => h(
    "div", { class: "choices" },
    field.options.map((each) => box("checkbox", field, each.code, told(each.label), ticked.has(each.code), tick(each.code))),
  ));
}

// --- photos and signatures ---------------------------------------------------------------------------------------

function signature(field, state, onchange) {
  const change = (bytes) => {
    state.files[field.id] = bytes ? [{ name: "signature.png", bytes }] : [];
    onchange(true);
  };
  return framed(field, true, () => signaturePad(told(field.label), state.files[field.id]?.[0]?.bytes, change, {}));
}

function photos(field, state, onchange, { urls, work }) {
  const all = () => (state.files[field.id] ??= []);
  const shown = h("ul", { class: "photos" });
  const said = h("p", { class: "hint", role: "status" });
  const draw = () => {
    shown.replaceChildren(...all().map((photo, at) => {
      const url = URL.createObjectURL(new Blob([photo.bytes], { type: "image/jpeg" }));
      urls.push(url);
      const remove = () => {
        all().splice(at, 1);
        draw();
        onchange(true);
      };
      return h("li", {}, h("img", { src: url, alt: say("photo_number", { n: at + 1 }) }), button("×", remove, "remove", { "aria-label": say("remove_photo", { n: at + 1 }) }));
    }));
    shown.hidden = !all().length;
  };
  const add = async (event) => {
    const chosen = [...event.target.files];
    event.target.value = "";
    work(1);
    said.textContent = say("photo_reading");
    let trouble = "";
    for (const file of chosen) {
      if (all().length >= MOST_PHOTOS) {
        trouble = say("photo_too_many", { n: MOST_PHOTOS });
        break;
      }
      try {
        all().push(await smaller(file, all().length + 1));
      } catch {
        trouble = say("photo_unreadable");
      }
    }
    said.textContent = trouble;
    draw();
    onchange(true);
    work(-1);
  };
  const chooser = (name, more) => h(
    "label", { class: "button chooser" }, say(name),
    h("input", { type: "file", class: "visually-hidden", accept: "image/*", onchange: add, ...more }),
  );
  draw();
  const keep = (event) => { state.answers[field.id] = event.target.value; onchange(false); };
  const number = `field-${field.id}-text`;
  return framed(field, true, () => h(
    "div", {},
    shown, said,
    h("div", { class: "buttons choosers" }, chooser("take_photo", { capture: "environment" }), chooser("choose_photo", { multiple: true })),
    h("p", { class: "hint" }, say("photo_hint")),
    h("label", { class: "under", for: number }, say("or_number")),
    h("input", { id: number, name: field.id, type: "text", maxlength: 300, value: state.answers[field.id] ?? "", oninput: keep }),
  ));
}
