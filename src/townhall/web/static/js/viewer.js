/* Photos: opened in a dialog with the author's own description, up to five times as large. */
(() => {
  function viewer(photo) {
    const dialog = document.createElement("dialog");
    dialog.className = "viewer";
    dialog.setAttribute("aria-label", "Photo");
    const head = document.createElement("header"), title = document.createElement("h2");
    title.textContent = "Photo";
    const size = document.createElement("span");
    size.className = "meta";
    let zoom = 1;
    const to = (next) => { zoom = Math.max(1, Math.min(5, next)); dialog.dataset.zoom = String(zoom); size.textContent = `${zoom}×`; };
    const button = (text, act) => { const one = document.createElement("button"); one.type = "button"; one.className = "button"; one.textContent = text; one.addEventListener("click", act); return one; };
    head.append(title, size, button("Smaller", () => to(zoom - 1)), button("Larger", () => to(zoom + 1)), button("Close", () => dialog.close()));
    const stage = document.createElement("div"), image = document.createElement("img"), alt = document.createElement("p");
    stage.className = "stage";
    stage.tabIndex = 0;
    image.src = photo.dataset.photo;
    image.alt = photo.dataset.alt || "Photo without a description";
    alt.className = "alt";
    const given = "ours" in photo.dataset ? "It shows" : "Described by its author";
    alt.textContent = photo.dataset.alt ? `${given}: ${photo.dataset.alt}` : "ours" in photo.dataset ? "What it shows is not told yet." : "Its author gave no description.";
    stage.append(image);
    dialog.append(head, stage, alt);
    dialog.addEventListener("keydown", (event) => { if (event.key === "+") to(zoom + 1); if (event.key === "-") to(zoom - 1); });
    dialog.addEventListener("close", () => { dialog.remove(); photo.focus(); });
    document.body.append(dialog);
    to(1);
    dialog.showModal();
  }

  /* A photo that is still being fetched for us is asked for again; one that cannot be shown says why. */
  const ROUNDS = 12;
  async function again(image) {
    const round = Number(image.dataset.round || 0);
    if (round >= ROUNDS) return instead(image, "It is not here yet. Open the conversation again later.");
    image.dataset.round = String(round + 1);
    const answer = await fetch(image.getAttribute("src"), { cache: "no-store" }).catch(() => null);
    if (!image.isConnected) return;
    if (answer && answer.headers.get("X-Photo") === "refused") return instead(image, answer.headers.get("X-Photo-Why"));
    if (answer && answer.status === 200) { image.src = image.getAttribute("src"); return; }
    setTimeout(() => image.isConnected && again(image), Math.min(500 * (round + 1), 3000));
  }
  function instead(image, why) {
    const said = document.createElement("p");
    said.className = "meta";
    said.textContent = `Photo${image.alt ? ` (${image.alt})` : ""}: ${why || "it cannot be shown"}.`.replace("..", ".");
    image.closest("button").replaceWith(said);
  }
  document.addEventListener("error", (event) => { if (event.target.matches?.(".photos img")) again(event.target); }, true);
  document.querySelectorAll(".photos img").forEach((image) => { if (image.complete && !image.naturalWidth && image.getAttribute("src")) again(image); });
  document.addEventListener("click", (event) => { const photo = event.target.closest?.("[data-photo]"); if (photo) viewer(photo); });
})();
