// The search box of the admin: Ctrl-K (or ⌘K), arrow keys, Enter. Without it the button leads to a page.

const WAIT_MS = 120;
const box = document.querySelector("[data-search-box]");

if (box) {
  const input = box.querySelector("input");
  const list = box.querySelector("[data-search-found]");
  const said = box.querySelector("[data-search-said]");
  let timer = 0;
  let asking = null;
  let shown = ""; // What the list answers.

  const options = () => [...list.querySelectorAll('[role="option"]')];
  const chosen = () => list.querySelector('[aria-selected="true"]');

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function show(html, words) {
    list.innerHTML = html;
    shown = words;
    const found = options();
    input.setAttribute("aria-expanded", String(found.length > 0));
    choose(found[0]);
    said.textContent = found.length
      ? box.dataset.found.replace("{}", found.length)
      : words.length > 1 ? box.dataset.nothing : "";
  }

  async function ask() {
    const words = input.value.trim();
    asking?.abort();
    if (words.length < 2) return show("", words);
    asking = new AbortController();
    try {
      const address = `${box.dataset.url}?${new URLSearchParams({ q: words, part: "1" })}`;
      const answer = await fetch(address, { signal: asking.signal, redirect: "manual" });
      // Signed out meanwhile: the page of the search leads to the sign-in and back.
      if (answer.type === "opaqueredirect") return box.querySelector("form").submit();
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.text(), words);
    } catch (error) {
      if (error.name === "AbortError") return;
      show("", "");
      said.textContent = box.dataset.unanswered;
    }
  }

  function open(event) {
    event?.preventDefault();
    if (!box.open) box.showModal();
    input.select();
  }

  function step(by) {
    const found = options();
    if (!found.length) return;
    const now = found.indexOf(chosen());
    choose(found[(now + by + found.length) % found.length]);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Enter" && !said.textContent.includes(box.dataset.unanswered)) {
      const goal = shown === input.value.trim() ? chosen() : null;
      if (goal) goal.click();
      else { clearTimeout(timer); ask(); }
    } else if (event.key === "Enter") ask();
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousemove", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option && option !== chosen()) choose(option);
  });
  box.querySelector("[data-search-close]").addEventListener("click", () => box.close());
  box.addEventListener("click", (event) => {
    if (event.target === box) box.close(); // Beside it.
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) open(event);
  });
  for (const button of document.querySelectorAll("[data-search-open]")) {
    button.addEventListener("click", (event) => {
      if (!event.ctrlKey && !event.metaKey) open(event);
    });
  }
}
