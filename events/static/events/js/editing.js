// An open form of the admin: who else has it open, and what is not saved yet.
const root = document.querySelector("[data-editing]");
const form = root?.closest("form");
if (form) {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const { hereUrl, drawnAt, here, hereMe, saved } = root.dataset;
  const line = root.querySelector("[data-here]");
  const beatMs = 20_000;
  const name = crypto.getRandomValues(new Uint32Array(4)).join("-");
  let rest = 0;

  const body = (more = {}) => {
    const data = new FormData();
    const values = { csrfmiddlewaretoken: token, window: name, drawn_at: drawnAt, ...more };
    for (const [key, value] of Object.entries(values)) data.append(key, value);
    return data;
  };

  const clock = (unix) =>
    new Date(unix * 1000).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

  const filled = (text, who, at) => text.replace("{name}", () => who).replace("{time}", clock(at));

  const show = ({ others, saved: by }) => {
    const said = others.map((each) => filled(each.is_me ? hereMe : here, each.name, each.since));
    if (by) said.unshift(filled(saved, by.name, by.at));
    // A live region speaks whenever it is written to.
    const now = said.join("\n");
    if (line.dataset.said === now) return;
    line.dataset.said = now;
    line.replaceChildren(
      ...said.map((text) => Object.assign(document.createElement("p"), { textContent: text })),
    );
  };

  const beat = async () => {
    clearTimeout(rest);
    try {
      const answer = await fetch(hereUrl, { method: "POST", body: body(), redirect: "error" });
      if (answer.ok) show(await answer.json());
    } catch {
      // The next beat tries again.
    }
    rest = setTimeout(beat, beatMs);
  };

  if (hereUrl) {
    beat();
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") beat();
    });
    window.addEventListener("pagehide", () => {
      clearTimeout(rest);
      navigator.sendBeacon(hereUrl, body({ left: "1" }));
    });
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) beat();
    });
  }
}
