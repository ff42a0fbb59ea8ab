/* Beside what one writes: findings stand at the line they are about, one key goes to the next and one mends it; advice waits for a pause. */
(() => {
  const PAUSE = 1500;
  const beside = matchMedia("(min-width: 1360px)");
  const box = () => document.getElementById("box");
  const findings = () => [...document.querySelectorAll("#findings .finding")];
  let waiting = 0, typedAt = 0, current = null;

  /* Puts words in place of a part of the text as if they were typed, so that Ctrl Z takes them back. */
  Townhall.put = (area, from, to, words) => {
    area.focus();
    area.setSelectionRange(from, to);
    const done = words ? document.execCommand("insertText", false, words) : document.execCommand("delete");
    if (done) return;
    area.setRangeText(words, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };

  /* Where a finding's words stand now: the server counts code points, and the text may have moved on since. */
  function range(one) {
    if (one.dataset.picture) return null;
    const text = box().value, words = one.dataset.words;
    if (!words) return [text.length, text.length];
    const meant = [...text].slice(0, Number(one.dataset.start)).join("").length;
    if (text.startsWith(words, meant)) return [meant, meant + words.length];
    const places = [];
    for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + words.length)) places.push(at);
    if (!places.length) return null;
    const near = places.reduce((best, at) => (Math.abs(at - meant) < Math.abs(best - meant) ? at : best));
    return [near, near + words.length];
  }

  const placed = () => findings().map((one) => ({ one, at: range(one) })).filter((found) => found.at).sort((a, b) => a.at[0] - b.at[0]);

  function mark(one) {
    findings().forEach((other) => other.classList.toggle("current", other === one));
    current = one;
    one?.scrollIntoView({ block: "nearest" });
  }

  function next() {
    const all = placed(), area = box();
    if (!all.length) return;
    const from = all.findIndex((found) => found.one === current);
    const to = from >= 0 ? all[(from + 1) % all.length] : all.find((found) => found.at[0] >= area.selectionEnd) || all[0];
    area.focus();
    area.setSelectionRange(...to.at);
    mark(to.one);
  }

  function mend(one) {
    const at = one && range(one);
    if (!at || one.dataset.fix === undefined) return false;
    Townhall.put(box(), at[0], at[1], one.dataset.fix);
    one.remove();
    current = null;
    align();
    return true;
  }

  /* The one that was gone to, else the one whose words hold the cursor, else the next one that can be mended. */
  function mendNext() {
    const all = placed().filter((found) => found.one.dataset.fix !== undefined), at = box().selectionStart;
    const chosen = all.find((found) => found.one === current) || all.find((found) => found.at[0] <= at && at <= found.at[1])
      || all.find((found) => found.at[0] >= at) || all[0];
    if (!mend(chosen?.one)) Townhall.say?.(findings().length ? "Nothing here mends itself: change the words." : "Nothing to mend.");
  }

  /* The height of a place in the text, from the top of the box: a copy of the text is laid out up to there. */
  function height(area, place) {
    const copy = document.createElement("div"), end = document.createElement("span");
    copy.className = "mirror";
    copy.style.width = `${area.clientWidth}px`;
    copy.textContent = area.value.slice(0, place);
    end.textContent = area.value.slice(place) || ".";
    copy.append(end);
    area.parentElement.append(copy);
    const top = end.offsetTop;
    copy.remove();
    return area.offsetTop + top - area.scrollTop;
  }

  function align() {
    let bottom = 0;
    const area = box();
    if (!area) return;
    for (const { one, at } of placed()) {
      one.style.marginTop = "";
      if (!beside.matches) continue;
      const gap = Math.max(bottom ? 4 : 0, Math.min(height(area, at[0]), area.offsetTop + area.clientHeight - 30) - bottom);
      one.style.marginTop = `${Math.max(0, gap)}px`;
      bottom += Math.max(0, gap) + one.offsetHeight;
    }
  }

  /* What came back for the text: findings at once, advice once nobody has typed for a second and a half. */
  Townhall.found = (html) => {
    const place = document.getElementById("findings");
    place.innerHTML = html;
    const advice = place.querySelector("template");
    advice?.remove();
    mark(null);
    align();
    clearTimeout(waiting);
    waiting = setTimeout(() => suggest(advice), Math.max(0, typedAt + PAUSE - Date.now()));
  };

  function suggest(advice) {
    const place = document.querySelector("[data-advice]");
    if (!place) return;
    place.hidden = !advice;
    place.replaceChildren(...(advice ? advice.content.childNodes : []));
  }

  document.addEventListener("input", (event) => {
    if (event.target.id !== "box") return;
    typedAt = Date.now();
    clearTimeout(waiting);
    suggest(null);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-mend]");
    if (button) mend(button.closest(".finding"));
    const hint = event.target.closest?.("[data-hint]");
    if (!hint) return;
    const area = box(), whole = area.value, at = hint.dataset.hint === "start" ? 0 : whole.length;
    hint.closest("details").open = false;
    Townhall.put(area, at, at, at ? `${/\s$/.test(whole) ? "" : " "}${hint.dataset.words}` : hint.dataset.words);
  });
  document.addEventListener("keydown", (event) => {
    if (!event.ctrlKey || event.altKey || event.shiftKey || event.target.id !== "box") return;
    if (event.key === ".") { event.preventDefault(); next(); }
    if (event.key === ",") { event.preventDefault(); mendNext(); }
  });
  addEventListener("resize", align);
  document.addEventListener("htmx:afterSettle", align);
  align();
})();
