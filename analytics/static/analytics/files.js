// Follows files that are being made. Without this script the page has a link to look again.
"use strict";

(() => {
  const EVERY_MS = 2000;
  const box = document.querySelector("[data-files]");
  const news = document.querySelector("[data-files-news]");
  if (!box) return;
  const underWay = () => box.querySelector("[data-under-way]");

  // Only what has changed: whoever is about to press a button does not lose it.
  const update = (row, now) => {
    if (row.dataset.state !== now.dataset.state) {
      row.replaceWith(now);
      const name = now.querySelector("th").textContent.trim();
      news.textContent = `${name}: ${now.querySelector("[data-said]").textContent}`;
      return;
    }
    const [bar, wanted] = [row, now].map((each) => each.querySelector("progress"));
    if (!bar || !wanted) return;
    bar.max = wanted.max;
    bar.value = wanted.value;
    row.querySelector("[data-rows]").textContent = now.querySelector("[data-rows]").textContent;
  };

  const look = async () => {
    let answer;
    try {
      answer = await fetch(box.dataset.files, { headers: { Accept: "text/html" } });
    } catch {
      return setTimeout(look, EVERY_MS); // the portal restarts, or the network is down
    }
    // Signed out meanwhile: the page itself leads to the sign-in and back.
    if (answer.redirected || answer.status === 404) return location.reload();
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const now of page.querySelectorAll("[data-file]")) {
        const row = box.querySelector(`[data-file="${now.dataset.file}"]`);
        if (row) update(row, now);
      }
    }
    if (underWay()) setTimeout(look, EVERY_MS);
  };

  if (underWay()) setTimeout(look, EVERY_MS);
})();
