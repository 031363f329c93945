/**
 * Makes the page work without a connection. `vite.config.ts` writes the names of the built files and a digest of them
 * into the first two constants. Requests to the server's API are never cached.
 */

/** Addresses of the page's files, relative to this one. */
const FILES = [];
const CACHE = "tritrack-DIGEST";

/** Time after which a server that does not answer is replaced by the cache, milliseconds. */
const PATIENCE = 3000;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(["./", ...FILES])));
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    for (const name of await caches.keys())
      if (name.startsWith("tritrack-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = request.url.slice(self.registration.scope.length);
  const isOwn = request.method === "GET" && request.url.startsWith(self.registration.scope);
  if (!isOwn || path.startsWith("api/")) return;
  // Names of assets hold a digest of their contents, so a cached one is the right one.
  if (path.startsWith("assets/"))
    event.respondWith(cached(request).then((found) => found ?? fetchAndKeep(request)));
  else event.respondWith(freshOrCached(request));
});

/** The network's answer, or the cached one if the network takes too long or fails. */
async function freshOrCached(request) {
  const key = request.mode === "navigate" ? "./" : request;
  const fresh = fetchAndKeep(request, key);
  const late = new Promise((done) => setTimeout(done, PATIENCE)).then(() => cached(key));
  const first = await Promise.race([fresh, late]).catch(() => cached(key));
  return first ?? fresh;
}

async function cached(key) {
  return (await caches.open(CACHE)).match(key);
}

async function fetchAndKeep(request, key = request) {
  const response = await fetch(request);
  if (response.ok && response.type === "basic") await (await caches.open(CACHE)).put(key, response.clone());
  return response;
}
