/* The page with Kaltura's V7 player. It is sandboxed and has no origin, so what it tells the join
   page around it are messages of one form, and what it takes are two: see docs/watching.md. */
"use strict";

(() => {
  const SECOND = 1000;
  const config = JSON.parse(document.getElementById("player-config").textContent);
  // Of the page's address, which the sandbox leaves alone.
  const PORTAL = window.location.origin;
  const tell = (what, more) => {
    if (window.parent !== window) window.parent.postMessage({ player: what, ...more }, PORTAL);
  };

  function trouble() {
    document.querySelector("[data-trouble]").hidden = false;
    tell("trouble");
  }

  function tellTime(player) {
    let told = -1;
    window.setInterval(() => {
      const seconds = Math.floor(player.currentTime || 0);
      if (seconds === told) return;
      told = seconds;
      tell("time", { seconds });
    }, SECOND);
  }

  // From the page around it only: {"portal": "seek", "seconds": 90} and {"portal": "play"}.
  function obey(player) {
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent || event.origin !== PORTAL) return;
      const { portal, seconds } = event.data ?? {};
      if (portal === "seek" && Number.isFinite(seconds) && seconds >= 0) player.currentTime = seconds;
      if (portal === "seek" || portal === "play") player.play();
    });
  }

  const setup = window.KalturaPlayer?.setup;
  if (!setup) {
    trouble();
    return;
  }
  const player = setup(config.setup);
  player.addEventListener("ended", () => tell("ended"));
  player.addEventListener("playing", () => tell("playing"));
  player.addEventListener("error", () => tell("trouble"));
  obey(player);
  tellTime(player);
  player.loadMedia(config.media).then(() => tell("ready"), () => tell("trouble"));
})();
