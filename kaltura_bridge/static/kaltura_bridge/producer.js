// Copies what encoders are told, picks the system's own program, and helps when nothing opens.
const HELP_AFTER_MS = 2000;

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  const label = button.firstChild;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    text.select();
    await navigator.clipboard.writeText(text.value);
    label.data = button.dataset.copied;
  });
}

// Phones say "Linux" or "iPhone", so the name must be that of a computer's system.
const platform = navigator.userAgentData?.platform ?? navigator.platform;
const isPhone = navigator.userAgentData?.mobile ?? navigator.maxTouchPoints > 1;
const own = /^win/i.test(platform) ? "windows" : /^mac/i.test(platform) && !isPhone ? "osx" : "";

for (const list of document.querySelectorAll("[data-systems]")) {
  for (const each of [...list.children]) {
    if (each.dataset.system === own) list.prepend(each);
    else each.querySelector(".button")?.classList.add("button-second");
  }
}
const none = document.querySelector("[data-no-system]");
if (none) none.hidden = own !== "";

// The answer is an address of the program's, which a page could not show: a hidden frame takes it,
// and this page stays. Without this script the browser itself hands it on.
const launcher = document.querySelector("[data-launcher]");
const help = document.querySelector("[data-help]");

// Signed out, or closed in the meantime: then the page itself says so.
async function mayLaunch() {
  const reply = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" })
    .catch(() => undefined);
  if (!reply) return true;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  return reply.ok && !reply.redirected && page.querySelector("[data-launch]") !== null;
}

// No browser tells whether a program opened, so help comes in any case, after a while.
async function afterLaunch() {
  if (await mayLaunch()) help.hidden = false;
  else location.reload();
}

if (help) {
  help.hidden = true;
  for (const form of document.querySelectorAll("form[data-system]")) {
    form.target = launcher.name;
    form.addEventListener("submit", () => setTimeout(afterLaunch, HELP_AFTER_MS));
  }
}
