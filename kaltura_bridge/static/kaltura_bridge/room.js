// The room inside the join page: waits for its broadcast, goes in, and is loaded again on wish.

const SECOND = 1000;
// Browsers slow the timers of hidden pages to one a minute; a longer silence was sleep.
const LOOK_UP_S = 15;
const SLEPT_S = 180;
// A ticket lives for two minutes. Who waits keeps one at hand and goes in with it at once; it is
// renewed in good time, by chance a little sooner or later for each page.
const KEPT_S = 100;
const RENEWED_S = [60, 90];

export class Room {
  constructor(stage) {
    this.stage = stage;
    this.entered = false;
    this.keep(stage.dataset.frame);
  }

  keep(address) {
    this.kept = { address, at: Date.now() };
  }

  // What was kept, once, as long as it opens.
  takeKept() {
    const { address, at } = this.kept;
    this.kept = { at };
    return Date.now() - at < KEPT_S * SECOND ? address : "";
  }

  get frame() {
    return this.stage.querySelector(":scope > iframe");
  }

  // Goes in, or in again: with a new ticket, for each opens once.
  async enter() {
    const address = this.takeKept() || await this.newAddress();
    if (!address) return;
    this.entered = true;
    const wait = this.stage.querySelector("[data-wait]");
    if (wait) wait.hidden = true;
    let frame = this.frame;
    if (!frame) {
      frame = this.stage.querySelector("[data-frame]").content.firstElementChild.cloneNode(true);
      frame.src = address;
      this.stage.append(frame);
    } else frame.src = address;
  }

  // Whoever waits on (`isPatient`) lets a portal that restarts do so.
  async newAddress({ isPatient = false } = {}) {
    const answer = await fetch(this.stage.dataset.ticketUrl, {
      headers: { Accept: "application/json" },
    }).catch(() => undefined);
    if (answer?.ok) return (await answer.json()).frame;
    // No longer let in, or signed out: the page itself says why.
    if (answer && !(isPatient && answer.status >= 500)) window.location.reload();
    return "";
  }
}

// Asks until viewers see the broadcast. When nobody can say, Kaltura's page shows how it stands.
export async function waitForBroadcast(room, wait) {
  wait.querySelector("[data-go-in]").addEventListener("click", () => room.enter());
  keepTicket(room);
  while (!room.entered) {
    const { live, again_s: again } = await ask(room.stage.dataset.onAirUrl);
    if (room.entered) return;
    if (live !== false) await room.enter();
    if (room.entered) return;
    wait.hidden = false;
    // The portal says when: by chance a little sooner or later for each page.
    await new Promise((done) => { window.setTimeout(done, again * SECOND); });
  }
}

async function keepTicket(room) {
  const [least, most] = RENEWED_S;
  while (!room.entered) {
    const waits = least + Math.random() * (most - least);
    await new Promise((done) => { window.setTimeout(done, waits * SECOND); });
    if (room.entered) return;
    const address = await room.newAddress({ isPatient: true });
    if (address) room.keep(address);
  }
}

// Without cookies: the address says what is asked, and who asks does not matter.
async function ask(url) {
  const nobodyKnows = { live: null, again_s: 3 };
  const answer = await fetch(url, {
    credentials: "omit", cache: "no-store", headers: { Accept: "application/json" },
  }).catch(() => undefined);
  // The portal is away, which says nothing of the broadcast: go on waiting.
  if (!answer || answer.status >= 500) return { live: false, again_s: 3 };
  return answer.ok ? answer.json() : nobodyKnows;
}

/* A KS is needed to come in, not to stay; nothing is loaded again by itself, for that would
   throw people out. After a sleep or without network the room may have lost its own session:
   then it is offered. */
export function offerAgain(room, button, aside) {
  const again = () => {
    aside.hidden = true;
    room.enter();
  };
  button.hidden = false;
  button.addEventListener("click", again);
  aside.querySelector("[data-again-now]").addEventListener("click", again);
  aside.querySelector("[data-not-again]").addEventListener("click", () => { aside.hidden = true; });
  let last = Date.now();
  window.setInterval(() => {
    const slept = Date.now() - last > SLEPT_S * SECOND;
    last = Date.now();
    if (slept && room.frame) aside.hidden = false;
  }, LOOK_UP_S * SECOND);
  let wentAway = false;
  window.addEventListener("offline", () => { wentAway = true; });
  window.addEventListener("online", () => {
    if (wentAway && room.frame) aside.hidden = false;
    wentAway = false;
  });
}
