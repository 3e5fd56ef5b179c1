// Under Mails: notifications in this browser, asked for only after a click.

const form = document.querySelector("[data-push-key]");
const button = form?.querySelector("[data-push-start]");
const note = form?.querySelector("[data-push-note]");

function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function textOf(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function start() {
  if ((await Notification.requestPermission()) !== "granted") {
    note.textContent = form.dataset.denied;
    return;
  }
  await navigator.serviceWorker.register("/service-worker.js", { scope: "/", updateViaCache: "none" });
  const { pushManager } = await navigator.serviceWorker.ready;
  // One for another key, or of another person, is of no use.
  await (await pushManager.getSubscription())?.unsubscribe();
  const subscription = await pushManager.subscribe({
    userVisibleOnly: true, applicationServerKey: bytesOf(form.dataset.pushKey),
  });
  const body = new FormData(form);
  body.append("endpoint", subscription.endpoint);
  body.append("p256dh", textOf(subscription.getKey("p256dh")));
  body.append("auth", textOf(subscription.getKey("auth")));
  const response = await fetch(form.action, { method: "POST", body });
  if (!response.ok) throw new Error((await response.json()).error);
  location.reload();
}

if (form && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  button.hidden = false;
  note.textContent = "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start().catch((error) => { note.textContent = error.message || form.dataset.failed; });
  });
}
