// Shared by the pages that tell the time. What is when, and what follows, comes from the
// server (events/access.py): here a clock walks past its moments, and nothing is decided.

export const SECOND = 1000;
const MINUTE = 60 * SECOND;
// A clock may be set and a laptop may sleep, so nobody trusts a longer nap than this.
const LONGEST_NAP = 15 * SECOND;
const LEAST_GAP = 10 * SECOND;
const SPREAD = 3 * SECOND;

export function clockText(instant, zone) {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone,
  }).format(instant);
}

export function minutesUntil(instant, now) {
  return Math.max(0, Math.ceil((instant - now) / MINUTE));
}

const dayCount = new Intl.NumberFormat(document.documentElement.lang || "en", {
  style: "unit", unit: "day", unitDisplay: "long",
});

// As time_left in events/agenda/marks.py writes it: "12:04", "1:12:04", "2 days 1:12:04".
export function timeLeft(instant, now) {
  const seconds = Math.max(0, Math.ceil((instant - now) / SECOND));
  const twoDigits = (number) => String(number % 60).padStart(2, "0");
  const [days, hours] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24];
  const clock = `${twoDigits(Math.floor(seconds / 60))}:${twoDigits(seconds)}`;
  if (days) return `${dayCount.format(days)} ${hours}:${clock}`;
  return hours ? `${hours}:${clock}` : clock;
}

// The browser's clock may be wrong by minutes or days, and what is when is the server's word.
// So its time is taken from each page as it arrives, and goes on from there. It stands in the
// page (`data-now`), and in the header Server-Timing: after a 304 the page is an older one.
const KEPT = "clock-ahead-ms";
let [told, wall, steady] = [Date.now(), Date.now(), performance.now()];

// `page` has arrived `waited` milliseconds ago, with `timing` as its answer's Server-Timing.
export function setClock(page, waited = 0, timing = "") {
  const told_s = /\bnow;desc="([\d.]+)"/.exec(timing)?.[1] ?? page.documentElement.dataset.now;
  const now = Number(told_s) * SECOND;
  if (!now) return;
  [told, wall, steady] = [now + waited, Date.now(), performance.now()];
  remember(wall - told);
}

// The steady clock may stop while a laptop sleeps; the other one may be set back meanwhile.
export function serverNow() {
  return told + Math.max(Date.now() - wall, performance.now() - steady);
}

function remember(ms) {
  try {
    sessionStorage.setItem(KEPT, ms);
  } catch {
    // Storage is blocked: only the way back to a page needs it.
  }
}

function remembered() {
  try {
    return Number(sessionStorage.getItem(KEPT));
  } catch {
    return 0;
  }
}

const [visit] = performance.getEntriesByType("navigation");
// A page that comes from the browser's own history tells a time that has long passed; so does
// one that the server let stand, where the browser does not tell the header.
const isOld = visit?.type === "back_forward" || (!timingOf(visit) && visit?.transferSize < visit?.encodedBodySize);
if (isOld) told -= remembered();
else setClock(document, visit ? performance.now() - visit.responseStart : 0, timingOf(visit));

// As it stood in the header; browsers tell it to pages that came over https.
function timingOf(visit) {
  const now = visit?.serverTiming?.find((each) => each.name === "now");
  return now ? `now;desc="${now.description}"` : "";
}

// Run `update(now)` now, at the moment that it returns, and whenever the page is looked at
// again. A page that nobody looks at rests, unless it is to go on `inBackground`. Returns a
// function that runs it at once.
export function keepCurrent(update, { inBackground = false } = {}) {
  let timer;
  const run = () => {
    clearTimeout(timer);
    if (document.visibilityState !== "visible" && !inBackground) return;
    const next = update(serverNow()) ?? Infinity;
    timer = setTimeout(run, Math.min(Math.max(next - serverNow(), 1), LONGEST_NAP));
  };
  run();
  document.addEventListener("visibilitychange", run);
  return run;
}

// When to ask the server again, by what it wrote on `element`: `data-ask-at` is the moment
// that changes its answer, `data-ask-every-s` how often something may have changed there.
// Never within ten seconds of its last answer; and apart from each other, because everyone
// waits for the same moment.
export function askingTime(element, answered = serverNow()) {
  const { askAt, askEveryS } = element.dataset;
  const apart = Math.random() * SPREAD;
  let due = askEveryS ? answered + Number(askEveryS) * SECOND : Infinity;
  // The server has just said that this moment is to come: if it is past, our time is wrong.
  if (askAt) due = Math.min(due, Date.parse(askAt) > answered ? Date.parse(askAt) : answered + MINUTE);
  return Math.max(due, answered + LEAST_GAP) + apart;
}

// When to ask again after there was no answer.
export function retryTime() {
  return serverNow() + LEAST_GAP + Math.random() * SPREAD;
}

// Write the time left into every countdown within `root`. Returns the next full second.
export function countDown(root, now) {
  for (const node of root.querySelectorAll("[data-count-to]")) {
    const text = node.dataset.text.replace("{}", timeLeft(Date.parse(node.dataset.countTo), now));
    if (node.textContent !== text) node.textContent = text;
  }
  return root.querySelector("[data-count-to]") ? now - (now % SECOND) + SECOND : Infinity;
}
