// Copies the code, and shows each choice at once.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = document.getElementById(button.dataset.copy);
    code.select();
    await navigator.clipboard.writeText(code.value);
    button.textContent = button.dataset.copied;
  });
}

const look = document.querySelector("[data-widget-look]");
look.addEventListener("change", () => look.submit());

addEventListener("message", ({ origin, source, data }) => {
  const preview = document.querySelector("[data-widget-preview]");
  if (origin !== location.origin || source !== preview.contentWindow) return;
  if (typeof data?.agendaHeight === "number") preview.style.blockSize = `${Math.ceil(data.agendaHeight) + 2}px`;
});
