// What was typed, read into its type and checked as `yimi.pack.answers` does; the server has the last word.

import { asked } from "./rules.js";
import { isoDay, say, told } from "./words.js";

const TEXT_LIMIT = 400;
const LONG_TEXT_LIMIT = 4000;

const lower = (text) => (/^.[a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text);

/** `{value}` or `{error}`; an empty answer has neither. */
function readOne(field, raw) {
  if (raw === undefined || raw === null || raw === "" || (Array.isArray(raw) && !raw.length)) return {};
  const label = told(field.label);
  const wrong = (name, more = {}) => ({ error: say(name, { label, lower: lower(label), ...more }) });
  if (field.type === "boolean" || field.type === "codes") return { value: raw };
  const text = String(raw).replaceAll("\r\n", "\n").trim();
  if (!text) return {};
  if (field.type === "integer" || field.type === "number") return readNumber(field, text, wrong);
  if (field.type === "date") return readDate(text, wrong);
  const limit = field.type === "long_text" ? LONG_TEXT_LIMIT : TEXT_LIMIT;
  return [...text].length > limit ? wrong("e_long", { n: limit }) : { value: text };
}

function readNumber(field, text, wrong) {
  const plain = text.normalize("NFKC");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain)) return wrong("e_number");
  const value = Number(plain);
  if (field.type === "integer" && !Number.isInteger(value)) return wrong("e_whole");
  const [low, high] = [field.min ?? null, field.max ?? null];
  if ((low !== null && value < low) || (high !== null && value > high)) {
    const unit = field.unit ? ` ${told(field.unit)}` : "";
    return wrong("e_range", { low: low ?? "…", high: high ?? "…", unit });
  }
  return { value };
}

function readDate(text, wrong) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(`${text}T00:00:00Z`))) return wrong("e_date");
  const year = Number(text.slice(0, 4));
  return year < 1900 || year > 2200 ? wrong("e_year") : { value: text };
}

/** All of a form: `{typed, errors: [{field, text}], shown, wanted}`. `files`: by field, those attached. */
export function readAll(form, answers, files) {
  const typed = {};
  const found = [];
  for (const field of form.fields) {
    const { value, error } = field.computed ? {} : readOne(field, answers[field.id]);
    if (value !== undefined) typed[field.id] = value;
    if (error) found.push({ field: field.id, text: error });
  }
  // For a condition, and for what must be there, a photo is an answer.
  const known = { ...typed };
  for (const field of form.fields) if (files[field.id]?.length) known[field.id] ??= "+";
  const { shown, wanted } = asked(form.fields, known);
  const errors = found.filter((each) => shown.has(each.field));
  for (const field of form.fields) {
    if (!shown.has(field.id)) delete typed[field.id];
    else if (wanted.has(field.id) && !field.computed && known[field.id] === undefined && !errors.some((each) => each.field === field.id)) {
      const label = told(field.label);
      errors.push({ field: field.id, text: say("e_required", { label, lower: lower(label) }) });
    }
  }
  const places = new Map(form.fields.map((each, at) => [each.id, at]));
  errors.sort((one, other) => places.get(one.field) - places.get(other.field));
  return { typed, errors, shown, wanted };
}

/** The day a form is about: `{value}` or `{error}`. */
export function readDay(text) {
  const field = { label: { zh: say("happened_on"), en: say("happened_on") }, type: "date" };
  const read = readOne(field, text);
  if (read.value === undefined) return { error: read.error ?? say("e_required", { label: say("happened_on"), lower: lower(say("happened_on")) }) };
  return read.value > isoDay(new Date()) ? { error: say("e_future") } : read;
}
