/* Writing a policy: the text is kept on this device with every key and on the server in pauses; the check stands beside it. */
(() => {
  const editor = document.querySelector("[data-editor]");
  if (!editor) return;
  const box = document.getElementById("policy-text"), gutter = editor.querySelector(".gutter"), findings = document.getElementById("policy-findings");
  const kept = document.querySelector("[data-kept]"), trouble = editor.querySelector("[data-trouble]");
  const key = `policy draft ${editor.dataset.keep}`;
  let seen = editor.dataset.seen, saved = box.value, timers = [], asking = null, saving = Promise.resolve(true), stopped = false;

  function number() {
    const lines = box.value.split("\n").length;
    if (gutter.childElementCount === 0 && gutter.dataset.lines === String(lines)) return;
    gutter.dataset.lines = String(lines);
    gutter.textContent = Array.from({ length: lines }, (_, n) => n + 1).join("\n");
  }
  box.addEventListener("scroll", () => { gutter.scrollTop = box.scrollTop; });

  async function check(deep) {
    asking?.abort();
    asking = new AbortController();
    findings.setAttribute("aria-busy", "true");
    if (deep) editor.dataset.checking = "yes";
    try {
      const body = new URLSearchParams({ text: box.value, deep: deep ? "1" : "0", number: editor.dataset.number });
      const answer = await fetch(editor.dataset.checkUrl, { method: "POST", body, signal: asking.signal, headers: { "X-CSRFToken": Townhall.token(), "HX-Request": "true" } });
      const html = await answer.text();
      if (answer.ok) findings.innerHTML = html;
      else findings.textContent = `The check does not answer (${answer.status}). Your text is kept.`;
      findings.removeAttribute("aria-busy");
      delete editor.dataset.checking;
    } catch (error) {
      if (error.name !== "AbortError") { findings.textContent = "The server does not answer. Your text is kept on this device."; findings.removeAttribute("aria-busy"); }
    }
  }

  function keep() {
    saving = saving.then(async () => {
      const text = box.value;
      if (stopped || text === saved) return true;
      try {
        const answer = await Townhall.post(editor.dataset.keep, { text, seen });
        const said = await answer.json();
        if (!answer.ok) { refuse(said.error, answer.status); return false; }
        seen = said.digest;
        saved = text;
        if (box.value === saved) localStorage.removeItem(key);
        kept.textContent = `Kept ${Townhall.time(said.at)}`;
        trouble.hidden = true;
        return true;
      } catch {
        kept.textContent = "Kept on this device; the server does not answer";
        return false;
      }
    });
    return saving;
  }

  function refuse(why, status) {
    kept.textContent = "Kept on this device only";
    trouble.textContent = `${why} Your text is kept on this device.`;
    trouble.hidden = false;
    if (status === 409) stopped = true;
  }

  function typed() {
    localStorage.setItem(key, JSON.stringify({ seen, text: box.value }));
    kept.textContent = "…";
    number();
    timers.forEach(clearTimeout);
    timers = [setTimeout(() => check(false), 600), setTimeout(keep, 2500), setTimeout(() => check(true), 3500)];
  }

  function now() {
    timers.forEach(clearTimeout);
    keep();
    check(true);
  }

  function go(line, column) {
    const lines = box.value.split("\n"), from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    const start = from + Math.max(0, column - 1), end = from + (lines[line - 1] || "").length;
    box.focus();
    box.setSelectionRange(start, Math.max(start, end));
    box.scrollTop = Math.max(0, (line - 6) * parseFloat(getComputedStyle(box).lineHeight));
  }

  box.addEventListener("input", typed);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); now(); return; }
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); keep(); return; }
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && !event.isComposing) {
      const line = box.value.slice(0, box.selectionStart).split("\n").pop(), indent = /^ */.exec(line)[0];
      if (indent && document.execCommand("insertText", false, `\n${indent}`)) event.preventDefault();
    }
    if (event.key === "." && event.ctrlKey) { event.preventDefault(); findings.querySelector("[data-at]")?.click(); }
    if (event.key === "Escape") document.querySelector("[data-check]").focus();
  });
  document.querySelector("[data-check]").addEventListener("click", now);
  findings.addEventListener("click", (event) => {
    const at = event.target.closest("[data-at]");
    if (at) go(Number(at.dataset.at), Number(at.dataset.column || 1));
  });
  /* Whoever leaves for the next step takes the text along. */
  document.querySelectorAll("[data-leave]").forEach((link) => link.addEventListener("click", async (event) => {
    if (box.value === saved) return;
    event.preventDefault();
    if (await keep()) location.assign(link.href);
  }));
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });

  const left = JSON.parse(localStorage.getItem(key) || "null");
  if (left && left.text !== box.value) {
    box.value = left.text;
    if (left.seen !== seen) { trouble.textContent = "This draft was changed elsewhere after your last words here. Your words are shown; keeping them writes over the other text."; trouble.hidden = false; }
    typed();
  }
  number();
  check(true);
})();
