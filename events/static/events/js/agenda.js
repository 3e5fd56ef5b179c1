import { clockText, keepCurrent } from "./clock.js";
import { listenForStars } from "./star.js";
import "./marks.js";

const agenda = document.querySelector("[data-agenda]");

function moveLine(now) {
  const line = agenda.querySelector("[data-today] .now-line");
  if (!line) return Infinity;
  const time = line.querySelector("time");
  time.dateTime = new Date(now).toISOString().slice(0, 16) + "Z";
  time.textContent = clockText(now, agenda.dataset.zone);
  const slots = [...line.parentElement.querySelectorAll(".slot")];
  const following = slots.find((slot) => Date.parse(slot.dataset.starts) > now) ?? null;
  if (line.nextElementSibling !== following) line.parentElement.insertBefore(line, following);
  return now - (now % 60000) + 60000;
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
  keepCurrent(moveLine);
  if ("openAtNow" in agenda.dataset && !location.hash) {
    const now = document.getElementById("now");
    // Before the first session of the day there is nothing to scroll past.
    if (now?.parentElement.querySelector(".slot") !== now) now?.scrollIntoView();
  }
}
