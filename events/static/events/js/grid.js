// The grid of the agenda: arrow keys from session to session, and the line for now.
// Without this script one walks through it with Tab, a column after the other.

const STEP = 5 * 60 * 1000;

// Where now is, in steps from the beginning: the rules for it are in grid-places.css.
export function moveGridLine(line, now) {
  const begins = Number(line.closest("[data-begins]").dataset.begins) * 1000;
  const place = `s${Math.round((now - begins) / STEP)}`;
  if (line.classList.contains(place)) return;
  line.className = `grid-now ${place}`;
}

function linksOf(column) {
  return [...column.querySelectorAll(".cell h4 a")];
}

// The session of another column that is nearest to the middle of this one.
function nearest(links, from) {
  const middle = (box) => box.top + box.height / 2;
  const here = middle(from.closest(".cell").getBoundingClientRect());
  const away = (link) => Math.abs(middle(link.closest(".cell").getBoundingClientRect()) - here);
  return links.reduce((best, link) => (best && away(best) <= away(link) ? best : link), undefined);
}

function neighbour(link, key) {
  const column = link.closest(".grid-column");
  const links = linksOf(column);
  if (key === "ArrowDown") return links[links.indexOf(link) + 1];
  if (key === "ArrowUp") return links[links.indexOf(link) - 1];
  if (key === "Home") return links[0];
  if (key === "End") return links.at(-1);
  const isBack = (key === "ArrowLeft") !== (getComputedStyle(column).direction === "rtl");
  const columns = [...column.parentElement.querySelectorAll(".grid-column")];
  const other = columns[columns.indexOf(column) + (isBack ? -1 : 1)];
  return other && nearest(linksOf(other), link);
}

const KEYS = new Set(["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"]);

export function walkThroughGrid(agenda) {
  agenda.addEventListener("keydown", (event) => {
    const link = event.target.closest(".cell h4 a");
    if (!link || !KEYS.has(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = neighbour(link, event.key);
    event.preventDefault();
    next?.focus();
  });
}
