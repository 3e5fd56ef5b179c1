// The transcript beside the player: fetched when it is opened, searched in place, and a click on
// a time jumps there, if the player in the frame is our own and listens. Otherwise the link is
// followed, which opens the recording at that time.

const panel = document.querySelector("[data-transcript]");
const body = panel.querySelector("[data-transcript-body]");
const theFrame = () => document.querySelector("[data-stage] iframe");
let listens = false; // our player has said so
let player; // the window that said so

async function show(query) {
  const asked = new URLSearchParams(query);
  asked.set("part", "1");
  try {
    const answer = await fetch(`${panel.dataset.transcript}?${asked}`, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    body.replaceChildren(...page.body.childNodes);
    body.dataset.loaded = "yes";
  } catch {
    const note = document.createElement("p");
    note.textContent = panel.dataset.trouble;
    body.replaceChildren(note);
  }
}

panel.addEventListener("toggle", () => { if (panel.open && !body.dataset.loaded) show(""); });

body.addEventListener("submit", (event) => {
  event.preventDefault();
  show(new URLSearchParams(new FormData(event.target)));
});

body.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  if (link.dataset.seek) {
    if (!listens) return; // the link leads to the recording at that time
    event.preventDefault();
    // Our player's page has no origin of its own (CSP sandbox), so none can be named here. The
    // window is the one that spoke, and what it is told is a number.
    player.postMessage({ portal: "seek", seconds: Number(link.dataset.seek) }, "*");
  } else if (link.search && link.pathname === window.location.pathname || link.dataset.transcriptAll !== undefined || link.rel) {
    event.preventDefault();
    show(link.search.slice(1));
  }
});

window.addEventListener("message", (event) => {
  const frame = theFrame();
  if (!frame || event.source !== frame.contentWindow) return;
  if (event.data?.portal === "player") {
    listens = true;
    player = event.source;
  }
});
