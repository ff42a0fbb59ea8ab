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
      cap.textContent = control.dataset.key;
      key.append(cap);
      what.textContent = Townhall.label(control);
      list.append(key, what);
    }
  }

  Townhall.label = (control) => {
    const copy = control.cloneNode(true);
    copy.querySelectorAll("kbd, svg").forEach((node) => node.remove());
    return (control.getAttribute("aria-label") || copy.textContent).replace(/\s+/g, " ").trim();
  };

  function press(control) {
    if (control.tagName === "SELECT") control.focus();
    else control.click();
    if (control.tagName === "SUMMARY") control.nextElementSibling?.querySelector("a, button, input, textarea")?.focus();
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
    if (prefix && Date.now() - prefix < 1500) return onPlace(event);
    if (event.key === "g") { prefix = Date.now(); return; }
    if (event.key === "?") { event.preventDefault(); open("keys"); return; }
    if (event.key === "/") { event.preventDefault(); (document.getElementById("find").getClientRects().length ? document.getElementById("find") : document.getElementById("q"))?.focus(); return; }
    const control = controls().find((one) => one.dataset.key === event.key);
    if (control) { event.preventDefault(); press(control); }
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) open(opener.dataset.open);
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
})();
