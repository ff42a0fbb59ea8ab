/* Without a connection the page keeps what it shows and says since when. Nothing is decided or sent then; acts on a case wait, counted. */
(() => {
  const line = document.getElementById("unreached");
  if (!line) return;
  const words = line.querySelector("p"), waiting = [];
  let since = 0, sure = null, asking = false;

  const some = (n) => `${n} act${n === 1 ? "" : "s"}`;
  function say() {
    const kept = waiting.length ? ` ${some(waiting.length)} wait${waiting.length === 1 ? "s" : ""} for it.` : "";
    const told = since ? `No connection since ${Townhall.time(since)}. You see what was so then; nothing can be decided or sent.${kept}` : "";
    if (words.textContent !== told) words.textContent = told;
    line.hidden = !since;
    document.body.classList.toggle("unreached", Boolean(since));
  }

  /* Whoever asks the server for anything says whether it was reached. */
  Townhall.reached = (was) => {
    if (was === !since) return;
    since = was ? 0 : Date.now();
    say();
    if (was) goOn();
  };

  async function ask() {
    try {
      await fetch(line.dataset.reach, { method: "HEAD", cache: "no-store" });
      Townhall.reached(true);
    } catch { Townhall.reached(false); }
  }
  addEventListener("offline", () => Townhall.reached(false));
  addEventListener("online", ask);
  setInterval(() => { if (since) ask(); }, 2000);

  /* What waited is done in its order, each on the version of the case that was on the screen. */
  async function goOn() {
    const all = waiting.splice(0);
    let done = 0;
    for (const [n, [url, fields]] of all.entries()) {
      try { if ((await Townhall.post(url, fields)).ok) done += 1; } catch { waiting.unshift(...all.slice(n)); Townhall.reached(false); return; }
    }
    if (!all.length) return;
    const not = all.length - done;
    Townhall.say(`The connection is back: ${some(done)} done${not ? `, ${not} not, because the case changed meanwhile` : ""}.`);
    if (document.getElementById("open") && !Townhall.typing()) htmx.ajax("GET", location.pathname + location.search, { target: "#open", swap: "innerHTML" });
  }

  function refuse(form, button) {
    if (form.matches("[data-case-acts]")) {
      waiting.push([button?.formAction || form.action, new FormData(form, button)]);
      say();
    } else if (form.closest("[data-held]")) Townhall.say("No connection: nothing was decided. The reply stays held.");
    else if (form.matches("[data-composer]")) Townhall.say("No connection: nothing was sent. Your text is kept on this device.");
    else Townhall.say("No connection: nothing was done. The page stays as it is.");
  }

  const stop = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };
  document.addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    if (form === sure) { sure = null; return; }
    if (since) { stop(event); refuse(form, button); return; }
    if (!form.matches("[data-held] form, [data-case-acts]")) return;
    stop(event); // these leave the page: first be sure that there is somebody to leave it for
    if (asking) return;
    asking = true;
    await ask();
    asking = false;
    if (since) { refuse(form, button); return; }
    sure = form;
    form.requestSubmit(button);
  }, true);
  document.addEventListener("click", (event) => {
    const link = since && event.target.closest?.("a[href]");
    if (!link || link.target === "_blank" || link.origin !== location.origin || (link.hash && link.pathname === location.pathname)) return;
    stop(event);
    Townhall.say("No connection: this page stays open as it was.");
  }, true);
  addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });

  document.addEventListener("htmx:sendError", (event) => {
    Townhall.reached(false);
    const form = event.detail.elt;
    if (form.matches?.("form")) refuse(form, null);
  });
  document.addEventListener("htmx:responseError", (event) => {
    const kept = event.detail.elt.matches?.("[data-composer]") ? " Your text is kept." : "";
    Townhall.say(`Something broke on our side (${event.detail.xhr.status}). Nothing was changed.${kept} Try it again.`);
  });
})();
