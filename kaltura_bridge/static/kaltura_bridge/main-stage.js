// A main stage: says a minute before that the next session begins, and goes there by itself,
// unless somebody stays. What is on is the server's word; here it is only followed.
import { SECOND, countDown, keepCurrent, serverNow, setClock, timeLeft } from "../events/js/clock.js";

const NOTICE_S = 60;
// How often it asks whether something has changed, and by chance how much later, so that
// not all come in one moment. At a start it asks at once, within so much.
const ASK_S = 15;
const SPREAD_S = 4;
const find = (selector, within = document) => within.querySelector(selector);

class MainStage {
  constructor(root) {
    this.root = root;
    this.screen = find("[data-stage-screen]");
    this.place = find("[data-stage-place]");
    this.said = find("[data-stage-said]");
    this.here = { kind: this.facts.kind, shown: this.facts.shown };
    this.stays = "stays" in this.facts;
    this.chose = false;
    this.announced = "";
    this.plan();
    this.listen();
    this.showNow();
    this.run = keepCurrent((now) => this.tick(now), { inBackground: true });
  }

  get facts() {
    return find("[data-stage-facts]").dataset;
  }

  get isElsewhere() {
    return this.facts.kind !== this.here.kind || this.facts.shown !== this.here.shown;
  }

  say(text) {
    this.said.textContent = text;
  }

  // Beside the stage what is on stands first, however much has been; who reads there is left alone.
  showNow() {
    const track = find("[data-stage-track]");
    const current = find("[aria-current], li:not(.is-past, .is-cancelled)", track);
    if (!current || track.matches(":hover, :focus-within")) return;
    track.scrollTop += current.getBoundingClientRect().top - track.getBoundingClientRect().top
      - find("h2", track).offsetHeight * 2;
  }

  // The next moment at which to ask: when time changes something, else now and then.
  plan() {
    const now = serverNow();
    const usual = now + ASK_S * SECOND * (0.8 + 0.4 * Math.random());
    const changes = Date.parse(this.facts.changes ?? "");
    this.due = changes > now ? Math.min(usual, changes + Math.random() * SPREAD_S * SECOND) : usual;
  }

  tick(now) {
    const next = this.notice(now);
    const counted = countDown(this.place, now);
    if (now >= this.due) {
      this.due = Infinity;
      this.ask();
    }
    return Math.min(next, counted, this.due);
  }

  // Shows what begins within a minute; says it once, without counting aloud.
  notice(now) {
    const aside = find("[data-stage-next]");
    const back = find("[data-stage-back-note]");
    back.hidden = !(this.stays && (this.isElsewhere || this.chose));
    // Whoever was on stage need not be on it in what the stage shows by now.
    find("[data-stage-by-choice]", back).hidden = !this.chose;
    find("[data-stage-by-role]", back).hidden = this.chose;
    if (!aside) return Infinity;
    const starts = Date.parse(this.facts.starts ?? "");
    const from = starts - NOTICE_S * SECOND;
    aside.hidden = this.stays || !(now >= from);
    if (now < from) return from;
    if (aside.hidden) return Infinity;
    const count = find("[data-stage-count]", aside);
    count.textContent = now < starts
      ? count.dataset.text.replace("{}", timeLeft(starts, now)) : count.dataset.begun;
    if (this.announced !== this.facts.coming) {
      this.announced = this.facts.coming;
      this.say(find("[data-stage-say]", aside).textContent);
    }
    return now < starts ? now - (now % SECOND) + SECOND : Infinity;
  }

  async ask() {
    try {
      const answer = await fetch(this.root.dataset.stateUrl, { headers: { Accept: "application/json" } });
      if (answer.status === 404) return window.location.reload();
      if (answer.ok) await this.follow(await answer.json());
    } catch {
      // The network is gone, or the portal restarts: what stands there stays.
    }
    this.plan();
    this.run();
  }

  async follow(state) {
    if (state.key === this.facts.key) return;
    // Nothing begins to speak in a tab that nobody has looked at since the pause began.
    const sleeps = this.here.kind !== "session" && document.visibilityState !== "visible";
    const after = find("[data-stage-after]");
    const isNext = state.kind === "session" && state.shown === this.facts.coming && after;
    if (isNext && !this.stays && !sleeps) {
      this.put(after.content.cloneNode(true), state);
      this.later = window.setTimeout(() => this.refresh(!this.stays).catch(() => {}), Math.random() * ASK_S * SECOND);
      // Till then the page says what was true before.
      this.facts.key = state.key;
      delete this.facts.starts;
      return;
    }
    await this.refresh(!this.stays && !sleeps);
  }

  put(content, { kind, shown }) {
    const hadFocus = this.place.contains(document.activeElement);
    this.place.replaceChildren(content);
    this.here = { kind, shown };
    if (hadFocus) this.place.focus();
  }

  // The page as it is now; what is in the frame stays where nobody wants it changed.
  async refresh(goesAlong) {
    window.clearTimeout(this.later);
    const asked = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    if (asked.status === 404) return window.location.reload();
    if (!asked.ok) return;
    const arrived = performance.now();
    const page = new DOMParser().parseFromString(await asked.text(), "text/html");
    setClock(page, performance.now() - arrived, asked.headers.get("Server-Timing") ?? "");
    for (const part of ["[data-stage-notice]", "[data-stage-track]"]) {
      find(part).replaceChildren(...find(part, page).childNodes);
    }
    this.showNow();
    if (goesAlong && this.isElsewhere) {
      this.put(find("[data-stage-place]", page).firstElementChild, this.facts);
    }
    // Whoever is on stage here stays, also when the stage has gone on to something else.
    if (!this.chose && !this.isElsewhere) this.stays = "stays" in this.facts;
    this.plan();
    this.run();
  }

  listen() {
    this.root.addEventListener("click", (event) => {
      const { target } = event;
      if (target.matches("[data-stage-stay]")) this.stay(target);
      if (target.matches("[data-stage-back]")) this.back(target);
    });
    document.addEventListener("visibilitychange", () => {
      const isBack = document.visibilityState === "visible";
      if (isBack && !this.stays && this.isElsewhere) this.refresh(true).catch(() => {});
    });
    const full = find("[data-stage-full]");
    if (!this.screen.requestFullscreen) return;
    full.hidden = false;
    full.addEventListener("click", () => this.screen.requestFullscreen().catch(() => {}));
  }

  stay(button) {
    [this.stays, this.chose] = [true, true];
    this.say(button.dataset.say);
    this.run();
    find("[data-stage-back]").focus();
  }

  async back(button) {
    [this.stays, this.chose] = [false, false];
    this.say(button.dataset.say);
    this.place.focus();
    await this.refresh(true).catch(() => {});
    this.run();
  }
}

const root = find("[data-main-stage]");
if (root) new MainStage(root);
