// Keeps the app on the phone, so that it opens without signal. Nothing of anybody passes through here: lists and
// sealed forms go straight between the page and the server, and are never cached.
// SHELL, MANIFEST, VERSION and FILES [{url, version}] stand before this text; another VERSION is another cache.

const CACHE = `yimi-phone-${VERSION}`;
const KEPT = new Set([SHELL, MANIFEST, ...FILES.map((each) => each.url)]);

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    // All or nothing: a worker that lacks one file is not installed, and the one before goes on.
    await cache.addAll([...KEPT].map((url) => new Request(url, { cache: "reload" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("yimi-phone-") && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin || !KEPT.has(url.pathname)) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    return (await cache.match(url.pathname)) ?? fetch(event.request);
  })());
});
