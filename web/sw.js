// A service worker of pages that begin without a network. It keeps their shells and their files, nothing of the API. A new version
// waits until no page of the old one is open, so that a page never mixes files of two.
const patience = 3000; // ms for a shell from the network

const root = new URL('./', self.location).href;
const group = `baogong-${kept.of} ${new URL(root).pathname} `; // caches belong to the origin, on which other paths may have a Baogong of their own
const name = group + kept.version;
const shells = new Map(kept.shells.map((path) => [root + path, path]));
const files = new Set(kept.files.map((path) => root + path));

self.addEventListener('install', (e) => e.waitUntil(keep()));
self.addEventListener('activate', (e) => e.waitUntil(Promise.all([forget(), self.clients.claim()])));

async function keep() {
  const cache = await caches.open(name);
  await Promise.all([...shells.keys(), ...files].map(async (url) => {
    const answer = await fetch(url, { cache: shells.has(url) ? 'no-store' : 'default', credentials: 'omit' });
    if (!answer.ok) throw new Error(`${url} was answered with ${answer.status}`);
    await cache.put(url, answer);
  }));
}

// forget deletes the caches of this worker's earlier versions. Those of earlier releases, whose names have no group, belong to the squads.
async function forget() {
  const old = (await caches.keys()).filter((n) => (n.startsWith(group) || (kept.of === 'squads' && /^baogong-[0-9a-f]+$/.test(n))) && n !== name);
  await Promise.all(old.map((n) => caches.delete(n)));
}

self.addEventListener('fetch', (e) => {
  const url = e.request.url.split(/[?#]/)[0];
  if (e.request.method !== 'GET') return;
  if (e.request.mode === 'navigate' && shells.has(url)) e.respondWith(shell(e.request, url));
  else if (files.has(url)) e.respondWith(file(e.request, url));
});

// shell returns a page from the network, or the kept one if there is no answer in time.
async function shell(request, url) {
  const own = await (await caches.open(name)).match(url);
  if (!own) return fetch(request);
  const late = new Promise((done) => setTimeout(() => done(own), patience));
  return Promise.race([fetch(request).then((answer) => (answer.status >= 500 ? own : answer), () => own), late]);
}

async function file(request, url) {
  return (await (await caches.open(name)).match(url)) ?? fetch(request);
}
