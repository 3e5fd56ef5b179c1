// Keeps pages for reading without a network. What it keeps is in SETTINGS, which the server
// writes above (events/offline/keeping.py); nothing else passes through here. What is kept belongs to
// one reader: a page of anybody else, or signing out, empties it.

const FILES = `files-${SETTINGS.version}`;
const PAGES = `pages-${SETTINGS.version}`;
const KEPT_AT = "X-Kept-At";
const READER = "/offline/reader";
const AHEAD_AT = "/offline/ahead-at";
const PATTERNS = Object.entries(SETTINGS.pages).map(([name, text]) => [name, new RegExp(text)]);

function viewOf(path) {
  return PATTERNS.find(([, pattern]) => pattern.test(path))?.[0];
}

function isFile(path) {
  return (path.startsWith("/static/") && !path.startsWith("/static/admin/")) || /^\/e\/[^/]+\/theme\.css$/.test(path);
}

// --- One thing after the other ---------------------------------------------------------

// What changes the kept pages does so in turn, and not after somebody has left.
let turn = Promise.resolve();
let departures = 0;

function inTurn(work) {
  turn = turn.then(work, work);
  return turn;
}

function forget() {
  departures += 1;
  return inTurn(() => caches.delete(PAGES));
}

async function note(key, text) {
  await (await caches.open(PAGES)).put(key, new Response(text));
}

async function noted(key) {
  return (await (await caches.open(PAGES)).match(key))?.text();
}

async function belongTo(reader) {
  if ((await noted(READER)) === reader) return;
  await caches.delete(PAGES);
  await note(READER, reader);
}

// --- Keeping ---------------------------------------------------------------------------

async function keepPage(address, response, since) {
  const headers = new Headers(response.headers);
  const isPage = headers.get("Content-Type")?.startsWith("text/html");
  const mayKeep = !/no-store/i.test(headers.get("Cache-Control") ?? "");
  if (response.status !== 200 || response.redirected || !isPage || !mayKeep) return;
  const text = atItsTime(await response.text(), headers);
  const reader = text.match(/ data-reader="(\w*)"/)?.[1];
  if (reader === undefined || text.length > SETTINGS.longest_page) return;
  // The text is unpacked already.
  ["Content-Encoding", "Content-Length"].forEach((name) => headers.delete(name));
  headers.set(KEPT_AT, Date.now());
  await inTurn(async () => {
    if (since !== departures) return;
    await belongTo(reader);
    const pages = await caches.open(PAGES);
    await pages.delete(address);
    await pages.put(address, new Response(text, { headers }));
    await trim(pages, SETTINGS.most_pages);
  });
}

// After a 304 the page is an older one, and its answer's time stands in the header alone.
function atItsTime(text, headers) {
  const told = /\bnow;desc="([\d.]+)"/.exec(headers.get("Server-Timing") ?? "")?.[1];
  return told ? text.replace(/ data-now="[\d.]+"/, ` data-now="${told}"`) : text;
}

async function trim(store, most) {
  const keys = (await store.keys()).filter((key) => new URL(key.url).pathname !== READER);
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((key) => store.delete(key)));
}

function plain(address) {
  const url = new URL(address, location.origin);
  url.hash = "";
  return url.href;
}

// --- Pages: from the network, and after a while from what is kept ---------------------------

async function openPage(event) {
  const address = plain(event.request.url);
  const since = departures;
  const arriving = fetch(event.request).then((response) => {
    event.waitUntil(keepPage(address, response.clone(), since).catch(() => {}));
    return response;
  });
  const first = await Promise.race([
    arriving.catch(() => null),
    new Promise((resolve) => { setTimeout(resolve, SETTINGS.patience_ms, "late"); }),
  ]);
  if (first && first !== "late" && first.status < 500) return first;
  const kept = await findKept(address);
  if (kept) {
    // Late: what arrives in the end is there for the next time.
    event.waitUntil(arriving.catch(() => {}));
    const why = first === "late" ? "slow" : first ? "away" : "offline";
    return kept.response ? show(kept.response, why) : Response.redirect(kept.address);
  }
  try {
    return await arriving;
  } catch (error) {
    return (await caches.match(SETTINGS.offline)) ?? Promise.reject(error);
  }
}

// The page itself; else where another choice of the same agenda is, all days before others.
async function findKept(address) {
  const pages = await caches.open(PAGES);
  const response = await pages.match(address, { ignoreVary: true });
  if (response) return { response };
  const { pathname } = new URL(address);
  const others = (await pages.keys()).map((key) => key.url).reverse();
  const same = others.filter((url) => new URL(url).pathname === pathname);
  const found = same.find((url) => new URL(url).searchParams.get("day") === "all") ?? same[0];
  return found && { address: found };
}

// The copy says that it is one, and its clock goes on from when it was kept.
async function show(response, why) {
  const passed = (Date.now() - Number(response.headers.get(KEPT_AT))) / 1000;
  const text = await response.text();
  const page = text.replace(/ data-now="([\d.]+)"/, (all, then) => (
    ` data-now="${(Number(then) + Math.max(0, passed)).toFixed(3)}" data-kept-at="${then}" data-kept-why="${why}"`
  ));
  return new Response(page, { headers: response.headers });
}

// --- Static files: those with a version in their address from what is kept ------------------

async function openFile(event, path) {
  // An event's colours are for who sees the event.
  const store = path.startsWith("/static/") ? FILES : PAGES;
  const kept = await (await caches.open(store)).match(event.request, { ignoreVary: true });
  if (kept?.headers.get("Cache-Control")?.includes("immutable")) return kept;
  try {
    const response = await fetch(event.request);
    event.waitUntil(keepFile(store, event.request, response.clone(), departures).catch(() => {}));
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

async function keepFile(store, request, response, since) {
  if (response.status !== 200 || response.type !== "basic") return;
  await inTurn(async () => {
    if (store === PAGES && since !== departures) return;
    const files = await caches.open(store);
    await files.put(request, response);
    if (store === FILES) await trim(files, SETTINGS.most_files);
  });
}

// --- What a page tells: whose it is, and what belongs to it ---------------------------------

// The first page of a visit came before this worker did.
async function hear({ reader, page, saves }) {
  const since = departures;
  await inTurn(() => belongTo(reader));
  // The page with the addresses of feeds is not kept itself, but a copy without them.
  await fetchPage(page, since, new URL(page).pathname === SETTINGS.mine);
  if (!saves) await fetchAhead(page, reader, since);
}

// The files that a text names, and those that they name in turn: modules, pictures in styles.
async function fetchFiles(text, names, base, since) {
  for (const [, name] of text.matchAll(names)) {
    const url = new URL(name.replaceAll("&amp;", "&"), base);
    url.hash = "";
    if (url.origin !== location.origin || !isFile(url.pathname)) continue;
    const store = url.pathname.startsWith("/static/") ? FILES : PAGES;
    if (await (await caches.open(store)).match(url)) continue;
    const response = await fetch(url);
    const copy = response.clone();
    await keepFile(store, url, response, since);
    const isText = /\.(js|css)$/.test(url.pathname);
    if (isText) await fetchFiles(await copy.text(), /(?:from |import |url\()"(\.[^"]+)"/g, url, since);
  }
}

// The text of a page, kept by now with its files.
async function fetchPage(address, since, anew = false) {
  const url = plain(address);
  if (!viewOf(new URL(url).pathname)) return "";
  const kept = anew ? null : await (await caches.open(PAGES)).match(url, { ignoreVary: true });
  const text = kept ? await kept.text() : await textFrom(url, since);
  await fetchFiles(text, / (?:href|src)="([^"]+)"/g, url, since);
  return text;
}

// The server remembers no choice made by such a request.
async function textFrom(url, since) {
  const response = await fetch(url, { headers: { Purpose: "prefetch" } });
  const copy = response.clone();
  await keepPage(url, response, since);
  return copy.ok && !copy.redirected ? copy.text() : "";
}

// The whole agenda, one's own sessions, and who speaks in them: not often, and not many.
async function fetchAhead(page, reader, since) {
  if (Date.now() - Number((await noted(AHEAD_AT)) ?? 0) < SETTINGS.ahead_every_ms) return;
  await inTurn(() => note(AHEAD_AT, String(Date.now())));
  const slug = new URL(page).pathname.match(/^\/e\/([^/]+)\//)?.[1];
  const wanted = [...(slug ? [`/e/${slug}/agenda/?day=all`] : []), ...(reader ? [SETTINGS.mine] : [])];
  const anew = wanted.length;
  for (let at = 0; at < wanted.length && at < SETTINGS.most_ahead; at += 1) {
    const text = await fetchPage(wanted[at], since, at < anew);
    wanted.push(...linksFrom(wanted[at], text).filter((link) => !wanted.includes(link)));
  }
}

function linksFrom(address, text) {
  const from = viewOf(address);
  const to = { my_agenda: "session", session: "speaker" }[from];
  if (!to) return [];
  const main = text.slice(text.indexOf("<main"));
  return [...new Set([...main.matchAll(/ href="(\/e\/[^"?#]+)"/g)].map((found) => found[1]))]
    .filter((path) => viewOf(path) === to);
}

// --- The worker's own life ------------------------------------------------------------------

self.addEventListener("install", (event) => {
  self.skipWaiting();
  if (!SETTINGS.keeps) return;
  event.waitUntil(caches.open(FILES).then((files) => files.addAll([SETTINGS.offline, ...SETTINGS.offline_files])).catch(() => {}));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const current = SETTINGS.keeps ? [FILES, PAGES] : [];
    const old = (await caches.keys()).filter((name) => !current.includes(name));
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
    if (!SETTINGS.keeps && !SETTINGS.pushes) await self.registration.unregister();
  })());
});

self.addEventListener("message", (event) => {
  if (SETTINGS.keeps && event.data?.page) event.waitUntil(hear(event.data).catch(() => {}));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "POST" && pathname === SETTINGS.leaving[0]) event.waitUntil(unsubscribe());
  if (!SETTINGS.keeps) return;
  if (request.method !== "GET") {
    if (SETTINGS.leaving.includes(pathname)) event.waitUntil(forget());
    // A star makes another agenda: the next page fetches it.
    else if (/\/(bookmark|stars)\/$/.test(pathname)) event.waitUntil(inTurn(() => note(AHEAD_AT, "0")));
  } else if (request.mode === "navigate") {
    if (viewOf(pathname)) event.respondWith(openPage(event));
  } else if (isFile(pathname)) {
    event.respondWith(openFile(event, pathname));
  }
});

// --- Notifications: what the portal sends, shown once, and opened here ------------------------

// Who has signed out is told nothing more in this browser.
async function unsubscribe() {
  const subscription = await self.registration.pushManager?.getSubscription();
  await subscription?.unsubscribe();
}

self.addEventListener("push", (event) => {
  const { title, body, path, tag } = event.data?.json() ?? {};
  if (!title) return;
  event.waitUntil(self.registration.showNotification(title, {
    body, tag, data: { path }, icon: SETTINGS.icon, lang: "", dir: "auto",
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.path ?? "/", location.origin);
  // A page of this portal and no other, whatever the message says.
  if (url.origin !== location.origin) return;
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const there = open.find((client) => client.url === url.href);
    return there ? there.focus() : self.clients.openWindow(url.href);
  })());
});
