/* Pictures of a draft: chosen, pasted or dropped, added one after the other; what each shows is written beside it. */
(() => {
  let adding = Promise.resolve(), waiting = 0;
  const composer = () => document.querySelector("[data-composer]");
  const chooser = (form) => form?.querySelector("[data-files]");
  const state = (form) => form.querySelector("[data-draft-state]");
  const megabytes = (size) => `${Math.round(size / 104857.6) / 10} MB`;

  /* The pictures as the server has them, with the words that were typed meanwhile, and the cursor where it was. */
  function put(html) {
    const old = document.getElementById("pictures");
    if (!old) return;
    const typed = new Map([...old.querySelectorAll("textarea")].map((area) => [area.name, area.value]));
    const at = old.contains(document.activeElement) && document.activeElement.name ? document.activeElement : null;
    const place = at && [at.name, at.selectionStart, at.selectionEnd];
    old.outerHTML = html;
    for (const area of document.querySelectorAll("#pictures textarea")) {
      if (typed.has(area.name)) area.value = typed.get(area.name);
      if (place && area.name === place[0]) { area.focus(); area.setSelectionRange(place[1], place[2]); }
    }
  }

  function fault(words) {
    const old = document.querySelector("#pictures > .warn"), said = document.createElement("p");
    old?.remove();
    said.className = "warn";
    said.setAttribute("role", "alert");
    said.textContent = words;
    document.getElementById("pictures")?.prepend(said);
  }

  async function send(form, change) {
    const fields = new FormData(form), url = chooser(form).dataset.files;
    fields.delete("files");
    change(fields);
    try {
      const answer = await fetch(url, { method: "POST", body: fields, headers: { "X-CSRFToken": Townhall.token(), "HX-Request": "true" } });
      if (answer.redirected) throw new Error("You are signed out: sign in again, then add it.");
      if (answer.status === 413 || answer.status === 503 && answer.headers.get("content-type")?.startsWith("text/plain")) throw new Error(await answer.text());
      if (!answer.ok) throw new Error("The server does not answer as it should. The picture was not added.");
      if (form.isConnected) { put(await answer.text()); return true; }
    } catch (why) {
      fault(why instanceof TypeError ? "The server does not answer. The picture was not added." : why.message);
    }
    return false;
  }

  function add(form, files) {
    for (const file of files) {
      waiting += 1;
      adding = adding.then(async () => {
        const most = Number(chooser(form)?.dataset.largest);
        if (!form.isConnected || !most) return;
        state(form).textContent = "Adding a picture…";
        const added = file.size > most ? fault(`${file.name} has ${megabytes(file.size)}; a picture has at most ${megabytes(most)}.`)
          : await send(form, (fields) => fields.append("files", file));
        state(form).textContent = added ? "Draft kept" : "Not added";
        if (added && waiting === 1) document.querySelector("#pictures li:last-child textarea")?.focus();
      }).finally(() => { waiting -= 1; });
    }
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-files]")) return;
    add(event.target.form, [...event.target.files]);
    event.target.value = "";
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-remove]");
    if (!button) return;
    event.preventDefault();
    const form = button.form;
    if (await send(form, (fields) => fields.set("remove", button.value))) {
      state(form).textContent = "Picture taken out";
      (document.querySelector("#pictures li:last-child textarea") || form.elements.text).focus();
    }
  });

  document.addEventListener("paste", (event) => {
    const form = event.target.closest?.("[data-composer]"), files = [...event.clipboardData.files];
    if (!form || !files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    if (chooser(form)) add(form, files); else Townhall.say("No pictures go with this message.");
  });

  /* A file that is dropped beside the box must not take the page away. */
  const carries = (event) => composer() && [...(event.dataTransfer?.types || [])].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    const into = Boolean(chooser(composer()) && event.target.closest?.(".composer"));
    event.dataTransfer.dropEffect = into ? "copy" : "none";
    composer().classList.toggle("dropping", into);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) composer()?.classList.remove("dropping"); });
  document.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    const form = composer();
    form.classList.remove("dropping");
    if (chooser(form) && event.target.closest?.(".composer")) add(form, [...event.dataTransfer.files]);
    else Townhall.say("No pictures go with this message.");
  });

  /* What is being added goes along, or nothing goes. */
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!waiting || !event.target.matches?.("[data-composer]")) return;
    event.preventDefault();
    Townhall.say("A picture is being added. Send once it is there.");
  });
  document.addEventListener("htmx:afterSettle", () => document.querySelector("#pictures [aria-invalid=true]")?.focus());
})();
