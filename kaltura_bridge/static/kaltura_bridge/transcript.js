// The transcript beside the player: fetched when it is opened, searched in place. A click on a
// time jumps there if the player in the frame is our own (player.js), which says what it does;
// otherwise the link is followed. An address with ?t=90 begins there.

const panel = document.querySelector("[data-transcript]");
const body = panel.querySelector("[data-transcript-body]");
const theFrame = () => document.querySelector("[data-stage] iframe");
let player; // the window of our player, once it has said something
let begin = Number(new URLSearchParams(window.location.search).get("t")) || 0;

// Its page has no origin of its own (CSP sandbox), so none can be named. What it is told is a
// number, and the window is the one that spoke.
const seek = (seconds) => player.postMessage({ portal: "seek", seconds }, "*");

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
    if (!player) return; // the link leads to the recording at that time
    event.preventDefault();
    seek(Number(link.dataset.seek));
  } else if (link.search && link.pathname === window.location.pathname || link.dataset.transcriptAll !== undefined || link.rel) {
    event.preventDefault();
    show(link.search.slice(1));
  }
});

// The line that is said now.
function mark(seconds) {
  const times = [...body.querySelectorAll("[data-seek]")];
  const now = times.findLast((time) => Number(time.dataset.seek) <= seconds);
  for (const time of times) time.closest("li").toggleAttribute("data-now", time === now);
}

window.addEventListener("message", (event) => {
  const frame = theFrame();
  if (!frame || event.source !== frame.contentWindow || !event.data?.player) return;
  player = event.source;
  if (event.data.player === "ready" && begin) {
    seek(begin);
    begin = 0;
  }
  if (event.data.player === "time") mark(event.data.seconds);
});
