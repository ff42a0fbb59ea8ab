/* The composer: drafts are kept on the server as one types, and the guard's findings come back with them. */
(() => {
  let timer = 0, typedAt = 0, saving = null;
  const composer = () => document.querySelector("[data-composer]");
  const state = (form) => form.querySelector("[data-draft-state]");
  const key = (form) => `draft ${form.dataset.draft} ${form.elements.kind.value}`;

  async function save(form) {
    const fields = new FormData(form);
    try {
      saving = Townhall.post(form.dataset.draft, fields);
      const answer = await saving;
      if (!answer.ok) throw new Error(String(answer.status));
      document.getElementById("findings").innerHTML = await answer.text();
      state(form).textContent = "Draft kept";
      localStorage.removeItem(key(form));
      const count = form.querySelector("[data-count]"), length = answer.headers.get("X-Length");
      if (count && length) {
        count.textContent = `${length} of ${form.dataset.limit}`;
        count.classList.toggle("over", Number(length) > Number(form.dataset.limit));
      }
    } catch {
      localStorage.setItem(key(form), form.elements.text.value);
      state(form).textContent = "Kept on this device; the server does not answer";
    }
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("[data-composer]");
    if (!form || event.target.name !== "text") return;
    typedAt = Date.now();
    state(form).textContent = "…";
    clearTimeout(timer);
    timer = setTimeout(() => save(form), 700);
  });

  document.addEventListener("change", (event) => {
    const macro = event.target.closest?.("[data-macro]");
    if (!macro || !macro.value) return;
    const box = macro.form.elements.text, first = (box.dataset.name || "").split(" ")[0];
    box.value = macro.value.replaceAll("{name}", first);
    macro.value = "";
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.addEventListener("click", async (event) => {
    const tab = event.target.closest?.("[data-kind-of]");
    if (!tab) return;
    event.preventDefault();
    const form = composer();
    if (timer) { clearTimeout(timer); timer = 0; if (form.elements.text.value.trim()) await save(form); }
    const url = new URL(location.href);
    url.searchParams.set("kind", tab.dataset.kindOf);
    await htmx.ajax("GET", url.pathname + url.search, { target: "#open", swap: "innerHTML" });
    const box = document.getElementById("box");
    box?.focus();
    box?.setSelectionRange(box.value.length, box.value.length);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("[data-composer]");
    if (!form || event.target.name !== "text") return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      const buttons = [...form.querySelectorAll("button[type=submit]:not([disabled])")];
      const button = event.shiftKey ? buttons[1] || buttons[0] : buttons[0];
      if (button) form.requestSubmit(button);
    }
    if (event.key === "." && event.ctrlKey) {
      event.preventDefault();
      const quoted = document.querySelector("#findings q")?.textContent, at = quoted ? event.target.value.indexOf(quoted, event.target.selectionEnd) : -1;
      const from = at >= 0 ? at : quoted ? event.target.value.indexOf(quoted) : -1;
      if (from >= 0) event.target.setSelectionRange(from, from + quoted.length);
    }
    if (event.key === "Escape") {
      event.target.blur();
      (document.querySelector("#rows .row[aria-current=true]") || document.getElementById("person-name"))?.focus();
    }
  });

  /* A draft that only this device has comes back when the page opens. */
  function recall() {
    const form = composer();
    if (!form) return;
    const kept = localStorage.getItem(key(form));
    if (kept && !form.elements.text.value) { form.elements.text.value = kept; save(form); }
  }
  document.addEventListener("htmx:afterSettle", recall);
  recall();

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches?.("[data-composer]")) { clearTimeout(timer); timer = 0; }
  });

  setInterval(() => {
    const open = document.querySelector("[data-presence]");
    if (open && !document.hidden) Townhall.post(open.dataset.presence, { typing: Date.now() - typedAt < 10000 ? "1" : "0" }).catch(() => {});
  }, 10000);
})();
