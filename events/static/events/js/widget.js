// Shows an event's agenda on another site:
//
//   <script src="https://PORTAL/widget.js" data-event="EVENT" async></script>
//
// also data-track, data-day (2030-05-06, or all), data-theme (auto, light, dark), data-language,
// data-title, and data-height in pixels until the frame has told its own. It puts a frame after
// itself, sets no cookie, reads nothing of the page, and asks nobody but the portal.
(() => {
  "use strict";

  const LEAST = 160;
  const MOST = 30000;
  const script = document.currentScript;
  const { event, title = "Agenda", height = "600", ...more } = script?.dataset ?? {};
  if (!event) {
    console.warn("widget.js: say which event to show, by data-event.");
    return;
  }
  const portal = new URL(script.src).origin;
  const address = new URL(`/e/${encodeURIComponent(event)}/widget/`, portal);
  for (const name of ["track", "day", "theme", "language"]) {
    if (more[name]) address.searchParams.set(name, more[name]);
  }

  const frame = document.createElement("iframe");
  Object.assign(frame, { src: address.href, title, loading: "lazy", referrerPolicy: "no-referrer" });
  frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox");
  Object.assign(frame.style, { border: "0", display: "block", width: "100%", height: `${within(height)}px` });

  function within(pixels) {
    return Math.min(MOST, Math.max(LEAST, Math.ceil(Number(pixels)) || LEAST));
  }

  window.addEventListener("message", ({ origin, source, data }) => {
    if (origin !== portal || source !== frame.contentWindow) return;
    if (typeof data?.agendaHeight === "number") frame.style.height = `${within(data.agendaHeight)}px`;
  });
  script.after(frame);
})();
