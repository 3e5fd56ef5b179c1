/* The stage: counts down, opens the doors in time, listens to Kaltura's page about its size. */
"use strict";
(() => {
  const SECOND = 1000;
  const MOST_RESIZES = 10;
  const find = (selector) => document.querySelector(selector);

  function left(until) {
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / SECOND));
    const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
    const hours = Math.floor(seconds / 3600);
    const text = parts.map((part) => String(part).padStart(2, "0")).join(":");
    return hours ? `${hours}:${text}` : text;
  }

  /* Everyone waits for the same moment; a second or two apart spares the server. */
  function reloadSoon(seconds) {
    window.setTimeout(() => window.location.reload(), (seconds + Math.random() * 2) * SECOND);
  }

  function countDown(node) {
    const until = Date.parse(node.dataset.countTo);
    const tick = () => {
      const over = until <= Date.now();
      node.hidden = over;
      if (!over) {
        node.textContent = `${node.dataset.label} ${left(until)}`;
        return;
      }
      window.clearInterval(timer);
      if ("reload" in node.dataset) reloadSoon(0);
    };
    const timer = window.setInterval(tick, SECOND);
    tick();
  }

  function announceNext(aside) {
    const at = Date.parse(aside.dataset.nextAt);
    const count = aside.querySelector("[data-next-count]");
    const timer = window.setInterval(() => {
      const rest = at - Date.now();
      if (rest > 60 * SECOND) return;
      aside.hidden = false;
      count.textContent = rest > 0 ? `starts in ${left(at)}` : "has started";
      if (rest <= 0) window.clearInterval(timer);
    }, SECOND);
    aside.querySelector("[data-stay]").addEventListener("click", () => {
      window.clearInterval(timer);
      aside.hidden = true;
    });
  }

  function offerFullscreen(button, stage) {
    if (!stage.requestFullscreen) return;
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
  function growOnRequest(stage) {
    const frame = stage.querySelector("iframe");
    let resizes = 0;
    window.addEventListener("message", (event) => {
      if (event.origin !== stage.dataset.kafOrigin || event.source !== frame.contentWindow) return;
      const height = Math.min(heightAsked(event), 2400);
      if (document.fullscreenElement || height <= stage.clientHeight + 8) return;
      resizes += 1;
      if (resizes <= MOST_RESIZES) stage.style.minBlockSize = `${height}px`;
    });
  }

  const stage = find("[data-stage]");
  const denied = find("[data-denied]");
  const next = find("[data-next-at]");
  const dialog = find("[data-leave-dialog]");
  document.querySelectorAll("[data-count-to]").forEach(countDown);
  if (denied?.dataset.retryS) reloadSoon(Number(denied.dataset.retryS));
  if (next) announceNext(next);
  if (stage) {
    growOnRequest(stage);
    offerFullscreen(find("[data-fullscreen]"), stage);
  }
  if (dialog) askBeforeLeaving(find("[data-leave]"), dialog);
})();
