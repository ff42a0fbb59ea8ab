/* The composer: drafts are kept on the server as one types, and the guard's findings come back with them. */
(() => {
  let timer = 0, typedAt = 0, saving = null;
  const composer = () => document.querySelector("[data-composer]");
  const state = (form) => form.querySelector("[data-draft-state]");
  const key = (form) => `draft ${form.dataset.draft} ${form.elements.kind.value}`;
  const written = (field) => field.name === "text" || field.name?.startsWith("alt-");
  const here = (form) => JSON.parse(localStorage.getItem(key(form)) || "null");

  async function save(form) {
    const fields = new FormData(form), text = form.elements.text.value;
    try {
      saving = Townhall.post(form.dataset.draft, fields);
      const answer = await saving;
      if (answer.redirected) throw new Error("You are signed out");
      if (!answer.ok) throw new Error("The server does not answer");
      Townhall.found(await answer.text());
      state(form).textContent = "Draft kept";
      if (here(form)?.text === text) localStorage.removeItem(key(form));
      const count = form.querySelector("[data-count]"), length = answer.headers.get("X-Length");
      if (count && length) {
        count.textContent = `${length} of ${form.dataset.limit}`;
        count.classList.toggle("over", Number(length) > Number(form.dataset.limit));
      }
    } catch (why) {
      const said = why instanceof TypeError ? "The server does not answer" : why.message;
      state(form).textContent = `${said}: kept on this device`;
    }
  }

  /* "Not a problem, because…" is kept for whoever approves; it lifts no hold. */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-wave]");
    if (!button) return;
    const form = button.form, input = button.parentElement.querySelector("input");
    if (!input.value.trim()) { input.focus(); return; }
    const given = new FormData();
    given.set("finding", button.dataset.finding);
    given.set("words", button.dataset.words);
    given.set("because", input.value);
    try {
      const answer = await Townhall.post(button.dataset.wave, given);
      if (!answer.ok || answer.redirected) throw new Error("The reason was not kept");
      await save(form);
      form.elements.text.focus();
    } catch (why) {
      state(form).textContent = why instanceof TypeError ? "The server does not answer: the reason was not kept" : why.message;
    }
  });
  document.addEventListener("keydown", (event) => {
    const input = event.key === "Enter" && event.target.closest?.(".waving input");
    if (!input) return;
    event.preventDefault(); // Enter keeps the reason; it must not send
    input.parentElement.querySelector("[data-wave]").click();
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("[data-composer]");
    if (!form || !written(event.target)) return;
    typedAt = Date.now();
    Townhall.typed?.();
    localStorage.setItem(key(form), JSON.stringify({ text: form.elements.text.value, at: typedAt })); // until the server has it
    state(form).textContent = "…";
    clearTimeout(timer);
    timer = setTimeout(() => save(form), 700);
  });

  document.addEventListener("change", (event) => {
    const macro = event.target.closest?.("[data-macro]");
    if (!macro || !macro.value) return;
    const box = macro.form.elements.text, first = (box.dataset.name || "").split(" ")[0];
    const words = macro.value.replaceAll("{name}", first);
    macro.value = "";
    Townhall.put(box, 0, box.value.length, words);
  });

  /* On a phone the kinds move once the composer has the focus: the press must not give it to them before the click lands. */
  document.addEventListener("mousedown", (event) => { if (event.target.closest?.(".composer .tabs a")) event.preventDefault(); });
  document.addEventListener("click", async (event) => {
    const tab = event.target.closest?.("[data-kind-of]");
    if (!tab) return;
    event.preventDefault();
    const form = composer();
    if (timer) { clearTimeout(timer); timer = 0; if (form?.elements.text.value.trim() || form?.elements.picture) await save(form); }
    const url = new URL(location.href);
    url.searchParams.set("kind", tab.dataset.kindOf);
    url.searchParams.set("write", "1"); // also where an answer is held and the composer closed over it
    await htmx.ajax("GET", url.pathname + url.search, { target: "#open", swap: "innerHTML" });
    const box = document.getElementById("box");
    box?.focus();
    box?.setSelectionRange(box.value.length, box.value.length);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("[data-composer]");
    if (!form || !written(event.target)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      const buttons = [...form.querySelectorAll(".under button[type=submit]:not([disabled])")];
      const button = event.shiftKey ? buttons[1] || buttons[0] : buttons[0];
      button?.click(); // not requestSubmit: htmx names only the button that was clicked
    }
    if (event.key === "Escape") {
      event.target.blur();
      (document.querySelector("#rows .row[aria-current=true]") || document.getElementById("person-name"))?.focus();
    }
  });

  /* A draft that only this device has comes back when the page opens, unless another device saved later. */
  function recall() {
    const form = composer();
    if (!form) return;
    const kept = here(form);
    if (kept && kept.text !== form.elements.text.value && kept.at > Number(form.dataset.savedAt)) { form.elements.text.value = kept.text; save(form); }
  }
  document.addEventListener("htmx:afterSettle", recall);
  recall();

  /* After a stop the text is unchanged, and one key sends it anyway, wherever the focus is. */
  document.addEventListener("keydown", (event) => {
    const anyway = event.key === "Enter" && (event.ctrlKey || event.metaKey) && document.querySelector("[data-composer] [name=force]");
    if (!anyway || anyway.disabled || event.target.closest?.("[data-composer]")) return;
    event.preventDefault();
    anyway.click();
  });

  /* Signed out meanwhile: the text stays on this device while one signs in again. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answer = event.detail.xhr;
    if (answer.responseURL && new URL(answer.responseURL).pathname.startsWith("/accounts/login/")) {
      event.detail.shouldSwap = false;
      location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
    } else if (event.detail.requestConfig.elt.matches?.("[data-composer]") && answer.status < 300) {
      localStorage.removeItem(key(event.detail.requestConfig.elt));
    }
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches?.("[data-composer]")) { clearTimeout(timer); timer = 0; }
  });
})();
