// Counts beside the buttons what is not saved yet, and asks before such a form is left.
const root = document.querySelector("[data-unsaved]");
const form = root.closest("form");
const bar = form.querySelector(".submit-row");
const line = Object.assign(document.createElement("p"), { className: "unsaved" });
line.setAttribute("role", "status");
bar.prepend(line);
const { unsaved, refused, refusedText } = root.dataset;
let isLeaving = false;
let isEdited = refused === "1";

const differs = (field) => {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.type === "file") return field.value !== "";
  if (!(field instanceof HTMLSelectElement)) return field.value !== field.defaultValue;
  const options = [...field.options];
  // Where none is marked, browsers choose the first of a list that shows one.
  if (!field.multiple && !options.some((each) => each.defaultSelected)) return field.selectedIndex > 0;
  return options.some((each) => each.selected !== each.defaultSelected);
};

const look = () => {
  const fields = [...form.elements].filter((each) => each.name && each.type !== "hidden" && !each.name.startsWith("_"));
  const edited = fields.filter((each) => each.willValidate !== undefined && differs(each));
  // A date and its time of day are one thing to those who type.
  const names = new Set(edited.map(({ name }) => name.replace(/_[01]$/, "")));
  isEdited = refused === "1" || names.size > 0;
  const text = names.size ? unsaved.replace("{n}", names.size) : isEdited ? refusedText : "";
  if (line.textContent !== text) line.textContent = text;
  for (const link of document.querySelectorAll(".section-nav a")) {
    const page = document.querySelector(link.hash);
    link.querySelector("[data-edited]").hidden = !edited.some((each) => page.contains(each));
  }
};

let waits = 0;
const soon = () => {
  cancelAnimationFrame(waits);
  waits = requestAnimationFrame(look);
};
for (const kind of ["input", "change", "formset:added", "formset:removed"]) {
  document.addEventListener(kind, soon);
}
form.addEventListener("submit", () => {
  isLeaving = true;
});
window.addEventListener("pageshow", () => {
  isLeaving = false;
  soon();
});
window.addEventListener("beforeunload", (event) => {
  if (isEdited && !isLeaving) event.preventDefault();
});
