// On pages that the browser keeps: says so on a kept copy, and starts the service worker.

const page = document.documentElement;
const strip = document.querySelector("[data-reader]");

// With the date when it was another day: "14 May 2026, 10:42 CEST".
function asOf(instant) {
  const isToday = instant.toDateString() === new Date().toDateString();
  const date = isToday ? {} : { day: "numeric", month: "long", year: "numeric" };
  return new Intl.DateTimeFormat(page.lang === "en" ? "en-GB" : page.lang, {
    ...date, hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
  }).format(instant);
}

function tell() {
  const text = strip.dataset[page.dataset.keptWhy];
  const kept = new Date(Number(page.dataset.keptAt) * 1000);
  strip.querySelector("[data-kept-text]").textContent = text.replace("{}", asOf(kept));
  strip.hidden = false;
}

// A copy is for reading: its forms would lead to the browser's own error page.
function keepForms() {
  document.addEventListener("submit", (event) => {
    if (navigator.onLine || event.target.method !== "post") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    strip.querySelector("[data-kept-text]").textContent = strip.dataset.later;
    strip.hidden = false;
    strip.scrollIntoView({ block: "nearest" });
  }, { capture: true });
}

async function start() {
  await navigator.serviceWorker.register("/service-worker.js", { scope: "/", updateViaCache: "none" });
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({
    reader: strip.dataset.reader,
    page: location.href,
    saves: Boolean(navigator.connection?.saveData),
  });
}

const isCopy = "keptAt" in page.dataset;
if (isCopy) tell();
keepForms();
// After everything that the reader waits for. Private windows may have no workers.
if (!isCopy && "serviceWorker" in navigator) {
  const later = () => setTimeout(() => start().catch(() => {}), 1000);
  if (document.readyState === "complete") later();
  else addEventListener("load", later);
}
