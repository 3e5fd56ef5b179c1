import { clockText, keepCurrent } from "./clock.js";
import { walkThroughGrid, moveGridLine } from "./grid.js";
import { listenForStars } from "./star.js";
import "./marks.js";

const agenda = document.querySelector("[data-agenda]");
const MINUTE = 60000;

function writeNow(time, now) {
  time.dateTime = new Date(now).toISOString().slice(0, 16) + "Z";
  time.textContent = clockText(now, agenda.dataset.zone);
}

function moveLine(now) {
  watchHour(now);
  const next = now - (now % MINUTE) + MINUTE;
  const line = agenda.querySelector("[data-today] .now-line");
  if (line) {
    writeNow(line.querySelector("time"), now);
    const slots = [...line.parentElement.querySelectorAll(".slot")];
    const following = slots.find((slot) => Date.parse(slot.dataset.starts) > now) ?? null;
    if (line.nextElementSibling !== following) line.parentElement.insertBefore(line, following);
    return next;
  }
  const lines = [...agenda.querySelectorAll("[data-today] .grid-now")];
  for (const each of lines) {
    writeNow(each.querySelector("time"), now);
    moveGridLine(each, now);
  }
  return lines.length ? next : Infinity;
}

// What is on now, and the hours, come from the server soon after a session began or ended: not at
// once, because everybody waits for the same moment. An unchanged page is an empty answer.
const LEAST_WAIT = 1000;
const SPREAD = 4000;
let renewal;

function renewSoon() {
  renewal ??= setTimeout(() => renew().catch(() => {}), LEAST_WAIT + Math.random() * SPREAD);
}

async function renew() {
  renewal = undefined;
  const shown = document.querySelector("[data-overview]");
  if (!shown || document.visibilityState !== "visible") return;
  const reply = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!reply.ok) return;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const next = page.querySelector("[data-overview]");
  // Whoever is in there with the keyboard stays where they are.
  if (next && !shown.contains(document.activeElement)) shown.replaceWith(next);
}

let hour;

function watchHour(now) {
  const next = Math.floor(now / (60 * MINUTE));
  if (hour !== undefined && hour !== next) renewSoon();
  hour = next;
}

function listenForArrows(tabs) {
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const links = [...tabs.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (!step || at < 0) return;
    const forward = getComputedStyle(tabs).direction === "rtl" ? -step : step;
    links[(at + forward + links.length) % links.length].focus();
    event.preventDefault();
  });
}

// Another choice of the same agenda stays where the reader is, instead of at the top.
const KEPT = "agenda-scroll";

function keepPlace() {
  for (const part of document.querySelectorAll(".finder, .bar, .across, .result")) {
    part.addEventListener("click", (event) => {
      if (event.target.closest("a")?.hash === "") remember(scrollY);
    });
  }
  const kept = recall();
  if (kept && !location.hash) scrollTo({ top: Number(kept), behavior: "instant" });
  return Boolean(kept);
}

function remember(place) {
  try {
    sessionStorage.setItem(KEPT, place);
  } catch {
    // Storage is blocked: the page opens at its top.
  }
}

function recall() {
  try {
    const kept = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    return kept;
  } catch {
    return null;
  }
}

document.addEventListener("phase-passed", renewSoon);
document.querySelectorAll("[data-arrow-keys]").forEach(listenForArrows);
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Bring the chosen day into view sideways, without moving the page.
const chosen = document.querySelector(".tabs [aria-current]");
if (chosen) chosen.parentElement.scrollBy(chosen.getBoundingClientRect().left - chosen.parentElement.getBoundingClientRect().left - 16, 0);

const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
const stays = isBack || keepPlace();

if (agenda) {
  // In a long list, or in a grid, "Favourite" alone does not say of what.
  for (const star of agenda.querySelectorAll(".star")) {
    const title = star.parentElement.querySelector("b")?.textContent;
    star.setAttribute("aria-label", `${star.textContent}: ${title}`);
    if (!star.hasAttribute("aria-pressed")) star.setAttribute("aria-pressed", "false");
  }
  listenForStars(agenda);
  walkThroughGrid(agenda);
  keepCurrent(moveLine);
  if ("openAtNow" in agenda.dataset && !location.hash && !stays) {
    const now = document.getElementById("now");
    // Before the first session of the day there is nothing to scroll past.
    if (now?.parentElement.querySelector(".slot") !== now) now?.scrollIntoView({ block: "center" });
  }
}
