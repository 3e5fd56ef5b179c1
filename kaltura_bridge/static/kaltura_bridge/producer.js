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

// No browser tells whether a program opened, so help comes in any case, after a while.
const help = document.querySelector("[data-help]");
if (help) {
  help.hidden = true;
  for (const form of document.querySelectorAll("form[data-system]")) {
    form.addEventListener("submit", () => setTimeout(() => { help.hidden = false; }, HELP_AFTER_MS));
  }
}
