/* Lists: j and k move the real focus; new rows are counted in a bar and never move what is there. */
(() => {
  const rows = () => [...document.querySelectorAll("#rows .row, [data-held], [data-asked]")].filter(Townhall.visible);

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
    const key = Townhall.key(event);
    if (key === "j" || (key === "k" && !Townhall.beside())) { event.preventDefault(); step(key === "j" ? 1 : -1); }
    const row = document.activeElement?.closest?.(".row");
    if (key === "x" && row) { event.preventDefault(); choose(row, !row.classList.contains("selected")); last = row; }
    if (key === "X" && row) { event.preventDefault(); range(row); }
  });

  /* What is selected with x, or from the last one on with Shift x, is handed over together. */
  let last = null;
  function choose(row, on) {
    row.classList.toggle("selected", on);
    if (on) row.setAttribute("aria-description", "selected"); else row.removeAttribute("aria-description");
    const many = document.getElementById("many"), chosen = [...document.querySelectorAll("#rows .row.selected")];
    if (!many) return;
    many.hidden = !chosen.length;
    many.querySelector("[data-chosen]").textContent = `${chosen.length} selected`;
    many.querySelectorAll("[name=case]").forEach((input) => input.remove());
    for (const one of chosen) {
      const input = document.createElement("input");
      input.type = "hidden"; input.name = "case"; input.value = one.dataset.case;
      many.append(input);
    }
  }
  function range(to) {
    const all = rows(), from = Math.max(all.indexOf(last), 0), end = all.indexOf(to);
    all.slice(Math.min(from, end), Math.max(from, end) + 1).forEach((row) => choose(row, true));
  }
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-unselect]")) rows().forEach((row) => row.matches(".row") && choose(row, false)); });

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
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return; // an error is no news, and has no time
      const found = await answer.json();
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
