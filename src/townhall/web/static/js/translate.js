/* The draft in the customer's language: put into the box as if it were typed, so that Ctrl Z takes it back; nothing is sent. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-translate]");
  if (!button || button.disabled) return;
  const form = button.form, box = form.elements.text, given = box.value, said = form.querySelector("[data-translated]");
  if (!given.trim()) { said.textContent = "Write something first, then it can be translated."; box.focus(); return; }
  button.disabled = true;
  said.textContent = "Being translated…";
  try {
    const answer = await Townhall.post(button.dataset.translate, { text: given });
    if (answer.redirected) throw new Error("You are signed out: your draft is unchanged.");
    if (!answer.ok) throw new Error("It was not translated: your draft is unchanged.");
    const found = await answer.json();
    if (found.text === undefined) said.textContent = found.said;
    else if (box.value !== given) said.textContent = "You wrote on meanwhile: your draft is unchanged. Translate it again.";
    else { Townhall.put(box, 0, given.length, found.text); said.textContent = found.said; }
  } catch (why) {
    said.textContent = why instanceof TypeError || why instanceof SyntaxError ? "The server does not answer: your draft is unchanged." : why.message;
  }
  button.disabled = false;
});
/* The key translates the post that has the focus, where one has it. */
Townhall.near = (key) => (key === "t" ? document.activeElement?.closest?.(".post")?.querySelector(".translating button") : null);
