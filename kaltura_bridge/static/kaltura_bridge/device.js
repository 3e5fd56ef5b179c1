// Where everybody may be in a session once: says that somebody is here, and goodbye.
// Each message is about the ticket with which this page came in; other tabs have their own.
// When the person went on in another browser, the room closes here.

const panel = document.querySelector("[data-device]");
let inside = ""; // the ticket, once it is used up
let timer;

function send(message, ticket) {
  const body = new FormData();
  body.append("do", message);
  body.append("ticket", ticket);
  return fetch(panel.dataset.url, {
    method: "POST", body, keepalive: true, headers: { "X-CSRFToken": panel.dataset.token },
  }).catch(() => undefined); // the next one may get through
}

const theFrame = () => document.querySelector("[data-stage] > iframe");

// Kaltura's page is hidden from this one. What can be seen is a page of ours that says why not.
function look() {
  const frame = theFrame();
  const entered = frame && !frame.contentDocument;
  const ticket = entered ? new URL(frame.src).searchParams.get("ticket") : "";
  if (inside && inside !== ticket) send("left", inside); // the room was loaded again
  inside = ticket;
}

async function beat() {
  // Looked at only when loaded: a frame has its next ticket before that is used up.
  if (!inside) look();
  if (!inside) return; // not in yet
  const asked = inside;
  const answer = await send("here", asked);
  if (answer?.status !== 410 || asked !== inside) return;
  window.clearInterval(timer);
  inside = "";
  theFrame()?.remove();
  panel.hidden = false;
}

timer = window.setInterval(beat, panel.dataset.beat * 1000);
document.addEventListener("load", (event) => { if (event.target === theFrame()) look(); }, true);
// Whoever looks here again learns at once what became of the place.
document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
window.addEventListener("pageshow", (event) => { if (event.persisted) beat(); });
window.addEventListener("pagehide", (event) => {
  if (event.persisted) return; // it may come back as it was
  look();
  if (inside) send("left", inside);
});
panel.querySelector("[data-come-back]").addEventListener("click", () => window.location.reload());
