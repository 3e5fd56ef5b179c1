// The live desk: asks how the session stands, and renews what is no longer true. Without it the
// page says all of it too, and "Look again" is a link to itself.
import { SECOND } from "../events/js/clock.js";

const LEAST_S = 2;
const MOST_S = 15;
const SPREAD = 0.2;

const desk = document.querySelector("[data-desk]");

// Apart from each other, because everybody opened the page at the same moment.
function pause(seconds) {
  const varied = seconds * (1 + SPREAD * (2 * Math.random() - 1));
  return Math.min(Math.max(varied, LEAST_S), MOST_S) * SECOND;
}

function show(state) {
  const box = desk.querySelector("[data-desk-state]");
  box.className = `desk-state desk-state-${state.name}`;
  box.dataset.deskState = state.name;
  for (const node of box.querySelectorAll("[data-state]")) {
    const text = state[node.dataset.state];
    if (node.textContent !== text) node.textContent = text;
    if (node.dataset.state === "trouble") node.hidden = !text;
  }
}

// The panels that say something about the state; what has a form open in it stays.
async function renewPanels() {
  const reply = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!reply.ok) throw new Error(reply.statusText);
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const fresh = page.querySelector("[data-desk]");
  if (!fresh) return location.reload();
  for (const panel of fresh.querySelectorAll("[data-follows]")) {
    const old = document.getElementById(panel.id);
    // A step that was not there has a heading too: then the page is another one.
    if (!old) return location.reload();
    if (old.innerHTML === panel.innerHTML || old.contains(document.activeElement)) continue;
    old.replaceWith(panel);
  }
  desk.dataset.parts = fresh.dataset.parts;
}

async function look() {
  let next = MOST_S;
  try {
    const reply = await fetch(desk.dataset.stateUrl, { headers: { Accept: "application/json" } });
    // Signed out, or no longer on this stage: the page itself says so.
    if (reply.status === 404 || reply.redirected) return location.reload();
    if (!reply.ok) throw new Error(reply.statusText);
    const state = await reply.json();
    show(state);
    next = state.ask_s;
    if (state.parts !== desk.dataset.parts) await renewPanels();
  } catch {
    // The network is gone, or the portal restarts: what stands there stays.
  }
  wait(next);
}

let timer;
function wait(seconds) {
  clearTimeout(timer);
  timer = setTimeout(look, pause(seconds));
}

if (desk) {
  wait(Number(desk.dataset.askS));
  desk.querySelector("[data-reload]").addEventListener("click", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    look();
  });
}
