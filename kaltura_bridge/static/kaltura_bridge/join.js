// The join page: counts down, opens the doors in time, listens to Kaltura's page about its size.
import { followPlays, waitForRecording } from "./plays.js";
import { Room, offerAgain, waitForBroadcast } from "./room.js";
import { SECOND, askingTime, countDown, keepCurrent, serverNow, timeLeft } from "../events/js/clock.js";

const MOST_RESIZES = 10;
const find = (selector) => document.querySelector(selector);

// Counts down and asks again, looked at or not: "leave this page open and it lets you in".
function wait(denied) {
  let due = askingTime(denied);
  keepCurrent((now) => {
    if (now >= due) {
      due = Infinity;
      location.reload();
    }
    return Math.min(countDown(denied, now), due);
  }, { inBackground: true });
}

// Until the start; then the session speaks for itself.
function countToStart(count) {
  const starts = Date.parse(count.querySelector("[data-count-to]").dataset.countTo);
  keepCurrent((now) => {
    count.hidden = now >= starts;
    return count.hidden ? Infinity : countDown(count, now);
  });
}

function announceNext(aside) {
  const at = Date.parse(aside.dataset.nextAt);
  const count = aside.querySelector("[data-next-count]");
  const timer = window.setInterval(() => {
    const now = serverNow();
    const rest = at - now;
    if (rest > 60 * SECOND) return;
    aside.hidden = false;
    count.textContent = rest > 0
      ? count.dataset.text.replace("{}", timeLeft(at, now)) : count.dataset.startedText;
    if (rest <= 0) window.clearInterval(timer);
  }, SECOND);
  aside.querySelector("[data-stay]").addEventListener("click", () => {
    window.clearInterval(timer);
    aside.hidden = true;
  });
}

// A main stage around this page has a button of its own.
function offerFullscreen(button, stage) {
  if (!button || !stage.requestFullscreen) return;
  button.hidden = false;
  button.addEventListener("click", () => stage.requestFullscreen().catch(() => {}));
}

function askBeforeLeaving(link, dialog) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.returnValue = "stay";
    dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "leave") window.location.assign(link.href);
  });
}

function heightAsked(event) {
  try {
    const said = JSON.parse(event.data);
    const height = said.subject === "lti.frameResize" ? Number(said.height) : 0;
    return Number.isFinite(height) ? height : 0;
  } catch {
    return 0; // other messages of the page are none of ours
  }
}

/* A page that needs more room than the window gets it; one that measures the room
   it has been given and asks for a little more each time is stopped. */
function growOnRequest(stage, room) {
  let resizes = 0;
  window.addEventListener("message", (event) => {
    const { frame } = room; // it comes later where a broadcast is waited for
    if (event.origin !== stage.dataset.kafOrigin || event.source !== frame?.contentWindow) return;
    const height = Math.min(heightAsked(event), 2400);
    if (document.fullscreenElement || height <= stage.clientHeight + 8) return;
    resizes += 1;
    if (resizes <= MOST_RESIZES) stage.style.minBlockSize = `${height}px`;
  });
}

const stage = find("[data-stage]");
const denied = find("[data-denied]");
const count = find(".stage-count");
const next = find("[data-next-at]");
const dialog = find("[data-leave-dialog]");
if (denied) wait(denied);
if (denied?.dataset.playsUrl) waitForRecording(denied);
if (count) countToStart(count);
if (next) announceNext(next);
if (stage) {
  const room = new Room(stage);
  const wait = find("[data-wait]");
  const plays = find("[data-plays]");
  growOnRequest(stage, room);
  offerAgain(room, find("[data-again]"), find("[data-away]"));
  if (wait) waitForBroadcast(room, wait);
  if (plays) followPlays(room, plays);
  offerFullscreen(find("[data-fullscreen]"), stage);
}
if (dialog) askBeforeLeaving(find("[data-leave]"), dialog);
