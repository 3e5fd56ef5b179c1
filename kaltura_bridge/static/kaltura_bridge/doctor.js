// While a check-up runs, its lines appear one by one. Without this script the page has a link to refresh.
(() => {
  "use strict";

  const EVERY_MS = 1500;
  const PARTS = ["doctor-form", "doctor-lines"];
  const status = document.getElementById("doctor-status");

  const isRunning = (element) => element.hasAttribute("data-running");

  async function refresh() {
    try {
      const reply = await fetch(location.href, { headers: { Accept: "text/html" } });
      show(new DOMParser().parseFromString(await reply.text(), "text/html"));
    } catch {
      // The portal restarts, or the network is gone: the next turn asks again.
    }
    if (isRunning(status)) setTimeout(refresh, EVERY_MS);
  }

  function show(page) {
    const fresh = page.getElementById("doctor-status");
    if (!fresh) {
      // Signed out meanwhile: the reload leads to the sign-in page.
      location.reload();
      return;
    }
    for (const id of PARTS) {
      document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
    }
    // Said aloud by screen readers, so only when it changes.
    if (status.textContent !== fresh.textContent) status.textContent = fresh.textContent;
    status.toggleAttribute("data-running", isRunning(fresh));
  }

  if (status && isRunning(status)) setTimeout(refresh, EVERY_MS);
})();
