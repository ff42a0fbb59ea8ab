/* Keeps the words of clocks true, once a minute. Shapes and places change only when a list is read again. */
(() => {
  const words = (clock, now) => {
    const due = Number(clock.dataset.due), says = clock.querySelector(".says"), parts = says.textContent.split(" · ");
    if (!due) return;
    if (clock.dataset.state === "soon") {
      const left = Math.floor((due - now) / 60000);
      says.textContent = left >= 0 ? `${parts[0]} · ${left} min` : `${parts[0]} · passed ${Townhall.span(now - due)} ago`;
    } else if (clock.dataset.state === "missed") {
      says.textContent = parts.length > 1 ? `${parts[0]} · ${Townhall.span(now - due)} ago` : parts[0];
    }
  };
  setInterval(() => { const now = Date.now(); document.querySelectorAll(".clock[data-due]").forEach((clock) => words(clock, now)); }, 30000);
})();
