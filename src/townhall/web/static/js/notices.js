/* What a person is told while a page is open: the count at the bell, and what is urgent as a line that stays. */
(() => {
  const bell = document.querySelector("[data-bell]"), place = document.getElementById("toasts");

  /* An undo is offered for ten seconds; while pointer or focus is at it, it waits. */
  document.querySelectorAll(".toasts [data-passing]").forEach((line) => {
    let left = 10;
    const timer = setInterval(() => {
      if (line.matches(":hover, :focus-within")) return;
      left -= 1;
      if (left <= 0) { clearInterval(timer); line.remove(); }
    }, 1000);
  });

  if (!bell) return;
  const LOOK_BACK = 15000, MOST = 3;
  let since = Number(bell.dataset.since) - LOOK_BACK;
  const shown = new Set(JSON.parse(sessionStorage.getItem("told") || "[]"));

  function line(one) {
    const toast = document.createElement("div"), words = document.createElement("p"), link = document.createElement("a"), seen = document.createElement("button");
    toast.className = "toast";
    link.href = one.url || "/notices/";
    link.textContent = one.count > 1 ? `${one.title} (${one.count})` : one.title;
    seen.className = "button";
    seen.type = "button";
    seen.textContent = "Seen";
    seen.setAttribute("aria-label", `Seen: ${one.title}`);
    seen.addEventListener("click", async () => { toast.remove(); await Townhall.post(`/notices/${one.id}/`, {}); ask(); });
    words.append(link);
    toast.append(words, seen);
    toast.dataset.notice = one.id;
    return toast;
  }

  function tell(fresh) {
    for (const one of fresh.filter((notice) => notice.urgent)) {
      const name = `${one.id}/${one.count}`;
      if (shown.has(name)) continue;
      shown.add(name);
      place.querySelector(`[data-notice="${one.id}"]`)?.remove();
      if (place.querySelectorAll("[data-notice]").length < MOST) place.append(line(one));
    }
    sessionStorage.setItem("told", JSON.stringify([...shown].slice(-200)));
  }

  async function ask() {
    if (document.hidden) return;
    try {
      const answer = await fetch(`${bell.dataset.bell}?after=${since}`, { headers: { Accept: "application/json" } });
      Townhall.reached?.(true);
      if (!answer.ok || answer.redirected) return;
      const found = await answer.json(), count = bell.querySelector(".count");
      count.textContent = found.waiting >= 200 ? "200+" : String(found.waiting);
      count.hidden = !found.waiting;
      since = found.as_of - LOOK_BACK;
      tell(found.fresh);
    } catch (why) { if (why instanceof TypeError) Townhall.reached?.(false); /* the next round asks again */ }
  }
  setInterval(ask, 4000);
  document.addEventListener("visibilitychange", ask);
})();
