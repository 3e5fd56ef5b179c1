import { keepCurrent, minutesUntil } from "./clock.js";
import { listenForStars } from "./star.js";

document.querySelectorAll("[data-star-form]").forEach(listenForStars);

// The label counts down by itself; when the doors open, the server says what to do next.
const button = document.querySelector("[data-countdown]");
if (button) {
  const starts = Number(button.dataset.countdown) * 1000;
  const doors = Number(button.dataset.doors) * 1000;
  keepCurrent((now) => {
    if (now >= doors) {
      location.reload();
      return;
    }
    const minutes = minutesUntil(starts, now);
    button.textContent = `Starts in ${minutes} minute${minutes === 1 ? "" : "s"}`;
  });
}
