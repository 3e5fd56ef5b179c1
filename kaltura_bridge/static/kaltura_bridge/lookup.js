// While the worker asks Kaltura, the page waits. Without this script it has a link to refresh.
(() => {
  "use strict";

  const EVERY_MS = 1500;

  async function refresh() {
    try {
      const reply = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      if (!page.querySelector("[data-lookup]")) {
        location.reload();
        return;
      }
    } catch {
      // The portal restarts, or the network is gone: the next turn asks again.
    }
    setTimeout(refresh, EVERY_MS);
  }

  if (document.querySelector("[data-lookup]")) setTimeout(refresh, EVERY_MS);
})();
