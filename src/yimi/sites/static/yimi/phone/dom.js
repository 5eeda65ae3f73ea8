// Elements without a line of HTML in a string: what a form or a child is called can never become markup.

const SVG = "http://www.w3.org/2000/svg";

/** `h("p", { class: "quiet", onclick: f }, "text", child, ...)`; what is null, false or undefined is left out. */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for parts of a drawing. */
export const s = (tag, attributes = {}, ...children) => filled(document.createElementNS(SVG, tag), attributes, children);

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((each) => each !== null && each !== undefined && each !== false));
  return element;
}

// The marks of the site's lights: the shape says it to those who do not see the color.
const GLYPHS = {
  met: () => s("circle", { cx: 6, cy: 6, r: 5 }),
  on_track: () => [s("circle", { class: "hollow", cx: 6, cy: 6, r: 4.4 }), s("path", { d: "M6 1.6a4.4 4.4 0 0 0 0 8.8z" })],
  off: () => s("path", { d: "M6 .8 11.4 11H.6z" }),
  no_data: () => s("circle", { class: "hollow", cx: 6, cy: 6, r: 4.4 }),
  typed: () => s("path", { d: "M1 11l.7-3.1L8.3 1.3a1.2 1.2 0 0 1 1.7 0l.7.7a1.2 1.2 0 0 1 0 1.7L4.1 10.3z" }),
};

const mark = (state) => s("svg", { class: `mark mark-${state}`, viewBox: "0 0 12 12", "aria-hidden": "true" }, GLYPHS[state]());

/** A status light: shape, word, color, and a note behind it. */
export const light = (state, word, note = "") =>
  h("span", { class: `light is-${state}` }, mark(state), " ", h("span", { class: "light-word" }, word), note && h("span", { class: "light-note" }, note));

export const button = (label, onclick, kind = "", more = {}) => h("button", { type: "button", class: kind, onclick, ...more }, label);
