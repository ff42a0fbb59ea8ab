/* Questions to people: one key answers the one in focus, and the next takes the focus. */
(() => {
  const items = () => [...document.querySelectorAll("[data-asked]")];
  let next = -1;

  document.addEventListener("keydown", (event) => {
    const item = document.activeElement?.closest?.("[data-asked]");
    if (!item || event.ctrlKey || event.metaKey || event.altKey || Townhall.typing() || document.querySelector("dialog[open]") || document.documentElement.dataset.singleKeys === "off") return;
    const key = Townhall.key(event);
    const button = [...item.querySelectorAll("[data-answer]")].find((one) => one.dataset.answer === key);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const item = event.target.closest?.("[data-asked]");
    if (item) next = items().indexOf(item);
  });

  document.addEventListener("htmx:afterSettle", () => {
    if (next < 0) return;
    const left = items(), more = document.querySelector("a.more");
    (left[Math.min(next, left.length - 1)] || more || document.querySelector(".asked button"))?.focus();
    next = -1;
  });

  if (location.hash === "" && !Townhall.narrow.matches) items()[0]?.focus();
})();
