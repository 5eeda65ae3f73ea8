// A place to sign with a finger, a pen or a mouse; a picture comes out of it.

import { button, h } from "./dom.js";
import { fromBase64 } from "./seal.js";
import { say } from "./words.js";

const WIDTH = 900; // pixels of the picture, whatever the screen
const HEIGHT = 360;

/** An element to sign in. `onchange(bytes or null)`: the picture as PNG after each stroke; `drawn`: one to begin with. */
export function signaturePad(label, drawn, onchange, ids) {
  const canvas = h("canvas", { class: "pad", width: WIDTH, height: HEIGHT, role: "img", "aria-label": label, ...ids });
  const brush = canvas.getContext("2d");
  Object.assign(brush, { lineWidth: 5, lineCap: "round", lineJoin: "round", strokeStyle: "#1b1d20", fillStyle: "#1b1d20" });
  const clear = button(say("clear_signature"), () => {
    brush.clearRect(0, 0, WIDTH, HEIGHT);
    clear.disabled = true;
    onchange(null);
  });
  clear.disabled = !drawn;
  if (drawn) shownAgain(brush, drawn);

  let last = null; // where the stroke stands; one finger at a time
  let pointer = null;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * HEIGHT];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    last = at(event);
    brush.beginPath();
    brush.arc(...last, 2.5, 0, 7);
    brush.fill();
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const next = at(event);
    brush.beginPath();
    brush.moveTo(...last);
    brush.lineTo(...next);
    brush.stroke();
    last = next;
  });
  const done = (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    clear.disabled = false;
    onchange(fromBase64(canvas.toDataURL("image/png").split(",")[1])); // at once: the next touch may be on "save"
  };
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, done);
  return h("div", { class: "signature" }, canvas, h("div", { class: "signature-foot" }, h("span", { class: "hint" }, say("sign_here")), clear));
}

async function shownAgain(brush, bytes) {
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  brush.drawImage(picture, 0, 0);
}
