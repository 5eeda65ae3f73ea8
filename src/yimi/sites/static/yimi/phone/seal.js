// A saved form is sealed with the server's public key: this phone cannot read it again, nor can whoever finds it.
// Ephemeral point (65 bytes) ‖ IV (12) ‖ AES-256-GCM; key = HKDF-SHA256(ECDH P-256), salt = both points.
// And the key under which the list and a half-filled form are kept: it cannot be read out, only thrown away.

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const INFO = "yimi phone form 1";
const utf8 = new TextEncoder();

export function toBase64(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return btoa(parts.join(""));
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((length, each) => length + each.length, 0));
  let at = 0;
  for (const each of parts) {
    all.set(each, at);
    at += each.length;
  }
  return all;
}

/** The sealed bytes of a form; `publicPoint` in base64, `uid` is bound to it. */
export async function seal(form, uid, publicPoint) {
  const recipient = fromBase64(publicPoint);
  const theirs = await crypto.subtle.importKey("raw", recipient, CURVE, false, []);
  const own = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
  const derived = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: joined(point, recipient), info: utf8.encode(INFO) };
  const key = await crypto.subtle.deriveKey(how, derived, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: utf8.encode(uid) }, key, utf8.encode(JSON.stringify(form)),
  );
  return joined(point, iv, new Uint8Array(sealed));
}

/** A key that stays in this browser and cannot be taken out of it. */
export const newKey = () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

/** Anything JSON can say, readable under the key only; `name` says what it is and is bound to it. */
export async function hide(value, key, name) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: utf8.encode(name) };
  return { iv, bytes: new Uint8Array(await crypto.subtle.encrypt(how, key, utf8.encode(JSON.stringify(value)))) };
}

export async function reveal({ iv, bytes }, key, name) {
  const how = { name: "AES-GCM", iv, additionalData: utf8.encode(name) };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, key, bytes)));
}
