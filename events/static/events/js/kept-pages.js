// On the page that stands for one that is not kept: links to those that are, by their titles.

async function keptPages() {
  const found = new Map();
  for (const name of (await caches.keys()).filter((each) => each.startsWith("pages-"))) {
    const pages = await caches.open(name);
    for (const key of await pages.keys()) {
      const response = await pages.match(key);
      if (!response.headers.get("Content-Type")?.startsWith("text/html")) continue;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const title = page.title.split(" · ").slice(0, -1).join(" · ");
      if (title) found.set(new URL(key.url).pathname, { title, url: key.url });
    }
  }
  return [...found.values()];
}

async function list() {
  const part = document.querySelector("[data-kept-pages]");
  const pages = await keptPages();
  part.querySelector("ul").replaceChildren(...pages.map(({ title, url }) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    Object.assign(link, { href: url, textContent: title });
    item.append(link);
    return item;
  }));
  part.hidden = !pages.length;
}

if ("caches" in window) list().catch(() => {});
