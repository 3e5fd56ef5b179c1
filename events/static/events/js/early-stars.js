// Stars of people who have not signed in yet. They stay in this browser, as "event/session",
// until the server says that it has them.

const KEY = "stars";
const MOST = 500;

export function isSignedIn() {
  return "signedIn" in document.documentElement.dataset;
}

export function earlyStars() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((name) => typeof name === "string") : [];
  } catch {
    return []; // No storage here, or nothing that we wrote.
  }
}

// Whether they are kept: a browser may have no storage, or none left.
function store(names) {
  try {
    if (names.length) localStorage.setItem(KEY, JSON.stringify(names.slice(-MOST)));
    else localStorage.removeItem(KEY);
    return true;
  } catch {
    return false;
  }
}

export function setEarlyStar(name, kept) {
  const others = earlyStars().filter((other) => other !== name);
  return store(kept ? [...others, name] : others);
}

// Hand them to the account. What was starred meanwhile in another tab stays for the next page.
async function merge() {
  const names = earlyStars();
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  if (!names.length || !token) return;
  const body = new FormData();
  body.append("csrfmiddlewaretoken", token.value);
  names.forEach((name) => body.append("star", name));
  const response = await fetch("/me/stars/", { method: "POST", body });
  if (!response.ok || response.redirected) return;
  const { kept } = await response.json();
  store(earlyStars().filter((name) => !names.includes(name)));
  document.dispatchEvent(new CustomEvent("stars-merged", { detail: kept }));
}

if (isSignedIn()) merge();
