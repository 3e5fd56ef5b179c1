import { keepCurrent, minutesUntil } from "./clock.js";

// Lets the marks of a page ("In 12 min", "Live now") pass from phase to phase, at the moments
// that the server wrote beside them and with the texts that it put into the template.

const texts = new Map(
  [...(document.getElementById("marks")?.content.children ?? [])].map((mark) => [mark.dataset.phase, mark]),
);

const PHASES = [...texts.keys()];

// The last phases of all, and when each begins: "1893454200 900" are the last two, the later
// one a quarter of an hour after the other.
function phasesOf(mark) {
  const steps = mark.dataset.phases.split(" ");
  let begins = 0;
  return PHASES.slice(-steps.length).map((phase, at) => {
    begins += Number(steps[at]) * 1000;
    return [phase, begins];
  });
}

class LiveMark {
  constructor(mark) {
    this.mark = mark;
    this.coming = phasesOf(mark);
    this.moments = new Map(this.coming);
    // What is written there is the phase before those to come.
    this.phase = this.written = PHASES.at(-1 - this.coming.length);
    this.stays = [Infinity, -Infinity];
  }

  // Returns the next moment at which something of it changes.
  update(now) {
    const [since, until] = this.stays;
    if (now < since || now >= until) this.stays = [now, this.write(now)];
    return this.stays[1];
  }

  write(now) {
    const begun = this.coming.filter(([, begins]) => begins <= now);
    this.enter(begun.at(-1)?.[0] ?? this.written);
    const { countsTo } = texts.get(this.phase).dataset;
    const counted = this.moments.get(countsTo);
    const minutes = counted ? minutesUntil(counted, now) : 0;
    const text = texts.get(this.phase).textContent.replace("{}", minutes);
    if (this.mark.textContent !== text) this.mark.textContent = text;
    const nextMinute = counted ? counted - (minutes - 1) * 60000 : Infinity;
    return Math.min(this.coming[begun.length]?.[1] ?? Infinity, nextMinute);
  }

  enter(phase) {
    if (phase === this.phase) return;
    document.dispatchEvent(new Event("phase-passed"));
    this.mark.className = `mark mark-${phase}`;
    const card = this.mark.closest(".card, .cell");
    const base = card?.classList.contains("cell") ? "cell" : "card";
    card?.classList.remove(`${base}-${this.phase}`);
    card?.classList.add(`${base}-${phase}`);
    this.phase = phase;
  }
}

const marks = [...document.querySelectorAll("[data-phases]")].map((mark) => new LiveMark(mark));
if (marks.length) keepCurrent((now) => Math.min(...marks.map((mark) => mark.update(now))));
