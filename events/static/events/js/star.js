// Fill or empty a star without leaving the page. Without this script the form is sent as it is.

function press(button, kept) {
  button.setAttribute("aria-pressed", String(kept));
  button.name = kept ? "drop" : "keep";
}

function recount(kept) {
  const count = document.querySelector("[data-favourites]");
  if (count) count.textContent = Number(count.textContent) + (kept ? 1 : -1);
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

export function listenForStars(form) {
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button || !button.classList.contains("star")) return;
    event.preventDefault();
    try {
      const kept = await send(form, button);
      if (kept === undefined) return;
      press(button, kept);
      recount(kept);
    } catch {
      sendPlainly(form, button);
    }
  });
}
