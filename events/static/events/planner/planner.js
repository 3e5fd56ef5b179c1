// The planner: asks the portal for the day, draws it, sends what is moved, and sees what others do.
import { clockOf, draw, fill } from "./drawing.js";
import { Mover } from "./moving.js";

const POLL_MS = 3000;
const SIZES = [0.7, 1, 1.4, 2, 3];
const SIZE = "planner-size";

const root = document.querySelector("[data-planner]");
const find = (name) => root.querySelector(`[data-${name}]`);
const words = Object.fromEntries(
  Object.entries(find("words").dataset)
    .filter(([name]) => name !== "words")
    .map(([name, text]) => [name.slice("words".length).toLowerCase(), text]),
);
const clock = clockOf(root.dataset.zone);
const token = root.querySelector("[name=csrfmiddlewaretoken]").value;
const parts = { grid: find("grid"), tray: find("tray"), trayEmpty: find("tray-empty"), list: find("conflicts"), listEmpty: find("conflicts-empty") };
const buttons = Object.fromEntries([...root.querySelectorAll("[data-do]")].map((button) => [button.dataset.do, button]));

let board = null;
let tag = "";
let waiting = null; // What others did while something is in hand.
let sent = 0; // An answer that was asked for before the last edit tells of an older state.

function say(text, tone = "") {
  const said = find("said");
  said.textContent = text;
  said.dataset.tone = tone;
}

// Draws the board. The focus stays where somebody has put it, or goes to the card in question.
function show(next, focus) {
  if (mover.isBusy) {
    waiting = next;
    return;
  }
  const active = document.activeElement;
  const held = Number(active?.closest?.(".planner-card")?.dataset.id) || (active === document.body && focus);
  board = next;
  draw(parts, board, clock, words);
  for (const [name, text] of [["undo", next.undo], ["redo", next.redo]]) {
    buttons[name].disabled = !text;
    buttons[name].title = text ? fill(words[name], { words: text }) : "";
  }
  if (held) root.querySelector(`[data-id="${held}"] .planner-grip`)?.focus({ preventScroll: true });
}

function aboutOf(id) {
  return board.conflicts.filter(({ sessions }) => sessions.includes(id));
}

function sayWith(text, found) {
  const tone = found.some(({ level }) => level === "block") ? "block" : found.length ? "warning" : "";
  say([text, ...found.map((each) => each.text)].join(" "), tone);
}

function placeWords(card, { starts, ends, column }) {
  const name = board.columns.find(({ key }) => key === column)?.name;
  const values = { title: card.title, column: name, from: clock(starts), to: clock(ends) };
  return fill(column && name ? words.place : words.tray, values);
}

async function send(url, body) {
  sent += 1;
  const answer = await fetch(url + root.dataset.query, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body ?? {}),
  });
  if (answer.redirected || !answer.headers.get("Content-Type")?.includes("json")) throw new Error(answer.status);
  const said = await answer.json();
  sent += 1;
  tag = "";
  return { ok: answer.ok, ...said };
}

// --- While something is in hand ---

let asking = false;
let wanted = null;

async function check(card, place) {
  wanted = { card, place };
  if (asking) return;
  asking = true;
  while (wanted) {
    const { card: about, place: where } = wanted;
    wanted = null;
    const query = new URLSearchParams({ session: about.id, ...where });
    try {
      const answer = await fetch(`${root.dataset.check}${root.dataset.query}&${query}`);
      const { conflicts = [] } = answer.ok ? await answer.json() : {};
      const now = mover.now;
      if (now?.card.id === about.id && now.place === where) {
        sayWith(placeWords(about, where), conflicts);
        const level = conflicts.length ? conflicts[0].level : "";
        if (level) now.item.dataset.level = level;
        else delete now.item.dataset.level;
      }
    } catch {
      // Putting it down says whether the portal answers.
    }
  }
  asking = false;
}

const desk = {
  get board() {
    return board;
  },
  tray: parts.tray,
  trayZone: find("tray-zone"),
  scroll: find("scroll"),
  card: (id) => [...board.cards, ...board.tray].find((card) => card.id === id),
  columnOf: (key) => [...parts.grid.querySelectorAll(".planner-column")].find((column) => column.dataset.column === key),
  tapped: (card) => location.assign(`${root.dataset.move}?session=${card.id}`),
  taken: (card) => say(fill(words.taken, { title: card.title })),
  moved(card, place) {
    say(placeWords(card, place));
    check(card, place);
  },
  left(card) {
    show(waiting ?? board, card.id);
    waiting = null;
    say(fill(words.let, { title: card.title }));
  },
  async put(card, place) {
    waiting = null;
    await act(root.dataset.edits, { edits: [{ session: card.id, version: card.version, ...place }] }, card.id, (said) => {
      const put = desk.card(card.id);
      return [put ? placeWords(put, put) : said.words, aboutOf(card.id)];
    });
  },
};
const mover = new Mover(root, desk);

// One after the other: each answer draws the board as it was then.
let last = Promise.resolve();

function act(...what) {
  last = last.then(() => actNow(...what));
  return last;
}

async function actNow(url, body, focus, tell) {
  try {
    // What a turn is about is what stands on the button when its time has come.
    const said = await send(url, typeof body === "function" ? body() : body);
    show(said.board ?? board, focus);
    if (!said.ok) say(said.error, "block");
    else if (!mover.isBusy) sayWith(...tell(said));
  } catch {
    show(board, focus);
    say(words.lost, "block");
  }
}

// --- Buttons and keys ---

const turns = {
  undo: () => act(root.dataset.undo, () => ({ step: board.undo_step }), null, (said) => [fill(words.undone, { words: said.words }), []]),
  redo: () => act(root.dataset.redo, () => ({ step: board.redo_step }), null, (said) => [fill(words.redone, { words: said.words }), []]),
};

function resize(by) {
  const now = SIZES.indexOf(Number(root.dataset.size));
  const size = SIZES[Math.max(0, Math.min(now + by, SIZES.length - 1))];
  const minute = find("scroll").scrollTop / SIZES[now];
  root.dataset.size = size;
  root.style.setProperty("--minute", `${size}px`);
  find("scroll").scrollTop = minute * size;
  try {
    localStorage.setItem(SIZE, size);
  } catch {
    // Then it is not remembered.
  }
}

function rememberedSize() {
  try {
    const size = Number(localStorage.getItem(SIZE));
    return SIZES.includes(size) ? size : 1.4;
  } catch {
    return 1.4;
  }
}

buttons.undo.addEventListener("click", turns.undo);
buttons.redo.addEventListener("click", turns.redo);
buttons.closer.addEventListener("click", () => resize(1));
buttons.farther.addEventListener("click", () => resize(-1));
addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.closest("input, select, textarea") || mover.isBusy) return;
  const isUndo = event.key.toLowerCase() === "z" && !event.shiftKey;
  const isRedo = event.key.toLowerCase() === "y" || (event.key.toLowerCase() === "z" && event.shiftKey);
  if (!isUndo && !isRedo) return;
  event.preventDefault();
  const name = isUndo ? "undo" : "redo";
  if (!buttons[name].disabled) turns[name]();
});

// --- What others do ---

async function look() {
  const before = sent;
  const answer = await fetch(root.dataset.board + root.dataset.query, {
    cache: "no-store",
    headers: tag ? { "If-None-Match": tag } : {},
  });
  if (answer.status === 304 || !answer.ok || answer.redirected || before !== sent) return;
  const next = await answer.json();
  if (before !== sent) return;
  tag = answer.headers.get("ETag") ?? "";
  show(next);
}

async function keepLooking() {
  try {
    if (!document.hidden) await look();
  } catch {
    // The next look may be answered.
  }
  setTimeout(keepLooking, POLL_MS + Math.random() * 500);
}

root.dataset.size = rememberedSize();
resize(0);
look().then(() => {
  if (!board) return;
  for (const part of root.querySelectorAll("[data-scripted]")) part.hidden = false;
  find("unscripted").hidden = true;
  find("scroll").scrollTop = ((Number(root.dataset.opens) - board.begins) / 60) * Number(root.dataset.size);
  setTimeout(keepLooking, POLL_MS);
});
