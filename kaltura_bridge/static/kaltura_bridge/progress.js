// Updates the numbers during a long sync. Without this script the page has a link to refresh.
"use strict";

(() => {
  const EVERY_MS = 2000;
  const box = document.querySelector("[data-progress]");
  if (!box || box.dataset.done === "yes") return;

  const show = (news) => {
    const bar = box.querySelector("progress");
    bar.max = news.total || 1;
    if (news.total) bar.value = news.settled;
    box.querySelector("[role=status]").textContent = news.message;
    for (const [name, number] of Object.entries(news.counts || {})) {
      const place = document.querySelector(`[data-count="${name}"]`);
      if (place) place.textContent = number;
    }
  };

  const look = async () => {
    let answer;
    try {
      answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
    } catch {
      return setTimeout(look, EVERY_MS); // the portal restarts, or the network is down
    }
    const isNews = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    // Signed out meanwhile: the page itself leads to the sign-in and back.
    if (answer.redirected || !isNews) return location.reload();
    const news = await answer.json();
    show(news);
    // The rest of the page has changed, too.
    return news.done ? location.reload() : setTimeout(look, EVERY_MS);
  };

  setTimeout(look, EVERY_MS);
})();
