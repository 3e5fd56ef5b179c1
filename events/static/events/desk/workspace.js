// The menu of an event folds on narrow screens; without this it stays open.

const narrow = matchMedia("(max-width: 767px)");

function fold() {
  for (const menu of document.querySelectorAll("[data-folds]")) menu.open = !narrow.matches;
}

fold();
narrow.addEventListener("change", fold);

// A menu that opened over the page closes when somebody looks elsewhere.
for (const menu of document.querySelectorAll("[data-closes]")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
