/* Keeps the page fresh and lets its buttons move the clock and the live streams, and add faults. */
"use strict";
(() => {
  const REFRESH_MS = 2500;
  const problem = document.querySelector("[data-problem]");

  function say(text) {
    problem.textContent = text;
    problem.hidden = !text;
  }

  function replace(name, html) {
    const node = document.querySelector(`[data-live="${name}"]`);
    if (node.dataset.shown === html) return;
    // Keep what was opened or closed, and the focus.
    const openings = new Map();
    for (const part of node.querySelectorAll("details[data-key]")) openings.set(part.dataset.key, part.open);
    const focused = node.contains(document.activeElement) ? document.activeElement.dataset.focus : "";
    node.dataset.shown = html;
    node.innerHTML = html;
    for (const part of node.querySelectorAll("details[data-key]")) {
      if (openings.has(part.dataset.key)) part.open = openings.get(part.dataset.key);
    }
    if (focused) node.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  async function refresh() {
    try {
      const reply = await fetch("/ui/parts", { cache: "no-store" });
      const parts = await reply.json();
      for (const [name, html] of Object.entries(parts)) replace(name, html);
      say("");
    } catch {
      say("The simulator does not answer. This page shows the last known state.");
    }
  }

  async function press(button) {
    button.disabled = true;
    try {
      const reply = await fetch(button.dataset.post, {
        method: button.dataset.method || "POST",
        headers: { "Content-Type": "application/json" },
        body: button.dataset.body || undefined,
      });
      const answer = await reply.json();
      await refresh();
      if (!reply.ok) say(answer.error);
    } catch {
      say("The simulator does not answer, so nothing was changed.");
    } finally {
      button.disabled = false;
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-post]");
    if (button) press(button);
  });
  window.setInterval(() => { if (document.visibilityState === "visible") refresh(); }, REFRESH_MS);
})();
