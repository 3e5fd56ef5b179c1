// Shows the settings that count for the chosen type, and what a change of type costs.
// Without this all are there, with headings that say for which types they are.
"use strict";

(() => {
  const section = document.querySelector(".delivery[data-type]");
  const type = document.getElementById("id_session_type");
  if (!section || !type) return;

  const parts = section.querySelectorAll("[data-types]");
  const note = section.querySelector("[data-type-note]");

  const show = () => {
    for (const part of parts) {
      part.hidden = !part.dataset.types.split(" ").includes(type.value);
    }
    if (note) note.hidden = type.value === section.dataset.type;
  };

  section.classList.add("delivery-typed");
  if (note) {
    note.setAttribute("role", "status");
    type.closest(".form-row").append(note);
  }
  type.addEventListener("change", show);
  window.addEventListener("pageshow", show); // a browser that goes back restores the choice
  show();

  const first = document.querySelector(".errors");
  if (first && section.contains(first)) first.scrollIntoView({ block: "center" });
})();
