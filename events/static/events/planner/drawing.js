// Draws a day of the plan. Places are custom properties: the page has no inline style.

const MINUTE = 60;

export function clockOf(zone) {
  const format = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
  return (unix) => format.format(new Date(unix * 1000));
}

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Cards that overlap one after another stand beside each other, each in the first free lane.
function inLanes(cards) {
  const lanes = new Map();
  let group = [];
  let free = [];
  const close = () => {
    for (const card of group) lanes.set(card.id, { ...lanes.get(card.id), lanes: free.length });
    group = [];
    free = [];
  };
  for (const card of [...cards].sort((a, b) => a.starts - b.starts || a.id - b.id)) {
    if (group.length && card.starts >= Math.max(...free)) close();
    let lane = free.findIndex((until) => until <= card.starts);
    if (lane < 0) lane = free.length;
    free[lane] = card.ends;
    lanes.set(card.id, { lane });
    group.push(card);
  }
  close();
  return lanes;
}

export function put(item, board, { starts, ends }) {
  const from = Math.max(starts, board.begins);
  item.style.setProperty("--at", (from - board.begins) / MINUTE);
  item.style.setProperty("--length", (Math.min(ends, board.ends) - from) / MINUTE);
}

function lineOf(card, clock, words) {
  const parts = [`${clock(card.starts)}–${clock(card.ends)}`];
  if (card.is_draft) parts.push(words.draft);
  if (card.level) parts.push(card.level === "block" ? words.block : words.warning);
  return parts.join(" · ");
}

function drawCard(card, clock, words) {
  const item = element("article", `planner-card${card.is_draft ? " is-draft" : ""}`);
  item.dataset.id = card.id;
  if (card.level) item.dataset.level = card.level;
  if (card.color) item.style.setProperty("--track", card.color);
  const grip = element("button", "planner-grip");
  grip.type = "button";
  grip.setAttribute("aria-describedby", "planner-help");
  grip.setAttribute("aria-pressed", "false");
  grip.append(element("b", "", card.title), element("span", "planner-line", lineOf(card, clock, words)));
  for (const text of [card.speakers, card.track]) if (text) grip.append(element("span", "", text));
  const edit = element("a", "planner-edit", "✎");
  edit.href = card.url;
  edit.setAttribute("aria-label", fill(words.edit, { title: card.title }));
  const tall = element("div", "planner-tall");
  tall.title = words.resize;
  item.append(grip, edit, tall);
  return item;
}

export function draw({ grid, tray, trayEmpty, list, listEmpty }, board, clock, words) {
  grid.style.setProperty("--columns", Math.max(board.columns.length, 1));
  grid.style.setProperty("--minutes", (board.ends - board.begins) / MINUTE);
  const hours = element("div", "planner-hours");
  for (const { at, label } of board.hours) {
    const hour = element("div", "planner-hour", label);
    hour.style.setProperty("--at", (at - board.begins) / MINUTE);
    hours.append(hour);
  }
  const heads = board.columns.map(({ name }) => element("h3", "planner-head", name));
  const columns = board.columns.map(({ key, name }) => {
    const column = element("div", "planner-column");
    column.dataset.column = key;
    column.setAttribute("role", "group");
    column.setAttribute("aria-label", name);
    const cards = board.cards.filter((card) => card.column === key);
    const lanes = inLanes(cards);
    for (const card of cards) {
      const item = drawCard(card, clock, words);
      const { lane, lanes: all } = lanes.get(card.id);
      item.style.setProperty("--lane", lane);
      item.style.setProperty("--lanes", all);
      put(item, board, card);
      column.append(item);
    }
    return column;
  });
  const corner = element("div", "planner-head");
  if (board.columns.length) grid.replaceChildren(corner, ...heads, hours, ...columns);
  else grid.replaceChildren(element("p", "planner-empty", words.empty));
  tray.replaceChildren(...board.tray.map((card) => drawCard(card, clock, words)));
  trayEmpty.hidden = board.tray.length > 0;
  list.replaceChildren(
    ...board.conflicts.map(({ level, text }) => {
      const line = element("li", "", `${level === "block" ? words.block : words.warning}: ${text}`);
      line.dataset.level = level;
      return line;
    }),
  );
  listEmpty.hidden = board.conflicts.length > 0;
}
