/* Forms: the summary of errors takes the focus; red findings are approved by holding the key, not by rhythm. */
(() => {
  document.getElementById("errors")?.focus();
  document.getElementById("changed")?.focus();
  if (location.hash === "" && !Townhall.narrow.matches && document.querySelector("[data-held]")) document.querySelector("[data-held]").focus();
  let heldSince = 0;
  const item = () => document.activeElement?.closest?.("[data-held]");
  document.addEventListener("keydown", (event) => {
    const held = item();
    if (!held || Townhall.typing() || event.ctrlKey || event.metaKey || document.documentElement.dataset.singleKeys === "off") return;
    const key = Townhall.key(event);
    if (key === "y") {
      const button = held.querySelector("[data-approve]");
      if (!button) return;
      event.preventDefault();
      if (!button.hasAttribute("data-hold")) { button.click(); return; }
      heldSince ||= Date.now();
      if (Date.now() - heldSince >= 400) { heldSince = 0; button.click(); }
    }
    if (key === "x") { const summary = held.querySelector("[data-return]"); if (summary) { event.preventDefault(); summary.click(); held.querySelector("textarea").focus(); } }
    if (key === "d") { const summary = held.querySelector("[data-delegate]"); if (summary) { event.preventDefault(); summary.click(); summary.nextElementSibling.querySelector("button").focus(); } }
    if (key === "v") { event.preventDefault(); held.querySelector("[data-whole]")?.click(); }
  });
  document.addEventListener("keyup", () => { heldSince = 0; });
})();
/* A file that is too large is told before it is sent. */
document.addEventListener("change", (event) => {
  const most = Number(event.target.closest?.("form[data-most]")?.dataset.most);
  if (!most || event.target.type !== "file") return;
  const large = [...event.target.files].some((file) => file.size > most);
  event.target.setCustomValidity(large ? `This file has more than ${most / 1048576} MB. Pack it by gzip, or cut it in two.` : "");
  event.target.reportValidity();
});
/* Somebody proved who they are: what they were about to do goes on. */
document.querySelector("form[data-go-on]")?.requestSubmit();
