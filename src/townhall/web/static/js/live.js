/* What is live: the bar of the time, the stream, Pause, and the mark of stale figures after five seconds. */
(() => {
  const bar = document.querySelector("[data-livebar]");
  if (!bar) return;
  const STALE = 5000;
  let heard = Date.now(), asOf = Number(bar.querySelector("[data-as-of]")?.dataset.asOf || 0) / 1000, pausedAt = 0, changes = 0, held = null;

  const bars = () => document.querySelectorAll("[data-livebar]");
  function say() {
    const stale = Date.now() - heard > STALE;
    const words = pausedAt ? `Paused ${Townhall.span(Date.now() - pausedAt)}, ${changes} change${changes === 1 ? "" : "s"} · as of ${Townhall.time(asOf)}`
      : stale ? `No data for ${Townhall.span(Date.now() - heard)} · as of ${Townhall.time(asOf)}`
      : Townhall.narrow.matches ? `as of ${Townhall.time(asOf)}` : `Live · as of ${Townhall.time(asOf)}`;
    for (const one of bars()) {
      const place = one.querySelector("[data-live-words]");
      if (place.textContent !== words) place.textContent = words;
      one.classList.toggle("stale", stale && !pausedAt);
    }
    document.getElementById("live")?.classList.toggle("stale", stale);
    document.querySelector(".columns")?.classList.toggle("lost", stale);
  }

  Townhall.heard = (moment) => { heard = Date.now(); asOf = moment; say(); };

  /* Makes one tree say what another says, touching only what differs: focus and pointer keep their place. */
  function become(old, fresh) {
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) { old.replaceWith(fresh.cloneNode(true)); return; }
    if (old.nodeType === Node.TEXT_NODE) {
      if (old.data !== fresh.data) { old.data = fresh.data; mark(old.parentElement); }
      return;
    }
    if (old.nodeType === Node.ELEMENT_NODE && old.hasAttribute("data-plot")) {
      for (const name of ["data-plot", "aria-label"]) if (old.getAttribute(name) !== fresh.getAttribute(name)) old.setAttribute(name, fresh.getAttribute(name));
      return;
    }
    if (old.nodeType !== Node.ELEMENT_NODE || old.hasAttribute("data-livebar") || old.name === "csrfmiddlewaretoken") return;
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    const from = [...old.childNodes], to = [...fresh.childNodes];
    to.forEach((node, n) => (from[n] ? become(from[n], node) : old.append(node.cloneNode(true))));
    from.slice(to.length).forEach((node) => node.remove());
  }

  function mark(figure) {
    if (!figure?.classList.contains("figure") || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    figure.classList.add("changed-figure");
    setTimeout(() => figure.classList.remove("changed-figure"), 2000);
  }

  function show(html) {
    const page = document.getElementById("live"), fresh = document.createElement("div");
    fresh.innerHTML = html;
    const old = [...page.childNodes], next = [...fresh.childNodes];
    next.forEach((node, n) => (old[n] ? become(old[n], node) : page.append(node.cloneNode(true))));
    old.slice(next.length).forEach((node) => node.remove());
    Townhall.plots?.();
    page.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((input) => { input.value = Townhall.token(); });
    const items = page.querySelectorAll(".attention li").length;
    document.title = document.title.replace(/^(\d+ open · )?/, items ? `${items} open · ` : "");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-pause]");
    if (!button) return;
    pausedAt = pausedAt ? 0 : Date.now();
    Townhall.paused = Boolean(pausedAt);
    changes = 0;
    for (const one of document.querySelectorAll("[data-pause]")) { one.setAttribute("aria-pressed", String(Boolean(pausedAt))); one.querySelector("span").textContent = pausedAt ? "Go on" : "Pause"; }
    if (!pausedAt && held) { show(held); held = null; }
    say();
  });

  setInterval(say, 1000);
  const page = document.getElementById("live");
  if (!page) return;
  const stream = new EventSource(page.dataset.live);
  stream.addEventListener("figures", (event) => {
    heard = Date.now();
    const data = JSON.parse(event.data);
    if (pausedAt) { changes += 1; held = data.html; } else { asOf = data.as_of; show(data.html); }
    say();
  });
  /* The page in plain words, as of when it was read: verdict, what needs somebody, figures with what they are against. */
  function inWords() {
    const flat = (node) => node.innerText.replace(/\s*\n\s*/g, " · ").replace(/\s+/g, " ").trim();
    const lines = [`${document.title}, as of ${Townhall.time(asOf)}`, flat(page.querySelector(".verdict h1"))];
    page.querySelectorAll(".attention li").forEach((item) => lines.push(`- ${flat(item.children[1])} (${flat(item.children[2])})`));
    page.querySelectorAll(".tile").forEach((tile) => lines.push(flat(tile)));
    return lines.join("\n");
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(inWords());
    Townhall.say("Copied: verdict, what needs somebody, and the figures.");
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === " " && document.documentElement.dataset.singleKeys !== "off" && !Townhall.typing() && document.activeElement === document.body) { event.preventDefault(); document.querySelector("[data-pause]").click(); }
  });
  addEventListener("pagehide", () => stream.close());
})();
