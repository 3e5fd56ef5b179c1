// The list of sessions: a row is edited in a box over the list. Without this the links lead to a page.

const box = document.createElement("dialog");
box.className = "row-box";

async function open(link) {
  const answer = await fetch(`${link.href}&part=1`, { redirect: "manual" });
  if (!answer.ok) return location.assign(link.href);
  show(await answer.text());
  box.setAttribute("aria-label", link.getAttribute("aria-label"));
  if (!box.isConnected) document.body.append(box);
  box.showModal();
  first().focus();
}

const first = () => box.querySelector('input:not([type="hidden"]), select');

function show(html) {
  box.innerHTML = html;
}

async function save(form) {
  const button = form.querySelector('[type="submit"]');
  button.disabled = true;
  try {
    const answer = await fetch(`${form.action}&part=1`, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (answer.status === 204) return location.reload();
    if (answer.status === 409 || answer.status === 422) {
      show(await answer.text());
      return first().focus();
    }
  } catch {
    // The usual way tells what is wrong.
  }
  button.disabled = false;
  form.submit();
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("[data-row-edit]");
  if (link) {
    event.preventDefault();
    open(link);
  } else if (event.target === box || event.target.closest("[data-row-cancel]")) {
    if (!box.open) return;
    event.preventDefault();
    box.close();
  }
});
box.addEventListener("submit", (event) => {
  event.preventDefault();
  save(event.target);
});
