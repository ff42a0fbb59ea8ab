/* Who else has this case open: said at the top, and in the composer's band while a colleague writes. Sending then compares first. */
(() => {
  const TYPING = 8000, OFTEN = 4000, SELDOM = 10000;
  let typedAt = 0, toldAt = 0, others = [], busy = false;

  function chip(one) {
    const made = document.createElement("span");
    made.className = "chip info";
    made.title = `${one.name} has this open`;
    made.textContent = `${one.initials} is ${one.typing ? "typing" : "here"}`;
    return made;
  }

  function show() {
    const place = document.querySelector("[data-viewers]"), band = document.querySelector("[data-writes]"), send = document.querySelector("[data-send] > span");
    const wanted = others.map(chip), words = wanted.map((one) => one.textContent).join();
    if (place && [...place.children].map((one) => one.textContent.trim()).join() !== words) place.replaceChildren(...wanted);
    const typing = others.filter((one) => one.typing).map((one) => one.name);
    const said = typing.length ? `${typing.join(" and ")} ${typing.length === 1 ? "is" : "are"} writing an answer now` : "";
    if (band && band.textContent !== said) band.textContent = said;
    const name = said ? "Compare" : "Send and next";
    if (send && send.textContent !== name) { send.textContent = name; send.parentElement.value = said ? "compare" : "next"; }
  }

  async function tell() {
    const open = document.querySelector("[data-presence]");
    if (!open || document.hidden || busy) return;
    toldAt = Date.now();
    busy = true;
    try {
      const answer = await Townhall.post(open.dataset.presence, { typing: Date.now() - typedAt < TYPING ? "1" : "0" });
      if (answer.ok && !answer.redirected && document.contains(open)) { others = (await answer.json()).others; show(); }
    } catch { /* the next round says it again */ }
    busy = false;
  }

  Townhall.typed = () => {
    const begins = Date.now() - typedAt > TYPING;
    typedAt = Date.now();
    if (begins) tell();
  };
  setInterval(() => { if (Date.now() - toldAt >= (others.length || Date.now() - typedAt < TYPING ? OFTEN : SELDOM)) tell(); }, 1000);
  document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target.id === "open") { others = []; typedAt = 0; tell(); } });
  document.addEventListener("visibilitychange", tell);
})();
