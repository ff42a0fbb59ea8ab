/* Lists: j and k move the real focus; new rows are counted in a bar and never move what is there. */
(() => {
  const rows = () => [...document.querySelectorAll("#rows .row, [data-held]")].filter(Townhall.visible);

  function step(by) {
    const all = rows();
    if (!all.length) return;
    const here = all.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
    const current = all.findIndex((row) => row.getAttribute("aria-current") === "true");
    const from = here >= 0 ? here : current;
    all[Math.max(0, Math.min(all.length - 1, from + by))].focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || Townhall.typing() || document.querySelector("dialog[open]") || document.documentElement.dataset.singleKeys === "off") return;
    if (event.key === "j" || event.key === "k") { event.preventDefault(); step(event.key === "j" ? 1 : -1); }
    const row = document.activeElement?.closest?.(".row");
    if (event.key === "x" && row) { event.preventDefault(); row.classList.toggle("selected"); row.setAttribute("aria-description", row.classList.contains("selected") ? "selected" : ""); }
  });

  /* Opening a case swaps the thread beside the list; the list itself stays as it is. */
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "open") return;
    const open = document.querySelector("#open [data-case]"), columns = document.getElementById("work");
    columns.classList.toggle("opened", Boolean(open));
    document.querySelectorAll("#rows .row[aria-current]").forEach((row) => row.removeAttribute("aria-current"));
    if (!open) return;
    const row = document.getElementById(`row-${open.dataset.case}`);
    row?.setAttribute("aria-current", "true");
    document.title = open.dataset.tab;
    const sent = event.detail.requestConfig?.verb === "post";
    const box = document.getElementById("box"), changed = document.getElementById("changed");
    if (changed) changed.focus();
    else if (sent && box) box.focus();
    else if (matchMedia("(max-width: 899px)").matches) { scrollTo(0, 0); document.getElementById("person-name").focus(); }
    toMatter();
  });

  function toMatter() {
    const posts = document.querySelector(".posts"), matter = document.querySelector(".post.matter");
    if (posts && matter && posts.scrollHeight > posts.clientHeight) posts.scrollTop = Math.max(0, matter.offsetTop - posts.offsetTop - 48);
  }
  toMatter();

  const list = document.getElementById("rows");
  if (!list) return;
  const bar = list.querySelector(".fresh"), button = bar.querySelector("button");
  let asked = 0;

  async function ask() {
    if (Townhall.paused || document.hidden || Date.now() - asked < 2500) return;
    asked = Date.now();
    try {
      const url = list.dataset.news + (list.dataset.news.includes("?") ? "&" : "?") + `mark=${list.dataset.mark}`;
      const found = await (await fetch(url, { headers: { Accept: "application/json" } })).json();
      bar.hidden = !found.fresh;
      const said = found.fresh ? `${found.fresh}${found.fresh >= 1000 ? "+" : ""} new, show` : "";
      if (button.textContent !== said) button.textContent = said;
      Townhall.heard?.(found.as_of);
    } catch { /* the bar of the time says that no data comes */ }
  }
  setInterval(ask, 3000);

  button.addEventListener("click", async () => {
    const url = new URL(location.href);
    const path = url.pathname.startsWith("/inbox/") ? url.pathname : "/inbox/";
    const answer = await fetch(`${path}${url.search}${url.search ? "&" : "?"}part=rows&whole=1`, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    list.dataset.mark = answer.headers.get("X-Mark");
    [...list.children].forEach((child) => { if (child !== bar) child.remove(); });
    list.insertAdjacentHTML("beforeend", await answer.text());
    bar.hidden = true;
    htmx.process(list);
    list.scrollTop = 0;
    rows()[0]?.focus();
  });

  document.querySelectorAll("[data-filters] select").forEach((select) => select.addEventListener("change", () => select.form.submit()));
})();
