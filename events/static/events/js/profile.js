// Offer this device's zone first: nobody looks through four hundred for their own.

const select = document.querySelector("[data-profile] [name=timezone]");
const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (select) {
  const known = [...select.options].find((option) => option.value === mine);
  if (known && !known.selected) {
    const first = known.cloneNode(true);
    first.textContent = `${known.textContent} (${select.dataset.deviceLabel})`;
    select.options[0].after(first);
  }
}
