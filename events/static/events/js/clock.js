// Shared by the pages that tell the time.

export function clockText(instant, zone) {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone,
  }).format(instant);
}

export function minutesUntil(instant, now) {
  return Math.max(0, Math.ceil((instant - now) / 60000));
}

// Run now, and again whenever the page is looked at or a quarter of a minute has passed.
export function keepCurrent(update) {
  const run = () => document.visibilityState === "visible" && update(Date.now());
  run();
  setInterval(run, 15000);
  document.addEventListener("visibilitychange", run);
}
