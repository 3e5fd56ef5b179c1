// The desk's preview: its frame takes no room before somebody asks for it.
const frame = document.querySelector("[data-preview-frame]");
if (frame) {
  frame.hidden = true;
  document.querySelector("[data-preview]").addEventListener("submit", () => { frame.hidden = false; });
}
