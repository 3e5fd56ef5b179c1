/* Sends heartbeats of a visit, shows who is here, and leaves when the page is closed. */
"use strict";
(() => {
  const place = document.querySelector("main[data-visit]");

  function tellParentMySize() {
    if (window.parent === window) return;
    // KAF sends JSON text; it contains only a height, so any origin may read it.
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    window.parent.postMessage(JSON.stringify({ subject: "lti.frameResize", height }), "*");
  }
  tellParentMySize();
  if ("ResizeObserver" in window) new ResizeObserver(tellParentMySize).observe(document.body);
  if (!place) return;

  const beatMs = Number(place.dataset.beatMs);
  const shown = (name) => place.querySelector(`[data-show="${name}"]`);
  let lastMessage = 0;
  let timer = 0;
  let clockOffsetMs = 0;

  const form = (fields) => new URLSearchParams({ visit: place.dataset.visit, ...fields });

  async function post(path, fields) {
    const reply = await fetch(path, { method: "POST", body: form(fields), cache: "no-store" });
    // A simulator that started over does not know this visit any more.
    if (reply.status === 404) return { state: "gone" };
    if (!reply.ok) throw new Error(`${path} answered ${reply.status}`);
    return reply.json();
  }

  function setText(name, text) {
    const node = shown(name);
    if (node && node.textContent !== text) node.textContent = text;
  }

  function element(tag, className, text) {
    const node = document.createElement(tag);
    node.className = className;
    node.textContent = text;
    return node;
  }

  function personTile(person) {
    const tile = element("li", "person", "");
    tile.dataset.person = person.user_id;
    tile.dataset.role = person.role;
    if (person.user_id === place.dataset.userId) tile.dataset.me = "";
    const avatar = element("span", "avatar", person.initials);
    avatar.setAttribute("aria-hidden", "true");
    tile.append(avatar, element("span", "person-name", person.name));
    tile.append(element("span", "person-role", person.role_label));
    return tile;
  }

  function showPeople(people) {
    if (!shown("hosts")) return;
    const hosts = people.filter((person) => person.on_stage);
    const others = people.filter((person) => !person.on_stage);
    shown("hosts").replaceChildren(...hosts.map(personTile));
    shown("attendees").replaceChildren(...others.map(personTile));
  }

  function showMessages(messages) {
    const list = shown("messages");
    if (!list) return;
    for (const message of messages) {
      if (message.id <= lastMessage) continue;
      lastMessage = message.id;
      const item = element("li", "message", "");
      const at = new Date(message.at * 1000);
      const time = element("time", "", at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
      time.dateTime = at.toISOString();
      item.append(element("b", "", message.name), time, element("p", "", message.text));
      list.append(item);
      list.scrollTop = list.scrollHeight;
    }
  }

  function showStage(stage) {
    if (!stage) return;
    place.dataset.stage = stage.stage;
    place.dataset.playing = stage.playing;
    shown("stage").className = `pill pill-${stage.stage}`;
    setText("stage", stage.label);
    setText("headline", stage.headline);
    setText("stage-note", stage.note);
    shown("clock").dataset.from = stage.clock_from;
    tick();
  }

  function twoDigits(number) { return String(number).padStart(2, "0"); }

  function tick() {
    const clock = shown("clock");
    if (!clock) return;
    const from = Number(clock.dataset.from);
    if (!from) { clock.textContent = ""; return; }
    const seconds = Math.floor(Math.abs((Date.now() + clockOffsetMs) / 1000 - from));
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    clock.textContent = (hours ? [hours, twoDigits(minutes)] : [minutes]).concat(twoDigits(seconds % 60)).join(":");
  }

  function showScreen(name) {
    place.dataset.state = name;
    place.hidden = true;
    for (const screen of document.querySelectorAll("[data-screen]")) {
      screen.hidden = screen.dataset.screen !== name;
    }
    window.clearTimeout(timer);
  }

  function apply(state) {
    document.querySelector('[data-screen-bar="offline"]').hidden = true;
    if (state.state !== "in") { showScreen(state.state); return; }
    clockOffsetMs = state.now * 1000 - Date.now();
    setText("count", state.count);
    showPeople(state.people);
    showMessages(state.messages);
    showStage(state.stage);
    if (place.dataset.kind === "room") setText("stage-note", state.note);
  }

  async function beat() {
    window.clearTimeout(timer);
    try {
      const visible = document.visibilityState === "visible" ? "1" : "0";
      apply(await post("/kaf/visit/beat", { visible, after: lastMessage }));
    } catch {
      document.querySelector('[data-screen-bar="offline"]').hidden = false;
    }
    if (place.dataset.state === "in") timer = window.setTimeout(beat, beatMs);
  }

  async function leave() {
    window.clearTimeout(timer);
    try {
      await post("/kaf/visit/leave", {});
    } finally {
      showScreen("left");
    }
  }

  async function say(event) {
    event.preventDefault();
    const input = event.target.elements.text;
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    try {
      await post("/kaf/visit/say", { text });
      beat();
    } catch {
      input.value = text;
    }
  }

  document.addEventListener("click", (event) => {
    const act = event.target.closest("button[data-act]")?.dataset.act;
    if (act === "leave") leave();
    if (act === "rejoin") window.location.reload();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.act === "say") say(event);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && place.dataset.state === "in") beat();
  });
  window.addEventListener("pagehide", () => {
    if (place.dataset.state === "in") navigator.sendBeacon("/kaf/visit/leave", form({}));
  });
  window.addEventListener("pageshow", (event) => {
    // A page from the back-forward cache has left already: join again.
    if (event.persisted) window.location.reload();
  });

  beat();
  window.setInterval(tick, 1000);
})();
