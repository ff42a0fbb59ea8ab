/* Articles beside a conversation: one goes there by key, chooses with the arrows, and Enter puts title and address into the text. */
(() => {
  const choices = () => [...document.querySelectorAll("#articles [data-put-article]")].filter(Townhall.visible);

  document.addEventListener("click", (event) => {
    const put = event.target.closest?.("[data-put-article]");
    if (put) return into(put.dataset.putArticle);
    if (!event.target.closest?.("[data-to-articles]")) return;
    const place = document.getElementById("articles"), first = choices()[0] || place?.querySelector("a");
    place?.scrollIntoView({ block: "nearest" });
    first?.focus();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const all = choices(), at = all.indexOf(event.target.closest?.("[data-put-article]"));
    if (at < 0) return;
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))].focus();
  });

  document.addEventListener("focusin", (event) => { if (event.target.id === "box") event.target.dataset.visited = ""; });

  /* At the cursor, or at the end where nobody has been in the text; apart from the words beside it. */
  function into(words) {
    const box = document.getElementById("box");
    if (!box) { Townhall.say("Open the reply first: it takes title and address."); return; }
    if (!("visited" in box.dataset)) box.setSelectionRange(box.value.length, box.value.length);
    const [from, to] = [box.selectionStart, box.selectionEnd], before = box.value.slice(0, from), after = box.value.slice(to);
    Townhall.put(box, from, to, `${before && !/\s$/.test(before) ? " " : ""}${words}${after && !/^\s/.test(after) ? " " : ""}`);
  }
})();
