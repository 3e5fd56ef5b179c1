// What the team says to its audience, on pages that are open: asked again and again, and shown
// without a reload. The answer is the same for all, so nobody's cookies go along.

const DISMISSED = "messages-dismissed";
const SEEN = "messages-seen";
const MOST_KEPT = 200;
// Thousands of pages show a message within the same seconds; they do not all say so at once.
const TELL_WITHIN_MS = 5000;

function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "[]");
  } catch {
    return [];
  }
}

function keep(name, value) {
  try {
    const all = [...kept(name).filter((each) => each !== value), value];
    localStorage.setItem(name, JSON.stringify(all.slice(-MOST_KEPT)));
  } catch {
    // No storage: it is known for as long as the page is open.
  }
}

class Audience {
  constructor(region) {
    this.region = region;
    this.everyMs = Number(region.dataset.everyS) * 1000;
    this.dismissed = new Set(kept(DISMISSED));
    this.seen = new Set(kept(SEEN));
    this.unsaid = new Set();
    for (const part of this.parts()) {
      if (this.dismissed.has(part.dataset.name)) part.remove();
      else this.complete(part);
    }
  }

  parts() {
    return [...this.region.querySelectorAll("[data-message]")];
  }

  // Takes away what has ended, and adds what is new, in the order of the answer.
  show(messages) {
    const names = new Set(messages.map((each) => each.name));
    for (const part of this.parts()) if (!names.has(part.dataset.name)) part.remove();
    const there = new Map(this.parts().map((part) => [part.dataset.name, part]));
    for (const message of messages) {
      if (there.has(message.name) || this.dismissed.has(message.name)) continue;
      this.region.append(this.made(message));
    }
  }

  made(message) {
    const part = document.createElement("div");
    part.className = `notice notice-${message.level} audience-message`;
    part.dataset.message = message.id;
    part.dataset.name = message.name;
    const text = document.createElement("p");
    text.dir = "auto";
    if (message.level === "warning") {
      const word = document.createElement("strong");
      word.textContent = this.region.dataset.warning;
      text.append(word, " ");
    }
    text.append(message.text);
    part.append(text);
    this.complete(part);
    return part;
  }

  complete(part) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "audience-dismiss";
    button.setAttribute("aria-label", this.region.dataset.dismiss);
    button.textContent = "×";
    button.addEventListener("click", () => this.dismiss(part));
    part.append(button);
    this.tellSeen(part);
  }

  dismiss(part) {
    this.dismissed.add(part.dataset.name);
    keep(DISMISSED, part.dataset.name);
    const next = this.parts().find((each) => each !== part)?.querySelector("button");
    part.remove();
    (next ?? document.getElementById("content"))?.focus();
  }

  tellSeen(part) {
    const id = part.dataset.message;
    if (!this.word() || this.seen.has(id)) return;
    this.seen.add(id);
    if (this.unsaid.size === 0) {
      setTimeout(() => this.say(), Math.random() * TELL_WITHIN_MS);
    }
    this.unsaid.add(id);
  }

  async say() {
    const body = new URLSearchParams({ of: this.word() });
    const ids = [...this.unsaid];
    this.unsaid.clear();
    for (const id of ids) body.append("id", id);
    try {
      const how = { method: "POST", body, credentials: "omit", keepalive: true };
      const reply = await fetch(this.region.dataset.seenUrl, how);
      if (reply.ok) ids.forEach((id) => keep(SEEN, id));
    } catch {
      // It is a count, and may miss somebody whose network is gone.
    }
  }

  word() {
    const url = this.region.dataset.audience;
    return url ? (new URL(url, location.href).searchParams.get("of") ?? "") : "";
  }

  async ask() {
    let againMs = this.everyMs;
    try {
      const how = { credentials: "omit", cache: "no-store" };
      const reply = await fetch(this.region.dataset.audience, how);
      // The event was over long ago, or is not there any more: the page says what it says.
      if (reply.status === 404) return;
      if (!reply.ok) throw new Error(reply.statusText);
      const answer = await reply.json();
      this.show(answer.messages);
      againMs = Math.max(againMs, answer.again_s * 1000);
    } catch {
      againMs = Math.max(againMs, 10_000);
    }
    this.askIn(againMs * (1 + Math.random() / 4));
  }

  askIn(ms) {
    setTimeout(() => {
      const waits = document.hidden && this.everyMs > 10_000;
      if (!waits) return this.ask();
      document.addEventListener("visibilitychange", () => this.ask(), { once: true });
    }, ms);
  }
}

const region = document.querySelector("[data-audience]");
if (region) {
  const audience = new Audience(region);
  if (region.dataset.audience) audience.askIn(Math.random() * 2000);
}
// Only the stage itself is seen in full screen, so what is said goes along.
document.addEventListener("fullscreenchange", () => {
  const stage = document.fullscreenElement;
  if (!region) return;
  if (stage && stage !== document.documentElement && !stage.contains(region)) {
    region.dataset.over = "";
    stage.append(region);
  } else if (!stage && "over" in region.dataset) {
    delete region.dataset.over;
    document.getElementById("content").before(region);
  }
});
