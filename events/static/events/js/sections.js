// Shows one section of a long form at a time; without it they stand one below the other.
// All of them stay in the form, so whatever is hidden is saved too.
const root = document.querySelector("[data-sections]");
const links = [...root.querySelectorAll(".section-nav a")];
const pages = links.map((link) => document.querySelector(link.hash));

let shown = null;

const show = (page) => {
  shown = page;
  for (const [place, each] of pages.entries()) {
    // Found by the browser's own search where it knows how. Not while the page loads: then
    // browsers would open the section of the address by themselves.
    if (each === page) each.removeAttribute("hidden");
    else each.setAttribute("hidden", document.readyState === "complete" ? "until-found" : "");
    if (each === page) links[place].setAttribute("aria-current", "true");
    else links[place].removeAttribute("aria-current");
  }
};

const holding = (hash) => {
  const target = document.getElementById(decodeURIComponent(hash.slice(1)));
  return pages.find((page) => page.contains(target ?? document));
};

const wrong = pages[links.findIndex((link) => "wrong" in link.dataset)];
if (wrong) history.replaceState(null, "", `#${wrong.id}`);
show(wrong ?? holding(location.hash) ?? pages[0]);
window.addEventListener("load", () => setTimeout(() => show(shown)));
root.classList.add("is-paged");
// What is asked comes before what is wrong, and before the address.
const questions = document.querySelector(".meanwhile-asks");
if (questions) requestAnimationFrame(() => questions.scrollIntoView());
else if (wrong) wrong.querySelector(".errorlist, .errors")?.scrollIntoView({ block: "center" });

for (const link of document.querySelectorAll("a[href^='#section-']")) {
  link.addEventListener("click", (event) => {
    const page = holding(link.hash);
    if (!page || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.hash !== location.hash) history.pushState(null, "", link.hash);
    show(page);
    page.tabIndex = -1;
    page.focus({ preventScroll: true });
    root.scrollIntoView({ block: "nearest" });
  });
}
window.addEventListener("popstate", () => show(holding(location.hash) ?? pages[0]));
window.addEventListener("hashchange", () => show(holding(location.hash) ?? pages[0]));
for (const page of pages) page.addEventListener("beforematch", () => show(page));
