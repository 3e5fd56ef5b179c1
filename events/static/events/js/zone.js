// Offer the reader's own zone on top of the selector, then every other zone.
// Where the event is in the reader's zone there is nothing to choose.

// Browsers know zones by older names too: Asia/Calcutta is Asia/Kolkata.
function sameZone(one, other) {
  const [a, b] = [one, other].map((zone) => {
    try {
      return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
    } catch {
      return zone;
    }
  });
  return a === b;
}

const form = document.querySelector("[data-zone-form]");

function option(value, label) {
  const element = document.createElement("option");
  element.value = value;
  element.textContent = label;
  return element;
}

function offer(select, mine, shown) {
  const event = form.dataset.eventZone;
  select.replaceChildren(option("event", form.dataset.eventText.replace("{}", event)));
  if (!sameZone(mine, event)) select.append(option(mine, form.dataset.mineText.replace("{}", mine)));
  const others = document.createElement("optgroup");
  others.label = form.dataset.othersText;
  const known = new Set([event, mine]);
  others.append(...["UTC", ...Intl.supportedValuesOf("timeZone")]
    .filter((zone) => !known.has(zone) && known.add(zone))
    .map((zone) => option(zone, zone)));
  select.append(others);
  select.value = shown === event ? "event" : shown;
  if (select.selectedIndex < 0) {
    select.append(option(shown, shown));
    select.value = shown;
  }
}

if (form) {
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { eventZone, shownZone } = form.dataset;
  const select = form.querySelector("select");
  if (sameZone(mine, eventZone) && shownZone === eventZone) {
    form.querySelector("button").hidden = true;
    select.hidden = true;
    form.querySelector("label").lastElementChild.textContent = form.dataset.onlyText.replace("{}", eventZone);
  } else {
    offer(select, mine, shownZone);
    form.querySelector("button").hidden = true;
    select.addEventListener("change", () => form.submit());
  }
}
