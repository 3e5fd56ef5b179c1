// The control room: asks how everything stands and changes the rows that changed. Without it the
// page says all of it too, and "Look again" is a link to itself. It is left open all day, so it
// says when it is no longer true, and why.
import { SECOND, clockText, serverNow, setClock, timeLeft } from "../events/js/clock.js";

const SPREAD = 0.2;
const LATE = 30 * SECOND;
// A computer's clock that is off by less misleads nobody.
const CLOCK_OFF = 5 * SECOND;
// The header of a request may be some thousand characters long.
const MOST_HEADER = 6000;

const room = document.querySelector("[data-control]");
const rows = room.querySelector("[data-rows]");
const part = (name) => room.querySelector(`[data-${name}]`);
const zone = room.dataset.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
let [etag, answeredAt, timer] = ["", Date.now(), 0];
let asking = null; // One look at a time: an older answer knows other rows than stand here by then.

function say(name, text) {
  const line = part(name);
  if (line.textContent !== text) line.textContent = text;
  line.hidden = !text;
}

function have() {
  const known = [...rows.children].map((row) => `${row.dataset.key}:${row.dataset.digest}`).join(",");
  return known.length <= MOST_HEADER ? known : "";
}

// Rows stay the elements that they are, and so does what has the focus.
function show(said) {
  const old = new Map([...rows.children].map((row) => [row.dataset.key, row]));
  for (const [place, name] of said.order.entries()) {
    const [key, digest] = name.split(":");
    const row = old.get(key) ?? document.createElement("tr");
    if (row.dataset.digest !== digest) {
      const focused = row.contains(document.activeElement) ? document.activeElement.textContent : "";
      row.innerHTML = said.rows[key];
      if (focused) [...row.querySelectorAll("a, button")].find((n) => n.textContent === focused)?.focus();
      Object.assign(row.dataset, { key, digest });
    }
    if (rows.children[place] !== row) rows.insertBefore(row, rows.children[place] ?? null);
    old.delete(key);
  }
  for (const row of old.values()) row.remove();
  if (part("summary").innerHTML !== said.summary) part("summary").innerHTML = said.summary;
}

function duration(ms) {
  return timeLeft(Math.abs(ms), 0);
}

function tick() {
  const now = serverNow();
  part("clock-face").textContent = clockText(now, zone);
  part("clock-zone").textContent = zone;
  for (const left of rows.querySelectorAll("[data-starts]")) {
    const [starts, ends] = [left.dataset.starts, left.dataset.ends].map((s) => Number(s) * SECOND);
    const text = now < starts ? room.dataset.startsIn : now < ends ? room.dataset.endsIn : "";
    const words = text.replace("{}", timeLeft(now < starts ? starts : ends, now));
    if (left.textContent !== words) left.textContent = words;
  }
  const off = Date.now() - now;
  say("clock-note", Math.abs(off) > CLOCK_OFF ? room.dataset.clock.replace("{}", duration(off)) : "");
}

function isGone(text) {
  say("away", text);
  room.classList.add("control-old");
  part("sign-in").hidden = text !== room.dataset.signedOut;
}

async function look() {
  let again = Number(room.dataset.askS);
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const known = have();
    const sent = performance.now();
    const reply = await fetch(room.dataset.stateUrl, {
      headers: { Accept: "application/json", ...(known && { "X-Have-Rows": known }), ...(known && etag && { "If-None-Match": etag }) },
      cache: "no-store",
      redirect: "manual",
      signal: mine.signal,
    });
    // The sign-in page is where a signed-out browser is led to.
    if (reply.type === "opaqueredirect" || reply.status === 401) return isGone(room.dataset.signedOut), wait(again);
    if (reply.status === 403 || reply.status === 404) return isGone(room.dataset.notYours), wait(again);
    if (!reply.ok && reply.status !== 304) throw new Error(reply.statusText);
    setClock(document, (performance.now() - sent) / 2, reply.headers.get("Server-Timing") ?? "");
    if (reply.status !== 304) {
      const said = await reply.json();
      etag = reply.headers.get("ETag") ?? "";
      again = said.ask_s;
      show(said);
    }
    answeredAt = serverNow();
    room.classList.remove("control-old");
    part("sign-in").hidden = true;
    say("away", "");
  } catch {
    if (mine.signal.aborted) return;
    if (serverNow() - answeredAt > LATE) isGone(room.dataset.lost.replace("{}", clockText(answeredAt, zone)));
  }
  wait(again);
}

function wait(seconds) {
  clearTimeout(timer);
  timer = setTimeout(look, seconds * SECOND * (1 + SPREAD * (2 * Math.random() - 1)));
}

document.documentElement.dataset.now = room.dataset.now;
setClock(document);
answeredAt = serverNow();
tick();
setInterval(tick, SECOND);
wait(Number(room.dataset.askS));
// A laptop that slept, or a network that is back: look at once.
addEventListener("online", look);
document.addEventListener("visibilitychange", () => document.hidden || look());
