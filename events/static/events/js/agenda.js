import { clockText, keepCurrent, minutesUntil } from "./clock.js";
import { listenForStars } from "./star.js";

const agenda = document.querySelector("[data-agenda]");
const doors = Number(agenda?.dataset.doors) * 60000;
const overrun = Number(agenda?.dataset.overrun) * 60000;
const HOUR = 3600000;

// The same rules as events/agenda/state.py.
function phaseOf(starts, ends, now) {
  if (now >= ends + overrun) return ["over", "Ended"];
  if (now >= ends) return ["overrun", "Ending"];
  if (now >= starts) return ["live", "Live now"];
  const left = `In ${minutesUntil(starts, now)} min`;
  if (now >= starts - doors) return ["open", left];
  return starts - now <= HOUR ? ["soon", left] : ["planned", ""];
}

function remark(card, now) {
  if (card.matches(".card-cancelled, .card-draft")) return;
  const [starts, ends] = [...card.querySelectorAll(".card-time time")].map((t) => Date.parse(t.dateTime));
  const [phase, text] = phaseOf(starts, ends, now);
  const mark = card.querySelector(".mark") ?? document.createElement("span");
  if (mark.textContent !== text) mark.textContent = text;
  mark.className = `mark mark-${phase}`;
  if (text && !mark.parentElement) card.querySelector(".card-meta").prepend(mark);
  card.className = card.className.replace(/card-(planned|soon|open|live|overrun|over)\b/, `card-${phase}`);
}

function moveLine(now) {
  const line = agenda.querySelector("[data-today] .now-line");
  if (!line) return;
  const time = line.querySelector("time");
  time.dateTime = new Date(now).toISOString().slice(0, 16) + "Z";
  time.textContent = clockText(now, agenda.dataset.zone);
  const slots = [...line.parentElement.querySelectorAll(".slot")];
  const following = slots.find((slot) => Date.parse(slot.dataset.starts) > now) ?? null;
  if (line.nextElementSibling !== following) line.parentElement.insertBefore(line, following);
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

document.querySelectorAll("[data-arrow-keys]").forEach(listenForArrows);

// Bring the chosen day into view sideways, without moving the page.
const chosen = document.querySelector(".tabs [aria-current]");
if (chosen) chosen.parentElement.scrollBy(chosen.getBoundingClientRect().left - chosen.parentElement.getBoundingClientRect().left - 16, 0);

if (agenda) {
  listenForStars(agenda);
  keepCurrent((now) => {
    agenda.querySelectorAll(".card").forEach((card) => remark(card, now));
    moveLine(now);
  });
  if ("openAtNow" in agenda.dataset && !location.hash) {
    const now = document.getElementById("now");
    // Before the first session of the day there is nothing to scroll past.
    if (now?.parentElement.querySelector(".slot") !== now) now?.scrollIntoView();
  }
}
