import { askingTime, countDown, keepCurrent, retryTime, setClock } from "./clock.js";
import { listenForStars } from "./star.js";
import "./marks.js";

// The part of the page that says what may be done now. The label counts down by itself; when
// time changes more than that, the server says what to do next.

async function fresh(part) {
  const reply = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  const arrived = performance.now();
  if (reply.status >= 500) throw new Error(reply.statusText);
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  setClock(page, performance.now() - arrived, reply.headers.get("Server-Timing") ?? "");
  return page.getElementById(part.id);
}

function replace(part, next) {
  const hadFocus = part.contains(document.activeElement);
  part.replaceWith(next);
  next.querySelectorAll("[data-star-form]").forEach(listenForStars);
  if (hadFocus) next.querySelector("a, button")?.focus();
}

function follow(part) {
  let due = askingTime(part);
  const ask = async () => {
    due = Infinity;
    try {
      const next = await fresh(part);
      // Signed out, or no longer there: the page itself says so.
      if (!next) return location.reload();
      replace(part, next);
      part = next;
      due = askingTime(part);
    } catch {
      // The network is gone, or the portal restarts: what stands there stays.
      due = retryTime();
    }
    run();
  };
  const run = keepCurrent((now) => {
    if (now >= due) ask();
    return Math.min(countDown(part, now), due);
  });
}

document.querySelectorAll("[data-star-form]").forEach(listenForStars);
const part = document.querySelector("[data-access]");
if (part) follow(part);
