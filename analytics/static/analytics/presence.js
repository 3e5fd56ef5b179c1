// The join page's presence: asks, and says that somebody is there. Nothing before a yes.

const panel = document.querySelector("[data-presence]");
let stay = "";
let timer;

function send(message, more = {}) {
  const body = new FormData();
  for (const [name, value] of Object.entries({ do: message, ...more })) body.append(name, value);
  /* Like a beacon, it outlives the page (keepalive). A beacon itself would carry no token, and
     on a page without referrer its Origin would be "null", which the portal refuses. */
  return fetch(panel.dataset.url, {
    method: "POST", body, keepalive: true, headers: { "X-CSRFToken": panel.dataset.token },
  });
}

function note(token) {
  stay = token;
  panel.toggleAttribute("data-noting", Boolean(token));
}

async function begin() {
  if (!panel.dataset.beat) return; // The event asks; this page notes nothing itself.
  const answer = await send("join");
  note(answer.ok ? (await answer.json()).stay : "");
  window.clearInterval(timer);
  if (stay) timer = window.setInterval(beat, panel.dataset.beat * 1000);
}

async function beat() {
  const answer = await send("beat", { stay }).catch(() => undefined); // the next one may get through
  if (!answer) return;
  if (answer.status === 410) await begin().catch(() => {}); // away for too long: this is a new stay
  else if (answer.status === 403) window.clearInterval(timer);
}

function leave() {
  window.clearInterval(timer);
  if (stay) send("leave", { stay }).catch(() => {});
  note("");
}

function show(state) {
  panel.dataset.presence = state;
  panel.hidden = false;
  for (const part of panel.querySelectorAll("[data-when]")) {
    part.hidden = !part.dataset.when.split(" ").includes(state);
  }
}

async function choose(answer) {
  const kept = await send(answer, answer === "no" ? { stay } : {}).catch(() => undefined);
  if (!kept?.ok) return;
  show(answer);
  if (answer === "yes") await begin().catch(() => {});
  else {
    window.clearInterval(timer);
    note("");
  }
}

for (const button of panel.querySelectorAll("[data-answer]")) {
  button.addEventListener("click", () => choose(button.dataset.answer));
}
show(panel.dataset.presence);
if (panel.dataset.presence === "yes") begin().catch(() => {});
window.addEventListener("pagehide", leave);
// A page that comes back from the browser's cache goes on with a stay of its own.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && panel.dataset.presence === "yes") begin().catch(() => {});
});
