// Fill or empty a star without leaving the page. Without this script the form is sent as it is.

import { earlyStars, isSignedIn, setEarlyStar } from "./early-stars.js";

function press(button, kept) {
  button.setAttribute("aria-pressed", String(kept));
  button.name = kept ? "drop" : "keep";
}

function isPressed(button) {
  return button.getAttribute("aria-pressed") === "true";
}

function recount(change) {
  const count = document.querySelector("[data-favourites]");
  if (count) count.textContent = Number(count.textContent) + change;
}

async function send(form, button) {
  const body = new FormData(form);
  body.append(button.name, button.value);
  const response = await fetch(form.action, {
    method: "POST", body, headers: { Accept: "application/json" },
  });
  const answer = await response.json();
  if (answer.sign_in) location.assign(answer.sign_in);
  else if (!response.ok) throw new Error(answer.error);
  else return answer.kept;
}

// The plain way tells the person what went wrong.
function sendPlainly(form, button) {
  const star = document.createElement("input");
  Object.assign(star, { type: "hidden", name: button.name, value: button.value });
  form.append(star);
  form.submit();
}

// The event is in the address that the form is sent to: /e/EVENT/bookmark/.
function nameOf(form, button) {
  return `${new URL(form.action).pathname.split("/")[2]}/${button.value}`;
}

function fill(form, names) {
  for (const button of form.querySelectorAll(".star")) {
    if (names.includes(nameOf(form, button)) && !isPressed(button)) {
      press(button, true);
      recount(1);
    }
  }
}

function tell() {
  const note = document.querySelector("[data-early-stars]");
  if (note) note.hidden = false;
}

function pressWithoutAccount(form, button) {
  const kept = !isPressed(button);
  if (!setEarlyStar(nameOf(form, button), kept)) return false;
  press(button, kept);
  recount(kept ? 1 : -1);
  if (kept) tell();
  return true;
}

async function pressWithAccount(form, button) {
  try {
    const kept = await send(form, button);
    if (kept === undefined) return;
    press(button, kept);
    recount(kept ? 1 : -1);
  } catch {
    sendPlainly(form, button);
  }
}

export function listenForStars(form) {
  if (isSignedIn()) {
    document.addEventListener("stars-merged", ({ detail }) => fill(form, detail));
  } else {
    fill(form, earlyStars());
    if (earlyStars().length) tell();
  }
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.classList.contains("star")) return;
    // Where the browser keeps nothing, the plain way asks to sign in.
    if (!isSignedIn() && !pressWithoutAccount(form, button)) return;
    event.preventDefault();
    if (isSignedIn()) pressWithAccount(form, button);
  });
}
