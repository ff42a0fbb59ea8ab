/* The command menu: every visible act and place by its name. */
(() => {
  const dialog = document.getElementById("command");
  if (!dialog) return;
  const box = dialog.querySelector("input"), list = dialog.querySelector("ul");
  let acts = [], at = 0;

  /* What stands in a menu of the work bears the menu's name, unless that says nothing: "Snooze: until Monday". */
  const named = (node) => {
    const menu = node.closest("#work .menu .sheet")?.previousElementSibling, name = Townhall.label(node);
    const above = menu ? Townhall.label(menu) : "";
    return name && above && above !== "More" ? `${above}: ${name}` : name;
  };

  const gather = () => {
    const nodes = document.querySelectorAll(".top nav a, .top .menu .sheet a, .top .menu .sheet button, .top a.button, #work a.button, #work button.button, #work [data-key], #work .case-act, #work .menu .sheet :is(a, button)");
    const seen = new Set();
    return [...nodes].map((node) => ({ node, name: named(node), key: node.dataset.key || "" })).filter((act) => {
      if (!act.name || act.node.disabled || seen.has(act.name)) return false;
      seen.add(act.name);
      return true;
    });
  };

  const show = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = acts.filter((act) => words.every((word) => act.name.toLowerCase().includes(word))).slice(0, 50);
    at = Math.min(at, Math.max(found.length - 1, 0));
    list.replaceChildren(...found.map((act, n) => {
      const item = document.createElement("li"), link = document.createElement("a"), name = document.createElement("span");
      item.setAttribute("role", "presentation");
      link.id = `command-${n}`;
      link.setAttribute("role", "option");
      link.setAttribute("aria-selected", String(n === at));
      name.textContent = act.name;
      link.append(name);
      if (act.key) { const cap = document.createElement("kbd"); cap.textContent = act.key; link.append(cap); }
      link.addEventListener("click", () => run(act));
      item.append(link);
      return item;
    }));
    if (!found.length) { const none = document.createElement("li"); none.className = "meta"; none.setAttribute("role", "option"); none.setAttribute("aria-selected", "false"); none.textContent = "No act has that name."; list.append(none); }
    box.setAttribute("aria-activedescendant", found.length ? `command-${at}` : "");
    list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
    return found;
  };

  const run = (act) => {
    dialog.close();
    const menu = act.node.closest("details.menu");
    if (menu) menu.open = true;
    if (act.node.tagName === "SELECT") act.node.focus(); else act.node.click();
  };

  dialog.addEventListener("opened", () => { acts = gather(); box.value = ""; at = 0; show(); box.focus(); });
  box.addEventListener("input", () => { at = 0; show(); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") at += 1;
    else if (event.key === "ArrowUp") at = Math.max(at - 1, 0);
    else if (event.key === "Enter") { event.preventDefault(); const found = show(); if (found[at]) run(found[at]); return; }
    else return;
    event.preventDefault();
    show();
  });
})();
