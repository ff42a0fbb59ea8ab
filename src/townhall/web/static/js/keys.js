/* Single keys press the visible control that names them; they never fire in a text field and can be switched off. */
(() => {
  const single = () => document.documentElement.dataset.singleKeys !== "off";
  const places = { c: "/stop/", s: "/settings/" };
  let prefix = 0;

  const open = (id) => {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open) return;
    if (id === "keys") listPageKeys();
    dialog.showModal();
    dialog.dispatchEvent(new Event("opened"));
  };

  const controls = () => [...document.querySelectorAll("[data-key]")].filter(Townhall.visible);

  function listPageKeys() {
    const list = document.getElementById("page-keys");
    list.replaceChildren();
    for (const control of controls()) {
      const key = document.createElement("dt"), what = document.createElement("dd"), cap = document.createElement("kbd");
      cap.textContent = Townhall.own[control.dataset.key] || control.dataset.key;
      key.append(cap);
      what.textContent = Townhall.label(control);
      list.append(key, what);
    }
    if (document.getElementById("box")) {
      for (const [cap, what] of [["Ctrl ↵", "Send and next"], ["Ctrl ⇧ ↵", "Send and stay"], ["Ctrl .", "Next finding"], ["Ctrl ,", "Mend it"], ["Esc", "Leave the box, the draft is kept"]])
        list.insertAdjacentHTML("beforeend", `<dt><kbd>${cap}</kbd></dt><dd>${what}</dd>`);
    }
    if (document.querySelector("#live") && single()) list.insertAdjacentHTML("beforeend", "<dt><kbd>Space</kbd></dt><dd>Pause what is shown, or go on</dd>");
  }

  Townhall.label = (control) => {
    if (control.dataset.name) return control.dataset.name;
    const copy = control.cloneNode(true);
    copy.querySelectorAll("kbd, svg").forEach((node) => node.remove());
    return (control.getAttribute("aria-label") || copy.textContent).replace(/\s+/g, " ").trim();
  };

  function press(control) {
    if (control.tagName === "SELECT") control.focus();
    else control.click();
    if (control.tagName === "SUMMARY") control.nextElementSibling?.querySelector("a, button, input, textarea")?.focus();
  }

  /* A key of a case on a row that is not the open one: that case is opened first, so that nobody acts on another one unseen. */
  function onRow(row, key) {
    if (document.querySelector("#rows .row.selected")) {
      if (key === "a") { document.getElementById("many-to")?.focus(); return; }
      const many = document.querySelector(`#many [data-key="${key}"]`);
      if (many) { press(many); return; }
    }
    document.addEventListener("htmx:afterSettle", function once(event) {
      if (event.detail.target.id !== "open") return;
      document.removeEventListener("htmx:afterSettle", once);
      const control = document.querySelector(`#open [data-case="${row.dataset.case}"] [data-key="${key}"]`);
      if (control) press(control);
    });
    row.click();
  }

  function onPlace(event) {
    prefix = 0;
    const link = document.querySelector(`.top nav a[href]`) && [...document.querySelectorAll("#keys dt")].find((dt) => dt.textContent.trim() === `g ${event.key}`);
    const title = link?.nextElementSibling?.textContent;
    const place = title && [...document.querySelectorAll(".top nav a")].find((a) => a.textContent.trim().startsWith(title));
    const url = place?.getAttribute("href") || places[event.key];
    if (!url) return;
    event.preventDefault();
    location.assign(url);
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open("command");
      return;
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || Townhall.typing() || !single() || document.querySelector("dialog[open]")) return;
    const key = Townhall.key(event);
    if (prefix && Date.now() - prefix < 1500) return onPlace(event);
    if (key === "g") { prefix = Date.now(); return; }
    if (key === "?") { event.preventDefault(); open("keys"); return; }
    if (key === "/") { event.preventDefault(); (document.getElementById("find").getClientRects().length ? document.getElementById("find") : document.getElementById("q"))?.focus(); return; }
    const row = key === "w" && document.activeElement?.closest?.(".row[data-case]");
    if (row) { event.preventDefault(); location.assign(`/case/${row.dataset.case}/why/`); return; }
    const other = "azei".includes(key) && document.activeElement?.closest?.(".row[data-case]");
    if (other && (other.getAttribute("aria-current") !== "true" || document.querySelector("#rows .row.selected"))) { event.preventDefault(); onRow(other, key); return; }
    const control = Townhall.near(key) || controls().find((one) => one.dataset.key === key);
    if (control && (key !== "k" || Townhall.beside())) { event.preventDefault(); press(control); }
  });

  /* What is written on controls are the person's own keys. */
  function letter() {
    for (const cap of document.querySelectorAll("kbd:not([data-own])")) {
      if (cap.closest(".table")) continue;
      const own = Townhall.own[cap.textContent.trim()];
      if (own && !cap.previousElementSibling?.matches("kbd")) cap.textContent = own;
      cap.dataset.own = "";
    }
  }
  letter();
  document.addEventListener("htmx:afterSettle", letter);

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) open(opener.dataset.open);
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
})();
