// Adds empty rows to the lists of rooms and hours. Without it each save brings one more.
for (const list of document.querySelectorAll("[data-rows]")) {
  const total = list.querySelector("[name$=-TOTAL_FORMS]");
  const empty = list.querySelector("template");
  const more = list.querySelector(".planner-more");
  more.hidden = false;
  more.firstElementChild.addEventListener("click", () => {
    const made = document.createElement("template");
    made.innerHTML = empty.innerHTML.replaceAll("__prefix__", total.value);
    const row = made.content.firstElementChild;
    total.value = Number(total.value) + 1;
    // A new room comes last.
    const place = row.querySelector("[name$=-position]");
    const taken = [...list.querySelectorAll("[name$=-position]")].map(({ value }) => Number(value));
    if (place) place.value = Math.max(-1, ...taken) + 1;
    empty.before(row);
    row.querySelector("input:not([type=hidden]), select").focus();
  });
}
