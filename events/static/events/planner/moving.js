// Takes sessions up and puts them down: with a mouse, a finger on the lower edge, or the keyboard.
import { put } from "./drawing.js";

const STEP = 300;
const FAR = 4;
const EDGE = 40;

const snapped = (unix) => Math.round(unix / STEP) * STEP;

export class Mover {
  // ``desk`` has board, columnOf(key), tray, scroll, and is told: moved(card, place), put(card, place), left(card).
  constructor(root, desk) {
    this.root = root;
    this.desk = desk;
    this.now = null;
    root.addEventListener("pointerdown", (event) => this.#press(event));
    root.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("focusout", (event) => this.#blur(event));
    root.addEventListener("click", (event) => this.#tap(event));
  }

  get isBusy() {
    return this.now !== null;
  }

  #card(target) {
    const item = target.closest?.(".planner-card");
    const card = item && this.desk.card(Number(item.dataset.id));
    return card ? { item, card } : null;
  }

  #begin({ item, card }, how) {
    // What is in the tray begins where the day does; what has a place begins from there.
    const length = card.ends - card.starts;
    const starts = this.#isShown(card) ? card.starts : this.desk.board.begins;
    const place = { starts, ends: starts + length, column: card.column };
    this.now = { item, card, how, place, first: { starts: card.starts, ends: card.ends, column: card.column } };
  }

  #isShown(card) {
    return this.desk.board.cards.some((each) => each.id === card.id);
  }

  #show(place) {
    const { item, card } = this.now;
    this.now.place = place;
    const home = this.#home(place);
    if (item.parentElement !== home) {
      this.isReparenting = true;
      home.append(item);
      if (this.now.how === "keys") item.querySelector(".planner-grip").focus({ preventScroll: true });
      this.isReparenting = false;
    }
    item.style.setProperty("--lane", 0);
    item.style.setProperty("--lanes", 1);
    put(item, this.desk.board, place);
    for (const each of this.root.querySelectorAll(".is-target")) each.classList.remove("is-target");
    home.closest("[data-tray-zone], .planner-column").classList.add("is-target");
    this.desk.moved(card, place);
  }

  #home(place) {
    return (place.column && this.desk.columnOf(place.column)) || this.desk.tray;
  }

  #end(isPut) {
    const { item, card, place, first } = this.now;
    this.now = null;
    item.classList.remove("is-moving", "is-taken");
    this.root.classList.remove("is-dragging");
    for (const each of this.root.querySelectorAll(".is-target")) each.classList.remove("is-target");
    const isSame = place.column === first.column && (!place.column || (place.starts === first.starts && place.ends === first.ends));
    if (isPut && !isSame) {
      // In the tray its time is only a wish: it keeps the one that it had.
      this.desk.put(card, place.column ? place : { ...first, column: "" });
    } else this.desk.left(card);
  }

  // --- With a pointer ---

  #press(event) {
    if (event.button !== 0 || this.now || event.target.closest(".planner-edit")) return;
    const isTall = Boolean(event.target.closest(".planner-tall"));
    // A finger scrolls; it changes a length by the lower edge alone.
    if (event.pointerType === "touch" && !isTall) return;
    const found = this.#card(event.target);
    if (!found || (isTall && !this.#isShown(found.card))) return;
    const from = { x: event.clientX, y: event.clientY };
    const offset = found.item.parentElement === this.desk.tray ? 0 : event.clientY - found.item.getBoundingClientRect().top;
    const follow = (move) => {
      if (!this.now) {
        if (Math.hypot(move.clientX - from.x, move.clientY - from.y) < FAR) return;
        this.#begin(found, "pointer");
        found.item.classList.add("is-moving");
        this.root.classList.add("is-dragging");
      }
      move.preventDefault();
      this.#scrollAt(move);
      this.#show(isTall ? this.#longer(move) : this.#under(move, offset));
    };
    const stop = (isPut) => () => {
      for (const [name, listener] of listeners) removeEventListener(name, listener);
      if (this.now?.how === "pointer") this.#end(isPut);
    };
    const listeners = [["pointermove", follow], ["pointerup", stop(true)], ["pointercancel", stop(false)], ["keydown", (key) => key.key === "Escape" && stop(false)()]];
    for (const [name, listener] of listeners) addEventListener(name, listener);
    event.preventDefault();
    found.item.querySelector(".planner-grip").focus({ preventScroll: true });
  }

  // A finger has neither a mouse's drag nor keys: it goes to the form that moves the session.
  #tap(event) {
    const found = event.pointerType === "touch" && event.target.closest(".planner-grip") && this.#card(event.target);
    if (found) this.desk.tapped(found.card);
  }

  #seconds(pixels, column) {
    const { board } = this.desk;
    return (pixels / column.getBoundingClientRect().height) * (board.ends - board.begins);
  }

  #under({ clientX, clientY }, offset) {
    const { place } = this.now;
    const tray = this.desk.trayZone.getBoundingClientRect();
    const isTray = clientX >= tray.left && clientX <= tray.right && clientY >= tray.top && clientY <= tray.bottom;
    if (isTray) return { ...place, column: "" };
    const columns = [...this.root.querySelectorAll(".planner-column")];
    const column = columns.find((each) => {
      const { left, right } = each.getBoundingClientRect();
      return clientX >= left && clientX < right;
    });
    if (!column) return place;
    const top = clientY - offset - column.getBoundingClientRect().top;
    return this.#within({ ...place, column: column.dataset.column }, this.desk.board.begins + this.#seconds(top, column));
  }

  #within(place, wanted) {
    const { board } = this.desk;
    const length = place.ends - place.starts;
    const starts = Math.max(board.begins, Math.min(snapped(wanted), board.ends - STEP));
    return { ...place, starts, ends: starts + length };
  }

  #longer({ clientY }) {
    const { place, item } = this.now;
    const column = item.parentElement;
    const at = this.desk.board.begins + this.#seconds(clientY - column.getBoundingClientRect().top, column);
    return { ...place, ends: Math.max(snapped(at), place.starts + STEP) };
  }

  #scrollAt({ clientX, clientY }) {
    const box = this.desk.scroll.getBoundingClientRect();
    if (clientX < box.left || clientX > box.right) return;
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    const down = clientY > bottom - EDGE ? 1 : clientY < top + EDGE ? -1 : 0;
    const right = clientX > box.right - EDGE ? 1 : clientX < box.left + EDGE ? -1 : 0;
    this.desk.scroll.scrollBy(right * 12, down * 12);
  }

  // --- With the keyboard ---

  #key(event) {
    if (!event.target.classList?.contains("planner-grip") || event.ctrlKey || event.metaKey || event.altKey) return;
    const found = this.#card(event.target);
    if (!found) return;
    if (this.now?.how === "keys") this.#steer(event);
    else if (!this.now && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      this.#begin(found, "keys");
      found.item.classList.add("is-taken");
      event.target.setAttribute("aria-pressed", "true");
      this.desk.taken(found.card);
    }
  }

  #steer(event) {
    const { place, item } = this.now;
    const later = (by) => this.#within(place, place.starts + by);
    const ways = {
      ArrowUp: () => later(-STEP),
      ArrowDown: () => later(STEP),
      PageUp: () => later(-12 * STEP),
      PageDown: () => later(12 * STEP),
      ArrowLeft: () => ({ ...place, column: this.#beside(-1) }),
      ArrowRight: () => ({ ...place, column: this.#beside(1) }),
      "+": () => ({ ...place, ends: place.ends + STEP }),
      "-": () => ({ ...place, ends: Math.max(place.ends - STEP, place.starts + STEP) }),
      Delete: () => ({ ...place, column: "" }),
      Backspace: () => ({ ...place, column: "" }),
    };
    if (ways[event.key]) {
      event.preventDefault();
      this.#show(ways[event.key]());
      item.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.#end(true);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.#end(false);
    }
  }

  #beside(by) {
    const keys = this.desk.board.columns.map(({ key }) => key);
    const at = keys.indexOf(this.now.place.column);
    if (at < 0) return keys[0] ?? "";
    return keys[Math.max(0, Math.min(at + by, keys.length - 1))];
  }

  #blur(event) {
    if (this.now?.how === "keys" && !this.isReparenting && event.target.closest(".planner-card") === this.now.item) this.#end(false);
  }
}
