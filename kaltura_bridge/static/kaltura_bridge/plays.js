// Pages that wait for what plays next: live, over, being processed, the recording.

const SECOND = 1000;
const NOBODY_KNOWS_S = 30;
const SPREAD_S = 3;
const pause = (seconds) => new Promise((done) => { window.setTimeout(done, seconds * SECOND); });

/* Asks until ``told`` answers true. The ETag of the last answer goes along, so mostly nothing
   comes back. Without cookies: the address says what is asked. */
async function follow(url, told) {
  let etag = "";
  let again = NOBODY_KNOWS_S;
  await pause(Math.random() * SPREAD_S);
  for (;;) {
    const headers = { Accept: "application/json", ...(etag ? { "If-None-Match": etag } : {}) };
    const answer = await fetch(url, { credentials: "omit", cache: "no-store", headers })
      .catch(() => undefined);
    if (answer?.status === 404) return;
    if (answer?.ok) {
      etag = answer.headers.get("ETag") ?? "";
      const { what, again_s: seconds } = await answer.json();
      again = seconds;
      if (told(what)) return;
    }
    // By chance a little later for each page, so that they do not all come at once.
    await pause(again * (1 + Math.random() / 4));
  }
}

// The page that says that the recording is not ready yet ends by itself.
export function waitForRecording(denied) {
  follow(denied.dataset.playsUrl, (what) => {
    const isThere = what === "recording" || what === "live";
    if (isThere) window.location.reload();
    return isThere;
  });
}

// Beside a player: says that the broadcast is over, and goes on with the recording.
export function followPlays(room, aside) {
  let before = "";
  const show = (name) => {
    for (const text of aside.querySelectorAll("[data-plays-text]")) {
      text.hidden = text.dataset.playsText !== name;
    }
    aside.hidden = !name;
  };
  follow(room.stage.dataset.playsUrl, (what) => {
    const was = before;
    before = what;
    if (what === was) return false;
    if (what === "recording") {
      // Who saw the broadcast end goes on by itself; who opens the page has the recording already.
      if (was || !room.frame) {
        show("");
        room.enter();
      }
      return true;
    }
    show({ processing: "processing", nothing: "over" }[what] ?? "");
    return false;
  });
}
