// Where everybody may be in a session once: says that somebody is here, and goodbye.
// When the person went on in another browser, the room closes here.

const panel = document.querySelector("[data-device]");
let timer;

function send(message) {
  const body = new FormData();
  body.append("do", message);
  return fetch(panel.dataset.url, {
    method: "POST", body, keepalive: true, headers: { "X-CSRFToken": panel.dataset.token },
  });
}

async function beat() {
  const frame = document.querySelector("[data-stage] > iframe");
  if (!frame) return; // not in yet
  const answer = await send("here").catch(() => undefined); // the next one may get through
  if (answer?.status !== 410) return;
  window.clearInterval(timer);
  frame.remove();
  panel.hidden = false;
}

timer = window.setInterval(beat, panel.dataset.beat * 1000);
// Whoever looks here again learns at once what became of the place.
document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
window.addEventListener("pagehide", () => { send("left").catch(() => {}); });
panel.querySelector("[data-come-back]").addEventListener("click", () => window.location.reload());
