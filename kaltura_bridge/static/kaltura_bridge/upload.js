// Sends a file in parts. What was answered with an error is sent again; the portal counts.
(() => {
  "use strict";

  const AGAIN_MS = 3000;
  const TRIES = 100;
  const form = document.querySelector("[data-upload]");
  if (!form) return;
  const said = form.querySelector("[data-said]");
  const bar = form.querySelector("progress");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;

  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  async function post(url, body) {
    const reply = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token } });
    const told = await reply.json();
    return { status: reply.status, ...told };
  }

  async function patiently(url, make) {
    for (let tried = 0; tried < TRIES; tried += 1) {
      try {
        const told = await post(url, make());
        if (told.status !== 502) return told;
        said.textContent = told.error;
      } catch {
        said.textContent = form.dataset.away;
      }
      await wait(AGAIN_MS);
    }
    return { error: said.textContent };
  }

  async function send(file) {
    const about = new FormData();
    about.set("key", form.dataset.key);
    about.set("size", file.size);
    about.set("name", form.querySelector("#upload-name").value);
    if (form.querySelector("#upload-replaces").checked) about.set("replaces", "on");
    let told = await patiently(location.href, () => about);
    const url = told.url;
    const size = Number(form.dataset.partSize);
    while (!told.error && !told.done) {
      const at = told.at;
      bar.value = at / file.size;
      said.textContent = `${Math.floor((100 * at) / file.size)} %`;
      told = await patiently(`${url}?at=${at}`, () => file.slice(at, at + size));
    }
    if (told.error) {
      said.textContent = told.error;
      return;
    }
    bar.value = 1;
    said.textContent = form.dataset.whole;
    location.assign(form.dataset.back);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = form.querySelector("#upload-file").files[0];
    if (!file) return;
    form.querySelector("[type=submit]").disabled = true;
    bar.hidden = false;
    send(file);
  });
})();
